"""A StructureDefinition with a snapshot becomes a `Structure`.

Source: FHIR R4, StructureDefinition.snapshot and ElementDefinition.
"""

from dataclasses import replace
from typing import Any

from conformance.fhir.definitions.addressing import addressed, identity
from conformance.fhir.definitions.table import (
    Binding,
    Constraint,
    Context,
    Discriminator,
    Element,
    Slicing,
    Structure,
    Typed,
    TypeRef,
)

Json = dict[str, Any]

MAXIMUM_EXTENSION = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
SYSTEM = "http://hl7.org/fhirpath/System."
_OWN = "http://hl7.org/fhir/StructureDefinition/"
_TYPE_EXTENSIONS = frozenset((_OWN + "structuredefinition-fhir-type", _OWN + "structuredefinition-json-type"))
_REGEX_EXTENSIONS = frozenset((_OWN + "regex", _OWN + "structuredefinition-regex"))
_SYSTEM_TYPES = {
    "String": "string",
    "Boolean": "boolean",
    "Integer": "integer",
    "Decimal": "decimal",
    "Date": "date",
    "DateTime": "dateTime",
    "Time": "time",
}


def structure_of(definition: Json, root: Element, *, package: str = "") -> Structure:
    """The structure that a StructureDefinition's own fields and an element tree make together."""
    return Structure(
        url=str(definition["url"]),
        name=str(definition.get("name") or ""),
        type=str(definition.get("type") or root.name).rsplit("/", 1)[-1],
        kind=str(definition.get("kind") or "resource"),
        root=root,
        version=str(definition.get("version") or ""),
        status=str(definition.get("status") or ""),
        abstract=definition.get("abstract") is True,
        derivation=str(definition.get("derivation") or "specialization"),
        base=str(definition.get("baseDefinition") or ""),
        fhir_version=str(definition.get("fhirVersion") or ""),
        regex=_regex(definition),
        contexts=_contexts(definition),
        context_invariants=tuple(definition.get("contextInvariant", ())),
        package=package,
    )


def from_snapshot(definition: Json, *, package: str = "") -> Structure:
    """The structure of a StructureDefinition that carries a snapshot."""
    return structure_of(definition, tree(definition["snapshot"]["element"]), package=package)


def tree(elements: list[Json]) -> Element:
    """The element tree of a flat list of ElementDefinitions in snapshot order, the root first."""
    root = elements[0]
    name = str(root.get("id") or root["path"])
    below: dict[str, list[tuple[str, Json]]] = {}
    for steps, element in addressed(elements):
        if steps:
            below.setdefault(identity(name, steps[:-1]), []).append((identity(name, steps), element))
    known = {name, *(own_id for rows in below.values() for own_id, _ in rows)}
    for parent in below.keys() - known:
        raise ValueError(f"the snapshot has elements below {parent}, but not that element")
    return _node(name, root, below)


def element_of(definition: Json, own_id: str = "") -> Element:
    """One ElementDefinition as an `Element` without children or slices.

    A choice keeps its name and path (`Observation.value[x]`) where the definition writes `Observation.valueQuantity`
    for the choice restricted to one type.
    """
    base = definition.get("base", {})
    base_max = base.get("max", definition.get("max", "*"))
    path = _choice_path(definition["path"], own_id or definition.get("id", ""), base.get("path", ""))
    return Element(
        id=str(own_id or definition.get("id") or path),
        path=path,
        name=path.rsplit(".", 1)[-1],
        min=int(definition.get("min", 0)),
        max=unlimited(definition.get("max", "*")),
        types=types_of(definition),
        slicing=slicing_of(definition),
        slice_name=str(definition.get("sliceName", "")),
        content_reference=definition.get("contentReference", "").rsplit("#", 1)[-1],
        binding=binding_of(definition),
        constraints=constraints_of(definition),
        fixed=typed(definition, "fixed"),
        pattern=typed(definition, "pattern"),
        min_value=typed(definition, "minValue"),
        max_value=typed(definition, "maxValue"),
        max_length=int(definition["maxLength"]) if "maxLength" in definition else None,
        max_repeat=unlimited(base_max),
        must_support=definition.get("mustSupport") is True,
        is_modifier=definition.get("isModifier") is True,
        representation=next(iter(definition.get("representation", ())), ""),
    )


def _choice_path(path: str, own_id: str, base_path: str) -> str:
    """The path with the name of the choice as its last step, which the id or the base's path tells."""
    parent, _, last = path.rpartition(".")
    for other in (own_id.rsplit(".", 1)[-1].partition(":")[0], base_path.rsplit(".", 1)[-1]):
        if other.endswith("[x]") and last != other and last.startswith(other[:-3]):
            return f"{parent}.{other}" if parent else other
    return path


def unlimited(text: str) -> int | None:
    """A maximum as a number, None for `*`."""
    return None if text == "*" else int(text)


def types_of(definition: Json) -> tuple[TypeRef, ...]:
    """The types of an ElementDefinition; a FHIRPath system type is named by the FHIR type that it stands for.

    STU3 repeats a type for each profile or target; those rows are joined, so that one type is one `TypeRef`.
    """
    joined: dict[str, list[Json]] = {}
    for row in definition.get("type", ()):
        joined.setdefault(_type_name(row), []).append(row)
    return tuple(
        TypeRef(
            code=code,
            profiles=_gathered(rows, "profile"),
            targets=_gathered(rows, "targetProfile"),
            aggregation=_gathered(rows, "aggregation"),
            versioning=rows[0].get("versioning", "either"),
        )
        for code, rows in joined.items()
    )


def slicing_of(definition: Json) -> Slicing | None:
    """How the element is sliced, or None."""
    found = definition.get("slicing")
    if found is None:
        return None
    return Slicing(
        tuple(Discriminator(row["type"], row["path"]) for row in found.get("discriminator", ())),
        found.get("rules", "open"),
        found.get("ordered", False),
    )


def binding_of(definition: Json, base: Binding | None = None) -> Binding | None:
    """The element's binding, what it leaves out taken from `base`; None where strength or value set is nowhere.

    STU3 names the value set by `valueSetReference` or `valueSetUri`.
    """
    found = definition.get("binding")
    if found is None:
        return base
    value_set = (
        found.get("valueSet")
        or found.get("valueSetUri")
        or (found.get("valueSetReference") or {}).get("reference")
        or (base.value_set if base else "")
    )
    strength = found.get("strength") or (base.strength if base else "")
    if not strength or not value_set:
        return base
    return Binding(str(strength), str(value_set), _maximum(found))


def _maximum(binding: Json) -> str:
    for extension in binding.get("extension", ()):
        if extension.get("url") == MAXIMUM_EXTENSION:
            return str(extension.get("valueCanonical") or extension.get("valueUri") or "")
    return ""


def constraints_of(definition: Json) -> tuple[Constraint, ...]:
    """The invariants of an element that have a FHIRPath expression; STU3 names their source by its type alone."""
    return tuple(
        Constraint(
            row["key"], row.get("severity", "error"), row["expression"], _source(row.get("source", ""))
        )
        for row in definition.get("constraint", ())
        if row.get("expression")
    )


def _source(named: str) -> str:
    return f"{_OWN}{named}" if named.isalnum() else named


def typed(definition: Json, prefix: str) -> Typed | None:
    """The value of a choice such as `fixed[x]`, with the type that its name ends in."""
    for name, value in definition.items():
        if name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper():
            suffix = name[len(prefix) :]
            simple = suffix[0].lower() + suffix[1:]
            return Typed(simple if simple in _PRIMITIVES else suffix, value)
    return None


_PRIMITIVES = frozenset(
    (
        *("base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant"),
        *("integer", "integer64", "markdown", "oid", "positiveInt", "string", "time", "unsignedInt"),
        *("uri", "url", "uuid"),
    )
)


def _node(own_id: str, definition: Json, below: dict[str, list[tuple[str, Json]]]) -> Element:
    own = element_of(definition, own_id)
    children: dict[str, Element] = {}
    slices: dict[str, list[Element]] = {}
    for child_id, row in below.get(own_id, ()):
        child = _node(child_id, row, below)
        if child.slice_name:
            slices.setdefault(child.name, []).append(child)
        else:
            children[child.name] = child
    for name, found in slices.items():
        holder = children.get(name)
        if holder is not None:
            children[name] = replace(holder, slices=(*holder.slices, *found))
        else:  # R4's own genetic profiles name an element as a slice that is none: it stands for the element
            bare_id = found[0].id.rpartition(":")[0]
            children[name] = replace(found[0], id=bare_id, slice_name="", slices=tuple(found[1:]))
    return replace(own, children=tuple(children.values()))


def _contexts(definition: Json) -> tuple[Context, ...]:
    """Where an extension may stand; STU3 gives paths, one `contextType` for all, and says Any or * for everywhere."""
    stu3 = "extension" if definition.get("contextType") == "extension" else "element"
    return tuple(
        Context(row.get("type", "element"), row.get("expression", ""))
        if isinstance(row, dict)
        else Context(stu3, "Element" if row in {"Any", "*"} else row)
        for row in definition.get("context", ())
    )


def _type_name(row: Json) -> str:
    """The FHIR type of a row; a system type (STU3: no code) is named by an extension, or stands for a FHIR type."""
    code = str(row.get("code") or "")
    if code and not code.startswith(SYSTEM):
        return code.rsplit("/", 1)[-1]
    for extension in _extensions(row):
        if extension.get("url") in _TYPE_EXTENSIONS:
            return str(extension.get("valueUrl") or extension.get("valueUri") or extension.get("valueString"))
    return _SYSTEM_TYPES.get(code.removeprefix(SYSTEM), "string")


def _extensions(row: Json) -> list[Json]:
    return [*row.get("extension", ()), *(row.get("_code") or {}).get("extension", ())]


def _gathered(rows: list[Json], name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for row in rows:
        value = row.get(name, ())
        for item in (value,) if isinstance(value, str) else value:
            found[item] = None
    return tuple(found)


def _regex(definition: Json) -> str:
    if definition.get("kind") != "primitive-type":
        return ""
    rows = definition.get("snapshot") or definition.get("differential") or {}
    for element in rows.get("element", ()):
        if element["path"].endswith(".value"):
            for row in element.get("type", ()):
                for extension in _extensions(row):
                    if extension.get("url") in _REGEX_EXTENSIONS:
                        return str(extension.get("valueString", ""))
    return ""
