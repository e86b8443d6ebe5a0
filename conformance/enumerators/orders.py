"""Search parameters that the target declares: those that matches can be sorted by, and one value for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from conformance.analysis.ordering import Place, place
from conformance.analysis.samples import samples
from conformance.enumerators.sparing import once, spared
from conformance.enumerators.types import NOT_SHOWN
from conformance.fhir.capability import searchable_types
from conformance.fhir.elements import Resource
from conformance.fhir.search.parameters import kinds as kinds_of
from conformance.plugin import Evidence, NoData, NotApplicable, NotJudgeable, Row, enumerator

KINDS = ("date", "number", "quantity", "string", "token")
VALUES = {
    "date": "2020-01-01",
    "number": "1",
    "quantity": "1",
    "reference": "htest-none",
    "string": "htest",
    "token": "htest-none",
    "uri": "urn:htest:none",
}
SIZE = 8


@dataclass(frozen=True)
class OrderRow(Row):
    """A parameter to sort by, its kind, and the ids of resources that it puts in an order, joined by commas."""

    resource: str = ""
    parameter: str = ""
    kind: str = ""
    ids: str = ""


@dataclass(frozen=True)
class ParameterRow(Row):
    """A declared parameter with its kind and a value that is well-formed for it."""

    resource: str = ""
    parameter: str = ""
    kind: str = ""
    value: str = ""


@enumerator("sortable", alike=True)
def sortable(
    evidence: Evidence, choice: int, *, kinds: list[str] | None = None, gaps: bool = False, enough: int = 0
) -> Iterator[OrderRow]:
    """Each declared parameter of a kind with an order, where resources with different values of it were seen.

    Some resources without a value are among those that are to be sorted, where there are any. `gaps` takes
    only parameters for which there are; `enough` leaves out all but so many.
    """
    wanted = kinds or list(KINDS)
    rows = once(evidence, f"sortable {wanted} {gaps}", lambda: _sortable(evidence, wanted, gaps=gaps))
    yield from spared(rows, enough, choice)


def _sortable(evidence: Evidence, kinds: list[str], *, gaps: bool) -> Iterator[OrderRow]:
    seen = samples(evidence.discovery)
    unseen: set[str] = set()
    for kind, name, by in _declared(evidence):
        if not seen.of(kind) and kind not in unseen:
            unseen.add(kind)
            yield OrderRow(key=kind, lacking=NOT_SHOWN)
        if by not in kinds or kind in unseen:
            continue
        places = once(evidence, f"places {kind}.{name} {by}", partial(_places, seen.of(kind), name, by))
        placed = [(resource, where) for resource, where in places if isinstance(where, Place)]
        chosen = _different(placed)
        if len(chosen) < 2:  # noqa: PLR2004 - one alone is always in order
            yield OrderRow(
                key=f"{kind}.{name}", lacking="no two values that must stand in one order were seen"
            )
            continue
        without = [resource for resource, where in places if where is None][:2]
        if gaps and not without:
            yield OrderRow(key=f"{kind}.{name}", lacking="no resource without a value was seen")
            continue
        ids = ",".join(sorted(str(resource["id"]) for resource in [*chosen, *without]))
        yield OrderRow(key=f"{kind}.{name}", resource=kind, parameter=name, kind=by, ids=ids)


@enumerator("declared-parameter")
def declared_parameters(
    evidence: Evidence, choice: int, *, kinds: list[str] | None = None
) -> Iterator[ParameterRow]:
    """Each search parameter that the target declares, with a value that is well-formed for its kind."""
    del choice
    for kind, name, by in _declared(evidence):
        if by in VALUES and by in (kinds or VALUES):
            yield ParameterRow(key=f"{kind}.{name}", resource=kind, parameter=name, kind=by, value=VALUES[by])


def _declared(evidence: Evidence) -> list[tuple[str, str, str]]:
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    found = [
        (kind, name, by)
        for kind in searchable_types(statement)
        for name, by in sorted(kinds_of(statement, kind).items())
    ]
    if not found:
        raise NotApplicable("the target declares no search parameter")
    return found


def _places(
    resources: Iterable[Resource], name: str, kind: str
) -> Iterator[tuple[Resource, Place | NotJudgeable | None]]:
    """Where each resource stands, None for one without a value, or why that cannot be told."""
    for resource in resources:
        try:
            yield resource, place(resource, name, kind)
        except NotJudgeable as reason:
            yield resource, reason


def _different(placed: list[tuple[Resource, Place]]) -> list[Resource]:
    """Some of these of which each must stand before or after each other."""
    chosen: list[tuple[Resource, Place]] = []
    for resource, where in placed:
        if all(where.is_before(other) or other.is_before(where) for _, other in chosen):
            chosen.append((resource, where))
        if len(chosen) == SIZE:
            break
    return [resource for resource, _ in chosen]
