"""Instances made from a structure: the least that is valid, with one wanted element in it, or spoilt in one place.

`Maker.make` walks the element tree and fills what must be there. A `Spoil` changes one element while the instance is
made, so a violating instance differs from the valid one in nothing else.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.correctness.vital_signs import GUESSED_UNIT, codings, filled, measuring
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.vital_signs import vital_signs

OMIT, TOO_MANY, OTHER_VALUE, OTHER_CODE = "omit", "too many", "other value", "other code"
STRAY, HOLLOW = "stray", "hollow"

SAMPLES: dict[str, Any] = {
    "base64Binary": "QUJD", "boolean": True, "canonical": "http://hl7.org/fhir/ValueSet/languages",
    "code": "sample", "date": "2024-02-29", "dateTime": "2024-02-29T10:15:00Z", "decimal": 7, "id": "sample",
    "instant": "2024-02-29T10:15:00Z", "integer": 7, "markdown": "sample", "oid": "urn:oid:1.2.3",
    "positiveInt": 7, "string": "sample", "time": "10:15:00", "unsignedInt": 7, "uri": "urn:oid:1.2.3.4",
    "url": "https://sample.test/x", "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">sample</div>',
}  # fmt: skip
OTHERS: dict[str, Any] = SAMPLES | {
    "boolean": False, "code": "another", "date": "2023-01-01", "dateTime": "2023-01-01", "decimal": 9, "id": "another",
    "integer": 9, "positiveInt": 9, "string": "another", "unsignedInt": 9, "uri": "http://another.test/x",
    "markdown": "another", "time": "11:11:11", "url": "https://another.test", "oid": "urn:oid:1.9",
    "canonical": "http://hl7.org/fhir/ValueSet/mimetypes", "instant": "2023-01-01T00:00:00Z",
    "base64Binary": "REVG", "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239521",
}  # fmt: skip
USUAL: dict[str, dict[str, Any]] = {
    "Address": {"text": "sample"}, "Age": {"value": 7, "system": "http://unitsofmeasure.org", "code": "a"},
    "Annotation": {"text": "sample"}, "Attachment": {"title": "sample"}, "CodeableConcept": {"text": "sample"},
    "Coding": {"system": "http://sample.test/codes", "code": "sample"},
    "ContactDetail": {"name": "sample"}, "ContactPoint": {"system": "phone", "value": "1"},
    "Count": {"value": 7, "system": "http://unitsofmeasure.org", "code": "1"},
    "Distance": {"value": 7, "system": "http://unitsofmeasure.org", "code": "m"}, "Dosage": {"text": "sample"},
    "Duration": {"value": 7, "system": "http://unitsofmeasure.org", "code": "s"},
    "Expression": {"language": "text/fhirpath", "expression": "true"},
    "HumanName": {"family": "Sample"}, "Identifier": {"system": "urn:oid:1.2.3.4", "value": "sample"},
    "Meta": {"versionId": "1"}, "Money": {"value": 7, "currency": "GBP"},
    "Narrative": {"status": "generated", "div": SAMPLES["xhtml"]}, "Period": {"start": "2024-01-01"},
    "Quantity": {"value": 7}, "Range": {"low": {"value": 1}},
    "Ratio": {"numerator": {"value": 1}, "denominator": {"value": 2}},
    "Reference": {"display": "sample"}, "SampledData": {"origin": {"value": 1}, "period": 1, "dimensions": 1},
    "Signature": {
        "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}],
        "when": "2024-02-29T10:15:00Z", "who": {"display": "sample"},
    },
    "SimpleQuantity": {"value": 7}, "Timing": {"event": ["2024-02-29"]}, "UsageContext": {
        "code": {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "focus"},
        "valueCodeableConcept": {"text": "sample"},
    },
}  # fmt: skip
PREFERRED = ("CodeableConcept", "string", "Quantity", "dateTime", "boolean", "Reference")
BOOKKEEPING = frozenset(
    {"id", "extension", "modifierExtension", "meta", "implicitRules", "contained", "text", "language"}
)
DEEPEST = 12
BY_SYSTEM = {
    "http://snomed.info/sct": "73211009",
    "http://loinc.org": "8302-2",
    "http://unitsofmeasure.org": GUESSED_UNIT,
    "urn:ietf:bcp:47": "en",
    "urn:ietf:bcp:13": "text/plain",
    "urn:iso:std:iso:4217": "GBP",
}
BY_RULE = {
    "mimetypes": "text/plain",
    "languages": "en",
    "all-languages": "en",
    "currencies": "GBP",
    "ucum-units": GUESSED_UNIT,
}


@dataclass(frozen=True)
class Spoil:
    """One deliberate mistake: what is done to one element (told by identity) of the structure."""

    element: Element
    how: str


@dataclass(frozen=True)
class _Item:
    """A made value, its type, and the id and extensions of a primitive."""

    value: Any
    type: str
    companion: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Task:
    chain: tuple[Element, ...]
    spoil: Spoil | None
    forced: frozenset[str]


class Maker:
    """Makes instances of structures; `codes` come from value sets that can be expanded."""

    def __init__(self, definitions: Definitions, terminology: Terminology) -> None:
        self._definitions = definitions
        self._terminology = terminology
        self._vital_signs = vital_signs(definitions)

    def make(
        self,
        structure: Structure,
        chain: Sequence[Element] = (),
        spoil: Spoil | None = None,
        forced: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """An instance of a structure: `chain` leads from a child of its root to the element that must be there.

        `forced` holds ids of further elements to fill. A data type's or extension's instance is the bare value.
        """
        task = _Task(tuple(chain), spoil, forced)
        made = self._least_of(structure, task)
        asked = list(self._asked(made, structure)) if structure.type == "Observation" else []
        if asked:
            task = replace(task, forced=forced | measuring(structure.root))
            made = self._least_of(structure, task)
            changed = spoil is not None and made != self._least_of(structure, replace(task, spoil=None))
            spared = spoil.element.path if spoil is not None and changed else ""
            for other in asked:
                made = filled(made, self.make(other, forced=measuring(other.root)), spared)
        return made

    def _least_of(self, structure: Structure, task: _Task) -> dict[str, Any]:
        made: dict[str, Any] = self._complex(structure.root, structure.type, task, 0, structure)
        return {"resourceType": structure.type, **made} if structure.kind == "resource" else made

    def _asked(self, made: dict[str, Any], structure: Structure) -> Iterator[Structure]:
        """The structures that R4 asks of an Observation by its code, whatever else it is made to be."""
        for url in dict.fromkeys(
            self._vital_signs[pair] for pair in codings(made.get("code")) if pair in self._vital_signs
        ):
            found = self._definitions.structure(url)
            if found is not None and found.url != structure.url:
                yield found

    def _complex(
        self, element: Element, type_name: str, task: _Task, depth: int, profile: Structure | None
    ) -> Any:
        made: dict[str, Any] = {}
        children = self._children(element, type_name, profile)
        for child in children:
            self._child(made, child, task, depth)
        if type_name == "Extension":
            self._filled_extension(made, children, task, depth)
        elif not (set(made) - {"id"}):
            self._least(made, children, type_name, task, depth)
        return made

    def _children(self, element: Element, type_name: str, profile: Structure | None) -> tuple[Element, ...]:
        if element.children:
            return element.children
        if profile is not None and profile.root is not element:
            return profile.root.children or self._definitions.children(element, type_name)
        return self._definitions.children(element, type_name)

    def _filled_extension(
        self, made: dict[str, Any], children: tuple[Element, ...], task: _Task, depth: int
    ) -> None:
        """An extension has a value or extensions of its own (ext-1)."""
        if "extension" in made or any(name.startswith("value") for name in made) or depth > DEEPEST:
            return
        named = {child.name: child for child in children}
        value, nested = named.get("value[x]"), named.get("extension")
        spoilt = task.spoil.element if task.spoil is not None else None
        if value is not None and value.max != 0 and value is not spoilt:
            self._put(made, value, [self._value(value, _Task((), task.spoil, task.forced), depth + 1)])
        elif nested is not None and nested.slices and nested is not spoilt:
            first = _Task((nested.slices[0],), task.spoil, task.forced)
            self._child(made, nested, first, depth)

    def _least(
        self, made: dict[str, Any], children: tuple[Element, ...], type_name: str, task: _Task, depth: int
    ) -> None:
        usual = USUAL.get(type_name)
        if usual is not None:
            spoilt = task.spoil.element if task.spoil is not None else None
            allowed = {
                child.name.removesuffix("[x]") for child in children if child.max != 0 and child is not spoilt
            }
            made.update({k: copy.deepcopy(v) for k, v in usual.items() if k in allowed and k not in made})
        if made:
            return
        for child in children:
            if task.spoil is not None and task.spoil.element is child:
                continue
            if child.name not in BOOKKEEPING and child.max != 0 and depth < DEEPEST:
                self._put(made, child, [self._value(child, _Task((), None, task.forced), depth + 1)])
                if made:
                    return

    def _child(self, made: dict[str, Any], child: Element, task: _Task, depth: int) -> None:
        wanted = bool(task.chain) and (
            task.chain[0] is child or any(task.chain[0] is s for s in child.slices)
        )
        below = (
            _Task(task.chain[1:], task.spoil, task.forced) if wanted else _Task((), task.spoil, task.forced)
        )
        spoilt = task.spoil is not None and task.spoil.element is child
        how = task.spoil.how if task.spoil is not None and spoilt else ""
        if how == OMIT or depth > DEEPEST:
            return
        items: list[_Item] = []
        for slice_ in child.slices:
            items += self._slice(child, slice_, task, below, depth)
        needed = max(child.min, int((wanted and task.chain[0] is child) or self._is_forced(child, task)))
        if how == TOO_MANY:
            needed = (child.max or 0) + 1
        if how == STRAY:
            needed = len(items) + 1
        while len(items) < needed:
            items.append(self._value(child, below, depth + 1, spoil=how))
        if items:
            self._put(made, child, items)

    def _slice(self, holder: Element, slice_: Element, task: _Task, below: _Task, depth: int) -> list[_Item]:
        wanted = bool(task.chain) and task.chain[0] is slice_
        spoilt = task.spoil is not None and task.spoil.element is slice_
        how = task.spoil.how if task.spoil is not None and spoilt else ""
        if how == OMIT:
            return []
        number = max(slice_.min, int(wanted or self._is_forced(slice_, task)))
        if how == TOO_MANY:
            number = (slice_.max or 0) + 1
        inner = below if wanted else _Task((), task.spoil, task.forced)
        forced = inner.forced | self._telling(holder, slice_)
        return [
            self._value(slice_, _Task(inner.chain, inner.spoil, forced), depth + 1, spoil=how)
            for _ in range(number)
        ]

    def _telling(self, holder: Element, slice_: Element) -> frozenset[str]:
        if holder.slicing is None:
            return frozenset()
        found: set[str] = set()
        for discriminator in holder.slicing.discriminators:
            path = slice_.id
            for step in discriminator.path.split("."):
                if step == "$this" or "(" in step:
                    break
                path = f"{path}.{step}"
                found.add(path)
        return frozenset(found)

    def _is_forced(self, element: Element, task: _Task) -> bool:
        return element.id in task.forced

    def _value(self, element: Element, task: _Task, depth: int, spoil: str = "") -> _Item:
        type_name = self._type(element)
        if spoil == HOLLOW:
            return _Item(None if type_name in SAMPLES else {"id": "hollow"}, type_name, {"id": "hollow"})
        if type_name in SAMPLES:
            companion = self._companion(element, task, depth)
            given = element.fixed.value if element.fixed is not None and spoil != OTHER_VALUE else None
            value = self._primitive(element, type_name, spoil, task) if given is None else given
            return _Item(value, type_name, companion)
        if element.fixed is not None and spoil != OTHER_VALUE:
            return _Item(copy.deepcopy(element.fixed.value), element.fixed.type)
        if spoil in {OTHER_VALUE, OTHER_CODE}:
            return _Item(self._other(element, type_name, spoil), type_name)
        made = self._whole(element, type_name, task, depth)
        if element.pattern is not None:
            made = _merged(made, element.pattern.value)
        return _Item(made, type_name)

    def _companion(self, element: Element, task: _Task, depth: int) -> dict[str, Any] | None:
        made: dict[str, Any] = {}
        for child in element.children:
            if child.name in {"id", "extension"}:
                self._child(made, child, task, depth)
        return made or None

    def _whole(self, element: Element, type_name: str, task: _Task, depth: int) -> Any:
        ref = next((t for t in element.types if t.code == type_name), None)
        profile = self._definitions.structure(ref.profiles[0]) if ref is not None and ref.profiles else None
        if type_name == "Extension" and profile is None and not element.children:
            named = ref.profiles[0] if ref is not None and ref.profiles else "http://sample.test/extension"
            return {"url": named.partition("|")[0], "valueString": "sample"}
        if type_name in {"Resource", "DomainResource"} and profile is None:
            return {"resourceType": "Basic", "id": "sample", "code": {"text": "sample"}}
        made = self._complex(element, type_name, task, depth, profile)
        if type_name == "Coding" and made.get("code") == SAMPLES["code"]:
            made["code"] = BY_SYSTEM.get(str(made.get("system")), made["code"])
        if type_name == "Reference" and "reference" not in made and "identifier" not in made:
            made = {**made, **self._reference(ref.targets if ref else ())}
        bound = self._bound(element, type_name)
        if bound is not None:
            stated = [child for child in element.children if child.name in bound and _states(child)]
            own = {
                c.name: c.fixed.value
                for c in stated
                if c.fixed is not None and not {c.name, f"_{c.name}"} & set(made)
            }
            made = {**made, **own} if stated else {**made, **bound}
        if profile is not None and profile.kind == "resource":
            made = {"resourceType": profile.type, **made}
        return made

    def _reference(self, targets: Sequence[str]) -> dict[str, Any]:
        for target in targets:
            structure = self._definitions.structure(target)
            name = structure.type if structure else target.rsplit("/", 1)[-1]
            return {"reference": f"{'Patient' if name == 'Resource' else name}/sample"}
        return {"reference": "Patient/sample"}

    def _bound(self, element: Element, type_name: str) -> dict[str, Any] | None:
        if element.binding is None or element.binding.strength not in {"required", "extensible"}:
            return None
        expansion = self._terminology.expansion(element.binding.value_set)
        system, code = min(expansion) if expansion else self._plausible(element.binding.value_set)
        if not system:
            return None
        if type_name == "CodeableConcept":
            return {"coding": [{"system": system, "code": code}]}
        if type_name in {"Coding", "Quantity"}:
            return {"system": system, "code": code}
        return None

    def codes(self, element: Element) -> list[str]:
        """The codes that a `code` element with a required binding may have, in order."""
        if element.binding is None or element.binding.strength != "required":
            return []
        return sorted(self._terminology.codes(element.binding.value_set) or ())

    def _plausible(self, canonical: str) -> tuple[str, str]:
        """A code that a value set may well hold although nobody here can expand it."""
        found = self._definitions.value_set(canonical) or {}
        for row in found.get("compose", {}).get("include", ()):
            system = row.get("system", "")
            if row.get("concept"):
                return system, row["concept"][0]["code"]
            if system in BY_SYSTEM:
                return system, BY_SYSTEM[system]
            for other in row.get("valueSet", ()):
                if (inner := self._plausible(other))[0]:
                    return inner
        return "", ""

    def _primitive(self, element: Element, type_name: str, spoil: str, task: _Task) -> Any:
        if spoil == OTHER_CODE:
            return "not-in-the-value-set"
        if spoil == OTHER_VALUE:
            found = OTHERS[type_name]
            taken = [t.value for t in (element.fixed, element.pattern) if t is not None]
            return found if found not in taken else SAMPLES[type_name]
        given = element.pattern or element.min_value
        return given.value if given is not None else self._code(element, task) or SAMPLES[type_name]

    def _code(self, element: Element, task: _Task) -> str:
        chosen = next((mark for mark in task.forced if mark.startswith(f"{element.id}=")), "")
        if chosen:
            return chosen.partition("=")[2]
        if element.binding is None or element.binding.strength != "required":
            return ""
        name = element.binding.value_set.partition("|")[0].rsplit("/", 1)[-1]
        return min(self._terminology.codes(element.binding.value_set) or {BY_RULE.get(name, "")})

    def _other(self, element: Element, type_name: str, spoil: str) -> Any:
        if spoil == OTHER_CODE:
            coding = {"system": "http://sample.test/none", "code": "not-in-the-value-set"}
            return (
                {"coding": [coding]}
                if type_name == "CodeableConcept"
                else coding | ({"value": 1} if type_name == "Quantity" else {})
            )
        given = element.fixed or element.pattern
        changed = copy.deepcopy(given.value) if given is not None else {}
        _change_one(changed)
        return changed

    def _type(self, element: Element) -> str:
        if element.content_reference:
            return "BackboneElement"
        codes = [ref.code for ref in element.types]
        if not codes:
            return "BackboneElement" if element.children else "string"
        for name in PREFERRED if len(codes) > 1 else ():
            if name in codes:
                return name
        return codes[0]

    def _put(self, made: dict[str, Any], child: Element, items: list[_Item]) -> None:
        name = child.name
        if child.is_choice:
            suffix = items[0].type
            name = name[:-3] + suffix[0].upper() + suffix[1:]
        many = child.repeats or len(items) > 1
        for key, given in ((name, [i.value for i in items]), (f"_{name}", [i.companion for i in items])):
            if any(value is not None for value in given) and not (
                key[0] == "_" and items[0].type not in SAMPLES
            ):
                made[key] = given if many else given[0]


def walk(element: Element, chain: tuple[Element, ...] = ()) -> Iterator[tuple[tuple[Element, ...], Element]]:
    """Every element below one, slices included, each with the chain of elements that leads to it."""
    for child in element.children:
        yield (*chain, child), child
        yield from walk(child, (*chain, child))
        for slice_ in child.slices:
            yield (*chain, slice_), slice_
            yield from walk(slice_, (*chain, slice_))


def _states(element: Element) -> bool:
    """Whether a definition gives a value to the element or to something below it."""
    own = element.fixed is not None or element.pattern is not None
    return own or any(_states(child) for child in (*element.children, *element.slices))


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{k: _merged(base.get(k), v) for k, v in over.items()}}
    if isinstance(base, list) and isinstance(over, list):
        return copy.deepcopy(over) + base[len(over) :]
    return copy.deepcopy(over)


def _change_one(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_replaced(value, key) for key in sorted(value))
    if isinstance(value, list):
        return any(_replaced(value, index) for index in range(len(value)))
    return False


def _replaced(holder: Any, key: Any) -> bool:
    if isinstance(holder[key], dict | list):
        return _change_one(holder[key])
    holder[key] = (
        {True: False, False: True}.get(holder[key]) if isinstance(holder[key], bool) else f"{holder[key]}x"
    )
    return True
