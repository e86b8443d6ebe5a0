"""The top-level elements of a type that no part of a resource may leave out."""

from functools import lru_cache

from conformance.fhir.definitions import r4

CORE = "http://hl7.org/fhir/StructureDefinition/"


@lru_cache(maxsize=256)
def needed(resource_type: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names in JSON of the top-level elements that R4 makes mandatory, and of those that modify the meaning."""
    structure = r4().structure(f"{CORE}{resource_type}")
    mandatory: set[str] = set()
    modifying: set[str] = set()
    for element in structure.root.children if structure is not None else ():
        names = {element.name}
        if element.is_choice:
            stem = element.name.removesuffix("[x]")
            names = {f"{stem}{one.code[:1].upper()}{one.code[1:]}" for one in element.types}
        if element.min > 0:
            mandatory |= names
        if element.is_modifier:
            modifying |= names
    return frozenset(mandatory), frozenset(modifying)
