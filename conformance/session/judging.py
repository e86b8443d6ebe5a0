"""Judging cases as their evidence becomes complete, the same in a run and in a replay."""

from collections.abc import Callable, Iterable, Mapping

from conformance.catalog import Catalog
from conformance.model.evidence import Evidence, StepEvidence
from conformance.model.suite import BoundSuite, Case
from conformance.model.verdict import Verdict
from conformance.session.packages import NONE, Packages
from conformance.stages.judge import judge


class Bench:
    """Takes the evidence of steps in any order and judges each case as soon as all of its steps are there.

    Evidence is let go once its last case is judged, with all that was worked out for it, so that what is held does
    not grow with the run.
    """

    def __init__(
        self,
        suite: BoundSuite,
        discovery: StepEvidence,
        catalog: Catalog,
        packages: Packages = NONE,
    ) -> None:
        self._suite = suite
        self._packages = packages
        self._discovery = discovery
        self._catalog = catalog
        self._held: dict[str, StepEvidence] = {}
        self._users: dict[str, int] = {}
        self._waiting: dict[str, list[Case]] = {}
        self._missing: dict[str, set[str]] = {}
        self.verdicts: list[Verdict] = []
        for case in suite.cases:
            steps = set(case.steps)
            for step in steps:
                self._users[step] = self._users.get(step, 0) + 1
                self._waiting.setdefault(step, []).append(case)
            self._missing[case.id] = steps

    def without_steps(self) -> Iterable[Verdict]:
        """The verdicts on cases that need no evidence, because they do not apply or cannot be tried."""
        return [self._judged(case) for case in self._suite.cases if not case.steps]

    def take(self, evidence: StepEvidence) -> Iterable[Verdict]:
        """The verdicts on the cases whose evidence is complete with this step."""
        if evidence.step not in self._users:
            return []
        self._held[evidence.step] = evidence
        ready = []
        for case in self._waiting.pop(evidence.step, []):
            self._missing[case.id].discard(evidence.step)
            if not self._missing[case.id]:
                ready.append(case)
        return [self._judged(case) for case in ready]

    def _judged(self, case: Case) -> Verdict:
        evidence = evidence_of(case, self._held, self._discovery, self._suite, self._packages)
        verdict = judge(case, evidence, self._catalog)
        for step in set(case.steps):
            self._users[step] -= 1
            if not self._users[step]:
                self._held.pop(step).forget()
        self.verdicts.append(verdict)
        return verdict


def evidence_of(
    case: Case,
    steps: Mapping[str, StepEvidence],
    discovery: StepEvidence,
    suite: BoundSuite,
    packages: Packages = NONE,
) -> Evidence:
    """What the checks of a case look at."""
    return Evidence(
        steps=tuple(steps[step] for step in case.steps),
        discovery=discovery,
        target=suite.target,
        as_of=suite.as_of,
        values=case.values,
        definitions=packages.definitions,
        lacking=packages.lacking,
    )


def only(suite: BoundSuite, wanted: Callable[[Case], bool]) -> BoundSuite:
    """The suite with the wanted cases and the steps that they need."""
    cases = tuple(case for case in suite.cases if wanted(case))
    needed = {step for case in cases for step in case.steps}
    steps = tuple(step for step in suite.steps if step.id in needed)
    return suite.model_copy(update={"cases": cases, "steps": steps})
