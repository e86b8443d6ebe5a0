"""What a record must hold for an app to show it, sort it and lead on from it, by type and rule.

Sources: NHS England, Patient Care Aggregator, API standard 3.12.0 (Appointment, DocumentReference); Prescriptions for
Patients, specification of May 2026 (MedicationRequest); UK Core, UKCore-DiagnosticReport 2.7.0.

Every rule yields what is wrong with one record, as the ends of sentences.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from conformance.checks.picking import quoted
from conformance.fhir.dates import interval
from conformance.fhir.elements import values

Resource = dict[str, Any]
Rule = Callable[[Resource], Iterator[str]]
RuleName = Literal[
    "appointment", "appointment-link", "result", "document", "prescription", "prescription-status"
]

PORTAL_LINK = "https://fhir.nhs.uk/StructureDefinition/Extension-Portal-Link"
MEDIUM = "https://fhir.nhs.uk/StructureDefinition/Extension-Consultation-Medium"
MEDIA = ("FACE_TO_FACE", "TELEPHONE", "VIDEO_CONSULTATION")
STATUS_HISTORY = "https://fhir.nhs.uk/StructureDefinition/Extension-DM-PrescriptionStatusHistory"
APPOINTMENT_STATUSES = ("booked", "fulfilled", "cancelled", "noshow")
THERAPIES = ("acute", "continuous", "continuous-repeating-dispensing")
UNDATED = ("cancelled", "entered-in-error", "registered", "proposed", "pending", "waitlist")
"""A record in such a state need not have the date yet, or any more."""


def _moment(resource: Resource, element: str) -> Iterator[str]:
    """What is wrong with a date to sort by: it says the day, and its zone where it says the time."""
    value = resource.get(element)
    read = interval(value)
    if read is None:
        yield f"has no {element} that is a date"
    elif "T" in str(value) and not read.zoned:
        yield f"has the {element} {quoted(value)}, without its time zone"
    elif len(str(value)) < len("2020-01-31"):
        yield f"has the {element} {quoted(value)}, which says no day"


def _said(resource: Resource, *elements: str) -> Iterator[str]:
    for element in elements:
        value = resource.get(element)
        if not value or (isinstance(value, str) and not value.strip()):
            yield f"has no {element}"


def _concept(resource: Resource, element: str) -> Iterator[str]:
    texts = [*values(resource, f"{element}.text"), *values(resource, f"{element}.coding.display")]
    if not any(isinstance(text, str) and text.strip() for text in texts):
        yield f"has no {element} in words that can be shown"


def _extensions(resource: Resource, url: str) -> list[Resource]:
    return [one for one in values(resource, "extension") if isinstance(one, dict) and one.get("url") == url]


def _appointment(resource: Resource) -> Iterator[str]:
    if resource.get("status") not in APPOINTMENT_STATUSES:
        yield f"has the status {quoted(resource.get('status'))}, which the app does not know"
    yield from _moment(resource, "start")
    yield from _said(resource, "description", "participant", "specialty")
    media = [one.get("valueCode") for one in _extensions(resource, MEDIUM)]
    if not media or media[0] not in MEDIA:
        yield "does not say whether it is face to face, by telephone or by video (Extension-Consultation-Medium)"


def _appointment_link(resource: Resource) -> Iterator[str]:
    links = [one.get("valueUrl") for one in _extensions(resource, PORTAL_LINK)]
    if not links:
        yield "has no link to its page in the portal (Extension-Portal-Link)"
    elif not str(links[0]).startswith("https://"):
        yield f"has the link {quoted(links[0])}, which is no https address"


def _result(resource: Resource) -> Iterator[str]:
    yield from _said(resource, "status")
    if resource.get("status") not in UNDATED:
        yield from _moment(resource, "issued")
    yield from _concept(resource, "code")
    if not (resource.get("result") or resource.get("conclusion") or resource.get("presentedForm")):
        yield "says nothing of what was found (result, conclusion, presentedForm)"


def _document(resource: Resource) -> Iterator[str]:
    yield from _said(resource, "status", "description", "content")
    yield from _moment(resource, "date")
    attachments = [one for one in values(resource, "content.attachment") if isinstance(one, dict)]
    for one in attachments:
        if not one.get("contentType"):
            yield "has an attachment that does not say of which kind it is (contentType)"
        if not (one.get("url") or one.get("data")):
            yield "has an attachment without content"


def _prescription(resource: Resource) -> Iterator[str]:
    yield from _said(resource, "status", "requester", "groupIdentifier")
    yield from _moment(resource, "authoredOn")
    codes = [
        one.get("code") for one in values(resource, "courseOfTherapyType.coding") if isinstance(one, dict)
    ]
    if not any(code in THERAPIES for code in codes):
        yield "does not say whether it is a repeat prescription (courseOfTherapyType)"


def _prescription_status(resource: Resource) -> Iterator[str]:
    parts = [part for one in _extensions(resource, STATUS_HISTORY) for part in values(one, "extension")]
    held = {part.get("url"): part for part in parts if isinstance(part, dict)}
    coding = held.get("status", {}).get("valueCoding")
    if not isinstance(coding, dict) or not coding.get("code"):
        yield "does not say how the item stands (Extension-DM-PrescriptionStatusHistory)"
    elif interval(held.get("statusDate", {}).get("valueDateTime")) is None:
        yield "does not say since when the item stands so (statusDate)"


RULES: Mapping[RuleName, tuple[Rule, str]] = MappingProxyType(
    {
        "appointment": (_appointment, "Appointment"),
        "appointment-link": (_appointment_link, "Appointment"),
        "result": (_result, "DiagnosticReport"),
        "document": (_document, "DocumentReference"),
        "prescription": (_prescription, "MedicationRequest"),
        "prescription-status": (_prescription_status, "MedicationRequest"),
    }
)
"""Each rule by its name in profiles, and the type that it looks at."""
