"""Identifiers and codes of the NHS in England: the NHS number, ODS codes, and SNOMED CT identifiers.

Sources: NHS Data Dictionary (NHS NUMBER; ISB 0149), DCB 0090, SNOMED CT Release File Specification.
"""

import re
from collections.abc import Mapping

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
"""The identifier system of the NHS number in England, Wales and the Isle of Man."""

ODS_CODE_SYSTEM = "https://fhir.nhs.uk/Id/ods-organization-code"
"""The identifier system of the codes of the Organisation Data Service."""

VERIFICATION_STATUS = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
)
"""The UK Core extension that says how far an NHS number has been verified."""

_STATUS_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus"
_STATUSES: Mapping[str, frozenset[str]] = {
    f"{_STATUS_SYSTEM}England": frozenset({"01", "02", "03", "04", "05", "06", "07", "08"}),
    f"{_STATUS_SYSTEM}Wales": frozenset({"nn", "01", "02", "03", "04", "05", "06", "07", "08"}),
    _STATUS_SYSTEM: frozenset(
        {
            "number-present-and-verified",
            "number-present-but-not-traced",
            "trace-required",
            "trace-attempted",
            "trace-needs-to-be-resolved",
            "trace-in-progress",
            "number-not-present-and-trace-not-required",
            "trace-postponed",
            "number-present-and-traced-using-welsh-nhs-ar",
        }
    ),
}
"""The codes of UK Core's code systems for the verification status (UK Core 2.0.0; NHS Data Dictionary)."""

SNOMED_SYSTEM = "http://snomed.info/sct"
"""The code system of SNOMED CT, and of the products of dm+d as its UK drug extension has them."""

DMD_SYSTEM = "https://dmd.nhs.uk"
"""The code system of dm+d, the NHS dictionary of medicines and devices, under its own name."""

_DIGITS = re.compile(r"\d{10}", re.ASCII)
_ODS_CODE = re.compile(r"[A-Z0-9]{3,10}", re.ASCII)
_MODULUS = 11
_SCTID = re.compile(r"[1-9][0-9]{5,17}", re.ASCII)
_EXPRESSION = re.compile(r"[:+=|{]")
_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_TURNS = 5
"""Verhoeff's scheme reckons with the symmetries of a pentagon: as many turns, and as many turns after a flip."""


def check_digit(first_nine: str) -> int | None:
    """The tenth digit that the first nine call for (modulus 11); None where no number may begin so."""
    weighted = sum(int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True))
    digit = (_MODULUS - weighted % _MODULUS) % _MODULUS
    return None if digit == _MODULUS - 1 else digit


def nhs_number_problem(value: object) -> str:
    """Why this is no NHS number, as the end of a sentence; empty where it is one."""
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        return "is not ten digits without spaces"
    digit = check_digit(value[:9])
    if digit is None:
        return "begins with nine digits that have no check digit"
    return "" if digit == int(value[9]) else f"has the check digit {value[9]}, not {digit}"


def is_verification_status(system: object, code: object) -> bool:
    """Whether this is a code of one of UK Core's systems for how far an NHS number is verified."""
    return isinstance(system, str) and code in _STATUSES.get(system, ())


def is_ods_code(value: object) -> bool:
    """Whether this has the form of an ODS code: three to ten capital letters and digits."""
    return isinstance(value, str) and _ODS_CODE.fullmatch(value) is not None


def sctid_problem(value: object) -> str:
    """Why this is no SNOMED CT identifier, as the end of a sentence; empty where it is one, or an expression.

    An identifier has 6 to 18 digits, the last of which is a check digit by Verhoeff's scheme (SNOMED CT Release File
    Specification, SCTID). A post-coordinated expression is a code of the same system and is not looked into.
    """
    if not isinstance(value, str):
        return "is no text"
    if not _SCTID.fullmatch(value):
        return "" if _EXPRESSION.search(value) else "is not 6 to 18 digits"
    check = 0
    for place, digit in enumerate(reversed(value)):
        check = _composed(check, _permuted(int(digit), place))
    return "" if check == 0 else "has a wrong check digit"


def _permuted(digit: int, place: int) -> int:
    for _ in range(place % 8):
        digit = _PERMUTATION[digit]
    return digit


def _composed(one: int, other: int) -> int:
    turned = (one - other if one >= _TURNS else one + other) % _TURNS
    return turned + _TURNS * ((one >= _TURNS) is not (other >= _TURNS))
