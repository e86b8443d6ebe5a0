"""Checks of an appointment book, over evidence made by hand."""

import pytest
from saw import evidence, exchange, step

from conformance.checks import booking, directory, referrals
from conformance.errors import NoData, NotJudgeable

SLOT = {"resourceType": "Slot", "id": "s1", "status": "free", "start": "2030-01-07T09:00:00+00:00",
        "end": "2030-01-07T09:30:00+00:00", "schedule": {"reference": "Schedule/c1"}}  # fmt: skip
BOOKED = {
    "resourceType": "Appointment", "id": "a1", "status": "booked", "slot": [{"reference": "Slot/s1"}],
    "start": SLOT["start"], "end": SLOT["end"],
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}  # fmt: skip


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources]}


def told(check, *exchanges, notes=None, **arguments):
    return list(check(evidence(step(*exchanges, **(notes or {}))), **arguments))


def made(status=201):
    return exchange("/Appointment", method="POST", status=status, label="book", body=BOOKED)


def read(label, **changed):
    return exchange("/Appointment/a1", label=label, body={**BOOKED, **changed})


KEPT = {"sent-book": BOOKED, "slots": ["s1"]}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"start": "2030-01-07T10:00:00+01:00"}, []),
        ({"status": "pending"}, ["status 'pending'"]),
        ({"slot": []}, ["does not name the slot"]),
        ({"start": "2030-01-07T09:15:00+00:00"}, ["start"]),
        ({"end": None}, ["end"]),
        ({"participant": [{"actor": {"reference": "Patient/p2"}}]}, ["patient 'Patient/p2'"]),
    ],
)
def test_a_booking_is_read_as_it_was_made(changed, words):
    findings = told(booking.booking_kept, made(), read("read-booked", **changed), notes=KEPT)
    assert len(findings) == len(words)
    assert all(word in finding for word, finding in zip(words, findings, strict=True))


def test_a_slot_that_was_offered_and_cannot_be_booked_is_a_fault_and_not_a_gap():
    assert "offered as free" in told(booking.booking_kept, made(409), notes=KEPT)[0]


def test_a_second_booking_is_refused_and_leaves_the_first_as_it_was():
    second = exchange("/Appointment", method="POST", status=409, label="book-again")
    exchanges = made(), read("read-booked"), second, read("read-after-second")
    assert told(booking.second_booking_refused, *exchanges) == []
    moved = read("read-after-second", status="cancelled")
    assert len(told(booking.second_booking_refused, *exchanges[:3], moved)) == 1
    twice = exchange("/Appointment", method="POST", status=201, label="book-again")
    assert len(told(booking.second_booking_refused, *exchanges[:2], twice, exchanges[3])) == 1


def test_a_second_booking_that_breaks_the_server_was_not_refused_and_not_accepted():
    broken = exchange("/Appointment", method="POST", status=500, label="book-again")
    with pytest.raises(NotJudgeable):
        told(booking.second_booking_refused, made(), read("read-booked"), broken, read("read-after-second"))


def raced(*statuses):
    return [exchange("/Appointment", method="POST", status=each, label="race-1") for each in statuses]


def test_of_two_bookings_at_once_one_wins():
    assert told(booking.one_booking_wins, *raced(201, 409), notes={"rounds": 1}) == []
    findings = told(booking.one_booking_wins, *raced(201, 201), read("raced-1"), notes={"rounds": 1})
    assert len(findings) == 1
    assert "1 of them stand" in findings[0]


def test_a_race_that_nobody_wins_shows_nothing():
    with pytest.raises(NotJudgeable, match="no booking was accepted"):
        told(booking.one_booking_wins, *raced(409, 409), notes={"rounds": 1})


def test_a_slot_is_taken_by_a_booking_and_freed_by_a_cancellation():
    cancel = exchange("/Appointment/a1", method="PUT", label="cancel", body={**BOOKED, "status": "cancelled"})
    gone = exchange("/Slot", label="free-after-booking", body=bundle())
    back = exchange("/Slot", label="free-after-cancel", body=bundle(SLOT))
    assert told(booking.slot_taken, made(), gone, notes=KEPT) == []
    assert told(booking.slot_freed, made(), gone, cancel, back, notes=KEPT) == []
    still = exchange("/Slot", label="free-after-booking", body=bundle(SLOT))
    assert len(told(booking.slot_taken, made(), still, notes=KEPT)) == 1
    never = exchange("/Slot", label="free-after-cancel", body=bundle())
    assert len(told(booking.slot_freed, made(), gone, cancel, never, notes=KEPT)) == 1
    with pytest.raises(NotJudgeable, match="while it was booked too"):
        told(booking.slot_freed, made(), still, cancel, back, notes=KEPT)


def test_nothing_follows_from_a_booking_that_was_refused():
    with pytest.raises(NoData):
        told(booking.slot_taken, made(409), exchange("/Slot", label="free-after-booking"), notes=KEPT)


def test_a_search_for_slots_that_finds_none_proves_nothing():
    with pytest.raises(NoData, match="free some"):
        told(directory.offered_slots, exchange("/Slot", label="slots", body=bundle()))


def test_a_slot_comes_with_its_schedule_and_within_its_horizon():
    schedule = {"resourceType": "Schedule", "id": "c1", "planningHorizon": {"end": "2030-01-07"}}
    assert told(directory.offered_slots, exchange("/Slot", label="slots", body=bundle(SLOT, schedule))) == []
    early = schedule | {"planningHorizon": {"end": "2030-01-06"}}
    assert (
        "horizon"
        in told(directory.offered_slots, exchange("/Slot", label="slots", body=bundle(SLOT, early)))[0]
    )
    assert (
        "without their schedule"
        in told(directory.offered_slots, exchange("/Slot", label="slots", body=bundle(SLOT)))[0]
    )


def test_a_referral_that_never_ended_cannot_show_that_it_stays_ended():
    still = {"resourceType": "ServiceRequest", "id": "r1", "status": "active"}
    with pytest.raises(NoData, match="did not become revoked"):
        told(
            referrals.ended_referral_stays,
            exchange("/ServiceRequest/r1", label="read-ended", body=still),
            ending="revoked",
        )
