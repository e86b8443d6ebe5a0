"""Checks of what an exit costs, reckoned exactly in decimals from the plan's own table."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from conformance.analysis.money import (
    CURRENCIES,
    Line,
    NoMoney,
    amount,
    decimals_in,
    decimals_of,
    quantity,
    total,
)
from conformance.checks.exit_plan_charges import help_problems
from conformance.checks.exit_plan_reading import (
    ExitPlan,
    amount_of,
    date_of,
    quoted,
    read_plan,
    says_something,
)
from conformance.checks.exit_plan_words import charges_for, leaves_price_open
from conformance.plugin import Evidence, Findings, NotJudgeable, Remark, check

_SWITCHING = ("switching", "egress")


@check("exit-costs-listed")
def exit_costs_listed(evidence: Evidence) -> Findings:
    """Each cost has a unit, an exact price in a currency of ISO 4217 and, above zero, what sets it off.

    No unit or trigger leaves the price open, and what is not listed costs nothing.
    """
    plan = read_plan(evidence)
    currency = plan.one("costs.currency")
    known = isinstance(currency, str) and currency in CURRENCIES
    if not known:
        yield plan.finding(
            f"states the currency {quoted(currency)} (costs.currency), which is no code of ISO 4217"
        )
    if plan.one("costs.unlistedCostsAreZero") is not True:
        yield plan.finding("does not say that what is not listed costs nothing (costs.unlistedCostsAreZero)")
    if not isinstance(plan.one("costs.items"), list):
        yield plan.finding("has no table of costs (costs.items)")
    seen: set[str] = set()
    for place, item in plan.at("costs.items.*"):
        if not isinstance(item, dict):
            yield plan.finding(f"states {quoted(item)} at {place}, which is no row of a cost table")
            continue
        name = item.get("id")
        if not isinstance(name, str) or not name.strip() or name in seen:
            yield plan.finding(f"gives the row {place} no id of its own")
        seen |= {name} if isinstance(name, str) else set()
        for problem in _row_problems(place, item, str(currency) if known else ""):
            yield plan.finding(problem)


@check("exit-costs-total")
def exit_costs_total(
    evidence: Evidence, *, switching_cap_percent: str = "", cap_percent: str = "", help_days: str = ""
) -> Findings:
    """The standard scenario's total, recomputed from the table, is the stated one and within the plan's cap.

    The cap, and what is charged for switching and egress, are within these percentages of the contract's annual
    charge. The scenario takes at the least so many days of help, and charges those beyond the included ones. A limit
    that is empty is not set.
    """
    plan = read_plan(evidence)
    try:
        lines = _scenario(plan)
    except NoMoney as error:
        yield plan.finding(
            f"has a standard scenario (costs.standardScenario) that cannot be reckoned: {error}"
        )
        return
    computed = total(line for _, line in lines)
    stated, cap = plan.amount("costs.standardScenario.statedTotal"), plan.amount("costs.cap")
    if stated is None:
        yield plan.finding("states no total that could be reckoned with (costs.standardScenario.statedTotal)")
    elif stated != computed:
        yield plan.finding(
            f"states a total of {stated} (costs.standardScenario.statedTotal), but quantities times prices come to "
            f"{computed}"
        )
    if cap is None:
        yield plan.finding("states no cap that could be reckoned with (costs.cap)")
    elif computed > cap:
        yield plan.finding(
            f"states a cap of {cap} (costs.cap), but quantities times prices come to {computed}"
        )
    yield from _shares(
        plan, total(line for kind, line in lines if kind in _SWITCHING), switching_cap_percent, cap_percent
    )
    taken = plan.one("costs.standardScenario.quantities")
    for place, item in plan.rows("costs.items"):
        price, name = amount_of(item.get("unitPrice")), item.get("id")
        if price is not None and price > 0 and isinstance(name, str) and taken.get(name) in (None, 0, "0"):
            yield Remark(
                f"the standard scenario takes nothing of {quoted(name)}, which costs {price} ({place})"
            )
    if help_days:
        yield from help_problems(plan, _percent(help_days))


@check("exit-costs-free-from")
def exit_costs_free_from(evidence: Evidence, *, date: str) -> Findings:
    """No charge for switching or data egress applies on or after this date, whatever kind its row is given."""
    plan = read_plan(evidence)
    free_from = date_of(date)
    if free_from is None:
        raise NotJudgeable(f"the profile's date {date!r} is no calendar date")
    if not isinstance(plan.one("costs.items"), list):
        yield plan.finding("has no table of costs (costs.items)")
    for place, item in plan.rows("costs.items"):
        what = charges_for(item)
        if what not in _SWITCHING:
            continue
        price = amount_of(item.get("unitPrice"))
        until = date_of(item.get("validUntil"))
        if price is None:
            yield plan.finding(f"states no price that could be reckoned with at {place}")
        elif price > 0 and (until is None or until >= free_from):
            ends = f"until {until}" if until else "without an end"
            yield plan.finding(f"charges {price} for {what} {ends} ({place}), though free from {free_from}")


@check("exit-costs-basis")
def exit_costs_basis(evidence: Evidence) -> Findings:
    """Each cost above zero says what it is based on."""
    plan = read_plan(evidence)
    if not isinstance(plan.one("costs.items"), list):
        yield plan.finding("has no table of costs (costs.items)")
    for place, item in plan.rows("costs.items"):
        price = amount_of(item.get("unitPrice"))
        if (price is None or price > 0) and not says_something(item.get("costBasis")):
            yield plan.finding(f"does not say what the charge {quoted(item.get('id'))} is based on ({place})")


def _shares(plan: ExitPlan, switching: Decimal, switching_percent: str, cap_percent: str) -> Iterator[str]:
    """What is more than its share of the annual charge; a share that is empty is not set."""
    cap = plan.amount("costs.cap") or Decimal(0)
    for share, stated, what in (
        (switching_percent, switching, f"charges {switching} for switching (costs.items)"),
        (cap_percent, cap, f"states a cap of {cap} (costs.cap)"),
    ):
        if not share or stated <= 0:
            continue
        percent, annual = _percent(share), plan.amount("contract.annualCharge")
        if annual is None and percent:
            yield plan.finding(
                f"{what}, but states no annual charge to compare it with (contract.annualCharge)"
            )
        elif stated > (annual or Decimal(0)) * percent / 100:
            yield plan.finding(f"{what}, more than {percent} % of the annual charge of {annual or 0}")


def _scenario(plan: ExitPlan) -> list[tuple[str, Line]]:
    """The rows of the table with the quantities of the standard scenario. Raises NoMoney, saying where."""
    quantities = plan.one("costs.standardScenario.quantities")
    if not isinstance(quantities, dict) or not quantities:
        raise NoMoney("it states no quantities (costs.standardScenario.quantities)")
    items: dict[str, tuple[str, dict[str, Any]]] = {}
    for place, item in plan.rows("costs.items"):
        if isinstance(item.get("id"), str):
            items[item["id"]] = (place, item)
    unknown = sorted(set(quantities) - set(items))
    if unknown:
        raise NoMoney(f"the table has no row {quoted(unknown[0])}")
    return list(_lines(items, quantities))


def _lines(
    items: dict[str, tuple[str, dict[str, Any]]], quantities: dict[str, Any]
) -> Iterator[tuple[str, Line]]:
    for name, taken in quantities.items():
        place, item = items[name]
        try:
            cap = amount(item["cap"]) if "cap" in item else None
            line = Line(amount(item.get("unitPrice")), quantity(taken), cap)
        except NoMoney as error:
            raise NoMoney(f"{place}: {error}") from None
        yield charges_for(item), line


def _row_problems(place: str, item: dict[str, Any], currency: str) -> Iterator[str]:
    for member in ("kind", "unit"):
        if not says_something(item.get(member)):
            yield f"states no {member} at {place}"
    for member in ("unitPrice", "cap"):
        if member == "unitPrice" or member in item:
            problem = _money_problem(item.get(member), currency)
            if problem:
                yield f"states {quoted(item.get(member))} at {place}.{member}: {problem}"
    price = amount_of(item.get("unitPrice"))
    if price is not None and price > 0 and not says_something(item.get("trigger")):
        yield f"does not say what sets off the charge {quoted(item.get('id'))} ({place}.trigger)"
    for member in ("unit", "trigger"):
        if leaves_price_open(str(item.get(member, ""))):
            yield f"leaves the price open with {quoted(item[member])} at {place}.{member}"


def _money_problem(value: object, currency: str) -> str:
    try:
        exact = amount(value)
    except NoMoney as error:
        return str(error)
    if exact < 0:
        return "a price below zero is no cost"
    if currency and decimals_in(exact) > decimals_of(currency):
        return f"{currency} has {decimals_of(currency)} decimal places"
    return ""


def _percent(text: str) -> Decimal:
    try:
        return quantity(text)
    except NoMoney as error:
        raise NotJudgeable(f"the profile's percentage {text!r} cannot be used: {error}") from None
