"""What a server sent stays text when one requirement is laid open."""

import io

import pytest
from beside_samples import explanation
from hypothesis import given, settings
from rich.console import Console
from strategies import words

from conformance.model.explanation import Explanation
from conformance.views.explanation_page import explanation_page
from conformance.views.explanation_table import explanation_table


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
