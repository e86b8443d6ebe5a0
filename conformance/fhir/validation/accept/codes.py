"""What is asked by a code alone: a Coding's code is one of its system, a vital sign meets its structure.

Sources: FHIR R4, https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.code and
https://hl7.org/fhir/R4/observation-vitalsigns.html
"""

from collections.abc import Callable, Sequence
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.terminology import code_system
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept.plan import Json
from conformance.fhir.validation.vital_signs import vital_signs

__all__ = ["KnownCodes", "VitalSigns"]

KEPT = 4096
"""Codes and systems that are remembered, right or wrong ones."""
Test = Callable[[Any, Any, Any], Any]


class KnownCodes:
    """The test of a Coding: its complete, loaded system lists the code, and the code has its system's form."""

    def __init__(self, definitions: Definitions, terminology: Terminology) -> None:
        self._definitions = definitions
        self._terminology = terminology
        self._listed: dict[str, frozenset[str] | None] = {}
        self._formed: set[tuple[str, str]] = set()

    def __call__(self, found: Json, _walk: Any, _row: Any) -> bool:
        """Whether the code certainly is none that its system does not have."""
        system, code = found.get("system"), found.get("code")
        if system is None or code is None or (system, code) in self._formed:
            return True
        listed = self._listed[system] if system in self._listed else self._look_up(system)
        if (listed is not None and code not in listed) or self._terminology.problem(system, code):
            return False
        if len(self._formed) >= KEPT:
            self._formed.clear()
        self._formed.add((system, code))
        return True

    def _look_up(self, system: str) -> frozenset[str] | None:
        resource = self._definitions.code_system(system)
        whole = resource is not None and resource.get("content") == "complete"
        if len(self._listed) >= KEPT:
            self._listed.clear()
        self._listed[system] = code_system.read(resource).codes if resource is not None and whole else None
        return self._listed[system]


class VitalSigns:
    """The test of an Observation: where its code is that of a vital sign, it meets the structure of R4."""

    def __init__(
        self, definitions: Definitions, profiled: Callable[[Sequence[str], str], Test | None]
    ) -> None:
        self._structures = vital_signs(definitions)
        self._profiled = profiled
        self._tests: dict[str, Test | None] = {}

    def __call__(self, found: Json, walk: Any, row: Any) -> bool:
        """Whether the structures that the codes ask for are certainly met."""
        for coding in found["code"].get("coding", ()):
            url = self._structures.get((coding.get("system", ""), coding.get("code", "")))
            if url is not None:
                test = self._tests[url] if url in self._tests else self._make(url)
                if test is not None and not test(found, walk, row):
                    return False
        return True

    def _make(self, url: str) -> Test | None:
        self._tests[url] = self._profiled((url,), "Observation")
        return self._tests[url]
