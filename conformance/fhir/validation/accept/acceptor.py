"""`Acceptor`: whether a resource is certainly without error.

Source: FHIR R4, https://hl7.org/fhir/R4/validation.html
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import orjson

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.accept.build import Planner
from conformance.fhir.validation.accept.codes import KnownCodes, vital_sign
from conformance.fhir.validation.accept.engine import tests, walk_type
from conformance.fhir.validation.accept.extensions import Extensions
from conformance.fhir.validation.accept.invariants import Invariants
from conformance.fhir.validation.accept.notes import Notes
from conformance.fhir.validation.accept.overlay import Overlays
from conformance.fhir.validation.accept.plan import Refused
from conformance.fhir.validation.issues import NotEvaluated

__all__ = ["Acceptor"]

DOUBTS = (Refused, TypeError, KeyError, AttributeError, ValueError, IndexError, RecursionError)
"""What a resource that is not as its plan says may raise while it is walked: every one of them means "not certain"."""

LONG_NUMBER = re.compile(rb"[0-9][0-9.]{18}")
"""What may be a decimal of more than 18 digits, which R5 forbids, and which a parser's float does not show."""


class Acceptor:
    """Says whether resources are certainly without error by loaded definitions.

    `structures` are canonicals that every resource of their type must meet, besides those that it declares itself.
    One acceptor is used by one thread at a time. `not_evaluated` counts the rules that nobody here can judge by kind
    and subject, over all resources that were accepted.
    """

    def __init__(
        self, definitions: Definitions, terminology: Terminology, structures: Iterable[str] = ()
    ) -> None:
        self._notes = Notes()
        self._counts_digits = definitions.fhir_version.startswith("5.")
        closures = tests()
        bindings = Bindings(terminology, self._notes, closures)
        extensions = Extensions(definitions, self._notes)
        invariants = Invariants(definitions, closures)
        overlays = Overlays(definitions, bindings, self._notes, tuple(structures), closures)
        by_code: dict[str, Callable[..., Any]] = {
            "Coding": KnownCodes(definitions, terminology, closures).test,
            "Observation": vital_sign(definitions, overlays.of_profiles, closures),
        }
        planner = Planner(definitions, bindings, extensions, invariants, overlays.of_profiles, by_code)
        extensions.plan = partial(planner.type, "Extension")
        extensions.profile = overlays.of
        self._walk = walk_type()(planner.resource, overlays.finish, requested=overlays.lies_on_all)

    @property
    def not_evaluated(self) -> Mapping[tuple[str, str], int]:
        """How often each rule that could not be judged was met, by kind and subject."""
        return Counter(self._notes.counts)

    @property
    def skipped(self) -> tuple[NotEvaluated, ...]:
        """The rules that could not be judged, each once, with the reason."""
        return tuple(NotEvaluated(*key, reason) for key, reason in self._notes.reasons.items())

    def accepts(self, resource: Any) -> bool:
        """Whether a resource, as a JSON parser gave it, is certainly without error."""
        return self._judged(resource) >= 0

    def accepts_bytes(self, raw: bytes) -> bool:
        """Whether the JSON text of one resource is certainly without error, names that are given twice included."""
        try:
            resource = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return False
        if self._counts_digits and LONG_NUMBER.search(raw):
            return False
        met = self._judged(resource)
        return met >= 0 and bool(self._walk.has_as_many(raw, met))

    def _judged(self, resource: Any) -> int:
        """How many names the objects of an acceptable resource have; -1 where it is not certain."""
        try:
            met: int = self._walk.judge(resource)
        except DOUBTS:
            self._notes.pending.clear()
            return -1
        if self._notes.pending:
            self._notes.keep()
        return met
