"""How long exports took, and what that says of larger ones: an overhead and a rate, fitted exactly.

Only recorded moments are used, so that anyone comes to the same. A job's end is seen when its status is asked for, so
each time is uncertain by the wait before the answer that told it; the bounds carry that uncertainty.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from conformance.analysis.export import completion, exported, kick_off, output_files, polls
from conformance.analysis.facts import facts_of
from conformance.model.evidence import Exchange, StepEvidence

MILLISECOND = Fraction(1, 1000)


@dataclass(frozen=True)
class Reading:
    """One export: how many resources and bytes (uncompressed), how many seconds from kick-off to the last file.

    `unsure` is by how many seconds the time may be too long. The rates are those of the fastest file, by the second.
    """

    resources: int
    size: int
    seconds: Fraction
    unsure: Fraction
    bytes_rate: Fraction
    resources_rate: Fraction


@dataclass(frozen=True)
class Fit:
    """Seconds = overhead + size / rate, by least squares; `residual` is the largest deviation in seconds.

    `slowest` and `fastest` are bounds of the seconds that a byte takes. `fastest` may be zero: nothing is known then.
    """

    overhead: Fraction
    per_byte: Fraction
    residual: Fraction
    slowest: Fraction
    fastest: Fraction

    def at_most(self, size: int) -> Fraction:
        """The longest that an export of this size takes by these readings."""
        return self.overhead + self.residual + self.slowest * size

    def at_least(self, size: int) -> Fraction:
        """The shortest that it takes."""
        return max(self.fastest * size, Fraction(0))


def reading(step: StepEvidence) -> Reading | None:
    """The reading of one export; None where it did not come to its files, or no moments were recorded.

    Raises NotJudgeable where a body was not kept.
    """
    begun, end, files = kick_off(step), completion(step), output_files(step)
    if begun is None or end is None or not end.ok or not files:
        return None
    moments = [_ended(each) for each in (end, *files)]
    start, running = _moment(begun), [_ended(each) for each in polls(step)]
    known = [each for each in moments if each is not None]
    if start is None or len(known) < len(moments):
        return None
    seen = _ended(end) or start
    before = max((each for each in (*running, start) if each is not None and each <= seen), default=start)
    return Reading(
        resources=exported(step).resources,
        size=sum(file.body.size for file in files if file.body is not None),
        seconds=max(max(known) - start, MILLISECOND),
        unsure=seen - before,
        bytes_rate=max(_rate(file, file.body.size if file.body is not None else 0) for file in files),
        resources_rate=max(_rate(file, sum(facts_of(file).counts.values())) for file in files),
    )


def fit(readings: Sequence[Reading]) -> Fit | None:
    """The line through readings of different sizes; None where there are not two such."""
    if len({each.size for each in readings}) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    count = len(readings)
    mean_size = Fraction(sum(each.size for each in readings), count)
    mean_time = sum((each.seconds for each in readings), Fraction(0)) / count
    spread = sum(((each.size - mean_size) ** 2 for each in readings), Fraction(0))
    slope = (
        sum(((each.size - mean_size) * (each.seconds - mean_time) for each in readings), Fraction(0)) / spread
    )
    overhead = mean_time - slope * mean_size
    residual = max(abs(each.seconds - overhead - slope * each.size) for each in readings)
    sizes = [each.size for each in readings]
    doubt = (max(each.unsure for each in readings) + residual) / (max(sizes) - min(sizes))
    return Fit(
        overhead=max(overhead, Fraction(0)),
        per_byte=slope,
        residual=residual,
        slowest=max(slope, Fraction(0)) + doubt,
        fastest=max(slope - doubt, Fraction(0)),
    )


def _rate(file: Exchange, amount: int) -> Fraction:
    return amount / (max(file.elapsed_ms, 1) * MILLISECOND)


def _moment(exchange: Exchange) -> Fraction | None:
    """When it was sent, in seconds since 1970."""
    try:
        sent = dt.datetime.fromisoformat(exchange.at)
    except ValueError:
        return None
    if sent.tzinfo is None:
        return None
    since = sent - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return since // dt.timedelta(milliseconds=1) * MILLISECOND


def _ended(exchange: Exchange) -> Fraction | None:
    """When its answer was there."""
    sent = _moment(exchange)
    return None if sent is None else sent + exchange.elapsed_ms * MILLISECOND
