"""The faults of the supplier's documents; the server behaves as ever under them."""

from conformance.reference.fault import Fault, dossier_fault, dossier_warning

DOSSIER_FAULTS: tuple[Fault, ...] = (
    dossier_fault("plan-without-signatory", "PLN-01", "Nobody has signed the exit plan."),
    dossier_fault("plan-review-overdue", "PLN-02", "The exit plan was last reviewed two years ago."),
    dossier_fault("plan-only-planned-exit", "PLN-03", "The exit plan has no emergency scenario."),
    dossier_fault("plan-only-other-supplier", "PLN-04", "The exit plan cannot bring the data to the buyer."),
    dossier_fault(
        "plan-inventory-lacks-type", "PLN-08", "The data inventory leaves out a type that the product holds."
    ),
    dossier_fault("plan-notice-six-months", "TRM-01", "Notice is six months."),
    dossier_fault("plan-transition-one-year", "TRM-02", "The transition takes one year."),
    dossier_fault("plan-retrieval-one-week", "TRM-04", "The data can be retrieved for one week only."),
    dossier_fault("plan-unlisted-costs", "CST-01", "Costs that are not listed may be charged."),
    dossier_fault(
        "plan-total-understated", "CST-02", "The stated total is lower than quantities times prices."
    ),
    dossier_fault("plan-deletion-after-a-year", "DEL-01", "The data is deleted a year later."),
    dossier_fault(
        "plan-supplier-owns-configuration", "IPR-01", "The supplier owns the buyer's configuration."
    ),
    dossier_fault("plan-subcontractor-not-bound", "SUB-01", "A subcontractor is not bound by the exit plan."),
    dossier_fault(
        "attestation-for-other-version",
        "GOV-01",
        "The attestation is for another product version.",
        ("EXIT-EXP-03:attested", "EXIT-PLN-07:attested", "EXIT-GOV-02:attested"),
    ),
    dossier_fault(
        "plan-claims-imaging",
        "CMP-03",
        "The plan says that images are exported, which are not.",
        ("EXIT-PLN-08",),
    ),
    dossier_warning(
        "plan-without-derivation-rule", "CMP-13", "The plan does not say how derived data is made again."
    ),
    dossier_fault(
        "plan-format-with-royalties", "OPN-01", "The format of the export is not free for anyone to use."
    ),
    dossier_fault("plan-without-known-risks", "PLN-05", "The exit plan knows of no risks."),
    dossier_warning("plan-never-rehearsed", "PLN-07", "The exit was never rehearsed."),
    dossier_fault("plan-transition-not-extended", "TRM-03", "The buyer may not extend the transition."),
    dossier_warning(
        "plan-read-only-one-week", "TRM-05", "The old system can be read for one week after go-live."
    ),
    dossier_fault("plan-terms-not-pinned", "TRM-06", "The terms of switching are not pinned by digest."),
    dossier_warning("plan-is-exclusive", "TRM-07", "The buyer may not use others beside the supplier."),
    dossier_fault("plan-charges-for-interface", "API-01", "The interface costs 2,500 pounds a year."),
    dossier_fault("plan-charges-for-switching", "CST-03", "A switch costs 5,000 pounds without an end."),
    dossier_fault("plan-cost-without-basis", "CST-04", "A charge does not say what it is based on."),
    dossier_fault(
        "plan-early-termination-rises", "CST-05", "Ending early costs more in the last year than before."
    ),
    dossier_fault(
        "plan-help-never-free", "CST-06", "Help is charged for even where the supplier is at fault."
    ),
    dossier_fault("plan-slow-response", "CST-07", "Help is answered within 30 working days."),
    dossier_warning("plan-without-indexation", "CST-08", "Nothing says how prices change over the term."),
    dossier_fault(
        "plan-keeps-configuration", "CMP-11", "What the buyer configured is not exported.", ("EXIT-IPR-02",)
    ),
    dossier_fault("plan-function-on-screen-only", "API-04", "A function can be had on the screen only."),
    dossier_fault(
        "plan-function-not-declared", "API-04", "A function is mapped to an operation that is not offered."
    ),
    dossier_fault("plan-without-functions", "API-04", "The exit plan lists no functions of the product."),
    dossier_warning(
        "plan-names-one-environment-twice", "API-03", "The sandbox is production by another name."
    ),
    dossier_warning("plan-without-schemas", "DOC-05", "The exit plan names no schema."),
    dossier_warning("plan-schema-is-a-page", "DOC-05", "What is said to be a schema is a page for people."),
    dossier_warning(
        "schema-of-another-format",
        "DOC-05",
        "The published schema describes lines that the export does not have.",
    ),
    dossier_fault("plan-without-certificate", "DEL-02", "The erasure is not certified."),
    dossier_fault("plan-erases-unasked", "DEL-04", "Data is erased before the buyer confirms a good copy."),
    dossier_fault(
        "plan-exclusion-without-reason", "IPR-02", "Data is left out without a reason.", ("EXIT-PLN-01",)
    ),
    dossier_fault(
        "plan-claims-impossible-speed",
        "PLN-08",
        "The plan claims a terabyte a second, which the product does not give.",
    ),
    dossier_fault(
        "plan-claims-impossible-rate",
        "PLN-08",
        "The plan claims a billion resources a second, which nobody can have.",
    ),
    dossier_fault(
        "plan-volume-beyond-window",
        "THR-01",
        "At the declared rate, the declared volume does not fit the transition.",
    ),
    Fault(
        "plan-offline-route-blank",
        "exit-core",
        "EXIT-THR-02",
        "SHOULD",
        1,
        "The declared route for offline transfer leads nowhere.",
        ("EXIT-PLN-01", "EXIT-THR-02:documented"),
        where="dossier",
    ),
    dossier_fault(
        "plan-definitions-not-published",
        "OPN-02",
        "The extensions and local codes of the export are described nowhere.",
        ("EXIT-OPN-03",),
    ),
    dossier_fault("plan-cap-too-low", "CST-02", "An ordinary exit costs more than the plan's cap."),
)
