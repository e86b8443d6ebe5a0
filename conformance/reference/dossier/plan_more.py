"""The parts of the demo supplier's exit plan that say what others need to carry on: interface, registers, people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from conformance.reference.settings import SUPPLIER

TERMS = "terms.html"
HOSTING = "Quayside Hosting Ltd"
BACKUPS = "Lantern Backup Services Ltd"
MESSAGES = "Signal Messaging Ltd"


def clause(terms_sha256: str, paragraph: int) -> dict[str, str]:
    """A paragraph of the terms, pinned by the digest of their file."""
    return {"document": TERMS, "sha256": terms_sha256, "clause": f"Schedule 10, paragraph {paragraph}"}


def documentation_sections() -> dict[str, str]:
    """Where the documentation of the export deals with each subject of a documented data extract."""
    return {
        "physicalStructure": "2. Structure and logical model",
        "logicalModel": "3. Keys and references",
        "mappings": "4. Mapping from the product",
        "units": "5. Units, dates and coded values",
        "codedValues": "5. Units, dates and coded values",
        "businessRules": "6. Business rules and special handling",
        "specialHandling": "6. Business rules and special handling",
        "derivationRules": "8. What is left out, and what is derived",
        "excludedData": "8. What is left out, and what is derived",
        "integrityChecks": "9. Checks for the receiving system",
        "format": "2. Structure and logical model",
    }


def export_limits() -> dict[str, Any]:
    """How the export is limited, how fast it is, and what to do where the network is too slow."""
    return {
        "limits": {"requestsPerSecond": 100, "concurrentJobs": 3, "leastInterval": "P0D"},
        "restrictions": [
            "A full export holds no resources that were deleted before it began.",
            "Earlier versions of a resource are read one by one; an export holds the latest.",
        ],
        "throughput": {"bytesPerSecond": 200_000, "resourcesPerSecond": 200},
        "offlineTransfer": {
            "kind": "cloud-to-cloud",
            "route": "To an object store that the buyer names, encrypted with a key that the buyer holds.",
        },
    }


def interface(docs_url: str) -> dict[str, Any]:
    """How others come by access, and what that costs them."""
    return {
        "registration": {
            "url": f"{docs_url}/export.html",
            "within": "P1D",
            "needsSupplierConsent": False,
            "dynamic": False,
        },
        "fees": "none",
        "changeNotice": "P6M",
        "changePolicyUrl": f"{docs_url}/export.html",
    }


def functions() -> list[dict[str, Any]]:
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


def volumes(types: Mapping[str, int], sizes: Mapping[str, int], counted: date) -> dict[str, Any]:
    """How much data there is."""
    return {
        "resources": sum(types.values()),
        "bytes": sum(sizes.values()),
        "measuredOn": counted.isoformat(),
    }


def deletion(terms_sha256: str, certificate_sha256: str) -> dict[str, Any]:
    """When the data is erased, by whom, and how that is certified."""
    return {
        "liveDataWithin": "P30D",
        "backupsWithin": "P90D",
        "requiresBuyerConfirmation": True,
        "confirmationClause": clause(terms_sha256, 7),
        "subcontractors": [HOSTING, BACKUPS, MESSAGES],
        "certificate": {
            "issued": True,
            "method": "cryptographic erasure, then overwriting of released media",
            "specimen": {
                "document": "certificate.html",
                "sha256": certificate_sha256,
                "states": ["scope", "method", "dates", "signatory"],
            },
        },
    }


def ownership(terms_sha256: str, deposited: date) -> dict[str, Any]:
    """What is the buyer's, and what stands by should the supplier fail."""
    return {
        "buyerOwnsData": True,
        "buyerOwnsConfiguration": True,
        "noSupplierClaim": True,
        "clause": clause(terms_sha256, 1),
        "escrow": {
            "kind": "escrow",
            "agent": "Keystone Escrow Services Ltd",
            "depositEvery": "P6M",
            "lastDeposit": deposited.isoformat(),
            "releaseEvents": ["insolvency of the supplier", "support ends without a successor"],
        },
    }


def registers() -> dict[str, Any]:
    """Licences, dependencies and subcontractors."""
    return {
        "thirdPartyLicences": [
            {
                "product": "SNOMED CT",
                "holder": "SNOMED International, in the United Kingdom by its national release centre",
                "transferTerms": "Free of charge in the United Kingdom; the successor registers for itself.",
            }
        ],
        "dependencies": [
            _dependency("servers and object store", "hosting", HOSTING, "Kept up until the data is erased."),
            _dependency("text messages", "messaging", MESSAGES, "The buyer's sender name can be moved."),
            _dependency("staff log-in", "identity", "the buyer", "Stays with the buyer."),
        ],
        "subcontractors": [
            _subcontractor(HOSTING, "all data, in service"),
            _subcontractor(BACKUPS, "encrypted backups of all data"),
            _subcontractor(MESSAGES, "telephone numbers and texts of messages, for thirty days"),
        ],
    }


def people_and_rights(terms_sha256: str, decided: date) -> dict[str, Any]:
    """What becomes of people's knowledge, the right to test again, and evidence that is accepted as equivalent."""
    return {
        "people": {
            "knowledgeTransfer": "Runbooks and three workshops for the successor's engineers, in the first week.",
            "staffTransfer": {
                "applies": False,
                "position": f"{SUPPLIER} assigns nobody to one buyer alone, so nobody moves with the service.",
            },
        },
        "retest": {
            "during": True,
            "renewal": True,
            "exit": True,
            "sameOrNewerProfile": True,
            "clause": clause(terms_sha256, 10),
        },
        "equivalence": [
            {
                "requirement": "EXIT-THR-02",
                "evidence": "Transfer between object stores, timed by the buyer's own network team.",
                "decision": "accepted",
                "decider": "Ifeoma Grantley, Head of Digital Procurement",
                "decidedOn": decided.isoformat(),
                "reason": "It shows the same: that the data can be moved within the transition.",
            }
        ],
    }


def _dependency(name: str, kind: str, owner: str, on_exit: str) -> dict[str, str]:
    return {"name": name, "kind": kind, "owner": owner, "onExit": on_exit}


def _subcontractor(name: str, holds: str) -> dict[str, Any]:
    return {"name": name, "holdsData": True, "holds": holds, "location": "GB", "exitTermsFlowDown": True}
