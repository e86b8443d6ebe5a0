"""Checks of what an app shows of a record: that it can be shown and sorted, its links lead on, and it is fresh."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.analysis.samples import samples
from conformance.analysis.structures import resources_in
from conformance.checks.exchanged import accepted, answered, noted, resource_of, said
from conformance.checks.picking import REFUSED, one, permitted, picked
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.checks.surfacing_rules import RULES, RuleName
from conformance.fhir import bundles
from conformance.fhir.elements import values
from conformance.fhir.references import named
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotJudgeable,
    Remark,
    check,
)

MOST_SHOWN = 5
SHORTEST = 4
"""A shorter name may stand in any text."""
WITHDRAWN = "entered-in-error"
SERVER_ERROR = 500
NAMES = ("description", "content.attachment.title")
PERSONAL = ("name.family", "birthDate", "address.postalCode", "identifier.value")


@check("surfaceable")
def surfaceable(evidence: Evidence, *, rule: RuleName, label: str = "sampled") -> Findings:
    """Each record that a search gives holds what an app needs to show it.

    `appointment`: status, start, description, specialty, and how it takes place; `appointment-link`: the address of
    its page; `result`: status, date of issue, what it is and what was found; `document`: status, date, description
    and content; `prescription`: status, date, prescriber, number, and whether it is a repeat; `prescription-status`:
    how the item stands, and since when. A date of the day or with a time zone can be sorted by.
    """
    look, kind = RULES[rule]
    looked = [
        (bundles.reference(resource), "; it ".join(look(resource)), exchange)
        for exchange in picked(evidence, label)
        for resource in resources_in(permitted(exchange), kind)
        if resource.get("status") != WITHDRAWN
    ]
    if not looked:
        raise NoData(f"the search gave no {kind}")
    wrong = [each for each in looked if each[1]]
    for name, problem, exchange in wrong[:MOST_SHOWN]:
        yield exchange.finding(f"gave {name}, which {problem}")
    if len(wrong) > MOST_SHOWN:
        yield wrong[0][2].finding(f"and the like gave {len(wrong)} of {len(looked)} records that are wrong")
    yield Remark(f"{len(looked)} records were looked at")


@check("attachments-open")
def attachments_open(evidence: Evidence) -> Findings:
    """Each attachment that was fetched is there, of the kind and of the size that the record states."""
    fetched = picked(evidence, "attached") if evidence.labelled("attached") else ()
    if not fetched:
        raise NoData("no record that was sampled has an attachment at an address of its own")
    for exchange in fetched:
        _judgeable(exchange)
        source, kind, size = (exchange.about.get(name, "") for name in ("source", "contentType", "size"))
        length = exchange.body.size if exchange.body is not None else 0
        if not exchange.ok:
            yield exchange.finding(f"answered {exchange.status}, and {source} says that its content is there")
        elif not length:
            yield exchange.finding(f"answered nothing, and {source} says that its content is there")
        elif kind and exchange.media_type not in {kind.lower(), "application/octet-stream"}:
            yield exchange.finding(f"answered {said(exchange.media_type)}, and {source} says {said(kind)}")
        elif size.isdigit() and int(size) != length:
            yield exchange.finding(f"answered {length} bytes, and {source} says {size}")


@check("links-lead-on")
def links_lead_on(evidence: Evidence) -> Findings:
    """Each link to the portal leads to a page, or to where one logs in."""
    fetched = picked(evidence, "linked") if evidence.labelled("linked") else ()
    if not fetched:
        raise NoData("no appointment that was sampled has a link to the portal")
    for exchange in fetched:
        if exchange.failure:
            raise NotJudgeable(f"{exchange}: {exchange.failure}")
        broken = exchange.status in CLIENT_ERRORS and exchange.status not in REFUSED
        if broken or exchange.status >= SERVER_ERROR:
            source = exchange.about.get("source")
            yield exchange.finding(f"answered {exchange.status}, and {source} leads patients there")


@check("titles-impersonal")
def titles_impersonal(evidence: Evidence, *, label: str = "sampled") -> Findings:
    """No description or title of a document tells its patient's name, date of birth, postcode or number.

    A word that the titles of other patients' documents have too is no name there: a ward round is nobody's.
    """
    patients = {f"Patient/{each['id']}": each for each in samples(evidence.discovery).of("Patient")}
    titled = [
        (exchange, resource, whose, " / ".join(titles).casefold())
        for exchange in picked(evidence, label)
        for resource in resources_in(permitted(exchange), "DocumentReference")
        if (whose := named(next(iter(values(resource, "subject.reference")), None))) in patients
        and (titles := [t for path in NAMES for t in values(resource, path) if isinstance(t, str)])
    ]
    if not titled:
        raise NoData("no document with a title was seen of a patient who was seen as well")
    for exchange, resource, whose, title in titled:
        others = " / ".join(text for _, _, owner, text in titled if owner != whose)
        told = [
            word for word in _personal(patients[str(whose)]) if _has(title, word) and not _has(others, word)
        ]
        if told:
            yield exchange.finding(f"gave {bundles.reference(resource)}, whose title tells {said(told[0])}")


def _has(text: str, word: str) -> bool:
    """Whether the text has the word as a whole."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _personal(patient: dict[str, Any]) -> Iterator[str]:
    for path in PERSONAL:
        for value in values(patient, path):
            if isinstance(value, str) and len(value) >= SHORTEST:
                yield value.casefold()


@check("surfaced-within")
def surfaced_within(evidence: Evidence, *, limit: int) -> Findings:
    """What was written for a patient is on the patient's list within so many seconds."""
    create = permitted(one(evidence, "create"))
    if not create.ok:
        _refused(create)
    found, search = _listed(evidence, "seen")
    if found is None:
        waited = noted(evidence, "waited-seen")
        yield search.finding(f"does not have what {create} created {waited} s before; the limit is {limit} s")


@check("change-surfaced")
def change_surfaced(evidence: Evidence, *, limit: int) -> Findings:
    """A change of how a record stands is read at once, and not shown otherwise on the list after so many seconds."""
    change = answered(evidence, "change")
    status, wanted = str(noted(evidence, "status")), str(noted(evidence, "wanted"))
    read = one(evidence, "read-changed")
    told = resource_of(read).get(status)
    if told != wanted:
        yield read.finding(f"gives the {status} {said(told)} after {change}, not {said(wanted)}")
    found, search = _listed(evidence, "seen-changed")
    if found is not None and found.get(status) != wanted:
        waited = noted(evidence, "waited-seen-changed")
        yield search.finding(
            f"gives the {status} {said(found.get(status))} {waited} s after {change}; the limit is {limit} s"
        )


@check("cancelled-still-listed")
def cancelled_still_listed(evidence: Evidence) -> Findings:
    """An appointment that was cancelled is still on the patient's list, as cancelled."""
    change = answered(evidence, "change")
    if _listed(evidence, "seen")[0] is None:
        raise NotJudgeable("the list did not have the appointment before it was cancelled either")
    found, search = _listed(evidence, "seen-changed")
    if found is None:
        yield search.finding(f"does not have the appointment any more after {change}")
    elif found.get("status") != "cancelled":
        yield search.finding(f"gives the appointment as {said(found.get('status'))} after {change}")


@check("repeat-requested")
def repeat_requested(evidence: Evidence) -> Findings:
    """A request for a repeat is kept as a request, with the prescription that it is for."""
    create = permitted(one(evidence, "create"))
    if not create.ok:
        _refused(create)
    read = one(evidence, "read-back")
    resource, sent = resource_of(read), noted(evidence, "sent-create")
    if resource.get("intent") != sent["intent"]:
        yield read.finding(f"gives the intent {said(resource.get('intent'))}, not {said(sent['intent'])}")
    based = {named(value) for value in values(resource, "basedOn.reference")}
    if named(sent["basedOn"][0]["reference"]) not in based:
        yield read.finding("does not say which prescription is to be repeated (basedOn)")


def _refused(create: Exchange) -> None:
    if create.status in CLIENT_ERRORS:
        raise NotJudgeable(f"{create} answered {create.status}: the target refused what was to be shown")
    raise NotJudgeable(f"{create} answered {create.status}")


def _listed(evidence: Evidence, label: str) -> tuple[dict[str, Any] | None, Exchange]:
    """What was created, as the list has it (None where it does not), and the last answer with the list."""
    created = str(noted(evidence, "created"))
    search = accepted(one(evidence, label))
    bundle = search.resource("Bundle")
    if bundle is None:
        raise NotJudgeable(f"{search} answered no Bundle")
    return next(
        (each for each in bundles.matches(bundle) if bundles.reference(each) == created), None
    ), search


def _judgeable(exchange: Exchange) -> None:
    permitted(exchange)
    if exchange.failure:
        raise NotJudgeable(f"{exchange}: {exchange.failure}")
