"""Looking for smaller cases that fail alike: drawn values are drawn afresh and shrunk against the target.

It is a help for whoever has to mend the failure. The result is an appendix with evidence of its own, in a folder of
its own: the run, its report and its verdicts stay what they are.
"""

import secrets as random_bytes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.catalog import Catalog
from conformance.errors import UsageError
from conformance.model.base import canonical
from conformance.model.evidence import Evidence, StepEvidence
from conformance.model.minimised import Appendix, Minimised
from conformance.model.placeholders import filled
from conformance.model.profile import Call, Test
from conformance.model.suite import BoundSuite, Case, Step, Template, discovery_step
from conformance.model.target import DataClass, Target
from conformance.model.verdict import Outcome, Verdict
from conformance.outside.client import Client
from conformance.outside.folders import RunFolder
from conformance.outside.kept_bodies import KeptBodies
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.session.area import WorkArea
from conformance.session.cleaning import clean_up
from conformance.stages.judge import judge
from conformance.stages.plan import steady_backend, strategy
from conformance.stages.run import carry_out
from conformance.views.progress import Progress

APPENDIX = "minimised.json"
REQUESTS = 300
SPENT = "the number of requests that was allowed is used up"


@dataclass(frozen=True)
class Wanted:
    """What to look into: a run's bound suite and verdicts, its target, and where the appendix goes.

    `folder` is the target file's own, `requests` the most that may be sent.
    """

    bound: BoundSuite
    verdicts: tuple[Verdict, ...]
    target: Target
    folder: Path
    out: Path
    requests: int = REQUESTS


def minimise(wanted: Wanted, catalog: Catalog, progress: Progress) -> Appendix:
    """The smallest failing cases that were found for a run, written to the appendix's folder as well.

    Raises UsageError where the run was of another target or its data may not be stored, TargetError, Interrupted.
    """
    bound = wanted.bound
    if bound.target != wanted.target.card():
        raise UsageError(
            f"the run is of another target ({bound.target.product} at {bound.target.endpoint})",
            hint="Give the target file of that run with --target.",
        )
    if wanted.target.data_class is not DataClass.SYNTHETIC:
        raise UsageError(
            "smaller cases are looked for on synthetic data only: every answer on the way to them is stored",
            hint="Say dataClass: synthetic in the target file, if that is so.",
        )
    secrets = Secrets()
    folder = RunFolder.create(wanted.out, secrets.gate)
    run_id = f"min-{random_bytes.token_hex(4)}-{bound.run_id}"
    area = WorkArea(run_id)
    client = Client(
        wanted.target,
        wanted.folder,
        bodies=folder.bodies,
        redactor=Redactor(area.key, secrets, wanted.target.data_class, wanted.target.endpoint),
        secrets=secrets,
        run_tag=run_id,
        journal=area.remember,
    )
    try:
        with client:
            search = _Search(wanted, client, catalog)
            appendix = search.appendix(progress)
            clean_up(client, area)
        log = folder.evidence()
        for evidence in search.kept:
            log.add(evidence)
        log.close()
        _forget_other_bodies(folder.bodies, search.kept)
        folder.write(APPENDIX, appendix.canonical())
        return appendix
    finally:
        area.erase()


class _Search:
    def __init__(self, wanted: Wanted, client: Client, catalog: Catalog) -> None:
        self.wanted = wanted
        self.client = client
        self.catalog = catalog
        bound = wanted.bound
        self.discovery = carry_out(discovery_step(bound.profile, bound.parameters), client.wire, catalog)
        self.kept: list[StepEvidence] = [self.discovery]
        self.trials = 0
        self.begun = client.statistics.requests

    def appendix(self, progress: Progress) -> Appendix:
        """A search for each test of which a drawn case failed, the first of its cases."""
        failed = list(self._failed())
        progress.phase("Looking for smaller cases that fail", len(failed))
        found = []
        stopped = ""
        for case, template, test in failed:
            if self._spent():
                stopped = SPENT
                break
            found.append(self._smaller(case, template, test))
            progress.step(case.id)
        return Appendix(
            run_id=self.wanted.bound.run_id,
            requests=self.client.statistics.requests - self.begun,
            found=tuple(found),
            stopped=stopped,
        )

    def _failed(self) -> Iterator[tuple[Case, Template, Test]]:
        failing = {verdict.case for verdict in self.wanted.verdicts if verdict.outcome is Outcome.FAIL}
        templates = {template.id: template for template in self.wanted.bound.templates}
        tests = {r.id: r.numbered for r in self.wanted.bound.profile.requirements}
        seen = set()
        for case in self.wanted.bound.cases:
            template = templates[case.template]
            test = tests[case.requirement][int(template.id.rpartition("/")[2]) - 1]
            place = (case.requirement, tests[case.requirement].index(test))
            if case.id in failing and test.draw and place not in seen:
                seen.add(place)
                yield case, template, test

    def _smaller(self, case: Case, template: Template, test: Test) -> Minimised:
        """The smallest values with which a check fails that fails with the values of the case."""
        drawn = {name: case.values[name] for name in test.draw}
        shown = self._tried(case, template, drawn)
        said = Minimised(
            case=case.id, requirement=case.requirement, check="", drawn=drawn, smaller=drawn, tried=1
        )
        failing = next((name for name, verdict in shown.verdicts if verdict.outcome is Outcome.FAIL), "")
        if not failing:
            return said
        best, tried = _Best(drawn, shown), self.trials

        def fails(values: dict[str, Any]) -> bool:
            if self._spent():
                return False
            trial = self._tried(case, template, values)
            fails = any(name == failing and v.outcome is Outcome.FAIL for name, v in trial.verdicts)
            if fails and _size(values) < _size(best.values):
                best.values, best.shown = values, trial
            return fails

        _shrink(strategy(test, self.catalog), fails, self.wanted.bound.seed)
        self.kept += best.shown.evidence
        verdict = next(v for name, v in best.shown.verdicts if name == failing)
        return said.model_copy(
            update={
                "check": failing,
                "smaller": best.values,
                "finding": verdict.findings[0],
                "curl": verdict.curl,
                "steps": tuple(step.step for step in best.shown.evidence),
                "tried": self.trials - tried + 1,
            }
        )

    def _tried(self, case: Case, template: Template, drawn: dict[str, Any]) -> "_Trial":
        """The case with these values: its evidence, and the verdict of each check alone."""
        self.trials += 1
        values = case.values | drawn
        parameters = self.wanted.bound.parameters
        evidence = tuple(
            carry_out(
                Step(id=f"trial-{self.trials}-{number}", probe=_filled(probe, values, parameters)),
                self.client.wire,
                self.catalog,
            )
            for number, probe in enumerate(template.probes, 1)
        )
        seen = Evidence(
            evidence, self.discovery, self.wanted.bound.target, self.wanted.bound.as_of, dict(values)
        )
        return _Trial(
            evidence,
            tuple(
                (call.name, judge(case.model_copy(update={"expect": (call,)}), seen, self.catalog))
                for call in (_filled(call, values, parameters) for call in template.expect)
            ),
        )

    def _spent(self) -> bool:
        return self.client.statistics.requests - self.begun >= self.wanted.requests


@dataclass(frozen=True)
class _Trial:
    evidence: tuple[StepEvidence, ...]
    verdicts: tuple[tuple[str, Verdict], ...]


@dataclass
class _Best:
    values: dict[str, Any]
    shown: _Trial


def _shrink(drawing: Any, fails: Any, seed: int) -> None:
    """Let Hypothesis look for the smallest values that fail, until it finds none or no more may be sent."""
    import random  # noqa: PLC0415 - with what else only this search pays for

    import hypothesis  # noqa: PLC0415

    try:
        hypothesis.find(
            drawing,
            fails,
            settings=hypothesis.settings(
                max_examples=REQUESTS,
                backend=steady_backend(),
                database=None,
                deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
            ),
            random=random.Random(seed),  # noqa: S311 - a choice, not a secret
        )
    except (hypothesis.errors.NoSuchExample, hypothesis.errors.Flaky):
        return  # what was found on the way is kept


def _filled(call: Call, values: dict[str, Any], parameters: dict[str, Any]) -> Call:
    return Call(name=call.name, arguments=filled(call.arguments, values, parameters))


def _size(values: dict[str, Any]) -> tuple[int, bytes]:
    written = canonical(values)
    return len(written), written


def _forget_other_bodies(bodies: KeptBodies, kept: list[StepEvidence]) -> None:
    """Remove the bodies of trials that led nowhere."""
    named = {
        body.sha256
        for step in kept
        for exchange in step.exchanges
        for body in (exchange.body, exchange.request_body)
        if body is not None
    }
    for name in list(bodies.names()):
        if name.removesuffix(".gz") not in named:
            (bodies.folder / name).unlink()
