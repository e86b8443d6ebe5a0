"""How the files of a manifest are fetched, whatever shape the manifest has.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.analysis.export import KINDS, is_received, listed
from conformance.model.base import Json
from conformance.model.evidence import Exchange
from conformance.plugin import Credentials, Wire

NDJSON = "application/fhir+ndjson"
MOST_TRIED = 6
"""So many files are asked for by who may not have them, spread evenly over all."""
MOST_IN_VAIN = 100
"""After so many files in a row that were not given, no more are asked for."""


@dataclass(frozen=True)
class ListedFile:
    """A file that a manifest lists, with its absolute URL."""

    url: str
    about: dict[str, str]

    @property
    def is_plain_http(self) -> bool:
        """Whether it would travel without TLS."""
        return urlsplit(self.url).scheme.lower() == "http"


def listed_files(manifest: dict[str, Any], where: str) -> Iterator[ListedFile]:
    """All files that a manifest gives a URL for; relative ones are resolved against its own."""
    for kind in KINDS:
        for index, item in listed(manifest, kind):
            url = item.get("url")
            absolute = _resolved(where, url) if isinstance(url, str) and url.strip() else ""
            if absolute:
                about = {"kind": kind, "type": _text(item.get("type")), "index": str(index)}
                yield ListedFile(absolute, about | {"count": _text(item.get("count"))})


def in_the_open(wire: Wire, url: str) -> bool:
    """Whether a file or attachment of a target that is reached over TLS would come without it."""
    return url.lower().startswith("http:") and wire.base.lower().startswith("https:")


def fetch(
    wire: Wire,
    manifest: dict[str, Any],
    where: str,
    headers: Mapping[str, str] | None = None,
    found: Callable[[ListedFile, Exchange], None] = lambda *_: None,
) -> None:
    """Fetch all files that the manifest lists, and say so of each.

    The token goes along unless the manifest says that none is required: a client shall not send it then. A
    file that is offered over plain HTTP by a target that is reached over TLS is not fetched, so that neither a
    token nor a patient's data crosses the network in the open; the note `not-fetched` tells of it. So does
    `files-left`, how many were not asked for any more since the time for a job was over, or so many in a row
    were not given.
    """
    refused, in_vain, asked, left = [], 0, 0, 0
    for file in listed_files(manifest, where):
        if in_vain >= MOST_IN_VAIN or wire.remaining() <= 0:
            left = sum(len(listed(manifest, kind)) for kind in KINDS) - asked
            break
        asked += 1
        if in_the_open(wire, file.url):
            refused.append(f"{file.about['kind']}[{file.about['index']}]")
            continue
        answer = fetch_one(wire, manifest, file, "file", headers)
        in_vain = 0 if is_received(answer) else in_vain + 1
        found(file, answer)
    if refused:
        wire.note("not-fetched", refused)
    if left:
        wire.note("files-left", left)


def fetch_one(
    wire: Wire,
    manifest: dict[str, Any],
    file: ListedFile,
    label: str,
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    """Fetch one file of a manifest."""
    return wire.send(
        "GET",
        file.url,
        label=label,
        about=file.about,
        headers=headers if manifest.get("requiresAccessToken") is not False else None,
        accept=NDJSON,
        credentials=credentials_for(manifest),
        file=True,
        follow=True,
    )


def probe_file_protection(wire: Wire, manifest: dict[str, Any], where: str) -> None:
    """Ask for some files, the last among them, without credentials and with a token that nobody issued."""
    if manifest.get("requiresAccessToken") is not True:
        return
    files = [file for file in listed_files(manifest, where) if not file.is_plain_http]
    every = max(1, -(-len(files) // MOST_TRIED))
    asked: tuple[tuple[Credentials, str], ...] = (("none", "file-anonymous"), ("bad", "file-bad-token"))
    for file in files[::-every]:
        for credentials, label in asked:
            wire.send(
                "GET",
                file.url,
                label=label,
                about=file.about,
                accept=NDJSON,
                credentials=credentials,
                file=True,
            )


def credentials_for(manifest: dict[str, Any]) -> Credentials:
    """The tester's own credentials, or none where the manifest says that a file needs none."""
    return "none" if manifest.get("requiresAccessToken") is False else "own"


def _resolved(where: str, url: str) -> str:
    """The absolute URL; empty for what is none (`http://[`), which the check of the manifest's URLs tells of.

    One of another scheme (`file:///etc/passwd`) is given to the wire, which refuses it and records that.
    """
    try:
        absolute = urljoin(where, url.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    return absolute if parts.hostname or parts.scheme not in {"", "http", "https"} else ""


def _text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:80]
