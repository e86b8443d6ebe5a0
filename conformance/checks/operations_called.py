"""Checks of operations that a target declares and that only read.

See https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource.operation.
"""

from typing import Any

from conformance.checks.exchanged import NOT_ALLOWED, NOT_FOUND, says_unsupported
from conformance.checks.picking import alternatives, listed, permitted, picked
from conformance.checks.statuses import NOT_IMPLEMENTED, SERVER_ERRORS
from conformance.fhir.elements import values
from conformance.fhir.reading_operations import NO_SUCH_OPERATION
from conformance.plugin import Evidence, Exchange, Findings, NoData, check

ABSENT = frozenset({NOT_FOUND, NOT_ALLOWED, NOT_IMPLEMENTED})
UNKNOWN = NO_SUCH_OPERATION.encode()


@check("reading-operation-works")
def reading_operation_works(
    evidence: Evidence, *, name: str, gives: str, holds: list[str] | None = None
) -> Findings:
    """An operation that is declared gives what its definition promises: a resource of that type, with these parts.

    A target that answers as if there were no such operation (404, 405, 501, `not-supported`, or the very words with
    which it refuses an operation that surely does not exist), however it was called, or that breaks, contradicts its
    declaration. Another refusal (4xx) of the arguments does not show whether it works.
    """
    calls = [permitted(exchange) for exchange in picked(evidence, "call")]
    results = [(call, resource) for call in calls if call.ok and (resource := call.resource(gives))]
    if results:
        call, resource = results[-1]
        lacking = [part for part in holds or () if not _has(resource, part)]
        if lacking:
            yield call.finding(f"answered a {gives} without {listed(lacking)}, which ${name} is to give")
        return
    for call in calls:
        if call.ok:
            yield call.finding(f"answered {call.status} and no {gives}, though ${name} is declared")
            return
    broken = [call for call in calls if call.status in SERVER_ERRORS and call.status != NOT_IMPLEMENTED]
    if broken:
        yield broken[0].finding(f"answered {broken[0].status}, though ${name} is declared")
        return
    bare, unknown = evidence.labelled("bare"), evidence.labelled("unknown")
    nobody_knows = {each.status for each in unknown if bare and _alike(bare[-1], name, each)}
    asked = [*calls, *map(permitted, bare)]
    if all(_absent(each) or each.status in nobody_knows for each in asked):
        told = alternatives(dict.fromkeys(each.status for each in asked))
        however = " however it was called" if len(asked) > 1 else ""
        yield calls[0].finding(f"answered {told}{however}, though ${name} is declared")
        return
    raise NoData(f"{calls[-1]} answered {calls[-1].status} and no result, so ${name} was not seen to work")


def _absent(exchange: Exchange) -> bool:
    return exchange.status in ABSENT or says_unsupported(exchange)


def _alike(exchange: Exchange, name: str, unknown: Exchange) -> bool:
    """Whether it was refused in the words in which an operation is refused that there is not."""
    told = exchange.content().replace(name.encode(), b"").lower()
    return exchange.status == unknown.status and told == unknown.content().replace(UNKNOWN, b"").lower()


def _has(resource: dict[str, Any], part: str) -> bool:
    if resource.get("resourceType") != "Parameters":
        return part in resource
    return part in values(resource, "parameter.name")
