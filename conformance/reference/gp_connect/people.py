"""The practice, those who work there and its patients: made up, with NHS numbers of the test range."""

from dataclasses import dataclass
from typing import Any

from conformance.reference.gp_connect import terms

Json = dict[str, Any]

PRACTICE_ODS = "A99921"


@dataclass(frozen=True)
class Registered:
    """A patient of the practice, and whether their record may be shared or even spoken of."""

    resource: Json
    consents: bool = True
    sensitive: bool = False

    @property
    def nhs_number(self) -> str:
        """The patient's NHS number."""
        return str(self.resource["identifier"][0]["value"])


def _head(kind: str, identity: str, structure: str) -> Json:
    return {"resourceType": kind, "id": identity, "meta": {"versionId": "1", "profile": [structure]}}


PRACTICE: Json = _head("Organization", "org-1", terms.ORGANIZATION) | {
    "identifier": [{"system": terms.ODS_CODE, "value": PRACTICE_ODS}],
    "name": "Lantern Street Surgery",
    "telecom": [{"system": "phone", "value": "01632 960077", "use": "work"}],
    "address": [{"line": ["14 Lantern Street"], "city": "Saltmarsh", "postalCode": "ZZ99 3AB"}],
}
SURGERY: Json = _head("Location", "loc-1", terms.LOCATION) | {
    "name": "Lantern Street Surgery",
    "address": {"line": ["14 Lantern Street"], "city": "Saltmarsh", "postalCode": "ZZ99 3AB"},
    "telecom": [{"system": "phone", "value": "01632 960077", "use": "work"}],
    "managingOrganization": {"reference": "Organization/org-1"},
}


def _practitioner(identity: str, family: str, given: str, prefix: str, gender: str) -> Json:
    return _head("Practitioner", identity, terms.PRACTITIONER) | {
        "identifier": [{"system": terms.USER_ID, "value": f"99900000{identity[-1]}"}],
        "name": [{"use": "official", "family": family, "given": [given], "prefix": [prefix]}],
        "gender": gender,
    }


DOCTOR = _practitioner("prac-1", "Okonjo", "Miriam", "Dr", "female")
NURSE = _practitioner("prac-2", "Trevaskis", "Alun", "Mr", "male")
DOCTORS_ROLE: Json = _head("PractitionerRole", "role-1", terms.PRACTITIONER_ROLE) | {
    "practitioner": {"reference": "Practitioner/prac-1"},
    "organization": {"reference": "Organization/org-1"},
    "code": [
        {"coding": [{"system": terms.JOBS, "code": "R0260", "display": "General Medical Practitioner"}]}
    ],
}


def _patient(identity: str, nhs_number: str, family: str, given: str, born: str, gender: str) -> Json:
    verified = {
        "coding": [{"system": terms.VERIFICATIONS, "code": "01", "display": "Number present and verified"}]
    }
    return _head("Patient", identity, terms.PATIENT) | {
        "identifier": [
            {
                "extension": [{"url": terms.VERIFICATION, "valueCodeableConcept": verified}],
                "system": terms.NHS_NUMBER,
                "value": nhs_number,
            }
        ],
        "active": True,
        "name": [{"use": "official", "family": family, "given": [given]}],
        "gender": gender,
        "birthDate": born,
        "generalPractitioner": [
            {"reference": "Organization/org-1"},
            {"reference": "Practitioner/prac-1"},
        ],
        "managingOrganization": {"reference": "Organization/org-1"},
    }


PATIENTS = (
    Registered(_patient("pat-1", "9991204806", "Penhallow", "Iris", "1957-03-18", "female")),
    Registered(_patient("pat-2", "9991204814", "Quayle", "Desmond", "1984-11-02", "male")),
    Registered(_patient("pat-3", "9991204822", "Rushworth", "Anwen", "1972-06-29", "female"), consents=False),
    Registered(_patient("pat-4", "9991204830", "Stannard", "Felix", "1990-01-07", "male"), sensitive=True),
)
READABLE: dict[str, Json] = {
    f"{one['resourceType']}/{one['id']}": one for one in (PRACTICE, SURGERY, DOCTOR, NURSE)
}


def shown() -> dict[str, Registered]:
    """The patients that may be spoken of, by their ids."""
    return {one.resource["id"]: one for one in PATIENTS if not one.sensitive}


def by_nhs_number(number: str) -> Registered | None:
    """The patient with that NHS number, whatever may be said of them."""
    return next((one for one in PATIENTS if one.nhs_number == number), None)
