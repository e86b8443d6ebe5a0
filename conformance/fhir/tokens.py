"""Token searches: what `system|code` matches (https://hl7.org/fhir/R4/search.html#token).

Whether codes differ by case depends on their system, and servers are told to ignore case when in doubt; so values
that differ by case only are taken to match.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.fhir.elements import Resource, values


@dataclass(frozen=True)
class Token:
    """A code or identifier. `system` is None where any will do, empty where there must be none."""

    system: str | None
    code: str


def parse(text: str) -> Token:
    """The token that a search value states: `code`, `system|code`, `|code` or `system|`."""
    system, bar, code = text.partition("|")
    return Token(system, code) if bar else Token(None, text)


def tokens(resource: Resource, path: str) -> Iterator[Token]:
    """The tokens at an element path: of Identifier, Coding, CodeableConcept, ContactPoint and plain codes."""
    for value in values(resource, path):
        yield from _tokens(value)


def matches(search: Token, held: Token) -> bool:
    """Whether a search for the first finds what holds the second."""
    code_matches = not search.code or search.code.casefold() == held.code.casefold()
    return code_matches and (search.system is None or search.system == (held.system or ""))


def _tokens(value: Any) -> Iterator[Token]:
    if isinstance(value, bool):
        yield Token(None, "true" if value else "false")
    elif isinstance(value, str):
        yield Token(None, value)
    elif isinstance(value, dict):
        if isinstance(value.get("coding"), list):
            for coding in value["coding"]:
                yield from _tokens(coding)
        system, code = value.get("system"), value.get("code", value.get("value"))
        if isinstance(code, str):
            yield Token(system if isinstance(system, str) else "", code)
