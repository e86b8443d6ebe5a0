"""Files on object storage or another file system that fsspec knows (`s3://`, `abfs://`, `gs://`, `file://`).

Credentials and endpoints are those of the environment, as the library of each storage documents them.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Self, cast

from conformance.errors import UsageError

__all__ = ["beginning", "exists", "is_remote", "listed", "opened", "stamp_of", "told"]

AHEAD = 4 * 2**20
"""So many bytes are asked for ahead of those that are read: what a task reads too much of its neighbour's."""
LIBRARIES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
}
TELLING = ("ETag", "etag", "mtime", "LastModified", "last_modified", "created")
"""What storages call that which changes when a file is written anew, in the order of trust."""


def is_remote(source: str) -> bool:
    """Whether this is a URL that fsspec is to be asked for."""
    return "://" in source and not source.lower().startswith(("http://", "https://"))


@contextmanager
def told(url: str) -> Iterator[None]:
    """What goes wrong with a storage, as one sentence. Raises UsageError."""
    try:
        yield
    except ImportError as error:
        scheme = url.partition("://")[0]
        library = "fsspec" if getattr(error, "name", "") == "fsspec" else LIBRARIES.get(scheme, "its library")
        raise UsageError(
            f"{scheme}:// cannot be read without {library}",
            hint=f"Install it beside the harness: pip install 'conformance-harness[cluster]' {library}",
        ) from error
    except UsageError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"[:300]
        raise UsageError(
            f"{url} cannot be read: {said}", hint="Are its credentials in the environment?"
        ) from error


def listed(url: str) -> list[tuple[str, str, int, str]]:
    """The files below a folder: name, URL, bytes, and what changes when it is written anew. Raises UsageError."""
    with told(url):
        system, root = _system(url)
        found = system.find(root, detail=True)
        files = [item for item in found.values() if item.get("type") == "file"]
        return [
            (
                item["name"].removeprefix(root).lstrip("/"),
                system.unstrip_protocol(item["name"]),
                item["size"] or 0,
                _stamp(item),
            )
            for item in sorted(files, key=lambda item: str(item["name"]))
        ]


def exists(url: str) -> bool:
    """Whether there is a file at a URL. Raises UsageError."""
    with told(url):
        system, root = _system(url)
        return bool(system.isfile(root))


def stamp_of(url: str) -> tuple[int, str]:
    """The size of a file now, and what changes when it is written anew. Raises UsageError."""
    with told(url):
        system, root = _system(url)
        item = system.info(root)
        return item["size"] or 0, _stamp(item)


def beginning(url: str, size: int) -> bytes:
    """The first bytes of a file; no more of it is asked for. Raises OSError."""
    with _as_os_error():
        system, root = _system(url)
        return bytes(system.cat_file(root, start=0, end=size))


def opened(url: str, start: int = 0) -> BinaryIO:
    """The bytes of a file from one on: to read, seek and close. Raises OSError, as does what it gives."""
    with _as_os_error():
        system, root = _system(url)
        stream = system.open(root, "rb", block_size=AHEAD)
        if start:
            stream.seek(start)
    return cast("BinaryIO", _Stream(stream))


class _Stream:
    """A file of a storage whose troubles are all told as OSError."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        with _as_os_error():
            return bytes(self._stream.read(size))

    def seek(self, place: int) -> int:
        with _as_os_error():
            return int(self._stream.seek(place))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with _as_os_error():
            self._stream.close()


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:  # storages say where, and not what is the matter
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
    except OSError:
        raise
    except Exception as error:  # what storages raise has no common ancestor
        raise OSError(f"{type(error).__name__}: {error}"[:300]) from error


def _system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # type: ignore[import-untyped, unused-ignore] # noqa: PLC0415

    system, root = url_to_fs(url, use_listings_cache=False)
    return system, root


def _stamp(item: dict[str, Any]) -> str:
    return next((str(item[name]) for name in TELLING if item.get(name)), "")
