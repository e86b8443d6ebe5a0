"""Checks of how a patient is looked up, and of what vaccinations are recommended for them."""

from collections.abc import Iterator
from typing import Any, Literal

from conformance.checks.exchanged import accepted, noted, said
from conformance.checks.patients_own import is_about_another
from conformance.checks.picking import listed, one, permitted
from conformance.fhir import bundles
from conformance.fhir.dates import interval
from conformance.fhir.elements import values
from conformance.fhir.nhs import DMD_SYSTEM, SNOMED_SYSTEM, sctid_problem
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

GONE = (404, 410)


@check("patient-looked-up")
def patient_looked_up(
    evidence: Evidence, *, label: Literal["by-demographics", "by-number", "by-match"], alone: bool = False
) -> Findings:
    """A look-up finds the patient; `alone`: and nobody else."""
    if label == "by-match" and not evidence.labelled(label):
        raise NotApplicable("the target declares no $match")
    wanted = str(noted(evidence, "patient"))
    answer = permitted(one(evidence, label))
    if not answer.ok:
        yield answer.finding(f"answered {answer.status}, so that {wanted} cannot be looked up")
        return
    bundle = answer.resource("Bundle")
    if bundle is None:
        raise NotJudgeable(f"{answer} answered no Bundle")
    found = [bundles.reference(each) for each in bundles.matches(bundle)]
    if wanted not in found:
        yield answer.finding(f"does not find {wanted}, of whom it was told what is on record")
    others = sorted({*found} - {wanted})
    if alone and others:
        yield answer.finding(f"finds others than {wanted}: {listed(others)}")


@check("nobody-looked-up")
def nobody_looked_up(
    evidence: Evidence, *, label: Literal["with-other-birth-date", "unknown-number"]
) -> Findings:
    """A look-up by an NHS number that nobody has, or with a date of birth that is not its owner's, finds nobody."""
    wanted = str(noted(evidence, "patient"))
    control = accepted(one(evidence, "by-number"))
    if wanted not in {bundles.reference(each) for each in bundles.matches(control.resource("Bundle") or {})}:
        raise NotJudgeable(f"{control} does not find {wanted} either, so that finding nobody shows nothing")
    if not evidence.labelled(label):
        raise NoData(f"the date of birth of {wanted} is not known to the day")
    answer = permitted(one(evidence, label))
    if answer.status in GONE:
        return
    found = bundles.matches(accepted(answer).resource("Bundle") or {})
    if found:
        yield answer.finding(f"finds {listed(bundles.reference(each) for each in found)}")


@check("recommendations-told")
def recommendations_told(evidence: Evidence) -> Findings:
    """What is recommended for a patient is found by their id and by their NHS number alike, and is theirs alone."""
    patient = str(noted(evidence, "patient"))
    by_id, by_number = (_found(evidence, label) for label in ("by-id", "by-number"))
    if not by_id[1] and not by_number[1]:
        raise NoData(f"nothing is recommended for {patient}")
    for exchange, found in (by_id, by_number):
        strangers = [each for each in found if is_about_another(each, patient.partition("/")[2])]
        if strangers:
            yield exchange.finding(f"gives {bundles.reference(strangers[0])}, which is not about {patient}")
    first, second = ({bundles.reference(each) for each in found} for _, found in (by_id, by_number))
    if first != second:
        yield by_number[0].finding(
            f"gives {len(second)} recommendations for {patient}, and {by_id[0]} gives {len(first)}"
        )


@check("recommendations-usable")
def recommendations_usable(evidence: Evidence) -> Findings:
    """A recommendation says which vaccine or disease by SNOMED CT or dm+d, how it stands, and from which date on."""
    exchange, found = _found(evidence, "by-id")
    held = [
        (bundles.reference(each), part)
        for each in found
        for part in values(each, "recommendation")
        if isinstance(part, dict)
    ]
    if not held:
        raise NoData("nothing is recommended for the patient")
    for name, part in held:
        for wrong in _wrong(part):
            yield exchange.finding(f"gives {name}, which {wrong}")


def _wrong(part: dict[str, Any]) -> Iterator[str]:
    codings = [
        each
        for path in ("vaccineCode.coding", "targetDisease.coding")
        for each in values(part, path)
        if isinstance(each, dict)
    ]
    if not any(
        each.get("system") in (SNOMED_SYSTEM, DMD_SYSTEM) and not sctid_problem(each.get("code"))
        for each in codings
    ):
        yield "names neither vaccine nor disease by SNOMED CT or dm+d"
    if not [each for each in values(part, "forecastStatus.coding.code") if each]:
        yield "does not say how it stands (forecastStatus)"
    dates = list(values(part, "dateCriterion.value"))
    if not dates:
        yield "says nothing of when (dateCriterion)"
    elif not all(interval(value) for value in dates):
        yield f"has {said(dates[0])} for a date"


def _found(evidence: Evidence, label: str) -> tuple[Exchange, list[dict[str, Any]]]:
    answer = accepted(one(evidence, label))
    bundle = answer.resource("Bundle")
    if bundle is None:
        raise NotJudgeable(f"{answer} answered no Bundle")
    return answer, [
        each for each in bundles.matches(bundle) if each.get("resourceType") == "ImmunizationRecommendation"
    ]
