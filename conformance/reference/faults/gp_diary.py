"""The faults of a GP system in its appointment book."""

from typing import Any

from conformance.reference.faults.fault import Fault, fault
from conformance.reference.faults.gp_changes import answer, diary

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
    fault(
        "gp-appointments-without-structure",
        "GPC-ANS-02",
        "Resources do not say which structure they follow.",
        answer(profile_stated=False),
        also=("GPC-ERR-01", "GPC-REC-01", "GPC-AMD-01", "GPC-CAN-01"),
    ),
    fault(
        "gp-busy-slots-given",
        "GPC-SLT-01",
        "A search for free slots finds those that are taken too.",
        diary(busy_left_out=False),
        also=("GPC-BKG-05",),
    ),
    fault(
        "gp-slots-without-times",
        "GPC-STR-02",
        "Free slots do not say when they end.",
        diary(slot_shown=lambda slot: {name: value for name, value in slot.items() if name != "end"}),
        also=("GPC-SLT-01", "GPC-BKG-01", "GPC-BKG-06"),
    ),
    fault(
        "gp-slots-of-any-day",
        "GPC-SLT-02",
        "Free slots are found outside the range.",
        diary(range_heeded=False),
        "SHALL NOT",
        also=("GPC-APT-01", "GPC-APT-02"),
    ),
    fault(
        "gp-slots-without-schedules",
        "GPC-SLT-03",
        "Free slots come without their schedules.",
        diary(schedules_included=False),
        also=("GPC-BKG-01", "GPC-BKG-06"),
    ),
    fault(
        "gp-slots-of-months",
        "GPC-SLT-04",
        "Free slots of more than two weeks can be asked for.",
        diary(longest_range_checked=False),
    ),
    fault(
        "gp-slots-of-any-status",
        "GPC-SLT-04",
        "A search for slots needs no status.",
        diary(status_required=False),
    ),
    fault(
        "gp-slots-without-include",
        "GPC-SLT-04",
        "A search for slots need not include schedules.",
        diary(include_required=False),
    ),
    fault(
        "gp-strange-filter-refused",
        "GPC-SLT-05",
        "A search filter that is not known is an error.",
        diary(filters_ignored=False),
    ),
    fault(
        "gp-booking-shown-as-pending",
        "GPC-BKG-01",
        "A booking is shown as one that is still to be made.",
        diary(shown=_undone),
        also=("GPC-APT-01", "GPC-AMD-01"),
    ),
    fault(
        "gp-booking-for-another",
        "GPC-BKG-01",
        "A booking is shown as another patient's.",
        diary(shown=_anonymous),
        also=("GPC-AMD-01", "GPC-CAN-01"),
    ),
    fault(
        "gp-comment-cut",
        "GPC-BKG-02",
        "Comments are cut at 255 letters.",
        diary(text_kept=lambda text: text[:255]),
    ),
    fault(
        "gp-double-booking-accepted",
        "GPC-BKG-03",
        "A slot can be booked twice.",
        diary(busy_refused=False),
        also=("GPC-BKG-04",),
    ),
    fault(
        "gp-double-booking-in-a-race",
        "GPC-BKG-04",
        "Two bookings of one slot at the same moment are both accepted.",
        diary(looks_twice=False),
    ),
    fault(
        "gp-booked-slot-shown-free",
        "GPC-BKG-05",
        "A slot that was booked is still offered.",
        diary(takes_slot=False),
        "SHALL NOT",
    ),
    fault(
        "gp-unknown-slot-booked",
        "GPC-BKG-06",
        "A slot that there is not can be booked.",
        diary(unknown_slot_refused=False),
    ),
    fault(
        "gp-reason-accepted",
        "GPC-BKG-07",
        "A booking may give a reason and a specialty.",
        diary(forbidden_refused=False),
    ),
    fault(
        "gp-amendment-lost",
        "GPC-AMD-01",
        "An amendment is accepted and not kept.",
        diary(amendment_kept=False),
    ),
    fault(
        "gp-amends-the-time",
        "GPC-AMD-02",
        "An amendment may move an appointment.",
        diary(amendments_limited=False),
    ),
    fault(
        "gp-amends-what-is-cancelled",
        "GPC-AMD-02",
        "A cancelled appointment can be amended.",
        diary(cancelled_amended=True),
    ),
    fault(
        "gp-stale-amendment-accepted",
        "GPC-AMD-03",
        "An amendment of an old version is accepted.",
        diary(stale_refused=False),
    ),
    fault(
        "gp-cancelled-shown-as-booked",
        "GPC-CAN-01",
        "A cancelled appointment is shown as booked.",
        diary(shown=_never_ended),
        also=("GPC-APT-02",),
    ),
    fault(
        "gp-cancelled-appointment-vanishes",
        "GPC-CAN-01",
        "A cancelled appointment is not found any more.",
        diary(cancelled_listed=False),
        also=("GPC-APT-02", "GPC-AMD-02"),
    ),
    fault(
        "gp-cancellation-keeps-slot",
        "GPC-CAN-02",
        "A cancellation does not free the slot.",
        diary(frees_slot=False),
    ),
    fault(
        "gp-cancellation-changes-more",
        "GPC-CAN-03",
        "A cancellation may change the description.",
        diary(cancellations_limited=False),
    ),
    fault(
        "gp-appointments-of-all",
        "GPC-APT-01",
        "The appointments of all patients are found.",
        diary(listed_of_all=True),
        also=("GPC-APT-02",),
    ),
    fault(
        "gp-past-appointments-given",
        "GPC-APT-03",
        "Appointments in the past can be asked for.",
        diary(past_refused=False),
    ),
    fault(
        "gp-appointments-without-range",
        "GPC-APT-03",
        "Appointments can be asked for without a range.",
        diary(bounds_required=False),
    ),
)
