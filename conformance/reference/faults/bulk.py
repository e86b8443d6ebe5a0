"""The faults of bulk data exports: kick-off, parameters, status, manifest, files, cancelling, access."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, export, fault, security

_SINCE_SHARE = 0.3

Json = dict[str, Any]


def _without(name: str) -> Change:
    return export(manifest=lambda manifest: {key: value for key, value in manifest.items() if key != name})


def _other_request(manifest: Json) -> Json:
    path = urlsplit(manifest["request"]).path
    return {**manifest, "request": f"https://app-01.internal.example{path}"}


def _flag_as_text(manifest: Json) -> Json:
    return {**manifest, "requiresAccessToken": str(manifest["requiresAccessToken"]).lower()}


def _relative_urls(manifest: Json) -> Json:
    output = [{**item, "url": urlsplit(item["url"]).path} for item in manifest["output"]]
    return {**manifest, "output": output}


def _with_one_output(draw: Draw, changed: Json, dropped: str = "") -> Change:
    def edit(manifest: Json) -> Json:
        output = list(manifest["output"])
        if output:
            place = draw.position(len(output))
            item = {name: value for name, value in output[place].items() if name != dropped}
            output[place] = item | {name: item[name] + value for name, value in changed.items()}
        return {**manifest, "output": output}

    return export(manifest=edit)


def _lacks_type(draw: Draw) -> Change:
    return _with_one_output(draw, {}, "type")


def _count_differs(draw: Draw) -> Change:
    return _with_one_output(draw, {"count": draw.among("amount").randint(1, 5)})


def _loses_changes(draw: Draw) -> Change:
    def lost(names: Sequence[str]) -> set[str]:
        return draw.some(names, _SINCE_SHARE)

    return export(lost_since=lost)


def _file_missing(draw: Draw) -> Change:
    return export(file_missing=lambda place, count: place == draw.position(count))


def _mixes_types(draw: Draw) -> Change:
    def moved(types: Sequence[str]) -> tuple[str, str] | None:
        if len(types) < 2:  # noqa: PLR2004 - one to take from, one to put in
            return None
        source, target = draw.among().sample(list(types), 2)
        return source, target

    return export(moved=moved)


def _one_line(draw: Draw, total: int) -> int | None:
    return draw.position(total) if total else None


def _breaks_line(draw: Draw) -> Change:
    return export(broken_line=lambda total: _one_line(draw, total))


def _repeats_line(draw: Draw) -> Change:
    return export(repeated_line=lambda total: _one_line(draw, total))


def _leaks_patient(draw: Draw) -> Change:
    def leaked(others: Sequence[str]) -> set[str]:
        return {others[draw.position(len(others))]} if others else set()

    return export(extra_patients=leaked)


def _refuses(name: str, requirement: str, media_type: str) -> Fault:
    summary = f"_outputFormat={media_type} is refused."
    also = ("BDE-PARAM-01",) if media_type == "application/fhir+ndjson" else ()
    return fault(name, requirement, summary, export(refused_formats=frozenset({media_type})), also=also)


BULK_FAULTS: tuple[Fault, ...] = (
    fault(
        "kickoff-answers-200",
        "BDE-KICKOFF-14",
        "A kick-off answers 200, not 202.",
        export(kickoff_status=200),
        also=("EXIT-EXP-04",),
    ),
    fault(
        "kickoff-relative-content-location",
        "BDE-KICKOFF-15",
        "Content-Location is a path, not an absolute URL.",
        export(absolute_location=False),
    ),
    fault(
        "kickoff-error-without-outcome",
        "BDE-KICKOFF-18",
        "A kick-off that is refused answers plain text.",
        export(kickoff_errors_are_outcomes=False),
    ),
    _refuses("export-refuses-ndjson-alias", "BDE-PARAM-05", "ndjson"),
    _refuses("export-refuses-application-ndjson", "BDE-PARAM-04", "application/ndjson"),
    _refuses("export-refuses-fhir-ndjson", "BDE-PARAM-03", "application/fhir+ndjson"),
    fault(
        "export-since-misses-changes",
        "BDE-PARAM-08",
        "An export with _since leaves out some resources that changed after it.",
        drawn(_loses_changes),
        also=("BDE-PARAM-15", "BDE-MAN-05", "EXIT-EXP-05"),
    ),
    fault(
        "export-ignores-type",
        "BDE-PARAM-15",
        "_type is ignored.",
        export(type_heeded=False),
        also=("BDE-PARAM-18", "BDE-KICKOFF-03"),
    ),
    fault(
        "export-ignores-type-filter",
        "BDE-TF-05",
        "_typeFilter is ignored.",
        export(type_filter_heeded=False),
        "SHALL NOT",
        also=("BDE-PARAM-39", "BDE-PARAM-15"),
    ),
    fault(
        "status-in-progress-200",
        "BDE-STATUS-09",
        "A running job answers 200 with an empty object.",
        export(running_status=200),
        also=("EXIT-EXP-04",),
    ),
    fault(
        "status-without-retry-after",
        "BDE-STATUS-03",
        "A running job gives no Retry-After.",
        export(retry_after=False),
        "SHOULD",
    ),
    fault(
        "manifest-labelled-fhir-json",
        "BDE-STATUS-20",
        "The manifest is labelled application/fhir+json.",
        export(manifest_media_type="application/fhir+json"),
    ),
    fault(
        "manifest-without-expires",
        "BDE-STATUS-21",
        "The manifest has no Expires.",
        export(expires=False),
        "SHOULD",
    ),
    fault(
        "export-file-missing",
        "BDE-MAN-01",
        "One file that the manifest lists answers 404.",
        drawn(_file_missing),
        also=(
            "BDE-KICKOFF-01",
            "BDE-PART-02",
            "EXIT-EXP-01",
            "EXIT-EXP-05",
            "EXIT-EXP-07",
            "EXIT-CMP-01",
            "EXIT-CMP-02",
            "EXIT-CMP-03",
            "EXIT-CMP-04",
            "EXIT-CMP-05",
            "EXIT-PLN-08",
        ),
    ),
    fault(
        "manifest-without-transaction-time",
        "BDE-MAN-03",
        "The manifest has no transactionTime.",
        _without("transactionTime"),
    ),
    fault(
        "manifest-request-differs",
        "BDE-MAN-06",
        "The manifest's request is another URL than the one asked.",
        export(manifest=_other_request),
    ),
    fault(
        "manifest-token-flag-is-text",
        "BDE-MAN-07",
        "requiresAccessToken is a text, not a boolean.",
        export(manifest=_flag_as_text),
    ),
    fault("manifest-output-lacks-type", "BDE-MAN-12", "One output item has no type.", drawn(_lacks_type)),
    fault("manifest-relative-urls", "BDE-MAN-13", "Output URLs are paths.", export(manifest=_relative_urls)),
    fault("manifest-count-differs", "BDE-MAN-14", "One file's count is wrong.", drawn(_count_differs)),
    fault(
        "manifest-without-error",
        "BDE-MAN-18",
        "The manifest has no error array.",
        _without("error"),
        also=("BDE-KICKOFF-21", "EXIT-CMP-14"),
    ),
    fault(
        "export-mixes-types", "BDE-ORG-01", "A file holds a resource of another type.", drawn(_mixes_types)
    ),
    fault(
        "export-file-labelled-json",
        "BDE-FILE-02",
        "Files are labelled application/json.",
        export(file_media_type="application/json"),
        also=("BDE-PARAM-02", "BDE-MAN-15", "EXIT-OPN-01"),
    ),
    fault(
        "export-file-broken-line",
        "BDE-FILE-03",
        "One line of one file is cut in the middle.",
        drawn(_breaks_line),
        also=(
            "BDE-PARAM-02",
            "BDE-MAN-15",
            "BDE-MAN-05:counted",
            "EXIT-CMP-01",
            "EXIT-CMP-02",
            "EXIT-CMP-04",
            "EXIT-CMP-05",
        ),
    ),
    fault(
        "export-file-without-token",
        "BDE-FILE-06",
        "Files are given out without a token, though one is said to be needed.",
        security(files_need_token=False),
        also=("BDE-SEC-05", "EXIT-SEC-02"),
    ),
    fault(
        "export-repeats-resources",
        "BDE-FILE-10",
        "A resource comes twice in an export.",
        drawn(_repeats_line),
        also=("BDE-MAN-05:counted", "EXIT-CMP-01"),
    ),
    fault(
        "cancel-answers-200", "BDE-CANCEL-02", "Cancelling answers 200, not 202.", export(cancel_status=200)
    ),
    fault(
        "cancelled-job-still-answers",
        "BDE-CANCEL-04",
        "A cancelled job still answers at its polling address.",
        export(cancel_forgets=False),
        also=("BDE-KICKOFF-01",),
    ),
    fault(
        "cancelled-job-without-outcome",
        "BDE-CANCEL-05",
        "The 404 of a cancelled job has no OperationOutcome.",
        export(cancelled_has_outcome=False),
    ),
    fault(
        "cancelled-job-outcome-mislabelled",
        "BDE-STATUS-14",
        "The OperationOutcome of a cancelled job is labelled application/json.",
        export(cancelled_media_type="application/json"),
    ),
    fault(
        "export-status-open", "BDE-SEC-04", "The status needs no token.", security(status_needs_token=False)
    ),
    fault(
        "export-files-over-http",
        "BDE-SEC-01",
        "Files come by plain HTTP.",
        export(files_over_http=True),
        also=("EXIT-SEC-01",),
    ),
    fault(
        "group-export-leaks-other-patients",
        "BDE-LEVEL-12",
        "A group's export brings a patient who is not a member.",
        drawn(_leaks_patient),
        also=("BDE-LEVEL-03",),
    ),
)
