"""What the evidence of one case comes to."""

from enum import StrEnum

from conformance.model.base import Noun
from conformance.model.measurement import Measurement


class Outcome(StrEnum):
    """EARL passed, failed, cantTell, untested, inapplicable; ISO 9646 pass, fail, inconclusive."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNTESTED = "untested"
    INAPPLICABLE = "inapplicable"


class EvidenceRef(Noun):
    """Which exchange or document a verdict rests on, and the digest of its record."""

    id: str
    sha256: str


class Verdict(Noun):
    """The outcome of one case: what is wrong (`findings`) or why nothing can be said (`because`).

    `remarks` say what the checks saw beside that, such as where an element was found. `expected` is what the case asked
    for in words, `curl` repeats the request that showed the fault, with placeholders for secrets.
    `measurements` are the numbers that its checks took; a report holds them in a list of their own.
    """

    case: str
    requirement: str
    outcome: Outcome
    findings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    because: str = ""
    expected: str = ""
    curl: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
    measurements: tuple[Measurement, ...] = ()

    @property
    def declined(self) -> bool:
        """Whether the case was tried, and left out since the target does not offer what it asks for."""
        return self.outcome is Outcome.INAPPLICABLE and bool(self.evidence)
