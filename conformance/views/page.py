"""What all pages share: one template engine that escapes and cleans whatever it is given."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.views import text

__all__ = ["environment"]


def environment() -> Environment:
    """An engine over the templates: what a server sent is cleaned of control characters and escaped, always."""
    made = Environment(
        loader=PackageLoader("conformance.views"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    made.globals["text"] = text
    return made


def _finalized(value: Any) -> Any:
    """What stands for a value in the page, before it is escaped."""
    return text.clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
