"""The resources that discovery sampled, by type: what values are taken from and enumerators look through."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.fhir.bundles import matches
from conformance.fhir.elements import Resource
from conformance.fhir.references import named
from conformance.plugin import Exchange, StepEvidence

SAMPLED, FOLLOWED = "sample", "followed"
"""The labels of discovery's searches, and of its reads of what the resources found refer to."""
SAMPLE = 50
"""So many resources of a type are asked for at most."""


@dataclass(frozen=True)
class Samples:
    """Sampled resources by type, those of a type in the order of their ids, whatever order they were found in.

    What was found twice in different states, since it changed meanwhile, is there twice.
    """

    by_type: Mapping[str, tuple[Resource, ...]]

    @property
    def types(self) -> tuple[str, ...]:
        """The types of which there is a sample, sorted."""
        return tuple(sorted(self.by_type))

    def of(self, resource_type: str) -> tuple[Resource, ...]:
        """The sampled resources of a type."""
        return self.by_type.get(resource_type, ())

    def most_referred(self, resource_type: str) -> tuple[Resource, ...]:
        """The sampled resources of a type, those first to which most other sampled resources refer.

        These are the patients with the most data, as far as the sample can tell.
        """
        counted = Counter(
            target
            for resources in self.by_type.values()
            for resource in resources
            for target in set(references(resource))
        )
        return tuple(
            sorted(
                self.of(resource_type), key=lambda r: (-counted[f"{resource_type}/{r['id']}"], str(r["id"]))
            )
        )


def samples(discovery: StepEvidence) -> Samples:
    """What the discovery evidence holds of the target's data."""
    if not discovery.exchanges:
        return Samples({})
    return discovery.exchanges[0].memo("samples", lambda: _gathered(discovery))


def _gathered(discovery: StepEvidence) -> Samples:
    found: dict[str, dict[str, list[Resource]]] = {}
    for exchange in discovery.exchanges:
        for resource in sampled(exchange):
            found.setdefault(resource["resourceType"], {}).setdefault(resource["id"], []).append(resource)
    return Samples(
        {
            kind: tuple(state for name in sorted(held) for state in _different(held[name]))
            for kind, held in found.items()
        }
    )


def _different(states: list[Resource]) -> list[Resource]:
    """The states of one resource in an order of their own; of those that are the same, the last one found."""
    if len(states) == 1:
        return states
    written = {json.dumps(state, sort_keys=True): state for state in states}
    return [written[text] for text in sorted(written)]


def sampled(exchange: Exchange) -> Iterator[Resource]:
    """The resources with a type and an id that one answer of discovery holds."""
    if not exchange.ok or exchange.label not in {SAMPLED, FOLLOWED}:
        return
    resource = exchange.resource()
    held = matches(resource or {}) if exchange.label == SAMPLED else [resource or {}]
    for each in held:
        if isinstance(each.get("id"), str) and isinstance(each.get("resourceType"), str):
            yield each


def references(value: Any) -> list[str]:
    """`Type/id` of each literal reference anywhere in a resource, in document order, repetitions included."""
    found: list[str] = []
    _gather(value, found)
    return found


def _gather(value: Any, found: list[str]) -> None:
    if isinstance(value, dict):
        target = named(value["reference"]) if "reference" in value else None
        if target is not None:
            found.append(target)
        for item in value.values():
            if isinstance(item, dict | list):
                _gather(item, found)
    elif isinstance(value, list):
        for item in value:
            _gather(item, found)
