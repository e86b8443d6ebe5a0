"""Findings that another finding says as well: of two about the same code, the one by the binding is told.

A code that its system does not have is in no value set of that system either; a required binding tells it with the
value set, which is what has to be mended.
"""

from collections.abc import Iterable

from conformance.fhir.validation.issues import Issue

__all__ = ["once"]

BY_BINDING = frozenset({"code-not-in-required", "code-not-in-maximum"})
UNKNOWN = "code-unknown-in-system"


def once(issues: Iterable[Issue]) -> list[Issue]:
    """The issues without those of unknown codes that a required binding tells already."""
    found = list(issues)
    if not any(issue.message_id == UNKNOWN for issue in found):
        return found
    bound = {issue.pointer for issue in found if issue.message_id in BY_BINDING and issue.is_error}
    return [issue for issue in found if issue.message_id != UNKNOWN or bound.isdisjoint(_holders(issue))]


def _holders(issue: Issue) -> tuple[str, ...]:
    """The Coding in which the code stands, and the CodeableConcept around it where there is one."""
    coding = issue.pointer.rpartition("/")[0]
    outer, _, index = coding.rpartition("/")
    concept, _, name = outer.rpartition("/")
    return (coding, concept) if name == "coding" and index.isdecimal() else (coding,)
