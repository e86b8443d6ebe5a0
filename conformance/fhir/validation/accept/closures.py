"""The tests that overlays are put together from, as closures over what a definition asks.

One source for both walks: the compiled core includes these very lines, so that a test means the same in either. They
are called with the value, the walk and the row; the value has been found right by the walk already.

Sources: FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html and https://hl7.org/fhir/R4/profiling.html#slicing
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.fhir.validation.accept.plan import Refused

# ruff: noqa: SIM110 - loops are written out, since a generator would cost as much as the tests

__all__ = ["always", "constant", "either", "finding", "items", "members", "never", "only", "passes", "scalar",
           "slices", "text_at", "values_at"]  # fmt: skip

FEW = 4
"""Names that are looked up one by one; with more of them, an object's own names are gone through."""


def never(_found: Any, _walk: Any, _row: Any) -> bool:
    """Nothing is certain."""
    return False


def always(_found: Any, _walk: Any, _row: Any) -> bool:
    """Nothing is asked."""
    return True


def passes(tests: Sequence[Any]) -> Any:
    """One test of several."""
    if never in tests:
        return never
    asked = tuple(each for each in tests if each is not always)
    if not asked:
        return always
    if len(asked) == 1:
        return asked[0]

    def test(found: Any, walk: Any, row: Any) -> bool:
        for each in asked:
            if not each(found, walk, row):
                return False
        return True

    return test


def either(tests: Sequence[Any]) -> Any:
    """A test that at least one of several passes."""
    if len(tests) == 1:
        return tests[0]
    asked = tuple(tests)

    def test(found: Any, walk: Any, row: Any) -> bool:
        for each in asked:
            if each(found, walk, row):
                return True
        return False

    return test


def scalar(check: Callable[[Any], Any]) -> Any:
    """A check of a primitive as a test."""

    def test(found: Any, _walk: Any, _row: Any) -> bool:
        return bool(check(found))

    return test


def constant(text: str) -> Any:
    """The test that a primitive is this string."""

    def test(found: Any, _walk: Any, _row: Any) -> bool:
        return bool(found == text)

    return test


def members(
    tests: Mapping[str, Any], needed: Sequence[tuple[str, ...]], texts: Mapping[str, tuple[str, bool]]
) -> Any:
    """The test of what an object holds.

    `tests` judge the value under each name, a companion's included. `texts` are the strings that must stand under a
    name, with whether it must be there at all. Of each tuple of `needed`, one name must be there.
    """
    if len(needed) <= FEW and all(len(names) == 1 for names in needed):
        companions = frozenset(name for name, each in tests.items() if each is never and name[0] == "_")
        plain = [(name, each) for name, each in tests.items() if name not in companions]
        if len(plain) + len(texts) <= FEW:
            return _few(tuple(plain), tuple(names[0] for names in needed), texts, companions)
    every = {**tests, **{name: constant(text) for name, (text, _) in texts.items()}}
    sure = [(name,) for name, (_, must) in texts.items() if must]
    return _many(every, (*sure, *needed))


def _few(
    plain: tuple[tuple[str, Any], ...],
    needed: tuple[str, ...],
    texts: Mapping[str, tuple[str, bool]],
    companions: frozenset[str],
) -> Any:
    fixed = tuple((name, text) for name, (text, must) in texts.items() if must)
    loose = tuple((name, text) for name, (text, must) in texts.items() if not must)

    def test(found: dict[str, Any], walk: Any, row: Any) -> bool:
        for name, text in fixed:
            if found.get(name) != text:
                return False
        for name in needed:
            if name not in found:
                return False
        for name, text in loose:
            if found.get(name, text) != text:
                return False
        for name, each in plain:
            if name in found and not each(found[name], walk, row):
                return False
        return not walk.companions or companions.isdisjoint(found)

    return test


def _many(tests: dict[str, Any], needed: tuple[tuple[str, ...], ...]) -> Any:
    def test(found: dict[str, Any], walk: Any, row: Any) -> bool:
        for names in needed:
            for name in names:
                if name in found:
                    break
            else:
                return False
        for name, value in found.items():
            each = tests.get(name)
            if each is not None and not each(value, walk, row):
                return False
        return True

    return test


def items(least: int, most: int | None, inner: Any, sliced: Any) -> Any:
    """The test of an array: how many items, what each of them must be, and what its slices ask (None: nothing)."""
    if inner is always and sliced is not None and not least and most is None:
        return sliced

    def test(found: list[Any], walk: Any, row: Any) -> bool:
        size = len(found)
        if size < least or (most is not None and size > most):
            return False
        if inner is not always:
            for item in found:
                if not inner(item, walk, row):
                    return False
        return sliced is None or bool(sliced(found, walk, row))

    return test


def only(inner: Any, sliced: Any) -> Any:
    """The test of a value that cannot repeat, and of its slices (None: it has none)."""
    if sliced is None:
        return inner

    def test(found: Any, walk: Any, row: Any) -> bool:
        return bool(inner(found, walk, row)) and bool(sliced((found,), walk, row))

    return test


def slices(  # noqa: C901 - one closure
    pieces: Sequence[tuple[Any, Any, int, int | None]], rules: str, *, ordered: bool
) -> Any:
    """The test of a sliced array. A piece has its matches, the test of its items, and how many there may be."""
    if len(pieces) == 1 and rules == "open":
        return _one_slice(*pieces[0])
    every = tuple(pieces)
    closed, at_end = rules == "closed", rules == "openAtEnd"

    def test(found: Sequence[Any], walk: Any, row: Any) -> bool:  # noqa: C901 - one pass over the items
        counts = [0] * len(every)
        last, outside = -1, False
        for item in found:
            place = -1
            for index, piece in enumerate(every):
                if _fits(piece[0], item):
                    if place >= 0:
                        return False
                    place = index
            if place < 0:
                if closed:
                    return False
                outside = True
                continue
            if (outside and at_end) or (ordered and place < last):
                return False
            last = place
            counts[place] += 1
            if not every[place][1](item, walk, row):
                return False
        for index, piece in enumerate(every):
            if counts[index] < piece[2] or (piece[3] is not None and counts[index] > piece[3]):
                return False
        return True

    return test


def _one_slice(matches: Any, inner: Any, least: int, most: int | None) -> Any:
    def test(found: Sequence[Any], walk: Any, row: Any) -> bool:
        count = 0
        for item in found:
            if _fits(matches, item):
                count += 1
                if not inner(item, walk, row):
                    return False
        return count >= least and (most is None or count <= most)

    return test


def _fits(matches: Any, item: Any) -> bool:
    for match in matches:
        if not match(item):
            return False
    return True


def text_at(names: Sequence[str], text: str) -> Any:
    """Whether this string stands at the end of a path; a primitive that has extensions is not certain."""
    *steps, last = names
    before = tuple(steps)
    companion = f"_{last}"

    def match(item: Any) -> bool:
        holders: Any = (item,)
        for name in before:
            holders = _below(holders, name)
        for holder in holders:
            if companion in holder:
                raise Refused
            value = holder.get(last)
            if value == text or (type(value) is list and text in value):
                return True
        return False

    return match


def _below(holders: Any, name: str) -> Any:
    """The values that objects have under a name, those of arrays one by one."""
    if len(holders) == 1:
        value = holders[0].get(name)
        return () if value is None else value if type(value) is list else (value,)
    found: list[Any] = []
    for holder in holders:
        value = holder.get(name)
        if type(value) is list:
            found.extend(value)
        elif value is not None:
            found.append(value)
    return found


def values_at(names: Sequence[str]) -> Any:
    """A function that gives the values at the end of a path; a primitive that has extensions is not certain."""
    steps = tuple((name, f"_{name}") for name in names)

    def values(item: Any) -> Any:
        holders: Any = (item,)
        for name, companion in steps:
            for holder in holders:
                if companion in holder:
                    raise Refused
            holders = _below(holders, name)
        return holders

    return values


def finding(values: Any, agrees: Any) -> Any:
    """Whether one of the values of an item agrees."""

    def match(item: Any) -> bool:
        for value in values(item):
            if agrees(value):
                return True
        return False

    return match
