"""Resource types that a target declares."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.analysis.samples import samples
from conformance.fhir.capability import interactions, resources
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator

NOT_SHOWN = "no resource of the type was seen in discovery"


@dataclass(frozen=True)
class TypeRow(Row):
    """A type, and one resource of it that discovery saw: its id, and `source` as `Type/id`."""

    resource: str = ""
    id: str = ""
    source: str = ""


@enumerator("resource-type")
def resource_types(
    evidence: Evidence,
    choice: int,
    *,
    interaction: str | list[str] = "",
    only: list[str] | None = None,
    sampled: bool = True,
    needed: bool = False,
) -> Iterator[TypeRow]:
    """Each resource type that the target declares (with all of these interactions), and one resource of it.

    `only` leaves out other types. With `sampled: false` no resource is needed, and `id` may be empty. Where such a type
    is `needed`, nobody is excused who declares none.
    """
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    wanted = {interaction} if isinstance(interaction, str) else set(interaction)
    declared = {entry["type"] for entry in resources(statement)}
    kinds = sorted(
        kind
        for kind in declared
        if wanted - {""} <= interactions(statement, kind) and (only is None or kind in only)
    )
    if not kinds:
        said = f"the target declares no type with {', '.join(sorted(wanted - {''})) or 'a name'}"
        raise NoData(said) if needed else NotApplicable(said)
    held = samples(evidence.discovery)
    for kind in kinds:
        found = held.of(kind)
        if found:
            identity = str(found[choice % len(found)]["id"])
            yield TypeRow(key=kind, resource=kind, id=identity, source=f"{kind}/{identity}")
        else:
            yield TypeRow(key=kind, lacking=NOT_SHOWN if sampled else "", resource=kind)
