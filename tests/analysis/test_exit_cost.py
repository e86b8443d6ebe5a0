"""What leaving costs, reckoned from an exit plan for the buyer's own scenario."""

import copy
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.exit_cost import Scenario, cost_by_year, exit_cost
from conformance.analysis.money import NoMoney

PLAN = {
    "contract": {"start": "2024-02-29", "end": "2027-02-27", "annualCharge": "100000.00"},
    "costs": {
        "currency": "GBP",
        "cap": "9000.00",
        "items": [
            {"id": "ENGINEER", "kind": "assistance", "unit": "day", "unitPrice": "750.00"},
            {"id": "SAFETY", "kind": "assistance", "unit": "day", "unitPrice": "900.00", "cap": "2000.00"},
            {"id": "EGRESS", "kind": "egress", "unit": "gigabyte", "unitPrice": "0.10"},
            {"id": "READ", "kind": "licence", "unit": "each", "unitPrice": "400.00"},
        ],
        "standardScenario": {"quantities": {"ENGINEER": 10, "EGRESS": "2.5"}, "statedTotal": "7500.25"},
        "earlyTermination": [
            {"after": "P1Y", "charge": "5000.00"},
            {"after": "P2Y", "charge": "1000.00"},
        ],
    },
    "assistance": {"includedDays": 5, "rateCard": [{"role": "engineer", "dayRate": "750.00"}]},
}


def plan(**costs):
    changed = copy.deepcopy(PLAN)
    changed["costs"].update(costs)
    return changed


def test_the_standard_scenario_is_net_of_included_days():
    cost = exit_cost(PLAN)
    assert (cost.table, cost.switching, cost.included_days) == (Decimal("7500.25"), Decimal("0.25"), 0)
    assert cost.left_out == ("SAFETY", "READ")
    assert cost.early is None
    assert not cost.over_cap


def test_days_that_the_buyer_needs_are_charged_beyond_the_included_ones_at_the_dearest_rate():
    cost = exit_cost(PLAN, Scenario(help_days=Decimal(7)))
    assert cost.included_days == Decimal(5)
    assert {row.id: row.charge for row in cost.rows}["SAFETY"] == Decimal("1800.00")
    assert {row.id: row.charge for row in cost.rows}["ENGINEER"] == 0
    capped = exit_cost(PLAN, Scenario(help_days=Decimal(50)))
    assert next(row for row in capped.rows if row.id == "SAFETY").charge == Decimal("2000.00")
    assert next(row for row in capped.rows if row.id == "SAFETY").capped


def test_a_rate_that_only_the_card_states_is_not_overlooked():
    dear = plan()
    dear["assistance"]["rateCard"] = [{"role": "architect", "dayRate": "3000.00"}]
    cost = exit_cost(dear, Scenario(help_days=Decimal(6)))
    assert cost.rows[-1].id == "architect (rate card)"
    assert cost.rows[-1].charge == Decimal("3000.00")


def test_days_within_the_included_ones_cost_nothing():
    cost = exit_cost(PLAN, Scenario(help_days=Decimal(3)))
    assert (cost.included_days, cost.table) == (Decimal(3), Decimal("0.25"))


def test_a_volume_is_charged_by_the_rows_that_are_priced_by_volume():
    cost = exit_cost(PLAN, Scenario(volume=40_000_000_000))
    assert cost.switching == Decimal("4.00")


def test_charges_for_ending_early_stand_apart_from_the_table_and_its_cap():
    years = cost_by_year(PLAN)
    assert [(each.leaves_on, each.cost.early) for each in years] == [
        (dt.date(2025, 2, 28), Decimal("5000.00")),
        (dt.date(2026, 2, 28), Decimal("1000.00")),
        (dt.date(2027, 2, 28), Decimal(0)),
    ]
    assert [each.cost.total - each.cost.table for each in years] == [5000, 1000, 0]
    assert not any(each.cost.over_cap for each in years)


def test_no_charge_is_known_before_the_first_step_and_none_is_due_where_none_is_listed():
    assert exit_cost(PLAN, Scenario(leaves_on=dt.date(2024, 6, 1))).early is None
    assert exit_cost(plan(earlyTermination=[]), Scenario(leaves_on=dt.date(2024, 6, 1))).early == 0


def test_a_charge_for_switching_ends_with_its_validity():
    until = plan(items=[{**item, "validUntil": "2025-01-11"} for item in PLAN["costs"]["items"]])
    before, after = (
        exit_cost(until, Scenario(leaves_on=day)) for day in (dt.date(2025, 1, 11), dt.date(2025, 1, 12))
    )
    assert (before.switching, after.switching) == (Decimal("0.25"), 0)
    assert after.table == Decimal("7500.00")


def test_more_than_the_cap_is_told():
    assert exit_cost(PLAN, Scenario(quantities={"ENGINEER": Decimal(20)})).over_cap


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (plan(currency="GBX"), "costs.currency"),
        (plan(items="none"), "costs.items"),
        (plan(items=[7]), "costs.items[0]"),
        (plan(items=[PLAN["costs"]["items"][0]] * 2), "costs.items[1]"),
        (plan(items=[{"id": "A", "unitPrice": 750}]), "costs.items[0].unitPrice"),
        (plan(items=[{"id": "A", "unitPrice": "-1.00"}]), "costs.items[0]"),
        (plan(standardScenario={}), "quantities"),
        (plan(standardScenario={"quantities": {"NOBODY": 1}}), "NOBODY"),
        (plan(standardScenario={"quantities": {"ENGINEER": 1.5}}), "quantities.ENGINEER"),
        (plan(earlyTermination=[{"after": "P1X", "charge": "1.00"}]), "earlyTermination[0].after"),
        (plan(cap="many"), "costs.cap"),
        ({}, "costs.currency"),
    ],
)
def test_what_cannot_be_reckoned_is_told_with_its_place(wrong, where):
    with pytest.raises(NoMoney) as told:
        exit_cost(wrong, Scenario(leaves_on=dt.date(2026, 1, 1)))
    assert where in str(told.value)


def test_a_term_beyond_the_calendar_is_told():
    far = plan()
    far["contract"] = {"start": "9999-01-01", "end": "9999-12-31"}
    with pytest.raises(NoMoney):
        cost_by_year(far)


@given(st.integers(0, 400), st.integers(0, 10**12))
def test_more_days_or_more_data_never_cost_less(days, volume):
    less = exit_cost(PLAN, Scenario(help_days=Decimal(days), volume=volume))
    more = exit_cost(PLAN, Scenario(help_days=Decimal(days + 1), volume=volume + 10**9))
    assert more.table >= less.table
