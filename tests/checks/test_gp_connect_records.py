"""A structured record, slots and versions of GP Connect: what passes, what fails, and what shows nothing."""

import pytest
from saw import evidence, exchange, step

from conformance.checks import gp_connect, gp_connect_record, gp_connect_slots
from conformance.errors import NoData, NotJudgeable

KIND = gp_connect_record.PRESCRIPTION
LIST = {
    "resourceType": "List",
    "code": {"coding": [{"code": "933361000000108"}]},
    "entry": [{"item": {"reference": f"MedicationStatement/{name}"}} for name in ("old", "now", "repeat")],
}


def told(check, *exchanges, **arguments):
    return list(check(evidence(step(*exchanges)), **arguments))


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


def record(*resources, label="record", status=200):
    body = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }
    return exchange("/Patient/$x", method="POST", label=label, status=status, body=body)


def statement(name, end=None, plan=""):
    period = {"start": "2020-01-01"} | ({"end": end} if end else {})
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "effectivePeriod": period,
        "basedOn": [{"reference": f"MedicationRequest/{plan or 'plan-' + name}"}],
    }


def request(name, intent="plan", kind="acute", url=KIND):
    coding = {"coding": [{"code": kind}]}
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "intent": intent,
        "extension": [{"url": url, "valueCodeableConcept": coding}],
    }


OLD, NOW, REPEAT = statement("old", "2024-12-31"), statement("now", "2025-01-01"), statement("repeat")
PLANS = [request("plan-old"), request("plan-now"), request("plan-repeat", kind="repeat")]


@pytest.mark.parametrize(
    ("resources", "issues", "words"),
    [
        ([LIST, OLD, NOW, REPEAT, *PLANS], False, []),
        ([OLD, *PLANS], False, ["holds no list of medication", "on no list: MedicationStatement/old"]),
        (
            [LIST, statement("other", plan="plan-old"), *PLANS],
            False,
            ["on no list: MedicationStatement/other"],
        ),
        ([LIST, OLD], False, ["without the request that planned it: MedicationStatement/old"]),
        ([LIST, OLD, request("plan-old", "order")], True, ["without the request that planned it"]),
        ([LIST, OLD, *PLANS, request("o", "order")], False, ["not asked for: MedicationRequest/o"]),
        ([LIST, OLD, *PLANS, request("o", "order")], True, []),
    ],
)
def test_medication_comes_with_list_plan_and_issues(resources, issues, words):
    assert fits(told(gp_connect_record.medication, record(*resources), issues=issues), words)


def test_a_record_without_medication_or_issues_shows_nothing_of_them():
    with pytest.raises(NoData, match="holds no medication"):
        told(gp_connect_record.medication, record(LIST), issues=False)
    with pytest.raises(NoData, match="holds no issue"):
        told(gp_connect_record.medication, record(LIST, OLD, *PLANS), issues=True)


def dated(*later, whole=(OLD, NOW, REPEAT, *PLANS)):
    return record(*whole), record(*later)


@pytest.mark.parametrize(
    ("later", "words"),
    [
        ([NOW, REPEAT], []),
        ([OLD, NOW, REPEAT], ["that had ended before 2025-01-01: MedicationStatement/old"]),
        ([REPEAT], ["lacks medication that was active on 2025-01-01 or later: MedicationStatement/now"]),
        ([NOW], ["lacks medication that was active on 2025-01-01 or later: MedicationStatement/repeat"]),
    ],
)
def test_from_a_date_on_comes_what_was_active_then(later, words):
    assert fits(told(gp_connect_record.search_date, *dated(*later), since="2025-01-01"), words)


@pytest.mark.parametrize(
    "plan", [request("plan-repeat"), request("plan-repeat", kind="repeat", url="urn:own"), request("other")]
)
def test_what_is_acute_and_has_no_end_may_have_ended(plan):
    seen = dated(NOW, whole=(OLD, NOW, REPEAT, *PLANS[:2], plan))
    assert told(gp_connect_record.search_date, *seen, since="2025-01-01") == []


@pytest.mark.parametrize("status", ["completed", "stopped", "entered-in-error"])
def test_a_repeat_that_is_over_is_not_missed_though_it_has_no_end(status):
    seen = dated(NOW, whole=(OLD, NOW, REPEAT | {"status": status}, *PLANS))
    assert told(gp_connect_record.search_date, *seen, since="2025-01-01") == []


def test_dates_that_show_nothing():
    since = {"since": "2025-01-01"}
    with pytest.raises(NoData, match="not asked for twice"):
        told(gp_connect_record.search_date, record(OLD), **since)
    with pytest.raises(NotJudgeable, match="answered 500"):
        told(gp_connect_record.search_date, record(OLD), record(status=500), **since)
    with pytest.raises(NoData, match="had ended before"):
        told(gp_connect_record.search_date, *dated(NOW, whole=(NOW,)), **since)
    with pytest.raises(NotJudgeable, match="is no date"):
        told(gp_connect_record.search_date, *dated(NOW), since="soon")


MEDICINE = {"resourceType": "Medication", "id": "m"}


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ([OLD, *PLANS], []),
        ([OLD], ["does not hold: MedicationRequest/plan-old"]),
        ([{**PLANS[0], "medicationReference": {"reference": "Medication/m"}}], ["does not hold: Medication/m"]),
        ([{**PLANS[0], "medicationReference": {"reference": "Medication/m"}}, MEDICINE], []),
        ([LIST, OLD, NOW, *PLANS], ["does not hold: MedicationStatement/repeat"]),
        ([{"resourceType": "Patient", "id": "p", "generalPractitioner": [{"reference": "Organization/o"}]}],
         ["does not hold: Organization/o"]),
    ],
)  # fmt: skip
def test_what_a_record_refers_to_is_in_it(resources, words):
    assert fits(told(gp_connect_record.record_whole, record(*resources)), words)


def test_a_record_that_refers_to_nothing_shows_nothing_and_what_is_unasked_is_told():
    with pytest.raises(NoData, match="refers to anything"):
        told(gp_connect_record.record_whole, record(MEDICINE))
    asked = record(MEDICINE, OLD)
    assert told(gp_connect_record.nothing_unasked, asked, types=["AllergyIntolerance"]) == []
    assert "Medication/m" in told(gp_connect_record.nothing_unasked, asked, types=["Medication"])[0]
    with pytest.raises(NotJudgeable, match="no record"):
        told(gp_connect_record.nothing_unasked, record(status=404), types=[])


ALLERGY = {"resourceType": "AllergyIntolerance", "id": "a", "clinicalStatus": "active"}
OVER = ALLERGY | {"id": "b", "clinicalStatus": "inactive"}


def allergies(*names, code="886921000000105"):
    entries = [{"item": {"reference": f"AllergyIntolerance/{name}"}} for name in names]
    return {"resourceType": "List", "code": {"coding": [{"code": code}]}, "entry": entries}


@pytest.mark.parametrize(
    ("resources", "ended", "words"),
    [
        ([ALLERGY, allergies("a")], False, []),
        ([ALLERGY, OVER, allergies("a"), allergies("b", code="1103671000000101")], True, []),
        ([ALLERGY, allergies("a", code="1")], False, ["holds no list", "on no list: AllergyIntolerance/a"]),
        ([ALLERGY, allergies()], False, ["on no list: AllergyIntolerance/a"]),
        ([ALLERGY, OVER, allergies("a", "b")], False, ["not asked for: AllergyIntolerance/b"]),
        ([OVER, allergies()], True, ["on no list: AllergyIntolerance/b"]),
    ],
)
def test_allergies_are_on_their_lists(resources, ended, words):
    assert fits(told(gp_connect_record.allergies, record(*resources), ended=ended), words)


def test_a_record_without_allergies_shows_nothing_of_them():
    with pytest.raises(NoData, match="no allergy: ask"):
        told(gp_connect_record.allergies, record(allergies()), ended=False)


# ------------------------------------------------------------------ slots

SLOT = {
    "resourceType": "Slot", "id": "s", "status": "free", "serviceType": [{"text": "GP"}],
    "start": "2030-01-07T09:00:00+00:00", "end": "2030-01-07T09:30:00+00:00", "schedule": {"reference": "Schedule/c"},
}  # fmt: skip
SCHEDULE = {"resourceType": "Schedule", "id": "c",
            "actor": [{"reference": "Location/l"}, {"reference": "Practitioner/d"}]}  # fmt: skip
AROUND = [{"resourceType": kind, "id": name} for kind, name in
          (("Location", "l"), ("Practitioner", "d"), ("Organization", "o"))]  # fmt: skip


def slots(*resources, label="slots", status=200, kind="searchset"):
    body = {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}
    return exchange("/Slot", label=label, status=status, body=body)


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({}, "searchset", []),
        ({}, "collection", ["no searchset"]),
        ({"status": "busy"}, "searchset", ["1 slots that are not free (s)"]),
        ({"serviceType": [{"coding": []}]}, "searchset", ["have no serviceType.text"]),
        ({"serviceType": None}, "searchset", ["have no serviceType.text"]),
        ({"start": "2030-01-07T09:00:00"}, "searchset", ["without an offset"]),
        ({"end": None}, "searchset", ["without an offset"]),
        ({"specialty": []}, "searchset", ["have a specialty"]),
    ],
)
def test_free_slots(changed, kind, words):
    assert fits(told(gp_connect_slots.free_slots, slots(SLOT | changed, kind=kind)), words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([SLOT, SCHEDULE, *AROUND], []),
        ([SLOT, *AROUND[2:]], ["leaves out schedules of the slots: Schedule/c", "name no Location"]),
        ([SLOT, SCHEDULE, *AROUND[1:]], ["who or where the schedules are of: Location/l"]),
        ([SLOT, SCHEDULE, *AROUND[:2]], ["leaves out the organisation"]),
        ([SLOT, {**SCHEDULE, "actor": SCHEDULE["actor"][1:]}, *AROUND[1:]], ["name no Location"]),
        (
            [SLOT, SCHEDULE, *AROUND, {"resourceType": "Location", "id": "z"}],
            ["none of the slots: Location/z"],
        ),
        ([SLOT, SCHEDULE, *AROUND, {**SCHEDULE, "id": "z"}], ["none of the slots: Schedule/z"]),
    ],
)
def test_with_slots_comes_what_they_belong_to_and_nothing_else(given, words):
    assert fits(told(gp_connect_slots.slots_included, slots(*given)), words)


def test_searches_for_slots_that_show_nothing():
    with pytest.raises(NoData, match="no free slot"):
        told(gp_connect_slots.slots_included, slots(SCHEDULE))
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(gp_connect_slots.free_slots, slots(status=500))


@pytest.mark.parametrize(("status", "number"), [(200, 0), (422, 1)])
def test_a_filter_that_is_not_known_is_no_error(status, number):
    seen = slots(SLOT), exchange("/Slot?x=y", label="filtered", status=status)
    assert len(told(gp_connect_slots.filter_ignored, *seen)) == number


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("meta", "etag", "words"),
    [
        ({}, 'W/"3"', []),
        ({"profile": []}, 'W/"3"', ["does not name GP Connect's structure"]),
        ({"versionId": ""}, 'W/"3"', ["without meta.versionId"]),
        ({}, '"3"', ["says ETag '\"3\"', and the version is '3'"]),
        ({}, 'W/"2"', ["the version is '3'"]),
    ],
)
def test_an_appointment_names_its_structure_and_version(meta, etag, words):
    whole = {"profile": [f"{gp_connect.STRUCTURES}/GPConnect-Appointment-1"], "versionId": "3"}
    body = {"resourceType": "Appointment", "id": "a", "meta": whole | meta}
    seen = exchange("/Appointment/a", label="read", body=body, etag=etag)
    assert fits(told(gp_connect.versions, seen, label="read"), words)
    with pytest.raises(NotJudgeable, match="no Appointment"):
        told(gp_connect.versions, exchange(status=404, label="read", body=body), label="read")


def refusal(*issues, status=422, kind="OperationOutcome"):
    return exchange(label="bad", status=status, body={"resourceType": kind, "issue": list(issues)})


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (refusal({"diagnostics": "no such slot"}), 0),
        (refusal({}, {"diagnostics": "no such slot"}), 0),
        (refusal({"diagnostics": " "}), 1),
        (refusal(), 1),
        (refusal({"diagnostics": "no such slot"}, kind="Basic"), 1),
    ],
)
def test_a_refusal_with_422_says_why(answer, number):
    assert len(told(gp_connect.diagnostics, answer, label="bad")) == number


def test_other_refusals_show_nothing_of_422():
    with pytest.raises(NoData, match="with 422"):
        told(gp_connect.diagnostics, refusal(status=400), label="bad")


@pytest.mark.parametrize(("name", "status", "number"), [("x.y", 200, 0), ("x", 200, 1), ("x.y", 500, 1)])
def test_an_operation_is_declared(name, status, number):
    body = {"resourceType": "CapabilityStatement", "rest": [{}, {"operation": [{"name": "x.y"}]}]}
    seen = exchange("/metadata", label="structured", status=status, body=body)
    assert len(told(gp_connect.operation, seen, operation=name)) == number
