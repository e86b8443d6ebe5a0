"""Lexical forms of the primitive types, as predicates that say yes only where there is no doubt.

They are narrower than the specification where it is rarely used (a leap second, control characters, blanks that
only Unicode knows): such values go to `explain`.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import re
from collections.abc import Mapping
from typing import Any

from conformance.fhir.validation.accept.plan import Check

__all__ = ["CHECKS", "CODES", "SOME_TEXT", "STRINGS"]

_ODD = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff"
"""Characters that engines disagree on: not certain."""
_DAY = (
    r"(?:(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|1[0-9]|2[0-8]))?|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_YEAR = r"(?!0000)[0-9]{4}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_FULL = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_LARGEST = 2147483647

_string = re.compile(rf"[ \t\r\n]*[^\s{_ODD}][^{_ODD}]{{0,1048575}}").fullmatch
_markdown = re.compile(rf"[ \t\r\n]*[^\s<{_ODD}][^<{_ODD}]{{0,1048575}}").fullmatch
_code = re.compile(rf"[^\s{_ODD}]+(?: [^\s{_ODD}]+)*").fullmatch
_identity = re.compile(r"[A-Za-z0-9.-]{1,64}").fullmatch
_URN = r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+|urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PLAIN = r"(?!(?i:(?:urn:)?(?:oid|uuid):))"
_uri = re.compile(rf"{_PLAIN}(?!#)[!-~]+|{_URN}").fullmatch
_absolute = re.compile(rf"{_PLAIN}[A-Za-z][A-Za-z0-9+.-]*:[!-~]*[!-9;-~]|{_URN}").fullmatch
_oid = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+").fullmatch
_uuid = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_FOUR = r"(?:0[48]|[2468][048]|[13579][26])"
_LEAP = rf"(?:[0-9]{{2}}{_FOUR}|{_FOUR}00)-02-29"
_date = re.compile(rf"{_YEAR}(?:-{_DAY})?|{_LEAP}").fullmatch
_date_time = re.compile(
    rf"{_YEAR}(?:-(?:{_FULL}T{_CLOCK}{_ZONE}|{_DAY}))?|{_LEAP}(?:T{_CLOCK}{_ZONE})?"
).fullmatch
_instant = re.compile(rf"(?:{_YEAR}-{_FULL}|{_LEAP})T{_CLOCK}{_ZONE}").fullmatch
_time = re.compile(_CLOCK).fullmatch
_base64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?").fullmatch


def _boolean(value: Any) -> bool:
    return value is True or value is False


def _integer(value: Any) -> bool:
    return type(value) is int and -_LARGEST - 1 <= value <= _LARGEST


def _unsigned(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST


def _positive(value: Any) -> bool:
    return type(value) is int and 0 < value <= _LARGEST


def _decimal(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _binary(value: Any) -> bool:
    return len(value) > 0 and _base64(value) is not None


CHECKS: Mapping[str, Check] = {
    "boolean": _boolean,
    "integer": _integer,
    "unsignedInt": _unsigned,
    "positiveInt": _positive,
    "decimal": _decimal,
    "string": _string,
    "markdown": _markdown,
    "code": _code,
    "id": _identity,
    "uri": _uri,
    "url": _uri,
    "canonical": _absolute,
    "oid": _oid,
    "uuid": _uuid,
    "date": _date,
    "dateTime": _date_time,
    "instant": _instant,
    "time": _time,
    "base64Binary": _binary,
}
"""The predicate of each primitive type; a value of the wrong JSON type makes some of them raise TypeError."""

SOME_TEXT: Check = str.__len__
"""Whether it is a string that is not empty: enough where a rule judges the whole of its form."""

STRINGS = frozenset(CHECKS) - {"boolean", "integer", "unsignedInt", "positiveInt", "decimal"}
"""The primitive types that JSON writes as strings."""

CODES = tuple(sorted(CHECKS))
"""Their names in the order that the compiled core numbers them."""
