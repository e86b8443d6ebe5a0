"""The lexical rules of FHIR's primitive types: which JSON values each may have, and words for those it may not.

`is_valid` is the quick answer and `problem` the precise one; both come from the same predicates. The regular
expressions of the published definitions are corrected where the text of the specification says more (days that a
month has, control characters, whitespace in codes), and written so that none takes more than linear time.

Source: FHIR R4 data types, https://hl7.org/fhir/R4/datatypes.html#primitive
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from conformance.fhir.validation import lexical
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.xhtml import is_clean_narrative, narrative_problems

__all__ = ["VALID", "LexicalProblem", "is_valid", "problem"]

MAX_STRING = 1024 * 1024
MAX_INTEGER, MIN_INTEGER = 2**31 - 1, -(2**31)

_PRECISE = 18
"""Digits that the specification expects a reader to keep; more may be lost."""
_WIDEST_EXPONENT = 308
"""Powers of ten beyond which binary floating point overflows or loses the number."""


IN_R5 = {
    "primitive-base64-whitespace": Severity.ERROR,
    "primitive-control": Severity.WARNING,
    "primitive-decimal-digits": Severity.ERROR,
}
"""What R5 says otherwise than the releases before: base64 has no whitespace, a decimal at most 18 digits, and control
characters "SHOULD NOT" stand in strings (https://hl7.org/fhir/R5/datatypes.html#primitive)."""


@dataclass(frozen=True, slots=True)
class LexicalProblem:
    """What is wrong with a primitive's value; `code` is one of FHIR's issue types."""

    severity: Literal["error", "warning", "information"]
    code: str
    message_id: str
    words: str

    @property
    def is_error(self) -> bool:
        """Whether the value does not conform."""
        return self.severity == "error"


def _is_boolean(value: object) -> bool:
    return value is True or value is False


def _is_integer(value: object) -> bool:
    return type(value) is int and MIN_INTEGER <= value <= MAX_INTEGER


def _is_unsigned(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER


def _is_positive(value: object) -> bool:
    return type(value) is int and 0 < value <= MAX_INTEGER


def _is_decimal(value: object) -> bool:
    if type(value) is int:
        return True
    if type(value) is float:
        return math.isfinite(value)
    return isinstance(value, Decimal) and value.is_finite()


def _is_string(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_STRING
        and (value.isprintable() or lexical.CONTROL.search(value) is None)
    )


def _textual(test: Callable[[str], Any]) -> Callable[[object], bool]:
    """A predicate of any value from one of text."""
    return lambda value: isinstance(value, str) and bool(test(value))


VALID: dict[str, Callable[[object], bool]] = {
    "boolean": _is_boolean,
    "integer": _is_integer,
    "unsignedInt": _is_unsigned,
    "positiveInt": _is_positive,
    "decimal": _is_decimal,
    "string": _is_string,
    "markdown": _is_string,
    "code": _textual(lexical.CODE.fullmatch),
    "id": _textual(lexical.ID.fullmatch),
    "uri": _textual(lexical.is_uri),
    "url": _textual(lexical.is_uri),
    "canonical": _textual(lexical.is_canonical),
    "oid": _textual(lexical.OID.fullmatch),
    "uuid": _textual(lexical.UUID.fullmatch),
    "date": _textual(lexical.is_date),
    "dateTime": _textual(lexical.is_date_time),
    "instant": _textual(lexical.is_instant),
    "time": _textual(lexical.TIME.fullmatch),
    "base64Binary": _textual(lexical.is_base64),
    "integer64": _textual(lexical.is_integer64),
    "xhtml": _textual(is_clean_narrative),
}
"""A predicate for each primitive type: True only of values without an error. That of xhtml may say False of a
valid one (it is sound, not complete); every other is exact."""


DOUBTED = frozenset({"decimal", "string", "markdown", "base64Binary"})
"""The types of whose right values some are doubtful."""


def _is_plain_string(value: object) -> bool:
    return _is_string(value) and isinstance(value, str) and value[0] > " " and value[-1] > " "


SURE: dict[str, Callable[[object], bool]] = {
    **{name: test for name, test in VALID.items() if name not in DOUBTED and name != "xhtml"},
    "string": _is_plain_string,
}
"""A predicate for most primitive types: True only of values of which there is nothing to tell."""


def is_valid(type_name: str, value: object) -> bool:
    """Whether a value is surely of the lexical form of its type; False of types that nothing is known of."""
    test = VALID.get(type_name)
    return test is not None and test(value)


def problem(type_name: str, value: object) -> LexicalProblem | None:
    """What is wrong with a primitive's value, the gravest first; None where nothing is, or the type is unknown."""
    if type_name == "xhtml":
        return _of_narrative(value)
    test = VALID.get(type_name)
    if test is None:
        return None
    if test(value):
        return _doubt(type_name, value) if type_name in DOUBTED else None
    return _fault(type_name, value)


def _fault(type_name: str, value: object) -> LexicalProblem:
    """What is wrong with a value that its type refuses."""
    if isinstance(value, (dict, list)) or value is None:
        held = "null" if value is None else "an object" if isinstance(value, dict) else "an array"
        words = f"A {type_name} must be {_KINDS.get(type_name, 'a string')}, not {held}."
        return LexicalProblem("error", "structure", "primitive-kind", words)
    if type_name in _KINDS:
        return _of_number(type_name, value)
    if not isinstance(value, str):
        shown = "true" if value is True else "false" if value is False else str(value)
        words = (
            f"A {type_name} is a string in JSON: it must be written {_quoted(shown)}, not {_clipped(shown)}."
        )
        return LexicalProblem("error", "invalid", "primitive-kind", words)
    return _of_text(type_name, value)


_KINDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "unsignedInt": "a whole number",
    "positiveInt": "a whole number",
    "decimal": "a number",
}

_BOUNDS = {"integer": MIN_INTEGER, "unsignedInt": 0, "positiveInt": 1}


def _of_number(type_name: str, value: object) -> LexicalProblem:
    if type_name in _BOUNDS and type(value) is int:
        words = f"{_clipped(str(value))} is no {type_name}: it must lie between {_BOUNDS[type_name]} and {MAX_INTEGER}."
        return LexicalProblem("error", "value", f"primitive-{type_name}", words)
    if isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = _quoted(value) if isinstance(value, str) else str(value)
    if isinstance(value, Decimal) and type_name in _BOUNDS and str(value) == "-0":
        words = f"-0 is no {type_name}: zero is written 0, without a sign."
        return LexicalProblem("error", "value", f"primitive-{type_name}", words)
    words = f"{_clipped(text)} is no {type_name}: it must be {_KINDS[type_name]}"
    if isinstance(value, str) and _reads_as(type_name, value):
        return LexicalProblem("error", "invalid", "primitive-kind", f"{words}, without quotes in JSON.")
    return LexicalProblem("error", "invalid", f"primitive-{type_name}", f"{words}.")


def _reads_as(type_name: str, text: str) -> bool:
    if type_name == "boolean":
        return text in {"true", "false"}
    return (lexical.WHOLE if type_name in _BOUNDS else lexical.DECIMAL).fullmatch(text) is not None


def _of_text(type_name: str, value: str) -> LexicalProblem:
    if not value:
        words = f"A {type_name} must not be empty; leave the element out where there is no value."
        return LexicalProblem("error", "invalid", "primitive-empty", words)
    if type_name in {"string", "markdown"}:
        return _of_string(type_name, value)
    explain = lexical.EXPLAIN[type_name]
    words = f"{_quoted(value)} is no {type_name}: {explain(value)}."
    return LexicalProblem("error", "invalid", f"primitive-{type_name}", words)


def _of_string(type_name: str, value: str) -> LexicalProblem:
    if len(value) > MAX_STRING:
        words = (
            f"A {type_name} may have at most {MAX_STRING:,} characters (1 MB); this one has {len(value):,}."
        )
        return LexicalProblem("error", "too-long", "primitive-too-long", words)
    match = lexical.CONTROL.search(value)
    code = f"U+{ord(match.group()):04X}" if match else ""
    words = f"A {type_name} may hold no control characters but tab, line feed and carriage return; {code} is in it."
    return LexicalProblem("error", "invalid", "primitive-control", words)


def _doubt(type_name: str, value: object) -> LexicalProblem | None:
    """A warning about a value that conforms."""
    if type_name == "decimal":
        return _doubtful_decimal(value)
    if not isinstance(value, str):
        return None
    if type_name == "string" and value != value.strip(" \t\r\n"):
        words = f"The string {_quoted(value)} begins or ends with whitespace, which readers may drop."
        if not value.strip():
            words = "The string is all whitespace; a reader may take it as empty."
        return LexicalProblem("warning", "invalid", "primitive-whitespace", words)
    if type_name == "base64Binary" and lexical.SPACE.search(value):
        words = "Base64 should have no whitespace in it (RFC 4648); strict readers refuse it."
        return LexicalProblem("warning", "invalid", "primitive-base64-whitespace", words)
    return None


def _doubtful_decimal(value: object) -> LexicalProblem | None:
    number = value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else None
    if number is None or not number:
        return None
    if len(number.as_tuple().digits) > _PRECISE:
        words = f"{_clipped(str(value))} has more than {_PRECISE} digits, which most readers do not keep."
        return LexicalProblem("warning", "value", "primitive-decimal-digits", words)
    if abs(number.adjusted()) > _WIDEST_EXPONENT:
        words = f"{_clipped(str(value))} has a larger exponent than most readers keep."
        return LexicalProblem("warning", "value", "primitive-decimal-range", words)
    return None


def _of_narrative(value: object) -> LexicalProblem | None:
    if not isinstance(value, str):
        return LexicalProblem("error", "structure", "primitive-kind", "Narrative is XHTML in a JSON string.")
    found = sorted(narrative_problems(value), key=lambda item: item.severity)
    return (
        LexicalProblem(found[0].severity, found[0].code, found[0].message_id, found[0].words)
        if found
        else None
    )


def _clipped(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _quoted(text: str) -> str:
    return f"'{_clipped(text)}'"
