"""What an XML attribute's text is as a JSON value: booleans and numbers by the type of the element."""

import re
from typing import Any

from conformance.fhir.documents.numbers import number

__all__ = ["typed"]

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTEGERS = {"integer", "positiveInt", "unsignedInt"}
_BOOLEANS = {"true": True, "false": False}


def typed(code: str, lexeme: str) -> Any:
    """The value of a primitive; text that is not of its type's form stays text, for a validator to refuse."""
    if code == "boolean":
        return _BOOLEANS.get(lexeme, lexeme)
    if code not in _INTEGERS and code != "decimal":
        return lexeme
    form = _DECIMAL if code == "decimal" else _WHOLE
    made = number(lexeme) if form.fullmatch(lexeme) else None
    return lexeme if made is None else made
