"""Reference and uri searches: which forms name the same thing (FHIR R4, search.html#reference, #uri)."""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

from conformance.fhir.search.answers import Answer, Test
from conformance.fhir.search.criteria import unescaped
from conformance.fhir.search.held import Held
from conformance.fhir.search.tokens import token_test

__all__ = ["Literal", "literal", "reference_test", "uri_test"]

_LITERAL = re.compile(
    r"(?:(?P<base>[a-z][a-z0-9+.-]*:.+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})"
    r"(?:/_history/(?P<version>[A-Za-z0-9.-]{1,64}))?"
)
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_URIS = frozenset({"uri", "url", "canonical", "oid", "uuid"})


class Literal(NamedTuple):
    """A reference to a resource by type and id. `base` is empty for one on the same server."""

    base: str
    type: str
    id: str
    version: str = ""


def literal(text: object, base: str = "") -> Literal | None:
    """The literal reference that a text is; `base` is the server's own and makes no difference. None for others."""
    return _literal(text, base) if isinstance(text, str) else None


@lru_cache(maxsize=4096)
def _literal(text: str, base: str) -> Literal | None:
    found = _LITERAL.fullmatch(text)
    if found is None:
        return None
    where = (found["base"] or "").rstrip("/")
    return Literal(
        "" if where == base.rstrip("/") else where, found["type"], found["id"], found["version"] or ""
    )


def reference_test(text: str, modifier: str, base: str) -> Test:
    """Whether a Reference, or a canonical, is to what was searched for; `base` is the server's own."""
    searched = unescaped(text)
    by_identifier = token_test(text, "") if modifier == "identifier" else None
    by_literal = _literal_test(searched, modifier, base)

    def test(held: Held) -> Answer:
        value = held.value
        if held.type in _URIS or isinstance(value, str):
            return _canonical(searched, value) if isinstance(value, str) and not modifier else None
        if not isinstance(value, dict):
            return None
        if by_identifier:
            return _by_identifier(by_identifier, value)
        named = value.get("reference")
        return by_literal(named) if isinstance(named, str) else None

    return test


def _literal_test(searched: str, modifier: str, base: str) -> Callable[[str], Answer]:
    is_id = bool(_ID.fullmatch(searched))
    if modifier and is_id:
        searched, is_id = f"{modifier}/{searched}", False
    wanted = literal(searched, base)

    def answer(held: str) -> Answer:
        there = literal(held, base)
        if there is None:
            # A contained resource, a urn, something else: it may stand for anything but what it does not spell.
            return True if held == searched and not held.startswith("#") else None
        if wanted is None:
            return (there.id == searched if not there.base else None) if is_id else None
        if modifier and wanted.type != modifier:
            return None
        return _same(wanted, there)

    return answer


def uri_test(text: str, modifier: str) -> Test:
    """Whether a uri is the searched one; `:below` it, or `:above` it, where both are URLs."""
    return partial(_uri, unescaped(text), modifier)


def _uri(searched: str, modifier: str, held: Held) -> Answer:
    value = held.value
    if not isinstance(value, str):
        return None
    if not modifier:
        return _canonical(searched, value)
    if modifier not in {"above", "below"}:
        return None
    upper, lower = (searched, value) if modifier == "below" else (value, searched)
    if upper == lower:
        return True
    if not lower.startswith(upper):
        return False
    return True if "://" in upper and (upper.endswith("/") or lower[len(upper)] == "/") else None


def _canonical(searched: str, held: str) -> Answer:
    if searched == held:
        return True
    # A canonical may be searched with or without its version.
    return None if searched.partition("|")[0] == held.partition("|")[0] else False


def _by_identifier(test: Test, value: dict[str, Any]) -> Answer:
    identifier = value.get("identifier")
    answer = test(Held("Identifier", identifier)) if isinstance(identifier, dict) else False
    # A server may also look for the identifier in the resource that is referred to.
    return None if answer is False and "reference" in value else answer


def _same(wanted: Literal, there: Literal) -> Answer:
    if (wanted.type, wanted.id) != (there.type, there.id):
        return False
    if wanted.base != there.base:
        # The server may go by another address as well.
        return None
    return True if wanted.version in {"", there.version} else None
