"""Checks of references between resources (https://hl7.org/fhir/R4/references.html)."""

from collections.abc import Iterator

from conformance.analysis.structures import resources_in
from conformance.checks.picking import REFUSED, permitted, picked, quoted
from conformance.fhir import capability
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    Remark,
    check,
)

ABSENT = {404: "there is no such resource", 410: "the resource was deleted"}
SERVER_ERROR = 500


@check("references-resolve")
def references_resolve(evidence: Evidence) -> Findings:
    """Each reference that was followed leads to a resource of the type and with the id that it names.

    What is refused to the tester's credentials is not judged, nor is a reference to a version where the target does
    not declare that versions can be read. References to other servers and logical references are not followed.
    """
    for exchange in picked(evidence, "holding"):
        if not resources_in(permitted(exchange)):
            raise NoData(f"{exchange} gave no resource whose references could be followed")
    yield from _counted(evidence)
    judged, unclear = 0, ""
    for exchange in evidence.labelled("referred"):
        reason = _not_judged(evidence, exchange)
        if reason:
            unclear = unclear or f"{exchange} {reason}"
            continue
        judged += 1
        said = _problem(exchange)
        if said:
            where = f"{exchange.about.get('source')} at {exchange.about.get('path')}"
            yield exchange.finding(f"{said}, and {where} refers to it")
    if not judged and unclear:
        raise NotJudgeable(unclear)
    if not judged:
        raise NotApplicable("the resources that were sampled hold no literal reference to this server")


def _counted(evidence: Evidence) -> Iterator[Remark]:
    for step in evidence.steps:
        counts = step.notes.get("references")
        if isinstance(counts, dict):
            sorts = ", ".join(f"{number} {sort}" for sort, number in sorted(counts.items())) or "none"
            followed = len(step.labelled("referred"))
            yield Remark(f"literal references in the sample: {sorts}; {followed} were followed")


def _not_judged(evidence: Evidence, exchange: Exchange) -> str:
    """Why an answer shows nothing, as the end of a sentence; empty where it does."""
    if exchange.status in REFUSED:
        return f"answered {exchange.status}: the tester's credentials do not permit it"
    if exchange.status >= SERVER_ERROR:
        return f"answered {exchange.status}"
    kind, _, version = _named(exchange)
    if (
        version
        and not exchange.ok
        and "vread" not in capability.interactions(evidence.capability_statement or {}, kind)
    ):
        return "reads a version, which the target does not declare"
    return ""


def _named(exchange: Exchange) -> tuple[str, str, str]:
    """Type, id and version (empty where none) that the followed reference names."""
    parts = exchange.about.get("reference", "").split("/")
    if len(parts) > 3 and parts[-2] == "_history":  # noqa: PLR2004 - Type/id/_history/version
        return parts[-4], parts[-3], parts[-1]
    return (parts[-2], parts[-1], "") if len(parts) > 1 else ("", "", "")


def _problem(exchange: Exchange) -> str:
    """What is wrong with the answer, as a sentence without its subject; empty where nothing is."""
    if exchange.status in ABSENT:
        return f"answered {exchange.status}: {ABSENT[exchange.status]}"
    body = exchange.resource() if exchange.ok else None
    if body is None:
        return f"answered {exchange.status} and no FHIR resource in JSON"
    meta = body.get("meta")
    stated = meta.get("versionId") if isinstance(meta, dict) else None
    given = (body["resourceType"], body.get("id"), stated)
    for what, found, named in zip(("type", "id", "version"), given, _named(exchange), strict=True):
        if named and found != named and not (what == "version" and found is None):
            return f"answered a resource of the {what} {quoted(found)}, not of that which the reference names"
    return ""
