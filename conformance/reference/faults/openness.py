"""The faults of a product whose export only its own supplier can understand."""

import base64
import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, export, fault, rest
from conformance.reference.forms.jsontext import dump, parse

_OWN = "https://schemas.harbour-epr.example/"
_ENCRYPTED_FLAG = 1

Json = dict[str, Any]
Edit = Callable[[Json, Draw], Json | None]


def _each(kind: str, edit: Edit) -> Change:
    """A change of every exported resource of a kind; None leaves one as it is."""

    def make(draw: Draw) -> Change:
        def exported(name: str, text: bytes) -> bytes:
            if not name.startswith(f"{kind}/"):
                return text
            edited = edit(parse(text), draw)
            return text if edited is None else dump(edited)

        return export(exported=exported)

    return drawn(make)


def _both(kind: str, edit: Edit) -> Change:
    """A change of a kind in what is exported and in what a read shows, so that content and hash go astray alike."""

    def change(honest: Behaviour, draw: Draw) -> Behaviour:
        def changed(name: str, text: bytes) -> bytes:
            if not name.startswith(f"{kind}/"):
                return text
            edited = edit(parse(text), draw)
            return text if edited is None else dump(edited)

        return rest(shown=changed)(export(exported=changed)(honest, draw), draw)

    return change


def _own_extension(condition: Json, _: Draw) -> Json:
    extension = {"url": f"{_OWN}risk-score", "valueDecimal": 3}
    return {**condition, "extension": [*condition.get("extension", []), extension]}


def _start_in_extension(encounter: Json, _: Draw) -> Json | None:
    period = encounter.get("period")
    if not isinstance(period, dict) or "start" not in period:
        return None
    shadow = {"extension": [{"url": f"{_OWN}began", "valueString": period["start"]}]}
    kept = {name: value for name, value in period.items() if name != "start"}
    return {**encounter, "period": {**kept, "_start": shadow}}


def _most_in_extension(encounter: Json, _: Draw) -> Json:
    """The whole record once more, as a text that only the supplier's own product reads."""
    whole = {"url": f"{_OWN}record", "valueString": dump(encounter).decode()}
    kept = {
        n: v
        for n, v in encounter.items()
        if n in {"resourceType", "id", "meta", "status", "class", "subject"}
    }
    return {**kept, "extension": [whole]}


def _local_codes(condition: Json, draw: Draw) -> Json | None:
    code = condition.get("code")
    if not isinstance(code, dict) or not code.get("coding"):
        return None
    number = draw.among(code["coding"][0].get("code")).randrange(10_000)
    local = {"system": f"{_OWN}problems", "code": f"P{number:04d}"}
    return {**condition, "code": {**code, "coding": [local]}}


def _no_system(condition: Json, _: Draw) -> Json | None:
    code = condition.get("code")
    if not isinstance(code, dict) or not code.get("coding"):
        return None
    coding = [{n: v for n, v in each.items() if n != "system"} for each in code["coding"]]
    return {**condition, "code": {**code, "coding": coding}}


def _binary(make: Callable[[bytes, random.Random], bytes], media: str = "") -> Edit:
    def edit(binary: Json, draw: Draw) -> Json:
        content = base64.b64decode(binary.get("data", ""))
        made = make(content, draw.among(binary["id"]))
        given = {"contentType": media} if media else {}
        return {**binary, **given, "data": base64.b64encode(made).decode()}

    return edit


def _locked_archive(content: bytes, chance: random.Random) -> bytes:
    """A ZIP archive whose entry is marked as encrypted; its bytes are noise, as encrypted ones are."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("document"), chance.randbytes(len(content)))
    data = bytearray(made.getvalue())
    data[6] |= _ENCRYPTED_FLAG
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= _ENCRYPTED_FLAG
    return bytes(data)


def _locked_pdf(content: bytes, chance: random.Random) -> bytes:
    """A PDF whose trailer names an encryption dictionary (ISO 32000-1, 7.6)."""
    key = chance.randbytes(16).hex().encode()
    locked = b"trailer\n<< /Encrypt << /Filter /Standard /V 2 /U <%b> >>" % key
    if not content.startswith(b"%PDF-"):
        return b"%%PDF-1.4\n%%%b\n%b\n%%%%EOF\n" % (content, locked)
    return content.replace(b"trailer\n<<", locked)


def _noise(content: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(max(len(content), 1024))


def _sealed_description(document: Json, draw: Draw) -> Json:
    """The description as a JSON Web Encryption in its compact form (RFC 7516, 3.1)."""
    chance = draw.among(document["id"])
    head = (
        base64.urlsafe_b64encode(b'{"alg":"RSA-OAEP","enc":"A256GCM","kid":"supplier"}').decode().rstrip("=")
    )
    rest_of_it = (
        base64.urlsafe_b64encode(chance.randbytes(n)).decode().rstrip("=") for n in (256, 12, 300, 16)
    )
    return {**document, "description": ".".join((head, *rest_of_it))}


def _media(media: str) -> Edit:
    def edit(document: Json, _: Draw) -> Json:
        content = [
            {**each, "attachment": {**each.get("attachment", {}), "contentType": media}}
            for each in document.get("content", [])
        ]
        return {**document, "content": content}

    return edit


def _unpointed(document: Json, _: Draw) -> Json:
    """The attachment's address is gone, so that the bytes stand alone."""
    content = [
        {**each, "attachment": {n: v for n, v in each.get("attachment", {}).items() if n != "url"}}
        for each in document.get("content", [])
    ]
    return {**document, "content": content}


OPENNESS_FAULTS: tuple[Fault, ...] = (
    fault(
        "export-extension-undocumented",
        "EXIT-OPN-02",
        "Exported problems have an extension of the supplier's that is defined nowhere.",
        _each("Condition", _own_extension),
    ),
    fault(
        "export-fact-only-in-extension",
        "EXIT-OPN-04",
        "When an encounter began is exported in an extension of the supplier's alone.",
        _each("Encounter", _start_in_extension),
        "SHOULD",
        also=("EXIT-OPN-02", "EXIT-FID-04", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-record-in-extension",
        "EXIT-OPN-04",
        "Most of an encounter is exported as a text in an extension of the supplier's.",
        _each("Encounter", _most_in_extension),
        "SHOULD",
        also=(
            "EXIT-OPN-02",
            "EXIT-CMP-09",
            "EXIT-FID-03",
            "EXIT-FID-04",
            "EXIT-FID-05",
            "EXIT-CMP-02:as-read",
        ),
    ),
    fault(
        "export-local-codes-unpublished",
        "EXIT-OPN-03",
        "Problems are exported in codes of the supplier's that are published nowhere.",
        _each("Condition", _local_codes),
        also=("EXIT-FID-03", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-codes-without-system",
        "EXIT-OPN-03",
        "Codes of exported problems do not say to what code system they belong.",
        _each("Condition", _no_system),
        also=("EXIT-FID-03", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "attachment-in-locked-archive",
        "EXIT-OPN-05",
        "Documents are exported in ZIP archives that only the supplier can open.",
        _both("Binary", _binary(_locked_archive)),
        also=("EXIT-API-08", "EXIT-CMP-06", "EXIT-OPN-04"),
    ),
    fault(
        "attachment-as-locked-pdf",
        "EXIT-OPN-05",
        "Documents are exported as encrypted PDFs.",
        _both("Binary", _binary(_locked_pdf, "application/pdf")),
        also=("EXIT-API-08", "EXIT-CMP-06", "EXIT-OPN-04"),
    ),
    fault(
        "attachment-scrambled",
        "EXIT-OPN-05",
        "Documents are exported in a container that nobody else knows.",
        _both("Binary", _binary(_noise)),
        also=("EXIT-API-08", "EXIT-CMP-06", "EXIT-OPN-04"),
    ),
    fault(
        "export-descriptions-sealed",
        "EXIT-OPN-05",
        "Descriptions of documents are exported encrypted with the supplier's key.",
        _each("DocumentReference", _sealed_description),
        also=("EXIT-OPN-04", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "attachment-of-no-known-type",
        "EXIT-OPN-06",
        "Attachments are exported as bytes of no stated kind.",
        _each("DocumentReference", _media("application/octet-stream")),
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "attachment-of-vendor-type",
        "EXIT-OPN-06",
        "Attachments are exported in a format of the supplier's that is described nowhere.",
        _each("DocumentReference", _media("application/vnd.harbour.note")),
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "binaries-stand-alone",
        "EXIT-OPN-06",
        "Exported documents do not say which bytes are theirs.",
        _each("DocumentReference", _unpointed),
        also=("EXIT-CMP-07",),
    ),
)
