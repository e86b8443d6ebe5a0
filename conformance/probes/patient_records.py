"""What is given of one patient's record, asked for in each way that an app can ask.

Source: NHS England, Patient Care Aggregator, API standard for getting appointments, documents and questionnaires.
"""

from functools import partial
from urllib.parse import quote, urlencode

from conformance.analysis.structures import resources_in
from conformance.fhir import bundles
from conformance.fhir.capability import operations
from conformance.fhir.elements import values
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM
from conformance.plugin import Wire, probe
from conformance.probes.following import follow
from conformance.probes.nhs_records import test_number

BY_ID, BY_NUMBER, OF_NOBODY = "by-id", "by-number", "of-nobody"
ATTACHED, LINKED = "attached", "linked"
MOST = 6
PORTAL_LINK = "https://fhir.nhs.uk/StructureDefinition/Extension-Portal-Link"


@probe("patient-records")
def patient_records(wire: Wire, *, resource: str, patient: str, number: str) -> None:
    """Search a type for what belongs to a patient, by the patient's id and NHS number, and for a number of nobody.

    Labels: `by-id`, `by-number` (each to its last page), `of-nobody`, and `everything` where $everything is declared.
    The number is asked for as `patient:identifier`, as the aggregator does, if that finds anything (`tried`), else by
    way of the patient (`patient.identifier`).
    """
    by = _by_number(wire, resource, number)
    wire.note("patient", f"Patient/{patient}")
    wire.note("resource", resource)
    asked = (
        (BY_ID, {"patient": f"Patient/{patient}"}),
        (BY_NUMBER, {by: f"{NHS_NUMBER_SYSTEM}|{number}"}),
        (OF_NOBODY, {by: f"{NHS_NUMBER_SYSTEM}|{test_number(wire.tag)}"}),
    )
    for label, parameters in asked:
        url = f"/{resource}?{urlencode({**parameters, '_count': '50'})}"
        follow(wire, partial(wire.send, "GET", url, label=label), label)
    answer = wire.send("GET", "/metadata", label="declared", shared=True)
    if "everything" in operations((answer.resource() if answer.ok else None) or {}, "Patient"):
        url = f"/Patient/{quote(patient, safe='')}/$everything"
        follow(wire, partial(wire.send, "GET", url, label="everything", file=True), "everything")


def _by_number(wire: Wire, resource: str, number: str) -> str:
    """The search parameter by which the target finds records by NHS number."""
    by_identifier = urlencode({"patient:identifier": f"{NHS_NUMBER_SYSTEM}|{number}"})
    tried = wire.send("GET", f"/{resource}?{by_identifier}", label="tried")
    bundle = tried.resource("Bundle") if tried.ok else None
    return "patient:identifier" if bundles.matches(bundle or {}) else "patient.identifier"


@probe("attachments")
def attachments(wire: Wire, *, resource: str) -> None:
    """Search for resources with attachments (`sampled`), and fetch a few of these (`attached`)."""
    answer = wire.send("GET", f"/{resource}?_count=50", label="sampled", shared=True)
    found = [
        (f"{resource}/{held.get('id')}", attachment)
        for held in resources_in(answer, resource)
        for attachment in values(held, "content.attachment")
        if isinstance(attachment, dict) and isinstance(attachment.get("url"), str)
    ]
    wire.note("attachments", len(found))
    for source, attachment in found[:: max(1, len(found) // MOST)][:MOST]:
        kind = str(attachment.get("contentType", "")).split(";")[0].strip()
        size = str(attachment.get("size", ""))
        about = {"source": source, "contentType": kind, "size": size}
        url = attachment["url"]
        where = url if "://" in url else f"/{url.lstrip('/')}"
        wire.send("GET", where, label=ATTACHED, about=about, accept=kind or "*/*")


@probe("portal-links")
def portal_links(wire: Wire) -> None:
    """Search for appointments (`sampled`), and follow the links of a few to the portal as anybody (`linked`)."""
    answer = wire.send("GET", "/Appointment?_count=50", label="sampled", shared=True)
    links = [
        (f"Appointment/{held.get('id')}", link)
        for held in resources_in(answer, "Appointment")
        for link in portal_links_of(held)
    ]
    wire.note("links", len(links))
    for source, link in links[:: max(1, len(links) // MOST)][:MOST]:
        wire.send("GET", link, label=LINKED, about={"source": source}, accept="text/html", credentials="none")


def portal_links_of(appointment: dict[str, object]) -> list[str]:
    """Where an appointment says that its page in the portal is."""
    return [
        extension["valueUrl"]
        for extension in values(appointment, "extension")
        if isinstance(extension, dict)
        and extension.get("url") == PORTAL_LINK
        and isinstance(extension.get("valueUrl"), str)
    ]
