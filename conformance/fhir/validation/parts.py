"""The parts that a complex extension defines, by their urls.

Source: FHIR R4, https://hl7.org/fhir/R4/extensibility.html#extension
"""

from collections.abc import Mapping

from conformance.fhir.definitions.table import Element

__all__ = ["parts_of"]


def parts_of(element: Element) -> Mapping[str, Element] | None:
    """The parts of an extension or of one of its parts; None where there is nothing to be told by their urls.

    So it is where it may have no parts or its slices are closed, which the structure itself tells, and where some of
    its slices are told apart by something else.
    """
    below = next((child for child in element.children if child.name == "extension"), None)
    if below is None or below.max == 0 or (below.slicing is not None and below.slicing.rules == "closed"):
        return None
    parts: dict[str, Element] = {}
    for piece in below.slices:
        url = next((child.fixed for child in piece.children if child.name == "url"), None)
        if url is not None and isinstance(url.value, str):
            parts[url.value] = piece
        elif not any(ref.profiles for ref in piece.types):
            return None
    return parts
