"""How a resource is taken in from a file: with as little change to its text as there can be.

The text is kept as it was written, so that decimals, order and escapes stay; only `meta` is put in where the version
or the time of the last change is missing.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from conformance.reference.forms import dates
from conformance.reference.forms.jsontext import dump, parse

Source = bytes | str | Mapping[str, Any]

_OLDEST = dates.instant("2023-01-01T00:00:00Z")
_SPREAD_MILLISECONDS = 2 * 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A resource ready for the store: parsed for the index, and as the text that goes out."""

    resource: Mapping[str, Any]
    text: bytes
    version: int
    updated: int


def lines(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of NDJSON files, gzipped ones unpacked, blank lines left out."""
    for path in paths:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            yield from (line for line in file if line.strip())


def read(source: Source) -> Loaded:
    """One resource from a line of JSON or a mapping; raises ValueError if it is not a resource with an id."""
    written = dump(source) if isinstance(source, Mapping) else source
    text = (written.encode() if isinstance(written, str) else written).strip()
    resource = orjson.loads(text)
    if not isinstance(resource, dict) or not (
        isinstance(resource.get("resourceType"), str) and isinstance(resource.get("id"), str)
    ):
        message = f"not a resource with an id: {text[:80]!r}"
        raise ValueError(message)  # noqa: TRY004 - the data is wrong, not the call
    meta = resource.get("meta", {})
    if "versionId" in meta and "lastUpdated" in meta and meta["versionId"].isdigit():
        return Loaded(resource, text, int(meta["versionId"]), dates.interval(meta["lastUpdated"])[0])
    return _with_meta(resource, text, meta)


def _with_meta(resource: dict[str, Any], text: bytes, meta: dict[str, Any]) -> Loaded:
    version = int(meta["versionId"]) if meta.get("versionId", "").isdigit() else 1
    when = meta.get("lastUpdated") or dates.written(_long_ago(resource["resourceType"], resource["id"]))
    complete = {**meta, "versionId": str(version), "lastUpdated": when}
    if "meta" in resource:
        body = parse(text)
        body["meta"] = complete
        text = dump(body)
    else:
        head = b'{"resourceType":%b,"id":%b' % (
            orjson.dumps(resource["resourceType"]),
            orjson.dumps(resource["id"]),
        )
        start = head + b"," if text.startswith(head) else b"{"
        rest = text[len(head) :] if text.startswith(head) else b"," + text[1:]
        text = start + b'"meta":' + orjson.dumps(complete) + rest
    return Loaded({**resource, "meta": complete}, text, version, dates.interval(when)[0])


def _long_ago(resource_type: str, identifier: str) -> int:
    place = zlib.crc32(f"{resource_type}/{identifier}".encode()) * _SPREAD_MILLISECONDS // 2**32
    return _OLDEST + place * dates.MILLISECOND
