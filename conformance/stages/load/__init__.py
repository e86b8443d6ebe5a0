"""Load: from a profile's YAML to a resolved Profile, with all of its mistakes told at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from conformance.catalog import Catalog
from conformance.errors import Problem, ProfileError, UnknownName, UsageError, closest
from conformance.model.fhir_block import (
    CombinationDemand,
    ElementDemand,
    FhirBlock,
    IncludeDemand,
    InteractionDemand,
    OperationDemand,
    ResourceDemands,
    SearchDemand,
    StructureDemand,
)
from conformance.model.marked_yaml import Marked, Path, read_yaml
from conformance.model.placeholders import named
from conformance.model.policy import Advisory, Preset
from conformance.model.profile import Call, Parameter, Profile, Reference, Requirement, SubVerdict, Test
from conformance.plugin import Kind, Part
from conformance.stages.load.choosing import chosen, each_once, idle
from conformance.stages.load.expand import expanded
from conformance.stages.load.policies import idle_sub_verdicts, policy_problems
from conformance.stages.load.sources import with_sources

SOURCES = (".source", ".id")
"""What a slot gives beside its value: the resource that it was taken from, and that resource's id."""


class Library(Protocol):
    """Where profiles come from."""

    def text(self, name: str) -> tuple[str, str]:
        """The YAML of the profile of that name, and the file's name. Raises UnknownName."""


def load(name: str, library: Library, catalog: Catalog) -> Profile:
    """The profile of that name with all that it extends, every call checked against the catalogue.

    Raises ProfileError with every mistake found, and UnknownName where there is no such profile.
    """
    loader = _Loader(library, catalog)
    profile = loader.resolved(name, ())
    if loader.problems or profile is None:
        raise ProfileError(dict.fromkeys(loader.problems))
    return with_sources(profile)


@dataclass
class _Loader:
    library: Library
    catalog: Catalog

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []

    def resolved(self, name: str, above: tuple[str, ...]) -> Profile | None:
        """The profile with its bases; `above` are the files that extend it. Raises UsageError, _Circle."""
        text, file = self.library.text(name)
        if file in above:
            raise _Circle
        marked = read_yaml(text, file)
        self.problems += marked.problems
        if not isinstance(marked.value, dict):
            if not marked.problems:
                said = "holds no profile: it must be a mapping with `profile: name`"
                self.problems.append(marked.problem((), said))
            return None
        own = self._with_block(self._validated(marked), marked)
        bases = list(self._bases(marked, (*above, file)))
        parameters: dict[str, Parameter] = {}
        for base in bases:
            parameters |= base.parameters
        names = {*parameters, *_mapping(marked.value.get("parameters"))}
        requirements = self._inherited(bases, marked)
        self.problems += _Calls(marked, self.catalog, names).problems()
        self.problems += _ids_given_twice(marked, requirements)
        if own is None:
            return None
        requirements |= {r.id: r.model_copy(update={"origin": own.label}) for r in own.requirements}
        self.problems += idle_sub_verdicts(own.sub_verdicts, requirements, marked)
        parameters |= own.parameters
        self.problems += policy_problems(own, requirements, parameters, marked)
        packages = dict.fromkeys(name for base in bases for name in base.packages)
        return own.model_copy(
            update={
                "parameters": parameters,
                "discover": own.discover or next((base.discover for base in bases if base.discover), None),
                "advisories": each_once(a for one in (*bases, own) for a in one.advisories),
                "presets": each_once(p for one in (*bases, own) for p in one.presets),
                "requirements": tuple(requirements.values()),
                "packages": tuple(packages | dict.fromkeys(own.packages)),
            }
        )

    def _with_block(self, own: Profile | None, marked: Marked) -> Profile | None:
        """The profile with the requirements that its `fhir:` block comes to, each at the place of the block."""
        if own is None or own.fhir is None:
            return own
        from conformance.stages.load.names import unknown_names  # noqa: PLC0415 - only a block needs R4's table

        problems = list(unknown_names(own.fhir, marked))
        self.problems += problems
        if problems:
            return None
        made = tuple(Requirement.model_validate(one) for one in expanded(own.fhir, own.profile))
        twice = [
            id_ for id_, number in Counter(one.id for one in (*made, *own.requirements)).items() if number > 1
        ]
        self.problems += [marked.problem(("fhir",), f"the block asks for {id_!r} twice") for id_ in twice]
        return own.model_copy(
            update={
                "fhir": None,
                "requirements": (*made, *own.requirements),
                "packages": own.fhir.packages,
            }
        )

    def _validated(self, marked: Marked) -> Profile | None:
        try:
            return Profile.model_validate(marked.value)
        except ValidationError as error:
            self.problems += [_mistake(mistake, marked) for mistake in error.errors(include_url=False)]
            return None

    def _bases(self, marked: Marked, above: tuple[str, ...]) -> Iterator[Profile]:
        for index, item in enumerate(_list(marked.value.get("extends"))):
            path: Path = ("extends", index)
            try:
                reference = Reference.model_validate(item)
                base = self.resolved(reference.profile, above)
            except ValidationError:
                continue  # already told as a mistake of shape
            except _Circle:
                said = f"extends {reference.profile!r}, which in turn extends this profile: that goes in a circle"
                self.problems.append(marked.problem(path, said))
                continue
            except UsageError as error:
                self.problems.append(marked.problem(path, error.message))
                continue
            if base is not None and reference.version not in {"", base.version}:
                said = (
                    f"asks for {reference.profile} {reference.version}, but {base.version} is what there is"
                )
                self.problems.append(marked.problem(path, said))
            elif base is not None:
                self.problems += idle(reference, base, marked, path)
                yield chosen(base, reference)

    def _inherited(self, bases: Iterable[Profile], marked: Marked) -> dict[str, Requirement]:
        """The requirements of all bases; one that comes by two ways is the same one."""
        found: dict[str, Requirement] = {}
        for requirement in (r for base in bases for r in base.requirements):
            other = found.setdefault(requirement.id, requirement)
            if other != requirement:
                said = f"the requirement {other.id!r} is one thing in {other.origin}, another in {requirement.origin}"
                self.problems.append(marked.problem(("extends",), said))
        return found


class _Circle(Exception):
    """A profile extends itself, by way of others."""


@dataclass
class _Calls:
    """The calls of a profile, held against the catalogue and the names they may use.

    They are read from the YAML itself, so that those of a profile with mistakes of shape are looked at too.
    """

    marked: Marked
    catalog: Catalog
    parameters: set[str]

    def problems(self) -> Iterator[Problem]:
        yield from self._one("probe", self.marked.value.get("discover"), ("discover",), frozenset())
        for index, requirement in enumerate(_list(self.marked.value.get("requirements"))):
            path: Path = ("requirements", index)
            yield from self._of_source(_mapping(requirement).get("source"), path)
            yield from self._each("check", _mapping(requirement).get("when"), (*path, "when"), frozenset())
            for number, test in enumerate(_list(_mapping(requirement).get("tests"))):
                yield from self._of_test(_mapping(test), (*path, "tests", number))

    def _of_source(self, source: Any, path: Path) -> Iterator[Problem]:
        for is_parameter, name in named(source):
            if not is_parameter or name not in self.parameters:
                said = f"{'$' * is_parameter}{{{name}}} in a source names no parameter of this profile"
                yield self.marked.problem((*path, "source"), f"{said}{closest(name, self.parameters)}")

    def _of_test(self, test: Mapping[str, Any], path: Path) -> Iterator[Problem]:
        drawn = _mapping(test.get("draw"))
        slots = _mapping(test.get("slots"))
        values = frozenset(drawn) | {slot + suffix for slot in slots for suffix in ("", *SOURCES)}
        if "each" in test:
            yield from self._one("enumerator", test["each"], (*path, "each"), frozenset())
            values |= self._given_by(test["each"])
        yield from self._one("probe", test.get("probe"), (*path, "probe"), values)
        yield from self._each("probe", test.get("also"), (*path, "also"), values)
        yield from self._each("check", test.get("when"), (*path, "when"), frozenset())
        yield from self._each("check", test.get("expect"), (*path, "expect"), values)
        for name, call in drawn.items():
            yield from self._one("generator", call, (*path, "draw", name), frozenset())

    def _given_by(self, written: Any) -> frozenset[str]:
        """What the rows of an enumerator fill; nothing where there is no such enumerator, which is told already."""
        try:
            return frozenset(self.catalog.find("enumerator", Call.model_validate(written).name).gives)
        except (ValidationError, UnknownName):
            return frozenset()

    def _each(self, kind: Kind, calls: Any, path: Path, values: frozenset[str]) -> Iterator[Problem]:
        for index, call in enumerate(_list(calls)):
            yield from self._one(kind, call, (*path, index), values)

    def _one(self, kind: Kind, written: Any, path: Path, values: frozenset[str]) -> Iterator[Problem]:
        try:
            call = Call.model_validate(written)
        except ValidationError:
            return  # already told as a mistake of shape
        try:
            part = self.catalog.find(kind, call.name)
        except UnknownName as error:
            yield self.marked.problem(path, error.message)
        else:
            yield from _argument_problems(part, call, (*path, call.name), self.marked)
        for argument, value in call.arguments.items():
            for is_parameter, name in named(value):
                said = self._unfilled(kind, name, values, is_parameter=is_parameter)
                if said:
                    yield self.marked.problem((*path, call.name, argument), said)

    def _unfilled(self, kind: Kind, name: str, values: frozenset[str], *, is_parameter: bool) -> str:
        """Why nothing fills this placeholder; empty where something does."""
        written = f"${{{name}}}" if is_parameter else f"{{{name}}}"
        if kind == "generator":
            return f"{written} cannot stand here: values are drawn when the suite is planned, before any is filled in"
        known = self.parameters if is_parameter else values
        if name in known:
            return ""
        what = "parameter of this profile" if is_parameter else "slot or drawn value that can be used here"
        return f"{written} names no {what}{closest(name, known)}"


def _argument_problems(part: Part, call: Call, path: Path, marked: Marked) -> Iterator[Problem]:
    wrong: dict[str, list[str]] = {}
    try:
        part.arguments.model_validate(call.arguments)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            name = str(mistake["loc"][0]) if mistake["loc"] else ""
            if mistake["type"] == "extra_forbidden":
                said = f"takes no argument {name!r}{closest(name, part.arguments.model_fields)}"
                yield marked.problem((*path, name), f"{part.kind} {part.name!r} {said}")
            elif mistake["type"] == "missing" and len(mistake["loc"]) == 1:
                yield marked.problem(path, f"{part.kind} {part.name!r} needs the argument {name!r}")
            elif not any(named(call.arguments.get(name))):
                wrong.setdefault(name, []).append(_said(mistake["msg"]))
            # otherwise its type is known once the placeholder is filled
    for name, said_of_it in wrong.items():
        said = " or ".join(dict.fromkeys(said_of_it)).replace(" or must be ", " or ")
        yield marked.problem((*path, name), f"{part.kind} {part.name!r}, argument {name!r}: {said}")


def _ids_given_twice(marked: Marked, inherited: Mapping[str, Requirement]) -> Iterator[Problem]:
    seen = {id_: f"already in {requirement.origin}" for id_, requirement in inherited.items()}
    for index, requirement in enumerate(_list(marked.value.get("requirements"))):
        id_ = _mapping(requirement).get("id")
        if not isinstance(id_, str):
            continue
        path: Path = ("requirements", index, "id")
        if id_ in seen:
            yield marked.problem(path, f"the requirement id {id_!r} is given twice: {seen[id_]}")
        else:
            line, _ = marked.places.get(path, (0, 0))
            seen[id_] = f"the first time in line {line}"


def _mistake(mistake: Any, marked: Marked) -> Problem:
    """A mistake of shape that pydantic found, in the words and at the place of the YAML."""
    path = tuple(mistake["loc"])
    said = _said(mistake["msg"].removeprefix("Value error, "))
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    if mistake["type"] == "extra_forbidden":
        said = f"unknown member {path[-1]!r}{closest(str(path[-1]), _members(path))}"
    elif mistake["type"] == "missing":
        said = f"the member {path[-1]!r} is missing"
        path = path[:-1]
    elif mistake["type"] == "enum":
        given = str(mistake["input"])
        allowed = [word.strip("'") for word in mistake["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        said = f"{given!r} is none of {', '.join(allowed)}{closest(given, allowed)}"
    elif mistake["type"] != "value_error":
        said = f"{name}: {said}" if name else said
    return marked.problem(path, said)


def _members(path: Path) -> list[str]:
    """The members that the object at the end of this path may have."""
    holders: dict[str | int, type[BaseModel]] = {
        "interactions": InteractionDemand,
        "searches": SearchDemand,
        "combinations": CombinationDemand,
        "includes": IncludeDemand,
        "revIncludes": IncludeDemand,
        "operations": OperationDemand,
        "structures": StructureDemand,
        "mustSupport": ElementDemand,
        "resources": ResourceDemands,
        "fhir": FhirBlock,
        "tests": Test,
        "requirements": Requirement,
        "parameters": Parameter,
        "subVerdicts": SubVerdict,
        "advisories": Advisory,
        "presets": Preset,
        "extends": Reference,
    }
    holder = next((holders[part] for part in reversed(path[:-1]) if part in holders), Profile)
    return [field.alias or name for name, field in holder.model_fields.items()]


def _said(message: str) -> str:
    """A message of the library that validates, in the words of ours."""
    told = message.replace("Input should be ", "must be ").replace("Input should ", "must ")
    return told[:1].lower() + told[1:]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
