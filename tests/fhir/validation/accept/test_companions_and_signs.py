"""What JSON can say that the values alone do not show: nulls, companions of primitives, the sign of zero, case.

Both walks and `explain` have to agree: nothing is accepted in which `explain` finds an error.
"""

import pytest

from conformance.fhir.validation.accept import Acceptor
from conformance.fhir.validation.validator import Validator

ABSENT = '{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}'
OBSERVATION = '{"resourceType":"Observation","code":{"text":"x"},'
PATIENT = '{"resourceType":"Patient",'
DIV = r'"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"'
PHOTO = PATIENT + '"photo":[{"contentType":"image/png","url":"http://a.test/c","size":%s}]}'
QUANTITY = OBSERVATION + '"status":"final","valueQuantity":{"value":%s}}'
BUNDLE = (
    '{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"%s",'
    '"resource":{"resourceType":"Patient","active":true}}]}'
)
UUID = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
EXTENDED = PATIENT + '"active":true,"%s":[{"url":"%s","valueString":"x"}]}'
CORE = "http://hl7.org/fhir/StructureDefinition/"

WRONG = [
    # null stands in arrays only
    (OBSERVATION + '"status":"final","_status":null}', "null-not-allowed", "/_status"),
    (OBSERVATION + f'"status":null,"_status":{ABSENT}}}', "null-not-allowed", "/status"),
    (
        OBSERVATION + f'"status":"final","valueString":null,"_valueString":{ABSENT}}}',
        "null-not-allowed",
        "/valueString",
    ),
    (PATIENT + '"name":[{"family":"x","given":null}]}', "null-not-allowed", "/name/0/given"),
    (PATIENT + '"name":[{"given":["x"],"_given":null}]}', "null-not-allowed", "/name/0/_given"),
    (
        PATIENT + '"multipleBirthInteger":3,"_multipleBirthInteger":{"id":null}}',
        "null-not-allowed",
        "/_multipleBirthInteger/id",
    ),
    # a narrative's XHTML has a value, and no extensions
    (
        PATIENT + f'"text":{{"status":"generated",{DIV},"_div":{ABSENT}}}}}',
        "not-allowed-here",
        "/text/_div/extension",
    ),
    (PATIENT + f'"text":{{"status":"generated","_div":{ABSENT}}}}}', "value-missing", "/text/_div"),
    # an XML attribute has no companion
    (
        PATIENT + '"extension":[{"url":"http://a.test/x","_url":{"id":"a"},"valueString":"x"}]}',
        "companion-of-attribute",
        "/extension/0/_url",
    ),
    (
        PATIENT + f'"name":[{{"id":"a","_id":{ABSENT},"family":"x"}}]}}',
        "companion-of-attribute",
        "/name/0/_id",
    ),
    (
        PATIENT + f'"contact":[{{"id":"a","_id":{ABSENT},"gender":"male"}}]}}',
        "companion-of-attribute",
        "/contact/0/_id",
    ),
    # integers have no negative zero
    (PHOTO % "-0", "primitive-unsignedInt", "/photo/0/size"),
    (PHOTO % "-0 ", "primitive-unsignedInt", "/photo/0/size"),
    (PATIENT + '"multipleBirthInteger":-0}', "primitive-integer", "/multipleBirthInteger"),
    # a UUID's URN is written in lower case
    (BUNDLE % UUID.upper(), "primitive-uri", "/entry/0/fullUrl"),
    (BUNDLE % UUID.replace("urn", "URN"), "primitive-uri", "/entry/0/fullUrl"),
    # the type of all extensions is none of them
    (EXTENDED % ("extension", CORE + "Extension"), "extension-url-other-kind", "/extension/0/url"),
]


@pytest.mark.parametrize(("text", "message_id", "pointer"), WRONG)
def test_what_is_wrong_is_told_and_never_accepted(
    acceptor: Acceptor, validator: Validator, text: str, message_id: str, pointer: str
):
    found = [issue for issue in validator.explain(text.encode()).issues if issue.is_error]
    assert (message_id, pointer) in [(issue.message_id, issue.pointer) for issue in found]
    assert not acceptor.accepts_bytes(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        OBSERVATION + f'"_status":{ABSENT}}}',
        PATIENT + '"active":true,"_id":{"extension":[{"url":"http://a.test/x","valueString":"x"}]},"id":"a"}',
        PHOTO % "0",
        PHOTO.replace("a.test/c", "a.test/x-0,b-0") % "0",
        QUANTITY % "-0.0",
        BUNDLE % UUID,
        EXTENDED % ("extension", "http://a.test/x"),
    ],
)
def test_what_is_right_is_accepted(acceptor: Acceptor, validator: Validator, text: str):
    assert validator.explain(text.encode()).valid
    assert acceptor.accepts_bytes(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        OBSERVATION + f'"status":"final","_valueString":{ABSENT}}}',
        PATIENT + f'"name":[{{"id":"a","given":["x",null],"_given":[null,{ABSENT}]}}]}}',
        QUANTITY % "-0",
        PATIENT + '"name":[{"given":["x"],"_given":[null]}]}',
        PATIENT + f'"text":{{"status":"generated",{DIV},"_div":{{"id":"a"}}}}}}',
    ],
)
def test_what_is_rare_and_right_is_left_to_explain(acceptor: Acceptor, validator: Validator, text: str):
    assert validator.explain(text.encode()).valid
    assert not acceptor.accepts_bytes(text.encode())


@pytest.mark.parametrize("name", ["extension", "modifierExtension"])
def test_an_unknown_extension_is_not_evaluated_and_a_modifier_says_what_follows(
    acceptor: Acceptor, validator: Validator, name: str
):
    url = f"http://nowhere.test/{name}"
    raw = (EXTENDED % (name, url)).encode()
    assert acceptor.accepts_bytes(raw)
    for rows in (validator.explain(raw).not_evaluated, acceptor.skipped):
        reasons = [row.reason for row in rows if row.subject == url]
        assert len(reasons) == 1
        assert ("must not process" in reasons[0]) == (name == "modifierExtension")


@pytest.mark.parametrize(
    ("text", "message_id", "place"),
    [
        (
            '{\n"resourceType":"Patient",\n"_gender":{\n"extension":[{"url":"http://nowhere.test/x"}]}}',
            "extension-content",
            ("/_gender/extension/0", "Patient.gender.extension[0]", 4, 14),
        ),
        (
            '{\n"resourceType":"Patient","gender":"male",\n"_gender":{\n"extension":[{"url":"http://nowhere.test/x"}]}}',
            "extension-content",
            ("/_gender/extension/0", "Patient.gender.extension[0]", 4, 14),
        ),
        (
            '{"resourceType":"Patient",\n"_gender":{"a/b":1,\n"id":"x"}}',
            "property-unknown",
            ("/_gender/a~1b", "Patient.gender", 2, 18),
        ),
        (
            f'{{"resourceType":"Patient","name":[{{"given":["a",null],"_given":[null,\n{ABSENT[:-3]},"foo":1}}]}}]}}]}}',
            "property-unknown",
            ("/name/0/_given/1/extension/0/foo", "Patient.name[0].given[1].extension[0]", 2, 111),
        ),
        (
            '{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,\n{"id":"q"}]}]}',
            "element-without-content",
            ("/name/0/_given/1", "Patient.name[0].given[1]", 2, 1),
        ),
        (
            '{"resourceType":"Patient",\n"_gender":3}',
            "object-expected",
            ("/_gender", "Patient.gender", 2, 11),
        ),
        (
            '{"resourceType":"Patient",\n"_gender":[]}',
            "array-not-allowed",
            ("/_gender", "Patient.gender", 2, 11),
        ),
        (
            '{"resourceType":"Patient","name":[{\n"_given":[]}]}',
            "array-empty",
            ("/name/0/_given", "Patient.name[0].given", 2, 10),
        ),
        (
            '<Patient xmlns="http://hl7.org/fhir"><gender>\n<extension url="http://nowhere.test/x"/></gender></Patient>',
            "extension-content",
            ("/_gender/extension/0", "Patient.gender.extension[0]", 2, 1),
        ),
    ],
)
def test_what_stands_in_a_companion_is_placed_in_it(
    validator: Validator, text: str, message_id: str, place: tuple[str, str, int, int]
):
    found = [issue for issue in validator.explain(text.encode()).issues if issue.is_error]
    assert [
        (issue.pointer, issue.expression, issue.line, issue.column)
        for issue in found
        if issue.message_id == message_id
    ] == [place]
    assert all("_gender has no property" in i.text for i in found if i.pointer == "/_gender/a~1b")


PLAIN_XML = '<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>'


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN_XML.encode("utf-16"),
        PLAIN_XML.encode("utf-16-le"),
        PLAIN_XML.encode("utf-16-be"),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{PLAIN_XML}'.encode(),
    ],
)
def test_xml_that_is_not_utf_8_is_refused_as_xml(validator: Validator, raw: bytes):
    (issue,) = [issue for issue in validator.explain(raw).issues if issue.is_error]
    assert issue.message_id == "document-encoding"
    assert "XML" in issue.text
    assert "JSON" not in issue.text


@pytest.mark.parametrize("before", ["", "\ufeff", " \n", '<?xml version="1.0" encoding="utf-8"?>'])
def test_xml_that_is_utf_8_is_right(validator: Validator, before: str):
    assert validator.explain((before + PLAIN_XML).encode()).valid


def test_negative_zero_is_no_integer_in_xml_either(validator: Validator):
    raw = PLAIN_XML.replace("</P", '<multipleBirthInteger value="-0"/></P').encode()
    assert [i.message_id for i in validator.explain(raw).issues if i.is_error] == ["primitive-integer"]
