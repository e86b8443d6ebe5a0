"""The check that an export needs nobody at the supplier."""

import re
from collections.abc import Iterator

from conformance.analysis.export import completion
from conformance.checks.export_reading import job
from conformance.plugin import Evidence, Exchange, Findings, NotJudgeable, StepEvidence, check

_ASKS = re.compile(
    r"\b(?:support\s+(?:ticket|request|case|team|desk)|(?:raise|open|log|submit)\s+a\s+(?:support\s+)?(?:ticket|case)|"
    r"(?:await|wait|pending|need|requir|subject|ask)\w*\s+(?:\w+\s+){0,4}(?:approval|authori[sz]ation by)|"
    r"(?:has|have|must|needs?|is|been)\s+(?:to\s+)?(?:be\s+)?(?:manually\s+)?approved|approval\s+(?:is\s+)?(?:pending|required|needed)|"
    r"contact\s+(?:us|our|your|the\s+(?:supplier|vendor|support|help))|service\s*desk|manual(?:ly)?\s+(?:review|release|process)\w*)",
    re.IGNORECASE,
)
_LONGEST_LOOKED_AT = 20_000
_CONTEXT = 60


@check("export-unattended")
def export_unattended(evidence: Evidence) -> Findings:
    """Nothing that the target says between request and files asks for a ticket, an approval or a call.

    An export that does not end while it is watched shows neither that somebody is needed nor that nobody is.
    """
    step = job(evidence)
    asked = False
    for answer in (*step.labelled("kick-off"), *step.labelled("status")):
        said = next((found for text in _texts(answer) if (found := _asking(text))), "")
        if said and not asked:
            asked = True
            yield answer.finding(f"asks for somebody to act: {said!r}")
    if not asked and completion(step) is None and _was_accepted(step):
        raise NotJudgeable("the export did not end while it was watched")
    end = completion(step)
    if not asked and (end is None or not end.ok):
        raise NotJudgeable(
            "no export could be carried through, so that nothing shows whether somebody is needed"
        )


def _was_accepted(step: StepEvidence) -> bool:
    return any(answer.ok for answer in step.labelled("kick-off"))


def _texts(answer: Exchange) -> Iterator[str]:
    """What an answer says to a person: its progress, its links, and its body unless that is a manifest."""
    for name in ("x-progress", "link", "warning"):
        yield answer.header(name) or ""
    value = answer.json_or_none()
    if not (answer.ok and isinstance(value, dict) and "output" in value):
        yield answer.content()[:_LONGEST_LOOKED_AT].decode("utf-8", "replace")


def _asking(text: str) -> str:
    match = _ASKS.search(text)
    if match is None:
        return ""
    start = max(0, match.start() - _CONTEXT)
    return " ".join(text[start : match.end() + _CONTEXT].split())
