"""What one delta of a profile asks, as tests of a value and of the object that holds it.

Source: FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element, TypeRef
from conformance.fhir.validation.accept.bindings import Bindings
from conformance.fhir.validation.accept.foreign import Foreign
from conformance.fhir.validation.accept.lexical import CHECKS
from conformance.fhir.validation.accept.notes import Notes
from conformance.fhir.validation.accept.plan import Json
from conformance.fhir.validation.accept.properties import given, given_scalar
from conformance.fhir.validation.accept.slices import Sliced
from conformance.fhir.validation.accept.targets import profiled_target
from conformance.fhir.validation.accept.vital_rules import VitalRules
from conformance.fhir.validation.additions import Additions
from conformance.fhir.validation.deltas import Delta
from conformance.fhir.validation.limits import Limits

__all__ = ["Asked", "Test", "passes"]

FEW = 3
"""Names that are looked up one by one."""
Test = Callable[[Any, Any, Any], Any]
"""A test of a value, called with the value, the walk and the row."""


def passes(tests: Sequence[Test]) -> Test:
    """One test of several."""
    if len(tests) == 1:
        return tests[0]
    asked = tuple(tests)

    def test(found: Any, walk: Any, row: Any) -> bool:
        for each in asked:  # noqa: SIM110 - a generator would cost as much as the tests
            if not each(found, walk, row):
                return False
        return True

    return test


@dataclass(frozen=True, slots=True)
class Group:
    """The test of what an object holds under an element's `names`; where `optional`, it passes if none is there."""

    test: Test
    names: frozenset[str] = frozenset()
    optional: bool = False


def laid(groups: Sequence[Group]) -> list[Test]:
    """The tests of groups; those that only matter where one of their names is there are asked for only then."""
    optional = {name: each.test for each in groups if each.optional for name in each.names}
    if len(optional) <= FEW:
        return [each.test for each in groups]
    names = frozenset(optional)

    def test(found: Json, walk: Any, row: Any) -> bool:
        for name in names & found.keys():  # noqa: SIM110 - a generator would cost as much as the tests
            if not optional[name](found, walk, row):
                return False
        return True

    return [*(each.test for each in groups if not each.optional), test]


class Asked:
    """Turns deltas into tests. `profiled` gives the test that a value meets one of several structures."""

    def __init__(
        self,
        definitions: Definitions,
        bindings: Bindings,
        notes: Notes,
        foreign: Foreign,
        profiled: Callable[[Sequence[str], str], Test | None],
    ) -> None:
        self._definitions = definitions
        self._bindings = bindings
        self._notes = notes
        self._foreign = foreign
        self._ours = VitalRules()
        self._profiled = profiled
        self._sliced = Sliced(definitions, bindings, self)

    def of(self, delta: Delta, type_name: str) -> list[Test]:
        """The tests of a value of one type at this element."""
        tests: list[Test] = []
        if delta.types is not None and not any(
            self._definitions.is_a(type_name, each) for each in delta.types
        ):
            return [_never]
        ref = delta.refs.get(type_name)
        if ref is not None:
            tests += self._of_ref(ref, type_name)
        if delta.limits.any:
            tests += self._of_limits(delta.limits, delta.element, type_name)
        if delta.added.any:
            tests += self._of_additions(delta.added, type_name)
        if type_name in CHECKS:
            # what lies below a primitive stands in its companion, without which only what is needed can be missing
            needed = any(below.min or max((0, *self._least(below))) for below in delta.below)
            return [_never] if needed else tests
        return [*tests, *laid([self.of_group(below, delta.element, type_name) for below in delta.below])]

    def of_group(self, delta: Delta, holder: Element, type_name: str) -> Group:
        """The test of all that an object holds under one element's name."""
        base = self._base(delta, holder, type_name)
        if base is None:
            return Group(_never)
        if base.is_choice:
            return self._of_choice(delta, base)
        found = self._item_type(base)
        inner = passes(self.of(delta, found))
        sliced = self._sliced.of(delta.sliced, found) if delta.sliced is not None else None
        optional = not delta.min and not any(self._least(delta))
        test = _group(base, delta, inner, sliced, is_primitive=found in CHECKS)
        return Group(test, frozenset({base.name, f"_{base.name}"}), optional)

    def _of_choice(self, delta: Delta, base: Element) -> Group:
        stem = base.name[:-3]
        keys = [(f"{stem}{ref.code[:1].upper()}{ref.code[1:]}", ref.code) for ref in base.types]
        if not delta.name.endswith("[x]"):
            keys = [pair for pair in keys if pair[0] == delta.name]
        inner = {}
        for key, code in keys:
            tests = self.of(delta, code)
            if delta.sliced is not None:
                tests.append(self._sliced.of_choice(delta.sliced, code))
            inner[key] = passes(tests)
        # without a value only what must be there can be missing
        least = max(delta.min, *(self._least(delta) or (0,)))
        companions = frozenset(f"_{key}" for key in inner)
        never = _never in inner.values() and delta.max == 0

        def test(found: Json, walk: Any, row: Any) -> bool:
            for key, each in inner.items():
                if key in found:
                    return not never and delta.max != 0 and bool(each(found[key], walk, row))
            return least == 0 and companions.isdisjoint(found)

        return Group(test, companions | inner.keys(), least == 0)

    def _least(self, delta: Delta) -> tuple[int, ...]:
        return tuple(piece.min for piece, _ in delta.sliced.slices) if delta.sliced is not None else ()

    def _of_ref(self, ref: TypeRef, type_name: str) -> list[Test]:
        tests: list[Test] = []
        if ref.profiles:
            test = self._profiled(ref.profiles, type_name)
            tests += [test] if test is not None else []
        if ref.aggregation or ref.versioning != "either":
            tests.append(_no_literal)
        if ref.targets:
            tests.append(profiled_target(self._definitions, ref.targets, self._notes))
        return tests

    def _of_limits(self, limits: Limits, element: Element, type_name: str) -> list[Test]:
        tests: list[Test] = []
        if type_name in CHECKS:
            tests += [_scalar(check) for check in given_scalar(limits)]
            if limits.binding is not None and limits.binding.strength == "required":
                tests.append(_scalar(self._bindings.of_scalar(limits.binding.value_set, CHECKS[type_name])))
        else:
            tests += given(limits)
            if limits.binding is not None and limits.binding.strength == "required":
                tests.append(self._bindings.of_object(limits.binding.value_set, type_name))
        for each in limits.constraints:
            if each.severity == "error":
                tests.append(
                    self._ours.test(each, element, type_name)
                    or self._foreign.test(each.expression, element, type_name)
                )
        return tests

    def _of_additions(self, added: Additions, type_name: str) -> list[Test]:
        """Tests of what is asked besides the table; that a value must be there is so wherever a test is called."""
        if added.languages or added.sources:
            return [_never]
        required = [each.value_set for each in added.bindings if each.strength == "required"]
        if type_name in CHECKS:
            codes = [*required, *([added.widest] if added.widest else [])]
            tests = [_scalar(self._bindings.of_scalar(each, CHECKS[type_name])) for each in codes]
            return [*tests, _scalar(partial(_no_shorter, added.min_length))] if added.min_length else tests
        tests = [self._bindings.of_object(each, type_name) for each in required]
        return [*tests, self._bindings.of_widest(added.widest, type_name)] if added.widest else tests

    def _base(self, delta: Delta, holder: Element, type_name: str) -> Element | None:
        """The base definition's element of this name below a value of this type."""
        path = holder.path if holder.children and "." in holder.path else type_name
        structure = self._definitions.type(path.split(".", 1)[0])
        element: Element | None = structure.root if structure is not None else None
        for step in path.split(".")[1:]:
            found = (
                [each for each in self._definitions.children(element) if each.name == step] if element else []
            )
            element = found[0] if found else None
        if element is None or (type_name not in {"BackboneElement", "Element"} and "." in path):
            structure = self._definitions.type(type_name)
            element = structure.root if structure is not None else None
        for child in self._definitions.children(element) if element is not None else ():
            if child.name == delta.name or (
                child.is_choice
                and delta.name.startswith(child.name[:-3])
                and delta.name[len(child.name) - 3 :][:1].isupper()
            ):
                return child
        return None

    def _item_type(self, base: Element) -> str:
        return base.types[0].code if base.types else "BackboneElement"


def _group(base: Element, delta: Delta, inner: Test, sliced: Test | None, *, is_primitive: bool) -> Test:
    name, repeats = base.name, base.repeats
    least, most = delta.min, delta.max
    companion = f"_{name}"
    absent = least == 0 and not any(piece.min for piece, _ in (delta.sliced.slices if delta.sliced else ()))

    def many(found: Json, walk: Any, row: Any) -> bool:
        items = found.get(name)
        if items is None:
            return absent and companion not in found
        if (
            len(items) < least
            or (most is not None and len(items) > most)
            or (is_primitive and companion in found)
        ):
            return False
        for item in items:
            if not inner(item, walk, row):
                return False
        return sliced is None or bool(sliced(items, walk, row))

    def single(found: Json, walk: Any, row: Any) -> bool:
        item = found.get(name)
        if is_primitive and companion in found:
            return False
        if item is None:
            return absent
        return (
            most != 0
            and bool(inner(item, walk, row))
            and (sliced is None or bool(sliced((item,), walk, row)))
        )

    return many if repeats else single


def _scalar(check: Callable[[Any], Any]) -> Test:
    return partial(_checked, check)


def _checked(check: Callable[[Any], Any], found: Any, _walk: Any, _row: Any) -> Any:
    return check(found)


def _no_shorter(least: int, value: Any) -> bool:
    return type(value) is str and len(value) >= least


def _no_literal(found: Json, _walk: Any, _row: Any) -> bool:
    return "reference" not in found


def _never(_found: Any, _walk: Any, _row: Any) -> bool:
    return False
