"""What becomes of a vaccination that is recorded, and of look-ups and recommendations; and what shows nothing."""

import pytest
from saw import bundle, evidence, exchange, patient, step

from conformance.checks import eligibility
from conformance.checks import vaccinations as checks
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.evidence import Remark
from conformance.probes.nhs_records import concept, not_given, vaccination

WHOLE = vaccination("t", "p1") | {"id": "i"}
OTHERS = vaccination("t", "p2") | {"id": "j"}


def told(check, *exchanges, notes=None, **arguments):
    found = check(evidence(step(*exchanges, **(notes or {}))), **arguments)
    return [str(each) for each in found if not isinstance(each, Remark)]


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


def sent(label, status=200, **headers):
    made = exchange("/Immunization/i", method="PUT", status=status, label=label)
    return made.model_copy(update={"request_headers": headers}).connected(lambda _: iter([b""]))


def read(label, status=200, **changed):
    return exchange(
        "/Immunization/i",
        label=label,
        body=WHOLE | {k.rstrip("_"): v for k, v in changed.items()},
        status=status,
    )


def search(label, *found, status=200, path="/Immunization?x=y"):
    return exchange(path, label=label, status=status, body=bundle(*found))


CREATE, BACK = exchange("/Immunization", method="POST", status=201, label="create"), read("read-back")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([WHOLE], []),
        (
            [],
            [
                "does not find Immunization/i 7 s after",
            ],
        ),
        ([WHOLE, OTHERS], ["Immunization/j, which is not about Patient/p1"]),
        ([OTHERS], ["does not find Immunization/i", "Immunization/j, which is not about"]),
    ],
)
def test_what_was_recorded_is_found_for_the_patient(found, words):
    notes = {"patient": "Patient/p1", "waited-mine": 7}
    seen = CREATE, BACK, search("mine", *found)
    assert fits(told(checks.found_for_patient, *seen, notes=notes, label="mine", limit=5), words)


def test_what_is_not_known_to_be_recorded_is_not_missed():
    notes = {"patient": "Patient/p1"}
    with pytest.raises(NotJudgeable, match="does not say which resource it created"):
        told(checks.found_for_patient, CREATE, search("mine"), notes=notes, label="mine", limit=5)
    odd = exchange("/Immunization", label="mine", body=WHOLE)
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(checks.found_for_patient, CREATE, BACK, odd, notes=notes, label="mine", limit=5)
    with pytest.raises(NotJudgeable, match="did not accept it"):
        told(
            checks.found_for_patient,
            sent("create", 422),
            BACK,
            search("mine"),
            notes=notes,
            label="mine",
            limit=5,
        )


@pytest.mark.parametrize("status", [201, 200, 409, 422])
def test_a_vaccination_is_there_once(status):
    again = sent("create-again", status)
    assert told(checks.duplicate_kept_once, CREATE, again, search("same-identifier", WHOLE)) == []
    twice = search("same-identifier", WHOLE, WHOLE | {"id": "j"})
    assert len(told(checks.duplicate_kept_once, CREATE, again, twice)) == 1


def test_a_duplicate_that_breaks_the_server_shows_nothing():
    with pytest.raises(NotJudgeable, match="neither accepts nor refuses"):
        told(checks.duplicate_kept_once, CREATE, sent("create-again", 500), search("same-identifier", WHOLE))


NEW = {"lotNumber": "B2", "doseQuantity": {"value": 0.25, "unit": "ml"}}
CORRECTED = {"sent-correct": WHOLE | NEW, "sent-create": WHOLE}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (NEW, []),
        (NEW | {"lotNumber": "HTEST-BATCH-1"}, ["gives the batch 'HTEST-BATCH-1' after"]),
        (NEW | {"lotNumber": None}, ["gives the batch None after"]),
        (NEW | {"doseQuantity": {"value": 0.5}}, ["gives the dose {'value': 0.5} after"]),
        (NEW | {"doseQuantity": None}, ["gives the dose None after"]),
        ({}, ["gives the batch", "gives the dose"]),
    ],
)
def test_a_correction_is_shown(changed, words):
    seen = sent("correct"), read("read-corrected", **changed)
    assert fits(told(checks.correction_shown, *seen, notes=CORRECTED), words)


def test_a_correction_that_was_refused_need_not_be_shown():
    with pytest.raises(NotJudgeable):
        told(checks.correction_shown, sent("correct", 422), read("read-corrected"), notes=CORRECTED)


@pytest.mark.parametrize(
    ("told_by", "number"),
    [
        ([search("history", WHOLE | NEW, WHOLE), read("vread", 404)], 0),
        ([search("history", status=404), read("vread")], 0),
        ([search("history", WHOLE | NEW), read("vread", **NEW)], 1),
        ([search("history", WHOLE, status=404), read("vread", 410)], 1),
    ],
)
def test_what_was_recorded_before_a_correction_can_be_read(told_by, number):
    assert len(told(checks.correction_keeps_history, sent("correct"), *told_by, notes=CORRECTED)) == number


TAG = {"If-Match": 'W/"1"'}


@pytest.mark.parametrize(
    ("status", "headers", "after", "words"),
    [
        (412, TAG, {}, []),
        (412, {}, {}, ["told no version that a correction could name"]),
        (200, TAG, {}, ["answered 200 to a correction with an outdated version"]),
        (412, TAG, {"lotNumber": "B3"}, ["and yet lotNumber changed"]),
        (412, TAG, {"identifier": []}, []),
    ],
)
def test_a_correction_of_an_outdated_version_is_refused(status, headers, after, words):
    wrong = sent("correct-outdated", status, **headers)
    seen = sent("correct"), read("read-corrected"), wrong, read("read-unchanged", **after)
    assert fits(told(checks.correction_refused, *seen, label="correct-outdated"), words)


@pytest.mark.parametrize("status", [302, 500])
def test_what_neither_accepts_nor_refuses_a_correction_is_not_judged(status):
    seen = sent("correct"), read("read-corrected"), sent("correct-identifier", status), read("read-unchanged")
    with pytest.raises(NotJudgeable, match="neither accepts nor refuses"):
        told(checks.correction_refused, *seen, label="correct-identifier")


def test_where_no_correction_is_taken_a_refusal_of_one_shows_nothing():
    seen = (
        sent("correct", 422),
        read("read-corrected"),
        sent("correct-identifier", 422),
        read("read-unchanged"),
    )
    with pytest.raises(NotJudgeable, match="did not accept it"):
        told(checks.correction_refused, *seen, label="correct-identifier")
    with pytest.raises(NotJudgeable, match="did not accept it"):
        told(checks.correction_keeps_history, sent("correct", 422), search("history", WHOLE), notes=CORRECTED)


REFUSED = not_given("t", "p1") | {"id": "i"}


@pytest.mark.parametrize(
    ("status", "kept", "words"),
    [
        (201, REFUSED, []),
        (422, REFUSED, ["answered 422 to a vaccination that was not given"]),
        (201, REFUSED | {"status": "completed"}, ["gives the status 'completed', though"]),
        (201, REFUSED | {"statusReason": None}, ["gives the reason None, not the one"]),
        (201, REFUSED | {"statusReason": concept("1", "x")}, ["not the one that was recorded"]),
        (201, REFUSED | {"statusReason": {"coding": [{"code": "1"}, {"code": "310376006"}]}}, []),
    ],
)
def test_a_refusal_is_shown_with_its_reason(status, kept, words):
    seen = sent("not-given", status), exchange("/Immunization/i", label="read-not-given", body=kept)
    assert fits(told(checks.refusal_shown, *seen, notes={"sent-not-given": REFUSED}), words)


def test_a_server_that_breaks_at_a_refusal_is_not_judged():
    with pytest.raises(NotJudgeable, match="neither accepts nor refuses"):
        told(checks.refusal_shown, sent("not-given", 500), notes={"sent-not-given": REFUSED})


RECORDS = [
    ("organisation", {"performer": [{"actor": {"identifier": {"system": "urn:s", "value": "ZT1"}}}]}, 1),
    ("organisation", {"performer": [{"actor": {"identifier": {
        "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "zt 1"}}}]}, 1),
    ("location", {"location": {"identifier": {
        "system": "https://fhir.hl7.org.uk/Id/urn-school-number", "value": "any number"}}}, 0),
    ("location", {"location": {"identifier": {"system": "https://fhir.hl7.org.uk/Id/urn-school-number"}}}, 1),
    ("identifier", {"identifier": []}, 1),
    ("identifier", {"identifier": [{"system": "urn:s"}]}, 1),
    ("disease", {"protocolApplied": []}, 1),
    ("disease", {"protocolApplied": WHOLE["protocolApplied"] * 2}, 1),
    ("disease", {"protocolApplied": [WHOLE["protocolApplied"][0] | {"doseNumberPositiveInt": 1}]}, 0),
    ("disease", {"protocolApplied": [{"targetDisease": [concept("6142004", "x")], "doseNumberString": "1"}]}, 0),
    ("disease", {"protocolApplied": [{"targetDisease": [concept("6142004", "x")]}]}, 1),
    ("batch", {"expirationDate": None}, 1),
    ("dose", {"site": concept("1", "x")}, 1),
    ("dose", {"route": concept("78421000", "x", "urn:own")}, 1),
    ("dose", {"doseQuantity": {"unit": "ml"}}, 1),
    ("dose", {"doseQuantity": {"value": 1, "unit": "ml"}}, 0),
    ("dose", {"doseQuantity": {"value": 1, "code": "mL"}}, 0),
    ("product", {"vaccineCode": {"coding": [{"system": "https://dmd.nhs.uk", "code": "39566211000001103"}]}}, 0),
    ("product", {"vaccineCode": {"coding": [{"system": "urn:own", "code": "39566211000001103"}]}}, 1),
    ("product", {"vaccineCode": {"coding": [{"system": "urn:own", "code": "UNK"}]}}, 1),
    ("dates", {"recorded": None}, 1),
    ("dates", {"occurrenceDateTime": "2025-11-12"}, 0),
    ("procedure", {"extension": [WHOLE["extension"][0] | {"url": "urn:own"}]}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "change", "number"), RECORDS)
def test_each_rule_of_a_record(rule, change, number):
    seen = exchange("/Immunization", body=bundle(WHOLE | change), label="sampled")
    assert len(told(checks.vaccinations, seen, rule=rule)) == number


@pytest.mark.parametrize(
    ("reason", "number"), [(concept("1", "x"), 0), ({"text": "ill"}, 0), ({"text": " "}, 1), ({}, 1)]
)
def test_why_a_vaccination_was_not_given_is_said(reason, number):
    seen = exchange("/Immunization", body=bundle(REFUSED | {"statusReason": reason}), label="sampled")
    assert len(told(checks.vaccinations, seen, rule="reason")) == number


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("reason", {}),
        ("batch", {"primarySource": False}),
        ("batch", {"status": "entered-in-error"}),
        ("product", {"status": "not-done"}),
        ("identifier", {"status": "entered-in-error"}),
    ],
)
def test_a_rule_looks_at_the_records_that_it_is_about(rule, change):
    with pytest.raises(NoData, match="hold no"):
        told(checks.vaccinations, exchange(body=bundle(WHOLE | change), label="sampled"), rule=rule)


def test_five_records_that_are_wrong_are_named_and_the_rest_is_counted():
    wrong = [WHOLE | {"id": str(number), "lotNumber": ""} for number in range(6)]
    findings = told(checks.vaccinations, exchange(body=bundle(*wrong, WHOLE), label="sampled"), rule="batch")
    assert len(findings) == 6
    assert "gave 6 of 7 records that are wrong" in findings[-1]
    assert (
        len(told(checks.vaccinations, exchange(body=bundle(*wrong[1:]), label="sampled"), rule="batch")) == 5
    )


# ------------------------------------------------------------------ look-ups and recommendations

ASKED = {"patient": "Patient/p1"}


@pytest.mark.parametrize(
    ("found", "alone", "words"),
    [
        ([patient("p1")], True, []),
        ([patient("p1"), patient("p2")], False, []),
        ([patient("p1"), patient("p2")], True, ["finds others than Patient/p1: Patient/p2"]),
        ([], False, ["does not find Patient/p1"]),
    ],
)
def test_a_patient_is_looked_up(found, alone, words):
    seen = search("by-match", *found)
    assert fits(told(eligibility.patient_looked_up, seen, notes=ASKED, label="by-match", alone=alone), words)


def test_look_ups_that_fail():
    (finding,) = told(
        eligibility.patient_looked_up, search("by-number", status=500), notes=ASKED, label="by-number"
    )
    assert "answered 500, so that Patient/p1 cannot be looked up" in finding
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(eligibility.patient_looked_up, read("by-number"), notes=ASKED, label="by-number")
    with pytest.raises(NotApplicable, match="match"):
        told(eligibility.patient_looked_up, search("by-number"), notes=ASKED, label="by-match")


@pytest.mark.parametrize(
    ("status", "found", "number"),
    [(404, [], 0), (410, [patient("p2")], 0), (200, [], 0), (200, [patient("p2")], 1)],
)
def test_nobody_is_looked_up(status, found, number):
    seen = search("by-number", patient("p1")), search("unknown-number", *found, status=status)
    assert len(told(eligibility.nobody_looked_up, *seen, notes=ASKED, label="unknown-number")) == number


def test_who_could_not_be_asked_about_shows_nothing():
    control = search("by-number", patient("p1"))
    with pytest.raises(NoData, match="date of birth"):
        told(eligibility.nobody_looked_up, control, notes=ASKED, label="with-other-birth-date")
    with pytest.raises(NotJudgeable):
        told(
            eligibility.nobody_looked_up,
            control,
            search("unknown-number", status=500),
            notes=ASKED,
            label="unknown-number",
        )


PART = {
    "vaccineCode": [concept("39566211000001103", "x")],
    "forecastStatus": {"coding": [{"code": "due"}]},
    "dateCriterion": [{"value": "2026-10-01"}],
}


def recommended(name="r", whose="p1", **changed):
    return {
        "resourceType": "ImmunizationRecommendation",
        "id": name,
        "patient": {"reference": f"Patient/{whose}"},
        "recommendation": [PART | changed],
    }


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"vaccineCode": None, "targetDisease": concept("6142004", "x")}, []),
        ({"vaccineCode": None, "targetDisease": concept("39566211000001103", "x", "https://dmd.nhs.uk")}, []),
        ({"vaccineCode": None}, ["names neither vaccine nor disease"]),
        ({"vaccineCode": [concept("39566211000001103", "x", "urn:own")]}, ["names neither"]),
        ({"vaccineCode": [concept("1", "x")]}, ["names neither"]),
        ({"forecastStatus": {"text": "due"}}, ["(forecastStatus)"]),
        ({"forecastStatus": {"coding": [{"code": ""}]}}, ["(forecastStatus)"]),
        ({"dateCriterion": []}, ["says nothing of when"]),
        ({"dateCriterion": [{"value": "soon"}]}, ["'soon' for a date"]),
    ],
)
def test_a_recommendation_can_be_used(changed, words):
    seen = search("by-id", recommended(**changed))
    assert fits(told(eligibility.recommendations_usable, seen), words)


def test_what_is_not_recommended_shows_nothing():
    for found in ([], [WHOLE], [recommended() | {"recommendation": []}]):
        with pytest.raises(NoData):
            told(eligibility.recommendations_usable, search("by-id", *found))
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(eligibility.recommendations_usable, read("by-id"))


@pytest.mark.parametrize(
    ("by_id", "by_number", "words"),
    [
        ([recommended()], [recommended()], []),
        ([recommended()], [], ["gives 0 recommendations for Patient/p1, and"]),
        ([], [recommended()], ["gives 1 recommendations for Patient/p1, and"]),
        ([recommended()], [recommended("s")], ["gives 1 recommendations"]),
        (
            [recommended(whose="p2")],
            [recommended(whose="p2")],
            ["not about Patient/p1", "not about Patient/p1"],
        ),
    ],
)
def test_recommendations_are_found_by_id_and_by_number_alike(by_id, by_number, words):
    seen = search("by-id", *by_id), search("by-number", *by_number)
    assert fits(told(eligibility.recommendations_told, *seen, notes=ASKED), words)


def test_a_patient_without_recommendations_shows_nothing():
    with pytest.raises(NoData, match="nothing is recommended for Patient/p1"):
        told(eligibility.recommendations_told, search("by-id"), search("by-number"), notes=ASKED)
