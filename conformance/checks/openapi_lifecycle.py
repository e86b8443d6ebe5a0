"""Checks of how an operation goes away: told in the description, in each answer, and long enough before.

Sources: RFC 9745 (Deprecation), RFC 8594 (Sunset), OpenAPI 3.1.1 section 4.8.10 (`deprecated`).
"""

import datetime as dt
import email.utils
import re

from conformance.analysis.described import description_of
from conformance.checks.picking import quoted
from conformance.plugin import Evidence, Exchange, Findings, NoData, check

_STRUCTURED_DATE = re.compile(r"@(-?\d{1,15})")


@check("deprecation-told")
def deprecation_told(evidence: Evidence, *, operation: str, notice_days: int = 180) -> Findings:
    """Each answer of a deprecated operation says since when it is, and when it ends, `notice_days` later at least."""
    answers = _good(evidence)
    if not answers:
        raise NoData(f"no request to {operation} succeeded, so that nothing could be told of its end")
    for answer in answers:
        stated = answer.header("deprecation")
        if stated is None:
            yield answer.finding(
                "has no Deprecation header, though the description says that it is deprecated"
            )
            continue
        since = _instant(stated)
        if since is None:
            yield answer.finding(
                f"has the Deprecation {quoted(stated)}, which is no date (@ and seconds, RFC 9745)"
            )
            continue
        yield from _sunset(answer, since, evidence.as_of, notice_days)


def _sunset(answer: Exchange, since: dt.datetime, today: dt.date, notice_days: int) -> Findings:
    stated = answer.header("sunset")
    if stated is None:
        yield answer.finding("has no Sunset header: nobody is told when it ends")
        return
    try:
        ends = email.utils.parsedate_to_datetime(stated)
    except (ValueError, TypeError):
        yield answer.finding(f"has the Sunset {quoted(stated)}, which is no HTTP-date")
        return
    ends = ends if ends.tzinfo else ends.replace(tzinfo=dt.UTC)
    if ends < since:
        yield answer.finding(f"ends ({ends.date()}) before it is deprecated ({since.date()})")
    elif (ends - since).days < notice_days:
        yield answer.finding(
            f"ends {(ends - since).days} days after it is deprecated, not {notice_days} or more"
        )
    elif ends.date() < today:
        yield answer.finding(f"was to end on {ends.date()}, and is still described and answered")


@check("deprecation-described")
def deprecation_described(evidence: Evidence, *, operation: str) -> Findings:
    """An operation whose answers say that it is deprecated or ends is described as deprecated."""
    one = description_of(evidence).operation(operation)
    answers = _good(evidence)
    if one is None or not answers:
        raise NoData(f"no request to {operation} succeeded")
    for answer in answers if not one.deprecated else ():
        for name in ("Deprecation", "Sunset"):
            if answer.header(name):
                yield answer.finding(
                    f"has a {name} header, though the description does not say that it is deprecated"
                )


def _good(evidence: Evidence) -> list[Exchange]:
    return [answer for answer in evidence.exchanges if answer.label in {"shown", "valid"} and answer.ok]


def _instant(stated: str) -> dt.datetime | None:
    match = _STRUCTURED_DATE.fullmatch(stated.strip())
    if match is None:
        return None
    try:
        return dt.datetime.fromtimestamp(int(match[1]), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
