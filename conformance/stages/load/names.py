"""The names in a `fhir:` block, held against FHIR R4: types, search parameters, elements."""

from collections.abc import Iterable, Iterator
from itertools import chain

from conformance.errors import Problem, closest
from conformance.fhir.definitions import r4
from conformance.fhir.definitions.table import Element
from conformance.model.fhir_block import ElementDemand, FhirBlock, InteractionDemand, ResourceDemands
from conformance.model.marked_yaml import Marked, Path

EXTENDED = frozenset({"extension", "modifierExtension"})


def unknown_names(block: FhirBlock, marked: Marked) -> Iterator[Problem]:
    """A problem for each name that FHIR R4 does not know, and for demands without a source.

    A block with packages may name search parameters of theirs: whether those are there is seen when it is run.
    """
    if not block.source and (block.interactions or any(not resource.source for resource in block.resources)):
        said = "the block needs `source: URL`, the clause for what has no source of its own"
        yield marked.problem(("fhir",), said)
    yield from _interactions(block.interactions, marked, ("fhir", "interactions"), of_system=True)
    seen: set[str] = set()
    for index, resource in enumerate(block.resources):
        path: Path = ("fhir", "resources", index)
        if resource.type in seen:
            yield marked.problem((*path, "type"), f"the type {resource.type} is given twice: put it together")
        seen.add(resource.type)
        structure = r4().type(resource.type)
        if structure is None or structure.kind != "resource" or structure.abstract:
            types = [
                url.rpartition("/")[2] for url in r4().canonicals() if url.rpartition("/")[2][:1].isupper()
            ]
            said = f"FHIR R4 has no resource type {resource.type!r}{closest(resource.type, types)}"
            yield marked.problem((*path, "type"), said)
            continue
        yield from _interactions(resource.interactions, marked, (*path, "interactions"), of_system=False)
        if not block.packages:
            yield from _parameters(resource, marked, path)
        yield from _elements(resource, resource.must_support, marked, (*path, "mustSupport"))
        for number, demand in enumerate(resource.structures):
            place = (*path, "structures", number, "mustSupport")
            yield from _elements(resource, demand.must_support, marked, place)


def _interactions(
    demands: Iterable[InteractionDemand], marked: Marked, path: Path, *, of_system: bool
) -> Iterator[Problem]:
    for index, demand in enumerate(demands):
        if demand.code.of_system is not of_system:
            whose = (
                "the whole system: it stands under `fhir: interactions:`"
                if demand.code.of_system
                else "a type"
            )
            yield marked.problem((*path, index), f"{demand.code.value!r} is an interaction with {whose}")


def _parameters(resource: ResourceDemands, marked: Marked, path: Path) -> Iterator[Problem]:
    known = {parameter.code for parameter in r4().search_parameters(resource.type)} | {"_list", "_has"}
    named = chain(
        (((*path, "searches", i), each.name) for i, each in enumerate(resource.searches)),
        (
            ((*path, "combinations", i), name)
            for i, each in enumerate(resource.combinations)
            for name in each.names
        ),
    )
    for place, name in named:
        if name not in known:
            said = f"FHIR R4 has no search parameter {name!r} for {resource.type}{closest(name, known)}"
            yield marked.problem(place, said)
    for i, include in enumerate(resource.includes):
        kind, name, *_ = include.value.split(":")
        if kind == resource.type and name not in known:
            said = f"FHIR R4 has no search parameter {name!r} for {resource.type}{closest(name, known)}"
            yield marked.problem((*path, "includes", i), said)


def _elements(
    resource: ResourceDemands, demands: Iterable[ElementDemand], marked: Marked, path: Path
) -> Iterator[Problem]:
    structure = r4().type(resource.type)
    for index, demand in enumerate(demands):
        level = list(structure.root.children) if structure else []
        for step in demand.path.split("."):
            found = next((element for element in level if _is_named(element, step)), None)
            if found is None:
                near = closest(step, [element.name for element in level])
                said = f"{step!r} in {demand.path!r} is no element of {resource.type}{near}"
                yield marked.problem((*path, index), said)
                break
            if step in EXTENDED:
                break
            level = _below(found)


def _is_named(element: Element, step: str) -> bool:
    """Whether an element goes by this name; a choice also by its name with one of its types (`valueQuantity`)."""
    if not element.is_choice:
        return element.name == step
    stem = element.name.removesuffix("[x]")
    return step in {
        element.name,
        *(f"{stem}{kind.code[:1].upper()}{kind.code[1:]}" for kind in element.types),
    }


def _below(element: Element) -> list[Element]:
    names = [kind.code for kind in element.types] or [""]
    return [child for name in names for child in r4().children(element, name)]
