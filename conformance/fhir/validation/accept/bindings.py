"""Required bindings as tests: a look-up in the expansion, else the terminology's answer for one code.

Source: FHIR R4, https://hl7.org/fhir/R4/terminologies.html#required
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept.notes import Notes
from conformance.fhir.validation.accept.plan import Check, Json, Refused

__all__ = ["Bindings"]

KEPT = 4096
"""Answers of the terminology that are remembered."""
Test = Callable[[Any, Any, Any], Any]


class Bindings:
    """Makes tests of required bindings; those that nobody can judge are noted."""

    def __init__(self, terminology: Terminology, notes: Notes, closures: Any) -> None:
        self._terminology = terminology
        self._notes = notes
        self._closures = closures
        self._told: dict[tuple[str, str, str], tuple[bool, str]] = {}

    def of_scalar(self, value_set: str, check: Check) -> Check:
        """A test of a primitive whose code must be in the value set."""
        codes = self._terminology.codes(value_set)
        if codes is not None:
            return frozenset(codes).__contains__

        def asked(value: Any) -> bool | None:
            if not check(value) or not self._asked(value_set, None, value):
                return False
            return None if self._told[(value_set, "", value)][1] else True

        judged: Check = self._closures.remembered(asked)
        return judged

    def of_object(self, value_set: str, type_name: str) -> Test:
        """A test of a Coding, CodeableConcept or Quantity of which one code must be in the value set."""
        members = self._terminology.expansion(value_set)
        asked = partial(self._asked, value_set) if members is None else None
        test: Test = self._closures.coded(frozenset(members or ()), asked)
        if type_name == "CodeableConcept":
            test = self._closures.concept(test)
        return test

    def of_widest(self, value_set: str, type_name: str) -> Test:
        """A test that no code lies outside a value set, where text alone may stand."""
        test = self.of_object(value_set, type_name)

        def judged(found: Json, walk: Any, row: Any) -> bool:
            if type_name == "CodeableConcept" and "coding" not in found:
                return True
            return bool(test(found, walk, row))

        return judged

    def decided(self, value_set: str, type_name: str) -> Callable[[Any], bool]:
        """Whether a value's code is in the value set; raises `Refused` where that is not known for certain."""

        def judged(value: Any) -> bool:
            if type_name == "CodeableConcept":
                answer = self._terminology.validate_concept(value_set, value)
            else:
                answer = self._terminology.validate(value_set, value)
            if answer.cannot_tell:
                raise Refused
            return answer.is_member

        return judged

    def _asked(self, value_set: str, system: str | None, code: str) -> bool:
        """Whether the code is a member, or nobody can tell, which is noted."""
        key = (value_set, system or "", code)
        known = self._told.get(key)
        if known is None:
            answer = self._terminology.validate(value_set, code, system)
            known = (not answer.is_not_member, "" if answer.is_member else answer.reason)
            if len(self._told) >= KEPT:
                self._told.clear()
            self._told[key] = known
        fine, reason = known
        return self._notes.note("binding", value_set, reason) if fine and reason else fine
