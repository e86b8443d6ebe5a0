"""The check that the bytes of attachments are those that the exported resources describe."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.analysis.export import output_files
from conformance.analysis.facts import facts_of, resources
from conformance.checks.export_reading import job, manifest_of
from conformance.checks.picking import listed
from conformance.fhir.references import named, named_at
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotJudgeable, check

REFUSED = frozenset({401, 403})
SIGNATURES = {
    "application/pdf": (b"%PDF-",),
    "application/zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "application/gzip": (b"\x1f\x8b",),
    "application/rtf": (b"{\\rtf",),
    "text/rtf": (b"{\\rtf",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF8",),
    "image/tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "image/bmp": (b"BM",),
}
"""The bytes with which files of these types begin, one of them."""
MARKUP = ("html", "xml", "svg")
PAGES = (b"<!doctype html", b"<html")
"""So begins a web page, such as the form of a login that is given in place of a document."""
BEGINNING = 64
LARGEST_RESOURCE = 200_000_000
"""A Binary in JSON that is larger is not read whole into memory."""


@dataclass(frozen=True)
class Bytes:
    """What was got for an attachment: the bytes with their length and the digest of R4 (SHA-1)."""

    size: int
    sha1: str
    start: bytes


@check("attachments-match")
def attachments_match(evidence: Evidence) -> Findings:
    """The bytes of each attachment have the size, the hash and the kind that the exported resource states.

    All attachments whose Binary is in the export are looked at, all Binary themselves for their kind, and those of a
    sample that were fetched by URL. What is exported need not be fetched as well. The hash is the SHA-1
    (https://hl7.org/fhir/R4/datatypes.html#Attachment).
    """
    step = job(evidence)
    manifest_of(step)
    judged = False
    files = output_files(step)
    binaries = _binaries(files)
    fetched = [
        one
        for one in evidence.labelled("attachment")
        if one.ok or one.failure or named_at(one.about.get("url"), evidence.target.endpoint) not in binaries
    ]
    for shown, found in (
        *_in_export(files, binaries),
        *_inline(files),
        *_binary_kinds(files),
        *_fetched(fetched),
    ):
        judged = True
        for problem in found:
            yield shown.finding(problem)
    failed = [one for one in fetched if one.failure]
    if failed:
        raise NotJudgeable(f"{failed[0]}: {failed[0].failure}")
    refused = [one for one in fetched if one.status in REFUSED]
    if refused:
        raise NotJudgeable(f"the tester may not fetch attachments: {listed(map(str, refused))}")
    if not judged:
        raise NoData("the export names no attachment with a size or hash whose bytes could be compared")


def _inline(files: tuple[Exchange, ...]) -> "Compared":
    """Each attachment that holds its bytes itself."""
    for file in files:
        if not any(one.has_data for one in facts_of(file).attachments):
            continue
        for resource in resources(file):
            for node in _with_data(resource):
                whose = f"holds an attachment of {resource['resourceType']}/{resource.get('id')}, which"
                yield file, [f"{whose} {problem}" for problem in _of_inline(node)]


def _of_inline(node: dict[str, Any]) -> Iterator[str]:
    content = _decoded(node["data"])
    if content is None:
        yield "has data that is no base64"
        return
    size, digest, kind = (node.get(name) for name in ("size", "hash", "contentType"))
    yield from _problems(
        size if isinstance(size, int) and not isinstance(size, bool) else None,
        digest if isinstance(digest, str) else "",
        kind if isinstance(kind, str) else "",
        _measured((content,)),
    )


def _with_data(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The elements within a resource, but not the resource itself, that have data beside a content type."""
    stack: list[Any] = [value for value in resource.values() if isinstance(value, dict | list)]
    while stack:
        node = stack.pop()
        if (
            isinstance(node, dict)
            and isinstance(node.get("data"), str)
            and "contentType" in node
            and "resourceType" not in node
        ):
            yield node
        stack += [
            value
            for value in (node.values() if isinstance(node, dict) else node)
            if isinstance(value, dict | list)
        ]


def _binary_kinds(files: tuple[Exchange, ...]) -> "Compared":
    """Each Binary in the export that states its kind, whether an attachment names it or not."""
    for file in files:
        if "Binary" not in facts_of(file).counts:
            continue
        for resource in resources(file):
            content = _decoded(resource.get("data")) if resource["resourceType"] == "Binary" else None
            kind = resource.get("contentType")
            if content and isinstance(kind, str):
                problems = _problems(None, "", kind, _measured((content,)))
                yield file, [f"holds Binary/{resource.get('id')}, which {problem}" for problem in problems]


Compared = Iterator[tuple[Exchange, list[str]]]
"""For each attachment whose bytes could be compared: the exchange that shows them, and what is wrong with them."""


def _in_export(files: tuple[Exchange, ...], binaries: dict[str, Bytes]) -> Compared:
    for file in files:
        for one in facts_of(file).attachments:
            held = binaries.get(named(one.url) or "") if one.url else None
            if held is not None:
                problems = _problems(one.size, one.hash, one.content_type, held)
                yield (
                    file,
                    [f"holds an attachment of {one.source}, whose Binary {problem}" for problem in problems],
                )


def _fetched(answers: Iterable[Exchange]) -> Compared:
    for answer in answers:
        about, size = answer.about, answer.about.get("size", "")
        if answer.failure:
            continue
        whose = f"is an attachment of {about.get('reference', '')}"
        if not answer.ok and answer.status not in REFUSED:
            yield answer, [f"{whose} and answered {answer.status}"]
        elif answer.ok:
            stated = int(size) if size.isdecimal() else None
            problems = _problems(
                stated, about.get("hash", ""), about.get("contentType", ""), _received(answer)
            )
            yield answer, [f"{whose}, which {problem}" for problem in problems]


def _problems(size: int | None, digest: str, content_type: str, held: Bytes) -> Iterator[str]:
    if size is not None and size != held.size:
        yield f"has {held.size} bytes, not the {size} that are stated"
    if digest and digest != held.sha1:
        yield f"has the SHA-1 {held.sha1}, not {digest[:80]}"
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    begins = SIGNATURES.get(kind)
    if begins is not None and not held.start.startswith(begins):
        yield f"does not begin as {content_type[:80]} does"
    elif kind and not any(word in kind for word in MARKUP) and held.start.lstrip().lower().startswith(PAGES):
        yield f"is a web page, not {content_type[:80]}"
    if not held.size:
        yield "has no bytes"


def _binaries(files: tuple[Exchange, ...]) -> dict[str, Bytes]:
    found: dict[str, Bytes] = {}
    for file in files:
        if "Binary" not in facts_of(file).counts:
            continue
        for resource in resources(file):
            content = _decoded(resource.get("data")) if resource["resourceType"] == "Binary" else None
            if content is not None:
                found[f"Binary/{resource.get('id')}"] = _measured((content,))
    return found


def _received(answer: Exchange) -> Bytes:
    """The attachment in an answer: its bytes as they are, or those inside a Binary resource."""
    small = answer.body is not None and answer.body.size <= LARGEST_RESOURCE
    if small and answer.media_type.endswith(("+json", "/json")):
        content = _decoded((answer.resource("Binary") or {}).get("data"))
        if content is not None:
            return _measured((content,))
    return _measured(answer.chunks())


def _measured(chunks: Iterable[bytes]) -> Bytes:
    """The size, digest and start of content in chunks, none of which is kept."""
    digest, size, start = hashlib.sha1(usedforsecurity=False), 0, b""
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        start += chunk[: BEGINNING - len(start)]
    return Bytes(size, base64.b64encode(digest.digest()).decode("ascii"), start)


def _decoded(data: Json) -> bytes | None:
    if not isinstance(data, str):
        return None
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
