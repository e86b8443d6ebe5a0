"""What can be wrong with a supplier's documents: one named deviation each, for trying a harness against."""

from datetime import date
from decimal import Decimal

from conformance.reference.dossier.changes_more import MORE_CHANGES
from conformance.reference.dossier.papers import PaperChange, Papers, removing, setting
from conformance.reference.population.draw import Draw


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


def _charge_without_quantity(name: str, price: str) -> PaperChange:
    """A change that charges for a row of which the standard scenario takes nothing, so that the total stays right."""

    def change(papers: Papers, _: Draw) -> None:
        costs = papers.plan["costs"]
        next(row for row in costs["items"] if row["id"] == name)["unitPrice"] = price
        costs["standardScenario"]["quantities"][name] = 0

    return change


def _claims_imaging(papers: Papers, draw: Draw) -> None:
    """The inventory says that images are exported, of which the export holds none."""
    papers.plan["dataInventory"].append(
        {
            "category": "imaging",
            "location": "image archive",
            "exportable": True,
            "format": papers.plan["export"]["formats"][0]["id"],
            "resourceTypes": ["ImagingStudy"],
            "records": draw.between(100, 10_000),
        }
    )


def _cost_without_basis(papers: Papers, draw: Draw) -> None:
    """A charge does not say what it is based on."""
    charged = [row for row in papers.plan["costs"]["items"] if row["kind"] == "assistance"]
    del draw.one_of(charged)["costBasis"]


def _early_termination_rises(papers: Papers, _: Draw) -> None:
    """Ending early in the last year costs more than before."""
    papers.plan["costs"]["earlyTermination"][-1]["charge"] = "90000.00"


def _keeps_configuration(papers: Papers, _: Draw) -> None:
    """What the buyer configured is not exported."""
    row = next(row for row in papers.plan["dataInventory"] if row["category"] == "configuration")
    row |= {"exportable": False, "exclusionReason": "Our configuration tables are a trade secret."}
    for name in ("exportUrl", "format", "records", "bytes"):
        row.pop(name, None)


def _same_environment_twice(papers: Papers, _: Draw) -> None:
    """The sandbox is production by another name."""
    environments = papers.plan["export"]["environments"]
    environments["sandbox"] = environments["production"]


def _page_for_schema(papers: Papers, _: Draw) -> None:
    """What is said to be a schema is a page for people."""
    papers.plan["export"]["schemas"][0]["url"] = papers.plan["export"]["documentationUrl"]


def _schema_of_another_format(papers: Papers, _: Draw) -> None:
    """The schema is one of a format that is not exported."""
    papers.schema["required"] = ["recordType", "recordId"]


def _only_on_screen(papers: Papers, draw: Draw) -> None:
    """A function can be had on the screen only."""
    del draw.one_of(papers.plan["export"]["functions"])["interaction"]


CHANGES: dict[str, PaperChange] = {
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
    "plan-claims-imaging": _claims_imaging,
    "plan-without-derivation-rule": setting("dataInventory", -1, "derivationRule", to=""),
    "plan-format-with-royalties": setting("export", "formats", 0, "royaltyFree", to=False),
    "plan-without-known-risks": setting("transition", "knownRisks", to=[]),
    "plan-never-rehearsed": removing("review", "lastRehearsed"),
    "plan-transition-not-extended": setting("transition", "buyerMayExtendOnce", to=False),
    "plan-read-only-one-week": setting("retrieval", "readOnlyAccessAfterGoLive", to="P1W"),
    "plan-terms-not-pinned": setting(
        "termination", "clauses", 0, to={"document": "terms.html", "clause": "10.4"}
    ),
    "plan-is-exclusive": setting("termination", "exclusivity", to=True),
    "plan-charges-for-interface": _charge_without_quantity("API", "2500.00"),
    "plan-charges-for-switching": _charge_without_quantity("SWITCH", "5000.00"),
    "plan-cost-without-basis": _cost_without_basis,
    "plan-early-termination-rises": _early_termination_rises,
    "plan-help-never-free": setting("costs", "freeIfSupplierAtFault", to=False),
    "plan-slow-response": setting("assistance", "responseWorkingDays", to=30),
    "plan-without-indexation": removing("costs", "indexation"),
    "plan-without-certificate": setting("deletion", "certificate", "issued", to=False),
    "plan-keeps-configuration": _keeps_configuration,
    "plan-names-one-environment-twice": _same_environment_twice,
    "plan-function-on-screen-only": _only_on_screen,
    "plan-function-not-declared": setting("export", "functions", 1, "interaction", to="$merge-records"),
    "plan-without-functions": removing("export", "functions"),
    "plan-without-schemas": removing("export", "schemas"),
    "plan-schema-is-a-page": _page_for_schema,
    "schema-of-another-format": _schema_of_another_format,
    "plan-erases-unasked": setting("deletion", "requiresBuyerConfirmation", to=False),
    "plan-exclusion-without-reason": setting("dataInventory", -1, "exclusionReason", to=" "),
    **MORE_CHANGES,
}
"""The faults of the documents by name; the server's faults are its own."""
