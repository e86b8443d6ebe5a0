"""Checks of the manifest of an export.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest
"""

from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.analysis.export import (
    KINDS,
    error_files,
    export_steps,
    exported,
    files,
    is_received,
    listed,
    manifest,
    output_files,
    parameter,
)
from conformance.analysis.facts import facts_of
from conformance.analysis.instants import instant
from conformance.checks.export_kickoff import is_absolute
from conformance.checks.export_parameters import step_with
from conformance.checks.export_reading import (
    accepted,
    job,
    kick_off_of,
    manifest_of,
    named,
    output_of,
    quoted,
)
from conformance.plugin import Evidence, Findings, Json, NoData, NotApplicable, check

ABSENT = "absent"
NDJSON = "application/fhir+ndjson"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@check("manifest-transaction-time")
def transaction_time(evidence: Evidence) -> Findings:
    """The manifest has a transactionTime, which is a FHIR instant."""
    answer, listing = manifest_of(job(evidence))
    if instant(listing.get("transactionTime")) is None:
        yield answer.finding(f"has transactionTime {_shown(listing, 'transactionTime')}, not a FHIR instant")


@check("manifest-request")
def request(evidence: Evidence) -> Findings:
    """The manifest repeats the URL of the kick-off request as `request`."""
    step = job(evidence)
    answer, listing = manifest_of(step)
    stated, sent = listing.get("request"), kick_off_of(step).url
    if not isinstance(stated, str) or _comparable(stated) != _comparable(sent):
        yield answer.finding(f"has request {_shown(listing, 'request')}, not the kick-off's URL {sent}")


@check("manifest-requires-access-token")
def requires_access_token(evidence: Evidence) -> Findings:
    """The manifest has requiresAccessToken, which is a boolean."""
    answer, listing = manifest_of(job(evidence))
    if not isinstance(listing.get("requiresAccessToken"), bool):
        shown = _shown(listing, "requiresAccessToken")
        yield answer.finding(f"has requiresAccessToken {shown}, not a boolean")


@check("manifest-array")
def array(evidence: Evidence, *, name: str) -> Findings:
    """The manifest has this member, and it is an array of objects."""
    answer, listing = manifest_of(job(evidence))
    items = listing.get(name)
    if not isinstance(items, list):
        yield answer.finding(f"has {name} {_shown(listing, name)}, not an array")
    elif strays := [index for index, item in enumerate(items) if not isinstance(item, dict)]:
        yield answer.finding(f"has {name}[{strays[0]}], which is no file item but {quoted(items[strays[0]])}")


@check("manifest-file-types")
def file_types(evidence: Evidence) -> Findings:
    """Each output item names the resource type that its file holds."""
    answer, listing = manifest_of(job(evidence))
    for index, item in _output_items(listing):
        if not isinstance(item.get("type"), str) or not item["type"]:
            yield answer.finding(f"lists output[{index}] with type {_shown(item, 'type')}")


@check("manifest-file-urls")
def file_urls(evidence: Evidence) -> Findings:
    """Each output item gives the absolute URL of its file."""
    answer, listing = manifest_of(job(evidence))
    for index, item in _output_items(listing):
        url = item.get("url")
        if not isinstance(url, str) or not is_absolute(url):
            yield answer.finding(f"lists output[{index}] with url {_shown(item, 'url')}, not an absolute URL")


@check("manifest-counts")
def counts(evidence: Evidence) -> Findings:
    """The count of an item, where it has one, is a JSON number and that of the resources in its file."""
    step = job(evidence)
    answer, listing = manifest_of(step)
    stated = [
        (k, index, item["count"]) for k in KINDS for index, item in listed(listing, k) if "count" in item
    ]
    if not stated:
        raise NotApplicable("the manifest gives no counts, as it may")
    compared = False
    for kind, index, count in stated:
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            compared = True
            yield answer.finding(
                f"lists {kind}[{index}] with count {quoted(count)}, not a number of resources"
            )
            continue
        file = files(step, kind).get(index)
        if file is None or not is_received(file) or facts_of(file).invalid_count:
            continue
        compared = True
        if (found := facts_of(file).resources) != count:
            yield file.finding(f"holds {found} resources; the manifest says {count} for {kind}[{index}]")
    if not compared:
        raise NoData("no file whose count is stated could be fetched and read")


@check("manifest-lists-no-empty-file")
def no_empty_file(evidence: Evidence) -> Findings:
    """No output item points to a file without any resource."""
    for file in output_of(job(evidence)):
        facts = facts_of(file)
        if not facts.resources and not facts.invalid_count:
            yield file.finding(f"({named(file)}, type {file.about.get('type', '')}) holds no resource")


@check("manifest-no-empty-messages")
def no_empty_messages(evidence: Evidence) -> Findings:
    """Where there is nothing to tell, the error array is empty: no error file is without a message."""
    step = job(evidence)
    _, listing = manifest_of(step)
    if not isinstance(listing.get("error"), list):
        raise NoData("the manifest has no error array")
    for file in error_files(step):
        facts = facts_of(file)
        if not facts.resources and not facts.invalid_count:
            yield file.finding(f"({named(file)}) holds no message")


@check("manifest-error-files")
def error_files_hold_outcomes(evidence: Evidence) -> Findings:
    """The files of the error array hold OperationOutcome resources and nothing else."""
    steps = [step for step in export_steps(evidence) if manifest(step) is not None]
    if not steps:
        manifest_of(job(evidence))
    found = [file for step in steps for file in error_files(step)]
    if not found:
        raise NotApplicable("no manifest lists an error file that could be fetched")
    for file in found:
        for kind, number in sorted(facts_of(file).counts.items()):
            if kind != "OperationOutcome":
                yield file.finding(f"({named(file)}) holds {number} resources of type {quoted(kind)}")


@check("manifest-nothing-newer")
def nothing_newer(evidence: Evidence) -> Findings:
    """No exported resource was last updated after the transactionTime."""
    step = job(evidence)
    answer, listing = manifest_of(step)
    until = instant(listing.get("transactionTime"))
    updates = exported(step).updated
    if until is None or not updates:
        raise NoData("there is no transactionTime, or no resource has a meta.lastUpdated, to compare")
    newer = sorted(name for name, text in updates.items() if (moment := instant(text)) and moment > until)
    if newer:
        example = f"{newer[0]} of {quoted(updates[newer[0]])}"
        stated = quoted(listing["transactionTime"])
        yield answer.finding(f"has transactionTime {stated}; {len(newer)} resources are newer, as {example}")


@check("manifest-extensions")
def extensions(evidence: Evidence, *, shape: Literal["object", "array"] = "object") -> Findings:
    """An extension of the manifest or of its items, where there is one, is a JSON object; in STU4, an array."""
    answer, listing = manifest_of(job(evidence))
    places = [("extension", listing)]
    places += [
        (f"{kind}[{index}].extension", item) for kind in KINDS for index, item in listed(listing, kind)
    ]
    found = [(place, owner["extension"]) for place, owner in places if "extension" in owner]
    if not found:
        raise NotApplicable("the manifest has no extension, as it may")
    for place, value in found:
        if not isinstance(value, dict if shape == "object" else list):
            yield answer.finding(
                f"has as {place} {quoted(value)}, not {'a JSON object' if shape == 'object' else 'an array'}"
            )


@check("manifest-token-flag")
def token_flag(evidence: Evidence) -> Findings:
    """RequiresAccessToken is true where files cannot be had without a token."""
    step = job(evidence)
    answer, listing = manifest_of(step)
    refused = [a for kind in KINDS for a in files(step, kind).values() if a.status in {401, 403}]
    if listing.get("requiresAccessToken") is False and refused:
        yield answer.finding(
            f"has requiresAccessToken false, and {named(refused[0])} answered {refused[0].status} without a token"
        )
    elif not files(step):
        raise NoData("no file was asked for")


@check("manifest-empty-output")
def empty_output(evidence: Evidence) -> Findings:
    """The output of an export that brings nothing is an empty array."""
    step = job(evidence)
    accepted(step, "such an export")
    answer, listing = manifest_of(step)
    if exported(step).resources:
        raise NoData("the export that was to bring nothing brought something, which changed in the meantime")
    if listing.get("output") != []:
        yield answer.finding(
            f"has output {_shown(listing, 'output')}, where an export brings nothing; not an empty array"
        )


@check("manifest-messages-apart")
def messages_apart(evidence: Evidence) -> Findings:
    """Messages about the export are not among its output."""
    judged = False
    for step in export_steps(evidence):
        if manifest(step) is None or "OperationOutcome" in "".join(parameter(step, "_type")):
            continue
        judged = judged or bool(output_files(step))
        for file in output_files(step):
            if number := facts_of(file).counts.get("OperationOutcome"):
                yield file.finding(f"({named(file)}) is output and holds {number} OperationOutcome")
    if not judged:
        raise NoData("no export gave a file")


@check("export-ignored-told")
def ignored_is_told(evidence: Evidence, *, name: str) -> Findings:
    """Where a parameter of this name is ignored, by leave of `handling=lenient`, a message in a file says so."""
    step = step_with(evidence, name)
    accepted(step, "a parameter that it does not know, even with handling=lenient,")
    answer, listing = manifest_of(step)
    told = error_files(step)
    if len(told) < len(listed(listing, "error")) or any(facts_of(file).invalid_count for file in told):
        raise NoData("a file of messages could not be fetched or read")
    said = "".join(chunk.decode("utf-8", "replace") for file in told for chunk in file.chunks())
    if name not in said:
        yield answer.finding(f"lists no message that names {name}, which was ignored")


@check("export-format-as-asked")
def format_as_asked(evidence: Evidence) -> Findings:
    """Files are in the output format that was asked for by any of its names: NDJSON, labelled as such."""
    step = step_with(evidence, "_outputFormat")
    accepted(step, "_outputFormat")
    for file in output_of(step):
        if file.media_type != NDJSON:
            wanted = quoted(parameter(step, "_outputFormat")[0])
            yield file.finding(
                f"({named(file)}) is labelled {quoted(file.header('content-type'))}; {wanted} was asked for"
            )
        elif facts_of(file).invalid_count:
            yield file.finding(f"({named(file)}) is no NDJSON of resources")


def _output_items(listing: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    items = listed(listing, "output")
    if not items:
        raise NoData("the manifest lists no output file")
    return items


def _shown(owner: dict[str, Any], name: str) -> str:
    return quoted(owner[name]) if name in owner else ABSENT


def _comparable(url: str) -> Json:
    """A URL in a form in which different spellings of the same one are equal."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(DEFAULT_PORTS.get(scheme, ""))
    return scheme, host, unquote(parts.path), sorted(parse_qsl(parts.query, keep_blank_values=True))
