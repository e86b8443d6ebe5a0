"""The faults of the supplier's documents; the server behaves as ever under them."""

from conformance.reference.fault import Fault

_PROFILE = "exit-core"


def _fault(name: str, requirement: str, summary: str) -> Fault:
    return Fault(name, _PROFILE, f"EXIT-{requirement}", "SHALL", 1, summary, where="dossier")


DOSSIER_FAULTS: tuple[Fault, ...] = (
    _fault("plan-without-signatory", "PLN-01", "Nobody has signed the exit plan."),
    _fault("plan-review-overdue", "PLN-02", "The exit plan was last reviewed two years ago."),
    _fault("plan-only-planned-exit", "PLN-03", "The exit plan has no emergency scenario."),
    _fault("plan-only-other-supplier", "PLN-04", "The exit plan cannot bring the data to the buyer."),
    _fault(
        "plan-inventory-lacks-type", "PLN-08", "The data inventory leaves out a type that the product holds."
    ),
    _fault("plan-notice-six-months", "TRM-01", "Notice is six months."),
    _fault("plan-transition-one-year", "TRM-02", "The transition takes one year."),
    _fault("plan-retrieval-one-week", "TRM-04", "The data can be retrieved for one week only."),
    _fault("plan-unlisted-costs", "CST-01", "Costs that are not listed may be charged."),
    _fault("plan-total-understated", "CST-02", "The stated total is lower than quantities times prices."),
    _fault("plan-deletion-after-a-year", "DEL-01", "The data is deleted a year later."),
    _fault("plan-supplier-owns-configuration", "IPR-01", "The supplier owns the buyer's configuration."),
    _fault("plan-subcontractor-not-bound", "SUB-01", "A subcontractor is not bound by the exit plan."),
    _fault("attestation-for-other-version", "GOV-01", "The attestation is for another product version."),
)
