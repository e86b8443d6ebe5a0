"""The demo supplier's exit plan, as it would be declared: dates relative to the day it is judged at."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from conformance.reference.dossier.plan_more import (
    clause,
    deletion,
    documentation_sections,
    export_limits,
    functions,
    interface,
    ownership,
    people_and_rights,
    registers,
    volumes,
)
from conformance.reference.settings import PRODUCT_NAME, SUPPLIER

SIGNATORY = {"name": "Margaret Okonjo-Hale", "role": "Chief Technology Officer"}

_NDJSON = "fhir-ndjson"
_ORDER = "A day of help that the buyer orders in writing, beyond the included ones."
_DECISION_BEFORE_END = 180
_PLAN_BEFORE_END = 270
_REVIEWED_BEFORE = timedelta(days=60)
_REHEARSED_BEFORE = timedelta(days=90)

_CATEGORIES = (
    ("patient index", "administrative", "primary database", ("Patient", "RelatedPerson", "Person")),
    (
        "configuration",
        "configuration",
        "primary database",
        ("Organization", "Practitioner", "PractitionerRole", "Location", "Group"),
    ),
    ("documents and attachments", "documents", "object store", ("DocumentReference", "Binary", "Media")),
    ("authorship", "clinical", "primary database", ("Provenance",)),
    ("audit trail", "audit", "audit database", ("AuditEvent",)),
)
_CLINICAL = ("clinical record", "clinical", "primary database")


def reviewed(as_of: date) -> date:
    """The day on which the plan was last reviewed and signed."""
    return as_of - _REVIEWED_BEFORE


def exit_plan(  # noqa: PLR0913 - the facts of which the plan is made
    *,
    base_url: str,
    docs_url: str,
    product_version: str,
    as_of: date,
    types: Mapping[str, int],
    sizes: Mapping[str, int],
    terms_sha256: str,
    rehearsal_sha256: str,
    certificate_sha256: str,
) -> dict[str, Any]:
    """The whole plan, meeting every default limit of the exit profile at `as_of`."""
    origin = docs_url.removesuffix("/docs")
    return {
        "schemaVersion": "1.0",
        "supplier": {"name": SUPPLIER, "identifier": {"scheme": "GB-COH", "id": "00000000"}},
        "product": {
            "name": PRODUCT_NAME,
            "version": product_version,
            "baseUrl": base_url,
            "deployment": "saas",
        },
        "contract": _contract(as_of),
        "review": {
            "issued": _years_on(_contract_start(as_of), 0, days=45).isoformat(),
            "lastReviewed": reviewed(as_of).isoformat(),
            "nextReviewDue": (reviewed(as_of) + timedelta(days=360)).isoformat(),
            "planBeforeExtension": _years_on(_contract_start(as_of), 5, days=-_PLAN_BEFORE_END).isoformat(),
            "lastRehearsed": rehearsed(as_of).isoformat(),
            "rehearsalReportSha256": rehearsal_sha256,
        },
        "signatory": {**SIGNATORY, "signedOn": reviewed(as_of).isoformat()},
        "scenarios": _scenarios(),
        "termination": {
            "switchNotice": "P2M",
            "exclusivity": False,
            "minimumVolume": False,
            "clauses": [clause(terms_sha256, 4)],
        },
        "transition": {
            "standard": "P30D",
            "longest": "P7M",
            "reasonsForLonger": "Volumes of attachments far above those stated here; told in writing each time.",
            "infeasibilityNoticeWorkingDays": 14,
            "buyerMayExtendOnce": True,
            "extensionClause": clause(terms_sha256, 4),
            "continuity": "The service runs at its contracted levels until the buyer confirms the cutover.",
            "security": "The same controls, access rights and monitoring apply until the data are erased.",
            "knownRisks": [
                "Pathology and imaging links have to be pointed to the new system at cutover.",
                "Printed labels carry local hospital numbers, which the new system has to accept.",
            ],
            "declaredCutover": "P3D",
        },
        "retrieval": {"period": "P30D", "startsAt": "end-of-transition", "readOnlyAccessAfterGoLive": "P90D"},
        "export": {
            "selfService": True,
            "scopes": ["single-patient", "population", "configuration", "audit"],
            "documentationUrl": f"{docs_url}/export.html",
            "documentationSections": documentation_sections(),
            "registerUrl": f"{docs_url}/register.json",
            "registerUpdated": reviewed(as_of).isoformat(),
            "standards": [
                {"name": "HL7 FHIR", "version": "4.0.1", "url": "https://hl7.org/fhir/R4/"},
                {"name": "FHIR Bulk Data Access", "version": "3.0.0"},
            ],
            "definitions": {
                "origins": [f"{docs_url}/"],
                "packages": [
                    {
                        "id": "harbour.epr.definitions",
                        "version": product_version,
                        "url": f"{docs_url}/definitions.json",
                    }
                ],
            },
            "apiTermsUrl": f"{docs_url}/terms.html",
            "incremental": True,
            "auditTrail": {"baseUrl": f"{origin}/audit", "retention": "P8Y"},
            "environments": {"production": base_url, "sandbox": f"{origin}/sandbox/fhir"},
            "functions": functions(),
            "schemas": [
                {"url": f"{docs_url}/resources.schema.json", "kind": "JSON Schema"},
                {"url": f"{docs_url}/openapi.json", "kind": "OpenAPI"},
            ],
            "formats": [
                {
                    "id": _NDJSON,
                    "mediaType": "application/fhir+ndjson",
                    "specUrl": "https://hl7.org/fhir/R4/",
                    "steward": "HL7 International",
                    "royaltyFree": True,
                },
            ],
            **export_limits(),
        },
        "interface": interface(docs_url),
        "dataInventory": _inventory(types, sizes, f"{origin}/configuration"),
        "volumes": volumes(types, sizes, reviewed(as_of)),
        "costs": _costs(terms_sha256),
        "assistance": {
            "rateCard": [
                {"role": "migration engineer", "dayRate": "750.00"},
                {"role": "clinical safety officer", "dayRate": "900.00"},
            ],
            "includedDays": 5,
            "responseWorkingDays": 2,
        },
        "deletion": deletion(terms_sha256, certificate_sha256),
        "ownership": ownership(terms_sha256, reviewed(as_of)),
        **registers(),
        **people_and_rights(terms_sha256, reviewed(as_of)),
    }


def rehearsed(as_of: date) -> date:
    """The day on which an export was last taken and loaded elsewhere."""
    return as_of - _REHEARSED_BEFORE


def _contract_start(as_of: date) -> date:
    """The first of January three calendar years before: the contract is in its middle years."""
    return date(as_of.year - 3, 1, 1)


def _contract(as_of: date) -> dict[str, Any]:
    start = _contract_start(as_of)
    return {
        "reference": "TRUST-EPR-014",
        "ocid": "ocds-000000-harbour-epr-014",
        "start": start.isoformat(),
        "end": _years_on(start, 5, days=-1).isoformat(),
        "annualCharge": "1200000.00",
        "extensionDecision": _years_on(start, 5, days=-_DECISION_BEFORE_END).isoformat(),
    }


def _years_on(start: date, years: int, *, days: int) -> date:
    return start.replace(year=start.year + years) + timedelta(days=days)


def _step(name: str, owner: str, starts_after: str, lasts: str) -> dict[str, str]:
    return {"name": name, "owner": owner, "startsAfter": starts_after, "lasts": lasts}


def _scenarios() -> list[dict[str, Any]]:
    """Two planned ways out and one for emergencies; each fits in the thirty days of the transition."""
    return [
        {
            "kind": "planned",
            "destinations": ["other-supplier"],
            "steps": [
                _step("first full export, run by the buyer", "buyer", "P0D", "P3D"),
                _step("trial load and reconciliation of counts", "successor", "P3D", "P14D"),
                _step("catch-up export of what changed", "buyer", "P21D", "P1D"),
                _step("cutover, with the old system read-only", "supplier", "P22D", "P3D"),
            ],
        },
        {
            "kind": "planned",
            "destinations": ["buyer-infrastructure"],
            "steps": [
                _step("full export to storage of the buyer", "buyer", "P0D", "P3D"),
                _step("load into a FHIR server run by the buyer", "buyer", "P3D", "P14D"),
                _step("catch-up export and cutover", "supplier", "P21D", "P3D"),
            ],
        },
        {
            "kind": "emergency",
            "destinations": ["other-supplier", "buyer-infrastructure"],
            "steps": [
                _step("full export, run by the buyer without our staff", "buyer", "P0D", "P3D"),
                _step("read-only access kept up by the hosting company", "supplier", "P0D", "P30D"),
            ],
        },
    ]


def _inventory(
    types: Mapping[str, int], sizes: Mapping[str, int], configuration_url: str
) -> list[dict[str, Any]]:
    """A row for each category of data that the product holds, and one for what the export leaves out."""
    rows = []
    placed = {name for _, _, _, names in _CATEGORIES for name in names}
    clinical = tuple(sorted(set(types) - placed))
    for category, kind, location, names in ((*_CLINICAL, clinical), *_CATEGORIES):
        held = [name for name in names if name in types]
        if not held:
            continue
        row: dict[str, Any] = {
            "category": category,
            "kind": kind,
            "location": location,
            "exportable": True,
            "format": _NDJSON,
            "resourceTypes": held,
            "records": sum(types[name] for name in held),
        }
        if category == "configuration":
            row["exportUrl"] = configuration_url
        if all(name in sizes for name in held):
            row["bytes"] = sum(sizes[name] for name in held)
        rows.append(row)
    rows.append(
        {
            "category": "search index",
            "kind": "other",
            "location": "index cluster",
            "exportable": False,
            "derived": True,
            "derivationRule": "Rebuilt from the exported resources; see section 8 of the documentation.",
            "exclusionReason": "Holds nothing that is not in the exported resources.",
            "impact": "None: the new system builds its own.",
            "delaysSwitch": False,
        },
    )
    return rows


def _costs(terms_sha256: str) -> dict[str, Any]:
    """What leaving costs: nothing for switching, egress and the interface; further help by the day.

    The standard scenario takes seventeen days of help, of which five are included: ten of an engineer and two of a
    safety officer are charged, 7,500 + 1,800 = 9,300.
    """
    prices = (
        ("SWITCH", "switching", "switch", "0.00", "No charge is made.", "A switch."),
        ("EGRESS", "egress", "gigabyte", "0.00", "No charge is made.", "Data that is taken out."),
        ("API", "api", "year", "0.00", "No charge is made, to whomever.", "Use of the interface."),
        ("ENGINEER", "assistance", "day", "750.00", "Salary and overhead of a migration engineer.", _ORDER),
        (
            "SAFETY",
            "assistance",
            "day",
            "900.00",
            "Salary and overhead of a clinical safety officer.",
            _ORDER,
        ),
    )
    return {
        "currency": "GBP",
        "unlistedCostsAreZero": True,
        "freeIfSupplierAtFault": True,
        "faultClause": clause(terms_sha256, 8),
        "cap": "12000.00",
        "indexation": {"kind": "fixed"},
        "items": [
            {
                "id": name,
                "kind": kind,
                "unit": unit,
                "unitPrice": price,
                "costBasis": basis,
                "trigger": trigger,
            }
            for name, kind, unit, price, basis, trigger in prices
        ],
        "standardScenario": {
            "helpDays": 17,
            "quantities": {"SWITCH": 1, "EGRESS": 500, "API": 1, "ENGINEER": 10, "SAFETY": 2},
            "statedTotal": "9300.00",
        },
        "earlyTermination": [
            {"after": "P1Y", "charge": "60000.00"},
            {"after": "P2Y", "charge": "30000.00"},
            {"after": "P3Y", "charge": "0.00"},
        ],
    }
