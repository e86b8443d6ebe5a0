"""References: their form, and the types that they may lead to.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html#literal
"""

import re
from collections.abc import Iterable
from typing import Any

from conformance.fhir.definitions.library import CORE, Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.validation.accept.plan import Json, Row

__all__ = ["check_reference", "plain_literal", "profiled_target", "resource_types"]

# what is longer is not certain: a string has its most characters
_LITERAL = re.compile(
    r"(https?://[!-\"$->@-~]{0,4000}/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?"
).fullmatch
_URN = re.compile(
    r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|urn:oid:[0-2](?:\.(?:0|[1-9][0-9]{0,99})){1,99}"
).fullmatch


def resource_types(definitions: Definitions, targets: Iterable[str]) -> frozenset[str] | None:
    """The resource types of target structures; None where any may be."""
    found: set[str] = set()
    for canonical in targets:
        try:
            name = definitions.type_of(canonical)
        except DefinitionProblem:
            name = ""
        if name in {"", "Resource", "DomainResource"}:
            return None
        found.add(name)
    return frozenset(found) or None


def plain_literal(literal: str, walk: Any, row: Row) -> bool:
    """Whether a literal reference is one to a resource elsewhere, of a type that it may lead to."""
    match = _LITERAL(literal)
    if match is None:
        return False
    targets = row.targets
    return match[2] in targets if targets is not None else walk.row_of(match[2]) is not None


def check_reference(found: Json, walk: Any, row: Row) -> bool:  # noqa: C901, PLR0911 - one case for each form
    """Whether a Reference is certainly right: its form, its target's type, and a contained target that exists."""
    literal = found.get("reference")
    if literal is None:
        return "type" not in found and ("identifier" in found or "display" in found or "extension" in found)
    if literal[0] == "#":
        name = literal[1:]
        type_name = walk.contained.get(name)
        if type_name is None:
            return False
        walk.named.add(name)
    else:
        match = _LITERAL(literal)
        entries = walk.entries
        if match is not None:
            type_name = match[2]
            if entries is not None and entries.get(f"urn:uuid:{match[3]}", type_name) != type_name:
                return False
        elif _URN(literal) is None:
            return False
        else:
            type_name = entries.get(literal) if entries is not None else None
            if type_name is None:  # it lies elsewhere
                return "type" not in found
    targets = row.targets
    if targets is None:
        if walk.row_of(type_name) is None:
            return False
    elif type_name not in targets:
        return False
    return "type" not in found or bool(found["type"] == type_name)


def profiled_target(definitions: Definitions, targets: tuple[str, ...], notes: Any, closures: Any) -> Any:
    """A test of what a profile lets a reference lead to, where that can be told from the reference alone."""
    types = resource_types(definitions, targets)
    profiles = [target for target in targets if not _is_plain(target)]

    def test(found: Json, walk: Any, _row: Row) -> bool:
        literal = found.get("reference")
        if literal is None:
            return True
        if literal[0] == "#" or walk.entries is not None:
            # the target may be at hand and has to meet a structure itself
            name = walk.contained.get(literal[1:]) if literal[0] == "#" else None
            return not profiles and types is not None and name in types
        match = _LITERAL(literal)
        if match is not None and types is not None and match[2] not in types:
            return False
        for target in profiles:
            notes.note("reference", target, "the target of the reference lies outside the document")
        return match is not None or not profiles

    return test if profiles or types is None else closures.leads_to(types, test)


def _is_plain(target: str) -> bool:
    return target.startswith(CORE) and target[len(CORE) :].isalpha()
