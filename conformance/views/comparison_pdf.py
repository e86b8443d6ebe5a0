"""Several bids side by side as a PDF for the file, with the comparison attached as data."""

from conformance.model.base import Json
from conformance.model.comparison import Bid, Comparison, Row
from conformance.model.profile import Method
from conformance.views import comparison_words as words
from conformance.views import wording
from conformance.views.json_report import as_json
from conformance.views.text import day, one_line, shortened
from conformance.views.typesetting import fit_to_show, typeset

ATTACHED = "comparison.json"
UNTITLED = "Without a title"
"""A heading cannot be empty in a document for screen readers."""
MOST_TEXT = 220
MOST_REASON = 160
NO_TIME = 0
"""The time that the document states: none, so that the same comparison is the same bytes."""


def comparison_pdf(found: Comparison) -> bytes:
    """The document's bytes."""
    return typeset("comparison.typ", content(found), ATTACHED, as_json(found).encode(), NO_TIME)


def content(found: Comparison) -> Json:
    """All that the document says, as plain data."""
    telling = words.telling(found)
    differing = {row.id for row in telling}
    ordered = [*telling, *(row for row in found.rows if row.id not in differing)]
    said = {
        "headline": f"Comparison of {len(found.bids)} verified reports: {one_line(found.profile)}",
        "title": one_line(found.profile) or UNTITLED,
        "comparable": found.comparable,
        "standing": f"{words.standing(found)}.",
        "tender": words.tender_line(found),
        "labels": [one_line(bid.label) for bid in found.bids],
        "differences": [
            {
                "what": difference.what,
                "values": [one_line(value) for value in difference.values],
                "matters": difference.matters,
            }
            for difference in found.differences
        ],
        "bids": _facts(found),
        "mandatoryMeaning": words.MANDATORY_MEANING,
        "measured": words.MEASURED,
        "measuredMeaning": words.MEASURED_MEANING,
        "groups": [
            {
                "title": one_line(group) or UNTITLED,
                "rows": [
                    {
                        "title": one_line(row.title),
                        "definition": one_line(row.definition),
                        "values": [words.measured_words(value) for value in row.values],
                    }
                    for row in rows
                ],
            }
            for group, rows in words.measured_groups(found).items()
        ],
        "decisions": [
            {"id": one_line(decision.what.requirement), "words": words.decision_words(decision)}
            for decision in words.decided(found)
        ],
        "differing": len(differing),
        "rows": [_row(row, differs=row.id in differing) for row in ordered],
        "points": found.weights is not None,
        "limits": list(wording.LIMITS),
    }
    return fit_to_show(said)


def _facts(found: Comparison) -> list[Json]:
    def line(name: str, of: list[str]) -> Json:
        return {"name": name, "values": of}

    bids = found.bids
    return [
        line("Supplier", [one_line(bid.supplier) or "not named" for bid in bids]),
        line("Product", [one_line(f"{bid.product} {bid.version}") or "not named" for bid in bids]),
        line("Tested at", [f"{bid.environment}, {one_line(bid.endpoint)}" for bid in bids]),
        line("Result", [bid.result.value for bid in bids]),
        *(line(wording.METHOD_TITLE[m], [_method(bid, m) for bid in bids]) for m in wording.SHOWN_METHODS),
        *(line(name, list(values)) for name, values in words.score_lines(found)),
        line("Run by", [wording.run_by(bid.runner) for bid in bids]),
        line("Signed by", [one_line("; ".join(bid.signers)) for bid in bids]),
        line("Judged as of", [day(bid.as_of) for bid in bids]),
        line("Report, SHA-256", [bid.report_digest for bid in bids]),
    ]


def _method(bid: Bid, method: Method) -> str:
    own = next((one for one in bid.methods if one.method == method), None)
    if own is None:
        return "the profile has none"
    return own.result.value if own.gates else f"{own.result} (does not decide)"


def _row(row: Row, *, differs: bool) -> Json:
    return {
        "id": one_line(row.id),
        "text": shortened(one_line(row.text), MOST_TEXT),
        "level": row.level.value,
        "points": row.points,
        "differs": differs,
        "cells": [
            {
                "tone": cell.outcome.value if cell.outcome else "inapplicable",
                "words": words.cell_words(cell),
                "why": shortened(one_line(cell.because), MOST_REASON)
                if cell.outcome and cell.outcome.value != "pass"
                else "",
            }
            for cell in row.cells
        ],
    }
