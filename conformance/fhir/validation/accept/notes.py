"""What acceptance met and nobody here can judge: counted, so that a report can list it.

Source: FHIR R4, https://hl7.org/fhir/R4/validation.html (what a validator cannot check it has to say)
"""

from collections import Counter

__all__ = ["Notes"]

MOST = 10_000


class Notes:
    """Counts by kind and subject, as `issues.NotEvaluated` names them; `reasons` says why."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.reasons: dict[tuple[str, str], str] = {}
        self.pending: list[tuple[str, str, str]] = []

    def note(self, kind: str, subject: str, reason: str) -> bool:
        """Remembers a rule that was not judged until the resource is accepted. Always true: a test can end so."""
        self.pending.append((kind, subject, reason))
        return True

    def keep(self) -> None:
        """The resource was accepted: what was noted counts. Subjects beyond the first 10,000 count together."""
        for kind, subject, reason in self.pending:
            key = (kind, subject)
            if key not in self.reasons:
                key = key if len(self.reasons) < MOST else (kind, "…")
                self.reasons[key] = reason
            self.counts[key] += 1
        self.pending.clear()
