"""The evidence of an export made by hand: an honest one, in which a test changes what it is about."""

from evidence_builder import BASE, evidence, exchange, ndjson, step

JOB = f"{BASE}/export-jobs/1"
PATIENTS = [
    {
        "resourceType": "Patient",
        "id": f"p{number}",
        "gender": "female" if number % 2 else "male",
        "meta": {"lastUpdated": f"2026-01-0{number}T00:00:00Z"},
    }
    for number in range(1, 5)
]
OBSERVATIONS = [
    {"resourceType": "Observation", "id": f"o{number}", "subject": {"reference": f"Patient/p{number}"}}
    for number in range(1, 5)
]
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}
FHIR_JSON = {"Content-Type": "application/fhir+json"}
NDJSON = {"Content-Type": "application/fhir+ndjson"}
BESIDE = exchange("GET", "/beside", 200, FHIR_JSON, {"resourceType": "Basic", "id": "beside"}, "beside")
"""What no check asks for: labels matter."""


def manifest(query="", **changed):
    items = [
        {"type": "Patient", "url": f"{BASE}/files/1", "count": 4},
        {"type": "Observation", "url": f"{BASE}/files/2", "count": 4},
    ]
    usual = {
        "transactionTime": "2026-02-01T00:00:00Z",
        "request": f"{BASE}/$export{query}",
        "requiresAccessToken": True,
        "output": items,
        "error": [],
    }
    return {name: value for name, value in (usual | changed).items() if value is not ...}


def kick_off(path="/$export", query="", **changed):
    usual = {"status": 202, "headers": {"Content-Location": JOB}, "label": "kick-off"}
    return exchange("GET", path + query, **(usual | changed))


def running(**changed):
    usual = {"status": 202, "headers": {"Retry-After": "1", "X-Progress": "half"}, "label": "status"}
    return exchange("GET", JOB, **(usual | changed))


def done(body=None, **changed):
    headers = {"Content-Type": "application/json", "Expires": "Fri, 31 Dec 1999 23:59:59 GMT"}
    usual = {"status": 200, "headers": headers, "label": "status", "body": body or manifest()}
    return exchange("GET", JOB, **(usual | changed))


def file(index=0, resources=PATIENTS, kind="output", type="Patient", **changed):  # noqa: A002
    body = resources if isinstance(resources, bytes) else ndjson(*resources)
    about = {"kind": kind, "index": str(index), "type": type, "count": ""}
    usual = {"headers": NDJSON, "label": "file", "about": about, "body": body}
    return exchange("GET", f"/files/{index + 1}", **(usual | changed))


def export(
    *files, path="/$export", query="", start=None, polls=None, end=None, more=(), name="full", **notes
):
    """One export step; what is not given is honest."""
    return step(
        start or kick_off(path, query),
        *([running()] if polls is None else polls),
        *([end or done(manifest(query))] if end is not ... else []),
        *(files or (file(), file(1, OBSERVATIONS, type="Observation"))),
        *more,
        BESIDE,
        name=name,
        **notes,
    )


def saw(*steps, **others):
    return evidence(*(steps or (export(),)), **others)
