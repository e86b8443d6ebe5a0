"""The seams of a directory with bookings and referrals, each with what the honest one does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.reference.behaviour.export import unchanged

Json = dict[str, Any]


@dataclass(frozen=True)
class ReferralBehaviour:
    """What a booking does to a slot, and in which order a referral goes.

    `slots_lag` are the seconds by which what is known of a slot is behind. `booked` and `cancelled` are given an
    appointment that is about to be kept and say what is kept instead.
    """

    bookings_taken: bool = True
    taken_refused: bool = True
    slots_lag: float = 0
    takes_slot: bool = True
    frees_slot: bool = True
    freed_can_be_booked: bool = True
    unknown_slot_refused: bool = True
    reinstated_refused: bool = True
    cancellation_kept: bool = True
    cancelled_removed: bool = False
    booked: Callable[[Json], Json] = unchanged
    cancelled: Callable[[Json], Json] = unchanged
    refusal_status: int = 409
    referral: Callable[[Json], Json] = unchanged
    revocation_kept: bool = True
    revoked_is_final: bool = True
    completed_is_final: bool = True
    any_status: bool = False
