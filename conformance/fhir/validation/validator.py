"""`Validator`: judges resources precisely and completely, and says of each finding what, where and by which definition.

The outcome of any input is an `Outcome`: a document that cannot be read, a value that is no resource, a failure of
the validator itself are issues of severity fatal, never an exception and never a pass.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.documents import Document, is_xml, read_json, read_xml
from conformance.fhir.validation.arrange import arranged, of_text
from conformance.fhir.validation.checks import judge_form, judge_limits
from conformance.fhir.validation.deltas import Deltas
from conformance.fhir.validation.guides import global_profiles
from conformance.fhir.validation.invariants import Invariants
from conformance.fhir.validation.issues import Issue, Outcome, Severity
from conformance.fhir.validation.judge import Judge, Sink
from conformance.fhir.validation.leeway import AS_FHIR_SAYS, Allowed, Leeway
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.overlap import once
from conformance.fhir.validation.plans import Plans
from conformance.fhir.validation.profiles import Profiles
from conformance.fhir.validation.vital_signs import vital_signs
from conformance.fhir.validation.walker import DEEPEST, Walk

__all__ = ["Validator"]

NOWHERE = Element("", "", "")


class Validator:
    """Judges resources by loaded definitions.

    `terminology` decides bindings (None: no binding is judged, and that is recorded); `structures` are canonicals
    that every resource of their type must meet, besides those that it declares itself; `leeway` is what is let
    stand or refused beyond FHIR's own text.
    """

    def __init__(
        self,
        definitions: Definitions,
        terminology: Any = None,
        *,
        structures: Iterable[str] = (),
        leeway: Leeway = AS_FHIR_SAYS,
    ) -> None:
        self.definitions = definitions
        self.terminology = terminology
        self.structures = tuple(structures)
        self.leeway = leeway
        self._plans = Plans(definitions)
        self._profiles = Profiles(Deltas(definitions))
        self._invariants = Invariants(definitions)
        self._everywhere = global_profiles(definitions)

    def explain(self, source: Document | bytes | dict[str, Any]) -> Outcome:
        """Everything that is wrong with a document, with lines and columns; bytes are read as XML or JSON."""
        if isinstance(source, dict):
            return self.explain_resource(source)
        document = self._read(source) if isinstance(source, bytes) else source
        problems = self._of_text(document)
        if document.value is None and problems:
            return Outcome(problems)
        sink = self._judged(document.value)
        return arranged((*problems, *once(sink.issues.values())), sink.skipped.values(), document)

    def _of_text(self, document: Document) -> tuple[Issue, ...]:
        problems = of_text(document)
        if not self.leeway.allows(Allowed.JSON_COMMENTS):
            return problems
        return tuple(problem for problem in problems if problem.message_id != "json-comment")

    def explain_resource(self, value: Any) -> Outcome:
        """Everything that is wrong with a resource in the shape of FHIR's JSON; lines are not known here."""
        sink = self._judged(value)
        return arranged(once(sink.issues.values()), sink.skipped.values(), value)

    def _judged(self, value: Any) -> Sink:
        judge = Judge(
            self._plans, self.terminology, self._invariants,
            leeway=self.leeway, meets=self._profiles.apply,
        )  # fmt: skip
        place = Node(value, "", NOWHERE, is_resource=True)
        try:
            self._judge(judge, place)
        except RecursionError:
            judge.tell(place, "too-deep", severity=Severity.FATAL, limit=DEEPEST)
        except Exception as failure:  # noqa: BLE001 - a fault of ours must never look like a pass, nor end the run
            judge.tell(
                place, "internal-error", severity=Severity.FATAL, found=f"{type(failure).__name__}: {failure}"
            )
        return judge.sink

    def _read(self, raw: bytes) -> Document:
        return read_xml(raw, self.definitions) if is_xml(raw) else read_json(raw)

    def _judge(self, judge: Judge, place: Node) -> None:
        walk = Walk(self._plans, judge)
        root = walk.resource(place.value, place)
        for node in walk.nodes:
            self._judge_node(judge, node)
        if root is not None:
            self._judge_structures(judge, root)

    def _judge_node(self, judge: Judge, node: Node) -> None:
        plan = node.plan
        if plan.sure is None or not plan.sure(node.value):
            judge_form(judge, node)
        if plan.limits.any:
            judge_limits(judge, node, plan.limits, plan.stated)
        for native in plan.native:
            native(judge, node, plan.url)
        if plan.profiles:
            self._profiles.meet_one(judge, node, plan.profiles, plan.url)
        for rule in plan.rules:
            for issue in rule(node, judge):
                judge.add(issue)
        if node.type == "Extension":
            self._judge_extension(judge, node)
        elif node.is_resource:
            self._judge_resource(judge, node)

    def _judge_resource(self, judge: Judge, node: Node) -> None:
        """The structures that a resource must meet: those that it declares, and those that nobody need declare."""
        self._judge_declared(judge, node)
        if node.type in self._everywhere and node.name != "contained":
            for profile in self._everywhere[node.type]:
                self._profiles.meet_one(judge, node, (profile,), profile)
        if node.type == "Observation":
            self._judge_vital_sign(judge, node)

    @cached_property
    def _vital_signs(self) -> Mapping[tuple[str, str], str]:
        return vital_signs(self.definitions)

    def _judge_vital_sign(self, judge: Judge, node: Node) -> None:
        """The structures that R4 asks of an Observation by its code, whatever profiles it declares."""
        for coding in judge.below(node, "code", "coding"):
            system, code = coding.value.get("system"), coding.value.get("code")
            if isinstance(system, str) and isinstance(code, str) and (system, code) in self._vital_signs:
                url = self._vital_signs[system, code]
                self._profiles.meet_one(judge, node, (url,), url)

    def _judge_extension(self, judge: Judge, node: Node) -> None:
        """The content of an extension by its definition; whether it may stand there is judged by the rules."""
        url = node.value.get("url")
        if isinstance(url, str) and ":" in url:
            structure = judge.known(url)
            if structure is not None and structure.type == "Extension":
                self._profiles.apply(judge, node, structure)

    def _judge_declared(self, judge: Judge, node: Node) -> None:
        """The profiles that a resource declares itself."""
        for meta in node.groups.get("meta", ()):
            for profile in meta.groups.get("profile", ()):
                if isinstance(profile.value, str):
                    structure = judge.structure(node, profile.value)
                    if structure is None:
                        judge.tell(profile, "profile-unknown", severity=Severity.WARNING, found=profile.value)
                    else:
                        self._apply(judge, node, profile, structure)

    def _apply(self, judge: Judge, node: Node, profile: Node, structure: Structure) -> None:
        if judge.definitions.is_a(node.type, structure.type):
            self._profiles.apply(judge, node, structure)
        else:
            judge.tell(
                profile, "profile-type", structure=structure.url,
                found=structure.url, expected=structure.type, type=node.type,
            )  # fmt: skip

    def _judge_structures(self, judge: Judge, root: Node) -> None:
        """The structures that whoever runs the validator asks for: those of the resource's type, or any at all."""
        found = [
            structure for name in self.structures if (structure := judge.structure(root, name)) is not None
        ]
        fitting = [structure for structure in found if judge.definitions.is_a(root.type, structure.type)]
        for structure in fitting or found:
            self._apply(judge, root, root, structure)
