"""The checks of an exit plan: the honest plan passes each, one change fails the one that it should."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_builder import about, changed, document, of_plan, plan

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.evidence import Remark

CATALOG = built_in()
ARGUMENTS = {
    "exit-plan-valid": {},
    "exit-plan-signatory": {},
    "exit-plan-states": {"path": "ownership.buyerOwnsData", "equals": True},
    "exit-plan-each": {"path": "termination.clauses", "members": ["document", "clause"]},
    "exit-plan-duration": {"path": "termination.switchNotice", "at_most": "P2M"},
    "exit-plan-number": {"path": "assistance.responseWorkingDays", "at_most": 5},
    "exit-plan-reviewed": {"due": "P3M", "review": "P12M"},
    "exit-plan-rehearsed": {"at_most": "P12M"},
    "exit-plan-scenarios": {"kinds": ["planned", "emergency"]},
    "exit-plan-destinations": {"destinations": ["other-supplier", "buyer-infrastructure"]},
    "exit-plan-transition": {"standard": "P30D", "longest": "P7M", "notice_working_days": 14},
    "exit-plan-subcontractors": {},
    "exit-plan-exclusions": {},
    "exit-plan-derivations": {},
    "exit-plan-addresses": {},
    "exit-plan-inventory": {},
    "exit-plan-clause": {"path": "ownership.clause"},
    "exit-plan-lists": {"path": "export.restrictions"},
    "exit-plan-before-extension": {"lead": "P8W"},
    "exit-plan-recent": {"path": "export.registerUpdated", "at_most": "P12M"},
    "exit-plan-registration": {"within": "P10D"},
    "exit-plan-fees": {},
    "exit-plan-not-rationed": {"least_interval": "P1D", "rate": ""},
    "exit-plan-offline-route": {},
    "exit-plan-escrow": {"deposit_every": "P12M"},
    "exit-plan-register": {"path": "thirdPartyLicences", "members": ["product", "holder", "transferTerms"]},
    "exit-plan-dependencies": {},
    "exit-plan-erasure-covers": {},
    "exit-plan-certificate": {},
    "exit-plan-equivalence": {},
    "exit-plan-staff": {},
    "exit-costs-indexation": {},
    "exit-costs-listed": {},
    "exit-costs-total": {"switching_cap_percent": "0", "cap_percent": "25", "help_days": "10"},
    "exit-costs-free-from": {"date": "2027-01-12"},
    "exit-costs-basis": {},
    "exit-costs-early-termination": {},
    "exit-costs-assistance": {"response_working_days": 5},
    "exit-costs-interfaces-free": {},
}


def run(name, evidence, **arguments):
    return list(CATALOG.find("check", name)(evidence, **(arguments or ARGUMENTS[name])))


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_honest_plan_passes(name):
    assert run(name, of_plan(plan())) == []


FAULTY = [
    ("exit-plan-valid", changed("schemaVersion", to="0.1"), 'for version "0.1" of the schema'),
    (
        "exit-plan-valid",
        changed("costs", "unlistedCostAreZero", to=True),
        "did you mean 'unlistedCostsAreZero'",
    ),
    ("exit-plan-valid", changed("costs", "extra", to="as agreed"), 'unknown member "extra"'),
    ("exit-plan-valid", changed("assistance", "responseWorkingDays", to=2.0), "holds the number 2.0"),
    (
        "exit-plan-valid",
        changed("assistance", "responseWorkingDays", to="P2M"),
        "assistance.responseWorkingDays",
    ),
    ("exit-plan-valid", changed("costs", "cap", to="-5.00 GBP"), "costs.cap"),
    ("exit-plan-signatory", changed("signatory", "name", to="N/A"), "the name of the person"),
    ("exit-plan-signatory", changed("signatory", "signedOn", to="2020-01-01"), "before it was issued"),
    ("exit-plan-lists", changed("export", "restrictions", removed=True), "has no list"),
    (
        "exit-plan-addresses",
        changed("export", "registerUrl", to="https://docs.example.com/r"),
        "for examples",
    ),
    (
        "exit-plan-addresses",
        changed("export", "definitions", "origins", to=["https://a.test/"]),
        "origins[0]",
    ),
    ("exit-plan-addresses", changed("export", "registerUrl", to="https:///r"), "names no host"),
    (
        "exit-plan-inventory",
        changed("dataInventory", 0, "resourceTypes", to=["Patients"]),
        "no resource type",
    ),
    (
        "exit-plan-inventory",
        changed("dataInventory", 0, "resourceTypes", to=["DomainResource"]),
        "no resource type",
    ),
    ("exit-plan-inventory", changed("dataInventory", 0, "format", to="own"), "does not list"),
    ("exit-plan-clause", changed("ownership", "clause", removed=True), "refers to no clause"),
    ("exit-plan-clause", changed("ownership", "clause", "sha256", to="0" * 64), "no SHA-256"),
    ("exit-plan-clause", changed("ownership", "clause", "clause", to="tbc"), "no clause at"),
    ("exit-plan-lists", changed("export", "restrictions", to="none"), "has no list"),
    ("exit-plan-lists", changed("export", "restrictions", to=["TBC"]), "says nothing"),
    (
        "exit-plan-before-extension",
        changed("review", "planBeforeExtension", to="2027-06-30"),
        "less than P8W",
    ),
    (
        "exit-plan-before-extension",
        changed("review", "planBeforeExtension", to="2020-06-30"),
        "not after the first",
    ),
    (
        "exit-plan-before-extension",
        changed("contract", "extensionDecision", to="2030-01-01"),
        "after the contract's end",
    ),
    (
        "exit-plan-before-extension",
        changed("contract", "extensionDecision", removed=True),
        "by when the buyer",
    ),
    ("exit-plan-recent", changed("export", "registerUpdated", to="2025-11-21"), "more than P12M before"),
    ("exit-plan-recent", changed("export", "registerUpdated", to="2026-11-23"), "which is after"),
    (
        "exit-plan-registration",
        changed("interface", "registration", "within", to="P1M"),
        "always longer than P10D",
    ),
    ("exit-plan-registration", changed("interface", removed=True), "where a third party registers"),
    ("exit-plan-fees", changed("export", "apiTermsUrl", removed=True), "no address of the terms"),
    (
        "exit-plan-fees",
        changed("interface", "fees", to="as-listed-in-costs") | {"costs": {"items": []}},
        "no row of kind api",
    ),
    ("exit-plan-not-rationed", changed("export", "selfService", to=False), "needs nobody"),
    ("exit-plan-not-rationed", changed("export", "scopes", to=["configuration"]), "the scope population"),
    ("exit-plan-not-rationed", changed("export", "limits", "requestsPerSecond", to="0.0"), "not more than 0"),
    ("exit-plan-not-rationed", changed("export", "limits", "requestsPerSecond", to=0.5), "no quantity"),
    ("exit-plan-not-rationed", changed("export", "limits", "concurrentJobs", to=0), "from 1 up"),
    (
        "exit-plan-offline-route",
        changed("export", "offlineTransfer", "route", to="-"),
        "where the network is too slow",
    ),
    ("exit-plan-escrow", changed("ownership", "escrow", "kind", to="none"), "neither escrow nor step-in"),
    ("exit-plan-escrow", changed("ownership", "escrow", "depositEvery", to="P5Y"), "always longer"),
    ("exit-plan-escrow", changed("ownership", "escrow", "releaseEvents", to=[]), "no event"),
    ("exit-plan-escrow", changed("ownership", "escrow", "lastDeposit", to="2027-01-01"), "which is after"),
    ("exit-plan-register", changed("thirdPartyLicences", removed=True), "has no register"),
    ("exit-plan-register", changed("thirdPartyLicences", 0, "holder", to="unknown"), "states no holder"),
    ("exit-plan-dependencies", changed("dependencies", 0, "owner", to="somebody"), "states no owner"),
    ("exit-plan-erasure-covers", changed("deletion", "subcontractors", removed=True), "erases its copies"),
    ("exit-plan-certificate", changed("deletion", "certificate", "specimen", removed=True), "no specimen"),
    ("exit-plan-certificate", changed("deletion", "certificate", "method", to="TBC"), "by which method"),
    ("exit-plan-equivalence", changed("equivalence", removed=True), "an empty list says that none is"),
    ("exit-plan-equivalence", changed("equivalence", 0, "reason", to=""), "who decided"),
    ("exit-plan-equivalence", changed("equivalence", 0, "decidedOn", to="2099-01-01"), "no day up to"),
    ("exit-plan-equivalence", changed("equivalence", 0, "decision", removed=True), "states no decision"),
    ("exit-plan-staff", changed("people", "staffTransfer", to={"applies": True}), "on what ground"),
    ("exit-plan-scenarios", changed("scenarios", 0, "steps", 0, "lasts", to="P0D"), "no time at all"),
    ("exit-plan-scenarios", changed("scenarios", 0, "steps", 0, "lasts", to="P32D"), "after the transition"),
    (
        "exit-plan-scenarios",
        changed("scenarios", 0, "steps", 0, "owner", to="nobody at all"),
        "none of supplier",
    ),
    (
        "exit-plan-scenarios",
        changed("scenarios", 0, "steps", 0, "lasts", to="3 days"),
        "no ISO 8601 durations",
    ),
    ("exit-plan-transition", changed("transition", "reasonsForLonger", to="tbd"), "for what reasons"),
    ("exit-plan-exclusions", changed("dataInventory", -1, "impact", removed=True), "what the buyer loses"),
    (
        "exit-plan-exclusions",
        changed("dataInventory", -1, "category", to="All internal data"),
        "no narrow category",
    ),
    (
        "exit-costs-free-from",
        changed(
            "costs", "items", 0, to={"id": "A", "kind": "other", "unit": "data export", "unitPrice": "1.00"}
        ),
        "charges 1.00 for switching without an end",
    ),
    (
        "exit-costs-interfaces-free",
        changed(
            "costs", "items", 0, to={"id": "API", "kind": "licence", "unit": "year", "unitPrice": "1.00"}
        ),
        'charges "1.00" for api',
    ),
    (
        "exit-costs-total",
        changed("costs", "items", 0, to={"id": "A", "kind": "other", "unit": "year", "unitPrice": "1.00"}),
        "no row",
    ),
    ("exit-costs-indexation", changed("costs", "indexation", to="fixed"), "neither fixed nor index-linked"),
    ("exit-costs-listed", changed("costs", "items", 3, "trigger", to="As agreed"), "leaves the price open"),
    ("exit-costs-listed", changed("costs", "items", 3, "unitPrice", to="-750.00"), "below zero"),
    ("exit-costs-listed", changed("costs", "items", 3, "unitPrice", to="NaN"), "no amount of money"),
    (
        "exit-costs-total",
        changed("contract", "annualCharge", to="40000.00"),
        "a cap of 12000.00 (costs.cap), more than 25 %",
    ),
    ("exit-costs-total", changed("contract", "annualCharge", removed=True), "no annual charge"),
    ("exit-costs-total", changed("costs", "standardScenario", "helpDays", removed=True), "no days of help"),
    ("exit-costs-total", changed("assistance", "includedDays", to=7), "that are included are 10"),
    (
        "exit-costs-early-termination",
        changed("costs", "earlyTermination", 2, "charge", to="60000.00"),
        "rise",
    ),
    (
        "exit-costs-assistance",
        changed("assistance", "rateCard", 1, "dayRate", to="900.01"),
        "no row for help",
    ),
    ("exit-plan-valid", changed("signatory", removed=True), "the member 'signatory' is missing"),
    ("exit-plan-valid", changed("contract", "start", to="2026-02-30"), "contract.start"),
    ("exit-plan-valid", changed("costs", "cap", to=12000.0), "costs.cap"),
    ("exit-plan-valid", changed("anything", to=1), "anything"),
    ("exit-plan-signatory", changed("signatory", "name", to=" "), "the name of the person"),
    ("exit-plan-signatory", changed("signatory", "signedOn", to="2099-01-01"), "after 2026-11-22"),
    (
        "exit-plan-states",
        changed("ownership", "buyerOwnsData", to=1),
        "states 1 at ownership.buyerOwnsData, not true",
    ),
    ("exit-plan-states", changed("ownership", removed=True), "states nothing at ownership.buyerOwnsData"),
    ("exit-plan-each", changed("termination", "clauses", to=[{"document": "x"}]), "states no clause"),
    ("exit-plan-each", changed("termination", "clauses", to=[]), "lists nothing"),
    ("exit-plan-duration", changed("termination", "switchNotice", to="P6M"), "always longer than P2M"),
    ("exit-plan-duration", changed("termination", "switchNotice", to="two months"), "no ISO 8601 duration"),
    ("exit-plan-number", changed("assistance", "responseWorkingDays", to=6), "more than 5"),
    ("exit-plan-number", changed("assistance", "responseWorkingDays", to=True), "no whole number"),
    (
        "exit-plan-reviewed",
        changed("review", "lastReviewed", to="2024-09-01"),
        "was last reviewed on 2024-09-01",
    ),
    ("exit-plan-reviewed", changed("review", "nextReviewDue", to="2026-11-21"), "should have been reviewed"),
    (
        "exit-plan-reviewed",
        changed("review", "issued", to="2024-01-01"),
        "more than P3M after the contract's start",
    ),
    ("exit-plan-rehearsed", changed("review", "lastRehearsed", to="2025-01-01"), "more than P12M before"),
    (
        "exit-plan-scenarios",
        changed("scenarios", to=plan()["scenarios"][:2]),
        "no scenario for an emergency exit",
    ),
    ("exit-plan-scenarios", changed("scenarios", 2, "steps", 0, "owner", to=""), "does not state owner"),
    (
        "exit-plan-destinations",
        changed("scenarios", to=plan()["scenarios"][:1]),
        "leads to buyer-infrastructure",
    ),
    ("exit-plan-transition", changed("transition", "standard", to="P1Y"), "always longer than P30D"),
    ("exit-plan-transition", changed("transition", "longest", to="P9M"), "always longer than P7M"),
    (
        "exit-plan-transition",
        changed("transition", "infeasibilityNoticeWorkingDays", to=30),
        "not at most 14",
    ),
    (
        "exit-plan-subcontractors",
        changed("subcontractors", 1, "exitTermsFlowDown", to=False),
        "to the exit terms",
    ),
    ("exit-plan-subcontractors", changed("subcontractors", removed=True), "has no list of subcontractors"),
    ("exit-plan-exclusions", changed("dataInventory", -1, "exclusionReason", to=" "), "without a reason"),
    ("exit-plan-derivations", changed("dataInventory", -1, "derivationRule", removed=True), "names no rule"),
    ("exit-costs-listed", changed("costs", "currency", to="XXX"), "no code of ISO 4217"),
    (
        "exit-costs-listed",
        changed("costs", "unlistedCostsAreZero", to=False),
        "what is not listed costs nothing",
    ),
    ("exit-costs-listed", changed("costs", "items", 3, "unitPrice", to=750.0), "a JSON number"),
    ("exit-costs-listed", changed("costs", "items", 3, "unitPrice", to="750.001"), "2 decimal places"),
    (
        "exit-costs-total",
        changed("costs", "standardScenario", "statedTotal", to="9299.99"),
        "come to 9300.00",
    ),
    (
        "exit-costs-total",
        changed("costs", "standardScenario", "quantities", "ENGINEER", to=10.5),
        "no quantity",
    ),
    ("exit-costs-total", changed("costs", "cap", to="9000.00"), "a cap of 9000.00"),
    (
        "exit-costs-total",
        changed("costs", "items", 0, "unitPrice", to="1.00"),
        "for switching (costs.items), more than 0 %",
    ),
    ("exit-costs-free-from", changed("costs", "items", 1, "unitPrice", to="0.01"), "charges 0.01 for egress"),
    ("exit-costs-basis", changed("costs", "items", 4, "costBasis", removed=True), "is based on"),
    (
        "exit-costs-early-termination",
        changed("costs", "earlyTermination", 2, "charge", to="30000.01"),
        "rise from",
    ),
    (
        "exit-costs-early-termination",
        changed("costs", "earlyTermination", 2, "after", to="P1Y"),
        "does not come later",
    ),
    ("exit-costs-assistance", changed("assistance", "rateCard", to=[]), "has no rate card"),
    ("exit-costs-assistance", changed("assistance", "responseWorkingDays", to=9), "not at most 5"),
    ("exit-costs-interfaces-free", changed("costs", "items", 2, "unitPrice", to="1.00"), "for api"),
]


@pytest.mark.parametrize(
    ("name", "value", "said"), FAULTY, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_changed_plan_fails(name, value, said):
    assert said in " ".join(run(name, of_plan(value)))


@pytest.mark.parametrize("name", [name for name in ARGUMENTS if name != "exit-plan-valid"])
@pytest.mark.parametrize(
    "evidence", [about(), of_plan([]), of_plan(b"{"), about(document(b"", problem="it is gone"))]
)
def test_without_a_plan_nothing_passes(name, evidence):
    with pytest.raises(NoData):
        run(name, evidence)


def test_no_plan_at_all_fails_the_requirement_that_there_be_one():
    assert "no exit plan was given" in run("exit-plan-valid", about())[0]


def test_sixty_days_against_two_months_are_neither_pass_nor_fail():
    with pytest.raises(NotJudgeable, match="depends on the start date") as raised:
        run("exit-plan-duration", of_plan(changed("termination", "switchNotice", to="P60D")))
    assert not isinstance(raised.value, NoData | NotApplicable)


def test_a_limit_of_the_profile_that_is_no_duration_is_not_held_against_the_plan():
    with pytest.raises(NotJudgeable, match="the profile's limit"):
        run("exit-plan-duration", of_plan(plan()), path="termination.switchNotice", at_most="soon")


def test_dates_are_judged_at_the_day_of_the_run():
    assert run("exit-plan-reviewed", of_plan(plan(), as_of=dt.date(2028, 1, 1)))


def test_a_charge_that_ends_before_the_date_is_allowed():
    item = {"id": "EGRESS", "kind": "egress", "unit": "GB", "unitPrice": "0.10", "validUntil": "2027-01-11"}
    assert run("exit-costs-free-from", of_plan(changed("costs", "items", 1, to=item))) == []


def test_nothing_left_out_needs_no_reason():
    with pytest.raises(NotApplicable):
        run("exit-plan-exclusions", of_plan(changed("dataInventory", to=plan()["dataInventory"][:-1])))


def test_a_row_costs_no_more_than_its_cap():
    capped = {"id": "ENGINEER", "kind": "assistance", "unit": "day", "unitPrice": "750.00", "cap": "100.00"}
    items = [each | capped if each["id"] == "ENGINEER" else each for each in plan()["costs"]["items"]]
    given = plan()
    given["costs"]["items"] = items
    days = given["costs"]["standardScenario"]["quantities"]["ENGINEER"]
    given["costs"]["standardScenario"]["statedTotal"] = f"{9300 - 750 * days + 100}.00"
    assert run("exit-costs-total", of_plan(given)) == []
    given["costs"]["standardScenario"]["statedTotal"] = "9300.00"
    assert f"come to {9300 - 750 * days + 100}.00" in run("exit-costs-total", of_plan(given))[0]


def test_who_offers_nothing_as_equivalent_and_leaves_out_nothing_derived_needs_no_more():
    with pytest.raises(NotApplicable, match="no evidence as equivalent"):
        run("exit-plan-equivalence", of_plan(changed("equivalence", to=[])))
    rows = [row for row in plan()["dataInventory"] if row.get("derived") is not True]
    with pytest.raises(NotApplicable, match="no derived data out"):
        run("exit-plan-derivations", of_plan(changed("dataInventory", to=rows)))
    with pytest.raises(NoData, match="no inventory of data"):
        run("exit-plan-derivations", of_plan(changed("dataInventory", to=[])))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
)
WORDS = sorted(
    {key for value in (plan(), *plan().values()) if isinstance(value, dict) for key in value} | {"kind", "id"}
)
TREES = st.recursive(
    LEAVES | st.sampled_from(["P2M", "750.00", "planned", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("name", ARGUMENTS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_check_survives_any_plan(name, data):
    part = data.draw(st.sampled_from(sorted(plan())))
    value = data.draw(st.one_of(TREES, TREES.map(lambda tree: plan() | {part: tree})))
    try:
        findings = run(name, of_plan(value))
    except NotJudgeable:
        return
    assert all(isinstance(one, str) for one in findings)


def test_a_priced_row_that_the_scenario_leaves_out_is_pointed_to_and_is_no_fault():
    row = {"id": "HOSTING", "kind": "hosting", "unit": "month", "unitPrice": "100.00", "trigger": "An order."}
    (remark,) = run(
        "exit-costs-total", of_plan(changed("costs", "items", to=[*plan()["costs"]["items"], row]))
    )
    assert isinstance(remark, Remark)
    assert 'takes nothing of "HOSTING"' in remark
