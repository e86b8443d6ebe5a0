"""Checks of the files of an export: that they can be fetched, are labelled rightly, and are NDJSON.

Sources: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-organization
"""

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from conformance.analysis.export import CLIENT_ERROR, KINDS, OK, exported, files, listed, parameter
from conformance.analysis.facts import facts_of
from conformance.checks.export_kickoff import is_absolute
from conformance.checks.export_reading import accepted, job, manifest_of, named, output_of, quoted
from conformance.checks.picking import listed as some
from conformance.model.evidence import REFUSED as HARNESS_REFUSED
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    Remark,
    check,
)

NDJSON = "application/fhir+ndjson"
GZIP_MAGIC = b"\x1f\x8b"
MOST_EXAMPLES = 3
TAKEN = frozenset({"", "identity", "gzip", "x-gzip"})
REFUSED = frozenset({401, 403})
FORMS_OF_URN = ("urn:uuid:", "urn:oid:")


@check("export-files-accessible")
def files_are_accessible(evidence: Evidence) -> Findings:
    """Every file that the manifest lists can be fetched."""
    step = job(evidence)
    _, listing = manifest_of(step)
    answers = [answer for kind in KINDS for answer in files(step, kind).values()]
    if not answers:
        raise NoData("no file was fetched")
    doubtful = []
    for answer in answers:
        if answer.is_faulty and _may_be_meant(answer):
            doubtful.append(answer)
        elif answer.failure or not answer.ok:
            yield answer.finding(f"({named(answer)} of the manifest) {_outcome(answer)}")
        elif answer.continued:
            places = some([f"{place:,}" for place in answer.continued])
            yield Remark(f"{answer} ({named(answer)}) broke off and was gone on with at byte {places}")
    if doubtful:
        raise NotJudgeable(f"{doubtful[0]} ({named(doubtful[0])} of the manifest): {doubtful[0].failure}")
    left = [
        f"{kind}[{index}]"
        for kind in KINDS
        for index, _ in listed(listing, kind)
        if index not in files(step, kind)
    ]
    if left:
        raise NotJudgeable(f"{some(left)} of the manifest could not be asked for")


@check("export-file-status")
def file_status(evidence: Evidence) -> Findings:
    """A file that is delivered comes with status 200."""
    for answer in output_of(job(evidence)):
        if answer.status != OK:
            yield answer.finding(f"delivered {named(answer)} with status {answer.status}, not 200")


@check("export-file-media-type")
def file_media_type(evidence: Evidence) -> Findings:
    """A file of NDJSON is labelled application/fhir+ndjson."""
    for answer in output_of(job(evidence)):
        if answer.media_type != NDJSON:
            labelled = quoted(answer.header("content-type"))
            yield answer.finding(f"delivered {named(answer)} as {labelled}, not {NDJSON}")


@check("export-ndjson")
def is_ndjson(evidence: Evidence) -> Findings:
    """Each line of an output file is one FHIR resource in JSON."""
    with_lines = [answer for answer in output_of(job(evidence)) if facts_of(answer).lines]
    if not with_lines:
        raise NoData("all files are empty")
    for answer in with_lines:
        facts = facts_of(answer)
        if facts.byte_order_mark:
            yield answer.finding("begins with a byte order mark, which JSON does not allow")
        for number, reason in facts.invalid[:MOST_EXAMPLES]:
            yield answer.finding(f"holds no resource in line {number}: {reason}")
        if facts.invalid_count > MOST_EXAMPLES:
            yield answer.finding(f"has {facts.invalid_count - MOST_EXAMPLES} more lines without a resource")


@check("export-one-type-per-file")
def one_type_per_file(evidence: Evidence) -> Findings:
    """Each output file holds resources of one type only: the one that the manifest names for it."""
    with_resources = [answer for answer in output_of(job(evidence)) if facts_of(answer).resources]
    if not with_resources:
        raise NoData("no file holds a resource")
    for answer in with_resources:
        counts = facts_of(answer).counts
        stated = answer.about.get("type", "")
        expected = stated or max(sorted(counts), key=lambda kind: counts[kind])
        for kind in sorted(set(counts) - {expected}):
            yield answer.finding(f"is a file of {expected}, but holds {counts[kind]} of type {quoted(kind)}")


@check("export-no-repeats")
def no_repeats(evidence: Evidence) -> Findings:
    """A resource is exported once, in its latest version: no type and id stand twice in the output."""
    step = job(evidence)
    output_of(step)
    answer, _ = manifest_of(step)
    facts = exported(step)
    if not facts.ids:
        raise NoData("no exported resource has an id")
    if facts.repeated:
        examples = ", ".join(sorted(facts.repeated)[:MOST_EXAMPLES])
        yield answer.finding(
            f"led to an export in which {len(facts.repeated)} resources stand twice: {examples}"
        )


@check("export-encoding-stated")
def encoding_is_stated(evidence: Evidence) -> Findings:
    """A file that is compressed on its way says so in Content-Encoding."""
    for answer in output_of(job(evidence)):
        if _begins_compressed(answer):
            yield answer.finding(f"delivered {named(answer)} compressed by gzip without saying so")


@check("export-reference-forms")
def reference_forms(evidence: Evidence) -> Findings:
    """References in the export are `Type/id` or absolute URLs: neither a URN nor a search."""
    step = job(evidence)
    output_of(step)
    answer, _ = manifest_of(step)
    references = exported(step).references
    if not references:
        raise NoData("no exported resource has a reference")
    strays = [(s, t) for s, t in references if t.startswith(FORMS_OF_URN) or "?" in t.partition("#")[0]]
    if strays:
        source, target = strays[0]
        example = f"{quoted(target)} in {source}"
        yield answer.finding(
            f"led to an export with {len(strays)} references by URN or search, such as {example}"
        )


@check("export-attachments")
def attachments(evidence: Evidence) -> Findings:
    """An attachment without data has a URL, and it is an absolute one."""
    step = job(evidence)
    output_of(step)
    answer, _ = manifest_of(step)
    with_url = [found for found in exported(step).attachments if found.url and not found.has_data]
    if not with_url:
        raise NotApplicable("no exported attachment leaves its data to a URL")
    relative = [found for found in with_url if not is_absolute(found.url)]
    if relative:
        example = f"{quoted(relative[0].url)} in {relative[0].source}"
        yield answer.finding(
            f"led to an export with {len(relative)} attachments by relative URL, such as {example}"
        )


@check("export-file-coding")
def file_coding(evidence: Evidence) -> Findings:
    """Files come as they are, or encoded in a way that the client said it takes: gzip."""
    step = job(evidence)
    manifest_of(step)
    answers = [answer for kind in KINDS for answer in files(step, kind).values() if answer.ok]
    if not answers:
        raise NoData("no file was delivered")
    for answer in answers:
        coding = (answer.header("content-encoding") or "").strip().lower()
        if coding not in TAKEN:
            yield answer.finding(
                f"delivered {named(answer)} encoded as {quoted(coding)}, which was not asked for"
            )


@check("export-file-error")
def file_error(evidence: Evidence) -> Findings:
    """A file that is not there answers 4xx or 5xx, and nothing that could be taken for a file.

    A file may stay for a time after the job was cleared away: then it is the file as it was.
    """
    step = job(evidence)
    before = {answer.url: answer for answer in files(step).values()}
    asked = [*step.labelled("file-unknown"), *step.labelled("file-after-delete")]
    if not asked or all(answer.failure for answer in asked):
        raise NoData("no file was asked for that is not there")
    for answer in asked:
        kept = before.get(answer.url)
        is_same = kept is not None and _digest(kept) == _digest(answer)
        if not answer.failure and answer.status < CLIENT_ERROR and not is_same:
            yield answer.finding(
                f"answered {answer.status} for a file that is not there; an error is 4xx or 5xx"
            )


@check("export-open-files")
def open_files(evidence: Evidence) -> Findings:
    """Where the manifest says that no token is required, each file can be fetched without credentials."""
    step = job(evidence)
    _, listing = manifest_of(step)
    if listing.get("requiresAccessToken") is not False:
        raise NotApplicable("the manifest says that files need a token, as it may")
    answers = [answer for kind in KINDS for answer in files(step, kind).values()]
    if not answers:
        raise NoData("no file was asked for")
    for answer in answers:
        if not answer.ok and not answer.failure:
            yield answer.finding(
                f"({named(answer)}) answered {answer.status} without a token, which is not required"
            )


@check("export-attachments-filled")
def attachments_are_filled(evidence: Evidence, *, member: Literal["contentType", "content"]) -> Findings:
    """An attachment says of what type it is (`contentType`), and holds data or a URL (`content`)."""
    step = job(evidence)
    output_of(step)
    answer, _ = manifest_of(step)
    found = exported(step).attachments
    if not found:
        raise NotApplicable("no exported resource has an attachment")
    bare = [a for a in found if not (a.content_type if member == "contentType" else a.url or a.has_data)]
    if bare:
        what = "contentType" if member == "contentType" else "data and url"
        yield answer.finding(
            f"led to an export with {len(bare)} attachments without {what}, as in {bare[0].source}"
        )


@check("export-attachments-open")
def attachments_are_open(evidence: Evidence, *, to: Literal["anybody", "same-credentials"]) -> Findings:
    """An attachment's URL leads to its content (`anybody` who may), for whom the files are open (`same-credentials`).

    It is asked for with the token where files need one, and without where they need none.
    """
    step = job(evidence)
    manifest_of(step)
    answers = [answer for answer in step.labelled("attachment") if not answer.failure]
    if not answers:
        raise NotApplicable("no exported attachment leaves its data to a URL that could be asked")
    for answer in answers:
        refused = answer.status in REFUSED
        if to == "same-credentials" and refused:
            how = "the token that the files need" if answer.credentials == "own" else "no credentials"
            yield answer.finding(
                f"is an attachment of {answer.about.get('reference', '')}, and refused {how}"
            )
        if to == "anybody" and not answer.ok and not refused:
            yield answer.finding(
                f"is an attachment of {answer.about.get('reference', '')}, and answered {answer.status}"
            )


@check("export-file-size")
def file_size(evidence: Evidence) -> Findings:
    """No file is larger than `_maximumFileSize` asked for, in bytes."""
    step = job(evidence)
    accepted(step, "_maximumFileSize")
    asked = next(iter(parameter(step, "_maximumFileSize")), "")
    if not asked.isdecimal():
        raise NoData("no size was asked for")
    for answer in output_of(step):
        if answer.body is not None and answer.body.size > int(asked):
            yield answer.finding(f"delivered {named(answer)} of {answer.body.size} bytes, more than {asked}")


def _outcome(answer: Exchange) -> str:
    return answer.failure or f"answered {answer.status}"


def _may_be_meant(answer: Exchange) -> bool:
    """Whether an address that the harness does not ask may be one that the target's own clients can.

    That is so for private addresses, behind which a client may stand, but not for the machine itself or a cloud's
    metadata service, and not for anything that is no web address.
    """
    if not answer.failure.startswith(HARNESS_REFUSED):
        return False
    try:
        parts = urlsplit(answer.url)
        host = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return answer.url.lower().startswith(("http:", "https:"))
    return parts.scheme in {"http", "https"} and not (
        host.is_link_local or host.is_loopback or host.is_unspecified
    )


def _digest(answer: Exchange) -> str:
    return answer.body.sha256 if answer.body else ""


def _begins_compressed(answer: Exchange) -> bool:
    start = b""
    for chunk in answer.chunks():
        start += chunk
        if len(start) >= len(GZIP_MAGIC):
            break
    return start.startswith(GZIP_MAGIC)
