"""The faults of exports that concern what is in them, where it is, and what is declared of it."""

import re
from collections.abc import Callable
from typing import Any

from conformance.reference.faults.bulk_changes import gone
from conformance.reference.faults.fault import Change, export, fault, reading, rest

_CONTENT_TYPE = re.compile(rb'"contentType"\s*:\s*"[^"]*",?\s*')
_URL = re.compile(rb'"url"\s*:\s*"[^"]*/Binary/[^"]*",?\s*')

Json = dict[str, Any]


def _without_type(name: str, *, level: str = "", bare: bool = False) -> Change:
    """Leaves a type out of every export, or of those of a level, or without parameters."""

    def left_out(its_level: str, resource_type: str, is_bare: bool) -> bool:  # noqa: FBT001 - a seam's own order
        return resource_type == name and level in {"", its_level} and (is_bare or not bare)

    return export(left_out=left_out)


def _final_results(name: str, text: bytes) -> bytes | None:
    return text if not name.startswith("Observation/") or b'"status":"final"' in text else None


def _documents(change: Callable[[bytes], bytes]) -> Change:
    return export(exported=lambda name, text: change(text) if name.startswith("DocumentReference/") else text)


def _declared(change: Callable[[Json], list[Json]]) -> Change:
    """A capability statement in which each resource is changed, or left out."""

    def edit(statement: Json) -> Json:
        parts = [
            {**part, "resource": [new for old in part["resource"] for new in change(old)]}
            for part in statement["rest"]
        ]
        return {**statement, "rest": parts}

    return rest(capability=edit)


def _location_hidden(resource: Json) -> list[Json]:
    return [] if resource["type"] == "Location" else [resource]


def _gender_hidden(resource: Json) -> list[Json]:
    kept = [
        each for each in resource["searchParam"] if (resource["type"], each["name"]) != ("Patient", "gender")
    ]
    return [{**resource, "searchParam": kept}]


def _first_at(url: str) -> Change:
    def edit(manifest: Json) -> Json:
        first = [{**item, "url": url} for item in manifest["output"][:1]]
        return {**manifest, "output": [*first, *manifest["output"][1:]]}

    return export(manifest=edit)


def _without_entries(bundle: Json) -> Json:
    return {**bundle, "entry": []}


def _put_in_place_of_delete(bundle: Json) -> Json:
    entries = [{"request": {**entry["request"], "method": "PUT"}} for entry in bundle["entry"]]
    return {**bundle, "entry": entries}


_LOST = ("EXIT-CMP-01", "EXIT-CMP-02")

BULK_CONTENT_FAULTS = (
    fault(
        "group-cannot-be-read",
        "BDE-LEVEL-04",
        "A Group that can be exported cannot be read.",
        reading(failing_interaction=("Group", "read")),
        "SHOULD",
    ),
    fault(
        "group-cannot-be-searched",
        "BDE-LEVEL-05",
        "A Group that can be exported cannot be searched for.",
        reading(failing_interaction=("Group", "search-type")),
        "SHOULD",
    ),
    fault(
        "patient-export-lacks-encounters",
        "BDE-LEVEL-06",
        "An export of all patients is without their encounters.",
        _without_type("Encounter", level="patient"),
        "SHOULD",
        also=("BDE-ORG-08",),
        ends=0,
    ),
    fault(
        "patient-export-lacks-patients",
        "BDE-LEVEL-07",
        "An export of all patients is without the patients.",
        _without_type("Patient", level="patient"),
        "SHOULD",
        also=("BDE-LEVEL-06",),
        ends=4,
    ),
    fault(
        "export-lacks-what-describes-binaries",
        "BDE-LEVEL-10",
        "Documents of patients are exported as Binary, without a DocumentReference.",
        _without_type("DocumentReference"),
        also=("BDE-CAP-08", "EXIT-CMP-01", "EXIT-CMP-02"),
    ),
    fault(
        "export-without-type-lacks-encounters",
        "BDE-PARAM-16",
        "Encounters are exported only if _type names them.",
        _without_type("Encounter", bare=True),
        also=("BDE-CAP-08", "EXIT-CMP-01", "EXIT-CMP-02"),
    ),
    fault(
        "export-lacks-provenance",
        "BDE-PARAM-37",
        "Provenance is exported only if it is asked for.",
        _without_type("Provenance", bare=True),
        also=("BDE-CAP-08", "EXIT-CMP-01"),
    ),
    fault(
        "export-lacks-locations",
        "BDE-CAP-08",
        "Locations can be searched, but are not exported, and nothing says so.",
        _without_type("Location"),
        "SHOULD",
        also=("EXIT-CMP-01", "EXIT-CMP-02"),
        ends=0,
    ),
    fault(
        "metadata-hides-exported-type",
        "BDE-CAP-06",
        "The capability statement does not list Location, which is exported.",
        _declared(_location_hidden),
        "SHOULD",
    ),
    fault(
        "metadata-hides-filter-parameter",
        "BDE-CAP-07",
        "The capability statement does not list gender of Patient, by which an export can be filtered.",
        _declared(_gender_hidden),
        "SHOULD",
    ),
    fault(
        "export-ignores-scopes",
        "BDE-SEC-08",
        "A token for one type brings everything.",
        export(scopes_limit=False),
    ),
    fault(
        "export-lags-behind",
        "BDE-MAN-05",
        "The latest changes are missing in an export, though its transactionTime is later.",
        export(newest_left_out=0.2),
        also=(
            "BDE-PARAM-16",
            "BDE-PARAM-37",
            "BDE-CAP-08",
            "BDE-MAN-05:counted",
            "EXIT-CMP-01",
            "EXIT-CMP-02",
        ),
    ),
    fault(
        "export-lacks-amended-results",
        "BDE-MAN-05:counted",
        "Observations that were amended, or are no final results for another reason, are not exported.",
        export(exported=_final_results),
        also=("EXIT-CMP-01", "EXIT-CMP-05"),
    ),
    fault(
        "manifest-denies-token",
        "BDE-MAN-08",
        "The manifest says that files need no token, but they do.",
        export(manifest=lambda manifest: {**manifest, "requiresAccessToken": False}),
        also=("BDE-FILE-07", "BDE-MAN-01", "BDE-PART-02", "EXIT-EXP-01"),
    ),
    fault(
        "manifest-lists-empty-file",
        "BDE-MAN-16",
        "The manifest lists a file for a type of which there is nothing.",
        export(empty_output_file="beside others"),
        "SHOULD NOT",
    ),
    fault(
        "manifest-of-nothing-lists-file",
        "BDE-MAN-11",
        "Where there is nothing to export, the manifest lists an empty file.",
        export(empty_output_file="alone"),
        "SHOULD",
    ),
    fault(
        "manifest-lists-empty-messages",
        "BDE-MAN-19",
        "Where there is nothing to tell, the manifest lists an empty file of messages.",
        export(empty_error_file=True),
        "SHOULD",
    ),
    fault(
        "manifest-names-local-file",
        "BDE-MAN-01",
        "The manifest points to a file on the reader's own machine.",
        _first_at("file:///etc/passwd"),
        also=("BDE-MAN-13", "EXIT-EXP-01"),
    ),
    fault(
        "manifest-names-cloud-metadata",
        "BDE-MAN-01",
        "The manifest points to the metadata service of a cloud.",
        _first_at("https://169.254.169.254/latest/meta-data"),
        also=("EXIT-EXP-01",),
    ),
    fault("deletions-not-told", "BDE-DEL-01", "What was deleted is not told of.", gone(told=False), "SHOULD"),
    fault(
        "deletions-exported-too",
        "BDE-DEL-03",
        "What was deleted is exported as well.",
        gone(exported_too=True),
        "SHALL NOT",
    ),
    fault(
        "deletions-without-entries",
        "BDE-DEL-05",
        "Bundles of deletions have no entries.",
        gone(bundle=_without_entries),
        also=("BDE-DEL-01",),
    ),
    fault(
        "deletions-by-another-method",
        "BDE-DEL-06",
        "Bundles of deletions ask for PUT, not DELETE.",
        gone(bundle=_put_in_place_of_delete),
    ),
    fault(
        "export-file-gone-answers-200",
        "BDE-FILE-04",
        "A file that is no longer there answers 200 and nothing.",
        export(gone_file_status=200),
    ),
    fault(
        "export-file-coded-as-never-asked",
        "BDE-FILE-13",
        "Files are encoded in a way that was not asked for.",
        export(file_encoding="br"),
        also=("BDE-MAN-01", "BDE-PART-02", "EXIT-EXP-01"),
    ),
    fault(
        "attachments-without-type",
        "BDE-ATT-01",
        "Attachments in an export do not say of what type they are.",
        _documents(lambda text: _CONTENT_TYPE.sub(b"", text)),
        "SHOULD",
    ),
    fault(
        "attachments-without-content",
        "BDE-ATT-02",
        "Attachments in an export have neither data nor a URL.",
        _documents(lambda text: _URL.sub(b"", text)),
        "SHOULD",
        also=("BDE-LEVEL-10",),
    ),
    fault(
        "attachments-need-a-password",
        "BDE-ATT-04",
        "Attachments are shown to who has logged in, not to who has the token.",
        export(attachments_open=False),
        "SHALL NOT",
        also=("BDE-ATT-05",),
    ),
)
