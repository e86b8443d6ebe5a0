"""`Telling`: whatever takes findings by their message id."""

from typing import Any, Protocol

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.node import Node

__all__ = ["Telling"]


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
