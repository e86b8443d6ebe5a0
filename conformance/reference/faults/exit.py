"""The faults of a product that cannot be left: exports that fail, wait or are incomplete, and open doors."""

import base64
import re
import uuid
from collections.abc import Sequence
from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, export, fault, rest, security
from conformance.reference.forms.jsontext import dump, parse

_LONGEST_TEXT = 200
_REFERENCE_SHARE = 0.1
_NHS_SHARE = 0.5
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_LONG_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_REFERENCE = re.compile(rb'("reference"\s*:\s*"[A-Z][A-Za-z]+/)[^"/]+(")')
_TAG = re.compile(r"<[^>]*>")

Json = dict[str, Any]


def _other_product_version(statement: Json) -> Json:
    return {**statement, "software": {**statement["software"], "version": "7.3.0"}}


def _differs_each_time(draw: Draw) -> Change:
    def lost(number: int, names: Sequence[str]) -> set[str]:
        # Neighbours in turn, from a drawn place on: no two exports in a row leave out the same one.
        return {sorted(names)[(draw.position(len(names)) + number) % len(names)]} if names else set()

    return export(lost_from_job=lost)


def _every_tenth_observation(draw: Draw) -> Change:
    def lost(_: int, names: Sequence[str]) -> set[str]:
        return set(sorted(name for name in names if name.startswith("Observation/"))[draw.position(10) :: 10])

    return export(lost_from_job=lost)


def _without_deceased(name: str, text: bytes) -> bytes | None:
    if not name.startswith("Patient/") or b'"deceased' not in text:
        return text
    patient = parse(text)
    return None if patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient else text


def shortened(name: str, text: bytes) -> bytes:
    """A resource in which long strings are cut; attachments keep their bytes, narratives stay XHTML."""
    del name
    if not any(len(found.group()) > _LONGEST_TEXT for found in _LONG_STRING.finditer(text)):
        return text
    return dump(_cut(parse(text), ""))


def _cut(value: Any, member: str) -> Any:
    if isinstance(value, dict):
        return {name: _cut(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, member) for item in value]
    if not isinstance(value, str) or len(value) <= _LONGEST_TEXT or member == "data":
        return value
    if member != "div":
        return value[:_LONGEST_TEXT]
    words = re.sub(r"&[^;]*$", "", _TAG.sub(" ", value)[:_LONGEST_TEXT])
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'


def _dangling_references(draw: Draw) -> Change:
    def exported(name: str, text: bytes) -> bytes:
        if not draw.hits(_REFERENCE_SHARE, name):
            return text
        nowhere = uuid.UUID(int=draw.among(name).getrandbits(128), version=4)
        return _REFERENCE.sub(rb"\g<1>%b\g<2>" % str(nowhere).encode(), text, count=1)

    return export(exported=exported)


def _other_bytes(draw: Draw) -> Change:
    def changed(name: str, text: bytes) -> bytes:
        if not name.startswith("Binary/"):
            return text
        binary = parse(text)
        content = base64.b64decode(binary.get("data", ""))
        kept = max(0, len(content) - draw.among(name).randint(1, 16))
        return dump({**binary, "data": base64.b64encode(content[:kept] or b"?").decode()})

    def change(honest: Behaviour, _: Draw) -> Behaviour:
        return rest(shown=changed)(export(exported=changed)(honest, draw), draw)

    return change


def _wrong_check_digits(draw: Draw) -> Change:
    def exported(name: str, text: bytes) -> bytes:
        if not name.startswith("Patient/") or not draw.hits(_NHS_SHARE, name):
            return text
        patient = parse(text)
        for identifier in patient.get("identifier", ()):
            if identifier.get("system") == _NHS_NUMBER and identifier.get("value", "")[-1:].isdigit():
                number = identifier["value"]
                digit = (int(number[-1]) + draw.among(name).randint(1, 9)) % 10
                identifier["value"] = f"{number[:-1]}{digit}"
        return dump(patient)

    return export(exported=exported)


EXIT_FAULTS: tuple[Fault, ...] = (
    fault(
        "export-job-fails",
        "EXIT-EXP-01",
        "An export of everything ends in an error.",
        export(system_job_fails=True),
    ),
    fault(
        "export-needs-approval",
        "EXIT-EXP-03",
        "An export waits for ever for somebody to approve a ticket.",
        export(needs_approval=True),
        also=("EXIT-EXP-01",),
    ),
    fault(
        "export-differs-each-time",
        "EXIT-EXP-07",
        "Each export leaves out another resource.",
        drawn(_differs_each_time),
        also=(
            "EXIT-EXP-05",
            "EXIT-CMP-01",
            "EXIT-CMP-02",
            "EXIT-CMP-04",
            "EXIT-CMP-05",
            "EXIT-CMP-14",
            "EXIT-EXP-02",
            "BDE-PARAM-08",
        ),
    ),
    fault(
        "export-drops-every-tenth-observation",
        "EXIT-CMP-01",
        "Exports leave out every tenth Observation.",
        drawn(_every_tenth_observation),
        also=("EXIT-EXP-05", "EXIT-CMP-02", "EXIT-CMP-05", "EXIT-CMP-14", "BDE-PARAM-08"),
    ),
    fault(
        "export-truncates-long-text",
        "EXIT-CMP-02",
        "Exports cut texts of more than 200 characters.",
        export(exported=shortened),
        also=("EXIT-CMP-12", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-drops-deceased-patients",
        "EXIT-CMP-04",
        "Exports leave out patients who have died.",
        export(exported=_without_deceased),
        also=("EXIT-CMP-01", "EXIT-CMP-02", "EXIT-CMP-05", "EXIT-CMP-14"),
    ),
    fault(
        "export-rewrites-references",
        "EXIT-CMP-05",
        "Some references in an export point to ids that do not exist.",
        drawn(_dangling_references),
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read", "EXIT-FID-05"),
    ),
    fault(
        "attachment-bytes-differ",
        "EXIT-CMP-06",
        "The content of a Binary is not what the attachment's size and hash say.",
        drawn(_other_bytes),
        also=("EXIT-API-08",),
    ),
    fault(
        "documentation-needs-login",
        "EXIT-DOC-01",
        "The documentation sends readers to a log-in page.",
        security(documentation_open=False),
        also=("EXIT-API-06", "EXIT-DOC-03", "EXIT-DOC-05", "EXIT-OPN-02", "EXIT-OPN-03"),
    ),
    fault(
        "metadata-needs-token",
        "EXIT-DOC-07",
        "The capability statement is given only to who has a token.",
        rest(metadata_open=False),
        also=("FHIR-SEC-08", "EXIT-API-03"),
    ),
    fault(
        "token-accepts-expired-assertion",
        "EXIT-API-05",
        "A token is given for an assertion that has run out.",
        security(expiry_checked=False),
        also=("SBS-JWT-07",),
    ),
    fault(
        "token-accepts-wrong-audience",
        "EXIT-API-05",
        "A token is given for an assertion made for somebody else.",
        security(audience_checked=False),
        also=("SBS-JWT-05",),
    ),
    fault(
        "token-accepts-unknown-key",
        "EXIT-API-05",
        "A token is given for an assertion that an unregistered key has signed.",
        security(key_checked=False),
        also=("SBS-JWT-10",),
    ),
    fault(
        "export-readable-with-bad-token",
        "EXIT-SEC-02",
        "Files are given out for any bearer token, valid or not.",
        security(files_need_valid_token=False),
        also=("BDE-SEC-05",),
    ),
    fault(
        "nhs-number-check-digit-wrong",
        "EXIT-UKD-01",
        "Some exported NHS numbers have a wrong check digit.",
        drawn(_wrong_check_digits),
        also=("EXIT-CMP-02", "EXIT-FID-05", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "metadata-states-other-product-version",
        "EXIT-GOV-02",
        "The CapabilityStatement names another product version.",
        rest(capability=_other_product_version),
        also=("EXIT-API-03",),
    ),
)
