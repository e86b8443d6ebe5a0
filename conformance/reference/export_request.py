"""What a kick-off asks for: level, types, times, filters and patients.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from conformance.reference import dates
from conformance.reference.access import Grant
from conformance.reference.behaviour import ExportBehaviour
from conformance.reference.compartment import COMPARTMENT_TYPES
from conformance.reference.outcomes import RequestError, bad_request
from conformance.reference.query import Query, Reader

FORMATS = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson"})
_KNOWN = frozenset({"_type", "_since", "_until", "_typeFilter", "_outputFormat", "_format"})
_NEXT_FILTER = re.compile(r",(?=[A-Z][A-Za-z]*\?)")


@dataclass(frozen=True)
class ExportRequest:
    """One accepted kick-off. Times are points as in `dates`; `patients` and `group` narrow the patients."""

    url: str
    level: str
    types: tuple[str, ...]
    group: str | None = None
    patients: frozenset[str] | None = None
    since: int | None = None
    until: int | None = None
    filters: Mapping[str, tuple[Query, ...]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    is_bare: bool = False


@dataclass(frozen=True)
class KickOff:
    """A kick-off as it came in, with what is needed to judge it."""

    url: str
    level: str
    group: str | None
    given: Sequence[tuple[str, str]]
    posted: bool
    lenient: bool
    grant: Grant
    types: frozenset[str]
    reader: Callable[[str], Reader]
    behaviour: ExportBehaviour

    def read(self) -> ExportRequest:
        """The export that is asked for; refuses what is invalid (400) or outside the scopes (403)."""
        if not (self.posted or self.behaviour.kickoff_by_get):
            raise RequestError(405, "not-supported", "An export is started by POST here")
        if self.level in self.behaviour.refused_levels:
            raise bad_request(f"There is no export at {self.level} level here", "not-supported")
        ignored: list[str] = []
        known: dict[str, list[str]] = {}
        for name, value in self.given:
            if name in _KNOWN or (name == "patient" and self.posted and self.level != "system"):
                known.setdefault(name, []).append(value)
            elif self.lenient:
                ignored.append(name)
            else:
                raise bad_request(f"The export parameter {name!r} is not supported here", "not-supported")
        self._check_format(known.get("_outputFormat", []))
        return ExportRequest(
            self.url,
            self.level,
            self._types(known.get("_type", [])),
            self.group,
            self._patients(known["patient"]) if "patient" in known else None,
            _time("_since", known.get("_since", [])),
            _time("_until", known.get("_until", [])),
            self._filters(known.get("_typeFilter", [])) if self.behaviour.type_filter_heeded else {},
            tuple(ignored),
            is_bare=not self.given,
        )

    def _check_format(self, values: Sequence[str]) -> None:
        for value in values:
            # An unescaped plus sign in a query string reads as a blank.
            wanted = value.replace(" ", "+")
            if wanted not in FORMATS or wanted in self.behaviour.refused_formats:
                raise bad_request(f"_outputFormat={value}: only NDJSON is supported", "not-supported")

    def _types(self, values: Sequence[str]) -> tuple[str, ...]:
        heard = values if self.behaviour.repeated_values_joined else values[:1]
        asked = [name.strip() for value in heard for name in value.split(",") if name.strip()]
        if not self.behaviour.unknown_types_refused:
            asked = [name for name in asked if name in self.types]
        for name in asked:
            if name not in self.types:
                raise bad_request(f"_type={name}: this server has no such resources", "not-supported")
        at_hand = self.types if self.level == "system" else self.types & COMPARTMENT_TYPES
        if asked and not at_hand.intersection(asked):
            raise bad_request("_type names only types outside the Patient compartment", "not-supported")
        if asked and self.behaviour.type_heeded:
            for name in asked:
                self.grant.require("r", name)
            return tuple(sorted(at_hand.intersection(asked)))
        readable = tuple(sorted(name for name in at_hand if self.grant.allows("r", name)))
        if not readable:
            raise RequestError(403, "forbidden", "The token's scopes do not allow to read anything")
        return readable

    def _filters(self, values: Sequence[str]) -> dict[str, tuple[Query, ...]]:
        filters: dict[str, tuple[Query, ...]] = {}
        for text in (part for value in values for part in _NEXT_FILTER.split(value)):
            name, mark, query = text.partition("?")
            if not mark or name not in self.types:
                raise bad_request(f"_typeFilter={text}: expected a search like Observation?status=final")
            given = parse_qsl(query, keep_blank_values=True)
            if any(key.startswith("_") and key.split(":")[0] not in _FILTERABLE for key, _ in given):
                raise bad_request(f"_typeFilter={text}: parameters about the result are not allowed")
            filters[name] = (*filters.get(name, ()), self.reader(name).read(given, strict=True))
        return filters

    def _patients(self, values: Sequence[str]) -> frozenset[str]:
        patients = set()
        for value in values:
            target, _, identifier = value.rpartition("/")
            if not identifier or target.rpartition("/")[2] != "Patient":
                raise bad_request(f"patient={value}: expected a reference like Patient/123")
            patients.add(identifier)
        return frozenset(patients)


_FILTERABLE = frozenset({"_id", "_lastUpdated", "_tag", "_profile", "_security"})


def parameters_of(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names and values of a Parameters resource that starts an export; refuses (400) anything else."""
    if resource.get("resourceType") != "Parameters":
        raise bad_request("A kick-off by POST takes a Parameters resource")
    given = []
    for parameter in resource.get("parameter", ()):
        value = next((item for name, item in parameter.items() if name.startswith("value")), None)
        if isinstance(value, dict):
            value = value.get("reference")
        if not isinstance(parameter.get("name"), str) or not isinstance(value, (str, bool)):
            raise bad_request("A parameter has no name or no value that can be used")
        given.append((parameter["name"], str(value).lower() if isinstance(value, bool) else value))
    return given


def _time(name: str, values: Sequence[str]) -> int | None:
    if len(values) > 1:
        raise bad_request(f"{name} is given more than once")
    try:
        return dates.instant(values[0].replace(" ", "+")) if values else None
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error
