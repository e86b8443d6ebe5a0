"""The faults of a directory with bookings and referrals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.fault import Change, Fault, formats, rest, search
from conformance.reference.fault_records import lacking, shown_as

Json = dict[str, Any]

PROFILE = "e-referral-directory"
_FORBIDDEN = frozenset({"SLT-02", "BKG-02", "CAN-05", "REF-05", "REF-06"})
"""The requirements that say what must not be."""
_ANOTHER = {"reference": "Patient/somebody-else"}


def _fault(
    name: str, number: str, summary: str, change: Change, also: tuple[str, ...] = (), level: str = "SHALL"
) -> Fault:
    others = tuple(f"ERD-{one}" for one in also)
    exit_code = 1 if level == "SHALL" or also else 0
    level = "SHALL NOT" if number in _FORBIDDEN else level
    return Fault(name, PROFILE, f"ERD-{number}", level, exit_code, summary, others, change=change)


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
    _fault(
        "referral-bookings-undeclared",
        "CAP-01",
        "The capability statement leaves out that appointments can be made.",
        rest(capability=_no_bookings),
    ),
    _fault(
        "referral-says-stu3",
        "CAP-02",
        "The capability statement says FHIR STU3.",
        rest(capability=_with(fhirVersion="3.0.1")),
    ),
    _fault(
        "service-type-is-no-list",
        "STR-01",
        "The kind of clinic is one object where FHIR has a list.",
        shown_as("HealthcareService", lambda one: one.update(type=one["type"][0])),
    ),
    _fault(
        "directory-without-location",
        "DIR-01",
        "Services do not say where they are.",
        shown_as("HealthcareService", lacking("location")),
    ),
    _fault(
        "directory-without-specialty",
        "DIR-02",
        "Services do not say of which specialty they are.",
        shown_as("HealthcareService", lacking("specialty")),
        level="SHOULD",
    ),
    _fault(
        "specialty-search-ignores-the-code",
        "DIR-03",
        "A search by specialty finds all services.",
        search(ignored_parameter=("HealthcareService", "specialty")),
        also=("DIR-06",),
    ),
    _fault(
        "clinic-type-search-ignores-the-code",
        "DIR-04",
        "A search by kind of clinic finds all services.",
        search(ignored_parameter=("HealthcareService", "service-type")),
        also=("DIR-06",),
    ),
    _fault(
        "location-search-ignores-the-place",
        "DIR-05",
        "A search by place finds all services.",
        search(ignored_parameter=("HealthcareService", "location")),
    ),
    _fault(
        "slots-without-schedule",
        "SLT-01",
        "Slots do not say of which schedule they are.",
        shown_as("Slot", lacking("schedule")),
        also=("STR-01",),
    ),
    _fault(
        "slot-times-ignored",
        "SLT-02",
        "A search for slots finds them whenever they start.",
        search(ignored_parameter=("Slot", "start")),
        also=("SLT-06",),
    ),
    _fault(
        "schedules-without-service",
        "SLT-03",
        "Schedules do not say of which service they are.",
        shown_as("Schedule", lambda one: one.update(actor=one["actor"][1:])),
    ),
    _fault(
        "booked-slots-read-as-free",
        "SLT-04",
        "Slots that are booked are shown as free.",
        shown_as("Slot", lambda one: one.update(status="free")),
        also=("SLT-05",),
    ),
    _fault(
        "slot-status-search-ignored",
        "SLT-05",
        "A search for free slots finds those that are taken too.",
        search(ignored_parameter=("Slot", "status")),
        also=("SLT-01", "BKG-02"),
    ),
    _fault(
        "booking-refused-offhand",
        "BKG-01",
        "A slot that is offered as free cannot be booked.",
        _rules(bookings_taken=False),
    ),
    _fault(
        "booking-at-another-time",
        "BKG-01",
        "An appointment is kept an hour after the time of its slot.",
        _rules(booked=_late),
    ),
    _fault(
        "booking-for-another-patient",
        "BKG-01",
        "An appointment is kept for another patient.",
        _rules(booked=_for_another),
        also=("BKG-07", "CAN-04", "BKG-08"),
    ),
    _fault(
        "booking-loses-the-slot",
        "BKG-01",
        "An appointment does not say which slot it has.",
        _rules(booked=_without("slot")),
        also=("BKG-02", "BKG-03", "BKG-05"),
    ),
    _fault(
        "slot-shown-free-after-booking",
        "BKG-02",
        "A slot that was booked is still offered.",
        _rules(takes_slot=False),
    ),
    _fault(
        "double-booking-accepted",
        "BKG-03",
        "A slot can be booked twice.",
        _rules(taken_refused=False),
        also=("BKG-05",),
    ),
    _fault(
        "double-booking-refused-with-400",
        "BKG-04",
        "A second booking of a slot is refused as if it could not be understood.",
        _rules(refusal_status=400),
        level="SHOULD",
    ),
    _fault(
        "double-booking-in-a-race",
        "BKG-05",
        "Two bookings of one slot at the same moment are both accepted.",
        _rules(slots_lag=0.3),
        also=("BKG-03",),
    ),
    _fault(
        "unknown-slot-booked",
        "BKG-06",
        "A slot that there is not can be booked.",
        _rules(unknown_slot_refused=False),
    ),
    _fault(
        "appointments-of-all-patients",
        "BKG-07",
        "A search for a patient's appointments finds those of all.",
        search(ignored_parameter=("Appointment", "patient")),
        also=("CAN-04", "BKG-08"),
    ),
    _fault(
        "appointments-not-found-by-number",
        "BKG-08",
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
        level="SHOULD",
    ),
    _fault(
        "cancellation-is-not-kept",
        "CAN-01",
        "A cancellation is accepted and the appointment stays booked.",
        _rules(cancellation_kept=False),
        also=("CAN-02", "CAN-03", "CAN-04", "BKG-08"),
    ),
    _fault(
        "cancelled-booking-vanishes",
        "CAN-01",
        "A cancelled appointment is not there any more.",
        _rules(cancelled_removed=True),
        also=("CAN-04", "BKG-08"),
    ),
    _fault(
        "cancellation-loses-the-rest",
        "CAN-01",
        "A cancelled appointment does not say when and for whom it was.",
        _rules(cancelled=lambda one: _without("start", "end", "slot")(_for_another(one))),
        also=("CAN-04", "BKG-08"),
    ),
    _fault(
        "cancellation-keeps-the-slot",
        "CAN-02",
        "A cancellation does not free the slot.",
        _rules(frees_slot=False),
        also=("CAN-03",),
    ),
    _fault(
        "freed-slot-cannot-be-booked",
        "CAN-03",
        "A slot whose booking was cancelled is offered and cannot be booked.",
        _rules(freed_can_be_booked=False),
    ),
    _fault(
        "cancelled-booking-brought-back",
        "CAN-05",
        "A cancelled appointment can be booked again by an update, whoever has its slot by now.",
        _rules(reinstated_refused=False),
    ),
    _fault(
        "referral-loses-its-urgency",
        "REF-01",
        "Referrals are kept without their priority.",
        _rules(referral=_without("priority")),
    ),
    _fault(
        "referrals-of-all-patients",
        "REF-02",
        "A search for a patient's referrals finds those of all.",
        search(ignored_parameter=("ServiceRequest", "patient")),
    ),
    _fault(
        "referral-revocation-is-not-kept",
        "REF-03",
        "A revocation is accepted and the referral stays active.",
        _rules(revocation_kept=False),
    ),
    _fault(
        "referral-status-search-ignored",
        "REF-04",
        "Referrals are found by any status.",
        search(ignored_parameter=("ServiceRequest", "status")),
        also=("REF-03",),
    ),
    _fault(
        "revoked-referral-goes-on",
        "REF-05",
        "A referral that was revoked can be made active again.",
        _rules(revoked_is_final=False),
    ),
    _fault(
        "completed-referral-goes-on",
        "REF-06",
        "A referral that was completed can be made active again.",
        _rules(completed_is_final=False),
    ),
    _fault(
        "stale-referral-update-accepted",
        "REF-07",
        "An update of an outdated version of a referral is accepted.",
        rest(stale_update_refused=False),
    ),
    _fault(
        "referral-of-any-status",
        "REF-08",
        "A referral can have a status that there is not.",
        _rules(any_status=True),
    ),
    _fault(
        "refusals-unexplained",
        "ERR-01",
        "A refusal does not say what was wrong.",
        formats(errors_are_text=True),
    ),
)
