"""The faults of a directory with bookings and referrals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, fault, formats, rest, search
from conformance.reference.faults.record_changes import lacking, shown_as

Json = dict[str, Any]

_ANOTHER = {"reference": "Patient/somebody-else"}


def _rules(**seams: Any) -> Change:
    """A change of what a booking does to a slot, and in which order a referral goes."""

    def change(honest: Behaviour, _: Draw) -> Behaviour:
        return replace(honest, referral=replace(honest.referral, **seams))

    return change


def _without(*names: str) -> Callable[[Json], Json]:
    return lambda resource: {name: value for name, value in resource.items() if name not in names}


def _with(**changed: Any) -> Callable[[Json], Json]:
    return lambda resource: {**resource, **changed}


def _no_bookings(statement: Json) -> Json:
    """The statement without the making of appointments."""
    (one,) = statement["rest"]
    kept = [
        {**each, "interaction": [i for i in each["interaction"] if i["code"] != "create"]}
        if each["type"] == "Appointment"
        else each
        for each in one["resource"]
    ]
    return {**statement, "rest": [{**one, "resource": kept}]}


def _late(appointment: Json) -> Json:
    """The appointment begins an hour after its slot."""
    day, _, clock = appointment["start"].partition("T")
    hour = (int(clock[:2]) + 1) % 24
    return {**appointment, "start": f"{day}T{hour:02d}{clock[2:]}"}


def _for_another(appointment: Json) -> Json:
    first, *others = appointment["participant"]
    return {**appointment, "participant": [{**first, "actor": _ANOTHER}, *others]}


REFERRAL_FAULTS: tuple[Fault, ...] = (
    fault(
        "referral-bookings-undeclared",
        "ERD-CAP-01",
        "The capability statement leaves out that appointments can be made.",
        rest(capability=_no_bookings),
    ),
    fault(
        "referral-says-stu3",
        "ERD-CAP-02",
        "The capability statement says FHIR STU3.",
        rest(capability=_with(fhirVersion="3.0.1")),
    ),
    fault(
        "service-type-is-no-list",
        "ERD-STR-01",
        "The kind of clinic is one object where FHIR has a list.",
        shown_as("HealthcareService", lambda one: one.update(type=one["type"][0])),
    ),
    fault(
        "directory-without-location",
        "ERD-DIR-01",
        "Services do not say where they are.",
        shown_as("HealthcareService", lacking("location")),
    ),
    fault(
        "directory-without-specialty",
        "ERD-DIR-02",
        "Services do not say of which specialty they are.",
        shown_as("HealthcareService", lacking("specialty")),
        "SHOULD",
    ),
    fault(
        "specialty-search-ignores-the-code",
        "ERD-DIR-03",
        "A search by specialty finds all services.",
        search(ignored_parameter=("HealthcareService", "specialty")),
        also=("ERD-DIR-06",),
    ),
    fault(
        "clinic-type-search-ignores-the-code",
        "ERD-DIR-04",
        "A search by kind of clinic finds all services.",
        search(ignored_parameter=("HealthcareService", "service-type")),
        also=("ERD-DIR-06",),
    ),
    fault(
        "location-search-ignores-the-place",
        "ERD-DIR-05",
        "A search by place finds all services.",
        search(ignored_parameter=("HealthcareService", "location")),
    ),
    fault(
        "slots-without-schedule",
        "ERD-SLT-01",
        "Slots do not say of which schedule they are.",
        shown_as("Slot", lacking("schedule")),
        also=("ERD-STR-01",),
    ),
    fault(
        "slot-times-ignored",
        "ERD-SLT-02",
        "A search for slots finds them whenever they start.",
        search(ignored_parameter=("Slot", "start")),
        "SHALL NOT",
        also=("ERD-SLT-06",),
    ),
    fault(
        "schedules-without-service",
        "ERD-SLT-03",
        "Schedules do not say of which service they are.",
        shown_as("Schedule", lambda one: one.update(actor=one["actor"][1:])),
    ),
    fault(
        "booked-slots-read-as-free",
        "ERD-SLT-04",
        "Slots that are booked are shown as free.",
        shown_as("Slot", lambda one: one.update(status="free")),
        also=("ERD-SLT-05",),
    ),
    fault(
        "slot-status-search-ignored",
        "ERD-SLT-05",
        "A search for free slots finds those that are taken too.",
        search(ignored_parameter=("Slot", "status")),
        also=("ERD-SLT-01", "ERD-BKG-02"),
    ),
    fault(
        "booking-refused-offhand",
        "ERD-BKG-01",
        "A slot that is offered as free cannot be booked.",
        _rules(bookings_taken=False),
    ),
    fault(
        "booking-at-another-time",
        "ERD-BKG-01",
        "An appointment is kept an hour after the time of its slot.",
        _rules(booked=_late),
    ),
    fault(
        "booking-for-another-patient",
        "ERD-BKG-01",
        "An appointment is kept for another patient.",
        _rules(booked=_for_another),
        also=("ERD-BKG-07", "ERD-CAN-04", "ERD-BKG-08"),
    ),
    fault(
        "booking-loses-the-slot",
        "ERD-BKG-01",
        "An appointment does not say which slot it has.",
        _rules(booked=_without("slot")),
        also=("ERD-BKG-02", "ERD-BKG-03", "ERD-BKG-05"),
    ),
    fault(
        "slot-shown-free-after-booking",
        "ERD-BKG-02",
        "A slot that was booked is still offered.",
        _rules(takes_slot=False),
        "SHALL NOT",
    ),
    fault(
        "double-booking-accepted",
        "ERD-BKG-03",
        "A slot can be booked twice.",
        _rules(taken_refused=False),
        also=("ERD-BKG-05",),
    ),
    fault(
        "double-booking-refused-with-400",
        "ERD-BKG-04",
        "A second booking of a slot is refused as if it could not be understood.",
        _rules(refusal_status=400),
        "SHOULD",
    ),
    fault(
        "double-booking-in-a-race",
        "ERD-BKG-05",
        "Two bookings of one slot at the same moment are both accepted.",
        _rules(slots_lag=0.3),
        also=("ERD-BKG-03",),
    ),
    fault(
        "unknown-slot-booked",
        "ERD-BKG-06",
        "A slot that there is not can be booked.",
        _rules(unknown_slot_refused=False),
    ),
    fault(
        "appointments-of-all-patients",
        "ERD-BKG-07",
        "A search for a patient's appointments finds those of all.",
        search(ignored_parameter=("Appointment", "patient")),
        also=("ERD-CAN-04", "ERD-BKG-08"),
    ),
    fault(
        "appointments-not-found-by-number",
        "ERD-BKG-08",
        "Appointments do not keep the NHS number of the patient.",
        _rules(
            booked=lambda one: {
                **one,
                "participant": [
                    {**each, "actor": {"reference": each["actor"]["reference"]}}
                    for each in one["participant"]
                ],
            }
        ),
        "SHOULD",
    ),
    fault(
        "cancellation-is-not-kept",
        "ERD-CAN-01",
        "A cancellation is accepted and the appointment stays booked.",
        _rules(cancellation_kept=False),
        also=("ERD-CAN-02", "ERD-CAN-03", "ERD-CAN-04", "ERD-BKG-08"),
    ),
    fault(
        "cancelled-booking-vanishes",
        "ERD-CAN-01",
        "A cancelled appointment is not there any more.",
        _rules(cancelled_removed=True),
        also=("ERD-CAN-04", "ERD-BKG-08"),
    ),
    fault(
        "cancellation-loses-the-rest",
        "ERD-CAN-01",
        "A cancelled appointment does not say when and for whom it was.",
        _rules(cancelled=lambda one: _without("start", "end", "slot")(_for_another(one))),
        also=("ERD-CAN-04", "ERD-BKG-08"),
    ),
    fault(
        "cancellation-keeps-the-slot",
        "ERD-CAN-02",
        "A cancellation does not free the slot.",
        _rules(frees_slot=False),
        also=("ERD-CAN-03",),
    ),
    fault(
        "freed-slot-cannot-be-booked",
        "ERD-CAN-03",
        "A slot whose booking was cancelled is offered and cannot be booked.",
        _rules(freed_can_be_booked=False),
    ),
    fault(
        "cancelled-booking-brought-back",
        "ERD-CAN-05",
        "A cancelled appointment can be booked again by an update, whoever has its slot by now.",
        _rules(reinstated_refused=False),
        "SHALL NOT",
    ),
    fault(
        "referral-loses-its-urgency",
        "ERD-REF-01",
        "Referrals are kept without their priority.",
        _rules(referral=_without("priority")),
    ),
    fault(
        "referrals-of-all-patients",
        "ERD-REF-02",
        "A search for a patient's referrals finds those of all.",
        search(ignored_parameter=("ServiceRequest", "patient")),
    ),
    fault(
        "referral-revocation-is-not-kept",
        "ERD-REF-03",
        "A revocation is accepted and the referral stays active.",
        _rules(revocation_kept=False),
    ),
    fault(
        "referral-status-search-ignored",
        "ERD-REF-04",
        "Referrals are found by any status.",
        search(ignored_parameter=("ServiceRequest", "status")),
        also=("ERD-REF-03",),
    ),
    fault(
        "revoked-referral-goes-on",
        "ERD-REF-05",
        "A referral that was revoked can be made active again.",
        _rules(revoked_is_final=False),
        "SHALL NOT",
    ),
    fault(
        "completed-referral-goes-on",
        "ERD-REF-06",
        "A referral that was completed can be made active again.",
        _rules(completed_is_final=False),
        "SHALL NOT",
    ),
    fault(
        "stale-referral-update-accepted",
        "ERD-REF-07",
        "An update of an outdated version of a referral is accepted.",
        rest(stale_update_refused=False),
    ),
    fault(
        "referral-of-any-status",
        "ERD-REF-08",
        "A referral can have a status that there is not.",
        _rules(any_status=True),
    ),
    fault(
        "refusals-unexplained",
        "ERD-ERR-01",
        "A refusal does not say what was wrong.",
        formats(errors_are_text=True),
    ),
)
