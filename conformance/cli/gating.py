"""What a run means for a build: the baseline of known failures, and stopping at the first failure."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import ConformanceError, UnknownName, closest
from conformance.errors import UsageError as Mistake
from conformance.model.baseline import Gated, KnownFailure
from conformance.model.policy import advice
from conformance.model.verdict import Outcome, Verdict
from conformance.outside.decisions import known_failures
from conformance.session.conduct import Order
from conformance.session.overrides import checked_overrides
from conformance.session.suites import profile_named
from conformance.stages.gate import FailOn
from conformance.views.progress import Progress
from conformance.views.text import one_line

FAIL_ON: tuple[FailOn, ...] = ("failed", "inconclusive", "warning")


class FirstFailure(ConformanceError):
    """A binding requirement failed, and the run was to end there."""

    exit_code = 1


def fail_on(text: str) -> FailOn:
    """What fails the build. Raises UnknownName."""
    for known in FAIL_ON:
        if text == known:
            return known
    raise UnknownName("outcome to fail on", text, FAIL_ON)


def baseline(path: Path | None, profile: str, catalog: Catalog) -> tuple[KnownFailure, ...]:
    """The known failures in a file. Raises UsageError, with all ids that the profile does not have."""
    if path is None:
        return ()
    known = known_failures(path)
    ids = {requirement.id for requirement in profile_named(profile, catalog).requirements}
    unknown = [entry.requirement for entry in known if entry.requirement not in ids]
    if unknown:
        listing = "\n".join(f"  {name}{closest(name, ids)}" for name in unknown)
        raise Mistake(
            f"{path} lists what is no requirement of {profile}:\n{listing}",
            hint="Take these out, or write them as the profile does: `conformance profiles show NAME`.",
        )
    return known


def in_words(gated: Gated, known: Sequence[KnownFailure]) -> str:
    """What the baseline came to, a line for each entry that says something."""
    entries = {entry.requirement: entry for entry in known}
    lines = [f"Known failure: {name} ({one_line(entries[name].reason)})" for name in gated.excused]
    lines += [
        f"Failure no longer excused: {name}, since its entry ended on {entries[name].until}"
        for name in gated.expired
    ]
    new = [name for name in gated.new if name not in gated.expired]
    lines += [f"New failure: {name}" for name in new] if known else []
    lines += [
        f"Passes, though listed as a known failure: {name}. Take it out of the list." for name in gated.fixed
    ]
    lines += [f"Listed as a known failure, and neither failed nor passed: {name}" for name in gated.undecided]
    lines += [f"Warning that fails this build: {name}" for name in gated.warned]
    return "\n".join(lines)


class FailFast:
    """A progress that ends the run at the first failure of what binds; else it tells on."""

    def __init__(self, order: Order, catalog: Catalog, inner: Progress) -> None:
        profile = profile_named(order.profile, catalog)
        overrides = checked_overrides(order.overrides, profile, order.presets, order.runner.role)
        limits = {name: p.default for name, p in profile.parameters.items()} | overrides
        self._inner = inner
        self._out = order.out
        self._binds = {
            r.id: r.level.binding and not advice(profile.advisories, r.id, limits, order.as_of)
            for r in profile.requirements
        }
        self.phase: Callable[[str, int], None] = inner.phase
        self.step: Callable[[str], None] = inner.step
        self.note: Callable[[str], None] = inner.note
        self.close: Callable[[], None] = inner.close

    def verdict(self, verdict: Verdict) -> None:
        """Tell it, and end the run where it is a failure that binds. Raises FirstFailure."""
        self._inner.verdict(verdict)
        if verdict.outcome is Outcome.FAIL and self._binds.get(verdict.requirement):
            where = shlex.quote(str(self._out))
            seen = "; ".join(one_line(finding) for finding in verdict.findings)
            raise FirstFailure(
                f"{verdict.case} failed: {seen}",
                hint=f"The run ended there, without a report. {one_line(verdict.curl)}\n"
                f"  Go on with it: conformance run --resume {where} (with the same --target);"
                f" to give it up: conformance cleanup {where}",
            )
