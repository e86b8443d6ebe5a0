"""Interactions with resource types that a target declares."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.analysis.samples import samples
from conformance.fhir.capability import interactions, resources
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator

NOT_SHOWN = "no resource of the type was seen in discovery"


@dataclass(frozen=True)
class InteractionRow(Row):
    """A type, the id of one resource of it that discovery saw, and the interactions that are declared for it."""

    resource: str = ""
    id: str = ""
    declared: list[str] = field(default_factory=list)


@enumerator("type-interactions")
def type_interactions(evidence: Evidence, choice: int, *, among: list[str]) -> Iterator[InteractionRow]:
    """Each resource type for which the target declares any of these interactions, with those that it declares."""
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    held = samples(evidence.discovery)
    found = False
    for kind in sorted({entry["type"] for entry in resources(statement)}):
        declared = sorted(interactions(statement, kind) & set(among))
        if declared:
            found = True
            seen = held.of(kind)
            identity = str(seen[choice % len(seen)]["id"]) if seen else ""
            lacking = "" if seen else NOT_SHOWN
            yield InteractionRow(key=kind, lacking=lacking, resource=kind, id=identity, declared=declared)
    if not found:
        raise NotApplicable(f"the target declares none of {', '.join(among)} for any type")
