"""Checks of what the capability statement says of the Bulk Data export.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#server-capability-documentation
"""

from collections.abc import Iterator
from typing import Any, Literal

from conformance.analysis.export import export_steps, exported, is_whole, level_of
from conformance.analysis.samples import samples
from conformance.checks.export_parameters import full_export, step_with
from conformance.checks.export_reading import accepted, kick_off_of, output_of, quoted
from conformance.checks.export_selection import asked
from conformance.checks.picking import permitted
from conformance.fhir import capability
from conformance.fhir.search.criteria import criteria
from conformance.plugin import Evidence, Findings, Json, NoData, NotApplicable, Remark, check

GUIDE = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
EXPORT = "export"
PROFILES = {
    "2": ("STU2", "bulk-data-export-stu2"),
    "3": ("STU3", "bulk-data-export"),
    "4": ("4.0.0-202609-ballot", "bulk-data-export-ballot"),
}
"""By the first number of the guide's version the name of its edition, and the profile that tests it."""
MARK = "http://hl7.org/fhir/uv/bulkdata/StructureDefinition/operation-not-supported"
DEFINITIONS = tuple(f"/OperationDefinition/{name}" for name in ("export", "patient-export", "group-export"))
"""How the definitions of the operations end, by which they are told even if they are declared by another name."""
PLACES = {"system": "", "patient": "Patient", "group": "Group"}

Level = Literal["system", "patient", "group"]


@check("export-guide-instantiated")
def guide_is_instantiated(evidence: Evidence, *, edition: str = "") -> Findings:
    """The capability statement names that of the Bulk Data guide in `instantiates`.

    Where it claims another edition than this one, a remark says which profile fits.
    """
    statement = _statement(evidence)
    canonicals = statement.get("instantiates")
    claimed = {PROFILES[v.split(".")[0]] for v in _versions(statement) if v.split(".")[0] in PROFILES}
    if edition and claimed and edition not in {name for name, _ in claimed}:
        told = " and ".join(f"{name}, which the profile {profile} tests" for name, profile in sorted(claimed))
        yield Remark(f"the target claims the guide's edition {told}; this is the profile of {edition}")
    if not any(str(text).partition("|")[0] == GUIDE for text in _list(canonicals)):
        yield f"GET /metadata does not name {GUIDE} in CapabilityStatement.instantiates"


@check("export-operation-declared")
def operation_is_declared(evidence: Evidence, *, level: Level = "system") -> Findings:
    """An export that is offered at this level is declared there as an operation named `export`."""
    statement = _statement(evidence)
    if not _is_offered(evidence, level):
        raise NoData(f"the target does not offer the export at {level} level")
    names = [str(operation.get("name")) for operation in _operations(statement, PLACES[level])]
    if EXPORT not in names:
        where = f"rest.resource ({PLACES[level]})" if PLACES[level] else "rest"
        others = quoted(", ".join(names) or "none")
        yield f"GET /metadata declares in {where} no operation named 'export', but {others}"


@check("export-capability-true")
def capability_is_true(evidence: Evidence, *, level: Level = "system") -> Findings:
    """The capability statement declares the export at this level if, and only if, it is offered."""
    declared = any(_is_export(operation) for operation in _operations(_statement(evidence), PLACES[level]))
    offered = _is_offered(evidence, level)
    what = {"system": "the whole system", "patient": "all patients", "group": "groups"}[level]
    if offered and not declared:
        yield f"GET /metadata does not declare the export of {what}, which is offered"
    if declared and not offered:
        yield f"GET /metadata declares the export of {what}, which is refused"


@check("export-types-declared")
def types_are_declared(evidence: Evidence) -> Findings:
    """Each type that is exported is declared as a resource of the server."""
    statement, step = _statement(evidence), full_export(evidence)
    output_of(step)
    declared = {entry["type"] for entry in capability.resources(statement)}
    for kind in sorted(set(exported(step).counts) - declared - {"OperationOutcome"}):
        yield f"GET /metadata declares no resource {quoted(kind)}, of which {exported(step).counts[kind]} are exported"


@check("export-filters-declared")
def filters_are_declared(evidence: Evidence) -> Findings:
    """What a `_typeFilter` that is taken up searches by is declared as a search parameter of its type."""
    statement, step = _statement(evidence), step_with(evidence, "_typeFilter")
    accepted(step, "_typeFilter")
    for kind, queries in sorted((asked(step).filters or {}).items()):
        declared = capability.search_parameters(statement, kind)
        for criterion in (one for query in queries for one in criteria(query)):
            if criterion.name not in declared:
                yield f"GET /metadata declares no search parameter {criterion.name} of {kind}, which filters an export"


@check("export-unsupported-marked")
def unsupported_is_marked(evidence: Evidence) -> Findings:
    """A type that can be searched, but is not exported, says by an extension that the operation does not support it."""
    statement, step = _statement(evidence), full_export(evidence)
    if not is_whole(step):
        raise NoData("some of the export could not be fetched or read, so no type can be missed in it")
    found = exported(step).counts
    seen = samples(evidence.discovery)
    left_out = [kind for kind in seen.types if seen.of(kind) and kind not in found]
    if not left_out:
        raise NotApplicable("every type that a search shows is exported too")
    for kind in left_out:
        if not any(_is_marked(entry) for entry in capability.resources(statement, kind)):
            yield f"GET /metadata declares {kind}, which is not exported, and does not say so by {MARK}"


def _versions(statement: dict[str, Any]) -> Iterator[str]:
    """The versions of the Bulk Data guide that a statement names, in `instantiates` or `implementationGuide`."""
    for member in ("instantiates", "implementationGuide"):
        for canonical in _list(statement.get(member)):
            url, _, version = str(canonical).partition("|")
            if "bulkdata" in url and version:
                yield version


def _is_marked(entry: dict[str, Any]) -> bool:
    return any(extension.get("url") == MARK for extension in _objects(entry.get("extension")))


def _statement(evidence: Evidence) -> dict[str, Any]:
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement")
    return statement


def _is_offered(evidence: Evidence, level: Level) -> bool:
    for step in export_steps(evidence):
        if level_of(step) == level:
            return permitted(kick_off_of(step)).ok
    raise NoData(f"no export at {level} level was tried")


def _operations(statement: dict[str, Any], resource_type: str) -> Iterator[dict[str, Any]]:
    for rest in _objects(statement.get("rest")):
        if not resource_type:
            yield from _objects(rest.get("operation"))
        for resource in _objects(rest.get("resource")):
            if resource_type and resource.get("type") == resource_type:
                yield from _objects(resource.get("operation"))


def _is_export(operation: dict[str, Any]) -> bool:
    definition = str(operation.get("definition", "")).partition("|")[0]
    return operation.get("name") == EXPORT or definition.endswith(DEFINITIONS)


def _objects(value: Json) -> list[dict[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _list(value: Json) -> list[Any]:
    return value if isinstance(value, list) else []
