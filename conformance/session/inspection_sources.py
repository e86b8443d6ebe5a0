"""What there is to inspect: a folder of NDJSON files, or a manifest of the Bulk Data guide with its files beside it."""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.errors import UsageError
from conformance.model.base import NotJson, strict_json
from conformance.outside.export_reading import ExportFile, at_path, export_files, files_at_url
from conformance.outside.remote_files import is_remote

__all__ = ["MOST_FILES", "Export", "base_of", "found_at", "name_in", "read_manifest"]

MOST_MANIFEST = 2**30
MOST_FILES = 2_000_000


@dataclass(frozen=True)
class Export:
    """The files of an export, and the base URLs of the server that exported it, as far as they are known."""

    files: tuple[ExportFile, ...]
    bases: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


def found_at(source: str) -> Export:
    """What a path, or a URL of a storage, names. A folder with a `manifest.json` is read by it. Raises UsageError."""
    if is_remote(source):
        return Export(tuple(files_at_url(source)))
    path = Path(source)
    if path.is_dir():
        manifest = path / "manifest.json"
        if manifest.is_file():
            return _by_manifest(manifest)
        files, passed = export_files(path)
        return Export(tuple(files), passed=tuple(passed))
    if path.is_file():
        return _by_manifest(path) if path.suffix == ".json" else Export((at_path(path, path.name),))
    raise UsageError(
        f"there is no folder or file {source if source.isprintable() else repr(source)}",
        hint="Name a folder with NDJSON files, one such file, or a manifest (.json) with its files beside it.",
    )


def _by_manifest(path: Path) -> Export:
    """The files that a manifest lists as output, each beside it under the last part of its URL.

    Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest
    """
    manifest = read_manifest(path)
    items = [item for item in manifest.get("output", ()) if isinstance(item, dict)]
    if not items or not isinstance(manifest.get("output"), list):
        raise UsageError(
            f"the manifest {path} lists no output files", hint="Its member `output` is a list of files."
        )
    if len(items) > MOST_FILES:
        raise UsageError(f"the manifest {path} lists {len(items):,} files, more than {MOST_FILES:,}")
    files = []
    for number, item in enumerate(items):
        name = name_in(item.get("url"))
        kind, count = item.get("type"), item.get("count")
        if not name:
            raise UsageError(f"output[{number}] of the manifest {path} has no url that ends in a file's name")
        files.append(
            at_path(
                path.parent / name,
                name,
                kind=kind if isinstance(kind, str) else "",
                count=count if isinstance(count, int) and not isinstance(count, bool) else None,
            )
        )
    return Export(tuple(files), base_of(manifest.get("request")))


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest in a file, read strictly. Raises UsageError."""
    try:
        if path.stat().st_size > MOST_MANIFEST:
            raise UsageError(f"the manifest {path} is larger than 1 GiB")
        manifest = strict_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"the manifest {path} cannot be read: {error.strerror}") from error
    except NotJson as error:
        raise UsageError(f"the manifest {path} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise UsageError(f"the manifest {path} is no JSON object")
    return manifest


def name_in(url: object) -> str:
    """The last part of a URL, under which its file lies beside the manifest: never a path that leads elsewhere."""
    if not isinstance(url, str):
        return ""
    try:
        name = unquote(posixpath.basename(urlsplit(url).path))
    except ValueError:
        return ""
    return "" if name in {".", ".."} or "/" in name or "\\" in name or "\0" in name else name


def base_of(request: object) -> tuple[str, ...]:
    """The base URL of the server, from the kick-off request that a manifest repeats."""
    if not isinstance(request, str) or "$export" not in request:
        return ()
    before = request.partition("?")[0].removesuffix("/$export").removesuffix("/Patient")
    group = before.rpartition("/Group/")[0]
    return (group or before,)
