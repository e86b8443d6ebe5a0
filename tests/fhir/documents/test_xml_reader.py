"""XML ends in the shape of FHIR's JSON, and what is wrong with it is told at its place."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wholesome import wholesome

from conformance.fhir.definitions import r4
from conformance.fhir.documents import MAX_DEPTH, Document, read_xml

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
DATA = Path(__file__).resolve().parents[3] / "../shared/data"
CASES = DATA / "fhir-validator-cases" / "files"
UK_CORE = DATA / "uk-core"
FHIR = 'xmlns="http://hl7.org/fhir"'
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def read(text: str | bytes, **limits: int) -> Document:
    return wholesome(read_xml(text.encode() if isinstance(text, str) else text, r4(), **limits))


def patient(inner: str) -> str:
    return f"<Patient {FHIR}>{inner}</Patient>"


def told(document: Document) -> list[tuple[str, str, str]]:
    return [(problem.severity, problem.message_id, problem.location) for problem in document.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (patient('<id value="a"/>'), {"resourceType": "Patient", "id": "a"}),
        (patient('<active value="true"/>'), {"resourceType": "Patient", "active": True}),
        (patient('<active value="True"/>'), {"resourceType": "Patient", "active": "True"}),
        (
            patient('<name><given value="A"/><given value="B"/></name>'),
            {"resourceType": "Patient", "name": [{"given": ["A", "B"]}]},
        ),
        (
            patient('<name><given value="A"/><given id="i"/><given value="C" id="j"/></name>'),
            {
                "resourceType": "Patient",
                "name": [{"given": ["A", None, "C"], "_given": [None, {"id": "i"}, {"id": "j"}]}],
            },
        ),
        (
            patient('<name><given id="i"/></name>'),
            {"resourceType": "Patient", "name": [{"_given": [{"id": "i"}]}]},
        ),
        (
            patient(
                '<birthDate id="x" value="2020"><extension url="u"><valueInteger value="3"/></extension></birthDate>'
            ),
            {
                "resourceType": "Patient",
                "birthDate": "2020",
                "_birthDate": {"id": "x", "extension": [{"url": "u", "valueInteger": 3}]},
            },
        ),
        (patient("<implicitRules/>"), {"resourceType": "Patient", "_implicitRules": {}}),
        (patient("<maritalStatus/>"), {"resourceType": "Patient", "maritalStatus": {}}),
        (patient('<gender value=""/>'), {"resourceType": "Patient", "gender": ""}),
        (
            patient('<gender value="male"/><gender value="female"/>'),
            {"resourceType": "Patient", "gender": ["male", "female"]},
        ),
        (
            patient('<gender id="a"/><gender value="female"/>'),
            {"resourceType": "Patient", "gender": [None, "female"], "_gender": [{"id": "a"}, None]},
        ),
        (
            patient('<contained><Group><id value="g"/></Group></contained>'),
            {"resourceType": "Patient", "contained": [{"resourceType": "Group", "id": "g"}]},
        ),
        (
            f'<Bundle {FHIR}><entry><resource><Patient><id value="p"/></Patient></resource></entry></Bundle>',
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "p"}}]},
        ),
        (
            f'<Bundle {FHIR}><entry><resource><Nothing><id value="p"/></Nothing></resource></entry></Bundle>',
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Nothing"}}]},
        ),
        (
            f'<Questionnaire {FHIR}><item><item><linkId value="1"/></item></item></Questionnaire>',
            {"resourceType": "Questionnaire", "item": [{"item": [{"linkId": "1"}]}]},
        ),
        (
            '<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="a"/></f:Patient>',
            {"resourceType": "Patient", "id": "a"},
        ),
        (patient('<!-- x --><id value="a"/>'), {"resourceType": "Patient", "id": "a"}),
    ],
)
def test_the_shape_of_json(text: str, value: object):
    document = read(text)
    assert document.problems == ()
    assert document.value == value
    assert document.format == "xml"


def test_numbers_keep_their_digits():
    text = (
        f'<Observation {FHIR}><component><valueQuantity><value value="1.10"/></valueQuantity></component>'
        '<component><valueInteger value="007"/></component><component><valueInteger value="7"/></component>'
        '<component><valueQuantity><value value="1e99999"/></valueQuantity></component></Observation>'
    )
    components = read(text).value["component"]
    assert str(components[0]["valueQuantity"]["value"]) == "1.10"
    assert isinstance(components[0]["valueQuantity"]["value"], Decimal)
    assert components[1]["valueInteger"] == "007"
    assert components[2]["valueInteger"] == 7
    assert components[3]["valueQuantity"]["value"] == "1e99999"


def test_narrative_is_text_that_stands_for_itself():
    document = read(
        f'<Patient {FHIR} xmlns:h="http://www.w3.org/1999/xhtml"><text><status value="generated"/>'
        '<h:div xml:lang="en">A &lt; B &amp; "C" <h:br/><!--x--><h:p class="a&quot;b">é\n</h:p></h:div></text>'
        "</Patient>"
    )
    assert document.problems == ()
    assert document.value["text"]["div"] == (
        f'<div {XHTML} xml:lang="en">A &lt; B &amp; "C" <br/><!--x--><p class="a&quot;b">é\n</p></div>'
    )


def test_instructions_and_comments_stay_in_a_narrative():
    inner = "<p><?a b c?>x<!-- y --></p><?z?>"
    document = read(patient(f'<text><status value="generated"/><div {XHTML}>{inner}</div></text>'))
    assert document.problems == ()
    assert document.value["text"]["div"] == (f"<div {XHTML}><p><?a b c?>x<!-- y --></p><?z ?></div>")


def test_attributes_of_other_namespaces_stay_in_a_narrative():
    document = read(
        f'<Patient {FHIR} xmlns:o="urn:o"><text><status value="generated"/>'
        f'<div {XHTML}><p o:x="1" class="c"><o:q/></p><p o:y="2"/></div></text></Patient>'
    )
    assert document.problems == ()
    assert document.value["text"]["div"] == (
        f'<div {XHTML}><p xmlns:o="urn:o" o:x="1" class="c"><q xmlns="urn:o"/></p>'
        '<p xmlns:o="urn:o" o:y="2"/></div>'
    )


def test_every_value_has_its_place():
    document = read(
        f'<Patient {FHIR}>\n <id value="a"/>\n <name>\n  <given value="A"/>\n  <given id="i"/>\n </name>\n'
        ' <contained>\n  <Group>\n   <id value="g"/>\n  </Group>\n </contained>\n</Patient>'
    )
    places = {
        "": (1, 1),
        "/id": (2, 2),
        "/name": (3, 2),
        "/name/0": (3, 2),
        "/name/0/given/0": (4, 3),
        "/name/0/_given/1": (5, 3),
        "/name/0/_given/1/id": (5, 3),
        "/contained/0": (7, 2),
        "/contained/0/id": (9, 4),
    }
    assert {pointer: document.position(pointer) for pointer in places} == places
    assert document.position("/birthDate") is None


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (patient("<id value='a'/>x"), [("error", "xml-text", "Patient")]),
        (patient("<wrong><id/></wrong>"), [("error", "xml-unknown-element", "Patient")]),
        (
            patient('<name><given value="A" use="b"/></name>'),
            [("error", "xml-unknown-attribute", "Patient.name[0].given[0]")],
        ),
        (patient('<name value="A"/>'), [("error", "xml-unknown-attribute", "Patient.name[0]")]),
        (patient('<gender value="male"/><active value="true"/>'), [("error", "xml-order", "Patient")]),
        (
            f'<Patient {FHIR} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"/>',
            [("error", "xml-unknown-attribute", "Patient")],
        ),
        ('<Patient><id value="a"/></Patient>', [("error", "xml-namespace", "Patient")]),
        ('<Patient xmlns="urn:x"><id value="a"/></Patient>', [("error", "xml-namespace", "Patient")]),
        (patient('<id xmlns="urn:x" value="a"/>'), [("error", "xml-namespace", "Patient")]),
        (
            patient("<contained><Group/><Group/></contained>"),
            [("error", "xml-one-resource", "Patient.contained[0]")],
        ),
        (f"<?x y?>{patient('')}", [("warning", "xml-instruction", "")]),
        (
            patient('<name><?x y?><family value="a"/></name>'),
            [("warning", "xml-instruction", "Patient.name[0]")],
        ),
        (f"{patient('')}<?x y?>", [("warning", "xml-instruction", "")]),
        (f'<Extension {FHIR} url="u"/>', [("error", "xml-root", "Extension")]),
        (
            f'<?xml version="1.0" encoding="ISO-8859-1"?>{patient("")}',
            [("error", "document-encoding", "")],
        ),
    ],
)
def test_problems_that_leave_a_value(text: str, problems: list[tuple[str, str, str]]):
    document = read(text)
    assert told(document) == problems
    assert isinstance(document.value, dict)


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        (f'<!DOCTYPE Patient [<!ENTITY a "b">]>{patient("&a;")}', "xml-doctype"),
        (f'<!DOCTYPE Patient SYSTEM "http://127.0.0.1/x.dtd">{patient("")}', "xml-doctype"),
        (patient("&reg;"), "xml-entity"),
        (patient("<id>"), "xml-syntax"),
        (f"{patient('')}{patient('')}", "xml-syntax"),
        (patient("<id value='a' value='b'/>"), "xml-syntax"),
        (patient("<x:id value='a'/>"), "xml-syntax"),
        ("", "xml-syntax"),
        (b"\xff\xfe<", "document-encoding"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "document-encoding"),
        (b"<Patient xmlns='http://hl7.org/fhir'><id value='\xe9'/></Patient>", "xml-syntax"),
        (f"<Nothing {FHIR}/>", "xml-root"),
    ],
)
def test_documents_that_cannot_be_read(text: str | bytes, message_id: str):
    document = read(text)
    assert document.value is None
    assert document.problems[-1].severity == "fatal"
    assert document.problems[-1].message_id == message_id
    assert document.problems[-1].line >= 1


@pytest.mark.parametrize("name", ["contained", "text", "unknown"])
def test_nesting_has_an_end(name: str):
    inner = {
        "contained": "<contained><Patient>" * 5000,
        "text": f"<text><div {XHTML}>" + "<b>" * 10_000,
        "unknown": "<x>" * 10_000,
    }[name]
    document = read(f"<Patient {FHIR}>{inner}")
    assert document.value is None
    assert document.problems[-1].message_id == "xml-depth"
    assert read(patient("<x>" * (MAX_DEPTH - 1) + "</x>" * (MAX_DEPTH - 1))).value is not None


def test_size_and_the_number_of_problems_have_an_end():
    assert [p.message_id for p in read(patient(" " * 2000), max_bytes=1000).problems] == ["document-size"]
    flood = read(patient("<x/>" * 10_000))
    assert flood.problems[-1].message_id == "xml-too-many"
    assert len(flood.problems) < 1000


PIECES = [
    "<Patient xmlns='http://hl7.org/fhir'>",
    "</Patient>",
    "<name>",
    "</name>",
    "<given value='a'/>",
    "<text>",
]
PIECES += [
    "<div xmlns='http://www.w3.org/1999/xhtml'>",
    "</div>",
    "</text>",
    "x",
    "&amp;",
    "&",
    "<!--",
    "-->",
    "<?a b?>",
]


@QUICK
@given(st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode) | st.binary())
def test_no_bytes_upset_the_reader(data: bytes):
    document = read(data)
    fatal = any(problem.severity == "fatal" for problem in document.problems)
    assert (document.value is None) == fatal


@pytest.mark.skipif(not CASES.is_dir(), reason="the HL7 validator's cases are not here")
def test_the_cases_that_the_reference_validator_refuses():
    found = {
        path.name: [problem.message_id for problem in document.problems]
        for path in CASES.rglob("*.xml")
        if (document := read(path.read_bytes())).problems
    }
    assert found == {
        "Observation-ex-pain.xml": ["xml-unknown-attribute", "xml-unknown-element"],
        "inv-check-profile-name1.xml": ["xml-unknown-attribute"],
        "inv-check-profile-name2.xml": ["xml-unknown-attribute"],
        "inv-check-profile-patient.xml": ["xml-unknown-attribute"],
        "patient-min-length-profile.xml": ["xml-order"],
        "xml-bad-entities.xml": ["xml-entity"],
        "xml-fail.xml": ["xml-unknown-attribute", "xml-text", "xml-unknown-element", "xml-text"],
    }


@pytest.mark.skipif(not UK_CORE.is_dir(), reason="UK Core is not here")
def test_uk_core_has_only_these_faults():
    """Each is a fault of the file: a stray letter, and elements in another order than the specification's."""
    found = {
        path.name: [problem.message_id for problem in document.problems]
        for path in UK_CORE.rglob("*.xml")
        if (document := read(path.read_bytes())).problems
    }
    assert found == {
        "CodeSystem-UKCore-EthnicCategoryScotland.xml": ["xml-text"],
        "Extension-UKCore-CodingSCT-IllicitDrugs-Example.xml": ["xml-order"],
        "UKCore-Observation-Lab-Albumin-Example.xml": ["xml-order"],
        "UKCore-Questionnaire-EOLPlan-Example.xml": ["xml-order"],
    }
