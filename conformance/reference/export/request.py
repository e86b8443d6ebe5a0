"""What a kick-off asks for: level, types, times, filters, patients, and how the files are to look.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.reference.access.tokens import Grant
from conformance.reference.behaviour.export import ExportBehaviour
from conformance.reference.export import parameters as read
from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.records.compartment import COMPARTMENT_TYPES
from conformance.reference.search.query import Query, Reader

_KNOWN = frozenset(
    {
        *("_type", "_since", "_until", "_typeFilter", "_outputFormat", "_format", "_elements"),
        *("includeAssociatedData", "organizeOutputBy", "allowPartialManifests"),
    }
)
_OPTIONS = (_KNOWN | {"patient"}) - {"_outputFormat", "_format", "_since"}
"""What the guide lets a server support or not."""


@dataclass(frozen=True)
class ExportRequest:
    """One accepted kick-off. Times are points as in `dates`; `patients` and `group` narrow the patients.

    `elements` are pairs of a type, empty for every one, and a root element. `association` is a value of
    includeAssociatedData. `label` is the output format in the client's words. `separate` says that the polls answer
    with a status of their own.
    """

    url: str
    level: str
    types: tuple[str, ...]
    group: str | None = None
    patients: frozenset[str] | None = None
    since: int | None = None
    until: int | None = None
    filters: Mapping[str, tuple[Query, ...]] = field(default_factory=dict)
    elements: tuple[tuple[str, str], ...] = ()
    association: str = ""
    organised: bool = False
    in_pages: bool = False
    label: str = "application/fhir+ndjson"
    ignored: tuple[str, ...] = ()
    is_bare: bool = False
    separate: bool = False
    options: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KickOff:
    """A kick-off as it came in, with what is needed to judge it. `by_post_only` holds for the ballot of STU4."""

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
    separate: bool = False
    by_post_only: bool = False

    def read(self) -> ExportRequest:
        """The export that is asked for; refuses what is invalid (400) or outside the scopes (403)."""
        behaviour = self.behaviour.parameters
        if not self.posted and (self.by_post_only or not self.behaviour.kickoff_by_get):
            raise RequestError(405, "not-supported", "An export is started by POST here")
        if self.level in self.behaviour.refused_levels:
            raise bad_request(f"There is no export at {self.level} level here", "not-supported")
        known, ignored = self._sorted()
        label = read.check_format(known.get("_outputFormat", []), self.behaviour.refused_formats)
        until, since = (read.time(name, known.get(name, [])) for name in ("_until", "_since"))
        named = read.patients(known["patient"]) if "patient" in known else None
        chosen = read.filters(known.get("_typeFilter", []), self.types, self.reader, behaviour)
        elements = read.elements(known.get("_elements", []))
        association = read.association(known.get("includeAssociatedData", []), behaviour)
        types = self._types(known.get("_type", []))
        return ExportRequest(
            self.url,
            self.level,
            tuple(sorted({*types, "Provenance"})) if association else types,
            self.group,
            named if behaviour.patients_heeded else None,
            since if behaviour.since_heeded else None,
            until if behaviour.until_heeded else None,
            chosen if self.behaviour.type_filter_heeded else {},
            elements if behaviour.elements_heeded else (),
            association,
            read.organiser(known.get("organizeOutputBy", []), behaviour) != "",
            read.flag("allowPartialManifests", known.get("allowPartialManifests", [])),
            label,
            tuple(ignored) if behaviour.ignored_are_told else (),
            is_bare=not self.given,
            separate=self.separate,
            options=frozenset(known) & _OPTIONS,
        )

    def _sorted(self) -> tuple[dict[str, list[str]], list[str]]:
        """The values of the parameters that are known, and the names of those that are ignored."""
        ignored: list[str] = []
        known: dict[str, list[str]] = {}
        for name, value in self.given:
            understood = name in _KNOWN or (name == "patient" and self.posted and self.level != "system")
            if understood and name not in self.behaviour.parameters.refused:
                known.setdefault(name, []).append(value)
            elif self.lenient:
                ignored.append(name)
            else:
                raise bad_request(f"The export parameter {name!r} is not supported here", "not-supported")
        return known, ignored

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
            if not self.behaviour.parameters.outside_types_refused:
                return ()
            raise bad_request("_type names only types outside the Patient compartment", "not-supported")
        if asked and self.behaviour.type_heeded:
            for name in asked:
                self.grant.require("r", name)
            return tuple(sorted(at_hand.intersection(asked)))
        limited = self.behaviour.scopes_limit
        readable = tuple(sorted(name for name in at_hand if not limited or self.grant.allows("r", name)))
        if not readable:
            raise RequestError(403, "forbidden", "The token's scopes do not allow to read anything")
        return readable
