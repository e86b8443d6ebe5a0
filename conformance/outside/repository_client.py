"""A profile repository as its readers see it: fetched, checked by The Update Framework, and only then believed.

The framework refuses an index that too few of the owners signed, that has expired, or that is older than what was seen
before, and a file that is not the one that the index names. Source: TUF specification 1.0.33, section 5.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from tuf.api import exceptions
from tuf.api.metadata import Metadata
from tuf.ngclient import Updater  # type: ignore[attr-defined] # documented there
from tuf.ngclient.fetcher import FetcherInterface

from conformance import __version__
from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.outside.repository_folder import TITLE

__all__ = ["Seen", "address", "checked_root", "first_root", "seen"]

Wanted = Callable[[str], str | None]
"""Gives the path within the work area for a file that is wanted, and None for one that is not."""

SECONDS = 30.0
LARGEST_ROOT = 512_000
LARGEST_FILE = 32 * 2**20
PIECE = 2**16
ROLES = ("root", "targets", "snapshot", "timestamp")


class Fetcher(FetcherInterface):
    """Fetches from a web server, or from a folder on this machine; what a server sends is bounded by its caller."""

    def __init__(self) -> None:
        self._client = httpx.Client(
            timeout=SECONDS,
            headers={"User-Agent": f"conformance-harness/{__version__}"},
            follow_redirects=False,
        )

    def _fetch(self, url: str) -> Iterator[bytes]:
        parts = urlsplit(url)
        if parts.scheme == "file":
            return self._read(Path(unquote(parts.path)))
        return self._streamed(url)

    def _read(self, path: Path) -> Iterator[bytes]:
        try:
            stream = path.open("rb")
        except OSError as error:
            raise exceptions.DownloadHTTPError(f"{path}: {error.strerror}", 404) from error
        with stream:
            yield from iter(lambda: stream.read(PIECE), b"")

    def _streamed(self, url: str) -> Iterator[bytes]:
        try:
            with self._client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise exceptions.DownloadHTTPError(
                        f"{url} answered {answer.status_code}", answer.status_code
                    )
                yield from answer.iter_bytes(PIECE)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise exceptions.DownloadError(f"{url}: {type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


@dataclass(frozen=True)
class Seen:
    """A repository as it is now: its files' names with what is said of each, and until when that counts."""

    title: str
    edition: int
    expires: dt.datetime
    said: Mapping[str, Mapping[str, Any]]


def address(where: str) -> str:
    """The repository's address, with a slash at its end; a folder becomes a file URL. Raises UsageError."""
    parts = urlsplit(where)
    if parts.scheme in {"http", "https"} and parts.hostname:
        if parts.username or parts.password or parts.query or parts.fragment:
            raise UsageError(f"{where!r} holds a user, password, query or fragment: give the bare address")
        return f"{where.rstrip('/')}/"
    if Path(where).is_dir():
        return f"{Path(where).resolve().as_uri()}/"
    raise UsageError(
        f"{where!r} is neither a web address nor a folder", hint="An address begins with https://."
    )


def first_root(base: str) -> bytes:
    """The first root of the repository at this address, as it comes: by its digest a reader decides to trust it."""
    fetcher = Fetcher()
    try:
        return fetcher.download_bytes(f"{base}metadata/1.root.json", LARGEST_ROOT)
    except (exceptions.DownloadError, exceptions.RepositoryError) as error:
        raise UsageError(
            f"there is no profile repository at {base}: {error}", hint="Check the address, and the network."
        ) from error
    finally:
        fetcher.close()


def seen(base: str, work: Path, root: bytes | None, wanted: Wanted) -> Seen:
    """The repository as it is now, with its metadata in `work/metadata` and the files that are wanted in `work`.

    `root` is what the reader trusts where `work` has no metadata yet. Raises UsageError, which says what is wrong with
    the repository; what is in `work` is then to be thrown away.
    """
    (work / "metadata").mkdir(parents=True, exist_ok=True)
    fetcher = Fetcher()
    try:
        updater = Updater(
            str(work / "metadata"),
            f"{base}metadata/",
            target_base_url=f"{base}targets/",
            fetcher=fetcher,
            bootstrap=root,
        )
        updater.refresh()
        now = _now(work / "metadata")
        for name in now.said:
            place = wanted(name)
            if place is not None:
                _bring(updater, name, work / place)
    except (exceptions.RepositoryError, exceptions.DownloadError, ValueError, OSError) as error:
        raise UsageError(
            f"the repository at {base} cannot be used: {_told(error)}",
            hint="Nothing was changed here. Tell those who run it; what you had before is still there.",
        ) from error
    finally:
        fetcher.close()
    return now


def _bring(updater: Updater, name: str, place: Path) -> None:
    info = updater.get_targetinfo(name)
    if info is None or info.length > LARGEST_FILE:
        raise exceptions.RepositoryError(f"{name} is larger than {LARGEST_FILE:,} bytes, or not in the index")
    place.parent.mkdir(parents=True, exist_ok=True)
    if updater.find_cached_target(info, str(place)) is None:
        updater.download_target(info, str(place))


def _now(folder: Path) -> Seen:
    read: dict[str, Any] = {role: Metadata.from_file(str(folder / f"{role}.json")).signed for role in ROLES}
    index = read["targets"]
    return Seen(
        title=str(index.unrecognized_fields.get(TITLE, "")),
        edition=index.version,
        expires=min(signed.expires for signed in read.values()),
        said={name: target.custom or {} for name, target in sorted(index.targets.items())},
    )


def _told(error: Exception) -> str:
    """What is wrong, in words for people."""
    kinds: dict[type[Exception], str] = {
        exceptions.ExpiredMetadataError: "its index has expired",
        exceptions.EqualVersionNumberError: "it has two different indexes of one number",
        exceptions.BadVersionNumberError: "it went back to an older index than was seen before (rollback)",
        exceptions.UnsignedMetadataError: "too few of its owners signed it",
        exceptions.LengthOrHashMismatchError: "a file is not the one that its index names, or was cut off on the way",
        exceptions.DownloadLengthMismatchError: "a file is longer than its index says",
        exceptions.DownloadHTTPError: "a file that it names is not there",
        exceptions.DownloadError: "it could not be reached, or broke off",
    }
    kind = next(
        (words for found, words in kinds.items() if isinstance(error, found)), "its index is malformed"
    )
    return f"{kind} ({error})"


def checked_root(data: bytes, fingerprint: str, base: str) -> bytes:
    """The root, where it has the SHA-256 that the reader was told. Raises UsageError."""
    found = sha256(data)
    if found != fingerprint.lower():
        raise UsageError(
            f"the repository at {base} has the fingerprint {found}, not {fingerprint}",
            hint="Ask its owners for the fingerprint by another way than its address: on paper, by telephone.",
        )
    return data
