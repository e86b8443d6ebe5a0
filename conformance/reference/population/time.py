"""The two years that the demo population lived through, and how FHIR writes moments in them."""

from datetime import UTC, datetime, timedelta

from conformance.reference.population.draw import Draw

END = datetime(2026, 10, 1, tzinfo=UTC)
"""Nothing in the population was recorded at or after this moment."""

START = END - timedelta(days=730)
"""Nothing in the population was recorded before this moment."""

_LONGEST_DELAY = timedelta(hours=40)
_SUMMER = timedelta(hours=1)


def moment(draw: Draw, until: datetime = END) -> datetime:
    """When something happened: in the two years, early enough to be recorded before `until`."""
    span = until - _LONGEST_DELAY - START
    return START + timedelta(milliseconds=draw.below(int(span.total_seconds()) * 1000))


def recorded_after(draw: Draw, happened: datetime) -> datetime:
    """When it came into the record: from a second to a day and a half later."""
    return happened + timedelta(milliseconds=draw.between(1_000, 36 * 3_600_000))


def instant(when: datetime) -> str:
    """A FHIR `instant` in UTC with milliseconds."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def local(when: datetime) -> str:
    """A FHIR `dateTime` to the second, in British time with its offset."""
    if not _summer_time(when):
        return f"{when:%Y-%m-%dT%H:%M:%S}+00:00"
    return f"{when + _SUMMER:%Y-%m-%dT%H:%M:%S}+01:00"


def day(when: datetime) -> str:
    """A FHIR `date` to the day."""
    return f"{when:%Y-%m-%d}"


def _summer_time(when: datetime) -> bool:
    """British Summer Time runs between the last Sundays of March and October, each at 01:00 UTC."""
    return _last_sunday(when.year, 3) <= when < _last_sunday(when.year, 10)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)
