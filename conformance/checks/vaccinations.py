"""Checks of recorded vaccinations: what a sample of them holds, and what becomes of one that is recorded.

Source: NHS England, Immunisation FHIR API; UK Core, UKCore-Immunization.
"""

from collections.abc import Iterator
from typing import Any, Literal

from conformance.analysis.samples import samples
from conformance.analysis.structures import resources_in
from conformance.checks import vaccination_rules
from conformance.checks.exchanged import BAD_REQUEST, accepted, answered, noted, resource_of, said
from conformance.checks.patients_own import is_about_another
from conformance.checks.picking import one, permitted, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.checks.vaccination_rules import RuleName
from conformance.fhir import bundles
from conformance.fhir.elements import values
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM, VERIFICATION_STATUS
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, Remark, check

MOST_SHOWN = 5
VERIFIED = frozenset(
    {"01", "nn", "number-present-and-verified", "number-present-and-traced-using-welsh-nhs-ar"}
)
"""The codes of UK Core that say that a number is known to be the patient's."""
SOURCES = ("read-corrected", "read-unchanged")


@check("vaccinations")
def vaccinations(evidence: Evidence, *, rule: RuleName, label: str = "sampled") -> Findings:
    """Each record of a vaccination that a search gives holds what others need of it.

    `identifier`: one identifier with its system; `dates`: when it was given and recorded, and whether by the source.
    Of one that was given, `product`: a code of SNOMED CT or dm+d, or the code that there is none; `procedure`: UK
    Core's extension with a SNOMED CT code; `disease`: what it is against, and which dose; `organisation`: the ODS code
    of who gave it; `location`: the ODS code or school number of the place, both there or in what is referred to, if
    discovery saw that. Of one that the product gave itself, `batch`: batch and expiry date; `dose`: site, route, and
    quantity. `reason`: why one was not given.
    """
    known = samples(evidence.discovery)
    looked: list[tuple[str, str, Exchange]] = []
    for exchange in picked(evidence, label):
        records = resources_in(permitted(exchange), "Immunization")
        rows = vaccination_rules.looked_at(records, rule, known)
        looked += [(name, problem, exchange) for name, problem in rows]
    if not looked:
        kind = vaccination_rules.RULES[rule][1]
        raise NoData(f"the records that were sampled hold no {kind}")
    wrong = [each for each in looked if each[1]]
    for name, problem, exchange in wrong[:MOST_SHOWN]:
        yield exchange.finding(f"gave {name}, which {problem}")
    if len(wrong) > MOST_SHOWN:
        yield wrong[0][2].finding(f"and the like gave {len(wrong)} of {len(looked)} records that are wrong")
    yield Remark(f"{len(looked)} records were looked at")


@check("found-for-patient")
def found_for_patient(evidence: Evidence, *, label: str, limit: int) -> Findings:
    """A search for a patient finds the record that was created for them within so many seconds, and no one else's."""
    created = answered(evidence, "create")
    wanted = bundles.reference(resource_of_created(evidence, created))
    patient = str(noted(evidence, "patient"))
    search = accepted(one(evidence, label))
    bundle = search.resource("Bundle")
    if bundle is None:
        raise NotJudgeable(f"{search} answered no Bundle")
    found = bundles.matches(bundle)
    if wanted not in {bundles.reference(each) for each in found}:
        seconds = noted(evidence, f"waited-{label}")
        yield search.finding(f"does not find {wanted} {seconds} s after {created}; the limit is {limit} s")
    strangers = [each for each in found if is_about_another(each, patient.partition("/")[2])]
    if strangers:
        yield search.finding(f"gives {bundles.reference(strangers[0])}, which is not about {patient}")


def resource_of_created(evidence: Evidence, created: Exchange) -> dict[str, Any]:
    """What was created, as a read gives it. Raises NotJudgeable where it could not be read."""
    if not evidence.labelled("read-back"):
        raise NotJudgeable(f"{created} answered {created.status} and does not say which resource it created")
    return resource_of(one(evidence, "read-back"))


@check("duplicate-kept-once")
def duplicate_kept_once(evidence: Evidence) -> Findings:
    """A vaccination that is recorded a second time, with the same identifier, is there once.

    The server may refuse it, or answer with the record that there is.
    """
    answered(evidence, "create")
    again = permitted(one(evidence, "create-again"))
    if not again.ok and again.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{again} answered {again.status}, which neither accepts nor refuses")
    search = accepted(one(evidence, "same-identifier"))
    bundle = search.resource("Bundle")
    found = {bundles.reference(each) for each in bundles.matches(bundle or {})}
    if bundle is None or not found:
        raise NotJudgeable(f"{search} does not find what was recorded, so that it cannot show how often")
    if len(found) > 1:
        yield search.finding(
            f"finds {len(found)} vaccinations with one identifier: {again} answered {again.status}"
        )


@check("correction-refused")
def correction_refused(
    evidence: Evidence, *, label: Literal["correct-outdated", "correct-identifier"]
) -> Findings:
    """A correction of an outdated version, or one that changes the identifier, is refused and changes nothing."""
    correct = answered(evidence, "correct")
    wrong = permitted(one(evidence, label))
    if label == "correct-outdated" and "if-match" not in map(str.lower, wrong.request_headers):
        yield correct.finding("and the read before it told no version that a correction could name")
        return
    kept, after = (resource_of(one(evidence, name)) for name in SOURCES)
    what = "an outdated version" if label == "correct-outdated" else "another identifier"
    if wrong.ok:
        yield wrong.finding(f"answered {wrong.status} to a correction with {what}")
    elif wrong.status < BAD_REQUEST or wrong.status not in CLIENT_ERRORS:
        raise NotJudgeable(f"{wrong} answered {wrong.status}, which neither accepts nor refuses")
    else:
        element = "lotNumber" if label == "correct-outdated" else "identifier"
        if kept.get(element) != after.get(element):
            yield wrong.finding(
                f"answered {wrong.status} to a correction with {what}, and yet {element} changed"
            )


@check("correction-shown")
def correction_shown(evidence: Evidence) -> Findings:
    """After a correction a read shows the corrected batch and dose."""
    correct = answered(evidence, "correct")
    read = one(evidence, "read-corrected")
    resource = resource_of(read)
    batch, dose = (
        noted(evidence, "sent-correct", "lotNumber"),
        noted(evidence, "sent-correct", "doseQuantity", "value"),
    )
    if resource.get("lotNumber") != batch:
        yield read.finding(f"gives the batch {said(resource.get('lotNumber'))} after {correct}")
    quantity = resource.get("doseQuantity")
    if not isinstance(quantity, dict) or quantity.get("value") != dose:
        yield read.finding(f"gives the dose {said(quantity)} after {correct}")


@check("correction-keeps-history")
def correction_keeps_history(evidence: Evidence) -> Findings:
    """What a vaccination was before it was corrected can still be read: in its history, or as a version."""
    answered(evidence, "correct")
    first = noted(evidence, "sent-create", "lotNumber")
    looked = [each for label in ("history", "vread") for each in evidence.labelled(label) if each.ok]
    batches = {batch for each in looked for batch in _batches(each)}
    if first not in batches:
        where = one(evidence, "history")
        yield where.finding(
            f"shows nothing of the batch {said(first)} that was recorded before the correction"
        )


def _batches(exchange: Exchange) -> Iterator[str]:
    body = exchange.resource() or {}
    held = (
        [entry.get("resource") for entry in bundles.entries(body)]
        if body.get("resourceType") == "Bundle"
        else [body]
    )
    for resource in held:
        if isinstance(resource, dict) and isinstance(resource.get("lotNumber"), str):
            yield resource["lotNumber"]


@check("withdrawn-not-shown")
def withdrawn_not_shown(evidence: Evidence) -> Findings:
    """A vaccination that was recorded in error is not given as one that took place, neither read nor found."""
    withdraw = answered(evidence, "withdraw")
    created = bundles.reference(resource_of_created(evidence, answered(evidence, "create")))
    search = accepted(one(evidence, "after-withdrawal"))
    found = bundles.matches(search.resource("Bundle") or {})
    read = permitted(one(evidence, "read-withdrawn"))
    shown = [(search, each) for each in found] + ([(read, read.resource() or {})] if read.ok else [])
    for exchange, each in shown:
        if bundles.reference(each) == created and each.get("status") == "completed":
            yield exchange.finding(f"gives {created} as completed after {withdraw}")


@check("refusal-shown")
def refusal_shown(evidence: Evidence) -> Findings:
    """A vaccination that was not given is recorded as such, with the reason why."""
    create = permitted(one(evidence, "not-given"))
    if not create.ok:
        if create.status not in CLIENT_ERRORS:
            raise NotJudgeable(f"{create} answered {create.status}, which neither accepts nor refuses")
        yield create.finding(f"answered {create.status} to a vaccination that was not given")
        return
    read = one(evidence, "read-not-given")
    resource = resource_of(read)
    if resource.get("status") != noted(evidence, "sent-not-given", "status"):
        yield read.finding(f"gives the status {said(resource.get('status'))}, though it was not given")
    codes = {c.get("code") for c in values(resource, "statusReason.coding") if isinstance(c, dict)}
    if noted(evidence, "sent-not-given", "statusReason", "coding", 0, "code") not in codes:
        yield read.finding(
            f"gives the reason {quoted(resource.get('statusReason'))}, not the one that was recorded"
        )


@check("verification-as-told")
def verification_as_told(evidence: Evidence) -> Findings:
    """An NHS number that was written as not traced is shown with its status, and not as verified: nobody traced it.

    A product may have begun to trace it, and say so.
    """
    create = answered(evidence, "patient")
    read = one(evidence, "read-patient")
    held = [
        each
        for each in values(resource_of(read), "identifier")
        if isinstance(each, dict) and each.get("system") == NHS_NUMBER_SYSTEM
    ]
    sent = noted(evidence, "sent-patient", "identifier", 0, "value")
    mine = [each for each in held if each.get("value") == sent]
    if not mine:
        yield read.finding(f"gives no NHS number {said(sent)} after {create}")
    for each in mine:
        statuses = _statuses(each)
        if not statuses:
            yield read.finding(f"gives the NHS number {said(sent)} without its verification status")
        elif verified := sorted(statuses & VERIFIED):
            yield read.finding(f"calls an NHS number verified ({verified[0]}) that was written as not traced")


def _statuses(identifier: dict[str, Any]) -> set[str]:
    return {
        code
        for each in values(identifier, "extension")
        if isinstance(each, dict) and each.get("url") == VERIFICATION_STATUS
        for coding in values(each, "valueCodeableConcept.coding")
        if isinstance(coding, dict) and isinstance(code := coding.get("code"), str) and code
    }
