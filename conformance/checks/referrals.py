"""Checks of referrals (https://hl7.org/fhir/R4/request.html): kept, found, ended, and then at an end."""

from typing import Any

from conformance.analysis.bookings import resources_in
from conformance.checks.exchanged import noted_as, resource_of
from conformance.checks.picking import listed, one, permitted, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

Json = dict[str, Any]

KEPT = ("status", "intent", "category", "priority", "code", "identifier")


@check("referral-kept")
def referral_kept(evidence: Evidence) -> Findings:
    """A referral is accepted, and is read as it was sent: for whom, of what kind, how urgent, in which state."""
    answer = permitted(one(evidence, "refer"))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status} to a referral")
        return
    sent, read = noted_as(evidence, "sent-refer", dict), one(evidence, "read-referred")
    found = resource_of(read)
    for name in KEPT:
        if not _holds(found.get(name), sent.get(name)):
            yield read.finding(f"gives {name} as {quoted(found.get(name))}, not as it was sent")
    if _subject(found) != _subject(sent):
        yield read.finding(f"is about {quoted(_subject(found))}, not {quoted(_subject(sent))}")


def _holds(found: Any, sent: Any) -> bool:
    """Whether what was sent is in what is found, which may hold more."""
    if isinstance(sent, dict):
        return isinstance(found, dict) and all(_holds(found.get(name), value) for name, value in sent.items())
    if isinstance(sent, list):
        return isinstance(found, list) and all(any(_holds(each, one_) for each in found) for one_ in sent)
    return bool(found == sent)


@check("referral-found")
def referral_found(evidence: Evidence, *, label: str) -> Findings:
    """A search finds the referral that was made, and none of another patient."""
    referred = resource_of(one(evidence, "read-referred"))
    search = _searched(evidence, label)
    found = resources_in(search, "ServiceRequest")
    if referred.get("id") not in [each["id"] for each in found]:
        yield search.finding("does not find the referral that was made")
    if others := [each["id"] for each in found if _subject(each) != _subject(referred)]:
        yield search.finding(f"finds referrals of others: {listed(others)}")


@check("referral-ended")
def referral_ended(evidence: Evidence, *, ending: str) -> Findings:
    """A referral can be ended; it is read and found in its new state, and not in the old one any more."""
    identity = resource_of(one(evidence, "read-referred")).get("id")
    answer = permitted(one(evidence, "end"))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status} to an update of a referral to {ending}")
        return
    read = one(evidence, "read-ended")
    if (status := resource_of(read).get("status")) != ending:
        yield read.finding(f"gives the status {quoted(status)}, though the update to {ending} was accepted")
    for label, wanted in (("found-ended", True), ("found-active", False)):
        search = _searched(evidence, label)
        if (identity in [each["id"] for each in resources_in(search, "ServiceRequest")]) is not wanted:
            does = "does not find" if wanted else "still finds"
            yield search.finding(f"{does} the referral, though it is {ending}")


@check("ended-referral-stays")
def ended_referral_stays(evidence: Evidence, *, ending: str) -> Findings:
    """A referral that has ended does not become active again: an update that says so is refused."""
    if resource_of(one(evidence, "read-ended")).get("status") != ending:
        raise NoData(f"the referral did not become {ending}")
    answer = permitted(one(evidence, "go-on"))
    if answer.ok:
        yield answer.finding(
            f"answered {answer.status} to an update that makes a referral active which was {ending}"
        )
    elif answer.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{answer} answered {answer.status}, which neither accepts nor refuses")
    read = one(evidence, "read-after-going-on")
    if (status := resource_of(read).get("status")) != ending:
        yield read.finding(f"gives the status {quoted(status)} to a referral that was {ending}")


@check("wrong-refused")
def wrong_refused(evidence: Evidence, *, label: str, good: str) -> Findings:
    """What is wrong is refused with 4xx, where what is right was accepted (`good`)."""
    if not permitted(one(evidence, good)).ok:
        raise NotJudgeable(f"{one(evidence, good)} was refused too: that something else is shows nothing")
    for answer in picked(evidence, label):
        if permitted(answer).ok:
            yield answer.finding(f"answered {answer.status}; it was to be refused")
        elif answer.status not in CLIENT_ERRORS:
            yield answer.finding(f"answered {answer.status}, as if the fault were its own")


@check("refusals-told")
def refusals_told(evidence: Evidence, *, labels: list[str]) -> Findings:
    """Each refusal is an OperationOutcome with the type of the issue and words that say what was wrong."""
    refused = [each for label in labels for each in evidence.labelled(label) if each.status in CLIENT_ERRORS]
    if not refused:
        raise NoData("nothing was refused")
    for answer in refused:
        outcome = answer.resource("OperationOutcome")
        issues = outcome.get("issue") if outcome is not None else None
        told = [each for each in issues if isinstance(each, dict)] if isinstance(issues, list) else []
        if not told:
            yield answer.finding(f"answered {answer.status} without an OperationOutcome that has an issue")
        elif not all(each.get("code") and _words(each) for each in told):
            yield answer.finding("gives an issue without its type, or without words that say what was wrong")


def _words(issue: Json) -> bool:
    details = issue.get("details")
    return bool(issue.get("diagnostics") or (isinstance(details, dict) and details.get("text")))


@check("cancelled-not-reinstated")
def cancelled_not_reinstated(evidence: Evidence) -> Findings:
    """A cancelled appointment whose slot was booked by another is not booked again."""
    if not permitted(one(evidence, "rebook")).ok:
        raise NoData("the slot was not booked by another, so that it could be given back")
    answer = permitted(one(evidence, "reinstate"))
    if answer.ok:
        yield answer.finding(
            f"answered {answer.status} to an update that books a slot again which another has by now"
        )
    elif answer.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{answer} answered {answer.status}, which neither accepts nor refuses")
    read = one(evidence, "read-reinstated")
    if (status := resource_of(read).get("status")) != "cancelled":
        yield read.finding(f"gives the status {quoted(status)} to an appointment that was cancelled")


def _searched(evidence: Evidence, label: str) -> Exchange:
    search = permitted(one(evidence, label))
    if not search.ok or search.resource("Bundle") is None:
        raise NotJudgeable(f"{search} answered {search.status} and no Bundle")
    return search


def _subject(referral: Json) -> str:
    subject = referral.get("subject")
    return (named(subject.get("reference")) or "") if isinstance(subject, dict) else ""
