"""A made-up British population as FHIR R4 resources: what the supplier keeps when given no data.

Nothing here comes from any data set or any person. NHS numbers are of the test range, telephone numbers of
the ranges for drama, postcodes of no delivery point, and every resource carries the tag HTEST.
"""

from collections.abc import Iterator
from typing import Any

from conformance.reference.population import care
from conformance.reference.population.documents import audit_event, documents, provenance
from conformance.reference.population.draw import Draw
from conformance.reference.population.people import Person, people
from conformance.reference.population.places import Places, head, places
from conformance.reference.population.time import END, instant, moment

SEED = 20261122
"""The seed of the demo population."""

PATIENTS = 60
"""How many patients the demo population has."""

_AUDITED = 0.2


def population(seed: int, patients: int, base: str) -> Iterator[dict[str, Any]]:
    """All resources of the population that this seed stands for.

    Same arguments, same resources, in the same order and on every Python version. `base` is the address under
    which the product's own identifier systems live (`{base}/Id/hospital-number`). Every reference is relative
    (`Type/id`) and is to a resource of the population.
    """
    base = base.rstrip("/")
    around = places(seed, patients, base)
    yield from around.everything()
    everyone = list(people(seed, patients, base, around))
    for person in everyone:
        yield person.resource
        yield from _record(seed, person, around, base)
    if everyone:
        yield _cohort(seed, everyone, base)


def _record(seed: int, person: Person, around: Places, base: str) -> Iterator[dict[str, Any]]:
    """All that is on record about one patient, from streams of draws of its own."""

    def draw(what: str) -> Draw:
        return Draw(seed, what, person.number)

    seen = care.visits(draw("visits"), person, around, base)
    first, last = seen[0], seen[-1]
    problems = care.conditions(draw("conditions"), seen)
    papers = documents(draw("documents"), last)
    yield from (visit.encounter for visit in seen)
    yield from problems
    yield from care.vital_signs(draw("vital signs"), last)
    yield from care.laboratory(draw("laboratory"), first)
    yield from care.allergies(draw("allergies"), first)
    yield from care.prescriptions(draw("prescriptions"), seen)
    yield from care.vaccinations(draw("vaccinations"), last)
    yield from care.risks(draw("risks"), last)
    yield from papers
    yield provenance(draw("provenance"), last, [papers[-1], problems[0]])
    yield provenance(draw("later provenance"), last, [problems[0]])
    if person.number == 0 or draw("audit").chance(_AUDITED):
        yield audit_event(draw("audit event"), last, around, base)


def _cohort(seed: int, everyone: list[Person], base: str) -> dict[str, Any]:
    """A group of about a third of the patients."""
    draw = Draw(seed, "cohort")
    members = draw.some_of(everyone, max(1, len(everyone) // 3))
    ordered = sorted(members, key=lambda person: person.number)
    group = head("Group", draw.identity(), instant(moment(draw, END)))
    group["meta"]["profile"] = ["http://hl7.org/fhir/StructureDefinition/actualgroup"]
    return group | {
        "identifier": [{"system": f"{base}/Id/cohort", "value": "long-term-conditions-clinic"}],
        "active": True,
        "type": "person",
        "actual": True,
        "name": "Long-term conditions clinic",
        "quantity": len(ordered),
        "member": [{"entity": person.reference} for person in ordered],
    }
