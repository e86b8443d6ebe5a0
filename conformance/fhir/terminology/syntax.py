"""Code systems without a list: what the form of a code alone says about it.

Sources: UCUM; RFC 5646 (BCP 47, languages); RFC 6838 and 2045 (BCP 13, media types); ISO 4217; ISO 3166; the IANA
time zone names; SNOMED CT Release File Specification; LOINC Users' Guide (check digit); NHS Data Dictionary.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.fhir import nhs
from conformance.fhir.terminology.currencies import CURRENCIES
from conformance.fhir.ucum import is_ucum

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
LANGUAGES = "urn:ietf:bcp:47"
MEDIA_TYPES = "urn:ietf:bcp:13"
CURRENCY = "urn:iso:std:iso:4217"
COUNTRIES = "urn:iso:std:iso:3166"
TIME_ZONES = "https://www.iana.org/time-zones"
DMD = "https://dmd.nhs.uk"

NAMES: Mapping[str, str] = {
    nhs.SNOMED_SYSTEM: "SNOMED CT",
    LOINC: "LOINC",
    UCUM: "UCUM",
    DMD: "dm+d",
    LANGUAGES: "the IANA language subtag registry",
    MEDIA_TYPES: "the IANA media types",
    CURRENCY: "ISO 4217",
    COUNTRIES: "ISO 3166",
    TIME_ZONES: "the IANA time zones",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://www.ama-assn.org/go/cpt": "CPT",
}
"""What people call the systems that a binding most often needs."""


@dataclass(frozen=True)
class Rule:
    """What the form of a code says: `problem` tells why it surely is none of the system, or is empty.

    `decides` says that a code without problem surely is one of the system.
    """

    problem: Callable[[str], str]
    decides: bool = False


def rule(system: str) -> Rule | None:
    """The rule of a code system, or of an identifier system of the NHS; None where there is none."""
    return _RULES.get(system)


def problem(system: str, code: str) -> str:
    """Why this surely is no code of that system, as the end of a sentence; empty where nothing is against it."""
    known = _RULES.get(system)
    return known.problem(code) if known else ""


def needs(system: str) -> str:
    """The reason why a question about a system cannot be answered without it."""
    name = NAMES.get(system)
    return f"needs {name} ({system})" if name else f"needs the code system {system}"


_LANGUAGE_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?P<variants>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)(?P<extensions>(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*)"
    r"(?:-x(?:-[a-z\d]{1,8})+)?|x(?:-[a-z\d]{1,8})+",
    re.ASCII,
)
_IRREGULAR = (
    "en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu "
    "sgn-be-fr sgn-be-nl sgn-ch-de"
)
_IRREGULAR_TAGS = frozenset(_IRREGULAR.split())
_SINGLETON = re.compile(r"-([a-wyz\d])(?=-)", re.ASCII)


def _language_problem(code: str) -> str:
    """By RFC 5646, 2.2.9, as far as it goes without the registry: form, and nothing twice."""
    tag = code.lower()
    if tag in _IRREGULAR_TAGS:
        return ""
    parts = _LANGUAGE_TAG.fullmatch(tag)
    if not parts:
        return "is no language tag (BCP 47)"
    variants = (parts["variants"] or "").split("-")[1:]
    singletons = _SINGLETON.findall(parts["extensions"] or "")
    twice = len(set(variants)) < len(variants) or len(set(singletons)) < len(singletons)
    return "is a language tag (BCP 47) with a subtag that stands twice" if twice else ""


_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+\-]{0,126}"
_TOKEN = r"[!#$%&'*+\-.^_`|~A-Za-z0-9]+"  # noqa: S105 - a token of a media type, no secret
_MEDIA_TYPE = re.compile(
    rf'{_NAME}/{_NAME}(?:[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|"(?:[^"\\]|\\.)*"))*[ \t]*;?', re.ASCII
)
_SHORT_FORMATS = frozenset({"xml", "json", "ttl"})


def _media_type_problem(code: str) -> str:
    """R4 lets `xml`, `json` and `ttl` stand for its own formats (CapabilityStatement.format)."""
    fits = code in _SHORT_FORMATS or _MEDIA_TYPE.fullmatch(code)
    return "" if fits else "is no media type (BCP 13)"


_LOINC_NUMBER = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
_LOINC_PART = re.compile(r"(?:L[AGLP]\d{1,7}-\d|MTHU\d+)", re.ASCII)


def _loinc_problem(code: str) -> str:
    number = _LOINC_NUMBER.fullmatch(code)
    if not number:
        return "" if _LOINC_PART.fullmatch(code) else "is no LOINC number"
    total = 0
    for place, digit in enumerate(reversed(number[1])):
        doubled = int(digit) * (1 if place % 2 else 2)
        total += doubled // 10 + doubled % 10
    wanted = -total % 10
    return "" if wanted == int(number[2]) else f"has the LOINC check digit {number[2]}, not {wanted}"


def _formed(pattern: str, otherwise: str) -> Callable[[str], str]:
    fits = re.compile(pattern, re.ASCII).fullmatch
    return lambda code: "" if fits(code) else otherwise


_RULES: Mapping[str, Rule] = {
    UCUM: Rule(lambda code: "" if is_ucum(code) else "is no unit of UCUM", decides=True),
    LANGUAGES: Rule(_language_problem, decides=True),
    MEDIA_TYPES: Rule(_media_type_problem, decides=True),
    CURRENCY: Rule(
        lambda code: "" if code in CURRENCIES else "is no currency of ISO 4217 (as of 2025)", decides=True
    ),
    COUNTRIES: Rule(
        _formed(r"[A-Z]{2,4}|\d{3}|[A-Z]{2}-[A-Z\d]{1,3}", "has not the form of an ISO 3166 code")
    ),
    TIME_ZONES: Rule(_formed(r"[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*", "is no name of a time zone")),
    LOINC: Rule(_loinc_problem),
    nhs.SNOMED_SYSTEM: Rule(nhs.sctid_problem),
    DMD: Rule(nhs.sctid_problem),
    nhs.NHS_NUMBER_SYSTEM: Rule(nhs.nhs_number_problem),
    nhs.ODS_CODE_SYSTEM: Rule(
        lambda code: "" if nhs.is_ods_code(code) else "has not the form of an ODS code"
    ),
}
