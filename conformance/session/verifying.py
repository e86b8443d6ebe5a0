"""Verifying a run's folder or bundle: the strict steps, with every verdict judged anew."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import Unreadable
from conformance.model.attestation import Expectations, Recomputation, Verification
from conformance.model.base import sha256
from conformance.model.suite import BoundSuite
from conformance.model.trust import Trust
from conformance.outside import folders
from conformance.outside import trust as trusting
from conformance.outside.installed_profiles import Installed
from conformance.outside.places import repositories
from conformance.outside.stored_run import StoredRun, opened
from conformance.session.replay import replay
from conformance.session.shipped import shipped_suite
from conformance.session.timestamping import stamps
from conformance.session.tool import this_tool
from conformance.stages.verify import Given, verify
from conformance.stages.verify.brought import Brought


@dataclass(frozen=True)
class Reader:
    """Who verifies: whom they trust, what else they were given, and when they received the report, if they know."""

    trust: Trust
    given: tuple[Given, ...] = ()
    received: dt.datetime | None = None
    releases: tuple[Given, ...] = ()

    def brought(self, run: StoredRun) -> Brought:
        """What they bring to the verification of this run."""
        stamped, unread = stamps(run, self.trust.authorities)
        return Brought(
            given=(*self.given, *self.releases),
            received=self.received,
            stamped=stamped,
            unread=unread,
            published=published,
            tool=this_tool(),
        )


def reader(trust_file: Path, given: Sequence[Path] = (), received: dt.datetime | None = None) -> Reader:
    """The reader with this trust file, these statements, and the releases beside it and from repositories.

    Raises KeyFileError.
    """
    return Reader(
        trust=trusting.load(trust_file),
        given=tuple(Given(str(path), trusting.statement(path)) for path in given),
        received=received,
        releases=tuple(
            Given(name, data)
            for name, data in (*trusting.releases(trust_file), *Installed(repositories()).releases())
        ),
    )


def check(
    path: Path,
    trust: Trust | Reader,
    now: dt.datetime,
    asked: Expectations,
    catalog: Catalog,
    packages: Sequence[str] = (),
) -> Verification:
    """Verify the run at this path: a folder or a bundle. Raises Unreadable where there is none.

    `packages` are sources of the FHIR packages that the run's suite pins, beside the package cache.
    """
    by = trust if isinstance(trust, Reader) else Reader(trust)
    with opened(path) as folder:

        def recompute(suite: BoundSuite) -> Recomputation:
            again = replay(folder, catalog, (), packages, suite)
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
            folder.files,
            by.trust,
            now,
            recompute=recompute,
            expectations=asked,
            brought=by.brought(folder),
        )


def published(name: str) -> tuple[str, str] | None:
    """Version and digest of the profile of this name that comes with the harness; None where there is none."""
    suite = shipped_suite(name)
    return None if suite is None else (suite.profile.version, sha256(suite.profile.canonical()))
