"""What searches can include beside their matches, as the target declares it (searchInclude, searchRevInclude)."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from conformance.analysis.samples import Samples, references, samples
from conformance.analysis.search_values import referred
from conformance.enumerators.sparing import once, spared
from conformance.enumerators.types import NOT_SHOWN
from conformance.fhir.capability import includes, search_parameters, searchable_types
from conformance.fhir.elements import Resource
from conformance.fhir.search.parameters import published
from conformance.plugin import Evidence, NoData, NotApplicable, NotJudgeable, Row, enumerator

Onward = dict[str, dict[tuple[str, str], dict[str, tuple[str, ...]]]]
"""By type and declared include of it (parameter, type of the target): what each resource, by name, refers to."""

WILDCARD = "*"
TOO_FEW = "too few resources were seen that refer to another by it"
UNSEEN = "no resource was seen that refers to another by it"


@dataclass(frozen=True)
class JoinRow(Row):
    """A join: `join` is the include's value, `by` its search parameter.

    `resource` is the type searched, `ids` the ids of resources for which there is something to include, joined by
    commas; `known` is what must be included, as `Type/id`.
    """

    resource: str = ""
    join: str = ""
    by: str = ""
    ids: str = ""
    known: str = ""


@dataclass(frozen=True)
class ChainRow(JoinRow):
    """Two joins, one after the other: `further` is the second, `middle` and `known` are what they lead to."""

    further: str = ""
    middle: str = ""


@enumerator("include", alike=True)
def forward(
    evidence: Evidence, choice: int, *, least: int = 1, size: int = 3, enough: int = 0
) -> Iterator[JoinRow]:
    """Each `_include` that the target declares, with `least` to `size` resources that refer to another by it.

    `enough` leaves out all but so many. Which ones is the same for all tests of a suite: they share their searches.
    """
    rows = once(evidence, f"include {least} {size}", lambda: _forward(evidence, least, size))
    yield from spared(rows, enough, choice)


def _forward(evidence: Evidence, least: int, size: int) -> Iterator[JoinRow]:
    seen, found = _declared(evidence, reverse=False)
    for kind in sorted({kind for kind, _, _ in found if not seen.of(kind)}):
        yield JoinRow(key=kind, lacking=NOT_SHOWN)
    for kind, name, target in found:
        if not seen.of(kind):
            continue
        referring = [
            (r, to) for r, found in _referring(evidence, kind, name) if (to := _of_type(found, target))
        ]
        key, join = _key(kind, kind, name, target), _join(kind, name, target)
        if len(referring) < least or not referring:
            yield JoinRow(key=key, lacking=TOO_FEW if referring else UNSEEN)
            continue
        number = min(size, len(referring))
        chosen = [referring[place * len(referring) // number] for place in range(number)]
        ids = ",".join(sorted({str(r["id"]) for r, _ in chosen}))
        yield JoinRow(key=key, resource=kind, join=join, by=name, ids=ids, known=chosen[0][1][0])


@enumerator("reverse-include", alike=True)
def reverse(evidence: Evidence, choice: int, *, enough: int = 0) -> Iterator[JoinRow]:
    """Each `_revinclude` that the target declares, with a resource to which another refers by it.

    `enough` leaves out all but so many. Which ones is the same for all tests of a suite: they share their searches.
    """
    yield from spared(once(evidence, "reverse-include", lambda: _reverse(evidence)), enough, choice)


def _reverse(evidence: Evidence) -> Iterator[JoinRow]:
    seen, found = _declared(evidence, reverse=True)
    for source in sorted({source for _, source, _ in found if not seen.of(source)}):
        yield JoinRow(key=source, lacking=NOT_SHOWN)
    for kind, source, name in found:
        if not seen.of(source):
            continue
        pairs = [
            (to.partition("/")[2], f"{source}/{r['id']}")
            for r, found_there in _referring(evidence, source, name)
            for to in _of_type(found_there, kind)
        ]
        key = _key(kind, source, name, "")
        if not pairs:
            yield JoinRow(key=key, lacking=UNSEEN)
            continue
        # Servers may limit how much they include: the resource to which the fewest refer is the safest.
        numbers = Counter(identity for identity, _ in pairs)
        identity, known = min(pairs, key=lambda pair: (numbers[pair[0]], pair))
        yield JoinRow(key=key, resource=kind, join=f"{source}:{name}", by=name, ids=identity, known=known)


@enumerator("include-chain", alike=True)
def chains(evidence: Evidence, choice: int, *, enough: int = 0) -> Iterator[ChainRow]:
    """Each two declared includes of which the second goes on from what the first leads to, as far as was seen.

    What the second leads to is nothing to which the resource itself refers. `enough` leaves out all but so many.
    """
    yield from spared(once(evidence, "include-chain", lambda: _chains(evidence)), enough, choice)


def _chains(evidence: Evidence) -> Iterator[ChainRow]:
    seen, found = _declared(evidence, reverse=False)
    onward: Onward = {}
    for kind, name, target in found:
        onward.setdefault(kind, {})[name, target] = {
            f"{kind}/{r['id']}": _of_type(to, target) for r, to in _referring(evidence, kind, name)
        }
    held = {f"{kind}/{r['id']}" for kind in seen.types for r in seen.of(kind)}
    for include in found:
        kind, name, target = include
        for resource, to in _referring(evidence, kind, name):
            row = _chain(include, resource, _of_type(to, target), held, onward)
            if row is not None:
                yield row
                break


def _chain(
    include: tuple[str, str, str],
    resource: Resource,
    direct: tuple[str, ...],
    held: AbstractSet[str],
    onward: Onward,
) -> ChainRow | None:
    """The first row that there is for a resource which refers, by this include, to these directly."""
    kind, name, target = include
    for middle in direct:
        if middle not in held:
            continue
        middle_type = middle.partition("/")[0]
        for (further, its_target), leads in onward.get(middle_type, {}).items():
            ends = [to for to in leads[middle] if to in held]
            ends = [to for to in ends if to not in {*references(resource), f"{kind}/{resource['id']}"}]
            if ends:
                return ChainRow(
                    key=f"{kind}.{name}.{further}",
                    resource=kind,
                    join=_join(kind, name, target),
                    by=name,
                    ids=str(resource["id"]),
                    further=_join(middle_type, further, its_target),
                    middle=middle,
                    known=ends[0],
                )
    return None


def _declared(evidence: Evidence, *, reverse: bool) -> tuple[Samples, list[tuple[str, str, str]]]:
    """The joins that are declared for searchable types, wildcards spelt out.

    Forward: type, parameter and type of the target (or nothing); reverse: type, type that refers, parameter.
    """
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    found: set[tuple[str, str, str]] = set()
    for kind in searchable_types(statement):
        for join in includes(statement, kind, reverse=reverse):
            source, _, rest = join.partition(":")
            name, _, target = rest.partition(":")
            if reverse and source and name:
                found |= {(kind, source, name)} if published(source, name) else set()
            elif join == WILDCARD or (source == kind and name == WILDCARD):
                declared = search_parameters(statement, kind)
                found |= {(kind, one, "") for one, by in declared.items() if by == "reference"}
            elif source == kind and name:
                found.add((kind, name, target))
    if not found:
        word = "searchRevInclude" if reverse else "searchInclude"
        raise NotApplicable(f"the target declares nothing that its searches can include ({word})")
    return samples(evidence.discovery), sorted(found)


def _referring(evidence: Evidence, kind: str, name: str) -> tuple[tuple[Resource, tuple[str, ...]], ...]:
    """The sampled resources of a type, each with what it refers to by this parameter."""
    seen = samples(evidence.discovery).of(kind)
    return once(evidence, f"referring {kind}.{name}", lambda: ((r, _referred(r, name)) for r in seen))


def _referred(resource: Resource, name: str) -> tuple[str, ...]:
    try:
        return referred(resource, name)
    except NotJudgeable:
        return ()


def _of_type(references: tuple[str, ...], target: str) -> tuple[str, ...]:
    """Those of these references that are to a resource of this type, all where none is named."""
    return tuple(to for to in references if target in {"", to.partition("/")[0]})


def _join(kind: str, name: str, target: str) -> str:
    return f"{kind}:{name}:{target}" if target else f"{kind}:{name}"


def _key(kind: str, source: str, name: str, target: str) -> str:
    whose = "" if source == kind else f"{source}."
    return f"{kind}.{whose}{name}" + (f".{target}" if target else "")
