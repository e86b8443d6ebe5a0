"""Checks of the files of an export: that they can be fetched, are labelled rightly, and are NDJSON.

Sources: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-organization
"""

from conformance.analysis.export import KINDS, OK, exported, files, listed
from conformance.analysis.facts import facts_of
from conformance.checks.export_kickoff import is_absolute
from conformance.checks.export_reading import job, manifest_of, named, output_of, quoted
from conformance.checks.picking import listed as some
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

NDJSON = "application/fhir+ndjson"
GZIP_MAGIC = b"\x1f\x8b"
MOST_EXAMPLES = 3
FORMS_OF_URN = ("urn:uuid:", "urn:oid:")


@check("export-files-accessible")
def files_are_accessible(evidence: Evidence) -> Findings:
    """Every file that the manifest lists can be fetched."""
    step = job(evidence)
    _, listing = manifest_of(step)
    answers = [answer for kind in KINDS for answer in files(step, kind).values()]
    if not answers:
        raise NoData("no file was fetched")
    for answer in answers:
        if not answer.ok:
            yield answer.finding(f"({named(answer)} of the manifest) answered {answer.status}")
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


def _begins_compressed(answer: Exchange) -> bool:
    start = b""
    for chunk in answer.chunks():
        start += chunk
        if len(start) >= len(GZIP_MAGIC):
            break
    return start.startswith(GZIP_MAGIC)
