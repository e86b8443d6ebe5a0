"""Dates with less than full precision are intervals: from the first microsecond they may mean to the last.

All points in time are whole microseconds since 1970-01-01T00:00:00Z. Intervals are half open. A time without a zone,
and a date, is taken to be UTC, which is the zone this supplier runs in.
See https://hl7.org/fhir/R4/search.html#date and https://hl7.org/fhir/R4/datatypes.html#dateTime.
"""

import re
from datetime import MAXYEAR, UTC, datetime, timedelta

EARLIEST = -(2**62)
LATEST = 2**62
MILLISECOND = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_IN = 1_000_000
_DAY_IN = 86_400 * _SECOND_IN
_LAST_MONTH = 12
_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


def interval(text: str) -> tuple[int, int]:
    """The interval that a FHIR date, dateTime or instant may mean; raises ValueError if it is none."""
    form = _FORM.fullmatch(text)
    if form is None:
        message = f"{text!r} is not a FHIR date"
        raise ValueError(message)
    year, month, day, hour, minute, second, fraction, zone = form.groups()
    start = _point(datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC))
    if month is None:
        return start, _first_of(int(year) + 1, 1)
    if day is None:
        later = int(month) == _LAST_MONTH
        return start, _first_of(int(year) + later, 1 if later else int(month) + 1)
    if hour is None:
        return start, start + _DAY_IN
    return _clock_interval(start, (hour, minute, second, fraction), zone, text)


def instant(text: str) -> int:
    """The point in time that a FHIR instant names; raises ValueError if it lacks seconds or a zone."""
    form = _FORM.fullmatch(text)
    if form is None or form.group(6) is None or form.group(8) is None:
        message = f"{text!r} is not a FHIR instant (YYYY-MM-DDThh:mm:ss with a time zone)"
        raise ValueError(message)
    return interval(text)[0]


def written(point: int) -> str:
    """A point in time as a FHIR instant in UTC with milliseconds."""
    moment = _EPOCH + timedelta(microseconds=point)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def http_date(point: int) -> str:
    """A point in time as HTTP writes it (RFC 9110, section 5.6.7), to the second before."""
    moment = _EPOCH + timedelta(microseconds=point)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        moment.month - 1
    ]
    return f"{day}, {moment.day:02d} {month} {moment.year:04d} {moment:%H:%M:%S} GMT"


def now() -> int:
    """The present, to the millisecond."""
    return _point(datetime.now(UTC)) // MILLISECOND * MILLISECOND


def _point(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _first_of(year: int, month: int) -> int:
    return LATEST if year > MAXYEAR else _point(datetime(year, month, 1, tzinfo=UTC))


def _clock_interval(
    day: int, clock: tuple[str, str, str | None, str | None], zone: str | None, text: str
) -> tuple[int, int]:
    hour, minute = int(clock[0]), int(clock[1])
    second = int(clock[2] or 0)
    if hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004 - a leap second is allowed
        message = f"{text!r} names a time of day that does not exist"
        raise ValueError(message)
    fraction = clock[3] or ""
    start = day + ((hour * 60 + minute) * 60 + second) * _SECOND_IN + int((fraction + "000000")[:6])
    if zone is not None and zone != "Z":
        ahead = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * _SECOND_IN
        start += ahead if zone[0] == "-" else -ahead
    if clock[2] is None:
        return start, start + 60 * _SECOND_IN
    return start, start + max(1, _SECOND_IN // 10 ** len(fraction))
