"""The lexical forms of FHIR's textual primitives as linear-time tests, and words for what breaks them.

Source: FHIR R4 data types, https://hl7.org/fhir/R4/datatypes.html#primitive; RFC 4648 (base64); RFC 4122 (UUID)
"""

import re
from collections.abc import Callable
from typing import Final

__all__ = [
    "CODE",
    "CONTROL",
    "DECIMAL",
    "EXPLAIN",
    "ID",
    "OID",
    "SPACE",
    "TAG",
    "TIME",
    "UUID",
    "WHOLE",
    "is_base64",
    "is_canonical",
    "is_date",
    "is_date_time",
    "is_instant",
    "is_integer64",
    "is_uri",
]

CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SPACE: Final = re.compile(r"[ \t\r\n]")
TAG: Final = re.compile(r"(?<!\\)</?[A-Za-z][A-Za-z0-9-]*[\s>]|<[!?]")
CODE: Final = re.compile(r"[^\s\x00-\x1f]+(?: [^\s\x00-\x1f]+)*")
ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
OID: Final = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?")
WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_DATE = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
_CLOCK = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_FULL_DATE = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_IS_DATE = re.compile(_DATE)
_IS_INSTANT = re.compile(_FULL_DATE + _CLOCK + _ZONE)
_IS_UNZONED = re.compile(_FULL_DATE + _CLOCK)
_URI = re.compile(r"(?!oid:|uuid:)[^\x00-\x20\x7f]+")
_CANONICAL = re.compile(r"(?!oid:|uuid:)(?:#[^\x00-\x20\x7f]*|[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f]+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_WITHOUT_SPACE = str.maketrans("", "", " \t\r\n")
_YEAR_MONTH_DAY = len("2020-01-31")
_LONGEST_ID = 64
_GROUP = 4
"""Characters of base64 that stand for three bytes."""
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _days_fit(text: str) -> bool:
    """Whether the month has the day; text without a day has none to be wrong."""
    day = text[8:10]
    if day <= "28":
        return True
    year, month = int(text[:4]), int(text[5:7])
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)  # noqa: PLR2004 - the Gregorian rule
    return int(day) <= _DAYS[month - 1] + leap


def is_date(text: str) -> bool:
    """A year, a year and month, or a day that the calendar has."""
    return _IS_DATE.fullmatch(text) is not None and _days_fit(text)


def is_instant(text: str) -> bool:
    """A day, a time to the second at least, and a zone. A leap second may be written."""
    return _IS_INSTANT.fullmatch(text) is not None and _days_fit(text)


def is_date_time(text: str) -> bool:
    """A date, or a day with a time and a zone."""
    return is_date(text) if len(text) <= _YEAR_MONTH_DAY else is_instant(text)


def is_uri(text: str) -> bool:
    """A URI without whitespace; an OID or UUID in it is complete, and the latter in lower case."""
    if _URI.fullmatch(text) is None:
        return False
    if text[:4].lower() == "urn:":
        if text[:9].lower() == "urn:uuid:":
            return UUID.fullmatch(text.partition("#")[0]) is not None
        if text.startswith("urn:oid:"):
            return OID.fullmatch(text) is not None
    return True


def is_canonical(text: str) -> bool:
    """An absolute URI that may end in a version and a fragment, or a fragment alone."""
    if _CANONICAL.fullmatch(text) is None:
        return False
    return text[:4].lower() != "urn:" or is_uri(text.partition("#")[0].partition("|")[0])


def is_base64(text: str) -> bool:
    """Base64 of at least one byte; whitespace between its characters does not count."""
    packed = text.translate(_WITHOUT_SPACE) if SPACE.search(text) else text
    return len(packed) % _GROUP == 0 and _BASE64.fullmatch(packed) is not None


def is_integer64(text: str) -> bool:
    """A whole number of 64 bits, which JSON holds as a string (R5)."""
    return (
        len(text) < len("-92233720368547758080")
        and bool(WHOLE.fullmatch(text))
        and -(2**63) <= int(text) < 2**63
    )


def _why_date(text: str) -> str:
    if _IS_DATE.fullmatch(text):
        return "the month has no such day"
    if _IS_INSTANT.fullmatch(text) or _IS_UNZONED.fullmatch(text):
        return "it must have no time"
    return "it must be YYYY, YYYY-MM or YYYY-MM-DD"


def _why_date_time(text: str) -> str:
    if _IS_DATE.fullmatch(text) or _IS_INSTANT.fullmatch(text):
        return "the month has no such day"
    if _IS_UNZONED.fullmatch(text):
        return "a time must have its zone (Z or +hh:mm)"
    return "it must be YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone (Z or +hh:mm)"


def _why_instant(text: str) -> str:
    if _IS_INSTANT.fullmatch(text):
        return "the month has no such day"
    if _IS_UNZONED.fullmatch(text):
        return "it must have its zone (Z or +hh:mm)"
    return "it must be YYYY-MM-DDThh:mm:ss, fractions of a second allowed, with a zone (Z or +hh:mm)"


def _why_id(text: str) -> str:
    if len(text) > _LONGEST_ID:
        return f"it is too long ({len(text)} characters; at most {_LONGEST_ID})"
    return "only letters, digits, - and . may stand in it"


def _why_uri(text: str) -> str:
    if re.search(r"\s", text):
        return "it must have no whitespace"
    if text.startswith(("oid:", "uuid:")):
        return f"it must begin with urn:{text.partition(':')[0]}:"
    if text[:9].lower() == "urn:uuid:":
        return "urn:uuid: and a complete UUID must be in lower case (8-4-4-4-12 hexadecimal digits)"
    if text.startswith("urn:oid:"):
        return "the OID must be numbers with points between, from 0, 1 or 2 on, without needless zeros"
    return "it must have no control characters"


def _why_canonical(text: str) -> str:
    if not text.startswith("#") and not _SCHEME.match(text):
        return "it must be an absolute URI, or # and the id of a contained resource"
    return _why_uri(text)


def _why_code(text: str) -> str:
    if text != text.strip():
        return "it must not begin or end with whitespace"
    return "no whitespace may stand in it but single spaces"


def _why_base64(text: str) -> str:
    packed = text.translate(_WITHOUT_SPACE)
    if re.compile(r"[A-Za-z0-9+/=]+").fullmatch(packed):
        return "its characters do not come in whole groups of four, or = stands elsewhere than at the end"
    return "only A-Z, a-z, 0-9, +, / and = at the end may stand in it"


EXPLAIN: Final[dict[str, Callable[[str], str]]] = {
    "code": _why_code,
    "id": _why_id,
    "uri": _why_uri,
    "url": _why_uri,
    "canonical": _why_canonical,
    "oid": lambda _: "it must be urn:oid: and numbers with points between (urn:oid:2.16.840.1)",
    "uuid": lambda _: "it must be urn:uuid: and 8-4-4-4-12 hexadecimal digits in lower case",
    "date": _why_date,
    "dateTime": _why_date_time,
    "instant": _why_instant,
    "time": lambda _: "it must be hh:mm:ss, from 00:00:00 on; 24:00 is not used",
    "base64Binary": _why_base64,
    "integer64": lambda _: "it must be a whole number of at most 64 bits, as a string",
}
"""By type: what is wrong with text that is not of its form, to follow `'…' is no date: `."""
