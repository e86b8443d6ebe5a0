"""What leaving a product costs by the cost table of its exit plan, for the buyer's own scenario and year by year.

Money is decimal throughout (conformance.analysis.money). The plan's standard scenario states quantities that are
charged, net of the included days of help; a buyer states the days of help that it needs, and the included days are
taken off here. The terms used are those of the exit plan's schema: `costs`, `assistance`, `contract`.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from conformance.analysis.durations import NoDuration, duration
from conformance.analysis.money import CURRENCIES, Line, NoMoney, amount, quantity

SWITCHING = ("switching", "egress")
"""The kinds of charge that are charges for switching (EU Data Act, Article 2(36), 25 and 29)."""
_ASSISTANCE = "assistance"
_DAY = re.compile(r"(?:man|person|working)?[- ]?days?", re.IGNORECASE)
_VOLUMES = {
    **dict.fromkeys(("mb", "megabyte", "megabytes"), Decimal(10**6)),
    **dict.fromkeys(("gb", "gigabyte", "gigabytes"), Decimal(10**9)),
    **dict.fromkeys(("tb", "terabyte", "terabytes"), Decimal(10**12)),
    **dict.fromkeys(("gib", "gibibyte", "gibibytes"), Decimal(2**30)),
    **dict.fromkeys(("tib", "tebibyte", "tebibytes"), Decimal(2**40)),
}
_RECORDS = frozenset({"record", "records", "resource", "resources"})
_LONGEST_TERM = 30
_STEP = Decimal("0.000001")


@dataclass(frozen=True)
class Scenario:
    """How the buyer leaves; what is None is as in the plan's standard scenario.

    `volume` is in bytes, `records` a number of resources. `help_days` are all days of help that are needed: the
    included ones are taken off, and the rest is charged at the dearest day rate that the plan states, since the plan
    does not say who will come. `leaves_on` is the day on which the contract ends. `quantities` are charged units by
    the id of a row, and go before everything else.
    """

    volume: int | None = None
    records: int | None = None
    help_days: Decimal | None = None
    leaves_on: dt.date | None = None
    quantities: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class CostRow:
    """One row of the cost table as this scenario takes it."""

    id: str
    kind: str
    unit: str
    unit_price: Decimal
    quantity: Decimal
    charge: Decimal
    capped: bool = False


@dataclass(frozen=True)
class ExitCost:
    """What leaving costs. `table` is what the cost table comes to, `early` the charge for ending early, apart.

    `early` is None where the plan states no charge for that day. `left_out` are the rows with a price of which the
    scenario takes nothing. `included_days` are the days of help that were needed and cost nothing.
    """

    currency: str
    rows: tuple[CostRow, ...]
    cap: Decimal | None
    early: Decimal | None
    included_days: Decimal
    left_out: tuple[str, ...]

    @property
    def table(self) -> Decimal:
        """The sum of all rows."""
        return sum((row.charge for row in self.rows), Decimal(0))

    @property
    def switching(self) -> Decimal:
        """The sum of the rows for switching and egress."""
        return sum((row.charge for row in self.rows if row.kind in SWITCHING), Decimal(0))

    @property
    def total(self) -> Decimal:
        """All that is to be paid: the table's sum, and the charge for ending early as far as one is stated."""
        return self.table + (self.early or Decimal(0))

    @property
    def over_cap(self) -> bool:
        """Whether the table's sum is more than the plan's own cap (charges for ending early lie outside of it)."""
        return self.cap is not None and self.table > self.cap


@dataclass(frozen=True)
class YearCost:
    """What leaving costs at the end of a year of the contract, its first year being 1."""

    year: int
    leaves_on: dt.date
    cost: ExitCost


def exit_cost(plan: Mapping[str, Any], scenario: Scenario | None = None) -> ExitCost:
    """What leaving costs by this plan. Raises NoMoney, saying where, if the plan does not let it be reckoned."""
    wanted = scenario or Scenario()
    costs = _object(plan, "costs")
    currency = costs.get("currency")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        raise NoMoney("costs.currency is no code of ISO 4217")
    items = costs.get("items")
    if not isinstance(items, list):
        raise NoMoney("costs.items is no table of costs")
    rows: list[CostRow] = []
    left_out: list[str] = []
    named: set[str] = set()
    standard = _standard(costs)
    for place, item in ((f"costs.items[{index}]", item) for index, item in enumerate(items)):
        row = _row(place, item, wanted, standard)
        if row.id in named:
            raise NoMoney(f"{place} has the id of another row")
        named.add(row.id)
        rows.append(row)
        if row.unit_price > 0 and row.quantity == 0 and not (wanted.help_days is not None and _is_help(row)):
            left_out.append(row.id)
    unknown = sorted({*standard, *wanted.quantities} - named)
    if unknown:
        raise NoMoney(f"the table has no row {unknown[0]!r}")
    included = Decimal(0)
    if wanted.help_days is not None:
        included, rows = _with_help(plan, rows, wanted)
    return ExitCost(
        currency=currency,
        rows=tuple(rows),
        cap=_money(costs, "cap", "costs.cap") if "cap" in costs else None,
        early=_early(plan, costs, wanted.leaves_on),
        included_days=included,
        left_out=tuple(left_out),
    )


def cost_by_year(plan: Mapping[str, Any], scenario: Scenario | None = None) -> tuple[YearCost, ...]:
    """What leaving costs at the end of each year of the contract; none where the plan states no start and end.

    Raises NoMoney as `exit_cost` does.
    """
    contract = _object(plan, "contract")
    start, end = _date(contract.get("start")), _date(contract.get("end"))
    if start is None or end is None or end < start:
        return ()
    wanted = scenario or Scenario()
    years = []
    for year in range(1, _LONGEST_TERM + 1):
        try:
            leaves_on = min(_years_after(start, year), end + dt.timedelta(days=1))
        except (ValueError, OverflowError):
            raise NoMoney("contract.start and contract.end lie beyond the calendar") from None
        given = Scenario(wanted.volume, wanted.records, wanted.help_days, leaves_on, wanted.quantities)
        years.append(YearCost(year, leaves_on, exit_cost(plan, given)))
        if leaves_on > end:
            break
    return tuple(years)


def _row(place: str, item: Any, wanted: Scenario, standard: Mapping[str, Decimal]) -> CostRow:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        raise NoMoney(f"{place} is no row with an id")
    name, kind, unit = item["id"], str(item.get("kind", "")), str(item.get("unit", ""))
    price = _money(item, "unitPrice", f"{place}.unitPrice")
    cap = _money(item, "cap", f"{place}.cap") if "cap" in item else None
    if price < 0 or (cap is not None and cap < 0):
        raise NoMoney(f"{place} states an amount below zero, which is no cost")
    if kind in SWITCHING and _is_over(item.get("validUntil"), wanted.leaves_on):
        price = Decimal(0)
    taken = wanted.quantities.get(name, _taken(name, kind, unit, wanted, standard))
    line = Line(price, taken, cap)
    return CostRow(name, kind, unit, price, taken, line.charge, line.charge < price * taken)


def _taken(name: str, kind: str, unit: str, wanted: Scenario, standard: Mapping[str, Decimal]) -> Decimal:
    """How many units a scenario takes of a row."""
    measure = unit.strip().lower()
    if wanted.volume is not None and measure in _VOLUMES:
        return (Decimal(wanted.volume) / _VOLUMES[measure]).quantize(_STEP)
    if wanted.records is not None and measure in _RECORDS:
        return Decimal(wanted.records)
    if wanted.help_days is not None and kind == _ASSISTANCE and _DAY.fullmatch(measure):
        return Decimal(0)  # charged below, at the dearest rate
    return standard.get(name, Decimal(0))


def _with_help(
    plan: Mapping[str, Any], rows: list[CostRow], wanted: Scenario
) -> tuple[Decimal, list[CostRow]]:
    """The included days that the buyer's days of help use up, and the rows with the days that remain."""
    assistance = _object(plan, "assistance")
    try:
        included = quantity(assistance.get("includedDays", 0))
    except NoMoney as error:
        raise NoMoney(f"assistance.includedDays: {error}") from None
    needed = wanted.help_days or Decimal(0)
    used = min(needed, included)
    charged = needed - used
    helps = [row for row in rows if _is_help(row) and row.id not in wanted.quantities]
    rates = [(row.unit_price, row.id) for row in helps] + list(_card(assistance))
    if not charged or not rates:
        return used, rows
    price, dearest = max(rates)
    if dearest not in {row.id for row in helps}:
        card = CostRow(dearest, _ASSISTANCE, "day", price, charged, price * charged)
        return used, [*rows, card]
    cap = next(
        (
            _money(item, "cap", "cap")
            for item in plan["costs"]["items"]
            if item["id"] == dearest and "cap" in item
        ),
        None,
    )
    line = Line(price, charged, cap)
    return used, [
        row
        if row.id != dearest
        else CostRow(row.id, row.kind, row.unit, price, charged, line.charge, line.charge < price * charged)
        for row in rows
    ]


def _card(assistance: Mapping[str, Any]) -> Iterator[tuple[Decimal, str]]:
    card = assistance.get("rateCard")
    for index, row in enumerate(card if isinstance(card, list) else []):
        if isinstance(row, dict):
            place = f"assistance.rateCard[{index}]"
            yield _money(row, "dayRate", f"{place}.dayRate"), f"{row.get('role') or place} (rate card)"


def _is_help(row: CostRow) -> bool:
    return row.kind == _ASSISTANCE and bool(_DAY.fullmatch(row.unit.strip()))


def _standard(costs: Mapping[str, Any]) -> dict[str, Decimal]:
    scenario = costs.get("standardScenario")
    stated = scenario.get("quantities") if isinstance(scenario, dict) else None
    if not isinstance(stated, dict):
        raise NoMoney("costs.standardScenario.quantities is missing")
    found = {}
    for name, value in stated.items():
        try:
            found[name] = quantity(value)
        except NoMoney as error:
            raise NoMoney(f"costs.standardScenario.quantities.{name}: {error}") from None
    return found


def _early(plan: Mapping[str, Any], costs: Mapping[str, Any], leaves_on: dt.date | None) -> Decimal | None:
    """The charge for ending on this day: none once the contract has run out, else that of the last step reached.

    An empty list says that there are none. Before the first step the plan states no charge.
    """
    steps = costs.get("earlyTermination")
    if not isinstance(steps, list):
        return None
    if not steps:
        return Decimal(0)
    contract = _object(plan, "contract")
    start, end = _date(contract.get("start")), _date(contract.get("end"))
    if leaves_on is None or start is None:
        return None
    if end is not None and leaves_on > end:
        return Decimal(0)
    reached: tuple[dt.date, Decimal] | None = None
    for index, step in enumerate(steps):
        place = f"costs.earlyTermination[{index}]"
        if not isinstance(step, dict):
            raise NoMoney(f"{place} is no step")
        try:
            begins = duration(step.get("after")).after(start)
        except (NoDuration, ValueError, OverflowError) as error:
            raise NoMoney(f"{place}.after: {error}") from None
        charge = _money(step, "charge", f"{place}.charge")
        if begins <= leaves_on and (reached is None or begins >= reached[0]):
            reached = (begins, charge)
    return None if reached is None else reached[1]


def _money(holder: Mapping[str, Any], member: str, place: str) -> Decimal:
    try:
        return amount(holder.get(member))
    except NoMoney as error:
        raise NoMoney(f"{place}: {error}") from None


def _object(plan: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = plan.get(name)
    return value if isinstance(value, dict) else {}


def _is_over(until: Any, on: dt.date | None) -> bool:
    last = _date(until)
    return last is not None and on is not None and on > last


def _date(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _years_after(start: dt.date, years: int) -> dt.date:
    day = min(start.day, calendar.monthrange(start.year + years, start.month)[1])
    return dt.date(start.year + years, start.month, day)
