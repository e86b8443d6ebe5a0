"""Checks of vread and history (https://hl7.org/fhir/R4/http.html#vread and #history)."""

from collections.abc import Iterator
from typing import Any

from conformance.checks.exchanged import (
    GONE,
    NOT_FOUND,
    accepted,
    meta,
    resource_of,
    said,
    same_content,
    version,
    versioned,
)
from conformance.checks.picking import listed, one, permitted, picked
from conformance.fhir import bundles, capability
from conformance.fhir.references import id_in, version_in
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotJudgeable,
    check,
)

Entry = dict[str, Any]

COMPLETE = "complete"
"""What the probe notes of pages that were followed to their end."""


@check("vreads-agree")
def vreads_agree(evidence: Evidence) -> Findings:
    """A read of each version gives what a read gave when that version was the current one, with its id and version.

    Where a version that there is not was asked for as well, no other is given in its place.
    """
    reads = {exchange.about.get("number"): exchange for exchange in picked(evidence, "version")}
    latest = str(len(reads))
    older_kept = _keeps_older(evidence)
    for exchange in picked(evidence, "vread"):
        number = exchange.about.get("number")
        read = reads[number]
        versioned(read)
        if permitted(exchange).status == NOT_FOUND and number != latest and not older_kept:
            continue  # older versions need not be kept
        resource = exchange.resource() if exchange.ok else None
        if resource is None:
            yield exchange.finding(
                f"answered {exchange.status} and no resource, though that version was read before"
            )
        elif resource.get("id") != resource_of(read).get("id") or version(exchange) != version(read):
            yield exchange.finding(
                f"answered version {said(version(exchange))} of {said(resource.get('id'))}, not the one asked for"
            )
        elif not same_content(exchange, read):
            yield exchange.finding(
                "answered other content than a read did when that version was the current one"
            )
    for exchange in evidence.labelled("vread-unknown"):
        if exchange.ok and exchange.resource() is not None and version(exchange) != version_in(exchange.url):
            yield exchange.finding(
                f"answered version {said(version(exchange))}, though another was asked for, which there is not"
            )


@check("unknown-version")
def unknown_version(evidence: Evidence) -> Findings:
    """A read of a version that there is not answers 404."""
    versioned(picked(evidence, "version")[0])
    exchange = permitted(one(evidence, "vread-unknown"))
    if exchange.status != NOT_FOUND:
        yield exchange.finding(f"answered {exchange.status}, not 404, though there is no such version")


@check("deleted-version")
def deleted_version(evidence: Evidence) -> Findings:
    """A read of the version with which a resource was deleted answers 410."""
    accepted(one(evidence, "delete"))
    if not evidence.labelled("vread-deleted"):
        raise NoData("the history does not tell the version of the deletion")
    exchange = permitted(one(evidence, "vread-deleted"))
    if exchange.status != GONE:
        yield exchange.finding(f"answered {exchange.status}, not 410, though that version is a deletion")


@check("new-versions")
def new_versions(evidence: Evidence) -> Findings:
    """Each update gives the resource a version that it did not have before, under the same id."""
    reads = picked(evidence, "version")
    for exchange in picked(evidence, "update"):
        accepted(exchange)
    seen: dict[str, Exchange] = {}
    for exchange in reads:
        own = versioned(exchange)
        if own in seen:
            yield exchange.finding(
                f"shows the version {said(own)} again, though the resource was updated meanwhile"
            )
        seen[own] = exchange
        if resource_of(exchange).get("id") != resource_of(reads[0]).get("id"):
            yield exchange.finding("shows another id than before the update")


@check("history-is-complete")
def history_is_complete(evidence: Evidence, *, label: str = "history") -> Findings:
    """A history has every version that was read, each with the content that it had then."""
    wanted = [exchange for exchange in picked(evidence, "version") if versioned(exchange)]
    for exchange in picked(evidence, label):
        if exchange.ok and (exchange.resource("Bundle") or {}).get("type") != "history":
            yield exchange.finding("answered something else than a Bundle of type history")
            return
    entries = list(_entries(evidence, label))
    own = bundles.reference(resource_of(wanted[0]))
    page = picked(evidence, label)[0]
    held = {
        str(_meta(resource, "versionId")): resource
        for entry in entries
        if isinstance(resource := entry.get("resource"), dict) and bundles.reference(resource) == own
    }
    missing = [version(exchange) for exchange in wanted if version(exchange) not in held]
    if missing and not _is_complete(evidence, label):
        raise NotJudgeable(f"{page} was not followed to its end")
    if missing:
        yield page.finding(f"lacks version {listed(missing)} of what was written")
    for exchange in wanted:
        shown = held.get(version(exchange))
        if shown is not None and shown != exchange.json_or_none():
            yield page.finding(
                f"shows other content for version {said(version(exchange))} than was read then"
            )


@check("history-order")
def history_order(evidence: Evidence) -> Findings:
    """A history begins with the newest version and ends with the oldest."""
    wanted = [versioned(exchange) for exchange in picked(evidence, "version")]
    shown = [str(_meta(entry.get("resource"), "versionId")) for entry in _entries(evidence, "history")]
    places = [shown.index(own) for own in wanted if own in shown]
    if len(places) < 2:  # noqa: PLR2004 - an order is one of two at least
        raise NoData("the history shows less than two of the versions")
    if places != sorted(places, reverse=True):
        page = picked(evidence, "history")[0]
        yield page.finding(f"shows the versions in the order {listed(shown, 5)}, not with the oldest last")


@check("history-entries")
def history_entries(evidence: Evidence, *, label: str = "history") -> Findings:
    """Each entry of a history says what was asked for and what was answered; that of a write has its resource.

    What made a version is told as it was: a version that an update of ours made is not said to be created or deleted.
    """
    entries = list(_entries(evidence, label))
    if not entries:
        raise NoData("the history is empty")
    page = picked(evidence, label)[0]
    first, *later = evidence.labelled("version") if evidence.labelled("update") else (None,)
    updated = {
        (bundles.reference(read.resource() or {}), version(read))
        for read in later
        if first is not None and version(read) not in {"", version(first)}
    }
    for number, entry in enumerate(entries):
        request, response = entry.get("request"), entry.get("response")
        method = request.get("method") if isinstance(request, dict) else None
        if method is None:
            yield page.finding(f"has entry {number} without a request (invariant bdl-3)")
        if not isinstance(response, dict) or not response.get("status"):
            yield page.finding(f"has entry {number} without a response and its status (invariant bdl-4)")
        held = entry.get("resource")
        made = (bundles.reference(held), _meta(held, "versionId")) if isinstance(held, dict) else None
        if method in {"POST", "DELETE"} and made in updated:
            yield page.finding(f"has entry {number} for a {method}, though an update made that version")
        if method in {"PUT", "POST"} and made is None:
            yield page.finding(f"has entry {number} for a {method} without a resource")


@check("history-count")
def history_count(evidence: Evidence) -> Findings:
    """A page of a history has no more entries than _count asks for."""
    exchange = accepted(one(evidence, "history-count"))
    found = len(bundles.entries(exchange.resource("Bundle") or {}))
    if not found:
        raise NoData("the history is empty")
    if found > 1:
        yield exchange.finding(f"has {found} entries, though one was asked for")


@check("history-since")
def history_since(evidence: Evidence) -> Findings:
    """A history since an instant has the versions from then on, and none that is older."""
    exchange = accepted(one(evidence, "history-since"))
    reads = picked(evidence, "version")
    if len(reads) < 2:  # noqa: PLR2004 - one is older than the other
        raise NoData("there are no two versions, of which one is older")
    if meta(reads[0], "lastUpdated") == meta(reads[1], "lastUpdated"):
        raise NoData("the versions bear the same time, so that none is older than another")
    shown = [
        str(_meta(entry.get("resource"), "versionId"))
        for entry in bundles.entries(exchange.resource("Bundle") or {})
    ]
    if versioned(reads[0]) in shown:
        yield exchange.finding(f"has version {said(version(reads[0]))}, which is older than that")
    for later in reads[1:]:
        if versioned(later) not in shown and bundles.link(exchange.resource("Bundle") or {}, "next") is None:
            yield exchange.finding(f"lacks version {said(version(later))}, which is not older than that")


@check("history-tells-deletions")
def history_tells_deletions(evidence: Evidence) -> Findings:
    """After a delete, the history has an entry that tells of it and holds no resource."""
    accepted(one(evidence, "delete"))
    entries = list(_entries(evidence, "history"))
    page = picked(evidence, "history")[0]
    gone = [entry for entry in entries if _method(entry) == "DELETE"]
    if not gone and not _is_complete(evidence, "history"):
        raise NotJudgeable(f"{page} was not followed to its end")
    if not gone:
        yield page.finding("has no entry that tells of the deletion")
    for entry in gone:
        if "resource" in entry:
            yield page.finding("has an entry for the deletion that holds a resource")


@check("history-outlives")
def history_outlives(evidence: Evidence) -> Findings:
    """A delete leaves the versions before it in the history, and what was their content."""
    accepted(one(evidence, "delete"))
    wanted = {versioned(exchange): exchange for exchange in picked(evidence, "version")}
    page = permitted(picked(evidence, "history")[0])
    if page.status in {NOT_FOUND, GONE}:
        yield page.finding(f"answered {page.status}, though a deletion leaves the history")
        return
    shown = {str(_meta(entry.get("resource"), "versionId")) for entry in _entries(evidence, "history")}
    missing = [own for own in wanted if own not in shown]
    if missing and _is_complete(evidence, "history"):
        yield page.finding(f"no longer has version {listed(missing)}, now that the resource is deleted")
    for exchange in evidence.labelled("vread-after-delete"):
        read = picked(evidence, "version")[0]
        if exchange.ok and not same_content(exchange, read):
            yield exchange.finding(
                "answered other content than a read did when that version was the current one"
            )


@check("history-of")
def history_of(evidence: Evidence, *, label: str, type: str = "") -> Findings:  # noqa: A002 - FHIR's word
    """A history of a type, or of everything, is a Bundle of that kind, and of that type only."""
    entries = list(_entries(evidence, label))
    page = picked(evidence, label)[0]
    for entry in entries:
        resource, request = entry.get("resource"), entry.get("request")
        url = request.get("url") if isinstance(request, dict) else ""
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if type and kind not in {None, type}:
            yield page.finding(f"has a {said(kind)}, though it is the history of {type}")
        elif kind is None and type and isinstance(url, str) and "/" in url and id_in(url, type) is None:
            yield page.finding(f"has an entry for {said(url)}, though it is the history of {type}")


def _entries(evidence: Evidence, label: str) -> Iterator[Entry]:
    """The entries on all pages of a history. Raises NotJudgeable where there is none."""
    for exchange in picked(evidence, label):
        bundle = accepted(exchange).resource("Bundle")
        if bundle is None or bundle.get("type") != "history":
            raise NotJudgeable(f"{exchange} answered no Bundle of type history")
        yield from bundles.entries(bundle)


def _is_complete(evidence: Evidence, label: str) -> bool:
    return any(step.notes.get(f"ended-{label}") == COMPLETE for step in evidence.steps)


def _keeps_older(evidence: Evidence) -> bool:
    statement = evidence.capability_statement or {}
    return any(entry.get("readHistory") is True for entry in capability.resources(statement, "Patient"))


def _method(entry: Entry) -> object:
    request = entry.get("request")
    return request.get("method") if isinstance(request, dict) else None


def _meta(resource: Any, name: str) -> object:
    held = resource.get("meta") if isinstance(resource, dict) else None
    return held.get(name) if isinstance(held, dict) else None
