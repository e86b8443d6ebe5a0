"""Further faults of bulk data exports: what a guide's reader gets wrong in its smaller print."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, export, fault, rest

_REFERENCE_SHARE = 0.1
_LONG_AGO = timedelta(days=365)
_PRACTITIONER = re.compile(rb'("reference"\s*:\s*")Practitioner/[^"/]+(")')
_BINARY = re.compile(rb'("url"\s*:\s*")[^"]*/(Binary/[^"]+")')
_GUIDE = "http://hl7.org/fhir/uv/bulkdata"

Json = dict[str, Any]


def _output_as_object(manifest: Json) -> Json:
    return {**manifest, "output": {item["url"]: item for item in manifest["output"]}}


def _first_also_as(section: str, resource_type: str) -> Callable[[Json], Json]:
    def changed(manifest: Json) -> Json:
        first = [{"type": resource_type, "url": item["url"]} for item in manifest["output"][:1]]
        return {**manifest, section: first}

    return changed


def _earlier(manifest: Json) -> Json:
    stated = datetime.fromisoformat(manifest["transactionTime"]).astimezone(UTC)
    return {**manifest, "transactionTime": (stated - _LONG_AGO).isoformat()}


def _list_as_extension(manifest: Json) -> Json:
    return {**manifest, "extension": [{"url": f"{_GUIDE}/StructureDefinition/x", "valueString": "x"}]}


def _references_by_urn(draw: Draw) -> Change:
    def exported(name: str, text: bytes) -> bytes:
        if not draw.hits(_REFERENCE_SHARE, name):
            return text
        urn = uuid.UUID(int=draw.among(name).getrandbits(128), version=4).urn
        return _PRACTITIONER.sub(rb"\g<1>%b\g<2>" % urn.encode(), text, count=1)

    return export(exported=exported)


def _relative_attachments(name: str, text: bytes) -> bytes:
    return _BINARY.sub(rb"\1\2", text) if name.startswith("DocumentReference/") else text


def _without_guide(statement: Json) -> Json:
    return {name: value for name, value in statement.items() if name != "instantiates"}


def _with_operations(change: Callable[[str, Json], list[Json]]) -> Callable[[Json], Json]:
    """A statement in which each operation, told its resource type (none for the system), is changed."""

    def changed(owner: Json) -> Json:
        kept = [new for old in owner["operation"] for new in change(owner.get("type", ""), old)]
        return {**owner, "operation": kept}

    def edit(statement: Json) -> Json:
        whole = [changed(each) for each in statement["rest"]]
        parts = [
            {
                **each,
                "resource": [changed(kind) if "operation" in kind else kind for kind in each["resource"]],
            }
            for each in whole
        ]
        return {**statement, "rest": parts}

    return edit


def _system_hidden(resource_type: str, operation: Json) -> list[Json]:
    return [operation] if resource_type else []


def _system_renamed(resource_type: str, operation: Json) -> list[Json]:
    return [operation if resource_type else {**operation, "name": "system-export"}]


def _patient_renamed(resource_type: str, operation: Json) -> list[Json]:
    renamed = resource_type == "Patient" and operation["name"] == "export"
    return [{**operation, "name": "patient-export"} if renamed else operation]


MORE_BULK_FAULTS: tuple[Fault, ...] = (
    fault(
        "kickoff-by-post-only",
        "BDE-KICKOFF-02",
        "A kick-off by GET is refused for its method.",
        export(kickoff_by_get=False),
        also=("BDE-CAP-02", "BDE-LEVEL-03", "BDE-LEVEL-01", "BDE-LEVEL-02", "BDE-CAP-03", "EXIT-EXP-01"),
    ),
    fault(
        "kickoff-reads-first-value-only",
        "BDE-KICKOFF-06",
        "Of a repeated parameter only the first value is read.",
        export(repeated_values_joined=False),
    ),
    fault(
        "kickoff-without-prefer-answers-204",
        "BDE-KICKOFF-11",
        "A kick-off without Prefer answers 204 and starts nothing.",
        export(without_prefer_status=204),
        "MAY",
    ),
    fault(
        "kickoff-error-answers-200",
        "BDE-KICKOFF-17",
        "A kick-off that is refused answers 200 with an OperationOutcome.",
        export(kickoff_error_status=200),
        also=("BDE-PARAM-20", "BDE-PARAM-30", "BDE-PARAM-35", "BDE-PARAM-40", "BDE-PARAM-42", "BDE-PARAM-19"),
    ),
    fault(
        "export-ignores-unknown-type",
        "BDE-PARAM-19",
        "A type that does not exist is ignored in _type.",
        export(unknown_types_refused=False),
        "SHOULD",
        also=("SBS-TOK-16",),
        ends=0,
    ),
    fault(
        "system-export-declared-but-refused",
        "BDE-CAP-03",
        "The export of the whole system is declared, but refused.",
        export(refused_levels=frozenset({"system"})),
        also=("BDE-CAP-02", "BDE-LEVEL-01", "EXIT-EXP-01"),
    ),
    fault(
        "patient-export-refused",
        "BDE-LEVEL-02",
        "The export of all patients is refused.",
        export(refused_levels=frozenset({"patient"})),
        "SHOULD",
        also=("BDE-CAP-02", "BDE-CAP-03"),
    ),
    fault(
        "system-export-not-declared",
        "BDE-CAP-03",
        "The export of the whole system is offered, but not declared.",
        rest(capability=_with_operations(_system_hidden)),
        also=("BDE-CAP-02", "BDE-CAP-04"),
    ),
    fault(
        "system-export-declared-by-other-name",
        "BDE-CAP-04",
        "The export of the whole system is declared as system-export.",
        rest(capability=_with_operations(_system_renamed)),
        "SHOULD",
    ),
    fault(
        "patient-export-declared-by-other-name",
        "BDE-CAP-05",
        "The export of all patients is declared as patient-export.",
        rest(capability=_with_operations(_patient_renamed)),
        "SHOULD",
    ),
    fault(
        "metadata-without-bulk-guide",
        "BDE-CAP-01",
        "The capability statement does not instantiate the guide's.",
        rest(capability=_without_guide),
        "SHOULD",
    ),
    fault(
        "status-progress-too-long",
        "BDE-STATUS-10",
        "X-Progress is a text of more than 100 characters.",
        export(progress=lambda text: text + "; please have patience, this may take a while" * 3),
        "MAY",
    ),
    fault(
        "status-complete-201",
        "BDE-STATUS-19",
        "A complete job answers 201, not 200.",
        export(complete_status=201),
    ),
    fault(
        "manifest-time-too-early",
        "BDE-MAN-04",
        "The transactionTime is a year before the export.",
        export(manifest=_earlier),
        "SHOULD NOT",
    ),
    fault(
        "manifest-output-is-object",
        "BDE-MAN-10",
        "The manifest's output is an object, not an array.",
        export(manifest=_output_as_object),
        also=("BDE-MAN-11", "EXIT-EXP-01"),
    ),
    fault(
        "manifest-error-file-holds-data",
        "BDE-MAN-20",
        "A file that is listed as one of messages holds data.",
        export(manifest=_first_also_as("error", "OperationOutcome")),
        also=("BDE-KICKOFF-21",),
    ),
    fault(
        "manifest-extension-is-array",
        "BDE-MAN-22",
        "The manifest's extension is an array.",
        export(manifest=_list_as_extension),
        "MAY",
    ),
    fault(
        "manifest-deleted-file-holds-data",
        "BDE-DEL-04",
        "A file that is listed as one of deletions holds data.",
        export(manifest=_first_also_as("deleted", "Bundle")),
        also=("BDE-DEL-01",),
    ),
    fault("export-file-answers-206", "BDE-FILE-01", "A whole file answers 206.", export(file_status=206)),
    fault(
        "export-file-compressed-silently",
        "BDE-FILE-14",
        "A file is compressed without Content-Encoding.",
        export(compression_stated=False),
        also=("BDE-PARAM-02", "BDE-MAN-15", "BDE-FILE-03", "EXIT-EXP-01", "EXIT-CMP-01"),
    ),
    fault(
        "export-references-by-urn",
        "BDE-REF-03",
        "Some references in an export are URNs.",
        drawn(_references_by_urn),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-CMP-05"),
        ends=0,
    ),
    fault(
        "export-attachments-by-relative-url",
        "BDE-ATT-03",
        "The attachments in an export have relative URLs.",
        export(exported=_relative_attachments),
        also=("EXIT-CMP-02", "EXIT-CMP-06"),
    ),
    fault(
        "cancel-error-without-outcome",
        "BDE-CANCEL-07",
        "Cancelling what is not there answers plain text.",
        export(cancel_error_has_outcome=False),
    ),
)
