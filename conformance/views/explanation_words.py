"""The words in which both views of an explanation say the same."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.model.explanation import ExplainedCase, Explanation, SeenBody, SeenExchange
from conformance.model.verdict import Outcome
from conformance.views import wording
from conformance.views.comparison_words import tender_note
from conformance.views.text import counted, day, moment, one_line, size

LONGEST = 1000
ANEW = "judged anew here"
NO_TEST = "The profile has no test for it."
NOTHING_SENT = "Nothing was sent or judged in this case."
FOREIGN = "It is not part of this harness, so its rule cannot be shown here."
CHALLENGE = (
    "A challenge is answered from the evidence: name the case, the exchange by its SHA-256, and what the clause asks "
    "instead. Whoever holds the run can follow every step on this page with the commands below."
)


def value(anything: Any) -> str:
    """A drawn value, an argument or a limit as JSON, cut where it is very long."""
    text = one_line(json.dumps(anything, ensure_ascii=False, default=str))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def arguments(named: dict[str, Any]) -> str:
    """The arguments of a call in one line; empty where there are none."""
    return ", ".join(f"{one_line(name)} = {value(given)}" for name, given in named.items())


def rule_words(says: str) -> str:
    """What a part says of itself, a line a paragraph."""
    return "\n".join(one_line(part) for part in says.split("\n\n")) or FOREIGN


def standing(found: Explanation) -> str:
    """How many cases of which outcome, and on what they stand."""
    if not found.cases:
        return "No case of it was tried."
    totals = {outcome: sum(case.outcome is outcome for case in found.cases) for outcome in Outcome}
    told = ", ".join(f"{number} {outcome}" for outcome, number in totals.items() if number)
    word = [case for case in found.cases if not case.basis.startswith(ANEW)]
    said = f"{counted(len(found.cases), 'case')}: {told}. "
    if not word:
        return said + "Each was judged anew for this page, with the same outcome."
    return (
        said + f"{counted(len(word), 'case rests', 'cases rest')} on the tester's word: {_reasons(word)}. "
        "No evidence here shows whether that is so."
    )


def decisive_first(found: Explanation) -> tuple[ExplainedCase, ...]:
    """The cases with the requirement's own outcome first, in the order of the report otherwise."""
    own = found.requirement.outcome
    return tuple(sorted(found.cases, key=lambda case: case.outcome is not own))


def answered(exchange: SeenExchange) -> str:
    """What came back, in a few words."""
    if exchange.failure:
        return one_line(exchange.failure)
    return f"answered {exchange.status} after {exchange.elapsed_ms:,} ms"


def body_note(body: SeenBody) -> str:
    """How large a body is, of what kind, and whether it can be seen."""
    kind = f" of {one_line(body.media_type)}" if body.media_type else ""
    said = f"{size(body.size)}{kind}, SHA-256 {body.sha256}"
    if not body.kept:
        return f"{said}; not shown: not kept with the run, or a body that was sent"
    if not body.size:
        return f"{said}; it is empty"
    if not body.text:
        return f"{said}; it is no text: bodies/{body.sha256}.gz"
    return f"{said}; the rest is in bodies/{body.sha256}.gz" if body.cut else said


def facts(found: Explanation) -> Iterator[tuple[str, str]]:
    """By whom, when and with what the run was made and gone over, as names and values."""
    yield "Run by", wording.run_by(found.runner)
    yield "When", f"{moment(found.started_at)} to {moment(found.finished_at)}; dates as of {day(found.as_of)}"
    for signer in found.signers:
        yield "Signed by", one_line(signer)
    if found.tender is not None:
        yield "Tender", tender_note(found.tender)
    yield "Profile", f"{one_line(found.profile.title)} ({found.profile.profile}@{found.profile.version})"
    for name, digest in found.digests.items():
        yield f"{name.capitalize()}, SHA-256", digest
    for package in found.packages:
        yield "Package", one_line(package)
    for name, tool in (("Tested with", found.tested_with), ("Gone over with", found.verified_with)):
        yield (
            name,
            one_line(f"{tool.name} {tool.version}, Python {tool.python}, Hypothesis {tool.hypothesis}"),
        )
        yield "its source, SHA-256", one_line(tool.digest)


def _reasons(cases: list[ExplainedCase]) -> str:
    return "; ".join(dict.fromkeys(case.basis.partition(": ")[2] for case in cases))
