"""Resources beside the matches: those that they refer to (`_include`) and those that refer to them (`_revinclude`).

See https://hl7.org/fhir/R4/search.html#include.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.reference.behaviour.results import IncludeBehaviour
from conformance.reference.records.parameters import KNOWN_TYPES, Parameter, parameter, parameters_of
from conformance.reference.records.store import Store, Version

DEEPEST = 3
"""How often the resources that were included are looked through in their turn."""


@dataclass(frozen=True)
class Include:
    """One join: from the `source` type by its reference parameters to resources of the `target` type, or back."""

    source: str
    parameters: tuple[Parameter, ...]
    target: str = ""
    reverse: bool = False
    iterates: bool = False


def include(resource_type: str, name: str, value: str) -> Include | None:
    """The join that a parameter asks for; None where it names no reference parameter that is known."""
    kind, _, modifier = name.partition(":")
    source, _, rest = value.partition(":")
    by, _, target = rest.partition(":")
    reverse = kind == "_revinclude"
    if value == "*" and not reverse:
        source, by = resource_type, "*"
    if source not in KNOWN_TYPES or (not by):
        return None
    known = [parameter(source, by)] if by != "*" else list(parameters_of(source))
    found = tuple(one for one in known if one is not None and one.kind == "reference")
    return Include(source, found, target, reverse, modifier == "iterate") if found else None


def declared_includes(resource_type: str) -> list[str]:
    """What a search of the type can include."""
    return [f"{resource_type}:{one.name}" for one in parameters_of(resource_type) if one.kind == "reference"]


def declared_reverse_includes(resource_type: str, types: Iterable[str]) -> list[str]:
    """What a search of the type can include because it refers to what was found; `types` are those that are held."""
    names = {"Patient": ("patient",), "Encounter": ("encounter",)}.get(resource_type, ())
    held = [source for source in KNOWN_TYPES if source in types]
    found = [f"{source}:{name}" for source in held for name in names if parameter(source, name)]
    return [*found, "Provenance:target"]


def included(
    store: Store, asked: Sequence[Include], matches: Sequence[Version], behaviour: IncludeBehaviour
) -> list[Version]:
    """What goes with these matches: each resource once, none of the matches themselves."""
    seen = {(version.type, version.id) for version in matches}
    found: list[Version] = []
    fresh: Sequence[Version] = matches
    deepest = 1 if behaviour.iterates == "never" else DEEPEST
    for depth in range(deepest):
        due = [one for one in asked if depth == 0 or one.iterates or behaviour.iterates == "always"]
        keys = dict.fromkeys(key for one in due for key in _joined(store, one, fresh, behaviour))
        fresh = [version for version in store.fetch(list(keys)) if (version.type, version.id) not in seen]
        seen.update((version.type, version.id) for version in fresh)
        found.extend(fresh)
    return found


def _joined(
    store: Store, join: Include, versions: Iterable[Version], behaviour: IncludeBehaviour
) -> Iterator[int]:
    if not (behaviour.reverse if join.reverse else behaviour.forward):
        return
    for version in versions:
        for by in join.parameters:
            if join.reverse:
                yield from _referring(store, join, by, version, behaviour)
            elif version.type == join.source:
                yield from _referred(store, join, by, version, behaviour)


def _referred(
    store: Store, join: Include, by: Parameter, version: Version, behaviour: IncludeBehaviour
) -> Iterator[int]:
    rows = store.select(
        "SELECT c.pk, c.type, c.id FROM reference_index r JOIN current c ON c.type = r.target AND c.id = r.id"
        " WHERE r.pk = ? AND r.p = ? AND c.deleted = 0 AND ? IN ('', c.type) ORDER BY c.pk",
        (version.pk, store.parameter_key(join.source, by.name), join.target),
    )
    for key, resource_type, identifier in rows:
        yield key
        if behaviour.unreferenced:
            yield _next(store, resource_type, identifier)[0]


def _next(store: Store, resource_type: str, identifier: str) -> tuple[int, str]:
    """The key and id of the resource after this one, the first after the last."""
    key, following = store.select(
        "SELECT pk, id FROM current WHERE type = ? AND deleted = 0 ORDER BY id <= ?, id LIMIT 1",
        (resource_type, identifier),
    )[0]
    return int(key), str(following)


def _referring(
    store: Store, join: Include, by: Parameter, version: Version, behaviour: IncludeBehaviour
) -> Iterator[int]:
    if join.target not in {"", version.type}:
        return
    identifier = _next(store, version.type, version.id)[1] if behaviour.of_another else version.id
    rows = store.select(
        "SELECT c.pk FROM reference_index r JOIN current c ON c.pk = r.pk"
        " WHERE r.p = ? AND r.target = ? AND r.id IN (?, ?) AND c.deleted = 0 ORDER BY c.pk",
        (store.parameter_key(join.source, by.name), version.type, version.id, identifier),
    )
    yield from (row[0] for row in rows)
