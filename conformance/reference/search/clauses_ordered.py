"""Dates, numbers and quantities as SQL: prefixes over intervals (https://hl7.org/fhir/R4/search.html#prefix)."""

import re
from decimal import Decimal, InvalidOperation

from conformance.reference.behaviour.search import ValuesBehaviour
from conformance.reference.forms import dates
from conformance.reference.forms.outcomes import bad_request
from conformance.reference.search.clause import Asked, Clause, split, unescape

_PREFIXED = re.compile(r"(eq|ne|lt|le|gt|ge|sa|eb|ap)?(.*)", re.DOTALL)
_APPROXIMATELY = Decimal("0.1")
_OFFSET = re.compile(r"(?<=[0-9])(Z|[+-][0-9]{2}:[0-9]{2})$")
_DAY = 86_400_000_000
_WHOLE_DAY = len("2020-01-31")


def on_date(name: str, value: str, columns: tuple[str, str], behaviour: ValuesBehaviour) -> Clause:
    """A condition on the interval between two columns, of which the second is exclusive."""
    prefix, text = _prefix(value)
    prefix = _understood(prefix, behaviour)
    try:
        low, high = dates.interval(_read(text.replace(" ", "+"), behaviour))
    except ValueError as error:
        raise bad_request(f"{name}={value}: {error}") from error
    start, end = columns
    if not behaviour.open_periods_last:
        end = f"(CASE WHEN {end} = {dates.LATEST} THEN {start} + 1 ELSE {end} END)"
    within = f"({start} >= ? AND {end} <= ?)"
    if prefix == "ap":
        margin = abs(dates.now() - low) // 10
        if behaviour.ap_excludes_equal:
            return Clause(
                f"{start} < ? AND {end} > ? AND NOT {within}", (high + margin, low - margin, low, high)
            )
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
    found = Clause(*conditions[prefix])
    if behaviour.partial_dates_compared:
        return found
    return Clause(f"({found.sql}) AND {end} - {start} <= ?", (*found.arguments, _DAY))


def date(asked: Asked, value: str) -> Clause:
    """A date of the index."""
    prefix, text = _prefix(value)
    if prefix == "ge" and not asked.behaviour.ge_includes_equal:
        value = f"gt{text}"
    return on_date(asked.parameter.name, value, ("low", "high"), asked.behaviour.values)


def number(asked: Asked, value: str) -> Clause:
    """A number of the index."""
    if not asked.behaviour.values.number_prefix_heeded:
        value = _prefix(value)[1]
    return _compare(asked.parameter.name, value, asked.behaviour.values)


def quantity(asked: Asked, value: str) -> Clause:
    """`number`, `number|system|code` or `number||unit`; units are not converted."""
    figure, *unit = split(value, "|")
    behaviour = asked.behaviour.values
    compared = _compare(asked.parameter.name, figure, behaviour)
    if len(unit) not in {0, 2}:
        raise bad_request(f"{asked.parameter.name}={value}: expected number or number|system|code")
    if not unit and behaviour.bare_number_is_without_unit:
        return Clause(f"({compared.sql}) AND system = '' AND unit = ''", compared.arguments)
    if not unit or not behaviour.unit_heeded:
        return compared
    system, code = unescape(unit[0]), unescape(unit[1])
    if system:
        return Clause(f"({compared.sql}) AND system = ? AND code = ?", (*compared.arguments, system, code))
    return Clause(f"({compared.sql}) AND (code = ? OR unit = ?)", (*compared.arguments, code, code))


def _compare(name: str, value: str, behaviour: ValuesBehaviour) -> Clause:
    prefix, text = _prefix(value)
    try:
        figure = Decimal(text)
    except InvalidOperation as error:
        raise bad_request(f"{name}={value}: {text!r} is not a number") from error
    if not figure.is_finite() or abs(figure.adjusted()) > dates.MILLISECOND:
        raise bad_request(f"{name}={value}: {text!r} is not a number")
    # A number stands for everything that rounds to it: 5.4 is from 5.35 up to 5.45.
    exponent = figure.as_tuple().exponent
    margin = Decimal(5).scaleb(int(exponent) - 1) if behaviour.numbers_rounded else Decimal(0)
    if prefix == "ap":
        margin = max(margin, abs(figure) * _APPROXIMATELY)
    low, high, exact = float(figure - margin), float(figure + margin), float(figure)
    if not behaviour.numbers_rounded and prefix in {"eq", "ne"}:
        return Clause(f"value {'=' if prefix == 'eq' else '<>'} ?", (exact,))
    column = "CAST(value AS TEXT)" if behaviour.numbers_as_text else "value"
    compared: object = str(exact) if behaviour.numbers_as_text else exact
    conditions: dict[str, tuple[str, tuple[object, ...]]] = {
        "eq": ("value >= ? AND value < ?", (low, high)),
        "ap": ("value >= ? AND value <= ?", (low, high)),
        "ne": ("value < ? OR value >= ?", (low, high)),
        "lt": (f"{column} < ?", (compared,)),
        "gt": (f"{column} > ?", (compared,)),
        "le": (f"{column} <= ?", (compared,)),
        "ge": (f"{column} >= ?", (compared,)),
        # A number in a resource is a point: nothing lies between after it and greater than it.
        "sa": (f"{column} > ?", (compared,)),
        "eb": (f"{column} < ?", (compared,)),
    }
    return Clause(*conditions[prefix])


def _prefix(value: str) -> tuple[str, str]:
    found = _PREFIXED.fullmatch(value)
    assert found is not None, "every text matches"
    return found.group(1) or "eq", unescape(found.group(2))


def _understood(prefix: str, behaviour: ValuesBehaviour) -> str:
    taken = {
        "ne": "eq" if behaviour.ne_is_eq else "ne",
        "sa": "gt" if behaviour.sa_is_gt else "sa",
        "eb": "lt" if behaviour.eb_is_lt else "eb",
        "le": "lt" if behaviour.le_is_lt else "le",
        "lt": "le" if behaviour.lt_is_le else "lt",
        "gt": "ge" if behaviour.gt_is_ge else "gt",
    }
    return taken.get(prefix, prefix)


def _read(text: str, behaviour: ValuesBehaviour) -> str:
    if not behaviour.zones_heeded:
        text = _OFFSET.sub("Z", text)
    if behaviour.partial_date_is_first_day and len(text) < _WHOLE_DAY:
        text += "-01-01"[len(text) - 4 :]
    return text
