"""Checks of what the capability statement says of the Bulk Data export.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#server-capability-documentation
"""

from collections.abc import Iterator
from typing import Any, Literal

from conformance.analysis.export import export_steps
from conformance.checks.export_reading import kick_off_of, quoted
from conformance.checks.picking import permitted
from conformance.plugin import Evidence, Findings, Json, NoData, check

GUIDE = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
EXPORT = "export"
PLACES = {"system": "", "patient": "Patient", "group": "Group"}

Level = Literal["system", "patient", "group"]


@check("export-guide-instantiated")
def guide_is_instantiated(evidence: Evidence) -> Findings:
    """The capability statement names that of the Bulk Data guide in `instantiates`."""
    canonicals = _statement(evidence).get("instantiates")
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
def capability_is_true(evidence: Evidence) -> Findings:
    """The capability statement declares the export of the whole system if, and only if, it is offered."""
    declared = any(_is_export(operation) for operation in _operations(_statement(evidence), ""))
    offered = _is_offered(evidence, "system")
    if offered and not declared:
        yield "GET /metadata does not declare the export of the whole system, which is offered"
    if declared and not offered:
        yield "GET /metadata declares the export of the whole system, which is refused"


def _statement(evidence: Evidence) -> dict[str, Any]:
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement")
    return statement


def _is_offered(evidence: Evidence, level: Level) -> bool:
    ending = f"/{PLACES[level]}/$export" if level == "patient" else "/$export"
    for step in export_steps(evidence):
        request = kick_off_of(step)
        path = request.url.partition("?")[0]
        elsewhere = level == "system" and ("/Patient/$export" in path or "/Group/" in path)
        if path.endswith(ending) and not elsewhere and ("/Group/" in path) == (level == "group"):
            return permitted(request).ok
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
    return operation.get("name") == EXPORT or definition.endswith("/OperationDefinition/export")


def _objects(value: Json) -> list[dict[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _list(value: Json) -> list[Any]:
    return value if isinstance(value, list) else []
