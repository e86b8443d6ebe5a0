"""Composite parameters: values that stand together in one place (https://hl7.org/fhir/R4/search.html#composite)."""

from conformance.reference.behaviour.whole import SearchBehaviour
from conformance.reference.forms.outcomes import bad_request
from conformance.reference.records.parameters import Parameter
from conformance.reference.records.store import Store
from conformance.reference.search.clauses import Asked, Clause, clause, split

MOST_PLACES = 12
"""In how many places of one resource the parts are looked for."""


def composite(
    store: Store, base_url: str, behaviour: SearchBehaviour, of: tuple[str, Parameter], value: str
) -> Clause:
    """The versions in which the parts between dollars stand in one place; refuses (400) another number of parts."""
    resource_type, known = of
    wanted = split(value, "$")
    if len(wanted) != len(known.parts) or not all(wanted):
        raise bad_request(f"{known.name}={value}: expected {len(known.parts)} values with $ between them")

    def part(index: int, place: int) -> Clause:
        meant = known.part(index, place)
        key = store.parameter_key(resource_type, meant.name)
        return clause(Asked(meant, key, "", base_url, behaviour), wanted[index])

    places = range(MOST_PLACES)
    if behaviour.values.parts_stand_together:
        found = [
            _joined(" INTERSECT ", [part(index, place) for index in range(len(wanted))]) for place in places
        ]
        return _joined(" UNION ", found)
    anywhere = [_joined(" UNION ", [part(index, place) for place in places]) for index in range(len(wanted))]
    return _joined(" INTERSECT ", anywhere)


def _joined(by: str, parts: list[Clause]) -> Clause:
    sql = by.join(f"SELECT pk FROM ({part.sql})" for part in parts)  # noqa: S608 - own names
    return Clause(sql, tuple(argument for part in parts for argument in part.arguments))
