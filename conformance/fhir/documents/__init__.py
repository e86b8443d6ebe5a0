"""Resources read from bytes: JSON and XML in one shape, with every problem of the text and the place of every value."""

from conformance.fhir.documents.document import MAX_BYTES, MAX_DEPTH, Document, TextProblem, location_of
from conformance.fhir.documents.json_reader import read_json
from conformance.fhir.documents.xml_reader import read_xml

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "TextProblem", "location_of", "read_json", "read_xml"]
