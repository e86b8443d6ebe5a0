"""Judging a supplier's exit plan alone, by all that a profile asks of it: no product is needed, and no network."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.catalog import Catalog
from conformance.checks.exit_plan_schema import part
from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.model.evidence import Body, Document, Evidence, StepEvidence
from conformance.model.measurement import Measurement
from conformance.model.placeholders import filled, named
from conformance.model.plan_review import Answer, Hint, Limit, PlanReview
from conformance.model.policy import advice
from conformance.model.profile import Call, Method, Phase, Profile, Requirement, Test
from conformance.model.suite import Case
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome, Verdict
from conformance.outside.plan_files import plan_bytes
from conformance.session.contract_terms import ContractTerms
from conformance.session.overrides import checked_overrides
from conformance.session.plan_places import PlanPlaces, paths_in
from conformance.session.shipped import shipped_suite
from conformance.stages.judge import judge

WORST_FIRST = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNTESTED, Outcome.PASS)
DEPENDS = "depends on the start date"
_MOST_HINTS = 3


@dataclass(frozen=True)
class Question:
    """What is to be judged: the plan's file, by which profile, and what the buyer says otherwise."""

    plan: Path
    profile: str = "exit-core"
    terms: ContractTerms = field(default_factory=ContractTerms)
    settings: Mapping[str, str] = field(default_factory=dict)
    presets: tuple[str, ...] = ()
    as_of: dt.date | None = None
    phase: str = ""


def review(question: Question, catalog: Catalog) -> PlanReview:
    """What the profile's questions to a plan come to. Raises UsageError, UnknownName or ProfileError."""
    data = plan_bytes(question.plan)
    profile = _profile(question.profile, catalog)
    given = {**question.terms.parameters, **question.settings}
    overrides = checked_overrides(given, profile, question.presets)
    who = dict.fromkeys(overrides, "--preset")
    who |= {name: "--set" if name in question.settings else "your contract" for name in given}
    phase = Phase(question.phase or question.terms.phase or Phase.TENDER)
    today = question.as_of or question.terms.as_of or dt.datetime.now(dt.UTC).date()
    document = Document(
        id="exit-plan",
        name="exit-plan",
        location=str(question.plan),
        body=Body(sha256=sha256(data), size=len(data)),
    ).connected(lambda _: iter([data]))
    evidence = Evidence(
        steps=(StepEvidence(step="documents", documents=(document,)),),
        discovery=StepEvidence(step="discovery"),
        target=TargetCard(endpoint="", phase=phase),
        as_of=today,
    )
    asked = _Asked(profile, overrides, who, phase, evidence, catalog, PlanPlaces.of(data))
    due = [r for r in profile.requirements if r.method is not Method.OUT_OF_SCOPE]
    answers = tuple(asked.answer(r) for r in due if any(is_of_plan(test) for test in r.tests))
    if not answers:
        raise UsageError(
            f"the profile {profile.profile} asks nothing that an exit plan could answer",
            hint="`--profile exit-core` does, and so does any profile that extends it.",
        )
    return PlanReview(
        plan=str(question.plan),
        sha256=sha256(data),
        profile=profile.label,
        as_of=today,
        phase=phase.value,
        answers=answers,
        measurements=tuple(asked.measured.values()),
        contradictions=tuple(question.terms.contradictions(document.json_or_none())),
        beyond_a_plan=len(due) - len(answers),
    )


def is_of_plan(test: Test) -> bool:
    """Whether a test looks at the exit plan and at nothing else."""
    return test.probe.name == "documents" and not test.probe.arguments.get("attestation") and not test.also


def _profile(name: str, catalog: Catalog) -> Profile:
    """The profile of that name: one that is shipped is taken as its suite holds it, which is much faster."""
    suite = shipped_suite(name) if "/" not in name and "\\" not in name else None
    if suite is not None:
        return suite.profile
    from conformance.session.suites import profile_named  # noqa: PLC0415 - drawing is slow to load

    return profile_named(name, catalog)


@dataclass(frozen=True)
class _Asked:
    profile: Profile
    overrides: Mapping[str, Any]
    who: Mapping[str, str]
    phase: Phase
    evidence: Evidence
    catalog: Catalog
    places: PlanPlaces
    measured: dict[str, Measurement] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """The limits as they apply."""
        return {name: p.default for name, p in self.profile.parameters.items()} | dict(self.overrides)

    def answer(self, requirement: Requirement) -> Answer:
        tests = [test for test in requirement.tests if is_of_plan(test)]
        verdicts = [self._verdict(requirement, index, test) for index, test in enumerate(tests)]
        outcome = next(
            (worst for worst in WORST_FIRST if any(v.outcome is worst for v in verdicts)),
            Outcome.INAPPLICABLE,
        )
        for number in (each for verdict in verdicts for each in verdict.measurements):
            self.measured.setdefault(number.id, number)
        advisory = advice(self.profile.advisories, requirement.id, self.parameters, self.evidence.as_of)
        prefix = f"{self.evidence.documents[0]} "
        findings = tuple(text.removeprefix(prefix) for v in verdicts for text in v.findings)
        because = "; ".join(dict.fromkeys(v.because for v in verdicts if v.because))
        return Answer(
            id=requirement.id,
            level=requirement.level,
            text=requirement.text,
            source=requirement.source,
            outcome=outcome,
            depends=outcome is Outcome.INCONCLUSIVE and DEPENDS in because,
            findings=findings,
            marks=tuple(self.places.mark(text) for text in findings),
            remarks=tuple(text for v in verdicts for text in v.remarks),
            because=because,
            limits=tuple(self._limits(call for test in tests for call in test.expect)),
            hints=tuple(_hints(findings)),
            needs_run=len(tests) < len(requirement.tests),
            advisory=advisory if requirement.level.binding else "",
        )

    def _verdict(self, requirement: Requirement, index: int, test: Test) -> Verdict:
        calls = (Call(name=c.name, arguments=filled(c.arguments, {}, self.parameters)) for c in test.expect)
        later = (
            ""
            if requirement.phase.reached_at(self.phase)
            else f"applies from the phase {requirement.phase} on"
        )
        case = Case(
            id=f"{requirement.id}/{index + 1}",
            requirement=requirement.id,
            expect=tuple(calls),
            inapplicable=later,
        )
        return judge(case, self.evidence, self.catalog)

    def _limits(self, calls: Iterator[Call]) -> Iterator[Limit]:
        names = (name for call in calls for is_parameter, name in named(call.arguments) if is_parameter)
        for name in dict.fromkeys(names):
            parameter = self.profile.parameters[name]
            yield Limit(
                name=name,
                value=self.overrides.get(name, parameter.default),
                default=parameter.default,
                unit=parameter.unit,
                basis=parameter.basis,
                set_by=self.who.get(name, ""),
            )


def _hints(findings: tuple[str, ...]) -> Iterator[Hint]:
    """What belongs at the places that the findings name."""
    paths = dict.fromkeys(path for text in findings for path in paths_in(text))
    described = [(path, part(path).get("description", "")) for path in paths]
    for path, belongs in [each for each in described if each[1]][:_MOST_HINTS]:
        yield Hint(path=path, belongs=belongs)
