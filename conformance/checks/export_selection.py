"""What the parameters of a kick-off ask for, as a question about one resource: whether it belongs into the export.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.analysis.export import output_files, parameters
from conformance.analysis.facts import facts_of, resources
from conformance.analysis.instants import instant
from conformance.fhir.compartments import owners
from conformance.fhir.needed import needed
from conformance.fhir.search.answers import Answer, all_of, any_of
from conformance.fhir.search.judge import satisfies
from conformance.plugin import StepEvidence

Resource = dict[str, Any]
ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})
"""Elements that a resource may have whatever was asked for."""
_NEXT_FILTER = re.compile(r",(?=[A-Z][A-Za-z]*\?)")


@dataclass(frozen=True)
class Asked:
    """The restrictions of one kick-off; empty, or None, where nothing was asked."""

    types: frozenset[str] = frozenset()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    filters: Mapping[str, tuple[str, ...]] | None = None
    elements: tuple[tuple[str, str], ...] = ()
    patients: frozenset[str] = frozenset()

    def of_type(self, resource: Resource) -> bool:
        """Whether the resource is of a type that was asked for."""
        return not self.types or resource["resourceType"] in self.types

    def in_time(self, resource: Resource) -> Answer:
        """Whether it changed in the time that was asked for; None where nobody can tell."""
        if self.since is None and self.until is None:
            return True
        updated = last_updated(resource)
        if updated is None:
            return None
        return (self.since is None or updated > self.since) and (self.until is None or updated < self.until)

    def filtered(self, resource: Resource) -> Answer:
        """Whether one of the filters for its type finds it; None where nobody can tell."""
        queries = (self.filters or {}).get(resource["resourceType"], ())
        return any_of(satisfies(resource, query) for query in queries) if queries else True

    def about(self, resource: Resource) -> Answer:
        """Whether it is about a patient asked for, or about none; None where nobody can tell."""
        if not self.patients:
            return True
        found = owners(resource)
        if found.patients & self.patients:
            return True
        return None if not found.whole else not found.patients

    def wanted(self, resource: Resource) -> Answer:
        """Whether it belongs into the export."""
        return all_of(
            (self.of_type(resource), self.in_time(resource), self.filtered(resource), self.about(resource))
        )

    def kept(self, resource_type: str) -> frozenset[str] | None:
        """The elements that `_elements` asks for in resources of a type; None where it restricts nothing."""
        if not self.elements:
            return None
        return frozenset(name for owner, name in self.elements if owner in {"", resource_type})

    def surplus(self, resource_type: str, elements: Iterable[str]) -> set[str]:
        """Those of a resource's elements that were not asked for, and which it need not have."""
        kept = self.kept(resource_type)
        if kept is None:
            return set()
        mandatory, modifying = needed(resource_type)
        return {name for name in elements if name.lstrip("_") not in kept | mandatory | modifying | ALWAYS}


def asked(step: StepEvidence) -> Asked:
    """What the kick-off of a step asked for."""
    given = parameters(step)

    def listed(name: str) -> list[str]:
        return [text.strip() for value in given.get(name, []) for text in value.split(",") if text.strip()]

    filters: dict[str, tuple[str, ...]] = {}
    for text in (part for value in given.get("_typeFilter", []) for part in _NEXT_FILTER.split(value)):
        kind, _, query = text.partition("?")
        filters[kind] = (*filters.get(kind, ()), query)
    elements = tuple(
        (owner, name) for owner, _, name in (text.rpartition(".") for text in listed("_elements"))
    )
    return Asked(
        types=frozenset(listed("_type")),
        since=instant(next(iter(given.get("_since", [])), None)),
        until=instant(next(iter(given.get("_until", [])), None)),
        filters=filters,
        elements=elements,
        patients=frozenset(text.rpartition("/")[2] for text in given.get("patient", [])),
    )


def last_updated(resource: Resource) -> dt.datetime | None:
    """When the resource was last changed, as far as it says."""
    meta = resource.get("meta")
    return instant(meta.get("lastUpdated")) if isinstance(meta, dict) else None


def name_of(resource: Resource) -> str:
    """`Type/id`; the type alone where there is no id."""
    identity = resource.get("id")
    kind = str(resource["resourceType"])
    return f"{kind}/{identity}" if isinstance(identity, str) else kind


def all_exported(step: StepEvidence, kinds: Collection[str] = ()) -> Iterator[Resource]:
    """The resources of all output files of a step, one after the other; of these types only, if any are named."""
    for file in output_files(step):
        if kinds and facts_of(file).counts.keys().isdisjoint(kinds):
            continue
        yield from (one for one in resources(file) if not kinds or one["resourceType"] in kinds)
