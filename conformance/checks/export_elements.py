"""Checks of `_elements`: which parts of the exported resources are there.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

from collections.abc import Iterable
from typing import Literal

from conformance.checks.export_parameters import full_export, step_with
from conformance.checks.export_reading import accepted, kick_off_of, output_of
from conformance.checks.export_selection import Asked, Resource, all_exported, asked, name_of
from conformance.fhir.bundles import is_subsetted
from conformance.fhir.needed import needed
from conformance.plugin import Evidence, Findings, NoData, check

Aspect = Literal["trimmed", "typed", "untyped", "mandatory", "tagged"]


@check("export-elements-heeded")
def elements_heeded(evidence: Evidence, *, aspect: Aspect) -> Findings:
    """An export with `_elements` holds the elements asked for, those that a resource must have, and says what it is.

    `trimmed`: no others. `typed`: those asked for by type and name are there; `untyped`: those by name alone are
    there on every type that has them. `mandatory`: those that every resource must have are there. `tagged`: a
    resource that lost something has the tag SUBSETTED.
    """
    step, full = step_with(evidence, "_elements"), full_export(evidence)
    accepted(step, "_elements")
    output_of(step)
    wish = asked(step)
    whole = _members(all_exported(full, wish.types))
    wrong: list[tuple[str, str]] = []
    compared, telling = 0, False
    for some in all_exported(step):
        every = whole.get(name_of(some))
        if every is None:
            continue
        compared += 1
        telling = telling or _telling(aspect, wish, some["resourceType"], every)
        if told := _amiss(aspect, wish, some, every):
            wrong.append((name_of(some), told))
    if not compared:
        raise NoData("no resource is in both the export with _elements and the one without")
    if wrong:
        name, told = wrong[0]
        yield kick_off_of(step).finding(f"led to {len(wrong)} of {compared} resources {told}, such as {name}")
    elif not telling:
        raise NoData("no exported resource has an element by which this could be seen")


def _members(exported: Iterable[Resource]) -> dict[str, frozenset[str]]:
    """For each resource the names of its elements: few sets of them are shared by many resources."""
    shared: dict[frozenset[str], frozenset[str]] = {}
    return {name_of(one): shared.setdefault(frozenset(one), frozenset(one)) for one in exported}


def _amiss(aspect: Aspect, wish: Asked, some: Resource, every: frozenset[str]) -> str:
    """What is wrong with a resource of the export, held against the elements that it has; empty where nothing is."""
    kind = some["resourceType"]
    if aspect == "trimmed":
        surplus = sorted(wish.surplus(kind, some))
        return f"with {surplus[0]}, which was not asked for" if surplus else ""
    if aspect == "tagged":
        lost = every - some.keys()
        return "that lost elements and are not tagged SUBSETTED" if lost and not is_subsetted(some) else ""
    if aspect == "mandatory":
        due = needed(kind)[0]
    else:
        due = frozenset(name for who, name in wish.elements if who == (kind if aspect == "typed" else ""))
    lacking = sorted(name for name in due if name in every and name not in some)
    return f"without {lacking[0]}" if lacking else ""


def _telling(aspect: Aspect, wish: Asked, kind: str, every: frozenset[str]) -> bool:
    """Whether something of the aspect could go wrong with this resource."""
    if aspect in {"trimmed", "tagged"}:
        return bool(wish.surplus(kind, every))
    if aspect == "mandatory":
        return bool(needed(kind)[0] & every)
    owner = kind if aspect == "typed" else ""
    return any(who == owner and name in every for who, name in wish.elements)
