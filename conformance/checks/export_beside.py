"""Checks of exports beside something else: several at once, the live service meanwhile, callers who may not."""

import re
from typing import Any

from conformance.analysis.export import CLIENT_ERROR, TOO_MANY_REQUESTS, export_status, is_running, listed
from conformance.analysis.instants import http_date
from conformance.checks.exit_plan_reading import quoted, read_plan
from conformance.checks.export_reading import job, kick_off_of, manifest_of
from conformance.checks.picking import one
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.model.target import DataClass
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    Remark,
    check,
)

FEWEST_READS = 10
"""With fewer reads during an export than these, nothing is said about the service meanwhile."""
PERCENT = 95
SECRET_PART = re.compile(r"(?<![A-Za-z0-9_\-])(?=[A-Za-z_\-]*\d)[A-Za-z0-9_\-]{22,}|redacted-")
"""A part of a URL that is long enough to be a secret (128 bits in base64url), or was taken for one and replaced."""


@check("exports-not-rationed")
def exports_not_rationed(evidence: Evidence) -> Findings:
    """As many exports as the plan declares can run at once, and each ends well; one too many answers 429 and when."""
    asked = evidence.labelled("kick-off-at-once")
    if not asked:
        raise NoData("no exports were begun at once")
    declared = _limits(evidence).get("concurrentJobs")
    promised = declared if isinstance(declared, int) and not isinstance(declared, bool) else 0
    if declared is not None and promised < 1:
        yield f"the exit plan declares {quoted(declared)} exports at once (export.limits.concurrentJobs)"
    for number, answer in enumerate(asked, start=1):
        if answer.ok or answer.failure:
            continue
        if answer.status == TOO_MANY_REQUESTS and answer.header("retry-after") is None:
            yield answer.finding("answered 429 without saying when to come back (Retry-After)")
        elif answer.status != TOO_MANY_REQUESTS:
            yield answer.finding(
                f"answered {answer.status} to export {number} of {len(asked)} at once, not 429"
            )
        elif number <= promised:
            yield answer.finding(
                f"answered 429 to export {number} at once, though the exit plan declares {promised} of them"
            )
    yield from _ended(evidence.labelled("status-at-once"))
    if not any(answer.ok for answer in asked):
        raise NoData("none of the exports began")


@check("export-leaves-service-alive")
def leaves_service_alive(evidence: Evidence, *, ratio_at_most: float = 0) -> Findings:
    """While an export runs, the product answers reads as it did before.

    Only reads that were sent before an answer which said that the export is running count as sent meanwhile. Those that
    are answered 429, and when to come back (RFC 6585), count for nothing, unless they are most. The others' 95th
    percentile is told beside that of the reads before; it is a fault only if it is more than `ratio_at_most` times as
    long, where the buyer sets such a ratio (0: none is set).
    """
    if not kick_off_of(job(evidence)).ok:
        raise NoData(f"the kick-off answered {kick_off_of(job(evidence)).status}, so that no export ran")
    before = [answer for answer in evidence.labelled("read-before") if not _asks_to_wait(answer)]
    if not before or not all(answer.ok for answer in before):
        raise NotJudgeable("reads failed before any export was begun")
    every = _meanwhile(evidence)
    if len(every) < FEWEST_READS:
        raise NoData(f"the export was over after {len(every)} reads, too few to tell anything")
    during = [answer for answer in every if not _asks_to_wait(answer)]
    if 2 * len(during) < len(every):
        during = every
    failed = [answer for answer in during if not answer.ok]
    if failed:
        yield failed[0].finding(
            f"answered {failed[0].status or 'nothing'} while an export was running, as did {len(failed)} of"
            f" {len(during)} reads, though all {len(before)} before it were answered"
        )
        return
    usual, meanwhile = _percentile(before), _percentile(during)
    yield Remark(
        f"95 of 100 reads were answered within {usual} ms before the export ({len(before)} reads) and within"
        f" {meanwhile} ms while it ran ({len(during)} reads)"
    )
    if ratio_at_most and meanwhile > ratio_at_most * max(usual, 1):
        yield during[0].finding(
            f"and others took up to {meanwhile} ms (95th percentile) while an export was running, more than"
            f" {ratio_at_most:g} times the {usual} ms before"
        )


def _asks_to_wait(answer: Exchange) -> bool:
    return answer.status == TOO_MANY_REQUESTS and answer.header("retry-after") is not None


@check("export-kick-off-protected")
def kick_off_protected(evidence: Evidence) -> Findings:
    """An export is begun neither for who has no credentials, nor for who has a token that nobody issued.

    Where the target asks nobody for credentials, it is a fault if it holds live data; else only another installation
    can show it.
    """
    if evidence.target.auth == "none":
        if evidence.target.data_class is DataClass.LIVE:
            yield "the target holds live data and asks nobody for credentials, so that anybody can export all of it"
            return
        raise NotJudgeable(
            "this installation asks nobody for credentials, so that it cannot show who may export"
        )
    for label, who in (
        ("kick-off-anonymous", "without credentials"),
        ("kick-off-bad-token", "with a token that nobody issued"),
    ):
        answer = one(evidence, label)
        if answer.ok:
            yield answer.finding(f"was accepted ({answer.status}) {who}")
        elif answer.status not in CLIENT_ERRORS:
            raise NotJudgeable(f"{answer} answered {answer.status} {who}, which neither accepts nor refuses")


@check("export-file-given-again")
def file_given_again(evidence: Evidence) -> Findings:
    """A file that was fetched once is given again while its job stands."""
    again = job(evidence).labelled("file-again")
    if not again:
        raise NoData("no file was asked for again")
    for answer in again:
        if not answer.ok and not answer.failure:
            yield answer.finding(f"answered {answer.status} when the file was asked for again")


@check("export-links-expire")
def links_expire(evidence: Evidence) -> Findings:
    """Where files need no token, their links cannot be guessed, and are stated to expire.

    A link cannot be guessed where it has a part of at least 22 letters and digits at random, or was signed.
    """
    answer, listing = manifest_of(job(evidence))
    if listing.get("requiresAccessToken") is not False:
        raise NotApplicable("the files need a token")
    stated = [each for _, item in listed(listing, "output") if isinstance(each := item.get("url"), str)]
    if not stated:
        raise NoData("the manifest lists no file")
    if http_date(answer.header("expires") or "") is None:
        yield answer.finding(
            "lists files that need no token, and does not say when their links expire (Expires)"
        )
    weak = [url for url in stated if not SECRET_PART.search(url)]
    if weak:
        yield answer.finding(
            f"lists files that need no token at links that can be guessed: {quoted(weak[0])}"
        )


def _limits(evidence: Evidence) -> dict[str, Any]:
    try:
        value = read_plan(evidence).one("export.limits")
    except NoData:
        return {}
    return value if isinstance(value, dict) else {}


def _ended(answers: tuple[Exchange, ...]) -> Findings:
    for url in dict.fromkeys(answer.url for answer in answers):
        last = [answer for answer in answers if answer.url == url][-1]
        if last.failure or is_running(last):
            continue
        if export_status(last) >= CLIENT_ERROR:
            yield last.finding(f"ended one of several exports at once with {export_status(last)}")


def _meanwhile(evidence: Evidence) -> list[Exchange]:
    """The reads that were sent between the kick-off and the last answer that said that the export is running."""
    found: list[Exchange] = []
    waiting: list[Exchange] = []
    for exchange in evidence.exchanges:
        if exchange.label == "read-during":
            waiting.append(exchange)
        elif exchange.label == "status" and is_running(exchange):
            found += waiting
            waiting = []
    return found


def _percentile(answers: tuple[Exchange, ...] | list[Exchange]) -> int:
    times = sorted(answer.elapsed_ms for answer in answers)
    return times[min(len(times) - 1, len(times) * PERCENT // 100)]
