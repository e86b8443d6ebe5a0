"""Fetching a FHIR package from a registry that the user names, into the package cache.

The registry speaks the NPM protocol: `GET REGISTRY/NAME` lists versions with the address and checksum of each
archive. What it says is not trusted: sizes are bounded, the archive is refused where its checksum is another, and it is
unpacked by the same strict reader as any other. Source: FHIR NPM Package specification, https://hl7.org/fhir/packages.html
"""

import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson

from conformance import __version__
from conformance.errors import UsageError
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.packages.archive import tgz_files
from conformance.outside.packages import default_cache, read_package

__all__ = ["fetch"]

LARGEST_LISTING = 16 * 2**20
LARGEST_ARCHIVE = 256 * 2**20
SECONDS = 60.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,213}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,99}")
_HINT = "Check the address and the name, or fetch the .tgz yourself and name that."


def fetch(registry: str, name: str, version: str = "", *, cache: Path | None = None) -> Path:
    """The folder in the package cache of this package, fetched from the registry.

    Without a version it is the one that the registry calls its latest. Raises UsageError where it cannot be had, or is
    not what the registry says that it is.
    """
    if urlsplit(registry).scheme not in {"http", "https"} or not urlsplit(registry).hostname:
        raise UsageError(f"{registry!r} is no address of a registry", hint="It begins with https://.")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a FHIR package")
    with httpx.Client(
        timeout=SECONDS, follow_redirects=True, headers={"User-Agent": f"conformance-harness/{__version__}"}
    ) as client:
        listing = _listing(client, f"{registry.rstrip('/')}/{quote(name)}")
        found, address, checksum = _chosen(listing, name, version)
        archive = _bytes(client, str(httpx.URL(registry).join(address)), LARGEST_ARCHIVE)
    if hashlib.sha1(archive, usedforsecurity=False).hexdigest() != checksum.lower():
        raise UsageError(
            f"the archive of {name}@{found} does not have the checksum that the registry states, {checksum}",
            hint="Do not use it: it was changed or cut off on the way. Try again later.",
        )
    return _install(archive, name, found, cache or default_cache())


def _listing(client: httpx.Client, address: str) -> Mapping[str, Any]:
    try:
        listing = orjson.loads(_bytes(client, address, LARGEST_LISTING))
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{address} is no list of versions: it is no JSON", hint=_HINT) from error
    if not isinstance(listing, dict) or not isinstance(listing.get("versions"), dict):
        raise UsageError(f"{address} is no list of versions", hint=_HINT)
    return listing


def _chosen(listing: Mapping[str, Any], name: str, version: str) -> tuple[str, str, str]:
    """Version, address and SHA-1 of the archive that is meant."""
    tags = listing.get("dist-tags")
    wanted = version or (tags.get("latest") if isinstance(tags, dict) else "") or ""
    versions = listing["versions"]
    if not isinstance(wanted, str) or wanted not in versions or not _VERSION.fullmatch(wanted):
        known = ", ".join(sorted(str(one) for one in versions)[-5:]) or "none"
        raise UsageError(
            f"the registry has no {name}@{wanted or 'latest'}; among those that it has: {known}", hint=_HINT
        )
    entry = versions[wanted]
    dist = entry.get("dist") if isinstance(entry, dict) else None
    address, checksum = (dist.get("tarball"), dist.get("shasum")) if isinstance(dist, dict) else (None, None)
    if not isinstance(address, str) or not isinstance(checksum, str):
        raise UsageError(
            f"the registry states no address or no checksum (dist.tarball, dist.shasum) of {name}@{wanted}",
            hint=_HINT,
        )
    return wanted, address, checksum


def _bytes(client: httpx.Client, address: str, most: int) -> bytes:
    """What an address answers. Raises UsageError for a failure, an error status, and more bytes than allowed."""
    if urlsplit(address).scheme not in {"http", "https"}:
        raise UsageError(f"{address} is no address that can be fetched", hint=_HINT)
    found = bytearray()
    try:
        with client.stream("GET", address) as answer:
            if answer.status_code != httpx.codes.OK:
                raise UsageError(f"{address} answered {answer.status_code}", hint=_HINT)
            for piece in answer.iter_bytes(2**16):
                found += piece
                if len(found) > most:
                    raise UsageError(f"{address} sent more than {most:,} bytes", hint=_HINT)
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise UsageError(
            f"{address} cannot be fetched ({type(error).__name__}: {error})", hint=_HINT
        ) from error
    return bytes(found)


def _install(archive: bytes, name: str, version: str, cache: Path) -> Path:
    """Unpack the archive's resources into the cache: whole, or not at all."""
    target = cache / f"{name}#{version}"
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=cache))
    try:
        _unpack(archive, work / "package", f"{name}@{version}")
        _refuse_other(work, name, version)
        os.replace(work, target)  # noqa: PTH105 - a folder is put in place at once
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return target


def _unpack(archive: bytes, folder: Path, label: str) -> None:
    folder.mkdir()
    count = 0
    for path, data in tgz_files(io.BytesIO(archive), where=label):
        (folder / Path(path).name).write_bytes(data)
        count += 1
    if not count:
        raise DefinitionProblem("the archive holds no resources", where=label)


def _refuse_other(folder: Path, name: str, version: str) -> None:
    """Raise UsageError where what was unpacked calls itself another package."""
    stated = read_package(folder)
    if (stated.name.lower(), stated.version) != (name.lower(), version):
        raise UsageError(f"the registry gave {stated.name}@{stated.version} for {name}@{version}", hint=_HINT)
