"""Bind: fill a suite's slots with what the target declares and holds, and fix the date to judge by."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.catalog import Catalog
from conformance.fhir.bundles import entries
from conformance.fhir.elements import texts
from conformance.model.base import sha256
from conformance.model.evidence import StepEvidence
from conformance.model.placeholders import filled
from conformance.model.profile import Call
from conformance.model.suite import BoundSuite, Case, Slot, Step, Suite, Template
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome

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


def bind(
    suite: Suite, discovery: StepEvidence, around: Circumstances, gate: Gate, catalog: Catalog
) -> BoundSuite:
    """The suite made ready for one target: same suite and discovery, same result."""
    parameters = {name: p.default for name, p in suite.profile.parameters.items()} | dict(around.overrides)
    binder = _Binder(_Samples(discovery), parameters, around.target, gate, catalog)
    phases = {r.id: r.phase for r in suite.profile.requirements}
    due = [t for t in suite.templates if phases[t.requirement].reached_at(around.target.phase)]
    cases = tuple(
        binder.case(template)
        if not around.only or {template.id, template.requirement} & set(around.only)
        # a requirement of which only some cases were tried is untested
        else Case(id=template.id, requirement=template.requirement, untestable=LEFT_OUT)
        for template in due
    )
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
        plugins=dict(around.plugins),
        templates=suite.templates,
        steps=tuple(binder.steps.values()),
        cases=cases,
    )


class _Binder:
    def __init__(
        self,
        samples: "_Samples",
        parameters: Mapping[str, Any],
        target: TargetCard,
        gate: Gate,
        catalog: Catalog,
    ) -> None:
        self.samples = samples
        self.parameters = parameters
        self.target = target
        self.gate = gate
        self.catalog = catalog
        self.steps: dict[str, Step] = {}

    def case(self, template: Template) -> Case:
        """The case that a template becomes, or the reason why it becomes none."""
        case = Case(id=template.id, requirement=template.requirement)
        shut = self.gate(tuple(self._filled(call, {}) for call in template.when))
        if shut:
            outcome, because = shut
            member = "inapplicable" if outcome is Outcome.INAPPLICABLE else "untestable"
            return case.model_copy(update={member: because})
        values = dict(template.values)
        for name, slot in template.slots.items():
            taken = self.samples.taken(slot)
            if taken is None:
                lacking = f"the target showed no {slot.path} in the resources that were sampled"
                return case.model_copy(update={"untestable": lacking})
            values |= {name: taken[0], f"{name}.source": taken[1], f"{name}.id": taken[1].partition("/")[2]}
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


@dataclass(frozen=True)
class _Samples:
    """The resources that discovery sampled, as a source of values."""

    discovery: StepEvidence

    @cached_property
    def resources(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for exchange in self.discovery.labelled("sample"):
            for resource in _matches(exchange.resource("Bundle") if exchange.ok else None):
                found.setdefault(resource["resourceType"], []).append(resource)
        return found

    def taken(self, slot: Slot) -> tuple[str, str] | None:
        """The chosen value and the resource that it comes from; None where there is no value."""
        kind, _, path = slot.path.partition(".")
        found = sorted(
            {
                (text, f"{kind}/{resource['id']}")
                for resource in self.resources.get(kind, [])
                for text in texts(resource, path)
                if _is_writable(text + resource["id"])
            }
        )
        return found[slot.choice % len(found)] if found else None


def _is_writable(text: str) -> bool:
    """Whether a text from the target can be written in a suite; a lone surrogate cannot (RFC 3629)."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _matches(bundle: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    for entry in entries(bundle or {}):
        resource = entry.get("resource")
        if isinstance(resource, dict) and all(
            isinstance(resource.get(n), str) for n in ("id", "resourceType")
        ):
            yield resource
