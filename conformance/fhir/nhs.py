"""The NHS number: its identifier system and its check digit (NHS Data Dictionary, NHS NUMBER; ISB 0149)."""

import re

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
"""The identifier system of the NHS number in England, Wales and the Isle of Man."""

ODS_CODE_SYSTEM = "https://fhir.nhs.uk/Id/ods-organization-code"
"""The identifier system of the codes of the Organisation Data Service."""

VERIFICATION_STATUS = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
"""The UK Core extension that says how far an NHS number has been verified."""

_DIGITS = re.compile(r"\d{10}", re.ASCII)
_ODS_CODE = re.compile(r"[A-Z0-9]{3,10}", re.ASCII)
_MODULUS = 11


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


def is_ods_code(value: object) -> bool:
    """Whether this has the form of an ODS code: three to ten capital letters and digits."""
    return isinstance(value, str) and _ODS_CODE.fullmatch(value) is not None
