"""Checks of batches and transactions (https://hl7.org/fhir/R4/http.html#transaction)."""

from typing import Any

from conformance.checks.exchanged import GONE, NOT_FOUND, accepted, noted, resource_of, said
from conformance.checks.picking import listed, one, permitted, picked
from conformance.checks.statuses import CLIENT_ERRORS, SERVER_ERRORS
from conformance.fhir import bundles
from conformance.fhir.elements import texts
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, NotJudgeable, check

AWAY = frozenset({NOT_FOUND, GONE})


@check("answers-in-order")
def answers_in_order(evidence: Evidence, *, label: str, kind: str) -> Findings:
    """The response to a batch or transaction has an entry for each of the request, in the same order.

    `kind` is the type of the response. What an entry is about is told by its location, its resource and its status.
    """
    exchange = permitted(one(evidence, label))
    if not exchange.ok:
        raise NotJudgeable(f"{exchange} answered {exchange.status} as a whole")
    bundle = exchange.resource("Bundle")
    if bundle is None or bundle.get("type") != kind:
        yield exchange.finding(f"answered something else than a Bundle of type {kind}")
        return
    asked, answers = noted(evidence, "asked"), bundles.entries(bundle)
    if len(answers) != len(asked):
        yield exchange.finding(f"answered {len(answers)} entries to {len(asked)}")
        return
    for number, (wish, answer) in enumerate(zip(asked, answers, strict=True)):
        problem = _mismatch(wish, answer)
        if problem:
            yield exchange.finding(f"answers entry {number} ({wish}) with {problem}")


@check("batch-entries-stand-alone")
def batch_entries_stand_alone(evidence: Evidence) -> Findings:
    """Of a batch, what can be carried out is, whatever becomes of the other entries: each says its own outcome."""
    exchange = permitted(one(evidence, "batch"))
    if not exchange.ok:
        yield exchange.finding(
            f"answered {exchange.status} as a whole, though only one of its entries must fail"
        )
        return
    statuses = _statuses(exchange)
    asked, wanted = noted(evidence, "asked"), noted(evidence, "wanted")
    if len(statuses) == len(asked) and _is_in_order(exchange, asked):
        for wish, status, good in zip(asked, statuses, wanted, strict=True):
            if good and not status.startswith("2"):
                yield exchange.finding(
                    f"answers {said(status)} to the entry {wish}, which can be carried out"
                )
            elif not good and status.startswith("2"):
                yield exchange.finding(
                    f"answers {said(status)} to the entry {wish}, which cannot be carried out"
                )
    yield from _effects(evidence, exchange)
    _require_location(evidence, exchange)


@check("transaction-carries-out")
def transaction_carries_out(evidence: Evidence) -> Findings:
    """A transaction carries out each method, and in the order of FHIR: deletes, creates, updates, then reads.

    The read of a resource that the same transaction updates shows what was updated.
    """
    exchange = permitted(one(evidence, "methods"))
    if not exchange.ok:
        raise NotJudgeable(f"{exchange} answered {exchange.status}: the target did not accept it")
    yield from _effects(evidence, exchange)
    answers = bundles.entries(exchange.resource("Bundle") or {})
    asked = noted(evidence, "asked")
    if len(answers) != len(asked) or not _is_in_order(exchange, asked):
        raise NotJudgeable(f"{exchange} does not say which answer belongs to which entry")
    shown = answers[0].get("resource")  # the read stands first
    if isinstance(shown, dict) and shown.get("gender") != "other":
        changing = asked[0].partition(" ")[2]
        yield exchange.finding(f"reads {changing} as it was before the update in the same transaction")
    _require_location(evidence, exchange)


@check("links-are-rewritten")
def links_are_rewritten(evidence: Evidence) -> Findings:
    """References among the entries of a transaction name what it created of them; all others stay as they are."""
    exchange = accepted(one(evidence, "links"))
    reads = {read.about.get("step"): read for read in picked(evidence, "linked")}
    if len(reads) < 2:  # noqa: PLR2004 - two were created
        raise NotJudgeable(f"{exchange} does not say which resources it created")
    first, second = (accepted(reads[number]) for number in ("0", "1"))
    ids = [bundles.reference(resource_of(read)) for read in (first, second)]
    for read, wanted in ((first, [ids[1], noted(evidence, "outside")]), (second, [ids[0]])):
        told = _links(resource_of(read))
        if [named(reference) for reference in told] != wanted:
            yield read.finding(f"refers to {listed(map(said, told))}, not to {listed(wanted)}")


@check("refuses-duplicates")
def refuses_duplicates(evidence: Evidence) -> Findings:
    """A transaction that changes one resource twice is refused, and changes nothing."""
    single = accepted(one(evidence, "single"))
    if any(not status.startswith("2") for status in _statuses(single)):
        raise NotJudgeable(f"{single} was not carried out, though it changes the resource once")
    exchange = permitted(one(evidence, "twice"))
    before, after = accepted(one(evidence, "read-before")), accepted(one(evidence, "read-after"))
    if exchange.status not in CLIENT_ERRORS and exchange.status not in SERVER_ERRORS:
        yield exchange.finding(f"answered {exchange.status}, though it changes one resource twice")
    if resource_of(before).get("gender") != resource_of(after).get("gender"):
        yield after.finding("shows a change by a transaction that changes one resource twice")


@check("searches-are-resolved")
def searches_are_resolved(evidence: Evidence) -> Findings:
    """A reference by a search is replaced by one to what it finds; where it finds nothing the transaction fails."""
    control = accepted(one(evidence, "control"))
    if len(bundles.matches(control.resource("Bundle") or {})) != 1:
        raise NotJudgeable(f"{control} does not find the one patient that was created")
    exchange = permitted(one(evidence, "resolved"))
    if not exchange.ok:
        yield exchange.finding(
            f"answered {exchange.status}, though the search in its reference finds one resource"
        )
        return
    for read in picked(evidence, "read-resolved"):
        told = _links(resource_of(accepted(read)))
        if [named(reference) for reference in told] != [noted(evidence, "outside")]:
            yield read.finding(f"refers to {listed(map(said, told))}, not to {noted(evidence, 'outside')}")
    missing, after = permitted(one(evidence, "unresolved")), accepted(one(evidence, "after-unresolved"))
    if missing.ok:
        yield missing.finding(f"answered {missing.status}, though the search in its reference finds nothing")
    if bundles.matches(after.resource("Bundle") or {}):
        yield after.finding("finds what a transaction created whose reference finds nothing")


def _effects(evidence: Evidence, exchange: Exchange) -> Findings:
    """What is wrong with the resources that were to be created, updated and deleted."""
    updated, deleted = permitted(one(evidence, "updated")), permitted(one(evidence, "deleted"))
    if not updated.ok or resource_of(updated).get("gender") != "other":
        yield updated.finding(f"does not show the update that {exchange} was to carry out")
    if deleted.status not in AWAY:
        yield deleted.finding(f"answered {deleted.status}, though {exchange} was to delete it")
    wanted = set(texts(noted(evidence, "new"), "identifier"))
    for read in evidence.labelled("created"):
        if not permitted(read).ok:
            yield read.finding(f"answered {read.status}, though {exchange} says that it was created")
        elif not wanted & set(texts(resource_of(read), "identifier")):
            yield read.finding(f"is where {exchange} says that it created a patient, and is another")


def _require_location(evidence: Evidence, exchange: Exchange) -> None:
    """Raise NotJudgeable where a bundle says that something was created, and not where it is to be seen."""
    if any(status.startswith("201") for status in _statuses(exchange)) and not evidence.labelled("created"):
        raise NotJudgeable(f"{exchange} does not say where what it created is")


def _statuses(exchange: Exchange) -> list[str]:
    responses = [entry.get("response") for entry in bundles.entries(exchange.resource("Bundle") or {})]
    return [str(response.get("status", "")) if isinstance(response, dict) else "" for response in responses]


def _is_in_order(exchange: Exchange, asked: list[str]) -> bool:
    answers = bundles.entries(exchange.resource("Bundle") or {})
    return not any(_mismatch(wish, answer) for wish, answer in zip(asked, answers, strict=True))


def _mismatch(wish: str, answer: dict[str, Any]) -> str:
    """What shows that an answer is to another entry; empty where nothing does."""
    method, _, url = wish.partition(" ")
    response, resource = answer.get("response"), answer.get("resource")
    if not isinstance(response, dict) or not isinstance(response.get("status"), str):
        return "no response and status"
    status = response["status"]
    if not status.startswith("2"):
        return ""
    if status.startswith("201") is not (method == "POST"):
        return f"the status {said(status)}"
    target, told = named(url.partition("?")[0]), named(response.get("location"))
    if target is not None and told is not None and told != target:
        return f"the location of {told}"
    return _other_resource(url, target, resource) if method == "GET" else ""


def _other_resource(url: str, target: str | None, resource: Any) -> str:
    if not isinstance(resource, dict):
        return "no resource"
    if target is not None and bundles.reference(resource) != target and "?" not in url:
        return f"the resource {bundles.reference(resource)}"
    if "?" in url and resource.get("resourceType") != "Bundle":
        return f"a {said(resource.get('resourceType'))}"
    return ""


def _links(resource: dict[str, Any]) -> list[Any]:
    links = resource.get("link")
    others = (
        [link.get("other") for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    )
    return [other.get("reference") if isinstance(other, dict) else None for other in others]
