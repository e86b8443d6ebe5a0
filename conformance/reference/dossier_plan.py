"""The demo supplier's exit plan, as it would be declared: dates relative to the day it is judged at."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from conformance.reference.settings import PRODUCT_NAME, SUPPLIER

SIGNATORY = {"name": "Margaret Okonjo-Hale", "role": "Chief Technology Officer"}

_NDJSON = "fhir-ndjson"
_REVIEWED_BEFORE = timedelta(days=60)
_REHEARSED_BEFORE = timedelta(days=90)

_CATEGORIES = (
    ("patient index", "primary database", ("Patient", "RelatedPerson", "Person")),
    (
        "configuration",
        "primary database",
        ("Organization", "Practitioner", "PractitionerRole", "Location", "Group"),
    ),
    ("documents and attachments", "object store", ("DocumentReference", "Binary", "Media")),
    ("authorship", "primary database", ("Provenance",)),
    ("audit trail", "audit database", ("AuditEvent",)),
)
_CLINICAL = ("clinical record", "primary database")


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
) -> dict[str, Any]:
    """The whole plan, meeting every default limit of the exit profile at `as_of`."""
    origin = docs_url.removesuffix("/docs")
    return {
        "schemaVersion": "0.1",
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
            "lastRehearsed": rehearsed(as_of).isoformat(),
            "rehearsalReportSha256": rehearsal_sha256,
        },
        "signatory": {**SIGNATORY, "signedOn": reviewed(as_of).isoformat()},
        "scenarios": _scenarios(),
        "termination": {
            "switchNotice": "P2M",
            "exclusivity": False,
            "clauses": [
                {"document": "terms.html", "sha256": terms_sha256, "clause": "Schedule 10, paragraph 4"}
            ],
        },
        "transition": {
            "standard": "P30D",
            "longest": "P7M",
            "infeasibilityNoticeWorkingDays": 14,
            "buyerMayExtendOnce": True,
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
            "registerUrl": f"{docs_url}/register.json",
            "apiTermsUrl": f"{docs_url}/terms.html",
            "incremental": True,
            "auditTrail": {"baseUrl": f"{origin}/audit", "retention": "P8Y"},
            "limits": {"requestsPerSecond": 100, "concurrentJobs": 3},
            "environments": {"production": base_url, "sandbox": f"{origin}/sandbox/fhir"},
            "functions": _functions(),
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
        },
        "dataInventory": _inventory(types, sizes, f"{origin}/configuration"),
        "costs": _costs(),
        "assistance": {
            "rateCard": [
                {"role": "migration engineer", "dayRate": "750.00"},
                {"role": "clinical safety officer", "dayRate": "900.00"},
            ],
            "includedDays": 5,
            "responseWorkingDays": 2,
        },
        "deletion": {
            "liveDataWithin": "P30D",
            "backupsWithin": "P90D",
            "requiresBuyerConfirmation": True,
            "certificate": {
                "issued": True,
                "method": "cryptographic erasure, then overwriting of released media",
            },
        },
        "ownership": {"buyerOwnsData": True, "buyerOwnsConfiguration": True},
        "subcontractors": [
            {"name": "Quayside Hosting Ltd", "holdsData": True, "location": "GB", "exitTermsFlowDown": True},
            {
                "name": "Lantern Backup Services Ltd",
                "holdsData": True,
                "location": "GB",
                "exitTermsFlowDown": True,
            },
            {"name": "Signal Messaging Ltd", "holdsData": True, "location": "GB", "exitTermsFlowDown": True},
        ],
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


def _functions() -> list[dict[str, Any]]:
    """What users do, and the interaction by which a program does the same."""
    named = (
        ("find a patient", "Patient", "search-type"),
        ("open a patient's record", "Patient", "read"),
        ("register a patient", "Patient", "create"),
        ("record a measurement", "Observation", "create"),
        ("look at measurements", "Observation", "search-type"),
        ("look at medicines", "MedicationRequest", "search-type"),
        ("file a document", "DocumentReference", "create"),
        ("open a document", "DocumentReference", "read"),
    )
    done = [{"name": name, "resourceType": kind, "interaction": how} for name, kind, how in named]
    return [*done, {"name": "take all data out", "interaction": "$export"}]


def _inventory(
    types: Mapping[str, int], sizes: Mapping[str, int], configuration_url: str
) -> list[dict[str, Any]]:
    """A row for each category of data that the product holds, and one for what the export leaves out."""
    rows = []
    placed = {name for _, _, names in _CATEGORIES for name in names}
    clinical = tuple(sorted(set(types) - placed))
    for category, location, names in ((*_CLINICAL, clinical), *_CATEGORIES):
        held = [name for name in names if name in types]
        if not held:
            continue
        row: dict[str, Any] = {
            "category": category,
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
            "location": "index cluster",
            "exportable": False,
            "derived": True,
            "derivationRule": "Rebuilt from the exported resources; see section 8 of the documentation.",
            "exclusionReason": "Holds nothing that is not in the exported resources.",
        },
    )
    return rows


def _costs() -> dict[str, Any]:
    """What leaving costs: nothing for switching, egress and the interface; further help by the day.

    The standard scenario is ten days of an engineer and two of a safety officer: 7,500 + 1,800 = 9,300.
    """
    prices = (
        ("SWITCH", "switching", "switch", "0.00", "No charge is made."),
        ("EGRESS", "egress", "gigabyte", "0.00", "No charge is made."),
        ("API", "api", "year", "0.00", "No charge is made, to the buyer or to the next supplier."),
        ("ENGINEER", "assistance", "day", "750.00", "Salary and overhead of a migration engineer."),
        ("SAFETY", "assistance", "day", "900.00", "Salary and overhead of a clinical safety officer."),
    )
    return {
        "currency": "GBP",
        "unlistedCostsAreZero": True,
        "freeIfSupplierAtFault": True,
        "cap": "12000.00",
        "indexation": "Fixed for the term of the contract.",
        "items": [
            {"id": name, "kind": kind, "unit": unit, "unitPrice": price, "costBasis": basis}
            for name, kind, unit, price, basis in prices
        ],
        "standardScenario": {
            "quantities": {"SWITCH": 1, "EGRESS": 500, "API": 1, "ENGINEER": 10, "SAFETY": 2},
            "statedTotal": "9300.00",
        },
        "earlyTermination": [
            {"after": "P1Y", "charge": "60000.00"},
            {"after": "P2Y", "charge": "30000.00"},
            {"after": "P3Y", "charge": "0.00"},
        ],
    }
