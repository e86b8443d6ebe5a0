"""Looks at what the reference supplier's exports are made of."""

import base64

from supplier_looks_export import output_is


def every(kind, right):
    return output_is(lambda found: all(right(item) for item in found[kind]))


def document_bytes(right):
    return every("Binary", lambda item: right(base64.b64decode(item["data"])))


def attachments(right):
    return every("DocumentReference", lambda item: all(right(one["attachment"]) for one in item["content"]))


def coded(item):
    return item.get("code", {}).get("coding", [])


RIGHT_OPENNESS = {
    "export-extension-undocumented": every("Condition", lambda item: "extension" not in item),
    "export-fact-only-in-extension": every("Encounter", lambda item: "start" in item["period"]),
    "export-record-in-extension": every("Encounter", lambda item: "period" in item),
    "export-local-codes-unpublished": every(
        "Condition", lambda item: all(one["system"] == "http://snomed.info/sct" for one in coded(item))
    ),
    "export-codes-without-system": every(
        "Condition", lambda item: all("system" in one for one in coded(item))
    ),
    "attachment-in-locked-archive": document_bytes(lambda data: not data.startswith(b"PK")),
    "attachment-as-locked-pdf": document_bytes(lambda data: b"/Encrypt" not in data),
    "attachment-scrambled": document_bytes(lambda data: data.isascii()),
    "export-descriptions-sealed": every(
        "DocumentReference", lambda item: not item.get("description", "").startswith("eyJ")
    ),
    "attachment-of-no-known-type": attachments(lambda one: one["contentType"] == "text/plain"),
    "attachment-of-vendor-type": attachments(lambda one: one["contentType"] == "text/plain"),
    "binaries-stand-alone": attachments(lambda one: "url" in one),
}
