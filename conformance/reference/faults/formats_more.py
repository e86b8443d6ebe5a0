"""The faults of a FHIR R4 server in writes in XML, in charsets that a client asks for, and in HEAD requests."""

from typing import Any

from conformance.reference.faults.fault import Fault, fault, formats

Json = dict[str, Any]


def _without_extensions(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "extension"}


MORE_FORMAT_FAULTS: tuple[Fault, ...] = (
    fault(
        "head-of-nothing-answers-200",
        "FHIR-READ-08",
        "HEAD requests for what there is not answer 200.",
        formats(head_error_status=200),
        "SHOULD",
    ),
    fault(
        "charset-as-asked-for",
        "FHIR-FMT-20",
        "Answers are written in ISO 8859-1 for who asks for that.",
        formats(charset_heeded=True),
    ),
    fault(
        "accept-charset-refused",
        "FHIR-FMT-21",
        "Whoever states Accept-Charset is refused with 406.",
        formats(charset_refused=True),
        "SHOULD",
    ),
    fault(
        "xml-create-refused",
        "FHIR-XML-01",
        "XML is declared, and a create in XML answers 415.",
        formats(xml_refused=frozenset({"POST"})),
        "SHOULD",
    ),
    fault(
        "xml-body-loses-extensions",
        "FHIR-XML-01",
        "What is written in XML is kept without its extensions.",
        formats(xml_body=_without_extensions),
        "SHOULD",
        also=("FHIR-XML-02",),
        ends=0,
    ),
    fault(
        "xml-update-refused",
        "FHIR-XML-02",
        "XML is declared, and an update in XML answers 415.",
        formats(xml_refused=frozenset({"PUT"})),
        "SHOULD",
    ),
)
