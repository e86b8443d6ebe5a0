"""`Telling`: whatever takes findings by their message id."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.node import Node

__all__ = ["Telling"]

Made = TypeVar("Made")


class Telling(Protocol):
    """Takes findings."""

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
        """Notes a finding at a node by its message id; `words` fill the message's template."""
        ...

    def once(self, node: Node, make: Callable[[Node], Made]) -> Made:
        """What `make` makes of a node, made once."""
        ...
