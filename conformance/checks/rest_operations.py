"""Checks of operations that only read: $validate and $everything.

See https://hl7.org/fhir/R4/resource-operation-validate.html and
https://hl7.org/fhir/R4/patient-operation-everything.html.
"""

from typing import Any

from conformance.analysis.samples import references
from conformance.checks.picking import listed, one, permitted, picked
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir import bundles
from conformance.plugin import Evidence, Findings, NoData, NotJudgeable, check

ABOUT_PATIENTS = frozenset(
    {
        "AllergyIntolerance",
        "Condition",
        "Encounter",
        "Immunization",
        "MedicationRequest",
        "Observation",
        "Patient",
    }
)
"""Types that are about one patient: of those that nobody else's record refers to, none belongs to another."""

ERRORS = frozenset({"error", "fatal"})


@check("validates")
def validates(evidence: Evidence) -> Findings:
    """$validate finds fault with what is wrong, and answers an OperationOutcome with 200 to what it can judge."""
    valid, invalid = permitted(one(evidence, "valid")), permitted(one(evidence, "invalid"))
    outcome = valid.resource("OperationOutcome") if valid.ok else None
    if outcome is None:
        yield valid.finding(f"answered {valid.status} and no OperationOutcome, though $validate is declared")
        return
    if _errors(outcome):
        raise NotJudgeable(f"{valid} finds fault with a plain Patient: the target has rules of its own")
    found = invalid.resource("OperationOutcome")
    if invalid.status in CLIENT_ERRORS:
        return  # what cannot even be read may be refused
    if not invalid.ok or found is None:
        yield invalid.finding(
            f"answered {invalid.status} and no OperationOutcome to a patient that is not valid"
        )
    elif not _errors(found):
        yield invalid.finding("finds no fault with a birthDate that is no date and a gender that is a number")


@check("everything-is-the-patients")
def everything_is_the_patients(evidence: Evidence, *, id: str) -> Findings:  # noqa: A002 - FHIR's word
    """$everything gives the patient, and no other patient nor what is about another patient only."""
    resources: list[dict[str, Any]] = []
    first = picked(evidence, "everything")[0]
    for exchange in picked(evidence, "everything"):
        bundle = permitted(exchange).resource("Bundle") if exchange.ok else None
        if bundle is None:
            yield exchange.finding(
                f"answered {exchange.status} and no Bundle, though $everything is declared"
            )
            return
        found = [entry.get("resource") for entry in bundles.entries(bundle)]
        resources += [resource for resource in found if isinstance(resource, dict)]
    if not resources:
        raise NoData(f"{first} answered nothing")
    own = f"Patient/{id}"
    if not any(bundles.reference(resource) == own for resource in resources):
        yield first.finding("does not hold the patient")
    linked = [(resource, bundles.reference(resource), set(references(resource))) for resource in resources]
    referred = {target for _, name, targets in linked if own == name or own in targets for target in targets}
    strangers = [
        name
        for resource, name, targets in linked
        if resource.get("resourceType") in ABOUT_PATIENTS
        and not (own == name or own in targets)
        and name not in referred
    ]
    if strangers:
        yield first.finding(f"holds what has nothing to do with the patient: {listed(strangers)}")


def _errors(outcome: dict[str, Any]) -> bool:
    issues = outcome.get("issue")
    return (
        any(isinstance(i, dict) and i.get("severity") in ERRORS for i in issues)
        if isinstance(issues, list)
        else False
    )
