"""Reports that others are held against or judged by: verified first, or nothing is said of them."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from conformance.catalog import built_in
from conformance.errors import ConformanceError
from conformance.model.attestation import (
    EXIT_DEMANDS_NOT_MET,
    EXIT_NOT_AUTHENTIC,
    Expectations,
    StepOutcome,
    Verified,
)
from conformance.session.tenders.keeping import held
from conformance.session.tenders.reading import Pack
from conformance.session.verifying import Reader, check
from conformance.views import verification


class NotAuthentic(ConformanceError):
    """A report that nobody can rely on."""

    exit_code = EXIT_NOT_AUTHENTIC


class NotAsAsked(ConformanceError):
    """A report that is authentic, and was not measured as it has to be."""

    exit_code = EXIT_DEMANDS_NOT_MET


def relied_on(
    path: Path, what: str, by: Reader, now: dt.datetime, packages: Sequence[str], pack: Pack | None
) -> tuple[Verified, tuple[str, ...]]:
    """The verified report of a run, whatever its result, and what else speaks against it, by the steps that fail.

    Raises NotAuthentic or, where this version judges the report otherwise, NotAsAsked: it cannot be `what`.
    """
    asked = Expectations(require="authentic")
    found = held(check(path, by, now, asked, built_in(), packages), path, pack, by.trust, now)
    if found.verified is None:
        raise (NotAsAsked if found.authentic else NotAuthentic)(
            f"{path} cannot be {what}: it was not verified\n{verification.text(found)}",
            hint=f"`conformance verify {path}` shows each step alone.",
        )
    failed = [f"{step.name}: {step.detail}" for step in found.steps if step.outcome is StepOutcome.FAIL]
    return found.verified, tuple(failed)
