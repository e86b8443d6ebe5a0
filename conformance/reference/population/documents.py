"""Documents of the demo population: the bytes, what describes them, and who vouches for them."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from conformance.reference.population.care import Visit
from conformance.reference.population.draw import Draw
from conformance.reference.population.places import Places, head, reference
from conformance.reference.population.prose import letter, long_note
from conformance.reference.population.terms import DOCUMENT_KINDS, HL7, LOINC, Term, coding, concept
from conformance.reference.population.time import instant, recorded_after

_PDF = "application/pdf"
_TEXT = "text/plain;charset=utf-8"


def documents(draw: Draw, visit: Visit) -> list[dict[str, Any]]:
    """A document and its bytes: half of them PDF, half plain text in several scripts."""
    kind = draw.one_of(DOCUMENT_KINDS)
    if draw.chance(0.5):
        content_type, content = _PDF, pdf([kind.display, *letter(draw)])
    else:
        content_type, content = _TEXT, f"{kind.display}\n\n{long_note(draw)}\n".encode()
    binary = visit.new(draw, "Binary") | {
        "contentType": content_type,
        "securityContext": visit.person.reference,
        "data": base64.b64encode(content).decode("ascii"),
    }
    return [binary, _document(draw, visit, kind, binary, content)]


def provenance(draw: Draw, visit: Visit, targets: list[dict[str, Any]]) -> dict[str, Any]:
    """Who wrote these records, for which organisation, and when."""
    recorded = recorded_after(draw, visit.when)
    return head("Provenance", draw.identity(), instant(recorded)) | {
        "target": [_version(target) for target in targets],
        "recorded": instant(recorded),
        "agent": [
            {
                "type": {"coding": [coding(f"{HL7}/provenance-participant-type", Term("author", "Author"))]},
                "who": reference(visit.clinician),
                "onBehalfOf": reference(visit.person.trust),
            },
        ],
    }


def _version(resource: dict[str, Any]) -> dict[str, Any]:
    """A reference to the version of a resource that there is now."""
    return {"reference": f"{reference(resource)['reference']}/_history/{resource['meta']['versionId']}"}


def audit_event(draw: Draw, visit: Visit, places: Places, base: str) -> dict[str, Any]:
    """Somebody has opened the patient's record."""
    recorded = visit.when + timedelta(seconds=draw.between(1, 3_600))
    return head("AuditEvent", draw.identity(), instant(recorded)) | {
        "type": {
            "system": "http://dicom.nema.org/resources/ontology/DCM",
            "code": "110110",
            "display": "Patient Record",
        },
        "action": "R",
        "recorded": instant(recorded),
        "outcome": "0",
        "agent": [{"who": reference(draw.one_of(places.clinicians)), "requestor": True}],
        "source": {"site": base, "observer": reference(visit.person.trust)},
        "entity": [{"what": visit.person.reference}],
    }


def pdf(lines: list[str]) -> bytes:
    """A small real PDF (1.4) of one page with these lines of ASCII text (ISO 32000-1, 7.5)."""
    shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    stream = f"BT /F1 12 Tf 16 TL 56 780 Td {shown}ET".encode("ascii")
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page + b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body = b"%PDF-1.4\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + trailer


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _document(draw: Draw, visit: Visit, kind: Term, binary: dict[str, Any], content: bytes) -> dict[str, Any]:
    attachment = {
        "contentType": binary["contentType"],
        "url": f"Binary/{binary['id']}",
        "size": len(content),
        # R4 says SHA-1 (datatypes: Attachment.hash); it guards against accidents, not against people.
        "hash": base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode("ascii"),
        "title": kind.display,
        "creation": instant(visit.when),
    }
    document = visit.new(draw, "DocumentReference") | {
        "status": "current",
        "type": concept(LOINC, kind),
        "subject": visit.person.reference,
        "date": instant(visit.when),
        "author": [reference(visit.clinician)],
        "custodian": reference(visit.person.trust),
        "content": [{"attachment": attachment}],
        "context": {"encounter": [reference(visit.encounter)]},
    }
    if draw.chance(0.25):
        document["description"] = long_note(draw)
    return document
