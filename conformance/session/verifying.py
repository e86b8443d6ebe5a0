"""Verifying a run's folder or bundle: the strict steps, with every verdict judged anew."""

import datetime as dt
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import Unreadable
from conformance.model.attestation import Expectations, Recomputation, Verification
from conformance.model.base import sha256
from conformance.model.trust import Trust
from conformance.outside import folders
from conformance.outside.archives import opened
from conformance.outside.folders import RunFolder
from conformance.session.replay import replay
from conformance.session.shipped import shipped_suite
from conformance.stages.verify import verify


def check(
    path: Path,
    trust: Trust,
    now: dt.datetime,
    asked: Expectations,
    catalog: Catalog,
    packages: Sequence[str] = (),
) -> Verification:
    """Verify the run at this path: a folder or a bundle. Raises Unreadable where there is none.

    `packages` are sources of the FHIR packages that the run's suite pins, beside the package cache.
    """
    with opened(path) as place:
        folder = RunFolder(place)

        def recompute() -> Recomputation:
            again = replay(folder, catalog, (), packages)
            return Recomputation(
                report=again.report,
                judged=again.judged,
                on_word=len(again.on_word),
                by_plugins=len(again.by_plugins),
                by_packages=len(again.by_packages),
                missing=again.missing,
                evidence=again.evidence,
            )

        envelope = folder.read(folders.ENVELOPE) if folder.has(folders.ENVELOPE) else None
        if envelope is None and not folder.has(folders.SUITE):
            raise Unreadable(f"{path} is no run", hint="Give the folder of a run or its .conformance.zip.")

        return verify(
            envelope,
            FolderFiles(place),
            trust,
            now,
            recompute=recompute,
            expectations=asked,
            published=published,
        )


def published(name: str) -> tuple[str, str] | None:
    """Version and digest of the profile of this name that comes with the harness; None where there is none."""
    suite = shipped_suite(name)
    return None if suite is None else (suite.profile.version, sha256(suite.profile.canonical()))


class FolderFiles:
    """The files of a run's folder. Its own bundle, which holds the same files once more, is not one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Iterator[str]:
        """The names of all files, and of links, as they stand there."""
        for place, inner, files in os.walk(self._folder, followlinks=False):
            linked = [name for name in inner if (Path(place) / name).is_symlink()]
            for name in sorted([*files, *linked]):
                relative = (Path(place) / name).relative_to(self._folder).as_posix()
                if not (relative.endswith(folders.BUNDLE_SUFFIX) and "/" not in relative):
                    yield relative

    def digest(self, name: str) -> str:
        """The SHA-256 of a regular file. Raises Unreadable."""
        with self._regular(name).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a regular file of at most that size. Raises Unreadable."""
        path = self._regular(name)
        if path.stat().st_size > limit:
            raise Unreadable(f"{name} is larger than {limit} bytes")
        return path.read_bytes()

    def _regular(self, name: str) -> Path:
        path = self._folder / name
        if (
            path.is_symlink()
            or not path.is_file()
            or not path.resolve().is_relative_to(self._folder.resolve())
        ):
            raise Unreadable(f"{name} is no regular file of this run")
        return path
