"""What is asked by a code alone: a Coding's code is one of its system, a vital sign meets its structure.

Sources: FHIR R4, https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.code and
https://hl7.org/fhir/R4/observation-vitalsigns.html
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.terminology import code_system
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.vital_signs import vital_signs

__all__ = ["KnownCodes", "vital_sign"]

KEPT = 4096
"""Systems that are remembered, known or unknown ones."""
Test = Callable[[Any, Any, Any], Any]


class KnownCodes:
    """The test of a Coding: its complete, loaded system lists the code, and the code has its system's form."""

    def __init__(self, definitions: Definitions, terminology: Terminology, closures: Any) -> None:
        self._definitions = definitions
        self._terminology = terminology
        self._listed: dict[str, frozenset[str] | None] = {}
        self.test: Test = closures.known_code(self._is_right)

    def _is_right(self, system: str, code: str) -> bool:
        """Whether the code certainly is none that its system does not have."""
        listed = self._listed[system] if system in self._listed else self._look_up(system)
        return (listed is None or code in listed) and not self._terminology.problem(system, code)

    def _look_up(self, system: str) -> frozenset[str] | None:
        resource = self._definitions.code_system(system)
        whole = resource is not None and resource.get("content") == "complete"
        if len(self._listed) >= KEPT:
            self._listed.clear()
        self._listed[system] = code_system.listed(resource) if resource is not None and whole else None
        return self._listed[system]


def vital_sign(
    definitions: Definitions, profiled: Callable[[Sequence[str], str], Test | None], closures: Any
) -> Test:
    """The test of an Observation: where its code is that of a vital sign, it meets the structure of R4."""
    structures = vital_signs(definitions)
    test: Test = closures.of_codes(
        {coded: partial(profiled, (url,), "Observation") for coded, url in structures.items()}
    )
    return test
