"""What a rehearsed exit costs by the supplier's exit plan, for the volume that was in fact exported."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from conformance.analysis.exit_cost import Scenario, cost_by_year, exit_cost
from conformance.analysis.money import NoMoney
from conformance.checks.exit_cost_scenario import cost_measured, years_measured
from conformance.model.base import sha256
from conformance.model.evidence import Body, Document
from conformance.model.measurement import MeasuredPart, Measurement
from conformance.model.target import Target
from conformance.outside.plan_files import plan_bytes

TIME = "How long it took"


def priced(
    target: Target, folder: Path, *, size: int, resources: int, today: dt.date
) -> tuple[tuple[Measurement, ...], str]:
    """The cost of leaving today with this many bytes and resources, and by year; or why it is not known.

    Raises UsageError where the target file names a plan that cannot be read.
    """
    place = target.documents.exit_plan
    if not place or place.startswith(("http:", "https:")):
        return (), "the target file names no exit plan beside it, so nothing says what leaving costs"
    data = plan_bytes(folder / place)
    document = Document(
        id="exit-plan", name="exit-plan", location=place, body=Body(sha256=sha256(data), size=len(data))
    ).connected(lambda _: iter([data]))
    plan = document.json_or_none()
    if not isinstance(plan, dict):
        return (), f"the exit plan {place} cannot be read: {document.json_problem() or 'it is no object'}"
    scenario = Scenario(volume=size, records=resources, leaves_on=today)
    try:
        cost, years = exit_cost(plan, scenario), cost_by_year(plan, scenario)
    except NoMoney as error:
        return (), f"the exit plan {place} does not let the cost of leaving be reckoned: {error}"
    return (cost_measured(cost, scenario), years_measured(years, cost.currency)), ""


def timed(seconds: dict[str, float], size: int) -> Measurement:
    """How long the stages took, one after the other."""
    total = sum(seconds.values())
    return Measurement(
        id="rehearsal-time",
        title="Time of the whole exit",
        group=TIME,
        value=f"{total:.1f}",
        unit="s",
        definition="From the kick-off of the export to the last element compared, over all tries of a rehearsal that "
        "broke off; the stages one after the other.",
        note=f"for {size:,} bytes",
        picture="columns",
        parts=tuple(_parts(seconds)),
    )


def _parts(seconds: dict[str, float]) -> Sequence[MeasuredPart]:
    return [MeasuredPart(label=stage, value=f"{took:.1f}") for stage, took in seconds.items()]
