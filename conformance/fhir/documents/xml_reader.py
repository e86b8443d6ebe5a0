"""Reads FHIR XML into the shape of FHIR's JSON, driven by the element table.

Document types and entities are refused before anything of them is read, so that no document can make the reader
fetch, expand or read anything else.

Source: FHIR R4 XML, https://hl7.org/fhir/R4/xml.html; XML 1.0
"""

import re
from xml.parsers import expat

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents.document import MAX_BYTES, MAX_DEPTH, Document, TextProblem, shown
from conformance.fhir.documents.xml_builder import Builder, Stop
from conformance.fhir.documents.xml_shapes import shapes_of

__all__ = ["read_xml"]

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_UNDEFINED_ENTITY = expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
_REASONS = {
    expat.errors.XML_ERROR_TAG_MISMATCH: "The end tag here is not that of the element that is open.",
    expat.errors.XML_ERROR_NO_ELEMENTS: "The document ends before its elements do; it was cut off, or is empty.",
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "The document ends within a tag; it was cut off.",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "Something follows after the resource's end tag.",
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "An attribute stands twice on this element.",
    expat.errors.XML_ERROR_UNBOUND_PREFIX: "A prefix is used here that no xmlns:… declares.",
    expat.errors.XML_ERROR_UNKNOWN_ENCODING: "The encoding that the document declares is not known; save it as UTF-8.",
    expat.errors.XML_ERROR_INVALID_TOKEN: "This is no well-formed XML: a character stands here that may not, "
    "perhaps a & or < that must be written &amp; or &lt;, or text that is not UTF-8.",
}
_WORDS = {expat.errors.codes[name]: words for name, words in _REASONS.items()}


def read_xml(
    data: bytes, definitions: Definitions, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> Document:
    """The document that the bytes of one XML file are, in the shape of FHIR's JSON.

    Elements and attributes that the definitions do not know are told and left out; text that is no value of its
    element's type stays text, and an element that stands more often than it may becomes an array, for a validator
    to judge. Where the XML is not well-formed, or has a document type, the value is None and a problem is fatal.
    """
    if len(data) > max_bytes:
        words = f"The document has {len(data):,} bytes, more than the {max_bytes:,} that are read as one document."
        problem = TextProblem("fatal", "too-long", "document-size", words, line=1, column=1)
        return Document(None, "xml", data, (problem,))
    if data.startswith(_UTF_16):
        words = "The document is UTF-16; FHIR's XML is UTF-8. Save it as UTF-8."
        problem = TextProblem("fatal", "invalid", "document-encoding", words, line=1, column=1)
        return Document(None, "xml", data, (problem,))
    builder = Builder(shapes_of(definitions), max_depth)
    parser = _parser(builder)
    try:
        parser.Parse(data, True)
    except Stop:
        return Document(None, "xml", data, tuple(builder.problems))
    except expat.ExpatError as error:
        builder.problems.append(_not_well_formed(error, data, parser.ErrorByteIndex))
        return Document(None, "xml", data, tuple(builder.problems))
    except (LookupError, UnicodeError):
        words = _WORDS[expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]]
        problem = TextProblem("fatal", "invalid", "document-encoding", words, line=1, column=1)
        return Document(None, "xml", data, (*builder.problems, problem))
    return Document(builder.value, "xml", data, tuple(builder.problems), lambda: builder.place)


def _parser(builder: Builder) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.buffer_size = 1 << 20

    def here() -> None:
        builder.spot = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def start(name: str, attributes: list[str]) -> None:
        here()
        builder.start(name, attributes)

    def end(_name: str) -> None:
        here()
        builder.end()

    def characters(text: str) -> None:
        here()
        builder.characters(text)

    def instruction(target: str, text: str) -> None:
        here()
        builder.instruction(target, text)

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() not in {"UTF-8", "US-ASCII", "ASCII"}:
            words = f"The document declares the encoding {shown(encoding)}; FHIR's XML is UTF-8. Save it as UTF-8."
            builder.error("document-encoding", words)

    def refuse_doctype(_name: str, _system: str | None, _public: str | None, _internal: int) -> None:
        here()
        builder.fatal(
            "xml-doctype",
            "The document has a document type declaration (<!DOCTYPE …>), which could make a reader fetch or expand "
            "anything; a resource has none. Take it out.",
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.CommentHandler = builder.comment
    parser.ProcessingInstructionHandler = instruction
    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def _not_well_formed(error: expat.ExpatError, data: bytes, at: int) -> TextProblem:
    message_id = "xml-syntax"
    words = _WORDS.get(error.code) or f"This is no well-formed XML: {expat.errors.messages[error.code]}."
    if error.code == _UNDEFINED_ENTITY:
        message_id = "xml-entity"
        match = re.compile(rb"&([\w.:-]{1,40});").match(data, max(at, 0))
        name = match[1].decode("utf-8", "replace") if match else ""
        words = (
            f"The entity &{name}; is not declared. XML knows &amp; &lt; &gt; &quot; and &apos;; "
            "write any other character itself, or by its number (&#174;)."
        )
    return TextProblem("fatal", "invalid", message_id, words, line=error.lineno, column=error.offset + 1)
