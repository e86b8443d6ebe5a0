"""The faults of a GP system in its appointment book."""

from typing import Any

from conformance.reference.fault import Fault
from conformance.reference.gp_connect.fault import answer, diary, gp_fault

Json = dict[str, Any]


def _anonymous(appointment: Json) -> Json:
    """The appointment names another patient than it was made for."""
    people = [
        {**one, "actor": {"reference": "Patient/pat-9"}}
        if one["actor"]["reference"].startswith("Patient/")
        else one
        for one in appointment["participant"]
    ]
    return {**appointment, "participant": people}


def _undone(appointment: Json) -> Json:
    return {
        **appointment,
        "status": "pending" if appointment["status"] == "booked" else appointment["status"],
    }


def _never_ended(appointment: Json) -> Json:
    return {**appointment, "status": "booked"}


GP_DIARY_FAULTS: tuple[Fault, ...] = (
    gp_fault(
        "gp-appointments-without-structure",
        "ANS-02",
        "Resources do not say which structure they follow.",
        answer(profile_stated=False),
        also=("ERR-01", "REC-01", "AMD-01", "CAN-01"),
    ),
    gp_fault(
        "gp-busy-slots-given",
        "SLT-01",
        "A search for free slots finds those that are taken too.",
        diary(busy_left_out=False),
        also=("BKG-05",),
    ),
    gp_fault(
        "gp-slots-without-times",
        "STR-02",
        "Free slots do not say when they end.",
        diary(slot_shown=lambda slot: {name: value for name, value in slot.items() if name != "end"}),
        also=("SLT-01", "BKG-01", "BKG-06"),
    ),
    gp_fault(
        "gp-slots-of-any-day",
        "SLT-02",
        "Free slots are found outside the range.",
        diary(range_heeded=False),
        also=("APT-01", "APT-02"),
    ),
    gp_fault(
        "gp-slots-without-schedules",
        "SLT-03",
        "Free slots come without their schedules.",
        diary(schedules_included=False),
        also=("BKG-01", "BKG-06"),
    ),
    gp_fault(
        "gp-slots-of-months",
        "SLT-04",
        "Free slots of more than two weeks can be asked for.",
        diary(longest_range_checked=False),
    ),
    gp_fault(
        "gp-slots-of-any-status", "SLT-04", "A search for slots needs no status.", diary(status_required=False)
    ),
    gp_fault(
        "gp-slots-without-include", "SLT-04", "A search for slots need not include schedules.",
        diary(include_required=False),
    ),
    gp_fault(
        "gp-strange-filter-refused",
        "SLT-05",
        "A search filter that is not known is an error.",
        diary(filters_ignored=False),
    ),
    gp_fault(
        "gp-booking-shown-as-pending", "BKG-01", "A booking is shown as one that is still to be made.",
        diary(shown=_undone), also=("APT-01", "AMD-01"),
    ),
    gp_fault(
        "gp-booking-for-another",
        "BKG-01",
        "A booking is shown as another patient's.",
        diary(shown=_anonymous), also=("AMD-01", "CAN-01")),
    gp_fault(
        "gp-comment-cut", "BKG-02", "Comments are cut at 255 letters.", diary(text_kept=lambda text: text[:255])
    ),
    gp_fault(
        "gp-double-booking-accepted", "BKG-03", "A slot can be booked twice.", diary(busy_refused=False),
        also=("BKG-04",),
    ),
    gp_fault(
        "gp-double-booking-in-a-race",
        "BKG-04",
        "Two bookings of one slot at the same moment are both accepted.",
        diary(looks_twice=False),
    ),
    gp_fault(
        "gp-booked-slot-shown-free", "BKG-05", "A slot that was booked is still offered.", diary(takes_slot=False)
    ),
    gp_fault(
        "gp-unknown-slot-booked", "BKG-06", "A slot that there is not can be booked.",
        diary(unknown_slot_refused=False),
    ),
    gp_fault(
        "gp-reason-accepted", "BKG-07", "A booking may give a reason and a specialty.",
        diary(forbidden_refused=False),
    ),
    gp_fault(
        "gp-amendment-lost", "AMD-01", "An amendment is accepted and not kept.", diary(amendment_kept=False),
    ),
    gp_fault(
        "gp-amends-the-time", "AMD-02", "An amendment may move an appointment.", diary(amendments_limited=False)),
    gp_fault(
        "gp-amends-what-is-cancelled", "AMD-02", "A cancelled appointment can be amended.",
        diary(cancelled_amended=True),
    ),
    gp_fault(
        "gp-stale-amendment-accepted", "AMD-03", "An amendment of an old version is accepted.",
        diary(stale_refused=False),
    ),
    gp_fault(
        "gp-cancelled-shown-as-booked", "CAN-01", "A cancelled appointment is shown as booked.",
        diary(shown=_never_ended), also=("APT-02",),
    ),
    gp_fault(
        "gp-cancelled-appointment-vanishes", "CAN-01", "A cancelled appointment is not found any more.",
        diary(cancelled_listed=False), also=("APT-02", "AMD-02"),
    ),
    gp_fault(
        "gp-cancellation-keeps-slot", "CAN-02", "A cancellation does not free the slot.", diary(frees_slot=False),
    ),
    gp_fault(
        "gp-cancellation-changes-more", "CAN-03", "A cancellation may change the description.",
        diary(cancellations_limited=False)),
    gp_fault(
        "gp-appointments-of-all", "APT-01", "The appointments of all patients are found.",
        diary(listed_of_all=True), also=("APT-02",),
    ),
    gp_fault(
        "gp-past-appointments-given", "APT-03", "Appointments in the past can be asked for.",
        diary(past_refused=False),
    ),
    gp_fault(
        "gp-appointments-without-range", "APT-03", "Appointments can be asked for without a range.",
        diary(bounds_required=False),
    ),
)  # fmt: skip
