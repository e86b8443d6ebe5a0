"""What an export lost on its way through a store: its resources beside those that were read back.

Both come as lines of NDJSON in the same order and are walked side by side, so that memory does not grow with the data.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from conformance.fhir.difference import Aspect, Difference, Kind, aspects_in, differences

Resource = dict[str, Any]
MOST_EXAMPLES = 3
MOST_GROUPS = 1000
"""So many different paths are told apart; a hostile export could name one in each resource."""


@dataclass
class Loss:
    """All differences at one element path: how many, in how many resources, and the first of them."""

    kind: Kind
    path: str
    aspect: Aspect
    count: int = 0
    resources: int = 0
    examples: list[tuple[str, Difference]] = field(default_factory=list)
    last: str = ""


@dataclass
class Comparison:
    """What a comparison came to. `missing` are resources that did not come back: their number, and the first."""

    resources: int = 0
    missing: int = 0
    missing_examples: list[str] = field(default_factory=list)
    missing_types: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    aspects: Counter[str] = field(default_factory=Counter)
    losses: dict[tuple[str, str, str], Loss] = field(default_factory=dict)
    further: int = 0

    @property
    def lossless(self) -> bool:
        """Whether all that went in came out, as it was; what came out beside it does not count."""
        return not (self.missing or self.unreadable or self.further or any(self.lost()))

    def lost(self, aspect: Aspect | None = None) -> Iterator[Loss]:
        """What was lost or altered, most first."""
        found = [one for one in self.losses.values() if one.kind != "added" and aspect in {None, one.aspect}]
        yield from sorted(found, key=lambda one: (-one.resources, one.path, one.kind))

    def gained(self) -> Iterator[Loss]:
        """What came back though it was not there before."""
        found = [one for one in self.losses.values() if one.kind == "added"]
        yield from sorted(found, key=lambda one: (-one.resources, one.path))

    def take(self, before: Resource, after: Resource, ignore: Collection[str]) -> None:
        """Compare one resource with what came back of it."""
        self.resources += 1
        self.aspects.update(aspects_in(before))
        name = name_of(before)
        for found in differences(before, after, ignore):
            key = (found.kind, found.path, found.aspect)
            if key not in self.losses and len(self.losses) >= MOST_GROUPS:
                self.further += 1
                continue
            loss = self.losses.setdefault(key, Loss(*key))
            loss.count += 1
            loss.resources += loss.last != name
            loss.last = name
            if len(loss.examples) < MOST_EXAMPLES:
                loss.examples.append((name, found))

    def miss(self, before: Resource) -> None:
        """Count a resource that did not come back."""
        self.resources += 1
        self.missing += 1
        self.missing_types[str(before.get("resourceType"))] += 1
        if len(self.missing_examples) < MOST_EXAMPLES:
            self.missing_examples.append(name_of(before))


def name_of(resource: Resource) -> str:
    """`Type/id` of a resource."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def read(line: bytes) -> Resource | None:
    """The JSON object of a line, decimals with their digits; None where it holds none."""
    try:
        value = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def written(resource: Resource) -> bytes:
    """The resource as JSON, each decimal with the digits that it was read with."""
    return orjson.dumps(resource, default=lambda number: orjson.Fragment(str(number)))


def compared(before: Iterable[bytes], after: Iterable[bytes], ignore: Collection[str] = ()) -> Comparison:
    """What of the first lines is lost in the second; `ignore` names the element paths that may differ.

    What comes back keeps the order of what went in, so that a resource whose turn has gone by did not come back.
    """
    found = Comparison()
    back = (one for one in map(read, after) if one is not None)
    head = next(back, None)
    for line in before:
        if not line.strip():
            continue
        resource = read(line)
        if resource is None:
            found.unreadable += 1
        elif head is None or name_of(head) != name_of(resource):
            found.miss(resource)
        else:
            found.take(resource, head, ignore)
            head = next(back, None)
    return found


def with_reasons(refused: Iterable[bytes]) -> Mapping[tuple[str, str], str]:
    """Why our loader could not hold something, by the resource and the place in it."""
    found: dict[tuple[str, str], str] = {}
    for line in refused:
        told = read(line)
        if told is not None and len(found) < MOST_GROUPS:
            found[str(told.get("resource")), str(told.get("place"))] = str(told.get("why"))
    return found
