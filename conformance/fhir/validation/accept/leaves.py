"""More closures beside `closures`, and one source for both walks as well: tests of codes, references and vital signs.

Sources: FHIR R4, https://hl7.org/fhir/R4/terminologies.html, https://hl7.org/fhir/R4/references.html and
https://hl7.org/fhir/R4/observation-vitalsigns.html
"""

from collections.abc import Callable, Mapping
from typing import Any

# ruff: noqa: SIM110 - loops are written out, since a generator would cost as much as the tests

__all__ = ["coded", "concept", "known_code", "leads_to", "of_codes", "remembered", "vs_1", "vs_2", "vs_3"]

MOST_KEPT = 4096
"""Codes that are remembered."""
TO_THE_DAY = len("2020-01-")


def remembered(asked: Callable[[Any], bool | None]) -> Any:
    """The check of a code that is asked about once, where the answer is True; None is a yes to be asked for again."""
    sure: set[str] = set()

    def check(value: Any) -> bool:
        if value in sure:
            return True
        answer = asked(value)
        if answer and len(sure) < MOST_KEPT:
            sure.add(value)
        return answer is not False

    return check


def coded(known: frozenset[tuple[str, str]], asked: Any) -> Any:
    """The test of a Coding or Quantity: its code is among the known ones, or `asked` (None: nobody) says so."""

    def test(found: Mapping[str, Any], _walk: Any, _row: Any) -> bool:
        code = found.get("code")
        if not code or "_code" in found:
            return False
        system = found.get("system", "")
        if "version" not in found and (system, code) in known:
            return True
        return asked is not None and bool(system) and bool(asked(system, code))

    return test


def concept(coding: Any) -> Any:
    """The test of a CodeableConcept of which one coding passes."""

    def test(found: Mapping[str, Any], walk: Any, row: Any) -> bool:
        for each in found.get("coding", ()):
            if coding(each, walk, row):
                return True
        return False

    return test


def known_code(look_up: Callable[[str, str], bool]) -> Any:
    """The test of a Coding whose code and system, where it has both, were looked up once and found right."""
    right: set[tuple[str, str]] = set()

    def test(found: dict[str, Any], _walk: Any, _row: Any) -> bool:
        system, code = found.get("system"), found.get("code")
        if system is None or code is None:
            return True
        pair = (system, code)
        if pair in right:
            return True
        if not look_up(system, code):
            return False
        if len(right) >= MOST_KEPT:
            right.clear()
        right.add(pair)
        return True

    return test


def of_codes(tests: Mapping[tuple[str, str], Callable[[], Any]]) -> Any:
    """The test of a resource with a `code`: it passes what each of its codings asks for (made at its first use)."""
    codes = frozenset(code for _, code in tests)
    made: dict[tuple[str, str], Any] = {}

    def test(found: dict[str, Any], walk: Any, row: Any) -> bool:
        for coding in found["code"].get("coding", ()):
            code = coding.get("code")
            if code not in codes:
                continue
            pair = (coding.get("system"), code)
            each = made.get(pair)
            if each is None:
                make = tests.get(pair)
                if make is None:
                    continue
                each = made[pair] = make() or _asks_nothing
            if not each(found, walk, row):
                return False
        return True

    return test


def _asks_nothing(_found: Any, _walk: Any, _row: Any) -> bool:
    return True


def leads_to(types: frozenset[str], otherwise: Any) -> Any:
    """The test of a Reference that is right as such: it names one of these types, or another test passes it."""

    def test(found: dict[str, Any], walk: Any, row: Any) -> bool:
        literal = found.get("reference")
        if literal is None:
            return True
        if walk.entries is None and literal[: literal.find("/")] in types:
            return True
        return bool(otherwise(found, walk, row))

    return test


def vs_1(found: Any, _walk: Any, _row: Any) -> bool:
    """vs-1 of R4's vital signs: a dateTime is known to the day."""
    return type(found) is str and len(found) >= TO_THE_DAY


def vs_2(found: Any, walk: Any, row: Any) -> bool:
    """vs-2 of R4's vital signs: without components or members, there is a value or the reason why there is none."""
    return "component" in found or "hasMember" in found or vs_3(found, walk, row)


def vs_3(found: Any, _walk: Any, _row: Any) -> bool:
    """vs-3 of R4's vital signs: there is a value, or the reason why there is none."""
    for name in found:
        if name[:5] == "value" or name == "dataAbsentReason":
            return True
    return False
