"""The seams at which a fault can make the GP system deviate, each with what the honest one does.

A plain value says what is answered; a function is given what the honest system would use and returns what is used
instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.behaviour.export import unchanged

Json = dict[str, Any]

SSP_HEADERS = ("Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID")
CLAIMS = (
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "reason_for_request",
    "requested_scope",
    "requesting_device",
    "requesting_organization",
    "requesting_practitioner",
)


@dataclass(frozen=True)
class DoorBehaviour:
    """What is asked of the headers of a request and of its token."""

    headers_required: tuple[str, ...] = SSP_HEADERS
    interaction_matched: bool = True
    receiver_checked: bool = True
    token_required: bool = True
    token_read: bool = True
    expiry_checked: bool = True
    claims_required: tuple[str, ...] = CLAIMS
    reason_checked: bool = True
    claimed_resources_checked: bool = True
    records_guarded: bool = True


@dataclass(frozen=True)
class AnswerBehaviour:
    """How answers look, those to refused requests above all."""

    capability: Callable[[Json], Json] = unchanged
    error: Callable[[Json], Json] = unchanged
    error_body: Callable[[bytes], bytes] = unchanged
    not_cached: bool = True
    etag: Callable[[str], str] = unchanged
    media_type: str = "application/fhir+json;charset=utf-8"
    profile_stated: bool = True
    unknown_is_implemented: bool = False
    unknown_id_status: int = 404


@dataclass(frozen=True)
class RecordBehaviour:
    """What the structured record of a patient holds, and for whom it is given."""

    of_another: bool = False
    bundle: Callable[[Json], Json] = unchanged
    number_checked: bool = True
    number_required: bool = True
    dissent_heeded: bool = True
    sensitivity_heeded: bool = True
    resolved_left_out: bool = True
    unasked_left_out: bool = True
    issues_left_out: bool = True
    search_date_heeded: bool = True
    search_date_checked: bool = True
    parts_checked: bool = True


@dataclass(frozen=True)
class DiaryBehaviour:
    """How free time is found, booked, changed and given back."""

    busy_left_out: bool = True
    slot_shown: Callable[[Json], Json] = unchanged
    range_heeded: bool = True
    longest_range_checked: bool = True
    status_required: bool = True
    include_required: bool = True
    filters_ignored: bool = True
    schedules_included: bool = True
    busy_refused: bool = True
    looks_twice: bool = True
    takes_slot: bool = True
    frees_slot: bool = True
    unknown_slot_refused: bool = True
    forbidden_refused: bool = True
    text_kept: Callable[[str], str] = unchanged
    shown: Callable[[Json], Json] = unchanged
    stale_refused: bool = True
    amendments_limited: bool = True
    cancelled_amended: bool = False
    cancellations_limited: bool = True
    amendment_kept: bool = True
    cancelled_listed: bool = True
    listed_of_all: bool = False
    past_refused: bool = True
    bounds_required: bool = True


@dataclass(frozen=True)
class GpConnectBehaviour:
    """All seams of the GP system; as it stands, the honest one."""

    door: DoorBehaviour = field(default_factory=DoorBehaviour)
    answer: AnswerBehaviour = field(default_factory=AnswerBehaviour)
    record: RecordBehaviour = field(default_factory=RecordBehaviour)
    diary: DiaryBehaviour = field(default_factory=DiaryBehaviour)
