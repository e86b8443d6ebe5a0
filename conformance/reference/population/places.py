"""The organisations, places and people who give care in the demo population."""

from dataclasses import dataclass
from typing import Any

from conformance.reference.population.draw import Draw
from conformance.reference.population.names import ACCENTED, FAMILIES, GIVEN, STREETS, TOWNS
from conformance.reference.population.terms import hl7
from conformance.reference.population.time import instant, moment

ODS_CODES = "https://fhir.nhs.uk/Id/ods-organization-code"
TEST_DATA = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}

_TRUSTS = ("Saltmarsh Bay NHS Foundation Trust", "Kirkhaven and Easterfold Hospitals NHS Trust")
_PRACTICES = ("The Quay Surgery", "Mill Rise Medical Centre", "Signal Hill Practice", "Meddygfa Porth Newydd")
_WARDS = ("Outpatients A", "Ward 4 (Cardiology)", "Emergency department", "Community clinic")
_PATIENTS_A_CLINICIAN = 12
_FEWEST_CLINICIANS = 6


@dataclass(frozen=True)
class Places:
    """Who gives care and where: the resources themselves, from which references are drawn."""

    trusts: tuple[dict[str, Any], ...]
    practices: tuple[dict[str, Any], ...]
    locations: tuple[dict[str, Any], ...]
    clinicians: tuple[dict[str, Any], ...]

    def everything(self) -> tuple[dict[str, Any], ...]:
        """All resources, those first that others refer to."""
        return (*self.trusts, *self.practices, *self.locations, *self.clinicians)


def reference(resource: dict[str, Any]) -> dict[str, Any]:
    """A FHIR Reference to this resource."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def known_as(resource: dict[str, Any]) -> dict[str, Any]:
    """A FHIR Reference to this resource that also gives its first identifier."""
    first = resource["identifier"][0]
    return reference(resource) | {"identifier": {"system": first["system"], "value": first["value"]}}


def head(kind: str, identity: str, updated: str) -> dict[str, Any]:
    """What every resource of the population starts with: type, id and meta with the test-data tag."""
    return {
        "resourceType": kind,
        "id": identity,
        "meta": {"versionId": "1", "lastUpdated": updated, "tag": [dict(TEST_DATA)]},
    }


def narrative(words: str) -> dict[str, str]:
    """A Narrative of these words, which need no escaping in XHTML."""
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}


def address(draw: Draw) -> dict[str, Any]:
    """An address that nobody lives at; postcodes from the ZZ99 range, which no delivery point has."""
    postcode = f"ZZ99 {draw.between(1, 9)}{draw.one_of('ABDEFGHJLN')}{draw.one_of('ABDEFGHJLN')}"
    return {
        "use": "home",
        "type": "both",
        "line": [f"{draw.between(1, 180)} {draw.one_of(STREETS)}"],
        "city": draw.one_of(TOWNS),
        "postalCode": postcode,
        "country": "GBR",
    }


def landline(draw: Draw) -> str:
    """A telephone number from a range that the regulator keeps for drama (01632 960000 to 960999)."""
    return f"01632 960{draw.digits(3)}"


def places(seed: int, patients: int, base: str) -> Places:
    """The organisations, locations and clinicians for a population of this size."""
    trusts = tuple(_organization(seed, name, f"ZT{n}", "NHS Trust") for n, name in enumerate(_TRUSTS, 1))
    practices = tuple(
        _organization(seed, name, f"Z99{n:03d}", "General practice") for n, name in enumerate(_PRACTICES, 1)
    )
    locations = tuple(_location(seed, name, trust) for trust in trusts for name in _WARDS)
    count = max(_FEWEST_CLINICIANS, patients // _PATIENTS_A_CLINICIAN)
    clinicians = tuple(_practitioner(seed, number, base) for number in range(count))
    return Places(trusts, practices, locations, clinicians)


def _organization(seed: int, name: str, ods: str, kind: str) -> dict[str, Any]:
    draw = Draw(seed, "Organization", ods)
    return head("Organization", draw.identity(), instant(moment(draw))) | {
        "text": narrative(f"{name} ({kind}, {ods})"),
        "identifier": [{"use": "official", "system": ODS_CODES, "value": ods}],
        "active": True,
        "type": [hl7("organization-type", "prov", "Healthcare Provider") | {"text": kind}],
        "name": name,
        "telecom": [{"system": "phone", "value": landline(draw), "use": "work"}],
        "address": [address(draw) | {"use": "work"}],
    }


def _location(seed: int, name: str, trust: dict[str, Any]) -> dict[str, Any]:
    draw = Draw(seed, "Location", trust["name"], name)
    return head("Location", draw.identity(), instant(moment(draw))) | {
        "status": "active",
        "name": f"{name}, {trust['name']}",
        "mode": "instance",
        "managingOrganization": reference(trust),
    }


def _practitioner(seed: int, number: int, base: str) -> dict[str, Any]:
    draw = Draw(seed, "Practitioner", number)
    accented = draw.chance(0.2)
    name = draw.one_of(ACCENTED)
    family = name.family if accented else draw.one_of(FAMILIES)
    given = list(name.given) if accented else [draw.one_of(GIVEN)]
    return head("Practitioner", draw.identity(), instant(moment(draw))) | {
        "identifier": [{"system": f"{base}/Id/staff-number", "value": f"S{number:05d}"}],
        "active": True,
        "name": [{"use": "official", "family": family, "given": given, "prefix": ["Dr"]}],
        "gender": draw.one_of(("female", "male")),
    }
