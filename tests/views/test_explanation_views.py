"""What a server sent stays text when one requirement is laid open."""

import io

import pytest
from hypothesis import given, settings
from rich.console import Console
from strategies import words

from conformance.model.explanation import (
    ExplainedCase,
    ExplainedLimit,
    Explanation,
    Rule,
    SeenBody,
    SeenExchange,
)
from conformance.model.report import ProfileRef, RequirementResult, Runner, Tool
from conformance.model.target import TargetCard
from conformance.views.explanation_page import explanation_page
from conformance.views.explanation_table import explanation_table


def explanation(text: str) -> Explanation:
    """One in which everything that a server or a tester can write is this text."""
    body = SeenBody(sha256="a" * 64, size=9, media_type=text, kept=True, text=text, cut=3)
    exchange = SeenExchange(
        id="x1", sha256="b" * 64, at="", elapsed_ms=1, method="GET", url=text, request_headers={"a": text},
        request_body=body, status=200, headers=(("b", text),), body=body, failure="", curl=text,
    )  # fmt: skip
    case = ExplainedCase(
        id="R-1/1", outcome="fail", because=text, findings=(text,), remarks=(text,), expected=text,
        basis="judged anew here", drawn={"v": text}, filled={"w": [text]},
        sent=(Rule(name="request", arguments={"path": text}, says=text),),
        judged_by=(Rule(name="status", arguments={}, says=""),), exchanges=(exchange,), replay="conformance replay x",
    )  # fmt: skip
    result = RequirementResult(
        id="R-1", origin="p@1.0.0", level="SHALL", method="automated", phase="tender", text=text, source=text,
        outcome="fail", because=text, advisory=text,
    )  # fmt: skip
    tool = Tool(name="conformance", version="1")
    return Explanation(
        requirement=result, recipes=(text,), gates=(), cases=(case,),
        limits=(ExplainedLimit(name="l", value=text, default=1, basis=text, set_by=text),),
        profile=ProfileRef(profile="p", version="1.0.0", title=text, digest="c" * 64),
        target=TargetCard(endpoint="https://example.org", product=text, version=text, supplier=text),
        runner=Runner(name=text), signers=(text,), started_at=text, finished_at=text, as_of="2026-11-22",
        tested_with=tool, verified_with=tool, digests={"profile": "c" * 64}, packages=(text,),
        again=(("look", text),),
    )  # fmt: skip


def terminal(found: Explanation) -> str:
    out = io.StringIO()
    Console(file=out, width=100, color_system=None, markup=False, emoji=False).print(explanation_table(found))
    return out.getvalue()


@settings(max_examples=15, deadline=None)
@given(words)
def test_no_text_has_an_effect_in_any_view(text):
    found = explanation(text or "x")
    for view in (explanation_page(found), terminal(found)):
        assert not [c for c in view if c not in "\n\t" and not c.isprintable() and c != "\N{NO-BREAK SPACE}"]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[bold]x[/bold]"]
)
def test_markup_is_shown_and_not_obeyed(text):
    page, shown = explanation_page(explanation(text)), terminal(explanation(text))
    assert "<script>alert" not in page
    assert "<img" not in page
    assert text[:12] in shown
