"""What can be wrong with a supplier's documents: one named deviation each, for trying a harness against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from conformance.reference.population_draw import Draw


@dataclass
class Papers:
    """The documents before they are written; a fault changes exactly one thing in them."""

    plan: dict[str, Any]
    attested_version: str
    types: Mapping[str, int]
    sizes: Mapping[str, int]


Fault = Callable[[Papers, Draw], None]


def _without_signatory(papers: Papers, _: Draw) -> None:
    """Nobody has signed for the plan."""
    del papers.plan["signatory"]


def _review_overdue(papers: Papers, _: Draw) -> None:
    """The last review is two years older than it says in an honest plan, and the next was due a year ago."""
    review = papers.plan["review"]
    for moment in ("lastReviewed", "nextReviewDue"):
        honest = date.fromisoformat(review[moment])
        # No plan is signed on 29 February here: the 28th stands in for it, so that every year has the day.
        review[moment] = honest.replace(year=honest.year - 2, day=min(honest.day, 28)).isoformat()


def _only_planned_exit(papers: Papers, _: Draw) -> None:
    """There is no emergency scenario."""
    papers.plan["scenarios"] = [one for one in papers.plan["scenarios"] if one["kind"] != "emergency"]


def _only_other_supplier(papers: Papers, _: Draw) -> None:
    """No scenario leads to the buyer's own infrastructure."""
    kept = []
    for scenario in papers.plan["scenarios"]:
        destinations = [one for one in scenario["destinations"] if one != "buyer-infrastructure"]
        if destinations:
            kept.append({**scenario, "destinations": destinations})
    papers.plan["scenarios"] = kept


def _inventory_lacks_type(papers: Papers, draw: Draw) -> None:
    """The inventory leaves out one resource type that the product holds; a row left empty goes."""
    rows = papers.plan["dataInventory"]
    left_out = draw.one_of(sorted(name for name, count in papers.types.items() if count > 0))
    for row in rows:
        if left_out in row.get("resourceTypes", []):
            row["resourceTypes"].remove(left_out)
            row["records"] -= papers.types[left_out]
            if "bytes" in row:
                row["bytes"] -= papers.sizes[left_out]
    papers.plan["dataInventory"] = [row for row in rows if row.get("resourceTypes") != []]


def _notice_six_months(papers: Papers, _: Draw) -> None:
    """Notice of a switch is half a year."""
    papers.plan["termination"]["switchNotice"] = "P6M"


def _transition_one_year(papers: Papers, _: Draw) -> None:
    """The transition takes a year."""
    papers.plan["transition"]["standard"] = "P1Y"


def _retrieval_one_week(papers: Papers, _: Draw) -> None:
    """The data can be fetched for one week only."""
    papers.plan["retrieval"]["period"] = "P1W"


def _unlisted_costs(papers: Papers, _: Draw) -> None:
    """There may be costs that are not listed."""
    papers.plan["costs"]["unlistedCostsAreZero"] = False


def _total_understated(papers: Papers, draw: Draw) -> None:
    """The stated total is lower than quantities times prices, by a drawn amount."""
    scenario = papers.plan["costs"]["standardScenario"]
    scenario["statedTotal"] = str(Decimal(scenario["statedTotal"]) - Decimal(draw.between(1, 400_000)) / 100)


def _deletion_after_a_year(papers: Papers, _: Draw) -> None:
    """Live data are erased only after a year."""
    papers.plan["deletion"]["liveDataWithin"] = "P1Y"


def _supplier_owns_configuration(papers: Papers, _: Draw) -> None:
    """What the buyer configured is not the buyer's."""
    papers.plan["ownership"]["buyerOwnsConfiguration"] = False


def _subcontractor_not_bound(papers: Papers, draw: Draw) -> None:
    """One drawn subcontractor that holds data is not bound to the exit terms."""
    draw.one_of([one for one in papers.plan["subcontractors"] if one["holdsData"]])["exitTermsFlowDown"] = (
        False
    )


def _attestation_for_other_version(papers: Papers, draw: Draw) -> None:
    """The attestation names another version of the product than the one that is offered."""
    *front, last = papers.attested_version.split(".")
    other = str(int(last) + draw.between(1, 9)) if last.isdecimal() else f"{last}-{draw.between(1, 9)}"
    papers.attested_version = ".".join([*front, other])


DOCUMENT_FAULTS: dict[str, Fault] = {
    "plan-without-signatory": _without_signatory,
    "plan-review-overdue": _review_overdue,
    "plan-only-planned-exit": _only_planned_exit,
    "plan-only-other-supplier": _only_other_supplier,
    "plan-inventory-lacks-type": _inventory_lacks_type,
    "plan-notice-six-months": _notice_six_months,
    "plan-transition-one-year": _transition_one_year,
    "plan-retrieval-one-week": _retrieval_one_week,
    "plan-unlisted-costs": _unlisted_costs,
    "plan-total-understated": _total_understated,
    "plan-deletion-after-a-year": _deletion_after_a_year,
    "plan-supplier-owns-configuration": _supplier_owns_configuration,
    "plan-subcontractor-not-bound": _subcontractor_not_bound,
    "attestation-for-other-version": _attestation_for_other_version,
}
"""The faults of the documents by name; the server's faults are its own."""
