"""Profiles that a loaded implementation guide sets for all resources of a type.

The core package of a release may hold an ImplementationGuide as an example (that of R5 does): it sets nothing.

Source: FHIR R4, https://hl7.org/fhir/R4/implementationguide-definitions.html#ImplementationGuide.global
"""

from collections.abc import Mapping

from conformance.fhir.definitions.library import Definitions

__all__ = ["global_profiles"]


def global_profiles(definitions: Definitions) -> Mapping[str, tuple[str, ...]]:
    """The canonicals of the profiles that all resources of a type must meet, by the type."""
    found: dict[str, dict[str, None]] = {}
    layers = [layer for layer in definitions.layers if not layer.name.endswith(".core")]
    for url in definitions.canonicals("ImplementationGuide"):
        guides = (layer.resource("ImplementationGuide", url, "", definitions) for layer in layers)
        guide = next((guide for guide in guides if guide is not None), {})
        for row in guide.get("global", ()):
            if isinstance(row, dict) and isinstance(row.get("profile"), str):
                found.setdefault(str(row.get("type", "")), {})[row["profile"]] = None
    return {name: tuple(profiles) for name, profiles in found.items()}
