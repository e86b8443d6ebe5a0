"""Writing what a patient sees in the NHS App, and looking how soon it is seen, and changed, there.

Source: NHS England, Patient Care Aggregator, API standard, WF-NFR-04 (data timeliness).
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

from conformance.fhir import bundles
from conformance.fhir.nhs import SNOMED_SYSTEM
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.nhs_records import concept, nhs_patient
from conformance.probes.patients import RUN_SYSTEM, TEST_DATA
from conformance.probes.records import needed, posted, put, removed, seen_within

Resource = dict[str, Any]
Surfaced = Literal["Appointment", "DiagnosticReport", "DocumentReference", "MedicationRequest"]
HL7 = "http://terminology.hl7.org/CodeSystem"
WHEN = "2031-03-04T09:30:00+00:00"
WRITTEN = "2025-11-12T10:30:00+00:00"
LETTER = "SFRFU1QgbGV0dGVy"
"""The words `HTEST letter` in base64."""


def _appointment(patient: str) -> Resource:
    return {
        "status": "booked",
        "description": "HTEST outpatient appointment",
        "start": WHEN,
        "end": "2031-03-04T09:50:00+00:00",
        "participant": [{"actor": {"reference": patient}, "status": "accepted"}],
    }


def _report(patient: str) -> Resource:
    return {
        "status": "preliminary",
        "category": [concept("LAB", "Laboratory", f"{HL7}/v2-0074")],
        "code": concept("26436-6", "Laboratory studies (set)", "http://loinc.org"),
        "subject": {"reference": patient},
        "effectiveDateTime": WRITTEN,
        "issued": WRITTEN,
        "conclusion": "HTEST conclusion",
    }


def _letter(patient: str) -> Resource:
    attachment = {"contentType": "text/plain", "data": LETTER, "title": "Discharge summary"}
    return {
        "status": "current",
        "docStatus": "preliminary",
        "type": concept("18842-5", "Discharge summary", "http://loinc.org"),
        "subject": {"reference": patient},
        "date": WRITTEN,
        "description": "Discharge summary",
        "content": [{"attachment": attachment}],
    }


def _prescription(patient: str) -> Resource:
    return {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept("319775004", "Aspirin 75mg tablets", SNOMED_SYSTEM),
        "subject": {"reference": patient},
        "authoredOn": WRITTEN,
        "requester": {"display": "HTEST prescriber"},
        "courseOfTherapyType": concept(
            "continuous", "Continuous long term therapy", f"{HL7}/medicationrequest-course-of-therapy"
        ),
        "dosageInstruction": [{"text": "One tablet once a day"}],
        "dispenseRequest": {"numberOfRepeatsAllowed": 5},
        "substitution": {"allowedBoolean": False},
    }


MADE: Mapping[Surfaced, Callable[[str], Resource]] = MappingProxyType(
    {
        "Appointment": _appointment,
        "DiagnosticReport": _report,
        "DocumentReference": _letter,
        "MedicationRequest": _prescription,
    }
)
CHANGES: Mapping[Surfaced, Resource] = MappingProxyType(
    {
        "Appointment": {
            "status": "cancelled",
            "cancelationReason": concept("pat", "Patient", f"{HL7}/appointment-cancellation-reason"),
        },
        "DiagnosticReport": {"status": "final"},
        "DocumentReference": {"docStatus": "final"},
        "MedicationRequest": {"status": "completed"},
    }
)
"""What becomes of each: an appointment is cancelled, a report and a letter are final, a prescription is collected."""
STATUS: Mapping[Surfaced, str] = MappingProxyType(
    {name: next(iter(change)) for name, change in CHANGES.items()}
)
"""The element that says how each stands."""


@probe("surfaced-record", writes=True)
def surfaced_record(wire: Wire, *, resource: Surfaced, limit: int) -> None:
    """Write what an app shows for a test patient, and change how it stands; each is looked for for `limit` seconds.

    What was never seen is not waited for a second time.
    Labels: `create`, `read-back`, `seen` (the list of the patient, until it has it), `change`, `read-changed`,
    `seen-changed` (the list, until it has it as changed).
    """
    patient = needed(wire, nhs_patient(wire.tag), "patient")
    record = made(resource, wire.tag, f"Patient/{patient}")
    wire.note("resource", resource)
    wire.note("status", STATUS[resource])
    wire.note("sent", json.dumps(record))
    _, identity = posted(wire, record, "create")
    if identity:
        wire.note("created", f"{resource}/{identity}")
        path, listing = f"/{resource}/{identity}", f"/{resource}?patient=Patient/{patient}"
        wire.send("GET", path, label="read-back")
        look = partial(wire.send, "GET", listing, label="seen")
        shows = _shows(identity, {})
        seen = shows(seen_within(wire, look, shows, "seen", limit))
        change = CHANGES[resource]
        put(wire, record | change, identity, "change")
        wire.send("GET", path, label="read-changed")
        look = partial(wire.send, "GET", listing, label="seen-changed")
        named = STATUS[resource]
        changed = _shows(identity, {named: change[named]})
        seen_within(wire, look, changed, "seen-changed", limit if seen else 0)
        wire.note("wanted", change[named])
    removed(wire, f"{resource}/{identity}", f"Patient/{patient}")


@probe("repeat-request", writes=True)
def repeat_request(wire: Wire, *, limit: int) -> None:
    """Write a repeat prescription for a test patient, and ask for a repeat of it (`create`), as the patient would.

    The request is a MedicationRequest that proposes, based on the prescription. Labels: `prescription`, `create`,
    `read-back`, `seen` (the list of the patient, until it has the request).
    """
    patient = needed(wire, nhs_patient(wire.tag), "patient")
    prescription = needed(
        wire, made("MedicationRequest", f"{wire.tag}-repeat", f"Patient/{patient}"), "prescription"
    )
    request = made("MedicationRequest", wire.tag, f"Patient/{patient}") | {
        "intent": "proposal",
        "basedOn": [{"reference": f"MedicationRequest/{prescription}"}],
    }
    wire.note("sent", json.dumps(request))
    wire.note("resource", "MedicationRequest")
    _, identity = posted(wire, request, "create")
    if identity:
        wire.note("created", f"MedicationRequest/{identity}")
        wire.send("GET", f"/MedicationRequest/{identity}", label="read-back")
        look = partial(wire.send, "GET", f"/MedicationRequest?patient=Patient/{patient}", label="seen")
        seen_within(wire, look, _shows(identity, {}), "seen", limit)
    removed(wire, f"MedicationRequest/{identity}", f"MedicationRequest/{prescription}", f"Patient/{patient}")


def made(kind: Surfaced, tag: str, patient: str) -> Resource:
    """A test resource of the type about the patient (`Patient/id`)."""
    head = {"resourceType": kind, "meta": {"tag": [TEST_DATA]}}
    return head | {"identifier": [{"system": RUN_SYSTEM, "value": tag}]} | MADE[kind](patient)


def _shows(identity: str, state: Resource) -> Callable[[Exchange], bool]:
    """Whether an answer is a search that finds the resource in this state."""

    def shows(answer: Exchange) -> bool:
        bundle = answer.resource("Bundle") if answer.ok else None
        return any(
            found.get("id") == identity and state.items() <= found.items()
            for found in bundles.matches(bundle or {})
        )

    return shows
