"""One requirement of a run laid open, as one self-contained page that needs no script."""

from conformance.model.explanation import Explanation
from conformance.views import explanation_words
from conformance.views.html import environment

__all__ = ["explanation_page"]


def explanation_page(found: Explanation) -> str:
    """The HTML page of an explanation."""
    made = environment().get_template("explanation.html.j2")
    return made.render(found=found, words=explanation_words, result=found.requirement)
