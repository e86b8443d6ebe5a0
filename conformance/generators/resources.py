"""Valid resources, put together from the structures of R4 as they are shipped.

What is drawn is a string of bytes, of which each choice on the way takes one: see `choosing`. The resource is given as
the text of its JSON, since a suite keeps texts to the letter and numbers not.
"""

from decimal import Decimal
from functools import cache
from typing import Any, Literal

import orjson

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.shipped import Shipped
from conformance.fhir.definitions.table import Binding, Element, TypeRef
from conformance.fhir.terminology.facade import Terminology
from conformance.generators.choosing import Choices
from conformance.generators.complex_values import SUBJECT, THIS_RUN, TYPES, coding, identifier, logical
from conformance.generators.mending import MENDS
from conformance.generators.primitive_values import CODES, OWN, PRIMITIVES, TEXTS
from conformance.plugin import generator

Shape = Literal["minimal", "mixed", "maximal"]
DENSITY = {"minimal": 0, "mixed": 35, "maximal": 100}
"""How many of a hundred optional elements a resource of that shape has."""

RUN_SYSTEM = "https://conformance-harness.org/run"
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LANGUAGE = "http://hl7.org/fhir/ValueSet/all-languages"

DRAWN = 1_500
"""Bytes that are drawn for one resource: those behind them count as zeros."""

DEEPEST = 5
LEFT_OUT = frozenset({"id", "meta", "implicitRules", "text", "contained", "extension", "modifierExtension"})
"""Elements that are made in their own way, or stand for the server's own."""

SECOND_RARELY = 40
EXTENDED = 25
CONTAINED = "htest-contained"
Made = dict[str, Any]


@generator("resource")
def resource(*, type: str, shape: Shape = "mixed", choice: int = -1) -> Any:  # noqa: A002 - FHIR's word
    """A valid resource of a type as the text of its JSON: with nothing but what must be, something of all, or all.

    `choice` takes the type of that number for each element that has several (`value[x]`), beginning anew where there
    are fewer; otherwise each is drawn. The resource is marked as test data, and has an identifier in which
    `htest-this-run` stands for a value of the run's own; `Patient/htest-subject` stands for the test patient.
    """
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    drawn = st.binary(min_size=DRAWN, max_size=DRAWN)
    return drawn.map(lambda data: written(made(type, Choices(data), shape, choice)))


def made(resource_type: str, choices: Choices, shape: Shape = "mixed", choice: int = -1) -> Made:
    """A resource whose decimals are `Decimal`. Raises KeyError for what is no type of R4."""
    return _Maker(choices, DENSITY[shape], choice).resource(resource_type)


def written(resource: Made) -> str:
    """The resource as JSON, each decimal with the digits that it was made with."""
    return orjson.dumps(resource, default=_as_made).decode()


def _as_made(number: Decimal) -> orjson.Fragment:
    return orjson.Fragment(str(number))


@cache
def _shipped() -> tuple[Definitions, Terminology]:
    definitions = Definitions([Shipped()])
    return definitions, Terminology(definitions)


class _Maker:
    def __init__(self, choices: Choices, density: int, choice: int) -> None:
        self.choices = choices
        self.density = density
        self.choice = choice
        self.definitions, self.terminology = _shipped()
        self.contained: list[Made] = []

    def resource(self, name: str) -> Made:
        """The resource, with what every one of ours has."""
        structure = self.definitions.type(name)
        if structure is None:
            raise KeyError(name)
        content = self._parts(structure.root.children, 0)
        if any(child.name == "identifier" for child in structure.root.children):
            own = {"system": RUN_SYSTEM, "value": THIS_RUN}
            content["identifier"] = [own, *content.get("identifier", ())]
        mend = MENDS.get(name)
        if mend is not None:
            mend(content)
        head: Made = {"resourceType": name, "meta": {"tag": [TEST_DATA]}}
        if f"#{CONTAINED}" in written(content):  # dom-3: what is contained is referred to
            head["contained"] = self.contained
        if self.choices.chance(self.density):
            head["extension"] = [self._extension()]
        return head | content

    def _parts(self, children: tuple[Element, ...], depth: int) -> Made:
        found: Made = {}
        for child in children:
            wanted = child.min > 0 or (depth < DEEPEST and self.choices.chance(self.density))
            if child.name not in LEFT_OUT and child.max != 0 and wanted:
                self._put(found, child, depth)
        return found

    def _put(self, holder: Made, element: Element, depth: int) -> None:
        kind = self._type(element)
        name = element.name.removesuffix("[x]") + (
            kind.code[:1].upper() + kind.code[1:] if element.is_choice else ""
        )
        many = element.repeats and element.max != 1 and self.choices.chance(min(self.density, SECOND_RARELY))
        values = [self._value(element, kind, depth) for _ in range(2 if many else 1)]
        values = [value for n, value in enumerate(values) if value is not None and value not in values[:n]]
        if not values:
            return
        holder[name] = values if element.repeats else values[0]
        if kind.code in PRIMITIVES and self.choices.chance(self.density * EXTENDED // 100):
            self._extend(holder, name, element)

    def _extend(self, holder: Made, name: str, element: Element) -> None:
        """Put an extension beside a primitive value, or, in a list that may be open, one in place of a value."""
        extended = {"extension": [self._extension()]}
        if not element.repeats:
            holder[f"_{name}"] = extended
        elif element.binding is None and self.choices.chance(50):
            absent = {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}
            holder[f"_{name}"] = [*(None for _ in holder[name]), absent]
            holder[name] = [*holder[name], None]
        else:
            holder[f"_{name}"] = [extended, *(None for _ in holder[name][1:])]

    def _type(self, element: Element) -> TypeRef:
        if len(element.types) < 2:  # noqa: PLR2004 - a choice is among two at least
            return element.types[0] if element.types else TypeRef("")
        if self.choice >= 0:
            return element.types[self.choice % len(element.types)]
        return self.choices.pick(element.types)

    def _value(self, element: Element, kind: TypeRef, depth: int) -> Any:
        match kind.code:
            case "code":
                return self._code(element.binding)
            case "CodeableConcept":
                return self._concept(element.binding)
            case "Coding" if element.binding is not None:
                return self._member(element.binding) or coding(self.choices)
            case "Reference":
                return self._reference(kind)
        plain = PRIMITIVES.get(kind.code) or TYPES.get(kind.code)
        if plain is not None:
            return plain(self.choices)
        children = self.definitions.children(element, "" if element.children else kind.code)
        return self._parts(children, depth + 1) or None

    def _code(self, binding: Binding | None) -> str | None:
        if binding is None:
            return None
        for value_set in filter(None, (binding.maximum, binding.value_set)):
            url = value_set.partition("|")[0]
            known = CODES.get(url) or sorted(self.terminology.codes(value_set) or ())
            if known:
                return self.choices.pick(known)
        return None

    def _concept(self, binding: Binding | None) -> Made:
        text = self.choices.pick(TEXTS)
        if binding is None or binding.strength in {"example", "preferred"}:
            if binding is not None and binding.maximum == LANGUAGE:
                language = {"system": "urn:ietf:bcp:47", "code": self.choices.pick(CODES[LANGUAGE])}
                return {"coding": [language], "text": text}
            return {"coding": [coding(self.choices)], "text": text}
        member = self._member(binding)
        return {"coding": [member], "text": text} if member else {"text": text}

    def _member(self, binding: Binding) -> Made | None:
        if binding.strength not in {"required", "extensible"}:
            return None
        members = sorted(self.terminology.expansion(binding.value_set) or ())
        if not members:
            return None
        system, code = self.choices.pick(members)
        return {"system": system, "code": code}

    def _reference(self, kind: TypeRef) -> Made:
        targets = [target.rpartition("/")[2] for target in kind.targets]
        if "Patient" in targets:
            return {"reference": SUBJECT}
        if "Organization" in targets and self.choices.chance(self.density * EXTENDED // 100):
            return self._to_contained()
        known = [target for target in targets if target != "Resource"]
        return logical(self.choices, self.choices.pick(known) if known else "Organization")

    def _to_contained(self) -> Made:
        if not self.contained:
            name = self.choices.pick(TEXTS)
            self.contained.append({"resourceType": "Organization", "id": CONTAINED, "name": name})
        return {"reference": f"#{CONTAINED}"}

    def _extension(self) -> Made:
        value: Made = self.choices.pick(
            (
                {"valueString": self.choices.pick(TEXTS)},
                {"valueDecimal": Decimal("1.50")},
                {"valueBoolean": True},
                {"valueDateTime": "2019-11"},
                {"valueIdentifier": identifier(self.choices)},
                {"valueCodeableConcept": {"text": "HTEST"}},
            )
        )
        return {"url": f"{OWN}/made-up/extension", **value}
