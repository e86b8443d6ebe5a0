"""A consumer of GP Connect: the headers and the token that go with each request.

Sources, all of GP Connect 1.2.x: "Spine Secure Proxy" (headers), "Interaction IDs", "Cross-organisation audit and
provenance" (the token, which is not signed). https://nhsconnect.github.io/gpconnect/
"""

import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.plugin import Exchange, Untestable, Wire

Json = dict[str, Any]

REST = "urn:nhs:names:services:gpconnect:fhir:rest"
METADATA = f"{REST}:read:metadata-1"
STRUCTURED_METADATA = "urn:nhs:names:services:gpconnect:structured:fhir:rest:read:metadata-1"
FIND_PATIENT = f"{REST}:search:patient-1"
FREE_SLOTS = f"{REST}:search:slot-1"
READ_APPOINTMENT = f"{REST}:read:appointment-1"
BOOK = f"{REST}:create:appointment-1"
AMEND = f"{REST}:update:appointment-1"
CANCEL = f"{REST}:cancel:appointment-1"
OF_PATIENT = f"{REST}:search:patient_appointments-1"
RECORD_PATH = "/Patient/$gpc.getstructuredrecord"
STRUCTURED_RECORD = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
OWN = "https://conformance-harness.org/Id"
LIFETIME = 300
"""The seconds for which a token is good: five minutes, as the guide has it."""

UNSIGNED = {"alg": "none", "typ": "JWT"}


@dataclass(frozen=True)
class Consumer:
    """Who asks (`sender`, an ASID, for an `organisation`), whom (`receiver`), and below which root."""

    wire: Wire
    sender: str
    receiver: str
    organisation: str
    root: str = ""

    def address(self, path: str) -> str:
        """The URL of a path below the root of the service that is asked."""
        return f"{self.root}{path}"

    @property
    def audience(self) -> str:
        """The root of the service as an absolute URL."""
        return self.root if "://" in self.root else f"{self.wire.base}{self.root}"

    def headers(self, interaction: str, claims: Json) -> dict[str, str]:
        """The headers of one request."""
        return {
            "Ssp-TraceID": str(uuid.uuid4()),
            "Ssp-From": self.sender,
            "Ssp-To": self.receiver,
            "Ssp-InteractionID": interaction,
            "Authorization": f"Bearer {token(claims)}",
        }

    def claims(self, scope: str) -> Json:
        """The claims of a token for one request."""
        now = int(time.time())
        identifiers = [
            {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "UNK"},
            {"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "UNK"},
            {"system": f"{OWN}/user", "value": "conformance-tester"},
        ]
        return {
            "iss": "https://conformance-harness.org/",
            "sub": "conformance-tester",
            "aud": self.audience,
            "exp": now + LIFETIME,
            "iat": now,
            "reason_for_request": "directcare",
            "requested_scope": scope,
            "requesting_device": {
                "resourceType": "Device",
                "identifier": [{"system": f"{OWN}/device", "value": "conformance-harness"}],
                "model": "Conformance Harness",
                "version": "1",
            },
            "requesting_organization": {
                "resourceType": "Organization",
                "identifier": [{"system": ODS_CODE, "value": self.organisation}],
                "name": "Conformance test organisation",
            },
            "requesting_practitioner": {
                "resourceType": "Practitioner",
                "id": "conformance-tester",
                "identifier": identifiers,
                "name": [{"family": "Tester", "given": ["Conformance"], "prefix": ["Mx"]}],
            },
        }

    def send(  # noqa: PLR0913 - a request has this many independent aspects
        self,
        method: str,
        path: str,
        interaction: str,
        scope: str,
        *,
        label: str,
        json: Json | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        about: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send one request with all that it has to bring."""
        own = self.headers(interaction, self.claims(scope)) | dict(headers or {})
        url = self.address(path)
        return self.wire.send(method, url, label=label, headers=own, json=json, body=body, about=about)

    def find_patient(self, nhs_number: str, label: str) -> Exchange:
        """Search for the patient with the NHS number."""
        return self.send("GET", patient_search(nhs_number), FIND_PATIENT, "patient/*.read", label=label)

    def needed_patient(self, nhs_number: str) -> str:
        """The reference to the patient with the NHS number (label `patient`). Raises Untestable where there is none."""
        answer = self.find_patient(nhs_number, "patient")
        bundle = (answer.resource("Bundle") if answer.ok else None) or {}
        listed = bundle.get("entry")
        for entry in listed if isinstance(listed, list) else []:
            found = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(found, dict) and found.get("resourceType") == "Patient" and "id" in found:
                return f"Patient/{found['id']}"
        raise Untestable(
            f"the target has no patient with the NHS number that was given ({answer} answered {answer.status}): name"
            " test patients of it with --set patient=… and --set other_patient=…"
        )


def asking(wire: Wire, consumer: Mapping[str, str], root: str = "") -> Consumer:
    """The consumer that `from`, `to` and `organisation` describe. Raises Untestable where one of them is missing."""
    missing = [name for name in ("from", "to", "organisation") if not consumer.get(name)]
    if missing:
        raise Untestable(
            f"the parameter consumer lacks {', '.join(missing)}: give --set 'consumer={{from: ASID, to: ASID,"
            " organisation: ODS code}'"
        )
    return Consumer(wire, consumer["from"], consumer["to"], consumer["organisation"], root)


def patient_search(nhs_number: str) -> str:
    """The path of a search for a patient by NHS number."""
    return f"/Patient?identifier={quote(f'{NHS_NUMBER}|{nhs_number}', safe='')}"


def record_request(nhs_number: str, *asked: Json) -> Json:
    """The Parameters that ask for the structured record of a patient: all allergies where nothing else is asked."""
    return {
        "resourceType": "Parameters",
        "parameter": [number(nhs_number), *(asked or (allergies(resolved=True),))],
    }


def number(nhs_number: str) -> Json:
    """The parameter that says whose record is asked for."""
    return {"name": "patientNHSNumber", "valueIdentifier": {"system": NHS_NUMBER, "value": nhs_number}}


def allergies(*, resolved: bool) -> Json:
    """The parameter that asks for allergies, with those that ended or without."""
    part_ = {"name": "includeResolvedAllergies", "valueBoolean": resolved}
    return {"name": "includeAllergies", "part": [part_]}


def token(claims: Json, header: Json | None = None) -> str:
    """An unsecured JWT with these claims (RFC 7519 section 6): its last part, the signature, is empty."""
    return f"{part(header or UNSIGNED)}.{part(claims)}."


def part(value: Json | list[Any]) -> str:
    """JSON as one part of a token."""
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode("ascii")
