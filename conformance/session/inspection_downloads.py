"""An export that a server offers, brought to the disk: the manifest, its pages, and every file that it lists.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request
"""

import hashlib
import secrets as random_bytes
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from conformance.errors import UsageError
from conformance.model.target import Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.downloads import Wanted, download
from conformance.outside.export_reading import ExportFile, at_path
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.session.inspection_sources import (
    MOST_FILES,
    MOST_MANIFEST,
    Export,
    base_of,
    declared,
    name_in,
    next_in,
    read_manifest,
    unread,
)

if TYPE_CHECKING:
    from conformance.plugin import Credentials

__all__ = ["downloaded", "place_of"]

MOST_PAGES = 10_000
NEXT = "next page of the manifest"
PRIVATE = 0o700


def downloaded(
    url: str, target: Target, folder: Path, into: Path, after: Callable[[str], None] = lambda _name: None
) -> Export:
    """The files that the manifest at a URL lists, in `place_of` it; what is there already of that export stays.

    Credentials are those of the target file, whose folder is `folder`; they go to the origins that it lists, and to
    none where the manifest says that no token is required. A file that cannot be had is one with trouble.
    Raises UsageError where there is no manifest, TargetError, KeyFileError, HarnessError where the disk is full.
    """
    place = place_of(url, into)
    try:
        place.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the work area {place} cannot be made: {error.strerror}", hint="Name another folder with --work."
        ) from error
    secrets = Secrets()
    redactor = Redactor(random_bytes.token_bytes(32), secrets, target.data_class, target.endpoint)
    with Client(
        target, folder, bodies=MemoryBodies(), redactor=redactor, secrets=secrets, run_tag="inspect"
    ) as client:
        bring = _Bringing(client, target, place, after)
        listing = bring.listed(url)
        with ThreadPoolExecutor(target.limits.concurrency) as threads:
            try:
                files = list(threads.map(bring.file, range(len(listing.items)), listing.items))
            except BaseException:
                client.stop()  # else the other threads would bring their files to the end first
                raise
    return Export((*files, *listing.left_out), listing.bases)


def place_of(url: str, into: Path) -> Path:
    """The folder below `into` for what is brought from this URL: no other download has anything in it."""
    return into / _hash(url)


@dataclass
class _Listing:
    """What the pages of a manifest list, with absolute URLs; the server's base; and what was not followed."""

    items: list[dict[str, Any]] = field(default_factory=list)
    bases: tuple[str, ...] = ()
    left_out: list[ExportFile] = field(default_factory=list)


class _Bringing:
    """Brings what one manifest lists."""

    def __init__(self, client: Client, target: Target, place: Path, after: Callable[[str], None]) -> None:
        self._client = client
        self._target = target
        self._place = place
        self._after = after
        self._whose: Credentials = "own"
        self._alike: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    def listed(self, url: str) -> _Listing:
        """What the manifest and the pages after it list."""
        listing = _Listing()
        pages: set[str] = set()
        page = url
        while page and page not in pages:
            if len(pages) >= MOST_PAGES or len(listing.items) > MOST_FILES:
                listing.left_out.append(
                    unread(NEXT, f"more than {MOST_PAGES:,} pages or {MOST_FILES:,} files")
                )
                break
            manifest = self._page(page)
            if not pages:
                self._begin(manifest, listing)
            pages.add(page)
            output = manifest.get("output")
            if not isinstance(output, list):
                listing.left_out.append(
                    unread(f"page {len(pages)} of the manifest", "it has no list `output`")
                )
                output = []
            items = [item if isinstance(item, dict) else {} for item in output]
            listing.items += [{**item, "url": _absolute(page, item.get("url"))} for item in items]
            page = _following(page, manifest, listing)
        for number, item in enumerate(listing.items):
            self._first.setdefault(item["url"], number)
        self._alike.update(map(_without_query, self._first))
        return listing

    def _begin(self, manifest: dict[str, Any], listing: _Listing) -> None:
        """Note what the first page says of all of them; files of an earlier export at the same URL are not these."""
        listing.bases = base_of(manifest.get("request"))
        self._whose = "none" if manifest.get("requiresAccessToken") is False else "own"
        self._place /= _hash(str(manifest.get("transactionTime")))
        self._place.mkdir(mode=PRIVATE, exist_ok=True)

    def _page(self, url: str) -> dict[str, Any]:
        path = self._place / "manifest.json"
        path.unlink(missing_ok=True)
        wanted = Wanted(url, path, MOST_MANIFEST, accept="application/json")
        problem = download(self._client, wanted, self._target.limits.retries)
        if problem:
            raise UsageError(
                f"the manifest cannot be had: {problem}",
                hint="Name the status URL of a complete export; --target names a target file with credentials.",
            )
        try:
            return read_manifest(path)
        finally:
            path.unlink()  # its URLs may be signed, and are then as good as a password

    def file(self, number: int, item: dict[str, Any]) -> ExportFile:
        """One file, on the disk or with trouble."""
        url = item["url"]
        kind, count = declared(item)
        name = f"{number + 1:06d}-{name_in(url) or 'file'}"
        path = self._place / self._known(url)
        problem = self._problem(url, number)
        if not problem:
            wanted = Wanted(url, path, self._target.limits.max_file, self._whose)
            problem = download(self._client, wanted, self._target.limits.retries)
        self._after(name)
        return (
            unread(name, problem, kind=kind, count=count)
            if problem
            else at_path(path, name, kind=kind, count=count)
        )

    def _problem(self, url: str, number: int) -> str:
        """Why a URL is not even asked."""
        if self._first[url] != number:
            return f"the manifest lists its URL already as file {self._first[url] + 1:,}"
        if urlsplit(self._target.endpoint).scheme == "https" and urlsplit(url).scheme == "http":
            return "it is offered over plain HTTP by a server that is reached over TLS"
        return ""

    def _known(self, url: str) -> str:
        """What a file is kept under: its URL, without the query (it may be signed anew) where that is one file's."""
        path = _without_query(url)
        return _hash(path if self._alike[path] == 1 else url)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _absolute(page: str, url: object) -> str:
    try:
        return urljoin(page, url.strip()) if isinstance(url, str) else ""
    except ValueError:
        return ""


def _following(page: str, manifest: dict[str, Any], listing: _Listing) -> str:
    """The page after this one, on the same origin; one elsewhere is not followed."""
    written = next_in(manifest)
    url = _absolute(page, written)
    if written and urlsplit(url)[:2] != urlsplit(page)[:2]:
        listing.left_out.append(unread(NEXT, "it is at another origin than the page before it"))
        return ""
    return url if written else ""
