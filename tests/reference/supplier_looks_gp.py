"""Looks at a GP system behind GP Connect, by the fault that each would show."""

import base64
import datetime as dt
import json
import time
from concurrent.futures import ThreadPoolExecutor

STRUCTURES = "https://fhir.nhs.uk/STU3/StructureDefinition"
REST = "urn:nhs:names:services:gpconnect:fhir:rest"
RECORD = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
STRUCTURED = "urn:nhs:names:services:gpconnect:structured:fhir:rest:read:metadata-1"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
PATIENT, OTHER, DISSENTING, SENSITIVE, UNKNOWN = (
    "9991204806",
    "9991204814",
    "9991204822",
    "9991204830",
    "9991204849",
)
INCLUDES = "_include=Slot:schedule&_include:recurse=Schedule:actor:Location"


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changed):
    now = int(time.time())
    whole = {
        "iss": "https://consumer.example/", "sub": "1", "aud": "https://epr.example/fhir", "iat": now,
        "exp": now + 300, "reason_for_request": "directcare", "requested_scope": "patient/*.read",
        "requesting_device": {"resourceType": "Device"},
        "requesting_organization": {"resourceType": "Organization"},
        "requesting_practitioner": {"resourceType": "Practitioner"},
    } | changed  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def ask(client, method, path, interaction, *, drop=(), token=None, body=None, **headers):
    given = {
        "Ssp-TraceID": "1", "Ssp-From": "200000000115", "Ssp-To": "200000000116",
        "Ssp-InteractionID": interaction,
        "Authorization": "Bearer " + (token if token is not None else f"{part({})}.{part(claims())}."),
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    given = {name: value for name, value in given.items() if name not in drop}
    kept = client.headers.pop("Authorization", None)
    try:
        return client.request(method, path, headers=given, json=body)
    finally:
        if kept:
            client.headers["Authorization"] = kept


def find(client, number=PATIENT, **more):
    return ask(
        client, "GET", f"/Patient?identifier={NHS_NUMBER}|{number}", f"{REST}:search:patient-1", **more
    )


def with_claims(client, **changed):
    return find(client, token=f"{part({})}.{part(claims(**changed))}.").status_code


def record(client, number=PATIENT, allergies=None, medication=None):
    asked = [{"name": "patientNHSNumber", "valueIdentifier": {"system": NHS_NUMBER, "value": number}}]
    asked = asked if number else []
    if allergies is not None:
        part_ = {"name": "includeResolvedAllergies", "valueBoolean": allergies}
        asked.append({"name": "includeAllergies", "part": [part_]})
    if medication is not None:
        asked.append({"name": "includeMedication", "part": medication})
    body = {"resourceType": "Parameters", "parameter": asked}
    return ask(client, "POST", "/structured/Patient/$gpc.getstructuredrecord", RECORD, body=body)


def held(answer, kind):
    found = [one["resource"] for one in answer.json().get("entry", [])]
    return [one for one in found if one["resourceType"] == kind]


def issue(answer):
    return answer.json()["issue"][0]


def code(answer):
    return issue(answer)["details"]["coding"][0]["code"]


def search(client, days=7, status="status=free&", includes=INCLUDES, more=""):
    first = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    query = f"{status}start=ge{first}&end=le{first + dt.timedelta(days=days)}&{includes}{more}"
    return ask(client, "GET", f"/Slot?{query}", f"{REST}:search:slot-1")


def appointment(client, patient="pat-1", **changed):
    slot = held(search(client), "Slot")[-1]
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [f"{STRUCTURES}/GPConnect-Appointment-1"]},
        "extension": [{"url": f"{STRUCTURES}/Extension-GPConnect-BookingOrganisation-1"}],
        "status": "booked",
        "description": "A test",
        "comment": "x" * 400,
        "start": slot["start"],
        "end": slot.get("end"),
        "slot": [{"reference": f"Slot/{slot['id']}"}],
        "created": "2026-01-05T09:00:00+00:00",
        "participant": [{"actor": {"reference": one}} for one in (f"Patient/{patient}", "Location/loc-1")],
    } | changed


def post(client, sent):
    return ask(client, "POST", "/Appointment", f"{REST}:create:appointment-1", body=sent)


def read(client, identity):
    return ask(client, "GET", f"/Appointment/{identity}", f"{REST}:read:appointment-1")


def booked(client):
    return post(client, appointment(client)).json()


def put(client, kept, what="update", version=None, **changed):
    tag = f'W/"{version or kept["meta"]["versionId"]}"'
    path = f"/Appointment/{kept['id']}"
    return ask(client, "PUT", path, f"{REST}:{what}:appointment-1", body={**kept, **changed}, If_Match=tag)


def cancel(client, kept, **changed):
    reason = {"url": f"{STRUCTURES}/Extension-GPConnect-AppointmentCancellationReason-1", "valueString": "x"}
    extension = [*kept["extension"], reason]
    return put(client, kept, "cancel", status="cancelled", extension=extension, **changed)


def twice(client):
    sent = appointment(client)
    post(client, sent)
    return post(client, sent).status_code


def at_once(client):
    sent = appointment(client)
    with ThreadPoolExecutor(2) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda _: post(client, sent), range(2)))


def of_patient(client, query=None, patient="pat-1"):
    day = dt.datetime.now(dt.UTC).date()
    bounds = query if query is not None else f"start=ge{day}&start=le{day + dt.timedelta(days=20)}"
    interaction = f"{REST}:search:patient_appointments-1"
    return ask(client, "GET", f"/Patient/{patient}/Appointment?{bounds}", interaction)


def cancelled(client):
    kept = booked(client)
    cancel(client, kept)
    return kept


def offers(client, kept):
    return kept["slot"][0]["reference"].removeprefix("Slot/") in [
        s["id"] for s in held(search(client), "Slot")
    ]


def within(client):
    late = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)
    return all(slot["start"][:10] <= late.isoformat() for slot in held(search(client), "Slot"))


def subjects(client):
    allergies = held(record(client, allergies=True), "AllergyIntolerance")
    return {one.get("patient", {}).get("reference") for one in allergies} == {"Patient/pat-1"}


def metadata(client):
    return ask(client, "GET", "/metadata", f"{REST}:read:metadata-1")


def since(day):
    return [{"name": "medicationSearchFromDate", "valueDate": day}]


NO_ISSUES = [{"name": "includePrescriptionIssues", "valueBoolean": False}]

RIGHT_GP = {
    "gp-says-r4": lambda c: metadata(c).json()["fhirVersion"] == "3.0.1",
    "gp-operation-undeclared": lambda c: (
        "operation" in ask(c, "GET", "/structured/metadata", STRUCTURED).json()["rest"][0]
    ),
    "gp-headers-ignored": lambda c: find(c, drop=("Ssp-From",)).status_code == 400,
    "gp-trace-id-ignored": lambda c: find(c, drop=("Ssp-TraceID",)).status_code == 400,
    "gp-interaction-ignored": lambda c: find(c, **{"Ssp-InteractionID": "urn:x"}).status_code == 400,
    "gp-answers-for-others": lambda c: find(c, **{"Ssp-To": "1"}).status_code == 400,
    "gp-needs-no-token": lambda c: find(c, drop=("Authorization",)).status_code == 400,
    "gp-token-unread": lambda c: find(c, token="nonsense").status_code == 400,
    "gp-token-without-claims-accepted": lambda c: with_claims(c, sub=None) == 400,
    "gp-token-without-practitioner-accepted": lambda c: with_claims(c, requesting_practitioner=None) == 400,
    "gp-records-given-without-token": lambda c: (
        (
            ask(
                c,
                "POST",
                "/structured/Patient/$gpc.getstructuredrecord",
                RECORD,
                drop=("Authorization",),
                body={},
            )
        ).json()["issue"][0]["details"]["coding"][0]["code"]
        == "BAD_REQUEST"
    ),
    "gp-any-reason-will-do": lambda c: with_claims(c, reason_for_request="research") == 400,
    "gp-claimed-resources-unchecked": lambda c: (
        with_claims(c, requesting_device={"resourceType": "Patient"}) == 400
    ),
    "gp-expired-token-accepted": lambda c: with_claims(c, exp=1) == 400,
    "gp-answers-cached": lambda c: find(c).headers.get("cache-control") == "no-store",
    "gp-answers-without-charset": lambda c: "charset=utf-8" in find(c).headers["content-type"],
    "gp-etag-is-strong": lambda c: read(c, booked(c)["id"]).headers["etag"].startswith("W/"),
    "gp-error-without-outcome": lambda c: "issue" in find(c, "1").json(),
    "gp-error-of-no-severity": lambda c: issue(find(c, "1"))["severity"] == "error",
    "gp-error-without-display": lambda c: "display" in issue(find(c, "1"))["details"]["coding"][0],
    "gp-error-unexplained": lambda c: "diagnostics" in issue(find(c, "1")),
    "gp-unknown-appointment-is-an-error": lambda c: read(c, "none").status_code == 404,
    "gp-unknown-type-answered": lambda c: (
        ask(c, "GET", "/Basic/1", f"{REST}:read:basic-1").status_code == 501
    ),
    "gp-wrong-number-code": lambda c: code(find(c, "1")) == "INVALID_NHS_NUMBER",
    "gp-malformed-told-as-invalid": lambda c: code(find(c, drop=("Ssp-To",))) == "BAD_REQUEST",
    "gp-record-of-another-patient": lambda c: held(record(c, OTHER), "Patient")[0]["id"] == "pat-2",
    "gp-record-without-practice": lambda c: held(record(c), "Organization") != [],
    "gp-record-mixed": subjects,
    "gp-allergies-of-nobody": subjects,
    "gp-record-without-medicines": lambda c: held(record(c, medication=[]), "Medication") != [],
    "gp-ended-allergies-given": lambda c: len(held(record(c, allergies=False), "AllergyIntolerance")) == 2,
    "gp-allergies-without-list": lambda c: held(record(c, allergies=False), "List") != [],
    "gp-issues-given": lambda c: (
        {one["intent"] for one in held(record(c, medication=NO_ISSUES), "MedicationRequest")} == {"plan"}
    ),
    "gp-allergies-given-unasked": lambda c: held(record(c), "AllergyIntolerance") == [],
    "gp-search-date-ignored": lambda c: (
        len(held(record(c, medication=since("2024-01-01")), "MedicationStatement")) == 1
    ),
    "gp-any-number-will-do": lambda c: record(c, "9991204800").status_code == 400,
    "gp-dissent-ignored": lambda c: record(c, DISSENTING).status_code == 403,
    "gp-sensitive-record-given": lambda c: record(c, SENSITIVE).status_code == 404,
    "gp-search-date-unchecked": lambda c: record(c, medication=since("2999-01-01")).status_code == 422,
    "gp-number-guessed": lambda c: record(c, number=None, allergies=True).status_code == 422,
    "gp-unknown-told-as-unauthorised": lambda c: code(record(c, UNKNOWN)) == "PATIENT_NOT_FOUND",
    "gp-appointments-without-structure": lambda c: "profile" in booked(c)["meta"],
    "gp-busy-slots-given": lambda c: {slot["status"] for slot in held(search(c), "Slot")} == {"free"},
    "gp-slots-without-times": lambda c: "end" in held(search(c), "Slot")[0],
    "gp-slots-of-any-day": within,
    "gp-slots-without-schedules": lambda c: held(search(c), "Schedule") != [],
    "gp-slots-of-months": lambda c: search(c, days=40).status_code == 422,
    "gp-slots-of-any-status": lambda c: search(c, status="").status_code == 422,
    "gp-slots-without-include": lambda c: search(c, includes="").status_code == 422,
    "gp-strange-filter-refused": lambda c: search(c, more="&searchFilter=urn:x|y").status_code == 200,
    "gp-booking-shown-as-pending": lambda c: booked(c)["status"] == "booked",
    "gp-booking-for-another": lambda c: booked(c)["participant"][0]["actor"]["reference"] == "Patient/pat-1",
    "gp-comment-cut": lambda c: len(booked(c)["comment"]) == 400,
    "gp-double-booking-accepted": lambda c: twice(c) == 409,
    "gp-double-booking-in-a-race": lambda c: at_once(c) == [201, 409],
    "gp-booked-slot-shown-free": lambda c: not offers(c, booked(c)),
    "gp-unknown-slot-booked": lambda c: (
        post(c, appointment(c, slot=[{"reference": "Slot/none"}])).status_code == 422
    ),
    "gp-reason-accepted": lambda c: post(c, appointment(c, reason=[{"text": "x"}])).status_code == 422,
    "gp-amendment-lost": lambda c: put(c, booked(c), description="New").json()["description"] == "New",
    "gp-amends-the-time": lambda c: put(c, booked(c), start="2030-01-01T09:00:00+00:00").status_code == 422,
    "gp-amends-what-is-cancelled": lambda c: (
        put(c, read(c, cancelled(c)["id"]).json(), description="New").status_code == 422
    ),
    "gp-stale-amendment-accepted": lambda c: put(c, booked(c), version="7", comment="x").status_code == 409,
    "gp-cancelled-shown-as-booked": lambda c: read(c, cancelled(c)["id"]).json()["status"] == "cancelled",
    "gp-cancelled-appointment-vanishes": lambda c: read(c, cancelled(c)["id"]).status_code == 200,
    "gp-cancellation-keeps-slot": lambda c: offers(c, cancelled(c)),
    "gp-cancellation-changes-more": lambda c: cancel(c, booked(c), description="New").status_code == 422,
    "gp-appointments-of-all": lambda c: held(of_patient(c), "Appointment") == [],
    "gp-past-appointments-given": lambda c: (
        of_patient(c, "start=ge2020-01-01&start=le2030-01-01").status_code == 422
    ),
    "gp-appointments-without-range": lambda c: of_patient(c, "start=le2990-01-01").status_code == 422,
}
