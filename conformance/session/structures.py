"""Which structure a person means: by its canonical, or by the short name that people use for it."""

from conformance.errors import UsageError, closest
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem

__all__ = ["canonical_of"]

MOST_TOLD = 10
HINT = "Load the package that defines it with --package NAME@VERSION, a .tgz or a folder."


def canonical_of(named: str, definitions: Definitions) -> str:
    """The canonical of a structure given as `url`, `url|version`, the url's last part, or the structure's name.

    Raises UsageError where no loaded package defines it, where several structures go by a short name, and where the
    definition itself cannot be used.
    """
    url, bar, version = named.partition("|")
    if ":" in url:
        if definitions.structure(named) is None:
            raise UsageError(
                f"no loaded package defines the structure {named}{closest(url, definitions.canonicals())}",
                hint=HINT,
            )
        return named
    known = definitions.canonicals()
    found = [each for each in known if each.rpartition("/")[2] == url] or _by_name(url, definitions)
    if not found:
        parts = {each.rpartition("/")[2] for each in known}
        raise UsageError(
            f"no loaded package defines a structure named {url!r}{closest(url, parts)}", hint=HINT
        )
    if len(found) > 1:
        told = "".join(f"\n  {each}" for each in found[:MOST_TOLD])
        more = len(found) - MOST_TOLD
        raise UsageError(
            f"{len(found)} structures are named {url!r}:{told}"
            + (f"\n  and {more} more" if more > 0 else ""),
            hint="Give the whole canonical of the one that you mean.",
        )
    return canonical_of(f"{found[0]}{bar}{version}", definitions)


def _by_name(name: str, definitions: Definitions) -> list[str]:
    """The structures of packages with this StructureDefinition.name; those of the base go by their url."""
    found = []
    for url in sorted(
        {url for layer in definitions.layers[:-1] for url in layer.canonicals("StructureDefinition")}
    ):
        try:
            structure = definitions.structure(url)
        except DefinitionProblem:
            continue  # it is told with all other problems of the definitions
        if structure is not None and structure.name == name:
            found.append(url)
    return found
