"""The judge of one document: keeps what was found, and answers what rules may ask (`scope.Scope`).

Findings go into a sink. Where something is only tried (does this target meet that profile?), a sink of its own
takes them, so that nothing of the trial is told.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Constraint, Structure
from conformance.fhir.validation.issues import Issue, NotEvaluated, Severity
from conformance.fhir.validation.leeway import AS_FHIR_SAYS, Leeway
from conformance.fhir.validation.messages import MESSAGES
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.plans import Plans
from conformance.fhir.validation.resolving import resolved
from conformance.fhir.validation.scope import Resolved

__all__ = ["Judge", "Sink"]

Made = TypeVar("Made")


class Sink:
    """What was found: each issue once, in the order of finding, and each rule that could not be judged once."""

    __slots__ = ("applied", "failed", "issues", "quiet", "skipped")

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.failed = False
        self.issues: dict[tuple[Any, ...], Issue] = {}
        self.skipped: dict[tuple[str, str, str], NotEvaluated] = {}
        self.applied: set[tuple[int, str]] = set()


class Invariants(Protocol):
    """Evaluates invariants (`invariants.Invariants`)."""

    def judge(self, judge: "Judge", node: Node, constraint: Constraint, structure: str) -> None:
        """Tells where an invariant does not hold."""
        ...

    def holds(
        self, judge: "Judge", node: Node, expression: str, constants: Mapping[str, Node]
    ) -> bool | None:
        """Whether an expression is true at a node."""
        ...

    def select(self, judge: "Judge", node: Node, expression: str) -> tuple[Node, ...] | None:
        """The nodes that an expression selects from a node."""
        ...


class Judge:
    """Judges one document; `meets` is how a structure is tried on a node (given by the profile side)."""

    def __init__(
        self,
        plans: Plans,
        terminology: Any,
        invariants: Invariants,
        *,
        leeway: Leeway = AS_FHIR_SAYS,
        meets: Callable[["Judge", Node, Structure], None] | None = None,
    ) -> None:
        self.plans = plans
        self.definitions = plans.definitions
        self.terminology = terminology
        self.invariants = invariants
        self.leeway = leeway
        self.services: Any = None
        self.now = datetime.now(UTC)
        self.sink = Sink()
        self._meets = meets
        self._conforming: dict[tuple[int, str], bool | None] = {}
        self._resolved: dict[tuple[int, str], Resolved] = {}
        self._made: dict[tuple[int, Any], Any] = {}

    def tell(
        self,
        node: Node,
        message_id: str,
        *,
        structure: str = "",
        rule: str = "",
        severity: Severity = Severity.ERROR,
        **words: Any,
    ) -> None:
        """Notes a finding; the same finding by two structures is told once, with the first."""
        sink = self.sink
        if severity in {Severity.ERROR, Severity.FATAL}:
            sink.failed = True
        if sink.quiet:
            return
        key = (message_id, node.pointer, rule, *map(str, words.values()))
        if key not in sink.issues:
            message = MESSAGES[message_id]
            text = message.words.format(rule=rule, **words)
            by = f" (by {structure})" if structure else ""
            sink.issues[key] = self.issue(
                node,
                message_id,
                text + by,
                code=message.code,
                severity=severity,
                structure=structure,
                rule=rule,
            )

    def add(self, issue: Issue) -> None:
        """Notes a finding of a rule in code."""
        if issue.is_error:
            self.sink.failed = True
        if not self.sink.quiet:
            self.sink.issues.setdefault((issue.message_id, issue.pointer, issue.rule, issue.text), issue)

    def issue(  # noqa: PLR0913 - an issue has this many sides, all named by the caller
        self,
        node: Node,
        message_id: str,
        text: str,
        *,
        code: str = "invalid",
        severity: Severity = Severity.ERROR,
        structure: str = "",
        rule: str = "",
    ) -> Issue:
        """An issue at a node."""
        return Issue(
            severity, code, message_id, text, node.expression, node.pointer, structure=structure, rule=rule
        )

    def cannot_judge(self, node: Node, kind: str, subject: str, reason: str) -> None:
        """Records that a rule was not evaluated here; the first place stands for all."""
        self.sink.skipped.setdefault(
            (kind, subject, reason),
            NotEvaluated(kind, subject, reason, "" if self.sink.quiet else node.expression),
        )

    def children(self, node: Node) -> tuple[Node, ...]:
        """All element nodes directly below a node."""
        return node.children

    def below(self, node: Node, *names: str) -> tuple[Node, ...]:
        """The nodes that a path of element names leads to; a choice goes by its short name (`value`)."""
        found: list[Node] = [node]
        for name in names:
            found = [
                child for one in found for child in one.groups.get(name) or one.groups.get(f"{name}[x]") or ()
            ]
        return tuple(found)

    def structure(self, node: Node, canonical: str) -> Structure | None:
        """A structure by its canonical; None where it is not loaded or cannot be used, which is then recorded."""
        try:
            found = self.definitions.structure(canonical)
        except DefinitionProblem as problem:
            self.cannot_judge(
                node, "structure", canonical, f"its definition cannot be used: {problem.reason}"
            )
            return None
        if found is None:
            self.cannot_judge(node, "structure", canonical, "its definition is not loaded")
        return found

    def known(self, canonical: str) -> Structure | None:
        """A structure by its canonical where one is loaded and can be used; nothing is recorded."""
        try:
            return self.definitions.structure(canonical)
        except DefinitionProblem:
            return None

    def conforms(self, node: Node, canonical: str) -> bool | None:
        """Whether a node meets a structure; None where that cannot be decided."""
        key = (id(node), canonical)
        if key in self._conforming:
            return self._conforming[key]
        structure = self.structure(node, canonical)
        if structure is None or self._meets is None:
            return None
        self._conforming[key] = True  # what leads back to this question does not decide it
        with self.trial() as sink:
            self._meets(self, node, structure)
        answer: bool | None = not sink.failed
        if answer and sink.skipped:
            answer = (
                None if any(row.kind in {"structure", "slice"} for row in sink.skipped.values()) else True
            )
        self._conforming[key] = answer
        return answer

    @contextmanager
    def trial(self) -> Iterator[Sink]:
        """A sink that only learns whether something fails; what could not be judged in it is recorded all the same."""
        outer, self.sink = self.sink, Sink(quiet=True)
        try:
            yield self.sink
        finally:
            tried, self.sink = self.sink, outer
            for key, row in tried.skipped.items():
                outer.skipped.setdefault(key, row)

    def once(self, node: Node, make: Callable[[Node], Made]) -> Made:
        """What `make` makes of a node, made once: an index that every reference below it needs."""
        key = (id(node), make)  # the nodes of a document live as long as its judge
        if key not in self._made:
            self._made[key] = make(node)
        found: Made = self._made[key]
        return found

    def resolve(self, node: Node, reference: str) -> Resolved:
        """Where a reference that stands at a node leads."""
        key = (id(node.resource), reference)
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = resolved(node, reference, self.once)
        return found

    def holds(self, node: Node, expression: str, constants: Mapping[str, Node]) -> bool | None:
        """Whether a FHIRPath expression is true at a node; None where that cannot be decided."""
        return self.invariants.holds(self, node, expression, constants)

    def select(self, node: Node, expression: str) -> tuple[Node, ...] | None:
        """The nodes that a FHIRPath expression selects from a node; None where that cannot be decided."""
        return self.invariants.select(self, node, expression)
