"""Checks of reads in all their forms (https://hl7.org/fhir/R4/http.html#read, #cread and #general)."""

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.checks.exchanged import (
    NOT_ALLOWED,
    NOT_MODIFIED,
    accepted,
    is_of_another,
    meta,
    resource_of,
    said,
    same_content,
    tag_of,
    version,
)
from conformance.checks.picking import one, permitted, picked
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED
from conformance.fhir import capability
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    check,
)

CLOCKS = dt.timedelta(seconds=90)
"""By how much the parts of one server may disagree about the time."""

ONE_OF_THEM_WRONG = dt.timedelta(days=1)
"""Two clocks that are farther apart than this are not both right."""

FOREIGN_CLOCKS = dt.timedelta(hours=1)
"""By how much a server's clock may be away from ours."""

HEADERS = ("content-type", "etag", "last-modified")


@check("case-matters")
def case_matters(evidence: Evidence, *, resource: str, id: str) -> Findings:  # noqa: A002 - FHIR's word
    """By an id or a type in letters of the other case, a read does not give the resource."""
    accepted(one(evidence, "read"))
    for label, what in (("other-id", "id"), ("other-type", "type")):
        for exchange in evidence.labelled(label):
            found = (exchange.resource() if exchange.ok else None) or {}
            if found.get("resourceType") == resource and found.get("id") == id:
                yield exchange.finding(f"gives {resource}/{id}, whose {what} has letters of the other case")


@check("last-modified")
def last_modified(evidence: Evidence, *, label: str = "read") -> Findings:
    """A read has a Last-Modified header, which is the resource's meta.lastUpdated to the second."""
    exchange = accepted(one(evidence, label))
    updated = _instant(meta(exchange, "lastUpdated"))
    if updated is None:
        raise NoData("what was read has no meta.lastUpdated to compare with")
    stated = exchange.header("last-modified")
    moment = _http_date(stated)
    if stated is None:
        yield exchange.finding("has no Last-Modified header")
    elif moment is None:
        yield exchange.finding(f"has the Last-Modified {said(stated)}, which is no date of HTTP")
    elif abs(moment - updated) > dt.timedelta(seconds=1):
        yield exchange.finding(
            f"has the Last-Modified {said(stated)}, though meta.lastUpdated is {said(meta(exchange, 'lastUpdated'))}"
        )


@check("last-updated")
def last_updated(evidence: Evidence, *, label: str, written_now: bool = False) -> Findings:
    """meta.lastUpdated of what was read is not in the future; `written_now`: and not before it was written.

    The time is the server's own, as its Date header tells it, or else ours, from which it may be an hour away. Where
    the two are more than a day apart, one is wrong, and it cannot be told what is to come.
    """
    judged, strange = 0, ""
    for exchange in picked(evidence, label):
        stated = meta(exchange, "lastUpdated")
        if not permitted(exchange).ok or not stated or is_of_another(exchange):
            continue
        updated, now, ours = _instant(stated), _http_date(exchange.header("date")), _instant(exchange.at)
        if now is not None and ours is not None and abs(now - ours) > ONE_OF_THEM_WRONG:
            strange = (
                f"{exchange} has the Date {said(exchange.header('date'))}, and was answered at {exchange.at}"
            )
            continue
        apart = CLOCKS if now is not None else FOREIGN_CLOCKS
        now = now or ours
        if updated is None:
            yield exchange.finding(f"states the meta.lastUpdated {said(stated)}, which is no instant")
        elif now is not None:
            judged += 1
            if updated > now + apart:
                yield exchange.finding(
                    f"states the meta.lastUpdated {said(stated)}, which is to come: it is {said(now.isoformat())} now"
                )
            elif written_now and updated < now - apart - _waited(evidence):
                yield exchange.finding(
                    f"states the meta.lastUpdated {said(stated)}, though it was written just before "
                    f"{said(now.isoformat())}"
                )
    if strange:
        raise NotJudgeable(f"{strange}: one of the two clocks is wrong")
    if not judged:
        raise NoData("no answer had a meta.lastUpdated, and a time to compare it with")


@check("not-modified")
def not_modified(evidence: Evidence, *, same: str, other: str) -> Findings:
    """A read with a condition answers 304 to who has the current version, and the resource to who has not.

    `same` and `other` are the labels of the two.
    """
    plain, again = accepted(one(evidence, "read")), accepted(one(evidence, "again"))
    if not evidence.labelled(same):
        raise NoData("the read had no header that a condition could be made of")
    known, unknown = permitted(one(evidence, same)), permitted(one(evidence, other))
    if not same_content(plain, again):
        raise NotJudgeable(f"the resource changed while it was read: {plain}")
    if known.status != NOT_MODIFIED:
        yield known.finding(f"answered {known.status}, not 304, though the resource is still the same")
    elif known.body is not None and known.body.size:
        yield known.finding("answered 304 with a body")
    if unknown.status == NOT_MODIFIED:
        yield unknown.finding("answered 304, though what the client has is another version")
    elif not unknown.ok:
        yield unknown.finding(f"answered {unknown.status} to a read with a condition that is met")
    elif unknown.resource() is None or not same_content(plain, unknown):
        yield unknown.finding("answered something else than the same read without a condition")


@check("head-is-get")
def head_is_get(evidence: Evidence) -> Findings:
    """A HEAD request is answered as the GET is, without the body."""
    plain, head = accepted(one(evidence, "read")), permitted(one(evidence, "head"))
    if head.status in {NOT_ALLOWED, NOT_IMPLEMENTED}:
        raise NotApplicable(f"the target does not take HEAD requests ({head.status})")
    if head.status != plain.status:
        yield head.finding(f"answered {head.status}, though GET answers {plain.status}")
        return
    for name in HEADERS:
        stated, wanted = head.header(name), plain.header(name)
        if stated != wanted and not (stated is None and name == "content-type"):
            yield head.finding(f"has the {name} {said(stated)}, though that of GET is {said(wanted)}")


@check("head-of-error")
def head_of_error(evidence: Evidence, *, head: str = "head", get: str = "get") -> Findings:
    """A HEAD request that cannot be carried out has the status of the GET, unless no HEAD is taken at all."""
    plain, short = permitted(one(evidence, get)), permitted(one(evidence, head))
    if plain.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{plain} answered {plain.status}, which is no error of the client's")
    if short.status in {NOT_ALLOWED, NOT_IMPLEMENTED}:
        raise NotApplicable(f"the target does not take HEAD requests ({short.status})")
    if short.status != plain.status:
        yield short.finding(f"answered {short.status}, though GET answers {plain.status}")


@check("harmless")
def harmless(evidence: Evidence) -> Findings:
    """A read with _pretty, _summary or _elements gives the same resource, whole or a part of it."""
    plain, again = accepted(one(evidence, "read")), accepted(one(evidence, "again"))
    if not same_content(plain, again):
        raise NotJudgeable(f"the resource changed while it was read: {plain}")
    whole = resource_of(plain)
    for label in ("pretty", "summary", "elements"):
        exchange = permitted(one(evidence, label))
        if exchange.status in CLIENT_ERRORS and label != "pretty":
            continue  # a server need not support them with a read
        if not exchange.ok or exchange.resource() is None:
            yield exchange.finding(
                f"answered {exchange.status} and no resource, though the plain read succeeds"
            )
            continue
        part = resource_of(exchange)
        if (part.get("resourceType"), part.get("id")) != (whole.get("resourceType"), whole.get("id")):
            yield exchange.finding(
                f"answered {said(part.get('resourceType'))} {said(part.get('id'))}, not the resource that was read"
            )
            continue
        more = [
            name for name, value in part.items() if name not in {"meta", "text"} and value != whole.get(name)
        ]
        if more and not _is_trimmed(part, whole, more):
            yield exchange.finding(f"gives other content than the plain read, in {said(more[0])}")


@check("etag-agrees")
def etag_agrees(evidence: Evidence, *, label: str, before: str = "", after: str = "") -> Findings:
    """The answers to successful writes have an ETag with the new version, and a Last-Modified header.

    `before` and `after` are the labels of reads around one write: what it tells is not the version that was there
    before, though a new one is there after. A server that declares that it keeps no versions has none to tell.
    """
    judged = [exchange for exchange in picked(evidence, label) if permitted(exchange).ok]
    if not judged:
        raise NotJudgeable("no write was accepted")
    unversioned = capability.versioning(evidence.capability_statement or {}, "Patient") == "no-version"
    for exchange in judged:
        named = version(exchange) or _in_location(exchange)
        if not tag_of(exchange) and unversioned and not named:
            pass
        elif not tag_of(exchange):
            yield exchange.finding("has no ETag header that tells the new version")
        elif named and tag_of(exchange) != named:
            yield exchange.finding(
                f"has the ETag {said(exchange.header('etag'))}, but the version is {said(named)}"
            )
        if exchange.header("last-modified") is None:
            yield exchange.finding("has no Last-Modified header")
    if before and after:
        yield from _told_anew(one(evidence, before), judged[-1], one(evidence, after))


def _told_anew(before: Exchange, write: Exchange, after: Exchange) -> Findings:
    if is_of_another(before) or is_of_another(after):
        return
    old, new = (version(read) or tag_of(read) for read in (permitted(before), permitted(after)))
    told = tag_of(write) or version(write)
    if told and told == old != new and new:
        yield write.finding(
            f"tells the version {said(told)}, which was there before; what is read after it has the version {said(new)}"
        )


def _in_location(exchange: Exchange) -> str:
    _, slash, found = (exchange.header("location") or "").partition("/_history/")
    return found if slash else ""


def _is_trimmed(part: dict[str, Any], whole: dict[str, Any], names: list[str]) -> bool:
    """Whether what differs is what the whole has, with something left out of it."""
    return all(_within(part[name], whole.get(name)) for name in names)


def _within(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and _within(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return all(any(_within(item, other) for other in whole) for item in part)
    return bool(part == whole)


def _waited(evidence: Evidence) -> dt.timedelta:
    """How long the step took, so that its first write may be that long ago."""
    spent = sum(exchange.elapsed_ms for exchange in evidence.exchanges)
    return dt.timedelta(milliseconds=spent)


def _instant(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _http_date(text: str | None) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
