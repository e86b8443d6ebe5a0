"""The words in which all views of a comparison say the same."""

from collections.abc import Iterator

from conformance.model.comparison import Cell, Comparison, Decision, MeasuredRow, Row, TenderNote
from conformance.model.measurement import Measurement
from conformance.model.verdict import Outcome
from conformance.views import lock_in
from conformance.views.text import day, one_line

ABSENT = "not in its profile"
MEASURED = "Leaving: cost, time and data, side by side"
ASKED_FIRST = ("cost-", "time-", "catch-up", "route")
"""How the ids of the numbers begin that a buyer compares first."""
MEASURED_MEANING = (
    "Each number is measured from what that product exported and declared; its definition says what was counted. "
    "None is a score, and none decides here: whether a limit is kept is said by the requirements."
)
MANDATORY_MEANING = (
    "Mandatory: every SHALL and SHALL NOT that decides the result. Met: passed, or does not apply, or something else "
    "was accepted by a named person. Not shown: inconclusive or untested; that is neither met nor failed."
)
UNCHANGED = "The outcome itself is unchanged."


def standing(found: Comparison) -> str:
    """What is compared, and whether it can be."""
    what = f"{len(found.bids)} reports against {one_line(found.profile)}"
    if found.comparable:
        return f"{what}, all measured against the same requirements with the same limits"
    return (
        f"NOT COMPARABLE: {what}, measured against different requirements or with different limits. What follows is "
        "shown for information; no ranking can rest on it"
    )


def tender_line(found: Comparison) -> str:
    """The pack that the bids were held against; empty where none was given."""
    return f"Held against {tender_note(found.tender)}" if found.tender else ""


def tender_note(note: TenderNote) -> str:
    """A tender pack: whose it is, for what, who signed it, and its digest."""
    signed = f"signed by {one_line(', '.join(note.signers))}" if note.signers else "by nobody whom you trust"
    return (
        f"the tender pack of {one_line(note.buyer)}, {one_line(note.title)} ({one_line(note.reference)}), {signed}, "
        f"SHA-256 {note.digest}; bids are opened on {day(note.opens)}"
    )


def telling(found: Comparison) -> list[Row]:
    """The requirements in which the bids differ, those first that bind."""
    rows = [row for row in found.rows if len({(cell.outcome, cell.met) for cell in row.cells}) > 1]
    return sorted(rows, key=lambda row: not row.binds)


def cell_words(cell: Cell) -> str:
    """A cell in words: the outcome, and the decision that something else was accepted."""
    if cell.outcome is None:
        return ABSENT
    said = cell.outcome.value
    if cell.advisory:
        said += " (advises only)"
    if cell.equivalence and cell.outcome not in {Outcome.PASS, Outcome.INAPPLICABLE}:
        what = cell.equivalence.what
        said += f"; accepted instead: {one_line(what.accepted)} (by {one_line(what.who)})"
    return said


def decided(found: Comparison) -> tuple[Decision, ...]:
    """The decisions that are shown, each once."""
    known = {
        cell.equivalence.model_dump_json(): cell.equivalence
        for row in found.rows
        for cell in row.cells
        if cell.equivalence
    }
    return tuple(known.values())


def decision_words(decision: Decision) -> str:
    """A decision in full, with whose word it is."""
    what = decision.what
    whose = (
        f"{one_line(what.supplier)}, {one_line(what.product)}" if what.supplier else one_line(what.product)
    )
    said = f"{whose}: accepted instead: {_sentence(what.accepted)} {_sentence(what.reason)}"
    said += f" Decided by {one_line(what.who)} on {day(what.on)}"
    said += f"; evidence: {one_line(what.evidence)}" if what.evidence else ""
    signed = f"Signed by {one_line(', '.join(decision.signers))}." if decision.signers else "Not signed."
    return f"{said}. {signed} {UNCHANGED}"


def score_lines(found: Comparison) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lines of totals, each with a value for every bid."""
    yield "Mandatory met", tuple(f"{s.mandatory_met} of {s.mandatory}" for s in found.scores)
    if any(score.by_equivalence for score in found.scores):
        yield "of these, by a decision", tuple(str(s.by_equivalence) for s in found.scores)
    yield "Mandatory not shown", tuple(str(s.not_shown) for s in found.scores)
    if found.weights is not None:
        yield "Points for what is recommended", tuple(f"{s.points} of {s.of}" for s in found.scores)


def measured_groups(found: Comparison) -> dict[str, list[MeasuredRow]]:
    """The measurements by their headings: what leaving costs and how long it takes come first."""
    groups: dict[str, list[MeasuredRow]] = {}
    for row in sorted(found.measured, key=_place):
        groups.setdefault(row.group, []).append(row)
    return groups


def _place(row: MeasuredRow) -> int:
    return next((n for n, start in enumerate(ASKED_FIRST) if row.id.startswith(start)), len(ASKED_FIRST))


def measured_words(value: Measurement | None) -> str:
    """One number of one bid with its unit, and what has to be known beside it."""
    if value is None:
        return "not measured"
    told = one_line(lock_in.shown(value))
    notes = ["indicative"] * value.indicative + [one_line(value.note)] * bool(value.note)
    return f"{told} ({'; '.join(notes)})" if notes else told


def _sentence(text: str) -> str:
    said = one_line(text)
    return said if said.endswith((".", "!", "?")) else f"{said}."
