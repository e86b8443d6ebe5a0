"""FHIR instants and HTTP dates as moments in time.

Sources: https://hl7.org/fhir/R4/datatypes.html#instant and RFC 9110 section 5.6.7 (HTTP-date).
"""

import datetime as dt
import re
from email.utils import parsedate_to_datetime

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d:\d\d GMT"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
)
_LEAP_SECOND = "60"


def instant(text: object) -> dt.datetime | None:
    """The moment that a FHIR instant names; None where it is no instant. A leap second counts as :59."""
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    minutes, seconds, fraction, zone = match.groups()
    seconds = "59" if seconds == _LEAP_SECOND else seconds
    microseconds = f".{fraction[1:7]:0<6}" if fraction else ""
    try:
        moment = dt.datetime.fromisoformat(f"{minutes}{seconds}{microseconds}{zone.replace('Z', '+00:00')}")
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def http_date(text: str) -> dt.datetime | None:
    """The moment that an HTTP-date names, in any of its three forms; None where the text is none of them."""
    if _HTTP_DATE.fullmatch(text.strip()) is None:
        return None
    try:
        moment = parsedate_to_datetime(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
