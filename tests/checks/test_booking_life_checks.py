"""What becomes of a booking: amended, cancelled, found, booked anew. Each check with what passes and what fails."""

import pytest
from saw import bundle, evidence, exchange, step

from conformance.checks import booking, referrals
from conformance.errors import NoData, NotJudgeable

BOOKED = {
    "resourceType": "Appointment",
    "id": "a1",
    "meta": {"versionId": "1"},
    "status": "booked",
    "description": "Asthma review",
    "comment": "Please call",
    "slot": [{"reference": "Slot/s1"}],
    "start": "2030-01-07T09:00:00+00:00",
    "end": "2030-01-07T09:30:00+00:00",
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}
OTHERS = BOOKED | {"id": "a2", "participant": [{"actor": {"reference": "Patient/p2"}}]}


def told(check, *exchanges, notes=None, **arguments):
    return list(check(evidence(step(*exchanges, **(notes or {}))), **arguments))


def sent(label, status=200):
    return exchange("/Appointment/a1", method="PUT", status=status, label=label)


def read(label, **changed):
    return exchange("/Appointment/a1", label=label, body={**BOOKED, **changed})


def found(label, *resources, status=200):
    return exchange("/Appointment", label=label, status=status, body=bundle(*resources))


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({}, []),
        ({"description": "Asthma review. Please call", "comment": ""}, []),
        ({"comment": ""}, ["11 letters that were sent as comment"]),
        ({"description": "Asthma"}, ["13 letters that were sent as description"]),
        ({"description": None, "comment": None}, ["as description", "as comment"]),
    ],
)
def test_the_words_of_a_booking_are_kept(kept, words):
    notes = {"sent-book": BOOKED}
    findings = told(booking.booking_words_kept, read("read-booked", **kept), notes=notes)
    assert all(word in finding for word, finding in zip(words, findings, strict=True))


AMENDED = {"description": "Annual review", "meta": {"versionId": "2"}}


@pytest.mark.parametrize(
    ("status", "changed", "words"),
    [
        (200, {}, []),
        (200, {"description": "", "comment": "Annual review"}, []),
        (422, {}, ["answered 422 to an amendment"]),
        (200, {"description": "Asthma review"}, ["before the amendment"]),
        (200, {"description": None}, ["lost some of the 13 letters"]),
        (200, {"description": "Annual"}, ["lost some of the 13 letters"]),
        (200, {"meta": {"versionId": "1"}}, ["gives the version '1'"]),
    ],
)
def test_an_amendment_is_kept(status, changed, words):
    seen = read("read-booked"), sent("amend", status), read("read-amended", **{**AMENDED, **changed})
    findings = told(booking.amendment_kept, *seen, notes={"sent-amend": BOOKED | AMENDED})
    assert all(word in finding for word, finding in zip(words, findings, strict=True))


@pytest.mark.parametrize(
    ("status", "after", "words"),
    [
        (200, {}, []),
        (409, None, ["answered 409 to the cancellation"]),
        (200, {"http": 404}, ["and not removed"]),
        (200, {"status": "booked"}, ["status 'booked' after the cancellation"]),
        (200, {"slot": []}, ["does not name the slot"]),
        (200, {"start": "2030-01-08T09:00:00+00:00"}, ["gives the start"]),
    ],
)
def test_a_cancelled_booking_is_read_as_it_was_and_cancelled(status, after, words):
    changed = {"status": "cancelled"} | (after or {})
    http = changed.pop("http", 200)
    body = {**BOOKED, **changed}
    last = exchange("/Appointment/a1", label="read-cancelled", status=http, body=body)
    findings = told(booking.cancelled_stays, read("read-booked"), sent("cancel", status), last)
    assert all(word in finding for word, finding in zip(words, findings, strict=True))


@pytest.mark.parametrize(("status", "number"), [(201, 0), (409, 1)])
def test_a_slot_that_is_free_again_is_booked_again(status, number):
    again = exchange("/Appointment", method="POST", status=status, label="rebook")
    assert len(told(booking.slot_booked_anew, sent("cancel"), again)) == number
    with pytest.raises(NoData, match="cancellation was refused"):
        told(booking.slot_booked_anew, sent("cancel", 409), again)


@pytest.mark.parametrize(
    ("status", "resources", "words"),
    [
        ("booked", [BOOKED], []),
        ("booked", [], ["does not find the appointment"]),
        ("booked", [BOOKED | {"status": "pending"}], ["the status 'pending', not booked"]),
        ("booked", [BOOKED, OTHERS], ["1 appointments of others (a2)"]),
        ("cancelled", [BOOKED | {"status": "cancelled"}], []),
        ("cancelled", [BOOKED], ["the status 'booked', not cancelled"]),
    ],
)
def test_a_patients_appointments_are_found(status, resources, words):
    seen = read("read-booked"), sent("cancel"), found("mine", *resources)
    findings = told(booking.appointments_of_patient, *seen, label="mine", status=status)
    assert all(word in finding for word, finding in zip(words, findings, strict=True))


def test_a_search_for_appointments_that_fails_shows_nothing():
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(
            booking.appointments_of_patient,
            read("read-booked"),
            found("mine", status=500),
            label="mine",
            status="booked",
        )
    with pytest.raises(NoData, match="cancellation was refused"):
        told(
            booking.appointments_of_patient,
            read("read-booked"),
            sent("cancel", 409),
            found("mine"),
            label="mine",
            status="cancelled",
        )


@pytest.mark.parametrize(("statuses", "words"), [([409, 422], []), ([400, 404], ["409, not 400 or 404"])])
def test_what_is_refused_is_refused_with_its_status(statuses, words):
    seen = (
        exchange(status=409, label="bad"),
        exchange(status=201, label="bad"),
        exchange(status=500, label="x"),
    )
    findings = told(booking.refused_with, *seen, label="bad", statuses=statuses)
    assert all(word in finding for word, finding in zip(words, findings, strict=True))
    with pytest.raises(NoData):
        told(booking.refused_with, seen[1], label="bad", statuses=statuses)


def test_a_booking_stands_only_where_it_is_read_in_a_standing_status():
    race = [exchange("/Appointment", method="POST", status=201, label="race-1") for _ in "ab"]
    seen = *race, read("raced-1"), read("raced-1", status="cancelled")
    (finding,) = told(booking.one_booking_wins, *seen, notes={"rounds": 1})
    assert "1 of them stand" in finding
    (finding,) = told(booking.one_booking_wins, *race, notes={"rounds": 1})
    assert finding.endswith("at the same time")


@pytest.mark.parametrize(
    ("status", "now", "number"),
    [(409, "cancelled", 0), (200, "cancelled", 1), (200, "booked", 2), (409, "booked", 1)],
)
def test_a_cancelled_appointment_is_not_brought_back(status, now, number):
    seen = sent("rebook", 201), sent("reinstate", status), read("read-reinstated", status=now)
    assert len(told(referrals.cancelled_not_reinstated, *seen)) == number
    with pytest.raises(NotJudgeable, match="neither accepts nor refuses"):
        told(referrals.cancelled_not_reinstated, seen[0], sent("reinstate", 500), seen[2])
    with pytest.raises(NoData, match="not booked by another"):
        told(referrals.cancelled_not_reinstated, sent("rebook", 409), *seen[1:])
