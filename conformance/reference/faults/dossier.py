"""The faults of the supplier's documents; the server behaves as ever under them."""

from conformance.reference.faults.fault import Fault, dossier_fault

DOSSIER_FAULTS: tuple[Fault, ...] = (
    dossier_fault("plan-without-signatory", "EXIT-PLN-01", "Nobody has signed the exit plan."),
    dossier_fault(
        "plan-review-overdue",
        "EXIT-PLN-02",
        "The exit plan was last reviewed two years ago.",
    ),
    dossier_fault("plan-only-planned-exit", "EXIT-PLN-03", "The exit plan has no emergency scenario."),
    dossier_fault(
        "plan-only-other-supplier",
        "EXIT-PLN-04",
        "The exit plan cannot bring the data to the buyer.",
    ),
    dossier_fault(
        "plan-inventory-lacks-type",
        "EXIT-PLN-08",
        "The data inventory leaves out a type that the product holds.",
    ),
    dossier_fault("plan-notice-six-months", "EXIT-TRM-01", "Notice is six months."),
    dossier_fault("plan-transition-one-year", "EXIT-TRM-02", "The transition takes one year."),
    dossier_fault(
        "plan-retrieval-one-week",
        "EXIT-TRM-04",
        "The data can be retrieved for one week only.",
    ),
    dossier_fault("plan-unlisted-costs", "EXIT-CST-01", "Costs that are not listed may be charged."),
    dossier_fault(
        "plan-total-understated",
        "EXIT-CST-02",
        "The stated total is lower than quantities times prices.",
    ),
    dossier_fault("plan-deletion-after-a-year", "EXIT-DEL-01", "The data is deleted a year later."),
    dossier_fault(
        "plan-supplier-owns-configuration",
        "EXIT-IPR-01",
        "The supplier owns the buyer's configuration.",
    ),
    dossier_fault(
        "plan-subcontractor-not-bound",
        "EXIT-SUB-01",
        "A subcontractor is not bound by the exit plan.",
    ),
    dossier_fault(
        "attestation-for-other-version",
        "EXIT-GOV-01",
        "The attestation is for another product version.",
        also=("EXIT-EXP-03:attested", "EXIT-PLN-07:attested", "EXIT-GOV-02:attested"),
    ),
    dossier_fault(
        "plan-claims-imaging",
        "EXIT-CMP-03",
        "The plan says that images are exported, which are not.",
        also=("EXIT-PLN-08",),
    ),
    dossier_fault(
        "plan-without-derivation-rule",
        "EXIT-CMP-13",
        "The plan does not say how derived data is made again.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-format-with-royalties",
        "EXIT-OPN-01",
        "The format of the export is not free for anyone to use.",
    ),
    dossier_fault("plan-without-known-risks", "EXIT-PLN-05", "The exit plan knows of no risks."),
    dossier_fault(
        "plan-never-rehearsed",
        "EXIT-PLN-07",
        "The exit was never rehearsed.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-transition-not-extended",
        "EXIT-TRM-03",
        "The buyer may not extend the transition.",
    ),
    dossier_fault(
        "plan-read-only-one-week",
        "EXIT-TRM-05",
        "The old system can be read for one week after go-live.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-terms-not-pinned",
        "EXIT-TRM-06",
        "The terms of switching are not pinned by digest.",
    ),
    dossier_fault(
        "plan-is-exclusive",
        "EXIT-TRM-07",
        "The buyer may not use others beside the supplier.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-charges-for-interface",
        "EXIT-API-01",
        "The interface costs 2,500 pounds a year.",
    ),
    dossier_fault(
        "plan-charges-for-switching",
        "EXIT-CST-03",
        "A switch costs 5,000 pounds without an end.",
    ),
    dossier_fault(
        "plan-cost-without-basis",
        "EXIT-CST-04",
        "A charge does not say what it is based on.",
    ),
    dossier_fault(
        "plan-early-termination-rises",
        "EXIT-CST-05",
        "Ending early costs more in the last year than before.",
    ),
    dossier_fault(
        "plan-help-never-free",
        "EXIT-CST-06",
        "Help is charged for even where the supplier is at fault.",
    ),
    dossier_fault("plan-slow-response", "EXIT-CST-07", "Help is answered within 30 working days."),
    dossier_fault(
        "plan-without-indexation",
        "EXIT-CST-08",
        "Nothing says how prices change over the term.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-keeps-configuration",
        "EXIT-CMP-11",
        "What the buyer configured is not exported.",
        also=("EXIT-IPR-02",),
    ),
    dossier_fault(
        "plan-function-on-screen-only",
        "EXIT-API-04",
        "A function can be had on the screen only.",
    ),
    dossier_fault(
        "plan-function-not-declared",
        "EXIT-API-04",
        "A function is mapped to an operation that is not offered.",
    ),
    dossier_fault(
        "plan-without-functions",
        "EXIT-API-04",
        "The exit plan lists no functions of the product.",
    ),
    dossier_fault(
        "plan-names-one-environment-twice",
        "EXIT-API-03",
        "The sandbox is production by another name.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-without-schemas",
        "EXIT-DOC-05",
        "The exit plan names no schema.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-schema-is-a-page",
        "EXIT-DOC-05",
        "What is said to be a schema is a page for people.",
        level="SHOULD",
    ),
    dossier_fault(
        "schema-of-another-format",
        "EXIT-DOC-05",
        "The published schema describes lines that the export does not have.",
        level="SHOULD",
    ),
    dossier_fault("plan-without-certificate", "EXIT-DEL-02", "The erasure is not certified."),
    dossier_fault(
        "plan-erases-unasked",
        "EXIT-DEL-04",
        "Data is erased before the buyer confirms a good copy.",
    ),
    dossier_fault(
        "plan-exclusion-without-reason",
        "EXIT-IPR-02",
        "Data is left out without a reason.",
        also=("EXIT-PLN-01",),
    ),
    dossier_fault(
        "plan-claims-impossible-speed",
        "EXIT-PLN-08",
        "The plan claims a terabyte a second, which the product does not give.",
    ),
    dossier_fault(
        "plan-claims-impossible-rate",
        "EXIT-PLN-08",
        "The plan claims a billion resources a second, which nobody can have.",
    ),
    dossier_fault(
        "plan-volume-beyond-window",
        "EXIT-THR-01",
        "At the declared rate, the declared volume does not fit the transition.",
    ),
    dossier_fault(
        "plan-offline-route-blank",
        "EXIT-THR-02",
        "The declared route for offline transfer leads nowhere.",
        level="SHOULD",
        also=("EXIT-PLN-01", "EXIT-THR-02:documented"),
    ),
    dossier_fault(
        "plan-definitions-not-published",
        "EXIT-OPN-02",
        "The extensions and local codes of the export are described nowhere.",
        also=("EXIT-OPN-03",),
    ),
    dossier_fault("plan-cap-too-low", "EXIT-CST-02", "An ordinary exit costs more than the plan's cap."),
)
