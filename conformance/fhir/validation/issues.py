"""What validation finds: issues, what was not evaluated, and both together as an outcome.

The shapes follow FHIR's OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html); `message_id` is stable
across releases, so that a pipeline can accept or refuse one kind of finding.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Issue", "NotEvaluated", "Outcome", "Severity"]


class Severity(StrEnum):
    """OperationOutcome's severities, worst first."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding.

    `code` is from OperationOutcome's issue types (structure, required, value, invariant, code-invalid, …);
    `expression` a FHIRPath from the resource's type down, `pointer` the JSON pointer (RFC 6901) of the same place;
    `line` and `column` count from 1 and are 0 where unknown; `structure` the canonical of the definition that
    states the rule; `rule` an invariant's key or a slice's name where there is one.
    """

    severity: Severity
    code: str
    message_id: str
    text: str
    expression: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    structure: str = ""
    rule: str = ""

    @property
    def is_error(self) -> bool:
        """Whether a resource with this issue does not conform."""
        return self.severity in {Severity.FATAL, Severity.ERROR}


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule that could not be judged: what it is, and why; never an error, never a pass.

    `kind` is binding, invariant, structure, reference, slice or extension; `subject` what it is about (a value
    set's canonical, an invariant's key, a structure's canonical); `reason` one sentence.
    """

    kind: str
    subject: str
    reason: str
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that validating one resource said."""

    issues: tuple[Issue, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether no issue is an error."""
        return not any(issue.is_error for issue in self.issues)
