"""Searches that lead from one resource to another: chained, and in reverse (FHIR R4, search.html#chaining, #has)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.analysis.search_rows import EXPECTED, Field, Trial, trial
from conformance.fhir.bundles import reference
from conformance.fhir.elements import Resource
from conformance.fhir.search.held import Held
from conformance.fhir.search.references import literal

__all__ = ["Link", "chained", "links", "reversed_", "targets"]

MOST_INNER = 6
"""How many parameters of the other type are looked at to find a rare value."""

INNER = ("token", "string", "date")
"""The kinds of parameters that a chain ends in."""


@dataclass(frozen=True)
class Link:
    """A search across references: `inner` is the search of the other type that says which resources are meant."""

    query: str
    other_type: str
    inner: str
    matching: tuple[str, ...]


def targets(held: Sequence[Held], base: str) -> set[str]:
    """`Type/id` of the resources on the same server that these references name."""
    found = (literal(one.value.get("reference"), base) for one in held if isinstance(one.value, dict))
    return {f"{one.type}/{one.id}" for one in found if one is not None and not one.base}


def links(field: Field) -> Iterator[tuple[str, str]]:
    """From what the parameter is read to what it refers to, by reference."""
    for resource, held, _ in field.rows:
        yield from ((reference(resource), target) for target in sorted(targets(held, field.base)))


def chained(field: Field, inners: Mapping[str, Sequence[Field]], choice: int) -> Link | None:
    """A search by a value of what the resources refer to; `inners` are the parameters of each type."""
    pairs = list(links(field))
    for kind in sorted({target.partition("/")[0] for _, target in pairs}):
        named = {target for _, target in pairs if target.startswith(f"{kind}/")}
        one = _inner(inners.get(kind, ()), named, choice)
        if one is not None:
            expected = sorted({source for source, target in pairs if target in one.matching})
            query = f"{field.parameter.name}:{kind}.{one.query}"
            return Link(query, kind, one.query, tuple(expected)[:EXPECTED])
    return None


def reversed_(field: Field, inners: Sequence[Field], there: Sequence[Resource], choice: int) -> Link | None:
    """A search for what the field's resources refer to, of those `there`, by a value of the resource that refers."""
    known = {reference(resource) for resource in there}
    pairs = [(source, target) for source, target in links(field) if target in known]
    one = _inner(inners, {source for source, _ in pairs}, choice)
    if one is None:
        return None
    expected = sorted({target for source, target in pairs if source in one.matching})
    query = f"_has:{field.resource}:{field.parameter.name}:{one.query}"
    return Link(query, field.resource, one.query, tuple(expected)[:EXPECTED])


def _inner(inners: Sequence[Field], named: set[str], choice: int) -> Trial | None:
    """A search that finds one of the resources that are named, and few of all that are sampled."""
    found: list[tuple[int, Trial]] = []
    usable = [field for field in inners if field.parameter.type in INNER and field.parameter.name[:1] != "_"]
    for number in range(min(MOST_INNER, len(usable))):
        field = usable[(choice + number) % len(usable)]
        one = trial(field.among(named), "plain", choice)
        if one is not None and one.matching:
            found.append((sum(answer is not False for answer in field.answers(one.query)), one))
    return min(found, key=lambda pair: (pair[0], pair[1].query))[1] if found else None
