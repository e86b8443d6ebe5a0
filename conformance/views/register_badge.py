"""A product's badge: an SVG image that says how many profiles its last version passed, and never more than is known."""

from functools import cache

from jinja2 import Template

from conformance.model.register import Product
from conformance.model.report import Result
from conformance.views import page, text

__all__ = ["badge", "message"]

LABEL = "conformance"
WIDTH, GAP = 6.8, 20
"""Pixels that a letter takes in the badge's type, and those beside each text."""
COLOURS = {"passed": "#14613b", "failed": "#94191d", "open": "#744700"}
LONGEST = 60


def badge(product: Product) -> str:
    """The image, with its text as its title for those who cannot see it."""
    said, tone = message(product)
    left, right = (round(len(part) * WIDTH) + GAP for part in (LABEL, said))
    name = text.shortened(text.one_line(product.product), LONGEST)
    return _template().render(label=LABEL, said=said, left=left, right=right, colour=COLOURS[tone], name=name)


@cache
def _template() -> Template:
    return page.environment().get_template("badge.svg.j2")


def message(product: Product) -> tuple[str, str]:
    """What the badge says of the version that was tested last, and its tone: passed, failed or open."""
    version = product.versions[0]
    named = text.shortened(text.one_line(version.version), 20)
    about = f"{named}: " if named else ""
    if product.demonstration:
        return "demonstration, no product", "open"
    lines = version.profiles
    if not lines:
        return f"{about}no current report", "open"
    passed = sum(line.passed for line in lines)
    failed = any(line.result is Result.FAILED for line in lines)
    disputed = ", disputed" if any(line.disputed for line in lines) else ""
    newest = max(one.entry.finished_at for one in version.reports)[:10]
    said = f"{about}passed {passed} of {text.counted(len(lines), 'profile')}{disputed} ({newest})"
    clean = passed == len(lines) and not disputed
    return said, "failed" if failed else "passed" if clean else "open"
