"""More faults of the supplier's documents: what reads well and gives the buyer nothing."""

from conformance.reference.faults.fault import Fault, dossier_fault

DOSSIER_FAULTS_MORE: tuple[Fault, ...] = (
    dossier_fault(
        "plan-address-of-example",
        "EXIT-PLN-01",
        "An address in the plan is one that is reserved for examples.",
    ),
    dossier_fault(
        "plan-unknown-resource-type",
        "EXIT-PLN-01",
        "The inventory names a resource type that does not exist.",
    ),
    dossier_fault(
        "plan-unknown-format",
        "EXIT-PLN-01",
        "The inventory names a format that the plan does not describe.",
    ),
    dossier_fault(
        "plan-step-takes-no-time",
        "EXIT-PLN-03",
        "A step of a scenario takes no time at all.",
    ),
    dossier_fault(
        "plan-step-beyond-transition",
        "EXIT-PLN-03",
        "A step begins months after the transition has ended.",
    ),
    dossier_fault("plan-step-to-be-agreed", "EXIT-PLN-03", "What is done in a step is to be confirmed."),
    dossier_fault(
        "plan-terms-pinned-to-nothing",
        "EXIT-TRM-06",
        "The terms are pinned by the digest of an empty file.",
    ),
    dossier_fault(
        "plan-longer-without-reasons",
        "EXIT-TRM-02",
        "A longer transition is reserved without reasons.",
    ),
    dossier_fault(
        "plan-extension-without-clause",
        "EXIT-TRM-03",
        "No clause lets the buyer extend the transition.",
    ),
    dossier_fault(
        "plan-least-volume",
        "EXIT-TRM-07",
        "The buyer has to take a least volume.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-supplier-claims-exports",
        "EXIT-IPR-01",
        "The supplier has a claim on what is exported.",
    ),
    dossier_fault("plan-exclusion-of-anything", "EXIT-IPR-02", "What is left out could be anything."),
    dossier_fault(
        "plan-exclusion-delays-switch",
        "EXIT-IPR-02",
        "What is left out holds up the switch.",
    ),
    dossier_fault(
        "plan-escrow-with-itself",
        "EXIT-IPR-03",
        "The supplier is its own escrow agent.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-escrow-stale",
        "EXIT-IPR-03",
        "The last deposit in escrow is two years older.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-licence-without-terms",
        "EXIT-IPR-04",
        "How a successor comes by a licence is to be confirmed.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-subcontractor-holds-unknown",
        "EXIT-SUB-01",
        "What data a subcontractor holds is not said.",
    ),
    dossier_fault(
        "plan-without-dependencies",
        "EXIT-SUB-02",
        "The supplier works with others and depends on nobody.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-knowledge-to-be-agreed",
        "EXIT-PPL-01",
        "How knowledge is handed over is to be agreed.",
        level="SHOULD",
    ),
    dossier_fault("plan-price-by-quotation", "EXIT-CST-01", "Any other work is charged by quotation."),
    dossier_fault(
        "plan-switching-called-other",
        "EXIT-CST-03",
        "An extraction of data is charged as other work.",
    ),
    dossier_fault(
        "plan-interface-called-licence",
        "EXIT-API-01",
        "Use of the interface is charged as a licence.",
    ),
    dossier_fault("plan-charge-without-trigger", "EXIT-CST-01", "Nothing says what sets off a charge."),
    dossier_fault("plan-cap-without-bound", "EXIT-CST-02", "The cap of the costs is beyond any sum."),
    dossier_fault(
        "plan-scenario-without-help",
        "EXIT-CST-02",
        "The standard scenario takes no help, so that its total is nil.",
    ),
    dossier_fault(
        "plan-scenario-charges-included-days",
        "EXIT-CST-02",
        "The standard scenario charges for days that are included.",
    ),
    dossier_fault(
        "plan-early-termination-never-falls",
        "EXIT-CST-05",
        "Ending early costs the same to the end.",
    ),
    dossier_fault(
        "plan-rate-card-dearer-than-table",
        "EXIT-CST-07",
        "The rate card is dearer than the cost table.",
    ),
    dossier_fault(
        "plan-index-unnamed",
        "EXIT-CST-08",
        "Prices follow an index without a name.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-free-help-without-clause",
        "EXIT-CST-06",
        "No clause makes help free where the supplier is at fault.",
    ),
    dossier_fault(
        "plan-erasure-leaves-subcontractor-out",
        "EXIT-DEL-01",
        "A subcontractor keeps its copies.",
    ),
    dossier_fault(
        "plan-certificate-without-signatory",
        "EXIT-DEL-02",
        "Nobody signs the certificate of erasure.",
    ),
    dossier_fault(
        "plan-confirmation-without-clause",
        "EXIT-DEL-04",
        "No clause makes erasure wait for the buyer.",
    ),
    dossier_fault(
        "plan-register-stale",
        "EXIT-DOC-03",
        "The register of formats was not touched for two years.",
    ),
    dossier_fault("register-lacks-type", "EXIT-DOC-03", "The register of formats leaves out patients."),
    dossier_fault(
        "plan-documentation-lacks-subject",
        "EXIT-DOC-04",
        "The documentation leaves out a subject.",
    ),
    dossier_fault(
        "plan-without-restrictions",
        "EXIT-DOC-06",
        "Nothing says how export is restricted.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-registration-by-consent",
        "EXIT-API-02",
        "A third party needs the supplier's consent.",
    ),
    dossier_fault("plan-fees-not-stated", "EXIT-API-06", "Nothing says what the interface costs."),
    dossier_fault(
        "plan-changes-within-a-week",
        "EXIT-API-07",
        "Breaking changes are announced a week ahead.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-export-once-a-month",
        "EXIT-EXP-10:documented",
        "Exports are rationed to one a month.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-without-offline-route",
        "EXIT-THR-02:documented",
        "There is no route where the network is too slow.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-no-retest-at-exit",
        "EXIT-GOV-03",
        "The buyer may not test again at exit.",
        level="SHOULD",
    ),
    dossier_fault(
        "plan-equivalent-decided-by-supplier",
        "EXIT-GOV-04",
        "The supplier's signatory decides what is equivalent.",
    ),
    dossier_fault(
        "attestation-silent-on-staff",
        "EXIT-EXP-03:attested",
        "Nobody attests that exports need no staff.",
    ),
    dossier_fault(
        "attestation-silent-on-rehearsal",
        "EXIT-PLN-07:attested",
        "Nobody attests the rehearsal.",
        level="SHOULD",
    ),
    dossier_fault(
        "attestation-silent-on-product",
        "EXIT-GOV-02:attested",
        "Nobody attests which product was tested.",
    ),
    dossier_fault(
        "plan-not-updated-before-extension",
        "EXIT-PLN-06",
        "No updated plan is due before an extension.",
        level="SHOULD",
        # From then on a server to load the export into is asked for, and the reference supplier names none.
        ends=4,
        phase="contract",
    ),
    dossier_fault(
        "attestation-silent-on-erasure",
        "EXIT-DEL-02:attested",
        "Nobody attests that the data was erased.",
        phase="exit",
    ),
)
