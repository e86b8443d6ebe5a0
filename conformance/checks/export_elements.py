"""Checks of `_elements`: which parts of the exported resources are there.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

from typing import Literal

from conformance.checks.export_parameters import full_export, step_with
from conformance.checks.export_reading import accepted, kick_off_of, output_of
from conformance.checks.export_selection import Asked, Resource, all_exported, asked, name_of
from conformance.fhir.needed import needed
from conformance.plugin import Evidence, Findings, NoData, check

Aspect = Literal["trimmed", "typed", "untyped", "mandatory", "tagged"]
SUBSETTED = "SUBSETTED"


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
    whole = {name_of(resource): resource for resource in all_exported(full) if wish.of_type(resource)}
    pairs = [(some, whole[name_of(some)]) for some in all_exported(step) if name_of(some) in whole]
    if not pairs:
        raise NoData("no resource is in both the export with _elements and the one without")
    request = kick_off_of(step)
    wrong = [(name_of(some), told) for some, every in pairs if (told := _amiss(aspect, wish, some, every))]
    if wrong:
        name, told = wrong[0]
        yield request.finding(f"led to {len(wrong)} of {len(pairs)} resources {told}, such as {name}")
    elif not any(_telling(aspect, wish, every) for _, every in pairs):
        raise NoData("no exported resource has an element by which this could be seen")


def _amiss(aspect: Aspect, wish: Asked, some: Resource, every: Resource) -> str:
    """What is wrong with a resource of the export, held against the whole one; empty where nothing is."""
    kind = every["resourceType"]
    if aspect == "trimmed":
        surplus = sorted(wish.surplus(some))
        return f"with {surplus[0]}, which was not asked for" if surplus else ""
    if aspect == "tagged":
        lost = every.keys() - some.keys()
        return "that lost elements and are not tagged SUBSETTED" if lost and not _is_tagged(some) else ""
    if aspect == "mandatory":
        due = needed(kind)[0]
    else:
        owner = kind if aspect == "typed" else ""
        due = frozenset(name for who, name in wish.elements if who == owner)
    lacking = sorted(name for name in due if name in every and name not in some)
    return f"without {lacking[0]}" if lacking else ""


def _telling(aspect: Aspect, wish: Asked, every: Resource) -> bool:
    """Whether something of the aspect could go wrong with this resource."""
    kind = every["resourceType"]
    if aspect in {"trimmed", "tagged"}:
        return bool(wish.surplus(every))
    if aspect == "mandatory":
        return bool(needed(kind)[0] & every.keys())
    owner = kind if aspect == "typed" else ""
    return any(who == owner and name in every for who, name in wish.elements)


def _is_tagged(resource: Resource) -> bool:
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return any(
        isinstance(tag, dict) and tag.get("code") == SUBSETTED for tag in tags or () if isinstance(tags, list)
    )
