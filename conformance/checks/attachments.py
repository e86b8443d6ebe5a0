"""The check that the bytes of attachments are those that the exported resources describe."""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.analysis.export import output_files
from conformance.analysis.facts import facts_of, resources
from conformance.checks.export_reading import job, manifest_of
from conformance.checks.picking import listed
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotJudgeable, check

REFUSED = frozenset({401, 403})
SIGNATURES = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}
"""The bytes with which files of these types begin."""


@dataclass(frozen=True)
class Bytes:
    """What was got for an attachment: the bytes with their length and the digest of R4 (SHA-1)."""

    size: int
    sha1: str
    start: bytes


@check("attachments-match")
def attachments_match(evidence: Evidence) -> Findings:
    """The bytes of each attachment have the size, the hash and the kind that the exported resource states.

    All attachments whose Binary is in the export are looked at, and those of a sample that were fetched by URL.
    The hash is the SHA-1 (https://hl7.org/fhir/R4/datatypes.html#Attachment).
    """
    step = job(evidence)
    manifest_of(step)
    judged = False
    for shown, found in (*_in_export(output_files(step)), *_fetched(evidence.labelled("attachment"))):
        judged = True
        for problem in found:
            yield shown.finding(problem)
    failed = [one for one in evidence.labelled("attachment") if one.failure]
    if failed:
        raise NotJudgeable(f"{failed[0]}: {failed[0].failure}")
    refused = [one for one in evidence.labelled("attachment") if one.status in REFUSED]
    if refused:
        raise NotJudgeable(f"the tester may not fetch attachments: {listed(map(str, refused))}")
    if not judged:
        raise NoData("the export names no attachment with a size or hash whose bytes could be compared")


Compared = Iterator[tuple[Exchange, list[str]]]
"""For each attachment whose bytes could be compared: the exchange that shows them, and what is wrong with them."""


def _in_export(files: tuple[Exchange, ...]) -> Compared:
    binaries = _binaries(files)
    for file in files:
        for one in facts_of(file).attachments:
            held = binaries.get(named(one.url) or "") if one.url else None
            if held is not None and (one.size is not None or one.hash):
                problems = _problems(one.size, one.hash, one.content_type, held)
                yield (
                    file,
                    [f"holds an attachment of {one.source}, whose Binary {problem}" for problem in problems],
                )


def _fetched(answers: tuple[Exchange, ...]) -> Compared:
    for answer in answers:
        about, size = answer.about, answer.about.get("size", "")
        if answer.failure:
            continue
        whose = f"is an attachment of {about.get('reference', '')}"
        if not answer.ok and answer.status not in REFUSED:
            yield answer, [f"{whose} and answered {answer.status}"]
        elif answer.ok and (size or about.get("hash")):
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
    begins = SIGNATURES.get(content_type.split(";", maxsplit=1)[0].strip().lower())
    if begins is not None and not held.start.startswith(begins):
        yield f"does not begin as {content_type} does"


def _binaries(files: tuple[Exchange, ...]) -> dict[str, Bytes]:
    found: dict[str, Bytes] = {}
    for file in files:
        if "Binary" not in facts_of(file).counts:
            continue
        for resource in resources(file):
            content = _decoded(resource.get("data")) if resource["resourceType"] == "Binary" else None
            if content is not None:
                found[f"Binary/{resource.get('id')}"] = _measured(content)
    return found


def _received(answer: Exchange) -> Bytes:
    """The attachment in an answer: its bytes as they are, or those inside a Binary resource."""
    if answer.media_type.endswith(("+json", "/json")):
        content = _decoded((answer.resource("Binary") or {}).get("data"))
        if content is not None:
            return _measured(content)
    return _measured(answer.content())


def _measured(content: bytes) -> Bytes:
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return Bytes(len(content), base64.b64encode(digest).decode("ascii"), content[:16])


def _decoded(data: Json) -> bytes | None:
    if not isinstance(data, str):
        return None
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
