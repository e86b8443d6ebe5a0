"""Resource types that a target declares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.analysis.samples import SAMPLED, samples
from conformance.enumerators.sparing import SPARED
from conformance.fhir import bundles
from conformance.fhir.capability import (
    Conditional,
    interactions,
    is_conditional,
    resources,
    search_parameters,
)
from conformance.fhir.categories import PATIENT
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator

NOT_SHOWN = "no resource of the type was seen in discovery"
UNCOUNTED = 10**9


@dataclass(frozen=True)
class TypeRow(Row):
    """A type, and one resource of it that discovery saw: its id, and `source` as `Type/id`."""

    resource: str = ""
    id: str = ""
    source: str = ""


@enumerator("resource-type")
def resource_types(  # noqa: PLR0913 - which types, and how many of them, is told in this many ways
    evidence: Evidence,
    choice: int,
    *,
    interaction: str | list[str] = "",
    search: str = "",
    conditional: Conditional | Literal[""] = "",
    only: list[str] | None = None,
    category: Literal["", "patient"] = "",
    without: list[str] | None = None,
    sampled: bool = True,
    needed: bool = False,
    first: list[str] | None = None,
    pages_of: int = 0,
    enough: int = 0,
) -> Iterator[TypeRow]:
    """Each resource type that the target declares (with all of these interactions), and one resource of it.

    `search` and `conditional` take only types with that search parameter, or that conditional interaction. `only`
    leaves out other types, `without` these, `category` what R4 does not put in that category of security. With
    `sampled: false` no resource is needed, and `id` may be empty. Where such a type is `needed`, nobody is excused who
    declares none. `enough` leaves out all but so many types that can be tried: those named `first` come first, then
    those with the fewest pages of the size `pages_of`, but more than one, then the others, from the choice on.
    """
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    wanted = {interaction} if isinstance(interaction, str) else set(interaction)
    kinds = sorted(
        kind
        for kind in {entry["type"] for entry in resources(statement)}
        if wanted - {""} <= interactions(statement, kind)
        and (only is None or kind in only)
        and (not category or kind in PATIENT)
        and kind not in (without or ())
        and (not search or search in search_parameters(statement, kind))
        and (not conditional or is_conditional(statement, kind, conditional))
    )
    if not kinds:
        asked = ", ".join([*sorted(wanted - {""}), *filter(None, [search, conditional])])
        said = f"the target declares no type with {asked or 'a name'}"
        raise NoData(said) if needed else NotApplicable(said)
    held = samples(evidence.discovery)
    ready = [kind for kind in kinds if held.of(kind) or not sampled]
    taken = ready
    if enough:
        turned = _turned(ready, choice)
        numbers = _numbers(evidence) if pages_of else {}
        taken = sorted(turned, key=lambda kind: _rank(kind, first or (), numbers, pages_of))[:enough]
    for kind in kinds:
        found = held.of(kind)
        identity = str(found[choice % len(found)]["id"]) if found else ""
        lacking = NOT_SHOWN if kind not in ready else SPARED if kind not in taken else ""
        source = f"{kind}/{identity}" if found else ""
        yield TypeRow(key=kind, lacking=lacking, resource=kind, id=identity, source=source)


def _turned(kinds: Sequence[str], choice: int) -> list[str]:
    start = choice % len(kinds) if kinds else 0
    return [*kinds[start:], *kinds[:start]]


def _rank(kind: str, first: Sequence[str], numbers: dict[str, int], size: int) -> tuple[int, int]:
    if kind in first:
        return list(first).index(kind), 0
    number = numbers.get(kind, UNCOUNTED)
    return len(first), number if number > size else UNCOUNTED


def _numbers(evidence: Evidence) -> dict[str, int]:
    """How many resources there are of each type, as far as discovery's searches tell."""
    found: dict[str, int] = {}
    for exchange in evidence.discovery.labelled(SAMPLED):
        bundle = exchange.resource("Bundle") if exchange.ok else None
        if bundle is not None:
            total = bundles.total(bundle)
            seen = len(bundles.matches(bundle)) if bundles.link(bundle, "next") is None else UNCOUNTED
            found[exchange.about.get("type", "")] = seen if total is None else total
    return found
