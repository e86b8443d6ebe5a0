"""The words in which all views of a comparison say the same."""

from collections.abc import Iterator

from conformance.model.comparison import Cell, Comparison, Row
from conformance.model.verdict import Outcome
from conformance.views.text import one_line

ABSENT = "not in its profile"


def standing(found: Comparison) -> str:
    """What is compared, and whether it can be."""
    what = f"{len(found.bids)} reports against {one_line(found.profile)}"
    if found.comparable:
        return f"{what}, all measured against the same requirements with the same limits"
    return (
        f"NOT COMPARABLE: {what}, measured against different requirements or with different limits. What follows is "
        "shown for information; no ranking can rest on it"
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
        said += (
            f"; accepted instead: {one_line(cell.equivalence.accepted)} (by {one_line(cell.equivalence.who)})"
        )
    return said


def score_lines(found: Comparison) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lines of totals, each with a value for every bid."""
    yield "Mandatory met", tuple(f"{s.mandatory_met} of {s.mandatory}" for s in found.scores)
    if any(score.by_equivalence for score in found.scores):
        yield "of these, by a decision", tuple(str(s.by_equivalence) for s in found.scores)
    yield "Mandatory not shown", tuple(str(s.not_shown) for s in found.scores)
    if found.weights is not None:
        yield "Points for what is recommended", tuple(f"{s.points} of {s.of}" for s in found.scores)
