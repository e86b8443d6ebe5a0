"""An export that a server offers, brought to the disk: the manifest, its pages, and every file that it lists.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request
"""

import hashlib
import secrets as random_bytes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
from conformance.session.inspection_sources import MOST_FILES, Export, base_of, name_in, read_manifest

if TYPE_CHECKING:
    from conformance.plugin import Credentials

__all__ = ["downloaded"]

MOST_PAGES = 10_000
PRIVATE = 0o700


def downloaded(
    url: str, target: Target, folder: Path, into: Path, after: Callable[[str], None] = lambda _name: None
) -> Export:
    """The files that the manifest at a URL lists, in a folder below `into`; what is there already stays.

    Credentials are those of the target file, whose folder is `folder`; they go to the origins that it lists, and to
    none where the manifest says that no token is required. A file that cannot be had is one with trouble.
    Raises UsageError where there is no manifest, TargetError, KeyFileError.
    """
    place = into / hashlib.sha256(url.encode()).hexdigest()[:24]
    place.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    secrets = Secrets()
    redactor = Redactor(random_bytes.token_bytes(32), secrets, target.data_class, target.endpoint)
    with Client(
        target, folder, bodies=MemoryBodies(), redactor=redactor, secrets=secrets, run_tag="inspect"
    ) as client:
        bring = _Bringing(client, target, place, after)
        items, bases = bring.listed(url)
        with ThreadPoolExecutor(target.limits.concurrency) as threads:
            files = list(threads.map(bring.file, range(len(items)), items))
    return Export(tuple(files), bases)


class _Bringing:
    """Brings what one manifest lists."""

    def __init__(self, client: Client, target: Target, place: Path, after: Callable[[str], None]) -> None:
        self._client = client
        self._target = target
        self._place = place
        self._after = after
        self._whose: Credentials = "own"

    def listed(self, url: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """All output items of the manifest and the pages after it, with absolute URLs; and the server's base."""
        items: list[dict[str, Any]] = []
        bases: tuple[str, ...] = ()
        seen: set[str] = set()
        page = url
        while page and page not in seen and len(seen) < MOST_PAGES and len(items) < MOST_FILES:
            seen.add(page)
            manifest = self._page(page)
            if len(seen) == 1:
                bases = base_of(manifest.get("request"))
                self._whose = "none" if manifest.get("requiresAccessToken") is False else "own"
            output = manifest.get("output")
            found = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
            items += [{**item, "url": _absolute(page, item.get("url"))} for item in found]
            page = _next(page, manifest)
        return items, bases

    def _page(self, url: str) -> dict[str, Any]:
        path = self._place / "manifest.json"
        path.unlink(missing_ok=True)
        wanted = Wanted(url, path, accept="application/json")
        problem = download(self._client, wanted, self._target.limits.retries)
        if problem:
            raise UsageError(
                f"the manifest cannot be had: {problem}",
                hint="Name the status URL of a complete export; --target names a target file with credentials.",
            )
        return read_manifest(path)

    def file(self, number: int, item: dict[str, Any]) -> ExportFile:
        """One file, on the disk or with trouble."""
        url, kind, count = item["url"], item.get("type"), item.get("count")
        kind = kind if isinstance(kind, str) else ""
        count = count if isinstance(count, int) and not isinstance(count, bool) else None
        name = f"{number + 1:06d}-{name_in(url) or 'file'}"
        plain = self._target.endpoint.startswith("https:") and url.startswith("http:")
        known = hashlib.sha256(url.partition("?")[0].encode()).hexdigest()[:16]
        path = self._place / f"{known}-{number}"
        problem = "it is offered over plain HTTP by a server that is reached over TLS" if plain else ""
        if not problem:
            problem = download(self._client, Wanted(url, path, self._whose), self._target.limits.retries)
        self._after(name)
        if problem:
            return ExportFile(name, str(path), 0, "", type=kind, count=count, trouble=problem)
        return at_path(path, name, kind=kind, count=count)


def _absolute(page: str, url: object) -> str:
    try:
        return urljoin(page, url.strip()) if isinstance(url, str) else ""
    except ValueError:
        return ""


def _next(page: str, manifest: dict[str, Any]) -> str:
    """The page after this one, on the same origin."""
    links = manifest.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next":
            url = _absolute(page, link.get("url"))
            return url if urlsplit(url)[:2] == urlsplit(page)[:2] else ""
    return ""
