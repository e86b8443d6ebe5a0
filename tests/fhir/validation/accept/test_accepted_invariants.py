"""R4's invariants on the quick path: what meets one is accepted, what does not is not, and `explain` says the same."""

import json
from typing import Any

import pytest

from conformance.fhir.validation.accept import Acceptor
from conformance.fhir.validation.validator import Validator

Json = dict[str, Any]
TEXT = {"text": "x"}
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
PERCENT = {"value": 1, "system": UCUM, "code": "%"}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def coded(system: str, *codes: str) -> Json:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def observed(**more: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": TEXT, **more}


def ranged(**limits: Any) -> Json:
    return observed(valueRange={name: {"value": value} for name, value in limits.items()})


def measured(unit: str, other: str, low: int = 1) -> Json:
    """A range whose limits have these units, the upper one 2."""
    rows = {"low": (low, unit), "high": (2, other)}
    return observed(
        valueRange={
            name: {"value": value, **({"unit": kind, "system": UCUM, "code": kind} if kind else {})}
            for name, (value, kind) in rows.items()
        }
    )


def period(start: Any = None, end: Any = None) -> Json:
    given = {"start": start, "end": end}
    return observed(
        effectivePeriod={name: value for name, value in given.items() if value is not None} or TEXT
    )


def condition(**more: Any) -> Json:
    return {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, **more}


def appointment(**more: Any) -> Json:
    person = {"actor": {"reference": "Patient/1"}, "status": "accepted"}
    return {"resourceType": "Appointment", "status": "booked", "participant": [person], **more}


def timing(**repeat: Any) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/1"},
        "code": TEXT,
        "occurrenceTiming": {"repeat": repeat},
    }


def task(**more: Any) -> Json:
    return {"resourceType": "Task", "status": "draft", "intent": "order", **more}


def organisation(**more: Any) -> Json:
    return {"resourceType": "Organization", **more}


def group(*, actual: bool, **more: Any) -> Json:
    return {"resourceType": "Group", "type": "person", "actual": actual, **more}


def sequence(**reference: Any) -> Json:
    given = {"windowStart": 1, "windowEnd": 2, **reference}
    return {"resourceType": "MolecularSequence", "coordinateSystem": 0, "referenceSeq": given}


def consent(**more: Any) -> Json:
    scope = coded("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
    return {"resourceType": "Consent", "status": "active", "scope": scope, "category": [TEXT], **more}


def parameter(**more: Any) -> Json:
    return {"resourceType": "Parameters", "parameter": [{"name": "a", **more}]}


def risk(**prediction: Any) -> Json:
    return {
        "resourceType": "RiskAssessment",
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "prediction": [prediction],
    }


def report(*strata: Json) -> Json:
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "individual",
        "measure": "http://a.test/Measure/1",
        "period": {"start": "2020-01-01"},
        "group": [{"stratifier": [{"stratum": list(strata)}]}],
    }


def event(**trigger: Any) -> Json:
    return {"resourceType": "EventDefinition", "status": "draft", "trigger": [trigger]}


CASES: list[tuple[Json, bool]] = [
    # obs-3, obs-6, obs-7: existence
    (observed(referenceRange=[{"low": {"value": 1}}]), True),
    (observed(referenceRange=[{"text": "x"}]), True),
    (observed(referenceRange=[{"appliesTo": [TEXT]}]), False),
    (observed(dataAbsentReason=TEXT), True),
    (observed(dataAbsentReason=TEXT, valueInteger=1), False),
    (observed(valueInteger=1, component=[{"code": coded(LOINC, "8867-4"), "valueInteger": 1}]), True),
    (
        observed(
            code=coded(LOINC, "29463-7"),
            valueInteger=1,
            component=[{"code": coded(LOINC, "8867-4"), "valueInteger": 1}],
            category=[TEXT],
        ),
        False,
    ),
    (
        observed(
            code=coded(LOINC, "718-7"),
            valueInteger=1,
            component=[{"code": coded(LOINC, "718-7"), "valueInteger": 1}],
        ),
        False,
    ),
    (
        observed(
            code=coded(LOINC, "718-7"),
            component=[{"code": coded(LOINC, "718-7"), "valueInteger": 1}],
        ),
        True,
    ),
    # rng-2, per-1: order
    (ranged(low=1, high=2), True),
    (ranged(low=2, high=2), True),
    (ranged(low=3, high=2), False),
    (ranged(low=1), True),
    (ranged(high=1), True),
    (measured("kg", "kg"), True),
    (measured("kg", "g"), False),
    (measured("kg", ""), False),
    (measured("kg", "kg", low=3), False),
    (period("2020-01-01", "2020-01-02"), True),
    (period("2020-01-02", "2020-01-02"), True),
    (period("2020-01-03", "2020-01-02"), False),
    (period("2020", "2021-05"), True),
    (period("2021", "2020-05"), False),
    (period("2021-05", "2020"), False),
    (period("2020-05", "2021"), True),
    (period("2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"), True),
    (period("2020-01-01T10:00:01Z", "2020-01-01T10:00:00Z"), False),
    (period("2020-01-01T10:00:00Z", "2020-01-01T11:30:00+01:00"), True),
    (period("2020-01-01T10:00:00Z", "2020-01-01T10:30:00+01:00"), False),
    (period("2020-01-01"), True),
    (period(end="2020-01-01"), True),
    # qty-3, age-1, drt-1: units
    (observed(valueQuantity={"value": 1, "unit": "x"}), True),
    (observed(valueQuantity={"value": 1, "code": "kg", "system": UCUM}), True),
    (observed(valueQuantity={"value": 1, "code": "kg"}), False),
    (condition(onsetAge={"value": 40, "code": "a", "system": UCUM}), True),
    (condition(onsetAge={"value": 0, "code": "a", "system": UCUM}), False),
    (condition(onsetAge={"value": -1, "code": "a", "system": UCUM}), False),
    (condition(onsetAge={"value": 40, "unit": "years"}), False),
    (condition(onsetAge={"value": 40, "code": "a", "system": "http://a.test/u"}), False),
    # con-4, con-5: one of several codes
    (condition(), True),
    (condition(abatementDateTime="2020", clinicalStatus=coded(CLINICAL, "resolved")), True),
    (condition(abatementDateTime="2020", clinicalStatus=coded(CLINICAL, "remission")), True),
    (condition(abatementDateTime="2020", clinicalStatus=coded(CLINICAL, "active")), False),
    (condition(abatementString="x"), False),
    (condition(verificationStatus=coded(VERIFIED, "entered-in-error")), True),
    (
        condition(
            verificationStatus=coded(VERIFIED, "entered-in-error"), clinicalStatus=coded(CLINICAL, "active")
        ),
        False,
    ),
    (condition(stage=[{"summary": TEXT}]), True),
    (condition(stage=[{"type": TEXT}]), False),
    # app-1 to app-4: equality of conditions, one of several words
    (appointment(start="2020-01-01T10:00:00Z", end="2020-01-01T11:00:00Z"), True),
    (appointment(start="2020-01-01T10:00:00Z"), False),
    (appointment(end="2020-01-01T10:00:00Z"), False),
    (appointment(), False),
    (appointment(status="proposed"), True),
    (appointment(status="waitlist"), True),
    (appointment(status="cancelled", cancelationReason=TEXT), True),
    (appointment(status="noshow", cancelationReason=TEXT), False),
    (appointment(status="proposed", cancelationReason=TEXT), False),
    (
        appointment(
            status="booked",
            start="2020-01-01T10:00:00Z",
            end="2020-01-01T11:00:00Z",
            cancelationReason=TEXT,
        ),
        False,
    ),
    (appointment(status="proposed", participant=[{"type": [TEXT], "status": "accepted"}]), True),
    (appointment(status="proposed", participant=[{"status": "accepted"}]), False),
    # att-1, cpt-2, imm-1
    ({"resourceType": "Patient", "photo": [{"contentType": "image/png", "data": "QUJD"}]}, True),
    ({"resourceType": "Patient", "photo": [{"data": "QUJD"}]}, False),
    ({"resourceType": "Patient", "telecom": [{"system": "phone", "value": "1"}]}, True),
    ({"resourceType": "Patient", "telecom": [{"value": "1"}]}, False),
    # org-1 to org-3: counts, and words that may not stand
    (organisation(name="x"), True),
    (organisation(identifier=[{"value": "1"}]), True),
    (organisation(active=True), False),
    (organisation(name="x", address=[{"use": "work", "city": "x"}]), True),
    (organisation(name="x", address=[{"city": "x"}]), True),
    (organisation(name="x", address=[{"use": "home", "city": "x"}]), False),
    (organisation(name="x", address=[{"use": "work", "city": "x"}, {"use": "home", "city": "x"}]), False),
    (organisation(name="x", telecom=[{"use": "home", "system": "phone", "value": "1"}]), False),
    # inv-1 of Task and of Parameters, grp-1, rat-1
    (task(authoredOn="2020-01-01", lastModified="2020-01-02"), True),
    (task(authoredOn="2020-01-01", lastModified="2020-01-01"), True),
    (task(authoredOn="2020-01-02", lastModified="2020-01-01"), False),
    (task(authoredOn="2020-01-02"), True),
    (task(lastModified="2020-01-02"), True),
    (parameter(valueString="x"), True),
    (parameter(resource={"resourceType": "Patient", "active": True}), True),
    (parameter(part=[{"name": "b", "valueString": "x"}]), True),
    (parameter(), False),
    (parameter(valueString="x", part=[{"name": "b", "valueString": "x"}]), False),
    (parameter(valueString="x", resource={"resourceType": "Patient", "active": True}), False),
    (group(actual=True, member=[{"entity": {"reference": "Patient/1"}}]), True),
    (group(actual=False, member=[{"entity": {"reference": "Patient/1"}}]), False),
    (group(actual=False), True),
    (observed(valueRatio={"numerator": {"value": 1}, "denominator": {"value": 2}}), True),
    (observed(valueRatio={"numerator": {"value": 1}}), False),
    (observed(valueRatio={"denominator": {"value": 1}}), False),
    # tim-1 to tim-10: numbers
    (timing(duration=1, durationUnit="h"), True),
    (timing(duration=0, durationUnit="h"), True),
    (timing(duration=-1, durationUnit="h"), False),
    (timing(duration=1), False),
    (timing(period=1, periodUnit="d"), True),
    (timing(period=1.5, periodUnit="d"), True),
    (timing(period=-1, periodUnit="d"), False),
    (timing(periodMax=2, periodUnit="d"), False),
    (timing(count=2, countMax=3), True),
    (timing(countMax=3), False),
    (timing(timeOfDay=["10:00:00"]), True),
    (timing(timeOfDay=["10:00:00"], when=["MORN"]), False),
    # msq-3 to msq-6, ppc-1
    (sequence(genomeBuild="x", chromosome=TEXT), True),
    (sequence(genomeBuild="x"), False),
    (sequence(referenceSeqString="ACGT"), True),
    (sequence(referenceSeqString="ACGT", referenceSeqId=TEXT), False),
    (sequence(), False),
    ({**sequence(referenceSeqString="ACGT"), "coordinateSystem": 2}, False),
    ({**sequence(referenceSeqString="ACGT"), "coordinateSystem": 1}, True),
    (consent(policyRule=TEXT, patient={"reference": "Patient/1"}), True),
    (consent(policyRule=TEXT), True),
    (consent(patient={"reference": "Patient/1"}), False),
    # ras-2: of one type of a choice; mrp-2: of every one
    (risk(probabilityDecimal=101), False),
    (risk(probabilityRange={"low": PERCENT}), True),
    (risk(probabilityRange={"high": PERCENT}), True),
    (risk(probabilityRange={"low": {"value": 1}}), False),
    (risk(probabilityRange={"low": PERCENT, "high": {"value": 2, "code": "%"}}), False),
    (risk(qualitativeRisk=TEXT), True),
    (report(), False),  # an empty array
    (report({"value": TEXT}), True),
    (report({"value": TEXT}, {"component": [{"code": TEXT, "value": TEXT}]}), True),
    (report({"value": TEXT}, {"value": TEXT, "component": [{"code": TEXT, "value": TEXT}]}), False),
    (report({"value": TEXT}, {"measureScore": {"value": 1}}), False),
    # trd-1 to trd-3: how a word begins
    (event(type="named-event", name="x"), True),
    (event(type="named-event"), False),
    (event(type="periodic", timingDate="2020-01-01"), True),
    (event(type="periodic"), False),
    (event(type="data-added", data=[{"type": "Patient"}]), True),
    (event(type="data-added"), False),
    (event(type="periodic", timingDate="2020-01-01", data=[{"type": "Patient"}]), False),
]


@pytest.mark.parametrize(
    ("resource", "right"), CASES, ids=lambda value: json.dumps(value)[:90] if isinstance(value, dict) else ""
)
def test_what_meets_its_invariants_is_accepted_and_nothing_else(
    acceptor: Acceptor, validator: Validator, resource: Json, *, right: bool
):
    assert validator.explain_resource(resource).valid is right
    assert acceptor.accepts(resource) is right
