"""What one delta of a profile asks, as tests of a value and of the object that holds it.

Source: FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Callable, Sequence
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

__all__ = ["Asked", "Test"]

Test = Callable[[Any, Any, Any], Any]
"""A test of a value, called with the value, the walk and the row."""


class Group:
    """What an object must hold under an element's names.

    `tests` judge the value under each name, `texts` are names under which nothing but this string may stand;
    `needed` says that one of the `names` must be there.
    """

    __slots__ = ("names", "needed", "tests", "texts")

    def __init__(self, names: tuple[str, ...], *, needed: bool) -> None:
        self.names = names
        self.needed = needed
        self.tests: dict[str, Test] = {}
        self.texts: dict[str, str] = {}


class Asked:
    """Turns deltas into tests. `profiled` gives the test that a value meets one of several structures."""

    def __init__(
        self,
        definitions: Definitions,
        bindings: Bindings,
        notes: Notes,
        foreign: Foreign,
        profiled: Callable[[Sequence[str], str], Test | None],
        closures: Any,
    ) -> None:
        self._definitions = definitions
        self._bindings = bindings
        self._notes = notes
        self._foreign = foreign
        self._ours = VitalRules(closures)
        self._profiled = profiled
        self._closures = closures
        self._sliced = Sliced(definitions, bindings, self, closures)

    def of(self, delta: Delta, type_name: str) -> Test:
        """The test of a value of one type at this element."""
        never: Test = self._closures.never
        if delta.types is not None and not any(
            self._definitions.is_a(type_name, each) for each in delta.types
        ):
            return never
        tests: list[Test] = []
        ref = delta.refs.get(type_name)
        if ref is not None:
            tests += self._of_ref(ref, type_name)
        if delta.limits.any:
            tests += self._of_limits(delta.limits, delta.element, type_name)
        if delta.added.any:
            tests += self._of_additions(delta.added, type_name)
        if type_name in CHECKS:
            # what lies below a primitive stands in its companion, without which only what is needed can be missing
            if any(below.min or max((0, *self._least(below))) for below in delta.below):
                return never
        elif delta.below:
            tests.append(self._of_members(delta, type_name))
        return self._passes(tests)

    def _passes(self, tests: Sequence[Test]) -> Test:
        found: Test = self._closures.passes(tests)
        return found

    def _of_members(self, delta: Delta, type_name: str) -> Test:
        """The test of all that an object holds."""
        never: Test = self._closures.never
        groups = [self._group(below, delta.element, type_name) for below in delta.below]
        known = [each for each in groups if each is not None]
        if len(known) < len(groups):
            return never
        tests: dict[str, list[Test]] = {}
        texts: dict[str, tuple[str, bool]] = {}
        for each in known:
            for name, test in each.tests.items():
                tests.setdefault(name, []).append(test)
            for name, text in each.texts.items():
                texts[name] = (text, each.needed)
        if len(texts) < sum(len(each.texts) for each in known):  # two rows for one name: no profile has that
            return never
        asked = {name: self._passes(each) for name, each in tests.items()}
        needed = [each.names for each in known if each.needed and not each.texts]
        found: Test = self._closures.members(asked, needed, texts)
        return found

    def _group(self, delta: Delta, holder: Element, type_name: str) -> Group | None:
        """What an object must hold under one element's name; None where the base has no such element."""
        base = self._base(delta, holder, type_name)
        if base is None:
            return None
        if base.is_choice:
            return self._choice(delta, base)
        code = self._item_type(base)
        group = Group((base.name,), needed=delta.min > 0 or any(self._least(delta)))
        if code in CHECKS:
            group.tests[f"_{base.name}"] = self._closures.never
        text = _text(delta) if not base.repeats else None
        if text is not None:
            group.texts[base.name] = text
            return group
        inner = self.of(delta, code)
        sliced = self._sliced.of(delta.sliced, code) if delta.sliced is not None else None
        if base.repeats:
            group.tests[base.name] = self._closures.items(delta.min, delta.max, inner, sliced)
        else:
            group.tests[base.name] = (
                self._closures.never if delta.max == 0 else self._closures.only(inner, sliced)
            )
        return group

    def _choice(self, delta: Delta, base: Element) -> Group:
        stem = base.name[:-3]
        keys = [(f"{stem}{ref.code[:1].upper()}{ref.code[1:]}", ref.code) for ref in base.types]
        if not delta.name.endswith("[x]"):
            keys = [pair for pair in keys if pair[0] == delta.name]
        # without a value only what must be there can be missing
        group = Group(tuple(key for key, _ in keys), needed=delta.min > 0 or any(self._least(delta)))
        for key, code in keys:
            test = self.of(delta, code)
            if delta.sliced is not None:
                test = self._passes([test, self._sliced.of_choice(delta.sliced, code)])
            group.tests[key] = self._closures.never if delta.max == 0 else test
            group.tests[f"_{key}"] = self._closures.never
        return group

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
            tests.append(profiled_target(self._definitions, ref.targets, self._notes, self._closures))
        return tests

    def _of_limits(self, limits: Limits, element: Element, type_name: str) -> list[Test]:
        tests: list[Test] = []
        if type_name in CHECKS:
            tests += [self._scalar(check) for check in given_scalar(limits)]
            if limits.binding is not None and limits.binding.strength == "required":
                tests.append(
                    self._scalar(self._bindings.of_scalar(limits.binding.value_set, CHECKS[type_name]))
                )
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
            return [self._closures.never]
        required = [each.value_set for each in added.bindings if each.strength == "required"]
        if type_name in CHECKS:
            codes = [*required, *([added.widest] if added.widest else [])]
            tests = [self._scalar(self._bindings.of_scalar(each, CHECKS[type_name])) for each in codes]
            return (
                [*tests, self._scalar(partial(_no_shorter, added.min_length))] if added.min_length else tests
            )
        tests = [self._bindings.of_object(each, type_name) for each in required]
        return [*tests, self._bindings.of_widest(added.widest, type_name)] if added.widest else tests

    def _scalar(self, check: Callable[[Any], Any]) -> Test:
        found: Test = self._closures.scalar(check)
        return found

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


def _text(delta: Delta) -> str | None:
    """The string that is all a delta asks for; None where it asks for anything else."""
    fixed = delta.limits.fixed
    if fixed is None or type(fixed.value) is not str or delta.max == 0:
        return None
    limits = delta.limits
    more = (limits.pattern, limits.min_value, limits.max_value, limits.max_length, limits.binding)
    plain = not (delta.types or delta.refs or delta.below or delta.sliced or delta.added.any)
    return fixed.value if plain and not limits.constraints and all(each is None for each in more) else None


def _no_shorter(least: int, value: Any) -> bool:
    return type(value) is str and len(value) >= least


def _no_literal(found: Json, _walk: Any, _row: Any) -> bool:
    return "reference" not in found
