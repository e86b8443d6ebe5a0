"""Creating and updating a test patient in XML, and reading back in JSON what came of it."""

from typing import Any
from xml.sax.saxutils import quoteattr

from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import given_id, needed_patient, remove, test_patient

FHIR_XML = "application/fhir+xml"


@probe("write-xml", writes=True)
def write_xml(wire: Wire, *, family: str, birth_date: str) -> None:
    """Create a patient in JSON (`create`), one in XML (`create-xml`), and update both in XML.

    Labels: `read-xml` (of the one that was created in XML), `update-xml` and `read-after-xml` (of the one in JSON).
    Both are read in JSON. The notes `sent-create-xml` and `sent-update-xml` hold what was sent, in the shape of JSON.
    """
    plain = test_patient(f"{wire.tag}-0", family, birth_date)
    identity = needed_patient(wire, plain)
    other = test_patient(f"{wire.tag}-1", family, birth_date)
    wire.note("sent-create-xml", other)
    answer = _sent(wire, "POST", "/Patient", other, "create-xml")
    made = given_id(answer) if answer.ok else None
    if made is not None:
        wire.created(f"Patient/{made}")
        wire.send("GET", f"/Patient/{made}", label="read-xml")
        remove(wire, made)
    changed = plain | {"id": identity, "gender": "other"}
    wire.note("sent-update-xml", changed)
    _sent(wire, "PUT", f"/Patient/{identity}", changed, "update-xml")
    wire.send("GET", f"/Patient/{identity}", label="read-after-xml")
    remove(wire, identity)


def _sent(wire: Wire, method: str, path: str, patient: dict[str, Any], label: str) -> Exchange:
    return wire.send(method, path, label=label, body=patient_xml(patient), media_type=FHIR_XML)


def patient_xml(patient: dict[str, Any]) -> bytes:
    """A test patient as FHIR XML, its elements in the order of their definition."""
    (tag,), (extension,), (identifier,), (name,) = (
        patient["meta"]["tag"],
        patient["extension"],
        patient["identifier"],
        patient["name"],
    )
    own_id = _element("id", patient["id"]) if "id" in patient else ""
    given = "".join(_element("given", each) for each in name["given"])
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir">'
        f"{own_id}<meta><tag>{_element('system', tag['system'])}{_element('code', tag['code'])}</tag></meta>"
        f"<extension url={quoteattr(extension['url'])}>"
        f"{_element('valueString', extension['valueString'])}</extension>"
        f"<identifier>{_element('system', identifier['system'])}{_element('value', identifier['value'])}</identifier>"
        f"<name>{_element('family', name['family'])}{given}</name>"
        f"{_element('gender', patient['gender'])}{_element('birthDate', patient['birthDate'])}</Patient>"
    ).encode()


def _element(name: str, value: str) -> str:
    return f"<{name} value={quoteattr(value)}/>"
