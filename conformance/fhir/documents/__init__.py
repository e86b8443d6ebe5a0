"""Resources read from bytes: JSON and XML in one shape, with every problem of the text and the place of every value.

Each name is loaded when it is first asked for: who reads JSON does not wait for the reader of XML.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.fhir.documents.document import (
        MAX_BYTES,
        MAX_DEPTH,
        Document,
        TextProblem,
        is_xml,
        location_of,
    )
    from conformance.fhir.documents.json_reader import read_json
    from conformance.fhir.documents.xml_reader import read_xml

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Document",
    "TextProblem",
    "is_xml",
    "location_of",
    "read_json",
    "read_xml",
]

_ELSEWHERE = {"read_json": "json_reader", "read_xml": "xml_reader"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_ELSEWHERE.get(name, 'document')}"), name)
    globals()[name] = found
    return found
