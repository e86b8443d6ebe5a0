"""A piece of a search as SQL, what it is made of, and how values are cut (search.html#escaping)."""

import re
from dataclasses import dataclass

from conformance.reference.behaviour.whole import SearchBehaviour
from conformance.reference.records.parameters import Parameter

_SEPARATORS = re.compile(r"\\([\\,|$])")


@dataclass(frozen=True)
class Clause:
    """A piece of SQL with its arguments."""

    sql: str
    arguments: tuple[object, ...]


@dataclass(frozen=True)
class Asked:
    """One parameter as a client named it, with what is needed to read its values."""

    parameter: Parameter
    key: int
    modifier: str
    base_url: str
    behaviour: SearchBehaviour


def split(text: str, separator: str) -> list[str]:
    """A text cut at each separator that no backslash escapes (the escapes stay in)."""
    parts, escaped = [""], False
    for character in text:
        if character == separator and not escaped:
            parts.append("")
        else:
            parts[-1] += character
        escaped = character == "\\" and not escaped
    return parts


def unescape(text: str) -> str:
    """A text without the backslashes of https://hl7.org/fhir/R4/search.html#escaping."""
    return _SEPARATORS.sub(r"\1", text)
