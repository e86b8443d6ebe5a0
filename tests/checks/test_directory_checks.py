"""A directory of services with their slots, and referrals: what passes, what fails, and what shows nothing."""

import pytest
from saw import bundle, evidence, exchange, step

from conformance.checks import directory, referrals
from conformance.errors import NoData, NotJudgeable

SCHEDULE = {"resourceType": "Schedule", "id": "c1", "actor": [{"reference": "HealthcareService/h1"}]}
SERVICE = {"resourceType": "HealthcareService", "id": "h1", "name": "Physio"}


def slot(name, hour=9, **changed):
    times = {"start": f"2030-01-07T{hour:02}:00:00Z", "end": f"2030-01-07T{hour:02}:30:00Z"}
    whole = {"resourceType": "Slot", "id": name, "status": "free", "schedule": {"reference": "Schedule/c1"}}
    return whole | times | changed


def told(check, *exchanges, notes=None, **arguments):
    return list(check(evidence(step(*exchanges, **(notes or {}))), **arguments))


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


def search(label, *resources, status=200):
    return exchange("/Slot", label=label, status=status, body=bundle(*resources))


@pytest.mark.parametrize(
    ("services", "paths", "words"),
    [
        ([SERVICE], ["name"], []),
        (
            [SERVICE, SERVICE | {"id": "h2", "name": ""}],
            ["name"],
            ["1 of 2 HealthcareService without name: HealthcareService/h2"],
        ),
        ([SERVICE], ["name", "telecom.value"], ["1 of 1 HealthcareService without telecom.value"]),
        ([SERVICE | {"telecom": [{"value": "0"}]}], ["telecom.value"], []),
    ],
)
def test_each_service_has_what_is_asked(services, paths, words):
    sampled = exchange("/x", label="sampled", body=bundle(*services, SCHEDULE))
    assert fits(told(directory.each_has, sampled, resource="HealthcareService", paths=paths), words)


def test_where_there_is_no_service_nothing_is_said_of_services():
    sampled = exchange("/x", label="sampled", body=bundle(SCHEDULE))
    with pytest.raises(NoData, match="no HealthcareService was given"):
        told(directory.each_has, sampled, resource="HealthcareService", paths=["name"])


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ([slot("s1")], []),
        ([slot("s1"), slot("s2", status="busy")], ["not free: s2"]),
        ([slot("s1", schedule=None)], ["without their schedule"]),
        ([slot("s1", schedule={"reference": "Schedule/c9"})], ["without their schedule"]),
        ([slot("s1", end="2030-01-07T09:00:00Z")], ["do not end after they begin: s1"]),
        ([slot("s1", end=None)], ["do not end after they begin: s1"]),
    ],
)
def test_slots_are_offered_whole(slots, words):
    assert fits(told(directory.offered_slots, search("slots", *slots, SCHEDULE)), words)


@pytest.mark.parametrize(
    ("horizon", "number"),
    [
        ({"start": "2030-01-07T09:00:00Z", "end": "2030-01-07T09:30:00Z"}, 0),
        ({"start": "2030-01-07T09:01:00Z"}, 1),
        ({"end": "2030-01-07T09:29:00Z"}, 1),
        ({}, 0),
    ],
)
def test_slots_lie_within_what_their_schedule_plans(horizon, number):
    seen = search("slots", slot("s1"), SCHEDULE | {"planningHorizon": horizon})
    assert len(told(directory.offered_slots, seen)) == number


def test_the_schedule_of_each_slot_names_a_service_that_is_there():
    given = search("slots", slot("s1"), SCHEDULE)
    there = exchange("/HealthcareService/h1", label="service", body=SERVICE)
    gone = exchange("/HealthcareService/h1", label="service", status=404)
    other = exchange("/HealthcareService/h1", label="service", body={"resourceType": "Basic", "id": "h1"})
    assert told(directory.slots_of_services, given, there) == []
    for answer in (gone, other):
        assert "no service, though slots" in told(directory.slots_of_services, given, answer)[0]
    nobody = SCHEDULE | {"actor": [{"reference": "Location/l1"}]}
    assert "names no service" in told(directory.slots_of_services, search("slots", slot("s1"), nobody))[0]


@pytest.mark.parametrize("given", [[slot("s1")], [slot("s1"), SCHEDULE, slot("s2", schedule=None)]])
def test_slots_without_their_schedule_show_nothing_of_services(given):
    with pytest.raises(NotJudgeable, match="without their schedule"):
        told(directory.slots_of_services, search("slots", *given))


WHOLE = [slot(f"s{hour}", hour) for hour in (9, 10, 11)]
RANGE = {"narrow": ["2030-01-07T09:01:00Z", "2030-01-07T10:59:00Z"]}


@pytest.mark.parametrize(
    ("narrow", "by", "words"),
    [
        ([WHOLE[1]], "start", []),
        (WHOLE, "start", ["outside the range: s9, s11"]),
        ([WHOLE[0]], "start", ["outside the range: s9"]),
        ([WHOLE[2]], "start", ["outside the range: s11"]),
        ([slot("s1", 10, end="2030-01-07T11:00:00Z")], "start", []),
        ([slot("s1", 10, end="2030-01-07T11:00:00Z")], "whole", ["outside the range: s1"]),
        ([], "start", ["no slot at all"]),
    ],
)
def test_slots_are_within_the_range_that_was_asked_for(narrow, by, words):
    seen = search("slots", *WHOLE), search("narrow", *narrow)
    assert fits(told(directory.slots_within, *seen, notes=RANGE, by=by), words)


def test_ranges_that_cannot_be_judged():
    seen = search("slots", *WHOLE[:2]), search("narrow")
    assert told(directory.slots_within, *seen, notes=RANGE) == []
    with pytest.raises(NoData, match="no range"):
        told(directory.slots_within, *seen, notes={"narrow": ["2030-01-07"]})
    with pytest.raises(NotJudgeable, match="without a start or an end"):
        told(directory.slots_within, seen[0], search("narrow", slot("s", start="soon")), notes=RANGE)
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(directory.slots_within, seen[0], search("narrow", status=500), notes=RANGE)


APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "a1",
    "status": "booked",
    "slot": [{"reference": "Slot/s1"}],
    "start": "2030-01-07T09:00:00Z",
    "end": "2030-01-07T09:30:00Z",
}


@pytest.mark.parametrize(
    ("changed", "held", "words"),
    [
        ({}, slot("s1", status="busy"), []),
        ({}, slot("s1", status="busy", start="2030-01-07T10:00:00+01:00"), []),
        ({}, slot("s1"), ["is free, though Appointment/a1"]),
        ({}, slot("s1", 10, status="busy"), ["which is booked into it, is not"]),
        ({}, slot("s1", status="busy", end=None), ["to None, and Appointment/a1"]),
        ({"start": None}, slot("s1", status="busy", start="2030-01-07T08:00:00Z"), []),
        ({"slot": [{"reference": "Slot/s1"}, {"reference": "Slot/s2"}]}, slot("s1", 10, status="busy"), []),
    ],
)
def test_a_slot_that_is_booked_is_taken_and_at_the_time_of_the_appointment(changed, held, words):
    sampled = exchange("/Appointment", label="sampled", body=bundle(APPOINTMENT | changed))
    read = exchange("/Slot/s1", label="slot", body=held)
    assert fits(told(directory.booked_slots_taken, sampled, read), words)


@pytest.mark.parametrize(
    "changed", [{"status": "cancelled"}, {"slot": []}, {"slot": [{"reference": "Slot/s9"}]}]
)
def test_what_is_not_booked_into_a_slot_shows_nothing_of_it(changed):
    sampled = exchange("/Appointment", label="sampled", body=bundle(APPOINTMENT | changed))
    with pytest.raises(NoData, match="booked and names its slot"):
        told(directory.booked_slots_taken, sampled, exchange("/Slot/s1", label="slot", body=slot("s1")))


# ------------------------------------------------------------------ referrals

REFERRED = {
    "resourceType": "ServiceRequest",
    "id": "r1",
    "identifier": [{"system": "urn:s", "value": "1"}],
    "status": "active",
    "intent": "order",
    "category": [{"coding": [{"code": "3457005"}]}],
    "priority": "routine",
    "code": {"coding": [{"code": "394579002"}]},
    "subject": {"reference": "Patient/p1"},
}


def referral(label, answered=200, **changed):
    return exchange("/ServiceRequest/r1", label=label, status=answered, body=REFERRED | changed)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"code": {"coding": [{"code": "394579002", "display": "Cardiology"}, {"code": "x"}]}}, []),
        ({"status": "draft"}, ["gives status as 'draft'"]),
        ({"intent": "plan"}, ["gives intent"]),
        ({"category": []}, ["gives category"]),
        ({"priority": "urgent"}, ["gives priority"]),
        ({"code": {"text": "Cardiology"}}, ["gives code"]),
        ({"code": None}, ["gives code"]),
        ({"identifier": [{"value": "1"}]}, ["gives identifier"]),
        ({"subject": {"reference": "Patient/p2"}}, ["is about 'Patient/p2', not 'Patient/p1'"]),
        ({"subject": None}, ["is about ''"]),
    ],
)
def test_a_referral_is_kept_as_it_was_sent(changed, words):
    seen = referral("refer", 201), referral("read-referred", **changed)
    assert fits(told(referrals.referral_kept, *seen, notes={"sent-refer": REFERRED}), words)


def test_a_referral_that_is_not_taken_is_a_fault():
    assert "answered 422 to a referral" in told(referrals.referral_kept, referral("refer", 422))[0]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([REFERRED], []),
        ([], ["does not find the referral"]),
        ([REFERRED | {"id": "r2"}], ["does not find the referral"]),
        ([REFERRED, REFERRED | {"id": "r2", "subject": {"reference": "Patient/p2"}}], ["of others: r2"]),
    ],
)
def test_a_referral_is_found_and_no_other(found, words):
    seen = referral("read-referred"), search("mine", *found)
    assert fits(told(referrals.referral_found, *seen, label="mine"), words)


REVOKED = REFERRED | {"status": "revoked"}
ENDED = exchange("/ServiceRequest/r1", label="read-ended", body=REVOKED)


@pytest.mark.parametrize(
    ("status", "read", "ended", "active", "words"),
    [
        (200, {"status": "revoked"}, [REVOKED], [], []),
        (422, {}, [], [], ["answered 422 to an update of a referral to revoked"]),
        (200, {}, [REVOKED], [], ["gives the status 'active'"]),
        (200, {"status": "revoked"}, [], [], ["does not find the referral, though it is revoked"]),
        (200, {"status": "revoked"}, [REVOKED], [REVOKED], ["still finds the referral"]),
    ],
)
def test_a_referral_ends(status, read, ended, active, words):
    seen = referral("read-referred"), referral("end", status), referral("read-ended", **read)
    lists = search("found-ended", *ended), search("found-active", *active)
    assert fits(told(referrals.referral_ended, *seen, *lists, ending="revoked"), words)


@pytest.mark.parametrize(
    ("status", "now", "words"),
    [
        (422, "revoked", []),
        (200, "revoked", ["answered 200 to an update that makes a referral active"]),
        (422, "active", ["gives the status 'active' to a referral that was revoked"]),
    ],
)
def test_an_ended_referral_stays_ended(status, now, words):
    after = (
        referral("go-on", status),
        exchange("/x", label="read-after-going-on", body=REFERRED | {"status": now}),
    )
    assert fits(told(referrals.ended_referral_stays, ENDED, *after, ending="revoked"), words)


def test_what_breaks_the_server_was_neither_accepted_nor_refused():
    after = referral("go-on", 500), exchange("/x", label="read-after-going-on", body=REVOKED)
    with pytest.raises(NotJudgeable, match="neither accepts nor refuses"):
        told(referrals.ended_referral_stays, ENDED, *after, ending="revoked")


@pytest.mark.parametrize(
    ("good", "statuses", "words"),
    [
        (201, [400, 422], []),
        (201, [400, 201], ["answered 201; it was to be refused"]),
        (201, [500], ["answered 500, as if the fault were its own"]),
    ],
)
def test_what_is_wrong_is_refused(good, statuses, words):
    wrong = [referral("bad", status) for status in statuses]
    assert fits(
        told(referrals.wrong_refused, referral("good", good), *wrong, label="bad", good="good"), words
    )


def test_where_nothing_is_accepted_refusals_show_nothing():
    with pytest.raises(NotJudgeable, match="was refused too"):
        told(referrals.wrong_refused, referral("good", 422), referral("bad", 422), label="bad", good="good")


def refusal(status, *issues, kind="OperationOutcome"):
    return exchange("/x", label="bad", status=status, body={"resourceType": kind, "issue": list(issues)})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(400, {"code": "invalid", "diagnostics": "no"}), []),
        (refusal(400, {"code": "invalid", "details": {"text": "no"}}), []),
        (refusal(400), ["without an OperationOutcome that has an issue"]),
        (
            refusal(400, {"code": "invalid", "diagnostics": "no"}, kind="Basic"),
            ["without an OperationOutcome"],
        ),
        (refusal(400, {"diagnostics": "no"}), ["without its type"]),
        (refusal(400, {"code": "invalid", "details": {}}), ["without its type, or without words"]),
        (
            refusal(400, {"code": "a", "diagnostics": "b"}, {"code": "a"}),
            ["without its type, or without words"],
        ),
    ],
)
def test_a_refusal_says_what_was_wrong(answer, words):
    assert fits(told(referrals.refusals_told, answer, labels=["bad"]), words)


def test_what_was_not_refused_tells_nothing_of_refusals():
    with pytest.raises(NoData, match="nothing was refused"):
        told(referrals.refusals_told, refusal(500), refusal(200), labels=["bad"])
