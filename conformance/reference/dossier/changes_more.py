"""More that can be wrong with a supplier's documents: what reads well and gives the buyer nothing."""

from datetime import date
from typing import Any

from conformance.reference.dossier.papers import PaperChange, Papers, not_attesting, removing, setting
from conformance.reference.dossier.plan import SIGNATORY
from conformance.reference.population.draw import Draw
from conformance.reference.settings import SUPPLIER

_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The SHA-256 of an empty file."""


def _some_step(member: str, to: str) -> PaperChange:
    """A change at a drawn step of a drawn scenario."""

    def change(papers: Papers, draw: Draw) -> None:
        draw.one_of(draw.one_of(papers.plan["scenarios"])["steps"])[member] = to

    return change


def _unknown_type(papers: Papers, draw: Draw) -> None:
    """The inventory names a resource type that FHIR does not have."""
    rows = [row for row in papers.plan["dataInventory"] if row.get("resourceTypes")]
    draw.one_of(rows)["resourceTypes"].append("PatientRecord")


def _unknown_format(papers: Papers, draw: Draw) -> None:
    """A row of the inventory names a format that the plan does not describe."""
    draw.one_of([row for row in papers.plan["dataInventory"] if row["exportable"]])["format"] = "own-binary"


def _stale(*path: str) -> PaperChange:
    """A change that states a day two years before the honest one."""

    def change(papers: Papers, _: Draw) -> None:
        holder: Any = papers.plan
        for part in path[:-1]:
            holder = holder[part]
        honest = date.fromisoformat(holder[path[-1]])
        holder[path[-1]] = honest.replace(year=honest.year - 2, day=min(honest.day, 28)).isoformat()

    return change


def _price_by_quotation(papers: Papers, _: Draw) -> None:
    """The table has a row for everything else, whose price is to be asked for."""
    row = {
        "id": "OTHER",
        "kind": "other",
        "unit": "by quotation",
        "unitPrice": "0.00",
        "trigger": "Any other work.",
    }
    papers.plan["costs"]["items"].append(row)


def _row(name: str, kind: str, unit: str, price: str, trigger: str) -> PaperChange:
    """A change that puts a row into the cost table of which the standard scenario takes nothing."""

    def change(papers: Papers, _: Draw) -> None:
        row = {"id": name, "kind": kind, "unit": unit, "unitPrice": price, "trigger": trigger}
        papers.plan["costs"]["items"].append({**row, "costBasis": "Work of our staff."})

    return change


def _charge_without_trigger(papers: Papers, draw: Draw) -> None:
    """Nothing says what sets off a charge."""
    del draw.one_of([row for row in papers.plan["costs"]["items"] if row["kind"] == "assistance"])["trigger"]


def _scenario_without_help(papers: Papers, _: Draw) -> None:
    """The standard scenario takes no help, so that leaving seems to cost nothing."""
    scenario = papers.plan["costs"]["standardScenario"]
    scenario.update(helpDays=0, statedTotal="0.00")
    scenario["quantities"].update(ENGINEER=0, SAFETY=0)


def _never_falls(papers: Papers, _: Draw) -> None:
    """Ending early costs as much on the last day as on the first."""
    for step in papers.plan["costs"]["earlyTermination"]:
        step["charge"] = "60000.00"


def _erasure_leaves_out(papers: Papers, draw: Draw) -> None:
    """A drawn subcontractor keeps its copies."""
    papers.plan["deletion"]["subcontractors"].remove(draw.one_of(papers.plan["deletion"]["subcontractors"]))


def _documentation_lacks(papers: Papers, draw: Draw) -> None:
    """The documentation of the extract leaves out a drawn subject."""
    sections = papers.plan["export"]["documentationSections"]
    del sections[draw.one_of(sorted(sections))]


def _register_lacks_type(papers: Papers, _: Draw) -> None:
    """The public register leaves out the patients."""
    rows = papers.register["structures"]
    papers.register["structures"] = [row for row in rows if row["type"] != "Patient"]


MORE_CHANGES: dict[str, PaperChange] = {
    "plan-address-of-example": setting("interface", "changePolicyUrl", to="https://docs.example.org/changes"),
    "plan-unknown-resource-type": _unknown_type,
    "plan-unknown-format": _unknown_format,
    "plan-step-takes-no-time": _some_step("lasts", "P0D"),
    "plan-step-beyond-transition": _some_step("startsAfter", "P5M"),
    "plan-step-to-be-agreed": _some_step("name", "TBC"),
    "plan-terms-pinned-to-nothing": setting("termination", "clauses", 0, "sha256", to=_OF_NOTHING),
    "plan-longer-without-reasons": removing("transition", "reasonsForLonger"),
    "plan-extension-without-clause": removing("transition", "extensionClause"),
    "plan-least-volume": setting("termination", "minimumVolume", to=True),
    "plan-supplier-claims-exports": setting("ownership", "noSupplierClaim", to=False),
    "plan-exclusion-of-anything": setting("dataInventory", -1, "category", to="Other internal data"),
    "plan-exclusion-delays-switch": setting("dataInventory", -1, "delaysSwitch", to=True),
    "plan-escrow-with-itself": setting("ownership", "escrow", "agent", to=SUPPLIER),
    "plan-escrow-stale": _stale("ownership", "escrow", "lastDeposit"),
    "plan-licence-without-terms": setting("thirdPartyLicences", 0, "transferTerms", to="To be confirmed."),
    "plan-subcontractor-holds-unknown": setting("subcontractors", 0, "holds", to="n/a"),
    "plan-without-dependencies": setting("dependencies", to=[]),
    "plan-knowledge-to-be-agreed": setting("people", "knowledgeTransfer", to="To be agreed."),
    "plan-price-by-quotation": _price_by_quotation,
    "plan-switching-called-other": _row(
        "EXTRACT", "other", "data extraction", "20000.00", "The buyer's request at exit."
    ),
    "plan-interface-called-licence": _row(
        "CONNECT", "licence", "year", "8000.00", "Use of the API by a third party."
    ),
    "plan-charge-without-trigger": _charge_without_trigger,
    "plan-cap-without-bound": setting("costs", "cap", to="999999999999999.00"),
    "plan-scenario-without-help": _scenario_without_help,
    "plan-scenario-charges-included-days": setting("costs", "standardScenario", "helpDays", to=12),
    "plan-early-termination-never-falls": _never_falls,
    "plan-rate-card-dearer-than-table": setting("assistance", "rateCard", 0, "dayRate", to="1500.00"),
    "plan-index-unnamed": setting("costs", "indexation", to={"kind": "index-linked"}),
    "plan-free-help-without-clause": removing("costs", "faultClause"),
    "plan-erasure-leaves-subcontractor-out": _erasure_leaves_out,
    "plan-certificate-without-signatory": setting(
        "deletion", "certificate", "specimen", "states", to=["scope", "method", "dates"]
    ),
    "plan-confirmation-without-clause": removing("deletion", "confirmationClause"),
    "plan-not-updated-before-extension": removing("review", "planBeforeExtension"),
    "plan-register-stale": _stale("export", "registerUpdated"),
    "register-lacks-type": _register_lacks_type,
    "plan-documentation-lacks-subject": _documentation_lacks,
    "plan-without-restrictions": removing("export", "restrictions"),
    "plan-registration-by-consent": setting("interface", "registration", "needsSupplierConsent", to=True),
    "plan-fees-not-stated": removing("interface", "fees"),
    "plan-changes-within-a-week": setting("interface", "changeNotice", to="P1W"),
    "plan-export-once-a-month": setting("export", "limits", "leastInterval", to="P1M"),
    "plan-without-offline-route": setting("export", "offlineTransfer", "kind", to="none"),
    "plan-no-retest-at-exit": setting("retest", "exit", to=False),
    "plan-equivalent-decided-by-supplier": setting("equivalence", 0, "decider", to=SIGNATORY["name"]),
    "attestation-silent-on-staff": not_attesting("EXIT-EXP-03"),
    "attestation-silent-on-rehearsal": not_attesting("EXIT-PLN-07"),
    "attestation-silent-on-product": not_attesting("EXIT-GOV-02"),
    "attestation-silent-on-erasure": not_attesting("EXIT-DEL-02"),
}
