"""The seams at which a fault can make the supplier deviate, each with what the honest supplier does.

The server consults these and knows of no fault by name. A plain value says what is answered; a function is given
what the honest supplier would use and returns what is used instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.reference.behaviour_formats import AccessBehaviour, FormatsBehaviour
from conformance.reference.behaviour_rest import RestBehaviours
from conformance.reference.behaviour_results import ResultsBehaviour
from conformance.reference.behaviour_search import ValuesBehaviour
from conformance.reference.outcomes import FHIR_JSON

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
class RestBehaviour:
    """How capabilities, reads, searches and writes are answered."""

    capability: Callable[[Json], Json] = unchanged
    metadata_open: bool = True
    media_type: str = FHIR_JSON
    shown: Callable[[str, bytes], bytes] = lambda _, text: text
    reads_other: Callable[[str], bool] = never
    unknown_id_status: int = 404
    read_errors_as_html: bool = False
    etag_on_read: bool = True
    unknown_type_is_empty: bool = False
    location_on_create: bool = True
    created: Callable[[Json], Json] = unchanged
    create_keeps_id: bool = False
    update_kept: bool = True
    stale_update_refused: bool = True
    mismatched_id_refused: bool = True
    deleted_still_read: bool = False
    transaction_is_atomic: bool = True


@dataclass(frozen=True)
class SearchBehaviour:
    """How a search is understood, matched and shown."""

    failing_parameter: tuple[str, str] | None = None
    bundle_type: str = "searchset"
    self_link: bool = True
    lost_on_later_pages: Callable[[Sequence[str]], set[str]] = none_lost
    total_is_page_size: bool = False
    identifier_system_matters: bool = True
    strings_case_sensitive: bool = False
    id_brings_another: bool = False
    ge_includes_equal: bool = True
    patient_brings_another: bool = False
    empty_status: int = 200
    strict_is_heeded: bool = True
    counted: Callable[[int], int] = unchanged
    page_size: Callable[[int], int] = unchanged
    last_updated_heeded: bool = True
    sort_heeded: bool = True
    lost_when_posted: Callable[[Sequence[str]], set[str]] = none_lost
    values: ValuesBehaviour = field(default_factory=ValuesBehaviour)


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
    cancel_error_has_outcome: bool = True
    files_over_http: bool = False
    extra_patients: Callable[[Sequence[str]], set[str]] = none_lost
    system_job_fails: bool = False
    needs_approval: bool = False
    lost_from_job: Callable[[int, Sequence[str]], set[str]] = lambda *_: set()
    exported: Callable[[str, bytes], bytes | None] = lambda _, text: text


@dataclass(frozen=True)
class SecurityBehaviour:
    """What is asked of tokens, assertions and readers of the documentation."""

    files_need_token: bool = True
    files_need_valid_token: bool = True
    status_needs_token: bool = True
    expiry_checked: bool = True
    audience_checked: bool = True
    key_checked: bool = True
    documentation_open: bool = True


@dataclass(frozen=True)
class Behaviour:
    """All seams; as it stands, the honest supplier."""

    rest: RestBehaviour = field(default_factory=RestBehaviour)
    search: SearchBehaviour = field(default_factory=SearchBehaviour)
    results: ResultsBehaviour = field(default_factory=ResultsBehaviour)
    export: ExportBehaviour = field(default_factory=ExportBehaviour)
    security: SecurityBehaviour = field(default_factory=SecurityBehaviour)
    life: RestBehaviours = field(default_factory=RestBehaviours)
    formats: FormatsBehaviour = field(default_factory=FormatsBehaviour)
    access: AccessBehaviour = field(default_factory=AccessBehaviour)


HONEST = Behaviour()
