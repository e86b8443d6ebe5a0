"""What leaving costs, by the supplier's exit plan, for what the rehearsal measured."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.analysis.exit_cost import Scenario, cost_by_year, exit_cost
from conformance.analysis.money import NoMoney
from conformance.checks.exit_cost_scenario import cost_measured, years_measured
from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.model.evidence import Body, Document
from conformance.model.measurement import Measurement
from conformance.model.target import Target
from conformance.outside.plan_files import plan_bytes

UNKNOWN = "The target file names no exit plan (documents.exitPlan)."
ELSEWHERE = "The exit plan lies at an address: download it, and name the file in documents.exitPlan."


@dataclass(frozen=True)
class Price:
    """What leaving costs, and for what that was reckoned; or why it is not known."""

    measurements: tuple[Measurement, ...] = ()
    assumed: tuple[str, ...] = ()
    unknown: str = ""


def priced(target: Target, folder: Path, scenario: Scenario, volume: int, records: int) -> Price:
    """The price of leaving with so many bytes and records, today if the scenario says no other day."""
    place = target.documents.exit_plan
    if not place:
        return Price(unknown=UNKNOWN)
    if place.startswith(("http:", "https:")):
        return Price(unknown=ELSEWHERE)
    leaves_on = scenario.leaves_on or dt.datetime.now(dt.UTC).date()
    wanted = dataclasses.replace(scenario, volume=volume, records=records, leaves_on=leaves_on)
    try:
        data = plan_bytes(folder / place)
        plan = _plan(place, data)
        cost, years = exit_cost(plan, wanted), cost_by_year(plan, wanted)
    except (UsageError, NoMoney) as error:
        return Price(unknown=f"By the exit plan {place} it cannot be reckoned: {error}")
    help_days = "the days of help of its standard scenario"
    if wanted.help_days is not None:
        help_days = f"{wanted.help_days} days of help, {cost.included_days} of them included"
    assumed = (
        f"the exit plan with the SHA-256 {sha256(data)}",
        f"{volume:,} bytes and {records:,} records, as measured",
        help_days,
        f"the contract ends on {leaves_on}",
        *(f"{number} of {row}" for row, number in sorted(wanted.quantities.items())),
        *(["the sum is above the plan's own cap"] if cost.over_cap else []),
    )
    return Price((cost_measured(cost, wanted), years_measured(years, cost.currency)), assumed)


def _plan(place: str, data: bytes) -> dict[str, Any]:
    body = Body(sha256=sha256(data), size=len(data))
    document = Document(id="exit-plan", name="exit-plan", location=place, body=body)
    document = document.connected(lambda _: iter([data]))
    plan = document.json_or_none()
    if not isinstance(plan, dict):
        raise NoMoney(document.json_problem() or "it is no object")
    return plan
