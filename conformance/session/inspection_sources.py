"""What there is to inspect: a folder of NDJSON files, or a manifest of the Bulk Data guide with its files beside it."""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.errors import UsageError
from conformance.model.strictly import NotJson, strict_json
from conformance.outside.export_reading import ExportFile, Reader, at_path, export_files, files_at_url
from conformance.outside.remote_files import is_remote

__all__ = [
    "MOST_FILES",
    "SMALL",
    "Export",
    "base_of",
    "declared",
    "found_at",
    "name_in",
    "next_in",
    "read_manifest",
    "unread",
]

SMALL = 8_000_000
"""An export of fewer bytes is read here: starting processes would take longer."""
MOST_MANIFEST = 2**30
"""Bytes; as many bytes of text at the most, where it is packed."""
MOST_FILES = 2_000_000


@dataclass(frozen=True)
class Export:
    """The files of an export, and the base URLs of the server that exported it, as far as they are known.

    `passed` are the names of what else lies in the folder and is not read.
    """

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
    output = manifest.get("output")
    if not isinstance(output, list) or not output:
        raise UsageError(
            f"the manifest {path} lists no output files", hint="Its member `output` is a list of files."
        )
    if len(output) > MOST_FILES:
        raise UsageError(f"the manifest {path} lists {len(output):,} files, more than {MOST_FILES:,}")
    files: dict[str, ExportFile] = {}
    again: list[ExportFile] = []
    for number, item in enumerate(output):
        name = name_in(item.get("url")) if isinstance(item, dict) else ""
        if not name:
            raise UsageError(f"output[{number}] of the manifest {path} has no url that ends in a file's name")
        kind, count = declared(item)
        if name in files:
            why = f"output[{number}] of the manifest has the same name as another file, which lies there"
            again.append(unread(name, why, kind=kind, count=count))
        else:
            files[name] = at_path(path.parent / name, name, kind=kind, count=count)
    if next_in(manifest):
        again.append(unread("next page of the manifest", "name a manifest that lists all files"))
    return Export((*files.values(), *again), base_of(manifest.get("request")))


def declared(item: dict[str, Any]) -> tuple[str, int | None]:
    """The type and the count that an item of a manifest declares; empty and None where it does not."""
    kind, count = item.get("type"), item.get("count")
    counted = isinstance(count, int) and not isinstance(count, bool)
    return kind if isinstance(kind, str) else "", count if counted else None


def unread(name: str, why: str, *, kind: str = "", count: int | None = None) -> ExportFile:
    """Something that a manifest lists and that is not read, told as a file with trouble."""
    return ExportFile(name, "", 0, "", type=kind, count=count, trouble=why)


def next_in(manifest: dict[str, Any]) -> str:
    """The URL of the page after this one, as the manifest writes it; empty where there is none."""
    links = manifest.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return ""


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest in a file, read strictly. Raises UsageError."""
    try:
        manifest = strict_json(_text(path))
    except NotJson as error:
        raise UsageError(f"the manifest {path} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise UsageError(f"the manifest {path} is no JSON object")
    return manifest


def _text(path: Path) -> bytes:
    """The bytes of a manifest, unpacked where it came packed. Raises UsageError."""
    reader = Reader(at_path(path, path.name))
    text = bytearray()
    for block in reader.blocks():
        text += block
        if len(text) > MOST_MANIFEST:
            raise UsageError(f"the manifest {path} is larger than 1 GiB")
    if reader.broken:
        raise UsageError(f"the manifest {path} cannot be read: {reader.broken}")
    return bytes(text)


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
    if not isinstance(request, str) or not request.lower().startswith(("https://", "http://")):
        return ()
    path = request.partition("?")[0].replace("%24", "$").rstrip("/")
    before = path.removesuffix("/$export")
    if before == path:
        return ()
    group, _, identity = before.rpartition("/Group/")
    return (group if group and "/" not in identity else before.removesuffix("/Patient"),)
