"""The neutral element table: what a StructureDefinition says, as frozen facts without prose.

Every way of loading (a package's snapshot, a differential applied to its base, the table shipped for R4) ends in
these nouns, and everything that judges reads only them.

The shape is a tree. `Structure.root` is the element that stands for the resource or type itself; `Element.children`
are the elements one level below, in the order of the specification; `Element.slices` are the slices of a repeating
or choice element, in order, each an element with children of its own. An element without children takes those of
its type (`Definitions.children`).

Source: FHIR R4, StructureDefinition and ElementDefinition, https://hl7.org/fhir/R4/elementdefinition.html
"""

from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Binding",
    "Constraint",
    "Context",
    "Discriminator",
    "Element",
    "Slicing",
    "Structure",
    "TypeRef",
    "Typed",
]


@dataclass(frozen=True, slots=True)
class TypeRef:
    """One type that an element may have (ElementDefinition.type).

    `code` is the FHIR type name, also where the definition gives a FHIRPath system type (`Patient.id` is `id` or
    `string`); `profiles` the structures of which the value must meet at least one; `targets` those that a
    reference's target may be.
    """

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    aggregation: tuple[str, ...] = ()
    versioning: str = "either"


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an element's codes come from: `strength` is required, extensible, preferred or example.

    No code may lie outside the value set `maximum`, where one is named (the extension elementdefinition-maxValueSet).
    """

    strength: str
    value_set: str
    maximum: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """An invariant: `severity` is error or warning, `source` the structure that states it."""

    key: str
    severity: str
    expression: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Discriminator:
    """How a slice is told from others: `kind` is value, pattern, exists, type or profile (R5: position)."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Slicing:
    """How an element is sliced: `rules` is open, closed or openAtEnd."""

    discriminators: tuple[Discriminator, ...] = ()
    rules: str = "open"
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A value given by a definition, with its FHIR type: fixed[x], pattern[x], minValue[x], maxValue[x]."""

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a structure. `max` is None where the number is not limited (`*`).

    `id` is the ElementDefinition's id (`Patient.identifier:nhs.system`), `path` its path without slice names,
    `name` the last step of the path (`value[x]` for a choice). `content_reference` is the path of the element
    whose children this one shares (`Questionnaire.item`). `max_repeat` is the most that the base allows (None is
    `*`), which decides whether JSON shows an array.
    """

    id: str
    path: str
    name: str
    min: int = 0
    max: int | None = None
    types: tuple[TypeRef, ...] = ()
    children: tuple["Element", ...] = ()
    slices: tuple["Element", ...] = ()
    slicing: Slicing | None = None
    slice_name: str = ""
    content_reference: str = ""
    binding: Binding | None = None
    constraints: tuple[Constraint, ...] = ()
    fixed: Typed | None = None
    pattern: Typed | None = None
    min_value: Typed | None = None
    max_value: Typed | None = None
    max_length: int | None = None
    max_repeat: int | None = None
    must_support: bool = False
    is_modifier: bool = False
    representation: str = ""

    @property
    def repeats(self) -> bool:
        """Whether JSON shows this element as an array: decided by the base definition, not by a profile."""
        return self.max_repeat is None or self.max_repeat > 1

    @property
    def is_choice(self) -> bool:
        """Whether the element's name ends in its type (`value[x]` is written `valueQuantity`)."""
        return self.name.endswith("[x]")


@dataclass(frozen=True, slots=True)
class Context:
    """Where an extension may stand: `kind` is fhirpath, element or extension (StructureDefinition.context)."""

    kind: str
    expression: str


@dataclass(frozen=True, slots=True)
class Structure:
    """A StructureDefinition: a resource, a data type, a primitive, an extension or a profile on one of them.

    `kind` is resource, complex-type, primitive-type or logical; `derivation` is specialization or constraint (a
    profile); `base` the canonical of what it derives from; `regex` the lexical form of a primitive.
    """

    url: str
    name: str
    type: str
    kind: str
    root: Element = field(repr=False)
    version: str = ""
    status: str = ""
    abstract: bool = False
    derivation: str = "specialization"
    base: str = ""
    fhir_version: str = ""
    regex: str = ""
    contexts: tuple[Context, ...] = ()
    context_invariants: tuple[str, ...] = ()
    package: str = ""

    @property
    def is_profile(self) -> bool:
        """Whether it constrains another structure rather than defining a type of its own."""
        return self.derivation == "constraint"
