"""Checks of what an exit costs, reckoned exactly in decimals from the plan's own table."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from conformance.analysis.durations import compare
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
from conformance.checks.exit_plan_reading import (
    ExitPlan,
    amount_of,
    date_of,
    duration_of,
    quoted,
    read_plan,
    says_something,
)
from conformance.plugin import Evidence, Findings, NotJudgeable, check

_SWITCHING = ("switching", "egress")
_INTERFACES = ("api", "egress")


@check("exit-costs-listed")
def exit_costs_listed(evidence: Evidence) -> Findings:
    """Each cost has a unit and an exact price in a currency of ISO 4217, and what is not listed costs nothing."""
    plan = read_plan(evidence)
    currency = plan.one("costs.currency")
    known = isinstance(currency, str) and currency in CURRENCIES
    if not known:
        yield plan.finding(f"states the currency {quoted(currency)}, which is no code of ISO 4217")
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
def exit_costs_total(evidence: Evidence, *, switching_cap_percent: str) -> Findings:
    """The standard scenario's total, recomputed from the table, is the stated one and within the plan's cap.

    What it charges for switching and egress is within this percentage of the contract's annual charge.
    """
    plan = read_plan(evidence)
    try:
        lines = _scenario(plan)
    except NoMoney as error:
        yield plan.finding(f"has a standard scenario that cannot be reckoned: {error}")
        return
    computed = total(line for _, line in lines)
    stated, cap = plan.amount("costs.standardScenario.statedTotal"), plan.amount("costs.cap")
    if stated is None:
        yield plan.finding("states no total that could be reckoned with (costs.standardScenario.statedTotal)")
    elif stated != computed:
        yield plan.finding(f"states a total of {stated}, but quantities times prices come to {computed}")
    if cap is None:
        yield plan.finding("states no cap that could be reckoned with (costs.cap)")
    elif computed > cap:
        yield plan.finding(f"states a cap of {cap}, but quantities times prices come to {computed}")
    switching = total(line for kind, line in lines if kind in _SWITCHING)
    if switching <= 0:
        return
    percent, annual = _percent(switching_cap_percent), plan.amount("contract.annualCharge")
    if annual is None and percent:
        yield plan.finding(
            f"charges {switching} for switching, but states no annual charge to compare it with"
        )
    elif switching > (annual or Decimal(0)) * percent / 100:
        yield plan.finding(f"charges {switching} for switching, more than {percent} % of the annual charge")


@check("exit-costs-free-from")
def exit_costs_free_from(evidence: Evidence, *, date: str) -> Findings:
    """No charge for switching or data egress applies on or after this date."""
    plan = read_plan(evidence)
    free_from = date_of(date)
    if free_from is None:
        raise NotJudgeable(f"the profile's date {date!r} is no calendar date")
    if not isinstance(plan.one("costs.items"), list):
        yield plan.finding("has no table of costs (costs.items)")
    for place, item in plan.rows("costs.items"):
        if item.get("kind") not in _SWITCHING:
            continue
        price = amount_of(item.get("unitPrice"))
        until = date_of(item.get("validUntil"))
        if price is None:
            yield plan.finding(f"states no price that could be reckoned with at {place}")
        elif price > 0 and (until is None or until >= free_from):
            ends = f"until {until}" if until else "without an end"
            yield plan.finding(
                f"charges {price} for {item['kind']} {ends} ({place}), though free from {free_from}"
            )


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


@check("exit-costs-early-termination")
def exit_costs_early_termination(evidence: Evidence) -> Findings:
    """Charges for ending early are listed by time on their own, and never rise as time goes by."""
    plan = read_plan(evidence)
    if not isinstance(plan.one("costs.earlyTermination"), list):
        yield plan.finding("does not list charges for ending early (an empty list says that there are none)")
        return
    steps = []
    for place, row in plan.at("costs.earlyTermination.*"):
        after = duration_of(row.get("after")) if isinstance(row, dict) else None
        charge = amount_of(row.get("charge")) if isinstance(row, dict) else None
        if after is None or charge is None:
            yield plan.finding(f"states no duration and charge that could be reckoned with at {place}")
        else:
            steps.append((place, after, charge))
    for (earlier, after, charge), (later, next_after, next_charge) in pairwise(steps):
        if not compare(after, next_after).always:
            yield plan.finding(f"lists {later} after {earlier}, though it does not come later")
        elif next_charge > charge:
            yield plan.finding(
                f"lets the charge for ending early rise from {charge} to {next_charge} ({later})"
            )


@check("exit-costs-assistance")
def exit_costs_assistance(evidence: Evidence, *, response_working_days: int) -> Findings:
    """Help has a card of day rates, a number of included days, and a response time within the limit."""
    plan = read_plan(evidence)
    rates = plan.at("assistance.rateCard.*")
    if not rates:
        yield plan.finding("has no rate card for help (assistance.rateCard)")
    for place, row in rates:
        if (
            not isinstance(row, dict)
            or not says_something(row.get("role"))
            or amount_of(row.get("dayRate")) is None
        ):
            yield plan.finding(f"states no role and day rate that could be reckoned with at {place}")
    try:
        quantity(plan.one("assistance.includedDays"))
    except NoMoney as error:
        yield plan.finding(f"states {quoted(plan.one('assistance.includedDays'))} included days: {error}")
    response = plan.one("assistance.responseWorkingDays")
    if (
        not isinstance(response, int)
        or isinstance(response, bool)
        or not 0 <= response <= response_working_days
    ):
        yield plan.finding(
            f"states a response time of {quoted(response)} working days, not at most {response_working_days}"
        )


@check("exit-costs-interfaces-free")
def exit_costs_interfaces_free(evidence: Evidence) -> Findings:
    """The cost table charges nothing for the interface and for taking data out, and leaves no cost unlisted."""
    plan = read_plan(evidence)
    if not isinstance(plan.one("costs.items"), list):
        yield plan.finding("has no table of costs (costs.items)")
    listed = [(place, item) for place, item in plan.rows("costs.items") if item.get("kind") in _INTERFACES]
    for place, item in listed:
        price = amount_of(item.get("unitPrice"))
        if price is None or price > 0:
            yield plan.finding(f"charges {quoted(item.get('unitPrice'))} for {item['kind']} ({place})")
    if not listed and plan.one("costs.unlistedCostsAreZero") is not True:
        yield plan.finding("neither lists what the interface costs, nor says that unlisted costs are nil")


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
        yield str(item.get("kind", "")), line


def _row_problems(place: str, item: dict[str, Any], currency: str) -> Iterator[str]:
    for member in ("kind", "unit"):
        if not says_something(item.get(member)):
            yield f"states no {member} at {place}"
    for member in ("unitPrice", "cap"):
        if member == "unitPrice" or member in item:
            problem = _money_problem(item.get(member), currency)
            if problem:
                yield f"states {quoted(item.get(member))} at {place}.{member}: {problem}"


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
