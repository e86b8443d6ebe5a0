"""The seams at which a fault can make the notification service deviate, each with what the honest one does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Same = TypeVar("Same")
Json = dict[str, Any]


def unchanged(value: Same) -> Same:
    """The value as it is."""
    return value


def _as_kept(_kind: str, item: Json) -> Json:
    return item


@dataclass(frozen=True)
class OpenApiBehaviour:
    """How the service describes itself, answers, refuses, exports and goes away.

    `unchecked` holds what is then not refused: `limit`, `status`, `members`, `recipient`, `url`, `token`,
    `token-to-write`, `any-token`, `unknown` (any id brings a record). `closed` holds the pages that then lead to a
    login, `missing` those that are not there. With `breaks_down` a number that is none is not caught.
    """

    description: Callable[[Json], Json] = unchanged
    description_open: bool = True
    description_counts: bool = False
    shown: Callable[[str, Json], Json] = _as_kept
    success_media_type: str = "application/json"
    created_status: int = 201
    export_of_all: bool = True
    exported: Callable[[str, Json], Json] = _as_kept
    export_media_type: str = "application/x-ndjson"
    unchecked: frozenset[str] = frozenset()
    breaks_down: bool = False
    error: Callable[[Json], Json] = unchanged
    error_media_type: str = "application/problem+json"
    challenge: str = 'Bearer realm="tern"'
    going_away: Callable[[dict[str, str]], dict[str, str]] = unchanged
    others_go_away: bool = False
    hidden_links: bool = False
    extra_methods: tuple[str, ...] = ()
    declaration: Callable[[Json], Json] = unchanged
    closed: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    sandbox: Callable[[Json], Json] = unchanged
    service_version: str = "2.3.0"
