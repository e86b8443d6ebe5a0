"""What a code system calls its codes: displays, and designations in whatever language.

Source: FHIR R4, CodeSystem.concept.display (the recommended way to present a concept to a user) and
CodeSystem.concept.designation, https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.concept.display
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.fhir.terminology.nouns import TerminologySource, objects, text

__all__ = ["Displays"]


@dataclass(frozen=True, slots=True)
class _Name:
    """One thing that a code is called; `language` is empty where the code system does not say in which."""

    text: str
    language: str = ""


_Names = Mapping[str, tuple[_Name, ...]]
"""The names of each code of one code system."""


class Displays:
    """The names of codes in loaded packages, read for each code system when it is first asked for."""

    def __init__(self, source: TerminologySource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._systems: dict[str, _Names] = {}
        self._added: Mapping[str, _Names] | None = None

    def instead(self, system: str, code: str, display: str, language: str = "") -> tuple[str, ...]:
        """What the code is called, where `display` is nothing of that; empty where it is, or cannot be told.

        Case and white space do not count. `language` is that of the resource (BCP 47): where it is not English,
        only names of that language are told of, since most code systems do not say in which language theirs are.
        """
        with self._lock:
            names = self._of(system).get(code, ())
            if not names or _among(display, names):
                return ()
            names = (*names, *self._of_supplements(system).get(code, ()))
        if _among(display, names):
            return ()
        wanted = _primary(language)
        if wanted not in {"", "en"}:
            names = tuple(name for name in names if _primary(name.language) == wanted)
        return tuple(dict.fromkeys(name.text for name in names))

    def _of(self, system: str) -> _Names:
        if system not in self._systems:
            resource = self._source.code_system(system)
            found = dict(_names(resource)) if resource is not None else {}
            if resource is not None and not found:
                apart = self._source.displays(system) or {}
                found = {code: (_Name(display),) for code, display in apart.items()}
            self._systems[system] = found
        return self._systems[system]

    def _of_supplements(self, system: str) -> _Names:
        """The names that supplements add to a code system. All are read at the first doubt: doubts are rare."""
        if self._added is None:
            added: dict[str, dict[str, tuple[_Name, ...]]] = {}
            for url in self._source.canonicals("CodeSystem"):
                resource = self._source.code_system(url)
                if resource is not None and text(resource, "content") == "supplement":
                    known = added.setdefault(text(resource, "supplements").partition("|")[0], {})
                    for code, names in _names(resource):
                        known[code] = (*known.get(code, ()), *names)
            self._added = added
        return self._added.get(system, {})


def _names(resource: Mapping[str, Any]) -> Iterator[tuple[str, tuple[_Name, ...]]]:
    """Each code of a code system with what it is called there."""
    language = text(resource, "language")
    waiting = objects(resource, "concept")
    while waiting:
        concept = waiting.pop()
        waiting.extend(objects(concept, "concept"))
        named = [_Name(display, language)] if (display := text(concept, "display")) else []
        named += [
            _Name(value, text(each, "language"))
            for each in objects(concept, "designation")
            if (value := text(each, "value"))
        ]
        if named and (code := text(concept, "code")):
            yield code, tuple(named)


def _among(display: str, names: tuple[_Name, ...]) -> bool:
    wanted = _folded(display)
    return any(_folded(name.text) == wanted for name in names)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _primary(language: str) -> str:
    """The language of a BCP 47 tag without its region and script."""
    return language.partition("-")[0].casefold()
