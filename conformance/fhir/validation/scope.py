"""What a rule may ask while it judges one resource, and the shape of a rule.

A rule is a function of a node and a scope that yields issues. Rules for a FHIR type stand in a table by type name
(`rules/__init__.py`); the walker calls them once for each node of that type, with the node's base definition.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.leeway import Leeway
from conformance.fhir.validation.node import Node

__all__ = ["Resolved", "Rule", "Scope"]

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a reference leads: `node` is its target within this document, None where it lies outside.

    `external` says that the target cannot be seen from here (another server, another file), so nothing can be
    said about it; not external and no node means that it ought to be here and is not.
    """

    node: Node | None
    external: bool = False


class Scope(Protocol):
    """The judge of one resource, as rules see it."""

    @property
    def definitions(self) -> Definitions:
        """Every loaded definition."""
        ...

    @property
    def terminology(self) -> Any:
        """The terminology facade (`conformance.fhir.terminology.Terminology`)."""
        ...

    @property
    def leeway(self) -> Leeway:
        """What is let stand or refused here beyond FHIR's own text."""
        ...

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
        ...

    def cannot_judge(self, node: Node, kind: str, subject: str, reason: str) -> None:
        """Records that a rule was not evaluated here."""
        ...

    def children(self, node: Node) -> tuple[Node, ...]:
        """All element nodes directly below a node, typed, in document order; contained resources included."""
        ...

    def below(self, node: Node, *names: str) -> tuple[Node, ...]:
        """The nodes that a path of element names leads to (`below(bundle, "entry", "resource")`)."""
        ...

    def conforms(self, node: Node, canonical: str) -> bool | None:
        """Whether a node meets a structure; None where that cannot be decided (unknown structure)."""
        ...

    def once(self, node: Node, make: Callable[[Node], Made]) -> Made:
        """What `make` makes of a node, made once for all that ask for it."""
        ...

    def resolve(self, node: Node, reference: str) -> Resolved:
        """Where a reference that stands at a node leads (contained `#id`, Bundle entry by fullUrl, outside)."""
        ...


Rule = Callable[[Node, Scope], Iterable[Issue]]
