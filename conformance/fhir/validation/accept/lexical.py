"""Lexical forms of the primitive types, as predicates that say yes only where there is no doubt.

They are narrower than the specification where it is rarely used (a leap second, control characters, blanks that
only Unicode knows): such values go to `explain`.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import re
from collections.abc import Mapping
from typing import Any

from conformance.fhir.validation.accept.plan import Check

__all__ = ["CHECKS", "CODES", "STRINGS"]

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
_any_uri = re.compile(r"(?!#|(?i:(?:urn:)?(?:oid|uuid):))[!-~]+").fullmatch
_any_canonical = re.compile(r"(?!(?i:(?:urn:)?(?:oid|uuid):))[A-Za-z][A-Za-z0-9+.-]*:[!-~]+").fullmatch
_oid = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+").fullmatch
_uuid = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_date = re.compile(rf"{_YEAR}(?:-{_DAY})?").fullmatch
_date_time = re.compile(rf"{_YEAR}(?:-(?:{_FULL}T{_CLOCK}{_ZONE}|{_DAY}))?").fullmatch
_instant = re.compile(rf"{_YEAR}-{_FULL}T{_CLOCK}{_ZONE}").fullmatch
_time = re.compile(_CLOCK).fullmatch
_base64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?").fullmatch
_leap = re.compile(
    r"(?:(?!0000)[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29"
)


def _with_leap_days(check: Check) -> Check:
    def judged(value: Any) -> bool:
        # 29 February is rare: the common days are settled by one expression
        return check(value) is not None or (
            _leap.match(value) is not None and check(f"2001-01-01{value[10:]}") is not None
        )

    return judged


def _uri(value: Any) -> bool:
    return _any_uri(value) is not None or _oid(value) is not None or _uuid(value) is not None


def _canonical(value: Any) -> bool:
    return _any_canonical(value) is not None or _oid(value) is not None or _uuid(value) is not None


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
    "canonical": _canonical,
    "oid": _oid,
    "uuid": _uuid,
    "date": _with_leap_days(_date),
    "dateTime": _with_leap_days(_date_time),
    "instant": _with_leap_days(_instant),
    "time": _time,
    "base64Binary": _binary,
}
"""The predicate of each primitive type; a value of the wrong JSON type makes some of them raise TypeError."""

STRINGS = frozenset(CHECKS) - {"boolean", "integer", "unsignedInt", "positiveInt", "decimal"}
"""The primitive types that JSON writes as strings."""

CODES = tuple(sorted(CHECKS))
"""Their names in the order that the compiled core numbers them."""
