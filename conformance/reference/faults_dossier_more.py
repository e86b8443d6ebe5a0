"""More faults of the supplier's documents: what reads well and gives the buyer nothing."""

from dataclasses import replace

from conformance.reference.fault import Fault, dossier_fault, dossier_warning

DOSSIER_FAULTS_MORE: tuple[Fault, ...] = (
    dossier_fault(
        "plan-address-of-example", "PLN-01", "An address in the plan is one that is reserved for examples."
    ),
    dossier_fault(
        "plan-unknown-resource-type", "PLN-01", "The inventory names a resource type that does not exist."
    ),
    dossier_fault(
        "plan-unknown-format", "PLN-01", "The inventory names a format that the plan does not describe."
    ),
    dossier_fault("plan-step-takes-no-time", "PLN-03", "A step of a scenario takes no time at all."),
    dossier_fault(
        "plan-step-beyond-transition", "PLN-03", "A step begins months after the transition has ended."
    ),
    dossier_fault("plan-step-to-be-agreed", "PLN-03", "What is done in a step is to be confirmed."),
    dossier_fault(
        "plan-terms-pinned-to-nothing", "TRM-06", "The terms are pinned by the digest of an empty file."
    ),
    dossier_fault(
        "plan-longer-without-reasons", "TRM-02", "A longer transition is reserved without reasons."
    ),
    dossier_fault(
        "plan-extension-without-clause", "TRM-03", "No clause lets the buyer extend the transition."
    ),
    dossier_warning("plan-least-volume", "TRM-07", "The buyer has to take a least volume."),
    dossier_fault("plan-supplier-claims-exports", "IPR-01", "The supplier has a claim on what is exported."),
    dossier_fault("plan-exclusion-of-anything", "IPR-02", "What is left out could be anything."),
    dossier_fault("plan-exclusion-delays-switch", "IPR-02", "What is left out holds up the switch."),
    dossier_warning("plan-escrow-with-itself", "IPR-03", "The supplier is its own escrow agent."),
    dossier_warning("plan-escrow-stale", "IPR-03", "The last deposit in escrow is two years older."),
    dossier_warning(
        "plan-licence-without-terms", "IPR-04", "How a successor comes by a licence is to be confirmed."
    ),
    dossier_fault(
        "plan-subcontractor-holds-unknown", "SUB-01", "What data a subcontractor holds is not said."
    ),
    dossier_warning(
        "plan-without-dependencies", "SUB-02", "The supplier works with others and depends on nobody."
    ),
    dossier_warning("plan-knowledge-to-be-agreed", "PPL-01", "How knowledge is handed over is to be agreed."),
    dossier_fault("plan-price-by-quotation", "CST-01", "Any other work is charged by quotation."),
    dossier_fault("plan-switching-called-other", "CST-03", "An extraction of data is charged as other work."),
    dossier_fault("plan-interface-called-licence", "API-01", "Use of the interface is charged as a licence."),
    dossier_fault("plan-charge-without-trigger", "CST-01", "Nothing says what sets off a charge."),
    dossier_fault("plan-cap-without-bound", "CST-02", "The cap of the costs is beyond any sum."),
    dossier_fault(
        "plan-scenario-without-help",
        "CST-02",
        "The standard scenario takes no help, so that its total is nil.",
    ),
    dossier_fault(
        "plan-scenario-charges-included-days",
        "CST-02",
        "The standard scenario charges for days that are included.",
    ),
    dossier_fault("plan-early-termination-never-falls", "CST-05", "Ending early costs the same to the end."),
    dossier_fault(
        "plan-rate-card-dearer-than-table", "CST-07", "The rate card is dearer than the cost table."
    ),
    dossier_warning("plan-index-unnamed", "CST-08", "Prices follow an index without a name."),
    dossier_fault(
        "plan-free-help-without-clause", "CST-06", "No clause makes help free where the supplier is at fault."
    ),
    dossier_fault("plan-erasure-leaves-subcontractor-out", "DEL-01", "A subcontractor keeps its copies."),
    dossier_fault("plan-certificate-without-signatory", "DEL-02", "Nobody signs the certificate of erasure."),
    dossier_fault(
        "plan-confirmation-without-clause", "DEL-04", "No clause makes erasure wait for the buyer."
    ),
    dossier_fault("plan-register-stale", "DOC-03", "The register of formats was not touched for two years."),
    dossier_fault("register-lacks-type", "DOC-03", "The register of formats leaves out patients."),
    dossier_fault("plan-documentation-lacks-subject", "DOC-04", "The documentation leaves out a subject."),
    dossier_warning("plan-without-restrictions", "DOC-06", "Nothing says how export is restricted."),
    dossier_fault("plan-registration-by-consent", "API-02", "A third party needs the supplier's consent."),
    dossier_fault("plan-fees-not-stated", "API-06", "Nothing says what the interface costs."),
    dossier_warning("plan-changes-within-a-week", "API-07", "Breaking changes are announced a week ahead."),
    dossier_warning("plan-export-once-a-month", "EXP-10:documented", "Exports are rationed to one a month."),
    dossier_warning(
        "plan-without-offline-route", "THR-02:documented", "There is no route where the network is too slow."
    ),
    dossier_warning("plan-no-retest-at-exit", "GOV-03", "The buyer may not test again at exit."),
    dossier_fault(
        "plan-equivalent-decided-by-supplier",
        "GOV-04",
        "The supplier's signatory decides what is equivalent.",
    ),
    dossier_fault(
        "attestation-silent-on-staff", "EXP-03:attested", "Nobody attests that exports need no staff."
    ),
    dossier_warning("attestation-silent-on-rehearsal", "PLN-07:attested", "Nobody attests the rehearsal."),
    dossier_fault(
        "attestation-silent-on-product", "GOV-02:attested", "Nobody attests which product was tested."
    ),
    replace(
        dossier_warning(
            "plan-not-updated-before-extension", "PLN-06", "No updated plan is due before an extension."
        ),
        phase="contract",
        # From then on a server to load the export into is asked for, and the reference supplier names none.
        exit_code=4,
    ),
    replace(
        dossier_fault(
            "attestation-silent-on-erasure", "DEL-02:attested", "Nobody attests that the data was erased."
        ),
        phase="exit",
    ),
)
