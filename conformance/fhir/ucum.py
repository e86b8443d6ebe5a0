"""UCUM codes: whether a text is one, what it measures, and how units multiply.

Source: The Unified Code for Units of Measure, version 2.1, https://ucum.org/ucum (syntax: section 2). Codes are
case-sensitive. All factors are exact fractions.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from conformance.fhir.ucum_units import ATOMS, BASE, PREFIXES

Dimension = tuple[tuple[str, int], ...]
"""Base units (and arbitrary ones) with their exponents, in alphabetical order; empty for a bare number."""

LONGEST = 256
"""Longer texts are no units; the code of a Quantity is never near this."""

_DEEPEST = 20
_PIECE = re.compile(
    r"(?P<number>10[*^]|[0-9]+)|(?P<unit>(?:\[[^\[\]{}\s]+\]|[A-Za-z%'\"_])+)"
    r"|(?P<note>\{[!-z|~]*\})|(?P<open>\()|(?P<close>\))|(?P<operator>[./])"
)
_EXPONENT = re.compile(r"[+-]?[0-9]+")
_LARGEST_EXPONENT = 99


@dataclass(frozen=True, slots=True)
class Measure:
    """What a unit is: `factor` base units of `dimension`. `special`: its scale is no plain multiple of them."""

    factor: Fraction
    dimension: Dimension = ()
    special: bool = False


@dataclass(frozen=True, slots=True)
class Product:
    """A unit that came of multiplying two: its code, and by what the number must be multiplied."""

    code: str
    scale: Fraction


def is_ucum(code: str) -> bool:
    """Whether a text is a valid UCUM code (`mg/dL`, `10*3/uL`, `{score}`, `/min`)."""
    return measure(code) is not None


@lru_cache(maxsize=4096)
def measure(code: str) -> Measure | None:
    """What a UCUM code measures, or None where it is none."""
    if not code or len(code) > LONGEST:
        return None
    try:
        return _Reader(code).whole()
    except _NoUnit:
        return None


def convert(value: Fraction, code: str, to: str) -> Fraction | None:
    """A number of one unit in another; None where they do not measure the same, or a scale is special."""
    source, target = measure(code), measure(to)
    if source is None or target is None or source.dimension != target.dimension:
        return None
    if source.special or target.special:
        return value if code == to else None
    return value * source.factor / target.factor


def product(left: str, right: str, power: int) -> Product | None:
    """The unit `left` times `right` to the power 1 or -1, in base units; None where a unit cannot be multiplied."""
    if right == "1":
        return Product(left, Fraction(1))
    first, second = measure(left), measure(right)
    if first is None or second is None or first.special or second.special:
        return None
    found = _times(first, second, power)
    code = ".".join(f"{unit}{exponent if exponent != 1 else ''}" for unit, exponent in found.dimension)
    return Product(code or "1", found.factor)


class _NoUnit(Exception):
    """The text is no unit."""


class _Reader:
    def __init__(self, code: str) -> None:
        self.code = code
        self.at = 0

    def whole(self) -> Measure:
        found = self.term(0)
        if self.at != len(self.code):
            raise _NoUnit
        return found

    def term(self, depth: int) -> Measure:
        if depth > _DEEPEST:
            raise _NoUnit
        total, power, first = Measure(Fraction(1)), 1, True
        while True:
            if self.taken("/"):
                power = -1
            elif not first:
                if not self.taken("."):
                    return total
                power = 1
            total, first = _times(total, self.component(depth), power), False

    def component(self, depth: int) -> Measure:
        match = _PIECE.match(self.code, self.at)
        if match is None or match["close"] or match["operator"]:
            raise _NoUnit
        self.at = match.end()
        if match["note"]:
            return Measure(Fraction(1))
        if match["open"]:
            found = self.term(depth + 1)
            if not self.taken(")"):
                raise _NoUnit
        elif match["number"] and match["number"].isdigit():
            if match["number"].startswith("0"):
                raise _NoUnit
            found = Measure(Fraction(int(match["number"])))
            self.note()
            return found
        else:
            found = _unit(match[0])
        exponent = _EXPONENT.match(self.code, self.at)
        if exponent:
            self.at = exponent.end()
            found = _raised(found, int(exponent[0]))
        self.note()
        return found

    def note(self) -> None:
        match = _PIECE.match(self.code, self.at)
        if match and match["note"]:
            self.at = match.end()

    def taken(self, sign: str) -> bool:
        if self.code.startswith(sign, self.at):
            self.at += 1
            return True
        return False


@cache
def _atoms() -> dict[str, tuple[str, str, bool]]:
    """Each atom's code with its factor, the unit that it is made of, and whether it takes prefixes."""
    found = {}
    for line in ATOMS.strip().splitlines():
        for row in line.split("; "):
            code, factor, unit = row.split(" ")
            metric = code.endswith("*") and code != "10*"
            found[code[:-1] if metric else code] = (factor, unit, metric)
    return found


@cache
def _prefixes() -> tuple[tuple[str, Fraction], ...]:
    rows = (row.split("=") for row in PREFIXES.split())
    return tuple((prefix, Fraction(factor)) for prefix, factor in rows)


@cache
def _unit(symbol: str) -> Measure:
    if symbol in BASE:
        return Measure(Fraction(1), ((symbol, 1),))
    if symbol in _atoms():
        return _atom(symbol)
    for prefix, factor in _prefixes():
        rest = symbol.removeprefix(prefix)
        if rest != symbol and (rest in BASE or _atoms().get(rest, ("", "", False))[2]):
            found = _unit(rest)
            return Measure(factor * found.factor, found.dimension, found.special)
    raise _NoUnit


def _atom(symbol: str) -> Measure:
    factor, unit, _ = _atoms()[symbol]
    if factor == "!":
        return Measure(Fraction(1), ((symbol, 1),))
    made_of = _Reader(unit).whole()
    if factor == "?":
        return Measure(Fraction(1), made_of.dimension, special=True)
    return Measure(Fraction(factor) * made_of.factor, made_of.dimension)


def _times(left: Measure, right: Measure, power: int) -> Measure:
    exponents = dict(left.dimension)
    for base, exponent in right.dimension:
        exponents[base] = exponents.get(base, 0) + power * exponent
    dimension = tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))
    special = left.special or right.special
    return Measure(left.factor * right.factor**power, dimension, special)


def _raised(unit: Measure, exponent: int) -> Measure:
    if abs(exponent) > _LARGEST_EXPONENT:
        raise _NoUnit
    dimension = tuple((base, power * exponent) for base, power in unit.dimension if exponent)
    return Measure(unit.factor**exponent, dimension, unit.special)
