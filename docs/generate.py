"""Writes what is derived from the code.

That is the indexes of parts and of what faults demonstrate, the pages of parts, of commands, of messages and of the
gallery, and the schemas of profiles and reports.

`python docs/generate.py` writes them; with `--check` it only says whether they are current, and ends with 1 where
one is not. Run it after every change to a command, a check, a probe, a generator, a rule of the validator or the
model of a profile or report.
"""

import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

from command_list import commands_page
from gallery_pages import gallery_pages
from message_list import messages_page
from report_schemas import report_schemas
from statement_schemas import statement_schemas

from conformance.catalog import INDEX, Catalog, built_in, index
from conformance.model.profile import Profile
from conformance.plugin import Kind, Part
from conformance.session.authoring import bites
from conformance.session.authoring.demonstrating import index as index_of_faults

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "docs" / "parts.md"
MESSAGES = ROOT / "docs" / "messages.md"
COMMANDS = ROOT / "docs" / "commands.md"
SCHEMA = ROOT / "profiles" / "profile.schema.json"
REPORTS = ROOT / "reports"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("check", "Checks", "They judge recorded evidence; they stand under `expect:` and `when:`."),
    ("probe", "Probes", "They send requests and record the answers; they stand under `probe:` and `also:`."),
    ("generator", "Generators", "They draw values when a suite is planned; they stand under `draw:`."),
    (
        "enumerator",
        "Enumerators",
        "They find what the target declares or holds; under `each:` they make a case for each of it.",
    ),
)
CALLS: dict[str, dict[str, Kind]] = {
    "Test": {
        "probe": "probe",
        "also": "probe",
        "when": "check",
        "expect": "check",
        "draw": "generator",
        "each": "enumerator",
    },
    "Requirement": {"when": "check"},
}
"""Which kind of part a member calls."""

TEXT = {"type": "string"}
SHORT: dict[str, Any] = {
    "Reference": TEXT,
    "InteractionDemand": {"$ref": "#/$defs/Interaction"},
    "SearchDemand": TEXT,
    "CombinationDemand": {"type": "array", "items": TEXT, "minItems": 2},
    "IncludeDemand": TEXT,
    "OperationDemand": TEXT,
    "StructureDemand": TEXT,
    "ElementDemand": TEXT,
}
"""The nouns that YAML may give in a shorter form, and that form."""

DESCRIPTIONS = {
    "Profile.profile": "The name by which commands and other profiles call this one; the file is named after it.",
    "Profile.gates": "The methods whose verdicts decide the result; by default all that a binding requirement uses.",
    "Profile.extends": "Profiles whose requirements and parameters this one takes over.",
    "Profile.overrides": "Other levels for requirements that are taken over: raised with a reason, lowered by leave.",
    "Override.requirement": "An id or a glob pattern.",
    "Override.requiredFrom": "The day from which on the level holds; before it the requirements only advise.",
    "Override.derogation": "The name of the decision by which a level is lowered.",
    "Advisory.derogation": "The name of the decision by which requirements never decide anything.",
    "Reference.version": "A version or a range of versions, as in >=0.3,<1.",
    "Requirement.requiredFrom": "The day from which on the requirement decides results; before it, it only advises.",
    "Profile.parameters": "Limits that a buyer may set otherwise with --set; used as ${name}.",
    "Profile.subVerdicts": "Parts of the profile with a verdict of their own; the whole passes only if each does.",
    "Requirement.text": "What must hold, in one sentence.",
    "Requirement.source": "The clause that the requirement comes from.",
    "Requirement.phase": "The phase of the contract from which on the requirement applies.",
    "Requirement.when": "Checks over the discovery evidence; where one finds fault, no test applies.",
    "Requirement.untested": "Why the requirement has no tests.",
    "Requirement.outOfScope": "Why nothing outside can verify the requirement.",
    "Test.probe": "What is sent.",
    "Test.also": "Further probes whose evidence the checks need.",
    "Test.each": "The test becomes a case for each row of this enumerator.",
    "Test.most": "How many cases `each` makes at the most.",
    "Test.slots": "Places that the target's own data fills: name to element, as in {p: Patient.id}.",
    "Test.draw": "Places that a generator fills when the suite is planned.",
    "Test.examples": "How many cases are drawn.",
    "Test.when": "Checks over the discovery evidence; where one finds fault, the test does not apply.",
    "Test.expect": "Checks over the test's evidence; each must find nothing wrong.",
    "Profile.discover": "The probe that asks what the target declares, where the usual one would not be let in.",
    "Profile.fhir": "Requirements said in FHIR's own names; each becomes an ordinary one with an id of its own.",
    "FhirBlock.packages": "The FHIR packages that define the structures, as name@version.",
    "FhirBlock.level": "The level of what names none of its own.",
    "FhirBlock.source": "The clause of what names none of its own.",
    "FhirBlock.interactions": "Interactions with the whole system.",
    "ResourceDemands.level": "How strongly the type is asked for; if less than SHALL, the rest is for who has it.",
    "ResourceDemands.combinations": "Search parameters that must work together.",
    "ResourceDemands.mustSupport": "Elements that the server must be able to give.",
    "StructureDemand.applies": "Whether all resources of the type meet it, or those that claim it in meta.profile.",
    "ElementDemand.extension": "The url of the extension that is meant.",
    "ElementDemand.having": "Values by path below the element, which tell a slice.",
    "Parameter.basis": "Where the default comes from.",
    "Parameter.fixed": "Whether the value is part of what the profile is, so that --set cannot change it.",
    "SubVerdict.requirements": "Ids or glob patterns of requirements.",
}


def parts_page(catalog: Catalog) -> str:
    """The reference of all built-in parts, in Markdown."""
    page = [
        "# Built-in checks, probes, generators and enumerators",
        "",
        "Written by `python docs/generate.py` from the code. How to call them: [profiles.md](profiles.md).",
    ]
    for kind, title, said in KINDS:
        page += ["", f"## {title}", "", said]
        for name in catalog.names(kind):
            page += ["", *_section(catalog.find(kind, name))]
    return "\n".join(page) + "\n"


def _section(part: Part) -> list[str]:
    lines = [f"### `{part.name}`", "", part.description]
    if part.gives:
        lines += ["", f"It fills {', '.join(f'`{{{name}}}`' for name in part.gives)}."]
    if part.writes:
        lines += ["", "It writes to the target, so it needs `permissions: {write: true}`."]
    rows = [f"| `{name}` | {_type(f.annotation)} | {_default(f)} |" for name, f in _fields(part)]
    if rows:
        lines += ["", "| argument | type | default |", "|---|---|---|", *rows]
    return lines


def _fields(part: Part) -> list[tuple[str, Any]]:
    return list(part.arguments.model_fields.items())


def _default(field: Any) -> str:
    return "required" if field.is_required() else f"`{json.dumps(field.default)}`"


def _type(annotation: Any) -> str:
    """A type in words for authors of YAML."""
    names = {str: "text", int: "integer", float: "number", bool: "boolean", type(None): "null", Any: "any"}
    if annotation in names:
        return names[annotation]
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" if value else "empty" for value in inner)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(dict.fromkeys(_type(each) for each in inner))
    if origin in {list, tuple, set, frozenset}:
        return f"list of {_type(inner[0]).replace(' or ', ', ')}"
    if origin is dict:
        return f"mapping of {_type(inner[0])} to {_type(inner[1])}"
    return str(getattr(annotation, "__name__", annotation))


def profile_schema(catalog: Catalog) -> str:
    """The JSON Schema of a profile, for editors. Calls are in their short form; plugins' parts are let pass."""
    schema = Profile.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    for kind, _, said in KINDS:
        definitions[f"{kind.capitalize()}Call"] = _call(kind, said, catalog)
    for holder, members in CALLS.items():
        for member, kind in members.items():
            properties = definitions[holder]["properties"]
            properties[member] = _pointed(properties[member], f"#/$defs/{kind.capitalize()}Call")
    schema["properties"]["discover"] = _pointed(schema["properties"]["discover"], "#/$defs/ProbeCall")
    del definitions["Call"]
    del definitions["Requirement"]["properties"]["origin"]
    for member in ("packages", "bases", "changes"):  # what `load` makes
        del schema["properties"][member]
    for noun in ("Base", "Change", "ChangeKind"):
        del definitions[noun]
    for name, bare in SHORT.items():
        definitions[name] = {"anyOf": [bare, definitions[name]]}
    for place, said in DESCRIPTIONS.items():
        holder, _, member = place.partition(".")
        owner = schema if holder == "Profile" else definitions[holder]
        owner = owner["anyOf"][1] if holder in SHORT else owner
        owner["properties"][member]["description"] = said
    return json.dumps({"$schema": DIALECT, **schema}, indent=1, sort_keys=True) + "\n"


def _call(kind: Kind, said: str, catalog: Catalog) -> dict[str, Any]:
    known = {name: _arguments(catalog.find(kind, name)) for name in catalog.names(kind)}
    short = {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": known}
    return {"description": f"One {kind} with its arguments. {said}", "anyOf": [{"type": "string"}, short]}


def _arguments(part: Part) -> dict[str, Any]:
    """The arguments of a part, any of which may be a placeholder: so their types are told, not enforced."""
    fields = _fields(part)
    required = [name for name, field in fields if field.is_required()]
    return {
        "description": part.description,
        "type": "object" if required else ["object", "null"],
        "properties": {name: {"description": f"{_type(f.annotation)}; {_default(f)}"} for name, f in fields},
        "required": required,
        "additionalProperties": False,
    }


def _pointed(value: Any, reference: str) -> Any:
    """The schema with every reference to a call led to the call of the right kind."""
    if isinstance(value, dict):
        return {
            name: reference if (name, item) == ("$ref", "#/$defs/Call") else _pointed(item, reference)
            for name, item in value.items()
        }
    return [_pointed(item, reference) for item in value] if isinstance(value, list) else value


def main(arguments: list[str]) -> int:
    """Write the files, or with --check compare them; the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    found = json.dumps(index(), indent=1, sort_keys=True) + "\n"
    if not arguments:
        INDEX.write_text(found, "utf-8")
    catalog = built_in()
    wanted = {
        INDEX: found,
        PARTS: parts_page(catalog),
        MESSAGES: messages_page(),
        COMMANDS: commands_page(),
        SCHEMA: profile_schema(catalog),
        bites.INDEX: json.dumps(index_of_faults(catalog), indent=1) + "\n",
        **gallery_pages(catalog),
        **{REPORTS / name: text for name, text in (report_schemas() | statement_schemas()).items()},
    }
    if not arguments:
        for path, text in wanted.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        return 0
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not current: run `python docs/generate.py`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
