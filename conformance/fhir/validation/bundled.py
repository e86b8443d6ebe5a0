"""The entries of one Bundle by their fullUrl, gathered once: a Bundle may hold as many references as entries.

Source: FHIR R4, https://hl7.org/fhir/R4/bundle.html#references
"""

from conformance.fhir.validation.node import Node

__all__ = ["Bundled"]


class Bundled:
    """Finds the resource of an entry by the absolute URL that a reference stands for."""

    __slots__ = ("_found",)

    def __init__(self, bundle: Node) -> None:
        self._found: dict[str, list[Node]] = {}
        for entry in bundle.groups.get("entry", ()):
            resources = entry.groups.get("resource")
            if resources:
                url = _text(entry.value, "fullUrl").partition("/_history/")[0]
                self._found.setdefault(url, []).append(resources[0])

    def find(self, url: str, version: str) -> Node | None:
        """The first resource under a URL, of this version where one is named."""
        for resource in self._found.get(url, ()):
            if not version or _text(resource.value.get("meta"), "versionId") == version:
                return resource
        return None


def _text(holder: object, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""
