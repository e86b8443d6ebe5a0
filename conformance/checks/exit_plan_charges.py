"""Checks of what surrounds the cost table: help and its rates, interfaces, ending early, prices over the term."""

from decimal import Decimal
from itertools import pairwise

from conformance.analysis.durations import compare
from conformance.analysis.money import NoMoney, quantity
from conformance.checks.exit_plan_reading import (
    ExitPlan,
    amount_of,
    duration_of,
    quoted,
    read_plan,
    says_something,
)
from conformance.checks.exit_plan_words import charges_for
from conformance.plugin import Evidence, Findings, Json, check

_INTERFACES = ("api", "egress")


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
    if steps and steps[0][2] > 0 and steps[-1][2] >= steps[0][2]:
        yield plan.finding(
            f"never lets the charge for ending early fall: it is {steps[-1][2]} to the end (costs.earlyTermination)"
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
        elif not _is_charged(plan, row["dayRate"]):
            yield plan.finding(
                f"states a day rate of {row['dayRate']} at {place}, of which the cost table has no row for help"
            )
    try:
        quantity(plan.one("assistance.includedDays"))
    except NoMoney as error:
        yield plan.finding(
            f"states {quoted(plan.one('assistance.includedDays'))} included days (assistance.includedDays): {error}"
        )
    response = plan.one("assistance.responseWorkingDays")
    if (
        not isinstance(response, int)
        or isinstance(response, bool)
        or not 0 <= response <= response_working_days
    ):
        yield plan.finding(
            f"states a response time of {quoted(response)} working days (assistance.responseWorkingDays), not at most "
            f"{response_working_days}"
        )


@check("exit-costs-interfaces-free")
def exit_costs_interfaces_free(evidence: Evidence) -> Findings:
    """The cost table charges nothing for the interface and for taking data out, and leaves no cost unlisted."""
    plan = read_plan(evidence)
    if not isinstance(plan.one("costs.items"), list):
        yield plan.finding("has no table of costs (costs.items)")
    listed = [(place, item) for place, item in plan.rows("costs.items") if charges_for(item) in _INTERFACES]
    for place, item in listed:
        price = amount_of(item.get("unitPrice"))
        if price is None or price > 0:
            yield plan.finding(f"charges {quoted(item.get('unitPrice'))} for {charges_for(item)} ({place})")
    if not listed and plan.one("costs.unlistedCostsAreZero") is not True:
        yield plan.finding("neither lists what the interface costs, nor says that unlisted costs are nil")


@check("exit-costs-indexation")
def exit_costs_indexation(evidence: Evidence) -> Findings:
    """Prices are fixed for the term, or follow an index that the plan names."""
    plan = read_plan(evidence)
    kind = plan.one("costs.indexation.kind")
    if kind not in ("fixed", "index-linked"):
        yield plan.finding(f"states {quoted(kind)} at costs.indexation.kind, neither fixed nor index-linked")
    elif kind == "index-linked" and not says_something(plan.one("costs.indexation.index")):
        yield plan.finding("links prices to an index that it does not name (costs.indexation.index)")


def help_problems(plan: ExitPlan, least: Decimal) -> Findings:
    """What is wrong with the days of help of the standard scenario: too few, or charged other than net."""
    scenario = "costs.standardScenario"
    try:
        needed = quantity(plan.one(f"{scenario}.helpDays"))
        included = quantity(plan.one("assistance.includedDays"))
        taken = plan.one(f"{scenario}.quantities")
        charged = sum(
            (quantity(taken[row["id"]]) for row in _help_rows(plan) if row["id"] in taken), Decimal(0)
        )
    except NoMoney as error:
        yield plan.finding(
            f"states no days of help that could be reckoned with ({scenario}.helpDays): {error}"
        )
        return
    if needed < least:
        yield plan.finding(
            f"takes {needed} days of help in its standard scenario ({scenario}.helpDays), fewer than {least}"
        )
    net = max(needed - included, Decimal(0))
    if charged != net:
        yield plan.finding(
            f"charges {charged} days of help in its standard scenario, but {needed} that are needed less {included} "
            f"that are included are {net}"
        )


def _help_rows(plan: ExitPlan) -> list[dict[str, Json]]:
    """The rows of the cost table that charge for help by the day."""
    return [
        row
        for _, row in plan.rows("costs.items")
        if row.get("kind") == "assistance"
        and isinstance(row.get("id"), str)
        and "day" in str(row.get("unit", "")).casefold()
    ]


def _is_charged(plan: ExitPlan, rate: Json) -> bool:
    """Whether the cost table charges for help at least at this rate, so that the card is no second, dearer table."""
    prices = [
        amount_of(row.get("unitPrice"))
        for _, row in plan.rows("costs.items")
        if row.get("kind") == "assistance"
    ]
    stated = amount_of(rate)
    return stated is not None and any(price is not None and price >= stated for price in prices)
