"""The seams at which a fault can make exports deviate, each with what the honest supplier does.

A plain value says what is answered; a function is given what the honest supplier would use and returns what is used
instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

Same = TypeVar("Same")
Json = dict[str, Any]


def unchanged(value: Same) -> Same:
    """What the honest supplier does with nearly everything."""
    return value


def never(*_: object) -> bool:
    """Nothing is hit."""
    return False


def none_lost(_: Sequence[str]) -> set[str]:
    """No resource is lost."""
    return set()


@dataclass(frozen=True)
class ParameterBehaviour:
    """What is made of the parameters of a kick-off. `*_heeded` is false where one is taken and then ignored."""

    refused: frozenset[str] = frozenset()
    read_when_posted: bool = True
    since_heeded: bool = True
    until_heeded: bool = True
    outside_types_refused: bool = True
    unknown_filters_refused: bool = True
    filters_are_alternatives: bool = True
    filter_values_read: bool = True
    elements_heeded: bool = True
    elements_with_type: bool = True
    elements_without_type: bool = True
    mandatory_kept: bool = True
    subset_tagged: bool = True
    patients_heeded: bool = True
    unknown_patients_refused: bool = True
    latest_provenance_only: bool = True
    widest_association: bool = True
    unknown_association_refused: bool = True
    unknown_organiser_refused: bool = True
    ignored_are_told: bool = True
    lenient_status: int | None = None
    options_status: int | None = None
    repeated_filters_read: bool = True
    associated_found: bool = True


@dataclass(frozen=True)
class OrganisedBehaviour:
    """How files that are organised by patient look, and manifests that come in pages."""

    headers: bool = True
    types_left_out: bool = True
    organiser_told: bool = True
    whole_compartments: bool = True
    split_blocks: bool = False
    header_repeated: bool = True
    continuation_told: bool = True
    early_files_ready: bool = True
    first_page_kept: bool = True
    pages_agree: bool = True
    early_media_type: str = "application/json"
    relation: str = "next"


@dataclass(frozen=True)
class StatusBehaviour:
    """What the polling address tells beside the state of the job."""

    preference_applied: bool = True
    separate_status: int = 200
    export_status: bool = True
    throttled_says_when: bool = True
    throttled_code: str = "throttled"
    failure_status: int = 500
    failure_media_type: str = "application/fhir+json"
    failure_is_outcome: bool = True
    retry_after_text: Callable[[], str] = lambda: "1"


@dataclass(frozen=True)
class DeletionBehaviour:
    """How deletions are told."""

    told: bool = True
    exported_too: bool = False
    bundle: Callable[[Json], Json] = unchanged


@dataclass(frozen=True)
class ExportBehaviour:
    """How a bulk export is started, followed, filled and fetched."""

    kickoff_status: int = 202
    absolute_location: bool = True
    kickoff_errors_are_outcomes: bool = True
    kickoff_by_get: bool = True
    kickoff_error_status: int | None = None
    without_prefer_status: int | None = None
    refused_levels: frozenset[str] = frozenset()
    repeated_values_joined: bool = True
    unknown_types_refused: bool = True
    refused_formats: frozenset[str] = frozenset()
    lost_since: Callable[[Sequence[str]], set[str]] = none_lost
    type_heeded: bool = True
    type_filter_heeded: bool = True
    running_status: int = 202
    progress: Callable[[str], str] = unchanged
    complete_status: int = 200
    retry_after: bool = True
    manifest_media_type: str = "application/json"
    expires: bool = True
    manifest: Callable[[Json], Json] = unchanged
    file_missing: Callable[[int, int], bool] = never
    moved: Callable[[Sequence[str]], tuple[str, str] | None] = lambda _: None
    file_media_type: str = "application/fhir+ndjson"
    file_status: int = 200
    compression_stated: bool = True
    broken_line: Callable[[int], int | None] = lambda _: None
    repeated_line: Callable[[int], int | None] = lambda _: None
    cancel_status: int = 202
    cancel_forgets: bool = True
    cancelled_has_outcome: bool = True
    cancelled_media_type: str = "application/fhir+json"
    cancel_error_has_outcome: bool = True
    files_over_http: bool = False
    extra_patients: Callable[[Sequence[str]], set[str]] = none_lost
    system_job_fails: bool = False
    needs_approval: bool = False
    lost_from_job: Callable[[int, Sequence[str]], set[str]] = lambda *_: set()
    exported: Callable[[str, bytes], bytes | None] = lambda _, text: text
    answers_at_once: bool = False
    without_accept_status: int | None = None
    second_job_status: int | None = None
    left_out: Callable[[str, str, bool], bool] = never
    newest_left_out: float = 0.0
    scopes_limit: bool = True
    label_as_asked: bool = False
    empty_error_file: bool = False
    empty_output_file: Literal["", "beside others", "alone"] = ""
    files_kept: bool = True
    messages_in_output: bool = False
    gone_file_status: int = 404
    file_encoding: str = ""
    attachments_open: bool = True
    parameters: ParameterBehaviour = field(default_factory=ParameterBehaviour)
    organised: OrganisedBehaviour = field(default_factory=OrganisedBehaviour)
    status: StatusBehaviour = field(default_factory=StatusBehaviour)
    deletions: DeletionBehaviour = field(default_factory=DeletionBehaviour)
