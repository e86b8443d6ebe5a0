"""Bind: fill a suite's slots with what the target declares and holds, and fix the date to judge by."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from conformance.analysis.samples import Samples, samples
from conformance.catalog import Catalog
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.fhir.elements import texts
from conformance.model.base import sha256
from conformance.model.evidence import Evidence, StepEvidence
from conformance.model.packages import PackagePin
from conformance.model.placeholders import filled
from conformance.model.profile import Call
from conformance.model.suite import BoundSuite, Case, Each, Slot, Step, Suite, Template, template_of
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome
from conformance.plugin import Row

KEY = re.compile(r"[^\s/]+")
MOST_TOLD = 40
LEFT_OUT = "left out, since the run was limited to some requirements or cases (--only)"

Gate = Callable[[tuple[Call, ...]], tuple[Outcome, str] | None]
"""Says what the gates make of a case, and why: inapplicable, or untested where they cannot tell. None: open."""


@dataclass(frozen=True)
class Circumstances:
    """What a bound suite records beside the suite itself.

    `overrides` are the buyer's own parameters; `only` names the requirements and cases to try, empty for all.
    """

    run_id: str
    as_of: dt.date
    target: TargetCard
    overrides: Mapping[str, Any]
    plugins: Mapping[str, str]
    only: tuple[str, ...] = ()
    packages: tuple[PackagePin, ...] = ()


def bind(
    suite: Suite, discovery: StepEvidence, around: Circumstances, gate: Gate, catalog: Catalog
) -> BoundSuite:
    """The suite made ready for one target: same suite and discovery, same result."""
    parameters = {name: p.default for name, p in suite.profile.parameters.items()} | dict(around.overrides)
    binder = _Binder(discovery, parameters, around, gate, catalog)
    phases = {r.id: r.phase for r in suite.profile.requirements}
    due = [t for t in suite.templates if phases[t.requirement].reached_at(around.target.phase)]
    cases = tuple(case for template in due for case in binder.cases(template))
    return BoundSuite(
        run_id=around.run_id,
        as_of=around.as_of,
        profile=suite.profile,
        profile_digest=sha256(suite.profile.canonical()),
        seed=suite.seed,
        parameters=parameters,
        overrides=tuple(sorted(around.overrides)),
        only=around.only,
        target=around.target,
        observed=discovery.observed(),
        plugins=dict(around.plugins),
        packages=around.packages,
        templates=suite.templates,
        steps=tuple(binder.steps.values()),
        cases=cases,
        not_tried={requirement: tuple(said) for requirement, said in binder.not_tried.items()},
    )


class _Binder:
    def __init__(
        self,
        discovery: StepEvidence,
        parameters: Mapping[str, Any],
        around: Circumstances,
        gate: Gate,
        catalog: Catalog,
    ) -> None:
        self.discovery = discovery
        self.seen = Evidence(steps=(), discovery=discovery, target=around.target, as_of=around.as_of)
        self.parameters = parameters
        self.target = around.target
        self.only = frozenset(around.only)
        self.gate = gate
        self.catalog = catalog
        self.steps: dict[str, Step] = {}
        self.not_tried: dict[str, list[str]] = {}

    @cached_property
    def samples(self) -> Samples:
        """What discovery sampled. Raises NotJudgeable where its bodies were not kept."""
        return samples(self.discovery)

    def cases(self, template: Template) -> Iterator[Case]:
        """The cases that a template becomes: one, or one for each row of its enumerator."""
        within = [name for name in self.only if template_of(name) == template.id]
        case = Case(id=template.id, requirement=template.requirement)
        if self.only and template.requirement not in self.only and not within:
            # a requirement of which only some cases were tried is untested
            yield case.model_copy(update={"untestable": LEFT_OUT})
            return
        shut = self.gate(tuple(self._filled(call, {}) for call in template.when))
        if shut:
            outcome, because = shut
            member = "inapplicable" if outcome is Outcome.INAPPLICABLE else "untestable"
            yield case.model_copy(update={member: because})
        elif template.each is None:
            yield self._case(template, case, {})
        else:
            wanted = frozenset(within) - {template.id}
            yield from self._each(template, template.each, case, wanted)

    def _each(self, template: Template, each: Each, case: Case, wanted: frozenset[str]) -> Iterator[Case]:
        """A case for each row; `wanted` are the ids of those to try, all where it is empty."""
        try:
            rows = self._rows(each)
        except NotApplicable as reason:
            yield case.model_copy(update={"inapplicable": str(reason)})
            return
        except NotJudgeable as reason:
            yield case.model_copy(update={"untestable": str(reason)})
            return
        told = list(_not_tried(rows, each.most))
        if told:
            self.not_tried.setdefault(template.requirement, []).extend(told)
        chosen = _spread([row for row in rows if not row.lacking], each)
        if not chosen:
            yield case.model_copy(update={"untestable": "; ".join(told) or "there is nothing to try it with"})
        for row in chosen:
            own = case.model_copy(update={"id": f"{template.id}:{row.key}"})
            if wanted and own.id not in wanted:
                yield own.model_copy(update={"untestable": LEFT_OUT})
            else:
                yield self._case(
                    template, own, {name: v for name, v in asdict(row).items() if name != "lacking"}
                )

    def _rows(self, each: Each) -> list[Row]:
        """The enumerator's rows in the order of their keys. Raises NotApplicable or NotJudgeable."""
        call = self._filled(each.call, {})
        try:
            rows = list(self.catalog.find("enumerator", call.name)(self.seen, each.choice, **call.arguments))
            keys = {row.key for row in rows}
            if len(keys) < len(rows) or not all(KEY.fullmatch(key) for key in keys):
                raise ValueError("its keys are not distinct names")  # noqa: TRY301 - told as any other crash
        except (NotApplicable, NotJudgeable):
            raise
        except Exception as error:
            said = f"the enumerator {call.name} crashed ({type(error).__name__}: {error})"
            raise NotJudgeable(f"{said}; this is a fault of the harness") from error
        return sorted(rows, key=lambda row: row.key)

    def _case(self, template: Template, case: Case, given: Mapping[str, Any]) -> Case:
        """The case with its values filled in, or the reason why it cannot be tried."""
        values = {**template.values, **given}
        try:
            for name, slot in template.slots.items():
                value, source = self._taken(slot)
                values |= {name: value, f"{name}.source": source, f"{name}.id": source.partition("/")[2]}
        except NotJudgeable as lacking:
            return case.model_copy(update={"untestable": str(lacking)})
        steps = [self._step(self._filled(probe, values)) for probe in template.probes]
        if any(step.writes for step in steps) and not self.target.may_write:
            forbidden = "it writes, and the target file gives no permission (permissions: {write: true})"
            return case.model_copy(update={"untestable": forbidden, "values": values})
        self.steps |= {step.id: step for step in steps}
        expect = tuple(self._filled(call, values) for call in template.expect)
        return case.model_copy(
            update={"steps": tuple(step.id for step in steps), "values": values, "expect": expect}
        )

    def _filled(self, call: Call, values: Mapping[str, Any]) -> Call:
        return Call(name=call.name, arguments=filled(call.arguments, values, self.parameters))

    def _step(self, probe: Call) -> Step:
        return Step(id=Step.name(probe), probe=probe, writes=self.catalog.find("probe", probe.name).writes)

    def _taken(self, slot: Slot) -> tuple[str, str]:
        """The chosen value and a resource that holds it. Raises NotJudgeable where there is no value.

        Choices that follow on each other come to different values, as long as there are any: a value that many
        resources hold would else be tried again and again.
        """
        kind, _, path = slot.path.partition(".")
        holders: dict[str, set[str]] = {}
        for resource in self.samples.of(kind):
            for text in texts(resource, path):
                if _is_writable(text + resource["id"]):
                    holders.setdefault(text, set()).add(f"{kind}/{resource['id']}")
        if not holders:
            raise NoData(f"the target showed no {slot.path} in the resources that were sampled")
        again, place = divmod(slot.choice, len(holders))
        text = sorted(holders)[place]
        return text, sorted(holders[text])[again % len(holders[text])]


def _spread(rows: list[Row], each: Each) -> list[Row]:
    """As many rows as may be tried, spread over all of them from the recorded choice on."""
    number = len(rows)
    if number <= each.most:
        return rows
    places = {(each.choice + step * number // each.most) % number for step in range(each.most)}
    return [rows[place] for place in sorted(places)]


def _not_tried(rows: list[Row], most: int) -> Iterator[str]:
    """What is found and not tried, by reason."""
    reasons = sorted({row.lacking for row in rows if row.lacking})
    for reason in reasons:
        keys = [row.key for row in rows if row.lacking == reason]
        more = f" and {len(keys) - MOST_TOLD} more" if len(keys) > MOST_TOLD else ""
        yield f"not tried, since {reason}: {', '.join(keys[:MOST_TOLD])}{more}"
    ready = sum(not row.lacking for row in rows)
    if ready > most:
        yield f"tried {most} of the {ready} that could be"


def _is_writable(text: str) -> bool:
    """Whether a text from the target can be written in a suite; a lone surrogate cannot (RFC 3629)."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
