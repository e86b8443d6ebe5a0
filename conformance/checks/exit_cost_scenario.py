"""The check that leaving as the buyer would leave costs no more than the exit plan's cap, and what it costs when."""

import datetime as dt
from decimal import Decimal

from conformance.analysis.exit_cost import ExitCost, Scenario, YearCost, cost_by_year, exit_cost
from conformance.analysis.money import NoMoney, quantity
from conformance.checks.exit_plan_reading import date_of, read_plan
from conformance.plugin import (
    Evidence,
    Findings,
    Measured,
    MeasuredPart,
    Measurement,
    NotJudgeable,
    check,
)

MONEY = "What leaving costs"


@check("exit-costs-scenario")
def exit_costs_scenario(
    evidence: Evidence, *, volume_bytes: str = "", help_days: str = "", leaves_on: str = ""
) -> Findings:
    """What leaving costs in the buyer's scenario, reckoned from the plan's table, is within the plan's cap.

    An empty volume or number of days is that of the plan's standard scenario, an empty date the day of judgement.
    Days of help are net of the included ones. Charges for ending early stand apart and lie outside of the cap.
    """
    plan = read_plan(evidence)
    scenario = Scenario(
        volume=None if not volume_bytes else int(_number(volume_bytes)),
        help_days=None if not help_days else _number(help_days),
        leaves_on=_day(leaves_on) if leaves_on else evidence.as_of,
    )
    try:
        cost, years = exit_cost(plan.value, scenario), cost_by_year(plan.value, scenario)
    except NoMoney as error:
        yield plan.finding(f"does not let the cost of leaving be reckoned: {error}")
        return
    yield Measured(cost_measured(cost, scenario))
    yield Measured(years_measured(years, cost.currency))
    if cost.over_cap:
        yield plan.finding(
            f"states a cap of {cost.cap}, but leaving as the buyer would comes to {cost.table} {cost.currency}"
        )


def cost_measured(cost: ExitCost, scenario: Scenario) -> Measurement:
    """What leaving costs in one scenario, row by row."""
    rows = [
        MeasuredPart(label=row.id, value=_money(row.charge), note=_row_note(row.kind, row.quantity, row.unit))
        for row in cost.rows
    ]
    early = "not stated for this day" if cost.early is None else ""
    rows.append(MeasuredPart(label="for ending early", value=_money(cost.early or Decimal(0)), note=early))
    left_out = (
        f"; priced rows that the scenario takes nothing of: {', '.join(cost.left_out)}"
        if cost.left_out
        else ""
    )
    return Measurement(
        id="cost-of-leaving",
        title="Cost of leaving",
        group=MONEY,
        value=_money(cost.total),
        unit=cost.currency,
        definition="Quantities of the scenario times the prices of the exit plan's cost table, each row within its own "
        "cap, and the charge for ending early on that day. Days of help are net of the included ones.",
        note=f"if the contract ends on {scenario.leaves_on}; the plan's cap is "
        f"{'not stated' if cost.cap is None else _money(cost.cap)}{left_out}",
        parts=tuple(rows),
    )


def years_measured(years: tuple[YearCost, ...], currency: str) -> Measurement:
    """What leaving costs at the end of each year of the contract."""
    parts = tuple(
        MeasuredPart(
            label=f"after year {each.year}",
            value=_money(each.cost.total),
            note=f"{each.leaves_on}: {_money(each.cost.table)} by the table, "
            f"{'no charge stated' if each.cost.early is None else _money(each.cost.early)} for ending early",
        )
        for each in years
    )
    dearest = max((each.cost.total for each in years), default=None)
    return Measurement(
        id="cost-by-year",
        title="Highest cost of leaving in any year",
        group=MONEY,
        value="" if dearest is None else _money(dearest),
        unit=currency,
        definition="The cost of leaving, as above, if the contract ended with each of its years; the number is the "
        "highest of them.",
        picture="columns",
        note="" if years else "the plan states no start and end of the contract",
        parts=parts,
    )


def _row_note(kind: str, taken: Decimal, unit: str) -> str:
    return f"{kind}: {taken.normalize():f} times {unit}"


def _money(value: Decimal) -> str:
    return f"{value:.2f}"


def _number(text: str) -> Decimal:
    try:
        return quantity(text)
    except NoMoney as error:
        raise NotJudgeable(f"the profile's scenario states {text!r}: {error}") from None


def _day(text: str) -> dt.date:
    day = date_of(text)
    if day is None:
        raise NotJudgeable(f"the profile's date {text!r} is no calendar date")
    return day
