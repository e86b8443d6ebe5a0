"""Changes of how the results of searches are read, ordered, cut and shown."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour.results import Pairs
from conformance.reference.faults.fault import Change

Json = dict[str, Any]
Subset = Callable[[Json, Json], Json]


def results(part: str, **changed: Any) -> Change:
    """A change of one part of how the results of searches are read, ordered, cut and shown."""

    def change(honest: Any, _: Any) -> Any:
        held = replace(getattr(honest.results, part), **changed)
        return replace(honest, results=replace(honest.results, **{part: held}))

    return change


def with_unknown(matters: Callable[[str], bool]) -> Callable[[Pairs, Pairs], Pairs]:
    """A self link that also states what was asked and not heeded, as far as its name matters."""

    def stated(heeded: Pairs, given: Pairs) -> Pairs:
        return [*heeded, *(pair for pair in given if matters(pair[0]) and pair not in heeded)]

    return stated


def address_only(address: Pairs, _: Pairs) -> Pairs:
    """The parameters of a search by whoever ignores the body."""
    return address


def summary_anyway(address: Pairs, body: Pairs) -> Pairs:
    """The parameters of a search by whoever takes `_summary=false` for `true`."""
    return [
        (name, "true" if (name, value) == ("_summary", "false") else value)
        for name, value in [*address, *body]
    ]


def lacking(*names: str) -> Subset:
    """Parts of resources without these elements."""

    def subset(part: Json, whole: Json) -> Json:
        return part if part == whole else {name: v for name, v in part.items() if name not in names}

    return subset


def shortened(part: Json, whole: Json) -> Json:
    """A part of a resource with its identifiers cut."""
    if part == whole or "identifier" not in part:
        return part
    return {**part, "identifier": [one | {"value": one["value"][:3]} for one in part["identifier"]]}


def untagged(part: Json, whole: Json) -> Json:
    """A part of a resource that does not say that it is one."""
    return {**part, "meta": whole["meta"]} if "meta" in whole else part
