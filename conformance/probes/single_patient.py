"""The probe of a single patient's export, by whichever of the ways the target declares.

Sources: https://hl7.org/fhir/R4/patient-operation-everything.html and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

from urllib.parse import quote

from conformance.fhir.addresses import led_to
from conformance.fhir.bundles import link
from conformance.fhir.capability import operations
from conformance.plugin import Wire, probe
from conformance.probes.export import carry_out, preferring
from conformance.probes.export_job import kick_off

MOST_PAGES = 1_000


@probe("single-patient-export")
def single_patient_export(wire: Wire, *, id: str) -> None:  # noqa: A002 - the profile's word
    """Export all about one patient, by `$everything` where it is declared, else by an export of that patient.

    The pages of $everything are labelled `everything`; the note `way` names the operation, and is empty where the
    target declares none of them.
    """
    answer = wire.send("GET", "/metadata", label="declared-types", shared=True)
    statement = (answer.resource("CapabilityStatement") if answer.ok else None) or {}
    declared = operations(statement, "Patient")
    way = next((name for name in ("everything", "export", "patient-export") if name in declared), "")
    wire.note("way", way)
    wire.note("patient", f"Patient/{id}")
    if way == "everything":
        _everything(wire, id)
    elif way:
        request = kick_off(wire.base, "patient", "", {"patient": f"Patient/{id}"}, by="POST")
        carry_out(wire, preferring(request), until="files")


def _everything(wire: Wire, identity: str) -> None:
    url: str | None = f"/Patient/{quote(identity, safe='')}/$everything"
    seen: set[str] = set()
    while url and url not in seen and len(seen) < MOST_PAGES and wire.remaining() > 0:
        seen.add(url)
        page = wire.send("GET", url, label="everything", file=True)
        bundle = page.resource("Bundle") if page.ok else None
        onward = link(bundle, "next") if bundle is not None else None
        url = led_to(page.url, onward) if onward else None
    if url:
        wire.note("everything-incomplete", True)
