"""What a Patient must look like before it is kept: its elements, how often they stand, its codes, its invariant.

Written down by hand from https://hl7.org/fhir/R4/patient.html, since this server may not ask what judges it.
Elements of the types within (a HumanName, an Address) are looked at where mistakes are made most.
"""

import re
from collections.abc import Mapping
from typing import Any

from conformance.reference.forms.outcomes import RequestError, bad_request

_PRIMITIVES = frozenset(
    ["id", "implicitRules", "language", "active", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime",
     "multipleBirthBoolean", "multipleBirthInteger"]
)  # fmt: skip
_ONE = frozenset({"meta", "text", "maritalStatus", "managingOrganization"})
_MANY = frozenset(
    ["contained", "extension", "modifierExtension", "identifier", "name", "telecom", "address", "photo", "contact",
     "communication", "generalPractitioner", "link"]
)  # fmt: skip
_BOOLEANS = ("active", "deceasedBoolean", "multipleBirthBoolean")
_CODES = {"gender": {"male", "female", "other", "unknown"}}
_NAME_USES = {"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_LONGEST_STRING = 2**20
_CONTACT = ("name", "telecom", "address", "organization")


def check_patient(patient: Mapping[str, Any]) -> None:
    """Refuse (400) a Patient that breaks a rule of the resource."""
    for member, value in patient.items():
        name = member.removeprefix("_")
        if name == "resourceType":
            continue
        if name not in _PRIMITIVES | _ONE | _MANY or (member != name and name not in _PRIMITIVES):
            raise _broken(f"Patient has no element {member}", "structure")
        if name in _MANY and not (isinstance(value, list) and all(isinstance(v, dict) for v in value)):
            raise _broken(f"Patient.{name} is an array of objects", "structure")
        if (name in _ONE or member != name) and not isinstance(value, dict):
            raise _broken(f"Patient.{member} is an object", "structure")
        if member in _PRIMITIVES and isinstance(value, (list, dict)):
            raise _broken(f"Patient.{name} is a single value", "structure")
    _check_values(patient)
    _check_parts(patient)
    _check_strings(patient)


def _check_values(patient: Mapping[str, Any]) -> None:
    for name in _BOOLEANS:
        if name in patient and not isinstance(patient[name], bool):
            raise _broken(f"Patient.{name} is true or false", "value")
    born = patient.get("birthDate")
    if born is not None and not (isinstance(born, str) and _DATE.fullmatch(born)):
        raise _broken("Patient.birthDate is no date", "value")
    for name, known in _CODES.items():
        if name in patient and patient[name] not in known:
            raise _broken(f"Patient.{name} is none of {', '.join(sorted(known))}", "code-invalid")


def _check_parts(patient: Mapping[str, Any]) -> None:
    for name in patient.get("name", ()):
        if name.get("use", "usual") not in _NAME_USES:
            raise _broken("Patient.name.use has a code that there is not", "code-invalid")
        if not isinstance(name.get("family", ""), str) or not isinstance(name.get("given", []), list):
            raise _broken("Patient.name has a family name, and an array of given names", "structure")
    for contact in patient.get("contact", ()):
        if not any(part in contact for part in _CONTACT):
            raise _broken(
                "A contact has a name, an address, a telecom or an organization (pat-1)", "invariant"
            )
    for link in patient.get("link", ()):
        if "other" not in link or "type" not in link:
            raise _broken("A link has another patient and a type", "required")


def _check_strings(value: Any) -> None:
    if isinstance(value, Mapping):
        for member in value.values():
            _check_strings(member)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
    elif isinstance(value, str) and len(value) > _LONGEST_STRING:
        raise _broken("A string is longer than 1,048,576 characters", "too-long")


def _broken(told: str, code: str) -> RequestError:
    return bad_request(told, code)
