"""A small FHIR server as a function from request to answer: seven patients that can be read and listed."""

from typing import Any

import httpx

MEDIA_TYPE = {"Content-Type": "application/fhir+json"}
PATIENTS = [{"resourceType": "Patient", "id": f"p{n}"} for n in range(7)]
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [
        {
            "mode": "server",
            "resource": [
                {"type": "Patient", "interaction": [{"code": "read"}, {"code": "search-type"}]},
            ],
        }
    ],
}
NOT_FOUND = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


def answer(request: httpx.Request, *, faulty: bool = False) -> httpx.Response:
    """What the server answers; a faulty one gives the first patient in place of any that is not there."""
    path = request.url.path.rstrip("/")
    if path.endswith("/metadata"):
        return _json(STATEMENT)
    if path.endswith("/Patient"):
        return _json(_searchset(request))
    name = path.rpartition("/")[2]
    found = next((patient for patient in PATIENTS if patient["id"] == name), PATIENTS[0] if faulty else None)
    return _json(NOT_FOUND, 404) if found is None else _json(found)


def _searchset(request: httpx.Request) -> dict[str, Any]:
    base = str(request.url).partition("/Patient")[0]
    entries = [
        {"fullUrl": f"{base}/Patient/{patient['id']}", "resource": patient, "search": {"mode": "match"}}
        for patient in PATIENTS
    ]
    link = [{"relation": "self", "url": str(request.url)}]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "link": link,
        "entry": entries,
    }


def _json(content: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=content, headers=MEDIA_TYPE)
