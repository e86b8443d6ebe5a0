"""The check that what is exported and is no FHIR says what it is (EXIT-OPN-06)."""

from collections.abc import Iterator

from conformance.analysis.export import output_files
from conformance.analysis.facts import facts_of, resources
from conformance.checks.exit_plan_reading import read_plan
from conformance.checks.export_reading import quoted
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, NoData, check

ANYTHING = frozenset({"application/octet-stream", "binary/octet-stream", "application/x-binary", "*/*"})
"""Media types that say nothing of what the bytes are."""
OPEN_MEDIA = frozenset(
    {
        *(
            "application/pdf",
            "application/dicom",
            "application/json",
            "application/xml",
            "application/rtf",
            "text/rtf",
        ),
        *("application/fhir+json", "application/fhir+xml", "application/fhir+ndjson", "application/hl7-v2"),
        *("application/hl7-v2+er7", "application/hl7-v3+xml", "application/cda+xml", "application/zip"),
        *(
            "application/gzip",
            "application/ogg",
            "application/jwk+json",
            "application/xhtml+xml",
            "application/x-ndjson",
        ),
        *(
            "image/png",
            "image/jpeg",
            "image/jpg",
            "image/gif",
            "image/tiff",
            "image/bmp",
            "image/webp",
            "image/svg+xml",
        ),
        *(
            "image/jp2",
            "audio/mpeg",
            "audio/ogg",
            "audio/wav",
            "audio/x-wav",
            "audio/flac",
            "audio/mp4",
            "audio/basic",
        ),
        *("video/mp4", "video/mpeg", "video/ogg", "video/webm", "video/quicktime", "image/heic"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
    }
)
"""Registered media types whose specification is public."""
MOST_WORDS = 20


@check("export-content-described")
def export_content_described(evidence: Evidence) -> Findings:
    """Each attachment and binary in the export names a media type that says how to read it.

    It is a registered one with a public specification, or one that the exit plan's formats describe; and each Binary
    is pointed to by a record that says what it is.
    """
    step, shown = whole_export(evidence)
    declared = _declared(evidence)
    wrong: dict[str, list[str]] = {}
    seen = 0
    for where, media, about in _content(output_files(step)):
        seen += 1
        problem = about or _problem(media, declared)
        if problem:
            wrong.setdefault(problem, []).append(where)
    if not seen:
        raise NoData("the export holds no attachment and no binary")
    for problem, places in sorted(wrong.items())[:MOST_WORDS]:
        yield shown.finding(
            f"led to an export with {len(places)} pieces of content that {problem}: {listed(places)}"
        )


def _content(files: tuple[Exchange, ...]) -> Iterator[tuple[str, str, str]]:
    """Each attachment with content and each Binary: where it is, its media type, and what is wrong beside that."""
    pointed: set[str] = set()
    for file in files:
        facts = facts_of(file)
        pointed |= {named(target) or target for _, target in facts.references}
        for one in facts.attachments:
            if one.url:
                pointed.add(named(one.url) or one.url)
            if one.url or one.has_data:
                yield one.source, one.content_type, ""
    for file in files:
        if not facts_of(file).counts.get("Binary"):
            continue
        for resource in resources(file):
            if resource["resourceType"] == "Binary":
                name = f"Binary/{resource.get('id')}"
                lost = "" if name in pointed else "no record points to, so that nobody knows what they are"
                yield name, str(resource.get("contentType") or ""), lost


def _problem(media: str, declared: frozenset[str]) -> str:
    kind = media.split(";", maxsplit=1)[0].strip().lower()
    if not kind:
        return "name no media type"
    if kind in ANYTHING:
        return f"are only said to be {quoted(kind)}"
    if kind in OPEN_MEDIA or kind.startswith("text/") or kind in declared:
        return ""
    return f"are said to be {quoted(kind)}, which the exit plan's formats do not describe"


def _declared(evidence: Evidence) -> frozenset[str]:
    try:
        plan = read_plan(evidence)
    except NoData:
        return frozenset()
    rows = (
        row for _, row in plan.rows("export.formats") if str(row.get("specUrl", "")).startswith("https://")
    )
    return frozenset(str(row.get("mediaType", "")).lower() for row in rows)
