"""Looks at the reference supplier's audit trail and histories, by the fault that each would show."""

from conftest import BASE

LOG = f"{BASE.removesuffix('/fhir')}/audit/AuditEvent"


def events(client):
    client.get("/Patient/p1")
    client.delete("/Patient/p1")
    found = client.get(LOG, params={"entity": "Patient/p1"}).json().get("entry", [])
    return [entry["resource"] for entry in found]


def exports_are_logged(client):
    client.delete(client.get("/$export?_type=Patient").headers["Content-Location"])
    found = client.get(LOG).json().get("entry", [])
    return any(entry["resource"]["entity"][0].get("name") == "$export" for entry in found)


def versions(client):
    patient = client.get("/Patient/p2").json()
    client.put(
        "/Patient/p2", json={**patient, "active": False}, headers={"Content-Type": "application/fhir+json"}
    )
    return len(client.get("/Patient/p2/_history").json()["entry"])


RIGHT_AUDIT = {
    "audit-forgets-deletions": lambda client: "D" in {event["action"] for event in events(client)},
    "audit-forgets-reads": lambda client: "R" in {event["action"] for event in events(client)},
    "audit-names-nobody": lambda client: all("who" in event["agent"][0] for event in events(client)),
    "audit-tells-no-time": lambda client: all(event["recorded"] > "2026" for event in events(client)),
    "audit-trail-is-empty": lambda client: len(events(client)) == 2,
    "export-not-logged": exports_are_logged,
    "history-is-latest-only": lambda client: versions(client) == 2,
}
