"""Checks of how creates, updates and deletes are answered, and what becomes of the resource.

See https://hl7.org/fhir/R4/http.html#create, #update and #delete.
"""

from typing import Any, Literal

import orjson

from conformance.checks.exchanged import (
    BAD_REQUEST,
    CREATED,
    accepted,
    answered,
    finds_only,
    is_of_another,
    meta,
    noted,
    resource_of,
    said,
    tag_of,
    version,
    versioned,
)
from conformance.checks.picking import one, permitted
from conformance.checks.statuses import CLIENT_ERRORS, SERVER_ERRORS
from conformance.fhir import capability
from conformance.fhir.references import named, version_in
from conformance.fhir.sameness import losses
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    check,
)

DONE = frozenset({200, 202, 204})


@check("location-has-version")
def location_has_version(evidence: Evidence, *, label: str = "create") -> Findings:
    """The Location of a create names the new resource with its version: [base]/[type]/[id]/_history/[vid]."""
    exchange = answered(evidence, label)
    statement = evidence.capability_statement
    if statement is not None and capability.versioning(statement, "Patient") == "no-version":
        raise NotApplicable("the target declares that it keeps no versions of Patient")
    location = exchange.header("location")
    if location is None:
        raise NoData("the create has no Location header")
    named = version_in(location)
    if named is None:
        yield exchange.finding(f"has the Location {said(location)}, which names no version")
    elif tag_of(exchange) and tag_of(exchange) != named:
        yield exchange.finding(
            f"has the Location {said(location)}, though its ETag is {said(exchange.header('etag'))}"
        )


@check("prefers")
def prefers(evidence: Evidence) -> Findings:
    """What comes back from a create is what the Prefer header asks for: nothing, the resource, or an outcome."""
    minimal, whole, outcome = (
        answered(evidence, f"prefer-{name}") for name in ("minimal", "representation", "OperationOutcome")
    )
    if minimal.body is not None and minimal.body.size:
        yield minimal.finding("answered with a body, though return=minimal was preferred")
    if whole.resource("Patient") is None:
        yield whole.finding("answered without the resource, though return=representation was preferred")
    if outcome.resource("OperationOutcome") is None:
        yield outcome.finding("answered no OperationOutcome, though return=OperationOutcome was preferred")


@check("ignores-client-meta")
def ignores_client_meta(evidence: Evidence, *, by: Literal["create", "update"] = "create") -> Findings:
    """A create or update takes over neither the version nor the time of the last change that the body states."""
    accepted(one(evidence, f"{by}-with-meta"))
    read = accepted(one(evidence, f"read-{by}-with-meta"))
    sent = noted(evidence, f"sent-{by}-with-meta", "meta")
    for name in ("versionId", "lastUpdated"):
        if meta(read, name) == sent[name]:
            yield read.finding(f"gives the meta.{name} {said(sent[name])} that the body of the {by} stated")


@check("update-replaces")
def update_replaces(evidence: Evidence) -> Findings:
    """After an update, a read shows what was sent, and nothing of what was there before and left out."""
    before, update = answered(evidence, "read-back"), answered(evidence, "update")
    read = accepted(one(evidence, "read-after-update"))
    first, sent = noted(evidence, "sent-create"), noted(evidence, "sent-update")
    yield from _remains(read, first, sent, resource_of(before), f"though {update} left it out")


@check("refuses-missing-id")
def refuses_missing_id(evidence: Evidence) -> Findings:
    """An update whose body has no id is refused with 400, and changes nothing."""
    answered(evidence, "update")
    exchange = permitted(one(evidence, "update-without-id"))
    if exchange.status != BAD_REQUEST:
        yield exchange.finding(f"answered {exchange.status}, not 400, though the body has no id")
    if not exchange.ok:
        read = one(evidence, "read-update-without-id")
        if resource_of(read).get("gender") == noted(evidence, "sent-update-without-id", "gender"):
            yield read.finding(f"shows the change, though the update was refused with {exchange.status}")


@check("update-creates")
def update_creates(evidence: Evidence) -> Findings:
    """An update of what there is not creates it with 201 where the target declares updateCreate, else is refused."""
    statement = evidence.capability_statement or {}
    stated = [entry.get("updateCreate") for entry in capability.resources(statement, "Patient")]
    exchange, read = permitted(one(evidence, "update-create")), one(evidence, "read-update-create")
    if not exchange.ok and read.resource("Patient") is not None and not is_of_another(read):
        yield read.finding(f"shows what {exchange} was to create, though it answered {exchange.status}")
    if True not in stated:
        if exchange.status in SERVER_ERRORS:
            yield exchange.finding(f"answered {exchange.status}, not an error of the client (4xx)")
        elif exchange.ok and False in stated:
            yield exchange.finding(
                f"answered {exchange.status}, though the target declares updateCreate: false"
            )
        elif exchange.ok:
            raise NotApplicable("the target says nothing about updateCreate")
        return
    if exchange.status != CREATED:
        yield exchange.finding(f"answered {exchange.status}, not 201, though updateCreate is declared")
        return
    if not permitted(read).ok:
        yield read.finding(f"answered {read.status}, not the resource that was created by an update")
    else:
        resource_of(read)


@check("deletes-again")
def deletes_again(evidence: Evidence) -> Findings:
    """A delete of what is deleted already, or never was, is answered as one that succeeds."""
    answered(evidence, "delete")
    for label in ("delete-again", "delete-unknown"):
        exchange = permitted(one(evidence, label))
        if exchange.status not in DONE:
            yield exchange.finding(
                f"answered {exchange.status}, not 200 or 204, though there is nothing left to do"
            )


@check("deleted-is-not-found")
def deleted_is_not_found(evidence: Evidence) -> Findings:
    """What a search found before it was deleted, it no longer finds."""
    before, after = accepted(one(evidence, "search-before")), accepted(one(evidence, "search-after"))
    own = named(one(evidence, "delete").url)
    if not finds_only(before, own):
        raise NotJudgeable(
            f"{before} does not find what was created, so that not finding it later shows nothing"
        )
    answered(evidence, "delete")
    if finds_only(after, own):
        yield after.finding("still finds the resource that was deleted")


@check("comes-back")
def comes_back(evidence: Evidence) -> Findings:
    """A deleted resource that an update brings back has what the update says, and nothing of what it was before."""
    answered(evidence, "delete")
    exchange = permitted(one(evidence, "recreate"))
    if exchange.status in CLIENT_ERRORS:
        raise NotApplicable(f"the target does not bring back what was deleted ({exchange.status})")
    if not exchange.ok:
        yield exchange.finding(f"answered {exchange.status} to an update of a deleted resource")
        return
    read = permitted(one(evidence, "read-recreated"))
    if not read.ok or read.resource("Patient") is None:
        yield read.finding(f"answered {read.status}, though {exchange} brought the resource back")
        return
    sent = noted(evidence, "sent-recreate")
    yield from _remains(
        read, noted(evidence, "sent-create"), sent, None, "though it was brought back without it"
    )


@check("new-version-when-back")
def new_version_when_back(evidence: Evidence) -> Findings:
    """The first version after a deletion is none of those before it."""
    created, read = answered(evidence, "create"), accepted(one(evidence, "read-recreated"))
    first, now = (
        version(created) or tag_of(created) or version_in(created.header("location")),
        versioned(read),
    )
    if not first:
        raise NoData(f"{created} told no version, so that none is known from before the deletion")
    if now == first:
        yield read.finding(f"shows the version {said(first)} that the resource had before it was deleted")


def _remains(
    read: Exchange, first: dict[str, Any], sent: dict[str, Any], before: dict[str, Any] | None, why: str
) -> Findings:
    """What is wrong with a read after an update that left out some of what was there before.

    Of `meta` nothing is asked: a server may alter it (https://hl7.org/fhir/R4/http.html#update).
    """
    resource = resource_of(read)
    plain = {name: value for name, value in sent.items() if name != "meta"}
    for loss in losses(orjson.dumps(plain), read.content()):
        yield read.finding(f"{loss} by the last update")
    for name in sorted(set(first) - set(sent)):
        was_kept = before is None or name in before
        if was_kept and resource.get(name) == first[name]:
            yield read.finding(f"still has {name} {said(resource[name])}, {why}")
