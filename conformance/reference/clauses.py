"""What one value of one search parameter asks of the index, as SQL that selects keys of versions.

See https://hl7.org/fhir/R4/search.html#ptypes and, for the prefixes, https://hl7.org/fhir/R4/search.html#prefix.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from conformance.reference import dates
from conformance.reference.behaviour import SearchBehaviour
from conformance.reference.indexing import fold, split_reference
from conformance.reference.outcomes import bad_request
from conformance.reference.parameters import Parameter

_PREFIXED = re.compile(r"(eq|ne|lt|le|gt|ge|sa|eb|ap)?(.*)", re.DOTALL)
_SEPARATORS = re.compile(r"\\([\\,|$])")
_AFTER_ALL = "\U0010ffff"
_APPROXIMATELY = Decimal("0.1")


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


def clause(asked: Asked, value: str) -> Clause:
    """The versions that match one value; refuses (400) a value that the kind of parameter cannot have."""
    where = _KINDS[asked.parameter.kind](asked, value)
    return Clause(
        f"SELECT pk FROM {asked.parameter.kind}_index WHERE p = ? AND ({where.sql})",  # noqa: S608 - own names
        (asked.key, *where.arguments),
    )


def on_date(name: str, value: str, columns: tuple[str, str], behaviour: SearchBehaviour) -> Clause:
    """A condition on the interval between two columns, of which the second is exclusive."""
    prefix, text = _prefix(value)
    try:
        low, high = dates.interval(text.replace(" ", "+"))
    except ValueError as error:
        raise bad_request(f"{name}={value}: {error}") from error
    start, end = columns
    within = f"({start} >= ? AND {end} <= ?)"
    if prefix == "ap":
        margin = abs(dates.now() - low) // 10
        return Clause(f"{start} < ? AND {end} > ?", (high + margin, low - margin))
    conditions = {
        "eq": (within, (low, high)),
        "ne": (f"NOT {within}", (low, high)),
        "lt": (f"{start} < ?", (low,)),
        "gt": (f"{end} > ?", (high,)),
        "le": (f"{start} < ? OR {within}", (low, low, high)),
        "ge": (f"{end} > ? OR {within}", (high, low, high)),
        "sa": (f"{start} >= ?", (high,)),
        "eb": (f"{end} <= ?", (low,)),
    }
    return Clause(*conditions["gt" if prefix == "ge" and not behaviour.ge_includes_equal else prefix])


def _date(asked: Asked, value: str) -> Clause:
    return on_date(asked.parameter.name, value, ("low", "high"), asked.behaviour)


def _token(asked: Asked, value: str) -> Clause:
    parts = split(value, "|")
    if len(parts) > 2:  # noqa: PLR2004 - system|code
        raise bad_request(f"{asked.parameter.name}={value}: more than one '|'")
    code = unescape(parts[-1])
    if len(parts) == 1:
        return Clause("code = ?", (code,))
    if asked.parameter.name == "identifier" and not asked.behaviour.identifier_system_matters and code:
        return Clause("code = ?", (code,))
    system = unescape(parts[0])
    if not code:
        return Clause("system = ?", (system,))
    return Clause("code = ? AND system = ?", (code, system))


def _string(asked: Asked, value: str) -> Clause:
    text = unescape(value)
    if asked.modifier == "exact":
        return Clause("exact = ?", (text,))
    if asked.behaviour.strings_case_sensitive:
        return Clause("substr(exact, 1, ?) = ?", (len(text), text))
    folded = fold(text)
    if asked.modifier == "contains":
        return Clause("instr(folded, ?) > 0", (folded,))
    return Clause("folded >= ? AND folded < ?", (folded, folded + _AFTER_ALL))


def _reference(asked: Asked, value: str) -> Clause:
    text = unescape(value)
    target, identifier, url = split_reference(text, asked.base_url)
    if url and ":" not in url and "/" not in url:
        target, identifier, url = "", url, ""
    if url:
        return Clause("url = ?", (url,))
    if asked.modifier and not target:
        target = asked.modifier
    if asked.modifier and target != asked.modifier:
        return Clause("0", ())
    condition = Clause("id = ?", (identifier,))
    if asked.behaviour.patient_brings_another and asked.parameter.name in {"subject", "patient"}:
        others = "SELECT min(id) FROM reference_index WHERE p = ? AND target = 'Patient'"
        condition = Clause(
            f"id = ? OR id = coalesce(({others} AND id > ?), ({others}))",
            (identifier, asked.key, identifier, asked.key),
        )
    if target:
        return Clause(f"({condition.sql}) AND target = ?", (*condition.arguments, target))
    return condition


def _quantity(asked: Asked, value: str) -> Clause:
    number, *unit = split(value, "|")
    compared = _compare(asked.parameter.name, number)
    if not unit:
        return compared
    if len(unit) != 2:  # noqa: PLR2004 - system and code
        raise bad_request(f"{asked.parameter.name}={value}: expected number or number|system|code")
    system, code = unescape(unit[0]), unescape(unit[1])
    if system:
        return Clause(f"({compared.sql}) AND system = ? AND code = ?", (*compared.arguments, system, code))
    return Clause(f"({compared.sql}) AND (code = ? OR unit = ?)", (*compared.arguments, code, code))


def _number(asked: Asked, value: str) -> Clause:
    return _compare(asked.parameter.name, value)


def _uri(asked: Asked, value: str) -> Clause:
    del asked
    return Clause("value = ?", (unescape(value),))


def _compare(name: str, value: str) -> Clause:
    prefix, text = _prefix(value)
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise bad_request(f"{name}={value}: {text!r} is not a number") from error
    if not number.is_finite():
        raise bad_request(f"{name}={value}: {text!r} is not a number")
    # A number stands for everything that rounds to it: 5.4 is from 5.35 up to 5.45.
    exponent = number.as_tuple().exponent
    margin = Decimal(5).scaleb(int(exponent) - 1)
    if prefix == "ap":
        margin = max(margin, abs(number) * _APPROXIMATELY)
    low, high, exact = float(number - margin), float(number + margin), float(number)
    conditions: dict[str, tuple[str, tuple[object, ...]]] = {
        "eq": ("value >= ? AND value < ?", (low, high)),
        "ap": ("value >= ? AND value <= ?", (low, high)),
        "ne": ("value < ? OR value >= ?", (low, high)),
        "lt": ("value < ?", (exact,)),
        "gt": ("value > ?", (exact,)),
        "le": ("value <= ?", (exact,)),
        "ge": ("value >= ?", (exact,)),
        "sa": ("value > ?", (high,)),
        "eb": ("value < ?", (low,)),
    }
    return Clause(*conditions[prefix])


def _prefix(value: str) -> tuple[str, str]:
    found = _PREFIXED.fullmatch(value)
    assert found is not None, "every text matches"
    return found.group(1) or "eq", unescape(found.group(2))


_KINDS: Mapping[str, Callable[[Asked, str], Clause]] = {
    "token": _token,
    "string": _string,
    "date": _date,
    "reference": _reference,
    "quantity": _quantity,
    "number": _number,
    "uri": _uri,
}
