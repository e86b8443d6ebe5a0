"""The primitive types of FHIR R4 as columns: how a JSON value is taken apart, and put together again.

Source of the forms: https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

Columns = tuple[Any, ...]

_MOST = 2**31 - 1
_ZONE = r"(?P<zone>Z|[+-])(?:(?P<hours>(?<!Z)\d\d):(?P<minutes>\d\d))?"
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d|60)(?:\.(?P<fraction>\d+))?"
_DATE = r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?"
_FORMS = {
    "date": re.compile(_DATE, re.ASCII),
    "dateTime": re.compile(f"{_DATE}(?:T{_CLOCK}{_ZONE})?", re.ASCII),
    "instant": re.compile(f"{_DATE}T{_CLOCK}{_ZONE}", re.ASCII),
    "time": re.compile(_CLOCK, re.ASCII),
}
_TEXTS = {
    "code": re.compile(r"[^\s]+( [^\s]+)*"),
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII),
    "oid": re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+", re.ASCII),
    "uuid": re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII),
    "uri": re.compile(r"\S+"),
    "url": re.compile(r"\S+"),
    "canonical": re.compile(r"\S+"),
}
_LEAST = {"integer": -_MOST - 1, "unsignedInt": 0, "positiveInt": 1}
_FURTHEST = 14 * 60
"""Minutes by which an offset may differ from universal time."""


class Unstorable(ValueError):
    """A value that R4 has no place for; the message says why."""


@dataclass(frozen=True)
class Table:
    """The table of one primitive type: its columns, and both ways between them and a JSON value.

    `take` raises Unstorable; `give` returns what orjson writes.
    """

    columns: tuple[str, ...]
    take: Callable[[Any], Columns]
    give: Callable[..., Any]


def _boolean(value: Any) -> Columns:
    if not isinstance(value, bool):
        raise Unstorable("it is no boolean")
    return (int(value),)


def _integer(kind: str) -> Callable[[Any], Columns]:
    def take(value: Any) -> Columns:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unstorable("it is no whole number")
        if not _LEAST[kind] <= value <= _MOST:
            raise Unstorable(f"it is out of the range of {kind}")
        return (value,)

    return take


def _decimal(value: Any) -> Columns:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unstorable("it is no number")
    sign, digits, exponent = Decimal(value).as_tuple()
    return (sign, "".join(map(str, digits)), exponent)


def _number(sign: int, digits: str, exponent: int) -> orjson.Fragment:
    number = Decimal((sign, tuple(map(int, digits)), exponent))
    return orjson.Fragment(str(number).encode())


def _moment(kind: str) -> Callable[[Any], Columns]:
    form = _FORMS[kind]

    def take(value: Any) -> Columns:
        found = form.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise Unstorable(f"it has not the form of a {kind}")
        parts = found.groupdict()
        _on_the_calendar(parts)
        whole = [None if parts.get(name) is None else int(parts[name]) for name in _PARTS[kind]]
        if kind == "date":
            return tuple(whole)
        clock = (*whole, parts.get("fraction"))
        return clock if kind == "time" else (*clock, parts.get("zone"), _offset(parts))

    return take


_DAY_PARTS = ("year", "month", "day")
_CLOCK_PARTS = ("hour", "minute", "second")
_PARTS = {
    "date": _DAY_PARTS,
    "dateTime": (*_DAY_PARTS, *_CLOCK_PARTS),
    "instant": (*_DAY_PARTS, *_CLOCK_PARTS),
    "time": _CLOCK_PARTS,
}


def _on_the_calendar(parts: dict[str, Any]) -> None:
    if parts.get("year") is None:
        return
    if parts.get("hour") is not None and parts.get("day") is None:
        raise Unstorable("it has a time of day and no day")
    try:
        dt.date(int(parts["year"]), int(parts.get("month") or 1), int(parts.get("day") or 1))
    except ValueError:
        raise Unstorable("it is on no calendar") from None


def _offset(parts: dict[str, Any]) -> int | None:
    if parts.get("zone") in {None, "Z"}:
        return None
    if parts.get("hours") is None:
        raise Unstorable("its offset from universal time is not whole")
    minutes = int(parts["hours"]) * 60 + int(parts["minutes"])
    if int(parts["minutes"]) > 59 or minutes > _FURTHEST:  # noqa: PLR2004 - minutes of an hour
        raise Unstorable("its offset from universal time is out of range")
    return minutes


def _date(year: int, month: int | None, day: int | None) -> str:
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


def _clock(hour: int, minute: int, second: int, fraction: str | None) -> str:
    return f"{hour:02}:{minute:02}:{second:02}" + ("" if fraction is None else f".{fraction}")


def _instant(  # noqa: PLR0913 - the parts of a dateTime
    year: int,
    month: int | None,
    day: int | None,
    hour: int | None,
    minute: int,
    second: int,
    fraction: str | None,
    zone: str,
    offset: int | None,
) -> str:
    if hour is None:
        return _date(year, month, day)
    away = "" if offset is None else f"{offset // 60:02}:{offset % 60:02}"
    return f"{_date(year, month, day)}T{_clock(hour, minute, second, fraction)}{zone}{away}"


def _bytes(value: Any) -> Columns:
    if not isinstance(value, str):
        raise Unstorable("it is no text of base64")
    try:
        return (base64.b64decode("".join(value.split()), validate=True),)
    except (binascii.Error, ValueError):
        raise Unstorable("it is no base64") from None


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _text(kind: str) -> Callable[[Any], Columns]:
    form = _TEXTS.get(kind)

    def take(value: Any) -> Columns:
        if not isinstance(value, str):
            raise Unstorable("it is no text")
        if not value.strip():
            raise Unstorable("it is an empty text")
        if form is not None and not form.fullmatch(value):
            raise Unstorable(f"it has not the form of a {kind}")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unstorable("it holds half a character") from None
        return (value,)

    return take


def _same(value: Any) -> Any:
    return value


_MOMENT_COLUMNS = (
    "year INTEGER NOT NULL", "month INTEGER", "day INTEGER",
    "hour INTEGER", "minute INTEGER", "second INTEGER", "fraction TEXT", "zone TEXT", "away INTEGER",
)  # fmt: skip

TABLES: dict[str, Table] = {
    "boolean": Table(("value INTEGER NOT NULL CHECK (value IN (0, 1))",), _boolean, bool),
    "decimal": Table(
        ("negative INTEGER NOT NULL", "digits TEXT NOT NULL", "exponent INTEGER NOT NULL"), _decimal, _number
    ),
    "date": Table(_MOMENT_COLUMNS[:3], _moment("date"), _date),
    "dateTime": Table(_MOMENT_COLUMNS, _moment("dateTime"), _instant),
    "instant": Table(_MOMENT_COLUMNS, _moment("instant"), _instant),
    "time": Table(_MOMENT_COLUMNS[3:7], _moment("time"), _clock),
    "base64Binary": Table(("value BLOB NOT NULL",), _bytes, _base64),
    **{kind: Table(("value INTEGER NOT NULL",), _integer(kind), _same) for kind in _LEAST},
    **{
        kind: Table(("value TEXT NOT NULL",), _text(kind), _same)
        for kind in ("string", "markdown", "xhtml", *_TEXTS)
    },
}
"""The table of each primitive type."""
