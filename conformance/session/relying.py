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
from conformance.model.trust import Trust
from conformance.session.tenders.keeping import STEP, held
from conformance.session.tenders.reading import Pack
from conformance.session.verifying import check
from conformance.views import verification


class NotAuthentic(ConformanceError):
    """A report that nobody can rely on."""

    exit_code = EXIT_NOT_AUTHENTIC


class NotAsAsked(ConformanceError):
    """A report that is authentic, and was not measured as it has to be."""

    exit_code = EXIT_DEMANDS_NOT_MET


def relied_on(
    path: Path, what: str, trusted: Trust, now: dt.datetime, packages: Sequence[str], pack: Pack | None
) -> tuple[Verified, str]:
    """The verified report of a run, and in what it does not count, empty where it does.

    Raises NotAuthentic, which says that it cannot be `what`.
    """
    asked = Expectations(require="authentic")
    found = held(check(path, trusted, now, asked, built_in(), packages), path, pack, trusted, now)
    if found.verified is None:
        raise NotAuthentic(
            f"{path} cannot be {what}: it was not verified\n{verification.text(found)}",
            hint=f"`conformance verify {path}` shows each step alone.",
        )
    step = found.steps[-1]
    refused = step.name == STEP and step.outcome is StepOutcome.FAIL
    return found.verified, step.detail if refused else ""
