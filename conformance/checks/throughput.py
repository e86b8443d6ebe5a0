"""Checks of the time that leaving takes: measured on exports of several sizes, and reckoned for the whole volume.

A time is *indicative* where it is extrapolated further than the profile permits, or rests on too few resources: then
it is shown, and neither passes nor fails anything. Bounds decide: what fits by the slowest reading passes, what does
not fit by the fastest fails, and between them nothing is decided.
"""

from decimal import Decimal
from fractions import Fraction

from conformance.analysis.export import export_steps, manifest_exchange, parameter
from conformance.analysis.money import NoMoney, quantity
from conformance.analysis.throughput import Fit, Reading, fit, reading
from conformance.checks.exit_plan_reading import duration_of, limit, quoted, read_plan
from conformance.plugin import (
    Evidence,
    Findings,
    Json,
    Measured,
    MeasuredPart,
    Measurement,
    NoData,
    NotJudgeable,
    StepEvidence,
    check,
)

TIME = "How long leaving takes"
DAY = 86_400
PARALLEL = 8
"""So many files may be fetched at a time, as far as this harness does: what a rate of single files is multiplied by."""
CARRIED = 100_000_000_000
"""Bytes a second through the fastest network interface that is standardised: 800 Gbit/s, IEEE Std 802.3df-2024."""
WHOLE = Fraction(6, 5)
"""Up to so much more than was exported, the export was of the whole volume: nothing is extrapolated."""


@check("export-fits-window")
def export_fits_window(
    evidence: Evidence,
    *,
    transition_max: str,
    window_use_max: str,
    extrapolation_max: int,
    sample_min: int,
    full_volume: str = "",
) -> Findings:
    """An export of the whole volume takes no more than this share of the transition.

    The volume is what the exit plan states (`volumes.bytes`), or the buyer's where that is more. Overhead and rate are
    fitted to exports of several sizes. The rate that the plan itself declares has to fit as well.
    """
    plan = read_plan(evidence)
    whole, parts = _readings(evidence)
    volume = max(_whole(plan.one("volumes.bytes")), _whole(full_volume))
    if not volume:
        raise NoData("neither the exit plan (volumes.bytes) nor the buyer states how much data there is")
    permitted = _days(transition_max) * DAY * Fraction(_share(window_use_max))
    line = fit([whole, *parts])
    factor = Fraction(volume, max(whole.size, 1))
    doubt = _doubt(line, whole, factor, extrapolation_max, sample_min)
    longest, shortest = _bounds(line, whole, volume, factor)
    yield Measured(_time_measured(whole, parts, line, volume, longest, doubt))
    declared = _rate(plan.one("export.throughput.bytesPerSecond"))
    if declared and volume / declared > permitted:
        yield plan.finding(
            f"declares {declared} bytes a second (export.throughput.bytesPerSecond), by which {volume:,} bytes take "
            f"{_told(volume / declared)}, more than {_told(permitted)}: {window_use_max} of {transition_max}"
        )
    if doubt:
        raise (NotJudgeable if whole.resources >= sample_min else NoData)(f"indicative only: {doubt}")
    if shortest > permitted:
        shown = manifest_exchange(_full(evidence)) or evidence.last
        yield shown.finding(
            f"ended an export from which {volume:,} bytes take at least {_told(shortest)}, more than "
            f"{_told(permitted)}: {window_use_max} of {transition_max}"
        )
    elif longest > permitted:
        raise NotJudgeable(
            f"{volume:,} bytes take between {_told(shortest)} and {_told(longest)}; {_told(permitted)} are permitted"
        )


@check("exit-plan-throughput-true")
def exit_plan_throughput_true(evidence: Evidence) -> Findings:
    """The product is not slower than the exit plan declares.

    What the fastest file of an export reached, times eight for files fetched at a time, confirms a declared rate.
    Where it falls short nothing is decided, since the tester's machine or route may be the slow one. A rate fails that
    no network interface carries (800 Gbit/s, IEEE 802.3df), with resources of the size that they have in the export.
    """
    plan = read_plan(evidence)
    whole = reading(_full(evidence))
    if whole is None:
        raise NoData("no export came to its files, so that no time was taken")
    doubts = []
    for member, fastest, bytes_of_each in (
        ("bytesPerSecond", whole.bytes_rate, Fraction(1)),
        ("resourcesPerSecond", whole.resources_rate, Fraction(whole.size, max(whole.resources, 1))),
    ):
        declared, reached = _rate(plan.one(f"export.throughput.{member}")), PARALLEL * fastest
        said = f"declares {float(declared):,.10g} at export.throughput.{member}"
        if declared * bytes_of_each > CARRIED:
            yield plan.finding(
                f"{said}, which is more than {CARRIED:,} bytes a second: no network carries that"
            )
        elif declared > reached:
            doubts.append(f"{said}, and the fastest file came with {round(fastest):,}")
    if doubts:
        raise NotJudgeable(
            f"the exit plan {' and '.join(doubts)}, {PARALLEL} times which is less; whether the product or the route "
            "and machine of the tester are the slow ones cannot be told: try again where they are faster"
        )


@check("catch-up-is-short")
def catch_up_is_short(evidence: Evidence) -> Findings:
    """An export of what changed is smaller than one of everything, and ends within the declared cutover."""
    steps = [step for step in export_steps(evidence) if parameter(step, "_since")]
    taken = reading(steps[0]) if steps else None
    whole, _ = _readings(evidence)
    if taken is None:
        raise NoData("no export of what changed came to its files")
    shown = manifest_exchange(steps[0]) or evidence.last
    yield Measured(
        Measurement(
            id="catch-up",
            title="Catch-up export",
            group=TIME,
            value=_seconds(taken.seconds),
            unit="s",
            definition="Time from the kick-off of an export of what changed since a moment amid the last updates to "
            "its last file.",
            note=f"{taken.resources:,} of {whole.resources:,} resources",
        )
    )
    if whole.resources > 1 and taken.resources >= whole.resources:
        yield shown.finding(
            f"ended an export of what changed, which brought all {taken.resources} resources: a catch-up takes as long "
            "as everything"
        )
    cutover = duration_of(read_plan(evidence).one("transition.declaredCutover"))
    if cutover is None:
        raise NoData("the exit plan states no cutover to compare with (transition.declaredCutover)")
    if taken.seconds > cutover.days_range[1] * DAY:
        yield shown.finding(
            f"ended a catch-up export after {_told(taken.seconds)}, longer than the cutover declared"
        )


@check("route-or-offline-transfer")
def route_or_offline_transfer(
    evidence: Evidence, *, bandwidth_floor: str, latency_ceiling: int, least_bytes: int = 65_536
) -> Findings:
    """Files come with at least so many megabits a second, and the quickest answer within so many milliseconds.

    The rate is that of the fastest file of at least so many bytes, uncompressed: what the route can carry. Where it
    is too slow, or no file was large enough, a declared route for offline transfer does as well
    (`export.offlineTransfer`).
    """
    step = _full(evidence)
    files = [
        each
        for each in step.labelled("file")
        if each.ok and each.body is not None and each.body.size >= least_bytes
    ]
    rates = [Fraction(8 * each.body.size, max(each.elapsed_ms, 1) * 1000) for each in files if each.body]
    waits = [each.elapsed_ms for each in step.exchanges if each.ok and each.label != "file" and each.at]
    best, latency = max(rates, default=None), min(waits, default=None)
    yield Measured(
        Measurement(
            id="route",
            title="Bandwidth of the route",
            group=TIME,
            value="" if best is None else str(round(best)),
            unit="Mbit/s",
            definition="Bits of the fastest exported file, uncompressed, by the time that its download took.",
            note=f"quickest answer: {latency} ms; files of at least {least_bytes:,} bytes: {len(files)}",
        )
    )
    plan = read_plan(evidence)
    route = plan.one("export.offlineTransfer.route")
    if isinstance(route, str) and route.strip():
        return
    if plan.one("export.offlineTransfer") is not None:
        yield plan.finding("declares a way of offline transfer, but no route (export.offlineTransfer.route)")
    if best is None or latency is None:
        raise NoData(
            f"no file had {least_bytes:,} bytes, and no offline route is declared (export.offlineTransfer)"
        )
    if best < Fraction(bandwidth_floor) or latency > latency_ceiling:
        yield files[0].finding(
            f"came, as its like, with {round(best)} Mbit/s at best, and the quickest answer after {latency} ms: "
            f"less than {bandwidth_floor} Mbit/s or later than {latency_ceiling} ms, and no offline route is declared"
        )


def _full(evidence: Evidence) -> StepEvidence:
    """The export of everything. Raises NoData."""
    for step in export_steps(evidence):
        if not parameter(step, "_type") and not parameter(step, "_since"):
            return step
    raise NoData("no export of everything was begun")


def _readings(evidence: Evidence) -> tuple[Reading, list[Reading]]:
    """The reading of the whole export, and those of parts. Raises NoData."""
    full = _full(evidence)
    whole = reading(full)
    if whole is None:
        raise NoData("no export of everything came to its files, so that no time was taken")
    parts = [reading(step) for step in export_steps(evidence) if parameter(step, "_type")]
    return whole, [each for each in parts if each is not None]


def _bounds(line: Fit | None, whole: Reading, volume: int, factor: Fraction) -> tuple[Fraction, Fraction]:
    """The longest and the shortest time that the volume takes."""
    if factor <= WHOLE:
        return whole.seconds * max(factor, Fraction(1)), (whole.seconds - whole.unsure) * min(
            factor, Fraction(1)
        )
    if line is None:
        return whole.seconds * factor, Fraction(0)
    return line.at_most(volume), line.at_least(volume)


def _doubt(line: Fit | None, whole: Reading, factor: Fraction, furthest: int, sample: int) -> str:
    """Why the time is only indicative; empty where it is not. What was exported whole is extrapolated from nothing."""
    if factor <= WHOLE:
        return ""
    if whole.resources < sample:
        return f"{whole.resources:,} resources were exported, fewer than {sample:,}"
    if line is None:
        return "there were no exports of two sizes"
    return f"the volume is {factor.__ceil__():,} times what was exported" if factor > furthest else ""


def _time_measured(
    whole: Reading, parts: list[Reading], line: Fit | None, volume: int, longest: Fraction, doubt: str
) -> Measurement:
    rows = [
        MeasuredPart(
            label=f"{each.size:,} bytes, {each.resources:,} resources",
            value=_seconds(each.seconds),
            note=f"may be {_seconds(each.unsure)} s shorter: the end is seen when it is asked for",
        )
        for each in sorted((whole, *parts), key=lambda each: each.size)
    ]
    if line is not None:
        rate = f"{round(1 / line.per_byte):,} bytes a second" if line.per_byte > 0 else "no rate to be seen"
        fitted = f"{rate}, residual {_seconds(line.residual)} s"
        rows.append(MeasuredPart(label="overhead by the fit", value=_seconds(line.overhead), note=fitted))
    return Measurement(
        id="time-of-full-export",
        title="Time of a full export",
        group=TIME,
        value=_seconds(longest),
        unit="s",
        definition="The longest that an export of the declared volume takes, by overhead and rate fitted to exports of "
        "several sizes (least squares), with the residual and the wait between two looks added.",
        indicative=bool(doubt),
        note=f"for {volume:,} bytes{'; ' + doubt if doubt else ''}",
        parts=tuple(rows),
    )


def _days(text: str) -> int:
    """The fewest days of a duration: on some start days it has more, and none may count on them."""
    return limit(text).days_range[0]


def _whole(value: Json) -> int:
    """A number of bytes; 0 where none is stated."""
    try:
        return int(quantity(value))
    except NoMoney:
        return 0


def _rate(value: Json) -> Fraction:
    """A declared rate; 0 where none is stated."""
    try:
        return Fraction(quantity(value))
    except NoMoney:
        return Fraction(0)


def _share(text: str) -> Decimal:
    try:
        return quantity(text)
    except NoMoney as error:
        raise NotJudgeable(f"the profile's share {quoted(text)} cannot be used: {error}") from None


def _seconds(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.3f}"


def _told(seconds: Fraction) -> str:
    if seconds < 2 * DAY:
        return f"{_seconds(seconds)} s"
    return f"{float(seconds / DAY):,.1f} days"
