"""Forms of dates: prefixes, less precise values, other offsets, the limits of periods."""

import datetime as dt
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from conformance.fhir.dates import interval
from conformance.fhir.search.form import Form, Text
from conformance.fhir.search.held import Held

__all__ = ["DATE_FORMS"]

_DAY, _MONTH = len("2020-01-31"), len("2020-01")
_LONG_AFTER = "2190-01-01"
_OTHER_OFFSET = dt.timezone(dt.timedelta(hours=9, minutes=30))


def _dates(held: Held) -> Iterator[str]:
    """The dates of a value: itself, or the limits of a period."""
    value = held.value
    for text in (value.get("start"), value.get("end")) if isinstance(value, dict) else (value,):
        if isinstance(text, str) and interval(text) is not None:
            yield text


def _prefixed(prefix: str) -> Form:
    def form(held: Held, _: str) -> Iterator[Text]:
        yield from (Text(f"{prefix}{date}") for date in _dates(held))

    return form


def _limit(prefix: str, limit: str) -> Form:
    """The limit at which a period is not yet wholly after the date, or wholly before it."""

    def form(held: Held, _: str) -> Iterator[Text]:
        value = held.value.get(limit) if isinstance(held.value, dict) else held.value
        if interval(value) is not None:
            yield Text(f"{prefix}{value}")

    return form


def _plain(held: Held, _: str) -> Iterator[Text]:
    if not isinstance(held.value, dict):
        yield from (Text(date) for date in _dates(held))


def _cut(length: int) -> Form:
    def form(held: Held, _: str) -> Iterator[Text]:
        if not isinstance(held.value, dict):
            yield from (Text(date[:length]) for date in _dates(held) if len(date) > length)

    return form


def _day(held: Held, _: str) -> Iterator[Text]:
    """The days before and after a time: far enough from it that no offset brings it there."""
    for date in _dates(held):
        span = interval(date)
        if span is not None and len(date) > _DAY and not isinstance(held.value, dict):
            yield Text(f"gt{(span.low - dt.timedelta(days=2)).date().isoformat()}")
            yield Text(f"lt{(span.low + dt.timedelta(days=2)).date().isoformat()}")


def _open(held: Held, _: str) -> Iterator[Text]:
    """Long after a period that has not ended: it lasts longer than any date that is known."""
    value = held.value
    if isinstance(value, dict) and "end" not in value and interval(value.get("start")) is not None:
        yield Text(f"gt{_LONG_AFTER}")


def _zone(held: Held, _: str) -> Iterator[Text]:
    """The same time told with another offset."""
    for date in _dates(held):
        span = interval(date)
        if span is not None and span.zoned and not isinstance(held.value, dict):
            width = "milliseconds" if "." in date else "seconds"
            yield Text(span.low.astimezone(_OTHER_OFFSET).isoformat(timespec=width))


DATE_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "plain": _plain,
        "month": _cut(_MONTH),
        "year": _cut(len("2020")),
        "day": _day,
        "zone": _zone,
        "open": _open,
        **{prefix: _prefixed(prefix) for prefix in ("eq", "ne", "gt", "ge", "lt", "le", "ap")},
        "sa": _limit("sa", "start"),
        "eb": _limit("eb", "end"),
    }
)
"""The forms of dates by their name."""
