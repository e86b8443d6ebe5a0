"""The seams of versions, history, conditional interactions, patches, batches and operations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Same = TypeVar("Same")
Json = dict[str, Any]


def _unchanged(value: Same) -> Same:
    return value


def _first(value: Same, _: object) -> Same:
    return value


@dataclass(frozen=True)
class ReadingBehaviour:
    """How versions are told and read, and what history shows.

    `version_told` is given the number of a version, `history` the versions (with `deleted`, `version`, `type`) from the
    newest on.
    """

    last_modified: bool = True
    if_none_match_heeded: bool = True
    any_tag_matches: bool = False
    if_modified_since_heeded: bool = True
    head_status: int | None = None
    subset_is_bundle: bool = False
    case_of_ids_heeded: bool = True
    version_told: Callable[[int], int] = _unchanged
    vread_gives_current: bool = False
    unknown_version_is_current: bool = False
    deleted_version_is_gone: bool = True
    history: Callable[[list[Any]], list[Any]] = _unchanged
    history_since_heeded: bool = True
    history_count_heeded: bool = True
    history_tells_requests: bool = True
    history_method: Callable[[str], str] = _unchanged
    history_deletions_are_empty: bool = True
    failing_interaction: tuple[str, str] | None = None


@dataclass(frozen=True)
class WritingBehaviour:
    """What creates, updates, patches and deletes do.

    `answered` is given the version that an update made; `updated` the resource as it was sent and
    as it stood before; `found` the store, a search and the keys that it found; `refused_update_is_kept` the resource as
    it was sent, the id of the address and the status of the refusal.
    """

    location_has_version: bool = True
    etag_on_write: bool = True
    answered: Callable[[Any], Any] = _unchanged
    prefer_heeded: bool = True
    client_meta_ignored: bool = True
    update_meta_ignored: bool = True
    updated: Callable[[Json, Json], Json] = _first
    update_creates: bool = True
    missing_id_refused: bool = True
    refused_update_is_kept: Callable[[Json, str, int], bool] = lambda _sent, _identifier, _status: False
    recreated: Callable[[Json, Json], Json] = _first
    patch_kept: bool = True
    patch_tests_heeded: bool = True
    patch_is_atomic: bool = True
    stale_patch_refused: bool = True
    conditional_patch: bool = True
    second_delete_status: int = 204
    delete_erases_history: bool = False
    found: Callable[[Any, Any, list[int]], list[int]] = lambda _store, _query, keys: keys


@dataclass(frozen=True)
class TogetherBehaviour:
    """What conditional interactions, batches, transactions and operations do.

    `answers` is given the kind of a bundle and its entries' answers in the order of the request.
    """

    existing_stops_create: bool = True
    many_stop_create: bool = True
    match_is_updated: bool = True
    other_match_refused: bool = True
    many_stop_update: bool = True
    conditional_delete_deletes: bool = True
    many_stop_delete: bool = True
    batch_goes_on: bool = True
    refused_in_batch: str = ""
    answers: Callable[[str, list[Any]], list[Any]] = lambda _kind, answers: answers
    references_linked: bool = True
    conditional_references_resolved: bool = True
    duplicates_refused: bool = True
    own_order: bool = True
    validates: Callable[[bool], bool] = _unchanged
    validate_status: int = 200
    everything_leaks: bool = False
    meta_is_given: bool = True


@dataclass(frozen=True)
class RestBehaviours:
    """All of these."""

    reading: ReadingBehaviour = ReadingBehaviour()
    writing: WritingBehaviour = WritingBehaviour()
    together: TogetherBehaviour = TogetherBehaviour()
