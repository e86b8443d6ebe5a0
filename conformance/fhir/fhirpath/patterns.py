"""Regular expressions of others, run safely: in bounded time, over bounded texts.

Source: FHIRPath N1, 5.6 (`matches`, `replaceMatches`): patterns are PCRE, the dot also matches a line's end, and
`matches` looks for the pattern anywhere.
"""

import re
from functools import lru_cache

import regex

from conformance.fhir.fhirpath.errors import EvaluationError, StepLimit

SECONDS = 0.3
"""How long one pattern may look at one text."""

LONGEST_PATTERN = 4_000
LONGEST_SUBJECT = 1_000_000

_GROUP = re.compile(r"\\(.)|\$(?:(\d{1,2})|\{(\w{1,40})\})|(\\)", re.DOTALL)


def found_in(subject: str, pattern: str) -> bool:
    """Whether the pattern matches any part of the text. Raises EvaluationError for a broken pattern, or StepLimit."""
    compiled = _compiled(pattern)
    _fits(subject)
    try:
        return compiled.search(subject, timeout=SECONDS) is not None
    except TimeoutError:
        raise _too_slow(pattern) from None


def matches_whole(subject: str, pattern: str) -> bool:
    """Whether the pattern matches all of the text. Raises as `found_in`."""
    compiled = _compiled(pattern)
    _fits(subject)
    try:
        return compiled.fullmatch(subject, timeout=SECONDS) is not None
    except TimeoutError:
        raise _too_slow(pattern) from None


def replaced(subject: str, pattern: str, substitution: str) -> str:
    """The text with every match replaced; `$1` and `${name}` stand for groups. An empty pattern replaces nothing.

    Raises as `found_in`.
    """
    if not pattern:
        return subject
    compiled = _compiled(pattern)
    _fits(subject)
    if len(subject) * max(1, len(substitution)) > LONGEST_SUBJECT * 10:
        raise StepLimit("replaceMatches() would make too long a text")
    try:
        return compiled.sub(_GROUP.sub(_group, substitution), subject, timeout=SECONDS)
    except TimeoutError:
        raise _too_slow(pattern) from None
    except (regex.error, IndexError) as error:
        raise EvaluationError(
            f"the substitution {substitution!r} does not fit its pattern: {error}"
        ) from None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    if len(pattern) > LONGEST_PATTERN:
        raise StepLimit(f"a regular expression is longer than {LONGEST_PATTERN:,} characters")
    try:
        return regex.compile(pattern, regex.DOTALL | regex.VERSION0)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise EvaluationError(f"{pattern!r} is no regular expression: {error}") from None


def _group(match: re.Match[str]) -> str:
    escaped, number, name, lone = match.groups()
    if number or name:
        return rf"\g<{number or name}>"
    return "\\\\" if lone or escaped == "\\" else str(escaped)


def _fits(subject: str) -> None:
    if len(subject) > LONGEST_SUBJECT:
        raise StepLimit(f"a text of more than {LONGEST_SUBJECT:,} characters is not matched")


def _too_slow(pattern: str) -> StepLimit:
    shown = pattern if len(pattern) <= 60 else pattern[:59] + "…"  # noqa: PLR2004 - enough to recognise it
    return StepLimit(f"the regular expression {shown!r} took more than {SECONDS:g} s")
