"""Checks of a GP Connect provider, over evidence made by hand."""

import pytest
from saw import evidence, exchange, step

from conformance.checks import gp_connect, gp_connect_record, gp_connect_slots
from conformance.errors import NoData, NotJudgeable

CODES = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1"
NUMBER = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9991204806"}
PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [NUMBER],
           "generalPractitioner": [{"reference": "Organization/o1"}]}  # fmt: skip
ALLERGY = {"resourceType": "AllergyIntolerance", "id": "a1", "clinicalStatus": "active",
           "patient": {"reference": "Patient/p1"}}  # fmt: skip
LIST = {"resourceType": "List", "code": {"coding": [{"code": "886921000000105"}]},
        "subject": {"reference": "Patient/p1"},
        "entry": [{"item": {"reference": "AllergyIntolerance/a1"}}]}  # fmt: skip


def outcome(spine="BAD_REQUEST", **changed):
    issue = {"severity": "error", "code": "invalid", "diagnostics": "no",
             "details": {"coding": [{"system": CODES, "code": spine, "display": "x"}]}}  # fmt: skip
    return {
        "resourceType": "OperationOutcome",
        "meta": {"profile": [gp_connect.OUTCOME]},
        "issue": [issue | changed],
    }


def told(check, *exchanges, **arguments):
    return list(check(evidence(step(*exchanges)), **arguments))


def refused(status, body=None):
    about = {"variant": "a request without Ssp-From"}
    return exchange("/Patient", status=status, label="bad", body=body or outcome(), about=about)


GOOD = exchange("/Patient", label="good", body={"resourceType": "Bundle"})
ASK = {"statuses": [400], "codes": ["BAD_REQUEST"]}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(400), ""),
        (refused(200), "it was to be refused"),
        (refused(404), "not 400"),
        (refused(500), "its own"),
        (refused(400, outcome("NO_RECORD_FOUND")), "NO_RECORD_FOUND, not BAD_REQUEST"),
        (refused(400, {"message": "no"}), "code none"),
    ],
)
def test_a_wrong_request_is_refused_with_status_and_code(answer, words):
    findings = told(gp_connect.refused, GOOD, answer, **ASK)
    assert [words in finding for finding in findings] == [True] * bool(words)


def test_who_refuses_the_right_request_too_shows_nothing_by_refusing_the_wrong_one():
    broken = exchange("/Patient", status=400, label="good", body=outcome())
    with pytest.raises(NotJudgeable, match="a right request"):
        told(gp_connect.refused, broken, refused(400), **ASK)


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (outcome(), 0),
        (outcome(severity="warning"), 1),
        (outcome(code="sad"), 1),
        (outcome(details={"text": "no"}), 1),
        (outcome() | {"meta": {}}, 1),
        (outcome() | {"issue": []}, 1),
        ({"error": "no"}, 1),
    ],
)
def test_an_error_has_the_structure_severity_type_and_code(body, number):
    assert len(told(gp_connect.errors, refused(400, body))) == number


def test_answers_without_an_error_show_nothing_of_errors():
    with pytest.raises(NoData):
        told(gp_connect.errors, GOOD)


@pytest.mark.parametrize(
    ("kind", "cache", "number"),
    [
        ("application/fhir+json;charset=utf-8", "no-store", 0),
        ("application/fhir+json; fhirVersion=3.0; charset=UTF-8", "private, no-store", 0),
        ("application/fhir+json", "no-store", 1),
        ("application/json;charset=utf-8", "no-store", 1),
        ("application/fhir+json;charset=utf-8", "private", 1),
    ],
)
def test_an_answer_says_what_it_is_and_is_not_kept(kind, cache, number):
    answer = exchange(body={}, media_type=kind, cache_control=cache)
    assert len(told(gp_connect.answers, answer)) == number


def record(*resources, **changed):
    body = {
        "resourceType": "Bundle",
        "type": "collection",
        "meta": {"profile": [f"{gp_connect.STRUCTURES}/GPConnect-StructuredRecord-Bundle-1"]},
        "entry": [{"resource": one} for one in resources],
    }
    return exchange("/Patient/$x", method="POST", label="record", body=body | changed)


ORGANISATION = {"resourceType": "Organization", "id": "o1"}


def test_a_record_is_that_of_the_patient_asked_for():
    whole = record(PATIENT, ORGANISATION)
    assert told(gp_connect_record.record, whole, patient="9991204806") == []
    assert len(told(gp_connect_record.record, whole, patient="9991204814")) == 1
    assert len(told(gp_connect_record.record, record(PATIENT), patient="9991204806")) == 1
    assert len(told(gp_connect_record.record, record(ORGANISATION), patient="9991204806")) == 2


def test_what_is_about_another_is_found_and_a_bare_record_shows_nothing():
    assert told(gp_connect_record.record_of_patient, record(PATIENT, ALLERGY, LIST)) == []
    foreign = ALLERGY | {"patient": {"reference": "Patient/p2"}}
    assert len(told(gp_connect_record.record_of_patient, record(PATIENT, foreign))) == 1
    with pytest.raises(NoData):
        told(gp_connect_record.record_of_patient, record(PATIENT, ORGANISATION))


def test_ended_allergies_come_only_where_they_are_asked_for():
    ended = ALLERGY | {"clinicalStatus": "resolved"}
    assert told(gp_connect_record.allergies, record(PATIENT, ALLERGY, LIST), ended=False) == []
    assert len(told(gp_connect_record.allergies, record(PATIENT, ended, LIST), ended=False)) == 1
    with pytest.raises(NoData, match="no allergy that ended"):
        told(gp_connect_record.allergies, record(PATIENT, ALLERGY, LIST), ended=True)


def test_a_slot_without_its_own_offset_is_told():
    slot = {"resourceType": "Slot", "id": "s", "status": "free", "serviceType": [{"text": "GP"}],
            "start": "2030-01-07T09:00:00Z", "end": "2030-01-07T09:30:00Z"}  # fmt: skip
    body = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": slot}]}
    findings = told(gp_connect_slots.free_slots, exchange("/Slot", label="slots", body=body))
    assert len(findings) == 1
    assert "offset" in findings[0]
