"""What a form of a search makes: the text of a criterion."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from conformance.fhir.search.held import Held

__all__ = ["Form", "Text"]


class Text(NamedTuple):
    """A criterion's modifier and value. `control` is the value without modifier that finds what this one must not."""

    value: str
    modifier: str = ""
    control: str = ""


Form = Callable[[Held, str], Iterator[Text]]
"""From a held value and the server's base URL to the texts by which it can be searched for."""
