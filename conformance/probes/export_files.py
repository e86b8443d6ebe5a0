"""How the files of a manifest are fetched, whatever shape the manifest has.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.analysis.export import KINDS, listed
from conformance.model.base import Json
from conformance.plugin import Credentials, Wire

NDJSON = "application/fhir+ndjson"
MOST_TRIED = 6
"""So many files are asked for by who may not have them, spread evenly over all."""


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


def fetch(wire: Wire, manifest: dict[str, Any], where: str) -> None:
    """Fetch all files that the manifest lists.

    The token goes along unless the manifest says that none is required: a client shall not send it then. A
    file that is offered over plain HTTP by a target that is reached over TLS is not fetched, so that neither a
    token nor a patient's data crosses the network in the open; the note `not-fetched` tells of it.
    """
    refused = []
    for file in listed_files(manifest, where):
        if file.is_plain_http and wire.base.lower().startswith("https:"):
            refused.append(f"{file.about['kind']}[{file.about['index']}]")
            continue
        wire.send(
            "GET",
            file.url,
            label="file",
            about=file.about,
            accept=NDJSON,
            credentials=_credentials(manifest),
            file=True,
            follow=True,
        )
    if refused:
        wire.note("not-fetched", refused)


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


def _credentials(manifest: dict[str, Any]) -> Credentials:
    return "none" if manifest.get("requiresAccessToken") is False else "own"


def _resolved(where: str, url: str) -> str:
    """The absolute URL; empty for what is none (`http://[`), which the check of the manifest's URLs tells of."""
    try:
        absolute = urljoin(where, url.strip())
        return absolute if urlsplit(absolute).hostname else ""
    except ValueError:
        return ""


def _text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:80]
