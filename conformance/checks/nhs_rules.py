"""What the NHS in England asks of identifiers and codes, resource by resource.

Every rule yields, for each thing that it looks at, the `Type/id` of the resource that holds it and the rest of a
sentence that begins with that; empty where nothing is wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from conformance.checks.picking import quoted
from conformance.fhir.elements import values
from conformance.fhir.nhs import (
    DMD_SYSTEM,
    NHS_NUMBER_SYSTEM,
    ODS_CODE_SYSTEM,
    SNOMED_SYSTEM,
    VERIFICATION_STATUS,
    is_ods_code,
    is_verification_status,
    nhs_number_problem,
    sctid_problem,
)

Resource = dict[str, Any]
Looked = tuple[str, str]
Rule = Callable[[Iterable[Resource]], Iterator[Looked]]

MEDICINES = ("medicationCodeableConcept", "vaccineCode")


def numbers(resources: Iterable[Resource]) -> Iterator[Looked]:
    """Each NHS number is ten digits with the right check digit (modulus 11)."""
    for name, identifier in _with_system(resources, {NHS_NUMBER_SYSTEM}, "value"):
        problem = nhs_number_problem(identifier["value"])
        yield name, f"has an NHS number that {problem}" if problem else ""


def verified(resources: Iterable[Resource]) -> Iterator[Looked]:
    """Each NHS number carries the UK Core extension with its verification status."""
    for name, identifier in _with_system(resources, {NHS_NUMBER_SYSTEM}, "value"):
        extensions = identifier.get("extension")
        listed = extensions if isinstance(extensions, list) else []
        has = any(isinstance(one, dict) and one.get("url") == VERIFICATION_STATUS for one in listed)
        yield name, "" if has else "has an NHS number without its verification status"


def verification_codes(resources: Iterable[Resource]) -> Iterator[Looked]:
    """The verification status of each NHS number is one of UK Core's codes, for England, Wales or all."""
    for name, identifier in _with_system(resources, {NHS_NUMBER_SYSTEM}, "value"):
        for extension in values(identifier, "extension"):
            if not isinstance(extension, dict) or extension.get("url") != VERIFICATION_STATUS:
                continue
            codings = [
                (one.get("system"), one.get("code"))
                for one in values(extension, "valueCodeableConcept.coding")
                if isinstance(one, dict)
            ]
            fits = any(is_verification_status(system, code) for system, code in codings)
            told = quoted(codings[0][1]) if codings else "nothing"
            yield name, "" if fits else f"has an NHS number with {told} for its verification status"


def organisation_codes(resources: Iterable[Resource]) -> Iterator[Looked]:
    """Each organisation carries an ODS code of the right form."""
    for resource in resources:
        if resource.get("resourceType") != "Organization":
            continue
        identifiers = resource.get("identifier")
        listed = identifiers if isinstance(identifiers, list) else []
        codes = [
            one.get("value")
            for one in listed
            if isinstance(one, dict) and one.get("system") == ODS_CODE_SYSTEM
        ]
        if not codes:
            yield _name(resource), "has no ODS code"
        elif not all(is_ods_code(code) for code in codes):
            yield _name(resource), f"has the ODS code {quoted(codes[0])}, which is none"
        else:
            yield _name(resource), ""


def snomed_codes(resources: Iterable[Resource]) -> Iterator[Looked]:
    """Each SNOMED CT or dm+d code is an identifier with the right check digit (dm+d has the same form)."""
    for name, coding in _with_system(resources, {SNOMED_SYSTEM, DMD_SYSTEM}, "code"):
        problem = sctid_problem(coding["code"])
        yield name, f"has the SNOMED CT code {quoted(coding['code'])}, which {problem}" if problem else ""


def medicines(resources: Iterable[Resource]) -> Iterator[Looked]:
    """Each medicine with codes has one of dm+d, whose products are SNOMED CT concepts too: either system will do."""
    for resource in resources:
        names = ("code",) if resource.get("resourceType") == "Medication" else MEDICINES
        for element in names:
            concept = resource.get(element)
            codings = concept.get("coding") if isinstance(concept, dict) else None
            systems = [one.get("system") for one in codings or () if isinstance(one, dict)]
            if systems:
                fits = not {SNOMED_SYSTEM, DMD_SYSTEM}.isdisjoint(map(str, systems))
                yield (
                    _name(resource),
                    "" if fits else f"has a medicine whose codes are all of {quoted(systems[0])}",
                )


RULES: Mapping[str, tuple[Rule, str]] = MappingProxyType(
    {
        "numbers": (numbers, "NHS number"),
        "verified": (verified, "NHS number"),
        "verification-codes": (verification_codes, "verification status"),
        "organisation-codes": (organisation_codes, "organisation"),
        "snomed-codes": (snomed_codes, "SNOMED CT code"),
        "medicines": (medicines, "coded medicine"),
    }
)
"""Each rule by its name in profiles, and what it looks at."""


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a resource, walked with a stack: a hostile file may be nested deeper than Python recurses."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _with_system(
    resources: Iterable[Resource], systems: set[str], member: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in resources:
        for node in objects(resource):
            if str(node.get("system")) in systems and member in node:
                yield _name(resource), node


def _name(resource: Resource) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"
