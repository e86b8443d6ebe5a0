"""The seams of formats and access: what the honest supplier does, and what a fault can change.

A name in one of the sets of what is not checked stands for one rule that is then not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Same = TypeVar("Same")
Json = dict[str, Any]


def _unchanged(value: Same) -> Same:
    return value


@dataclass(frozen=True)
class FormatsBehaviour:
    """How formats are agreed on, how bodies are looked at before they are kept, and how errors are told.

    `unheeded` holds words of negotiation: `generic` (application/json), `list` (all but the first range of Accept),
    `_format`, `short-names` (`_format=json`), `fhirVersion` (any), `other-version`, `identity`, `_pretty`, `xml`.
    `unchecked` holds rules for bodies: `syntax`, `root`, `type`, `empty`, `media`, `utf-8`, `duplicates`, `shape`,
    `id`, `form`. `xml_refused` holds the methods whose bodies cannot be XML; `xml_body` makes what is kept of one.
    """

    unheeded: frozenset[str] = frozenset()
    wildcard_is_html: bool = False
    unknown_accept_is_html: bool = False
    xml: Callable[[Json], Json] = _unchanged
    xml_text: Callable[[bytes], bytes] = _unchanged
    xml_refused: frozenset[str] = frozenset()
    xml_body: Callable[[Json], Json] = _unchanged
    charset_refused: bool = False
    charset_heeded: bool = False
    head_error_status: int | None = None
    packed: Callable[[Json], Json] = _unchanged
    etag: Callable[[str], str] = _unchanged
    date_header: bool = True
    options_status: int = 204
    error_media_type: str = ""
    error: Callable[[Json], Json] = _unchanged
    errors_are_text: bool = False
    errors_echo_markup: bool = False
    errors_name_patients: bool = False
    unchecked: frozenset[str] = frozenset()
    broken_json_status: int = 400
    refused_create_is_kept: bool = False
    illegal_id_status: int = 404
    unknown_path_status: int = 404
    wrong_method_status: int = 405
    allow_header: bool = True


@dataclass(frozen=True)
class AccessBehaviour:
    """What tokens open, how strangers are turned away, and how a token is asked for.

    `unchecked` holds rules of the token endpoint: `algorithm` (none and HS256 are taken), `issuer`, `subject`,
    `jti`, `replay`, `lifetime`, `not-before`, `key-id`, `jku`, `assertion-type`, `grant-type`, `scope`.
    """

    open_type: str = ""
    lets_in: Callable[[str, str], bool] = lambda _method, _path: False
    any_token_searches: bool = False
    challenge: Callable[[str], str] = _unchanged
    challenge_stated: bool = True
    token_in_query: bool = False
    hides_existence: bool = True
    cors: Callable[[dict[str, str]], dict[str, str]] = _unchanged
    hsts: bool = True
    server: str = ""
    old_tls: bool = False
    certificate_days: int = 365
    tokens_expire: bool = True
    refused_creates_are_kept: bool = False
    scope_ignored: Callable[[str, str], bool] = lambda _method, _path: False
    unchecked: frozenset[str] = frozenset()
    configuration: Callable[[Json], Json] = _unchanged
    configuration_media_type: str = "application/json"
    configuration_open: bool = True
    token_answer: Callable[[Json], Json] = _unchanged
    token_error: Callable[[Json], Json] = _unchanged
    given_as: str = "application/json"
    token_may_be_stored: bool = False
    extra_scope: str = ""
