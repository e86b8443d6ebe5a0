"""Ways to search with what stands for other characters in SQL's LIKE, and for itself only in a search of FHIR.

A string is found by its beginning and a code by all of it (https://hl7.org/fhir/R4/search.html#string and #token):
there are no wildcards. The criterion is held against what would be found if there were.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from conformance.fhir.search.criteria import escaped
from conformance.fhir.search.form import Form, Text
from conformance.fhir.search.held import Held
from conformance.fhir.search.tokens import tokens

__all__ = ["wildcard_forms"]

_SHORTEST = 3


def _one(text: str) -> str:
    """One character replaced by an underscore."""
    return f"{text[0]}_{text[2:]}"


def _many(text: str) -> str:
    """All between the first and the last character replaced by a percent sign."""
    return f"{text[0]}%{text[-1]}"


def _of(texts: Callable[[Held], Iterator[str]], change: Callable[[str], str]) -> Form:
    def form(held: Held, _: str) -> Iterator[Text]:
        for text in texts(held):
            if len(text) >= _SHORTEST and text[:_SHORTEST].isalnum() and text[-1].isalnum():
                yield Text(escaped(change(text)), control=escaped(text))

    return form


def _codes(held: Held) -> Iterator[str]:
    yield from (token.code for token in held.read(tokens) if token.code)


def wildcard_forms(strings: Callable[[Held], Iterator[str]]) -> Mapping[str, Mapping[str, Form]]:
    """The forms of strings and tokens, by the kind of parameter and their name."""
    kinds = {"string": strings, "token": _codes}
    return MappingProxyType(
        {
            kind: {"wildcard-one": _of(texts, _one), "wildcard-many": _of(texts, _many)}
            for kind, texts in kinds.items()
        }
    )
