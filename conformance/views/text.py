"""Strings made fit to be shown: what a server sent may hold anything, and people must not be fooled by it."""

import datetime as dt
import re
import unicodedata

_ESCAPES = re.compile(
    r"(?:\x1b[PX^_\]]|[\x90\x98\x9d-\x9f]).*?(?:\x1b\\|[\x07\x9c]|$)"  # strings: title, clipboard, hyperlink
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colour, cursor, erase
    r"|\x1b[ -/]*[0-~]",  # two-character escapes
    re.DOTALL,
)
_SPACES = re.compile(r"\s+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset("\n\t")
_MINUTE = 60
_HOUR = 3600
_THOUSAND = 1000


def clean(text: str) -> str:
    """The text without terminal escapes (ECMA-48), control characters, and bidi and other invisible marks.

    Newlines and tabs stay. What remains of any text can be shown on a terminal without effects, and reads in
    the order in which it stands.
    """
    if text.isascii() and text.isprintable():
        return text
    bare = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return "".join(c for c in bare if c in _KEPT or unicodedata.category(c) not in _UNSEEN)


def one_line(text: str) -> str:
    """The clean text with every run of white space made one space."""
    return _SPACES.sub(" ", clean(text)).strip()


def shortened(text: str, most: int) -> str:
    """The text, cut to so many characters; a cut is told, with how much is missing."""
    return text if len(text) <= most else f"{text[:most].rstrip()} … ({len(text) - most:,} more characters)"


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun, as in `1 case` and `1,200 cases`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(text: str) -> str:
    """An ISO 8601 time in words, as in `22 November 2026, 17:05 UTC`; unchanged where it is none."""
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        return clean(text)
    if when.tzinfo is None:
        return f"{day(when.date())}, {when:%H:%M}"
    utc = when.astimezone(dt.UTC)
    return f"{day(utc.date())}, {utc:%H:%M} UTC"


def day(date: dt.date) -> str:
    """A date in words, as in `2 November 2026`."""
    return f"{date.day} {date:%B %Y}"


def duration(seconds: float) -> str:
    """A length of time, as in `0.4 s`, `12 s`, `3 min 12 s` or `2 h 5 min`."""
    if seconds < 10:  # noqa: PLR2004 - below it tenths matter
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def size(count: float) -> str:
    """A number of bytes, as in `512 B` or `1.4 MB` (decimal units)."""
    units = ("kB", "MB", "GB", "TB")
    if count < _THOUSAND:
        return f"{count:.0f} B"
    for unit in units:
        count /= _THOUSAND
        if round(count, 1) < _THOUSAND or unit == units[-1]:
            break
    return f"{count:,.1f} {unit}"
