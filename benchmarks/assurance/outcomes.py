"""What a run came to, requirement by requirement, and what a lie changed in it."""

import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from conformance.catalog import built_in
from conformance.errors import ConformanceError
from conformance.model.report import RequirementResult
from conformance.outside.target_file import read_target
from conformance.session.conduct import Order, conduct
from conformance.session.suites import DEFAULT_SEED
from conformance.views.progress import SilentProgress

Outcomes = dict[str, tuple[bool, str]]
"""By the requirement's id: whether it binds, and its outcome."""


TIMED = frozenset({"EXIT-THR-01", "EXIT-THR-02", "EXIT-THR-03"})
"""Requirements about speed: what they come to says more of the machine that measures than of a lie."""


@dataclass(frozen=True)
class Attempt:
    """One run: its outcomes with a first finding for what failed, or why the target could not be tested at all."""

    result: str
    outcomes: Outcomes
    why: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    seconds: float = 0.0


def attempt(
    target: Path,
    profile: str,
    *,
    only: tuple[str, ...] = (),
    seed: int = DEFAULT_SEED,
    packages: tuple[str, ...] = (),
) -> Attempt:
    """Test the target against a profile, and keep nothing but the outcomes."""
    with tempfile.TemporaryDirectory() as place:
        order = Order(
            profile=profile,
            target=read_target(target),
            folder=target.parent,
            out=Path(place) / "run",
            as_of=dt.date.today(),  # noqa: DTZ011 - the day of the person who measures
            seed=seed,
            only=only,
            packages=packages,
        )
        begun = dt.datetime.now(dt.UTC)
        try:
            report = conduct(order, built_in(), SilentProgress()).report
        except ConformanceError as refused:
            return Attempt("REFUSED", {}, refused=str(refused))
        return Attempt(
            report.result.value,
            {r.id: (r.binds, r.outcome.value) for r in report.requirements},
            {r.id: _first_finding(r) for r in report.requirements if r.outcome.value == "fail"},
            seconds=round((dt.datetime.now(dt.UTC) - begun).total_seconds(), 1),
        )


def _first_finding(result: RequirementResult) -> str:
    """The first thing that was found wrong, cut short."""
    found = [str(finding) for verdict in result.verdicts for finding in verdict.findings]
    return (found or [result.because])[0][:300]


def lost(honest: Outcomes, told: Outcomes, outcome: str) -> dict[str, list[str]]:
    """The requirements that passed when the supplier was honest and have this outcome now: binding, and others."""
    gone = [
        name
        for name, (_, was) in honest.items()
        if name not in TIMED and was == "pass" and told.get(name, (False, ""))[1] == outcome
    ]
    return {
        "binding": sorted(name for name in gone if honest[name][0]),
        "other": sorted(name for name in gone if not honest[name][0]),
    }
