"""The evidence of a run as it grows: what is published, and what only the judge may see.

Where the data is synthetic both are the same file. Where it is not, the judge's evidence lies in the private work
area until the run is closed; the run's folder gets it without ids and without bodies.
"""

from collections.abc import Callable
from typing import Any

from conformance.model.base import compact, sha256
from conformance.model.evidence import StepEvidence
from conformance.model.placeholders import named
from conformance.model.profile import Call
from conformance.model.suite import DISCOVERY, BoundSuite, Case
from conformance.model.target import DataClass
from conformance.model.verdict import Verdict
from conformance.outside import folders
from conformance.outside.folders import EvidenceLog, RunFolder
from conformance.outside.kept_bodies import KeptBodies
from conformance.outside.redact import Redactor
from conformance.session.area import WorkArea
from conformance.stages.judge import expected


class Ledger:
    """Takes the evidence of steps, keeps it where it belongs, and remembers which steps are done."""

    def __init__(self, folder: RunFolder, area: WorkArea, redactor: Redactor, data_class: DataClass) -> None:
        self._folder = folder
        self._redactor = redactor
        self._published = folder.evidence()
        self._digests: dict[str, str] = {}
        self.suite_digest = ""
        """The SHA-256 of the published suite, once this process has written it down."""
        self._area = None if data_class is DataClass.SYNTHETIC else area
        if self._area is None:
            self.bodies = folder.bodies
            self._full = self._published
        else:
            self.bodies = KeptBodies(area.bodies)
            self._full = EvidenceLog(area.path / folders.EVIDENCE, lambda _data, _where: None)
            for evidence in self._published.recovered.values():
                self._remember(evidence)
            for step in self._full.done - self._published.done:
                self._publish(self._full.recovered[step])  # the run was killed between the two
        self.discovery = self._full.recovered.pop(DISCOVERY, None)

    @property
    def done(self) -> set[str]:
        """The steps that are done."""
        return self._full.done

    def recovered(self, step: str) -> StepEvidence:
        """The evidence of a step that was done before the run broke off, as the judge sees it: once, to be let go."""
        return self._full.recovered.pop(step)

    def add(self, evidence: StepEvidence) -> None:
        """Keep the evidence of one more step."""
        self._full.add(evidence)
        if evidence.step == DISCOVERY:
            self.discovery = evidence
        if self._area is not None:
            self._publish(evidence)

    def keep_suite(self, bound: BoundSuite) -> None:
        """Write down the bound suite."""
        if self._area is not None:
            RunFolder(self._area.path).write(folders.SUITE, bound.canonical())
        data = self.published_suite(bound).canonical()
        self._folder.write(folders.SUITE, data)
        self.suite_digest = sha256(data)

    def kept_suite(self) -> BoundSuite:
        """The bound suite with its true values. Raises Unreadable where it is not there any more."""
        return self._folder.suite() if self._area is None else RunFolder(self._area.path).suite()

    def published_suite(self, bound: BoundSuite) -> BoundSuite:
        """The suite without values of people, where the data is not synthetic.

        What a profile itself writes down is nobody's secret: only what was drawn or filled in is hidden.
        """
        if self._area is None:
            return bound
        hide = self._redactor.private
        steps = tuple(
            step.model_copy(
                update={"probe": step.probe.model_copy(update={"arguments": hide(step.probe.arguments)})}
            )
            for step in bound.steps
        )
        written = {template.id: template.expect for template in bound.templates}
        cases = tuple(
            case.model_copy(
                update={
                    "values": hide(case.values),
                    "expect": tuple(
                        call.model_copy(update={"arguments": _hidden(call, own, hide)})
                        for call, own in zip(case.expect, written[case.template], strict=True)
                    )
                    if case.expect
                    else (),
                }
            )
            for case in bound.cases
        )
        return bound.model_copy(update={"steps": steps, "cases": cases})

    def published_verdict(self, verdict: Verdict, case: Case) -> Verdict:
        """The verdict without values of people, naming the published evidence; `case` is the published one."""
        if self._area is None:
            return verdict
        sentence = self._redactor.sentence
        return verdict.model_copy(
            update={
                "findings": tuple(sentence(finding) for finding in verdict.findings),
                "remarks": tuple(sentence(remark) for remark in verdict.remarks),
                "because": sentence(verdict.because),
                "expected": sentence(expected(case)) if verdict.expected else "",
                "curl": sentence(verdict.curl),
                "evidence": tuple(
                    reference.model_copy(update={"sha256": self._digests[reference.id]})
                    for reference in verdict.evidence
                ),
            }
        )

    def close(self) -> None:
        """All that was to be done was done."""
        self._published.close()
        if self._area is not None:
            self._full.abandon()

    def abandon(self) -> None:
        """The run broke off; what is there can be gone on with."""
        self._published.abandon()
        if self._area is not None:
            self._full.abandon()

    def _publish(self, evidence: StepEvidence) -> None:
        published = self._redactor.published(evidence)
        self._published.add(published)
        self._remember(published)

    def _remember(self, evidence: StepEvidence) -> None:
        for content in (*evidence.exchanges, *evidence.documents):
            self._digests[content.id] = sha256(compact(content.plain()))


def _hidden(call: Call, own: Call, hide: Callable[[Any], Any]) -> dict[str, Any]:
    """A check's arguments, hidden but for those that the profile states in so many words, or by a parameter."""
    stated = {
        name for name, value in own.arguments.items() if all(is_parameter for is_parameter, _ in named(value))
    }
    return {name: value if name in stated else hide(value) for name, value in call.arguments.items()}
