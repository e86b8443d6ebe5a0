"""Several bids side by side as one self-contained page, readable without any script."""

from conformance.model.comparison import Comparison
from conformance.views import comparison_words, page, wording

__all__ = ["comparison_page"]


def comparison_page(found: Comparison) -> str:
    """The HTML page of a comparison."""
    environment = page.environment()
    environment.globals |= {"words": comparison_words, "wording": wording}
    differing = {row.id for row in comparison_words.telling(found)}
    return environment.get_template("comparison.html.j2").render(found=found, differing=differing)
