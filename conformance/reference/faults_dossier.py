"""The faults of the supplier's documents; the server behaves as ever under them."""

from conformance.reference.fault import Fault

_PROFILE = "exit-core"


def _fault(name: str, requirement: str, summary: str, also: tuple[str, ...] = ()) -> Fault:
    return Fault(name, _PROFILE, f"EXIT-{requirement}", "SHALL", 1, summary, also, where="dossier")


def _warning(name: str, requirement: str, summary: str) -> Fault:
    return Fault(name, _PROFILE, f"EXIT-{requirement}", "SHOULD", 0, summary, where="dossier")


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
    _fault(
        "attestation-for-other-version",
        "GOV-01",
        "The attestation is for another product version.",
        ("EXIT-EXP-03:attested", "EXIT-PLN-07:attested", "EXIT-GOV-02:attested"),
    ),
    _fault(
        "plan-claims-imaging",
        "CMP-03",
        "The plan says that images are exported, which are not.",
        ("EXIT-PLN-08",),
    ),
    _warning(
        "plan-without-derivation-rule", "CMP-13", "The plan does not say how derived data is made again."
    ),
    _fault("plan-format-with-royalties", "OPN-01", "The format of the export is not free for anyone to use."),
    _fault("plan-without-known-risks", "PLN-05", "The exit plan knows of no risks."),
    _warning("plan-never-rehearsed", "PLN-07", "The exit was never rehearsed."),
    _fault("plan-transition-not-extended", "TRM-03", "The buyer may not extend the transition."),
    _warning("plan-read-only-one-week", "TRM-05", "The old system can be read for one week after go-live."),
    _fault("plan-terms-not-pinned", "TRM-06", "The terms of switching are not pinned by digest."),
    _warning("plan-is-exclusive", "TRM-07", "The buyer may not use others beside the supplier."),
    _fault("plan-charges-for-interface", "API-01", "The interface costs 2,500 pounds a year."),
    _fault("plan-charges-for-switching", "CST-03", "A switch costs 5,000 pounds without an end."),
    _fault("plan-cost-without-basis", "CST-04", "A charge does not say what it is based on."),
    _fault("plan-early-termination-rises", "CST-05", "Ending early costs more in the last year than before."),
    _fault("plan-help-never-free", "CST-06", "Help is charged for even where the supplier is at fault."),
    _fault("plan-slow-response", "CST-07", "Help is answered within 30 working days."),
    _warning("plan-without-indexation", "CST-08", "Nothing says how prices change over the term."),
    _fault("plan-keeps-configuration", "CMP-11", "What the buyer configured is not exported."),
    _fault("plan-function-on-screen-only", "API-04", "A function can be had on the screen only."),
    _fault(
        "plan-function-not-declared", "API-04", "A function is mapped to an operation that is not offered."
    ),
    _fault("plan-without-functions", "API-04", "The exit plan lists no functions of the product."),
    _warning("plan-names-one-environment-twice", "API-03", "The sandbox is production by another name."),
    _warning("plan-without-schemas", "DOC-05", "The exit plan names no schema."),
    _warning("plan-schema-is-a-page", "DOC-05", "What is said to be a schema is a page for people."),
    _fault("plan-without-certificate", "DEL-02", "The erasure is not certified."),
    _fault("plan-erases-unasked", "DEL-04", "Data is erased before the buyer confirms a good copy."),
    _fault("plan-exclusion-without-reason", "IPR-02", "Data is left out without a reason.", ("EXIT-PLN-01",)),
    _fault(
        "plan-claims-impossible-speed",
        "PLN-08",
        "The plan claims a terabyte a second, which the product does not give.",
    ),
    _fault(
        "plan-claims-impossible-rate",
        "PLN-08",
        "The plan claims a billion resources a second, which nobody can have.",
    ),
    _fault(
        "plan-volume-beyond-window",
        "THR-01",
        "At the declared rate, the declared volume does not fit the transition.",
    ),
    Fault(
        "plan-offline-route-blank",
        _PROFILE,
        "EXIT-THR-02",
        "SHOULD",
        1,
        "The declared route for offline transfer leads nowhere.",
        ("EXIT-PLN-01",),
        where="dossier",
    ),
    _fault(
        "plan-definitions-not-published",
        "OPN-02",
        "The extensions and local codes of the export are described nowhere.",
        ("EXIT-OPN-03",),
    ),
    _fault("plan-cap-too-low", "CST-02", "An ordinary exit costs more than the plan's cap."),
)
