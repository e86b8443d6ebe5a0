"""SMART system scopes: what a token allows on which types.

See https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html. Letters: create, read, update,
delete, search. The older words read, write and * are understood too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LETTERS = "cruds"
_FORM = re.compile(r"system/(\*|[A-Z][A-Za-z]*)\.(read|write|\*|c?r?u?d?s?)")
_WORDS = {"read": "rs", "write": "cud", "*": LETTERS}


@dataclass(frozen=True)
class Scope:
    """What may be done (`letters`) to one type, or to every type (`*`)."""

    resource_type: str
    letters: frozenset[str]

    def covers(self, letter: str, resource_type: str) -> bool:
        """Whether that interaction with that type is allowed."""
        return letter in self.letters and self.resource_type in {"*", resource_type}

    def __str__(self) -> str:
        return (
            f"system/{self.resource_type}.{''.join(letter for letter in LETTERS if letter in self.letters)}"
        )


def parse(text: str) -> Scope | None:
    """The scope that a word of a scope text stands for, or None if it is no system scope."""
    form = _FORM.fullmatch(text)
    if form is None or not form.group(2):
        return None
    return Scope(form.group(1), frozenset(_WORDS.get(form.group(2), form.group(2))))


def granted(asked: str, registered: Iterable[str]) -> str:
    """The part of the asked scopes that a client is registered for, empty if there is none.

    A scope that is covered as a whole keeps the words in which it was asked for.
    """
    known = [scope for text in registered if (scope := parse(text))]
    words: list[str] = []
    for text in asked.split():
        scope = parse(text)
        if scope is None:
            continue
        parts = [part for own in known if (part := _common(scope, own))]
        whole = any(part == scope for part in parts)
        words.extend([text] if whole else map(str, parts))
    return " ".join(dict.fromkeys(words))


def _common(one: Scope, other: Scope) -> Scope | None:
    letters = one.letters & other.letters
    types = {one.resource_type, other.resource_type} - {"*"}
    if not letters or len(types) > 1:
        return None
    return Scope(types.pop() if types else "*", letters)
