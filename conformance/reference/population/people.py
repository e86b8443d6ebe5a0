"""The patients of the demo population: identifiers, names, birth dates as far as known, and standing.

A record system is left with all its patients or not at all, so the awkward ones are always there: inactive,
deceased, merged into another record, and restricted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.reference.population.draw import Draw
from conformance.reference.population.names import ACCENTED, FAMILIES, GIVEN, LONG, OTHER_SCRIPTS, Name
from conformance.reference.population.places import Places, address, head, known_as, landline, reference
from conformance.reference.population.terms import HL7, Term, coding
from conformance.reference.population.time import END, instant, local, moment

NHS_NUMBERS = "https://fhir.nhs.uk/Id/nhs-number"
VERIFICATION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
VERIFICATION_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
VERIFIED = Term("01", "Number present and verified")
NOT_TRACED = Term("02", "Number present but not traced")

_FEWEST_FOR_STANDINGS = 6
_PATIENTS_A_ROUND = 12
_EARLIEST_BIRTH, _LATEST_BIRTH = 1927, 2022


@dataclass(frozen=True)
class Standing:
    """What is special about one patient's record; `into` and `from_` number the other record of a merge."""

    inactive: bool = False
    deceased: bool = False
    died: datetime | None = None
    restricted: bool = False
    into: int | None = None
    from_: int | None = None


@dataclass(frozen=True)
class Person:
    """One patient and what the rest of the record needs to know of them."""

    number: int
    resource: dict[str, Any]
    born: int
    until: datetime
    practice: dict[str, Any]
    trust: dict[str, Any]

    @property
    def reference(self) -> dict[str, Any]:
        """A FHIR Reference to the patient."""
        return reference(self.resource)


def people(seed: int, count: int, base: str, places: Places) -> Iterator[Person]:
    """All patients, in the order of their numbers."""
    numbers = nhs_numbers(Draw(seed, "NHS numbers"), count)
    for number, standing in enumerate(standings(Draw(seed, "standings"), count)):
        yield _person(seed, number, base, places, standing, numbers[number])


def patient_id(seed: int, number: int) -> str:
    """The id of a patient, known beforehand, so that merged records can point to one another."""
    return Draw(seed, "Patient id", number).identity()


def nhs_numbers(draw: Draw, count: int) -> list[str]:
    """Different NHS numbers of the test range (999…), each with its modulus-11 check digit."""
    found: dict[str, None] = {}
    while len(found) < count:
        body = "999" + draw.digits(6)
        digit = nhs_check_digit(body)
        if digit is not None:
            found[body + digit] = None
    return list(found)


def nhs_check_digit(body: str) -> str | None:
    """The tenth digit of an NHS number (weights 10 to 2, modulus 11); None where no number may be issued."""
    total = sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True))
    digit = (11 - total % 11) % 11
    return None if digit == 10 else str(digit)  # noqa: PLR2004 - 10 is no digit: such numbers are not issued


def standings(draw: Draw, count: int) -> list[Standing]:
    """The standing of each patient: of every twelve one of each awkward kind, from six patients on."""
    found = [Standing()] * count
    if count < _FEWEST_FOR_STANDINGS:
        return found
    free = draw.shuffled(range(count))
    for _ in range(max(1, count // _PATIENTS_A_ROUND)):
        inactive, deceased, dated, restricted, old, survivor = (free.pop() for _ in range(6))
        found[inactive] = Standing(inactive=True)
        found[deceased] = Standing(deceased=True)
        found[dated] = Standing(died=END - timedelta(hours=draw.between(200, 8_000)))
        found[restricted] = Standing(restricted=True)
        found[old] = Standing(inactive=True, into=survivor)
        found[survivor] = replace(found[survivor], from_=old)
    return found


def _person(seed: int, number: int, base: str, places: Places, standing: Standing, nhs: str) -> Person:
    draw = Draw(seed, "Patient", number)
    born = draw.between(_EARLIEST_BIRTH, _LATEST_BIRTH)
    practice, trust = draw.one_of(places.practices), draw.one_of(places.trusts)
    name = _name(draw)
    patient = head("Patient", patient_id(seed, number), instant(moment(draw)))
    if standing.died:
        patient["meta"]["lastUpdated"] = instant(max(standing.died, moment(draw)))
    if standing.restricted:
        patient["meta"]["security"] = [coding(f"{HL7}/v3-Confidentiality", Term("R", "restricted"))]
    patient |= {
        "identifier": [
            _nhs_number(nhs, NOT_TRACED if standing.into is not None or draw.chance(0.1) else VERIFIED),
            {
                "use": "usual",
                "type": {"coding": [coding(f"{HL7}/v2-0203", Term("MR", "Medical record number"))]},
                "system": f"{base}/Id/hospital-number",
                "value": f"H{number:04d}{draw.digits(3)}",
                "assigner": reference(trust),
            },
        ],
        "active": not standing.inactive,
        "name": _human_names(name),
        "telecom": _telecoms(draw, number),
        "gender": draw.one_of(("female", "male", "female", "male", "female", "male", "other", "unknown")),
        "birthDate": _birth_date(draw, born),
        "address": [address(draw)],
        "generalPractitioner": [known_as(practice)],
        "managingOrganization": known_as(trust),
    }
    if name.language != "en":
        patient["communication"] = [
            {
                "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": name.language}]},
                "preferred": True,
            },
        ]
    patient |= _fate(seed, standing)
    return Person(number, patient, born, standing.died or END, practice, trust)


def _fate(seed: int, standing: Standing) -> dict[str, Any]:
    """The elements that a patient's standing adds."""
    if standing.deceased:
        return {"deceasedBoolean": True}
    if standing.died:
        return {"deceasedDateTime": local(standing.died)}
    for other, kind in ((standing.into, "replaced-by"), (standing.from_, "replaces")):
        if other is not None:
            return {"link": [{"other": {"reference": f"Patient/{patient_id(seed, other)}"}, "type": kind}]}
    return {}


def _nhs_number(value: str, verified: Term) -> dict[str, Any]:
    status = {"url": VERIFICATION, "valueCodeableConcept": {"coding": [coding(VERIFICATION_CODES, verified)]}}
    return {"extension": [status], "use": "official", "system": NHS_NUMBERS, "value": value}


def _name(draw: Draw) -> Name:
    kind = draw.below(20)
    if kind < 4:  # noqa: PLR2004 - four of twenty
        return draw.one_of(OTHER_SCRIPTS)
    if kind < 8:  # noqa: PLR2004 - four more of twenty
        return draw.one_of(ACCENTED)
    if kind == 8:  # noqa: PLR2004 - one of twenty
        return draw.one_of(LONG)
    return Name(draw.one_of(FAMILIES), tuple(draw.some_of(GIVEN, draw.between(1, 3))))


def _human_names(name: Name) -> list[dict[str, Any]]:
    full = " ".join((*name.given, name.family))
    official = {"use": "official", "text": full, "family": name.family, "given": list(name.given)}
    if not name.latin:
        return [official]
    family, given = name.latin
    return [official, {"use": "usual", "text": f"{given} {family}", "family": family, "given": [given]}]


def _telecoms(draw: Draw, number: int) -> list[dict[str, Any]]:
    """Numbers from the ranges that the regulator keeps for drama, and an address that takes no mail."""
    mobile = {"system": "phone", "value": f"07700 900{draw.digits(3)}", "use": "mobile"}
    home = {"system": "phone", "value": landline(draw), "use": "home"}
    email = {"system": "email", "value": f"patient{number}@example.org"}
    return [mobile, *([home] if draw.chance(0.5) else []), *([email] if draw.chance(0.4) else [])]


def _birth_date(draw: Draw, born: int) -> str:
    """A birth date to the day; for some patients no more than the month or the year is known."""
    month = draw.between(1, 12)
    known = draw.below(12)
    if known == 0:
        return f"{born}"
    if known == 1:
        return f"{born}-{month:02d}"
    return f"{datetime(born, month, draw.between(1, 28), tzinfo=UTC):%Y-%m-%d}"
