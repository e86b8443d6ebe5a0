"""Looks at a directory with bookings and referrals, by the fault that each would show."""

from conftest import found_ids

SPECIALTY = "http://snomed.info/sct|394582007"
KIND = "https://fhir.nhs.uk/CodeSystem/eRS-AppointmentType|DIAGNOSTIC"


def listed(client, query):
    return [one["resource"] for one in client.get(query).json().get("entry", [])]


def first(client, kind):
    return listed(client, f"/{kind}?_count=1")[0]


def free(client):
    return listed(client, "/Slot?status=free&_count=1")[0]


def booking(slot, patient, **changed):
    actor = {"reference": f"Patient/{patient}", "identifier": {"system": "urn:x", "value": patient}}
    return {
        "resourceType": "Appointment",
        "status": "booked",
        "slot": [{"reference": f"Slot/{slot['id']}"}],
        "start": slot["start"],
        "end": slot["end"],
        "participant": [{"actor": actor, "status": "accepted"}],
    } | changed


def book(client, slot, patient="p1", **changed):
    return client.post("/Appointment", json=booking(slot, patient, **changed))


def change(client, answer, **changed):
    kept = client.get(f"/{answer['resourceType']}/{answer['id']}")
    return client.put(f"/{answer['resourceType']}/{answer['id']}", json=kept.json() | changed)


def booked(client):
    slot = free(client)
    return slot, book(client, slot).json()


def cancelled(client):
    slot, made = booked(client)
    change(client, made, status="cancelled")
    return slot, made


def reads(client, made):
    return client.get(f"/Appointment/{made['id']}").json()


def slot_is(client, slot, status):
    return client.get(f"/Slot/{slot['id']}").json()["status"] == status


def refer(client, **changed):
    sent = {"resourceType": "ServiceRequest", "intent": "order", "subject": {"reference": "Patient/p1"}}
    return client.post("/ServiceRequest", json={**sent, "status": "active", "priority": "urgent", **changed})


def goes_on(client, ending):
    made = refer(client).json()
    change(client, made, status=ending)
    return change(client, made, status="active").status_code == 200


def finds_all(client, kind, criterion):
    whole = client.get(f"/{kind}?_summary=count").json()["total"]
    return client.get(f"/{kind}?{criterion}&_summary=count").json()["total"] == whole


def stale(client):
    made = refer(client).json()
    change(client, made, priority="routine")
    headers = {"If-Match": 'W/"1"'}
    return client.put(f"/ServiceRequest/{made['id']}", json=made, headers=headers).status_code == 412


def second(client):
    slot, _ = booked(client)
    return book(client, slot, "p2").status_code


def reinstated(client):
    slot, made = cancelled(client)
    book(client, slot, "p2")
    return change(client, made, status="booked").status_code == 200


def on_time(client):
    slot, made = booked(client)
    return made["start"] == slot["start"]


def declared(client):
    rest = client.get("/metadata").json()["rest"][0]["resource"]
    found = next(one for one in rest if one["type"] == "Appointment")
    return "create" in [one["code"] for one in found["interaction"]]


RIGHT_REFERRAL = {
    "referral-bookings-undeclared": declared,
    "referral-says-stu3": lambda c: c.get("/metadata").json()["fhirVersion"] == "4.0.1",
    "service-type-is-no-list": lambda c: isinstance(first(c, "HealthcareService")["type"], list),
    "directory-without-location": lambda c: "location" in first(c, "HealthcareService"),
    "directory-without-specialty": lambda c: "specialty" in first(c, "HealthcareService"),
    "specialty-search-ignores-the-code": lambda c: (
        not finds_all(c, "HealthcareService", f"specialty={SPECIALTY}")
    ),
    "clinic-type-search-ignores-the-code": lambda c: (
        not finds_all(c, "HealthcareService", f"service-type={KIND}")
    ),
    "location-search-ignores-the-place": lambda c: (
        not finds_all(c, "HealthcareService", "location=Location/x")
    ),
    "slots-without-schedule": lambda c: "schedule" in free(c),
    "slot-times-ignored": lambda c: not finds_all(c, "Slot", "start=lt2001-01-01"),
    "schedules-without-service": lambda c: first(c, "Schedule")["actor"][0]["reference"][:10] == "Healthcare",
    "booked-slots-read-as-free": lambda c: slot_is(c, booked(c)[0], "busy"),
    "slot-status-search-ignored": lambda c: not finds_all(c, "Slot", "status=free"),
    "booking-refused-offhand": lambda c: book(c, free(c)).status_code == 201,
    "booking-at-another-time": on_time,
    "booking-for-another-patient": lambda c: (
        booked(c)[1]["participant"][0]["actor"]["reference"] == "Patient/p1"
    ),
    "booking-loses-the-slot": lambda c: "slot" in booked(c)[1],
    "slot-shown-free-after-booking": lambda c: slot_is(c, booked(c)[0], "busy"),
    "double-booking-accepted": lambda c: second(c) == 409,
    "double-booking-refused-with-400": lambda c: second(c) == 409,
    "double-booking-in-a-race": lambda c: second(c) == 409,
    "unknown-slot-booked": lambda c: book(c, free(c) | {"id": "none"}).status_code == 422,
    "appointments-of-all-patients": lambda c: not finds_all(c, "Appointment", "patient=Patient/nobody"),
    "appointments-not-found-by-number": lambda c: "identifier" in booked(c)[1]["participant"][0]["actor"],
    "cancellation-is-not-kept": lambda c: reads(c, cancelled(c)[1])["status"] == "cancelled",
    "cancelled-booking-vanishes": lambda c: reads(c, cancelled(c)[1])["resourceType"] == "Appointment",
    "cancellation-loses-the-rest": lambda c: "start" in reads(c, cancelled(c)[1]),
    "cancellation-keeps-the-slot": lambda c: slot_is(c, cancelled(c)[0], "free"),
    "freed-slot-cannot-be-booked": lambda c: book(c, cancelled(c)[0], "p2").status_code == 201,
    "cancelled-booking-brought-back": lambda c: not reinstated(c),
    "referral-loses-its-urgency": lambda c: "priority" in refer(c).json(),
    "referrals-of-all-patients": lambda c: (
        found_ids(c.get("/ServiceRequest?patient=Patient/none").json()) == []
    ),
    "referral-revocation-is-not-kept": lambda c: (
        change(c, refer(c).json(), status="revoked").json()["status"] == "revoked"
    ),
    "referral-status-search-ignored": lambda c: not finds_all(c, "ServiceRequest", "status=revoked"),
    "revoked-referral-goes-on": lambda c: not goes_on(c, "revoked"),
    "completed-referral-goes-on": lambda c: not goes_on(c, "completed"),
    "stale-referral-update-accepted": stale,
    "referral-of-any-status": lambda c: refer(c, status="sleeping").status_code == 400,
    "refusals-unexplained": lambda c: (
        c.get("/Slot/none").headers["content-type"].startswith("application/fhir+json")
    ),
}
