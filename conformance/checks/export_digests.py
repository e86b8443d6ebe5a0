"""The checks of what an export says about its own files: their digests, and where their format is described."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Any

from conformance.analysis.export import files, listed, manifest_exchange
from conformance.checks.exit_plan_reading import quoted, read_plan
from conformance.checks.export_reading import job, manifest_of, named
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotJudgeable, check

DIGEST_NAME = re.compile(r"sha-?(256|512)|digest|checksum|hash", re.IGNORECASE)
SIZES = {32: "sha256", 64: "sha512"}
"""Length of a digest in bytes, and the algorithm that gives it."""
FIELD = re.compile(r"sha-(256|512)=:?([A-Za-z0-9+/=]+):?", re.IGNORECASE)
"""A digest in a header field: RFC 9530 has colons around it, RFC 3230 has none."""
DEEPEST = 6


@check("export-digests-match")
def digests_match(evidence: Evidence) -> Findings:
    """Each file of the export has a digest (SHA-256 or SHA-512) in the manifest or in a header, and it is right.

    In the manifest it stands in the file's item, under a name that says so; a header is Repr-Digest or Content-Digest
    (RFC 9530) or Digest (RFC 3230), and is compared for a file that came without a content coding.
    """
    step = job(evidence)
    answer, listing = manifest_of(step)
    judged, without, unclear = 0, [], []
    answers = files(step)
    for index, item in listed(listing, "output"):
        file = answers.get(index)
        stated = {*_in_item(item)}
        if file is None or not file.ok or file.failure:
            continue
        headed = {*_in_headers(file)}
        coded = file.header("content-encoding") not in {None, "identity"}
        if not stated and not headed:
            without.append(f"output[{index}]")
            continue
        if not stated and coded:
            unclear.append(f"output[{index}]")
            continue
        judged += 1
        wrong = [
            text
            for algorithm, text in sorted(stated | (set() if coded else headed))
            if _of(file, algorithm) != text
        ]
        if wrong:
            yield file.finding(
                f"({named(file)}) has another digest than the {wrong[0]} that is stated for it"
            )
    if without:
        yield answer.finding(
            f"and the answers with its files state no digest for {without[0]} and {len(without) - 1} more"
        )
    elif unclear:
        raise NotJudgeable(f"the digest of {unclear[0]} is that of its coded form, which is not kept")
    if not judged and not without:
        raise NoData("no file was fetched")


@check("export-names-documentation")
def names_documentation(evidence: Evidence) -> Findings:
    """The export itself points to the documentation that the exit plan declares: in its manifest, or by a Link."""
    plan = read_plan(evidence)
    declared = plan.one("export.documentationUrl")
    if not isinstance(declared, str) or not declared.strip():
        yield plan.finding("names no documentation of the export (export.documentationUrl)")
        return
    answer, listing = manifest_of(job(evidence))
    told = {
        _plain(text)
        for text in _texts({name: value for name, value in listing.items() if name != "request"}, 0)
    }
    link = (manifest_exchange(job(evidence)) or answer).header("link") or ""
    told |= {_plain(url) for url in re.findall(r"<([^>]*)>", link)}
    if _plain(declared) not in told:
        yield answer.finding(f"does not point to the documentation of the export, {quoted(declared)}")


def _plain(url: str) -> str:
    return url.strip().partition("#")[0].rstrip("/")


def _texts(value: Json, depth: int) -> Iterator[str]:
    """All texts within a value, to a depth."""
    if isinstance(value, str):
        yield value
    elif depth < DEEPEST and isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item, depth + 1)


def _in_item(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The digests that an item of the manifest states, as pairs of algorithm and hexadecimal text."""
    for name, text in _named(item, "", 0):
        if DIGEST_NAME.search(name) and (found := _hexadecimal(text)):
            yield found


def _named(value: Json, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """The texts within a value with the name that each stands under; an Extension's value goes by its URL."""
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for one in value:
            yield from _named(one, name, depth + 1)
    elif isinstance(value, dict):
        url = value.get("url") if any(each.startswith("value") for each in value) else None
        for each, inner in value.items():
            if each != "url":
                yield from _named(inner, url if isinstance(url, str) else each, depth + 1)


def _in_headers(file: Exchange) -> Iterator[tuple[str, str]]:
    for header in ("repr-digest", "content-digest", "digest"):
        for _, text in FIELD.findall(file.header(header) or ""):
            if found := _hexadecimal(text):
                yield found


def _hexadecimal(text: str) -> tuple[str, str] | None:
    """The algorithm and the digest, which is written in hexadecimal digits or base64; None where it is neither."""
    bare = text.strip().rpartition(":")[2] if not text.strip().endswith(":") else text.strip()
    try:
        raw = bytes.fromhex(bare)
    except ValueError:
        try:
            raw = base64.b64decode(bare, validate=True)
        except (binascii.Error, ValueError):
            return None
    algorithm = SIZES.get(len(raw))
    return (algorithm, raw.hex()) if algorithm else None


def _of(file: Exchange, algorithm: str) -> str:
    def reckon() -> str:
        digest = hashlib.new(algorithm)
        for chunk in file.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    return file.memo(f"digest-{algorithm}", reckon)
