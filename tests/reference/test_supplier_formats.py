"""The reference supplier agrees on formats, writes XML, compresses, and answers browsers."""

import datetime as dt
import gzip
import ssl

import orjson
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from supplier_records import CODED_RECORDS, records

from conformance.fhir.definitions import r4
from conformance.fhir.documents import read_json, read_xml
from conformance.reference.behaviour.formats import AccessBehaviour
from conformance.reference.faults.table import FAULTS, behaviour_of
from conformance.reference.forms import jsontext, xmlread, xmltext
from conformance.reference.forms.ranges import JSON_FORMATS, XML_FORMATS, read, weight_of
from conformance.reference.process_serve import speak_old_tls
from conformance.reference.process_setup import certificates

FHIR = {"Content-Type": "application/fhir+json"}
LISTENING = {fault.name for fault in FAULTS if fault.where == "listener"}


@pytest.mark.parametrize(
    ("accept", "json", "xml"),
    [
        ("*/*", 1, 1),
        ("application/fhir+json", 1, 0),
        ("application/fhir+xml, application/fhir+json;q=0.5", 0.5, 1),
        ("application/*;q=0.3, application/fhir+json;q=0.1", 0.3, 0.3),
        ("text/html, */*;q=0.1", 0.1, 0.1),
        ("application/fhir+json;q=0", 0, 0),
        ("application/fhir+json; fhirVersion=4.0", 1, 0),
        ("application/fhir+json; fhirVersion=3.0", 0, 0),
        ("APPLICATION/FHIR+JSON ; Q=0.7", 0.7, 0),
        ("application/fhir+json;q=much", 1, 0),
        ("", 0, 0),
        (",;,", 0, 0),
    ],
)
def test_the_weight_of_a_format_is_that_of_its_most_specific_range(accept, json, xml):
    ranges = read(accept)
    assert (weight_of(JSON_FORMATS, ranges), weight_of(XML_FORMATS, ranges)) == (json, xml)


@given(st.text(st.sampled_from("aptx/*+;,=q.01 fhirVson"), max_size=60))
def test_no_accept_header_is_too_strange(accept):
    assert all(each.name for each in read(accept))


@pytest.mark.parametrize(
    ("accept", "label"),
    [
        ("application/fhir+xml;q=0.9, application/fhir+json;q=0.8", "application/fhir+xml"),
        ("application/fhir+xml, application/fhir+json", "application/fhir+json"),
        ("application/xml", "application/fhir+xml"),
        ("application/json", "application/json"),
        ("application/json, application/fhir+json", "application/fhir+json"),
    ],
)
def test_the_format_that_a_client_would_rather_have(supplier, accept, label):
    answer = supplier.get("/Patient/p1", headers={"Accept": accept})
    assert answer.headers["Content-Type"].partition(";")[0] == label


@pytest.mark.parametrize(
    "resource", [*records(), *CODED_RECORDS], ids=lambda r: f"{r['resourceType']}-{r['id']}"
)
def test_a_resource_in_xml_is_the_resource(resource):
    text = orjson.dumps(resource)
    document = read_xml(xmltext.dump(jsontext.parse(text)), r4())
    assert document.problems == ()
    assert document.value == read_json(text).value


@pytest.mark.parametrize("resource", records(), ids=lambda one: f"{one['resourceType']}-{one['id']}")
def test_what_was_written_as_xml_is_read_as_it_was(resource):
    kept = jsontext.parse(orjson.dumps(resource))
    assert xmlread.parse(xmltext.dump(kept)) == kept


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        ('<birthDate value="1970-01-31"><extension url="u"><valueCode value="c"/></extension></birthDate>',
         {"birthDate": "1970-01-31", "_birthDate": {"extension": [{"url": "u", "valueCode": "c"}]}}),
        ('<name><given value="A"/><given id="g"/></name>',
         {"name": [{"given": ["A", None], "_given": [None, {"id": "g"}]}]}),
        ('<multipleBirthInteger value="2"/>', {"multipleBirthInteger": 2}),
        ('<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div></text>',
         {"text": {"status": "generated",
                   "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div>'}}),
        ('<contained><Organization><active value="false"/></Organization></contained>',
         {"contained": [{"resourceType": "Organization", "active": False}]}),
    ],
)  # fmt: skip
def test_xml_is_read_into_the_shape_of_json(inner, wanted):
    text = f'<Patient xmlns="http://hl7.org/fhir">{inner}</Patient>'.encode()
    assert xmlread.parse(text) == {"resourceType": "Patient", **wanted} == read_xml(text, r4()).value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<Patient",
        b'<Patient xmlns="urn:other"/>',
        b'<NoSuchType xmlns="http://hl7.org/fhir"/>',
        b'<Patient xmlns="http://hl7.org/fhir"><shoeSize value="1"/></Patient>',
        b'<!DOCTYPE Patient [<!ENTITY x "y">]><Patient xmlns="http://hl7.org/fhir"/>',
        b'<Patient xmlns="http://hl7.org/fhir"><gender value="\xff"/></Patient>',
        b'<Patient xmlns="http://hl7.org/fhir"><multipleBirthInteger value="two"/></Patient>',
        b'<Patient xmlns="http://hl7.org/fhir">' + b"<extension>" * 300,
    ],
)
def test_what_is_no_fhir_xml_is_refused(supplier, text):
    with pytest.raises(ValueError, match=r"."):
        xmlread.parse(text)
    answer = supplier.post("/Patient", content=text, headers={"Content-Type": "application/fhir+xml"})
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] == "structure"


def test_numbers_and_texts_keep_their_form_in_xml():
    text = b'{"resourceType":"Observation","valueQuantity":{"value":1.50,"unit":"a&<\\"\\n"}}'
    written = xmltext.dump(jsontext.parse(text))
    assert b'<value value="1.50"></value>' in written
    assert read_xml(written, r4()).value["valueQuantity"]["unit"] == 'a&<"\n'


def test_what_has_no_definition_is_no_xml():
    assert xmltext.dump({"resourceType": "NoSuchType", "x": 1}).endswith(b"?>")


def test_errors_come_in_the_format_that_was_asked_for(supplier):
    answer = supplier.get("/Patient/none", headers={"Accept": "application/fhir+xml"})
    assert answer.headers["Content-Type"].startswith("application/fhir+xml")
    assert read_xml(answer.content, r4()).value["resourceType"] == "OperationOutcome"


def test_larger_answers_are_compressed_for_who_takes_that(supplier):
    with supplier.stream("GET", "/metadata", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(packed)
    plain = supplier.get("/metadata", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content
    assert plain.headers["Vary"] == "Accept-Encoding"


def test_pretty_printing_changes_nothing_but_blanks(supplier):
    plain, pretty = supplier.get("/Patient/p1"), supplier.get("/Patient/p1?_pretty=true")
    assert plain.json() == pretty.json()
    assert pretty.text.count("\n") > 3


def test_options_tell_what_can_be_done(supplier):
    assert supplier.options("/Patient/p1").headers["Allow"] == "DELETE, GET, OPTIONS, PATCH, PUT"
    preflight = {"Origin": "https://x.example", "Access-Control-Request-Method": "PUT"}
    answer = supplier.options("/Patient/p1", headers=preflight)
    assert answer.status_code == 204
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "more",
    [
        {"_birthDate": {"extension": [{"url": "urn:x", "valueCode": "masked"}]}},
        {"birthDate": "1980", "deceasedBoolean": False, "multipleBirthInteger": 2},
        {
            "contact": [{"organization": {"display": "x"}}],
            "link": [{"other": {"display": "y"}, "type": "seealso"}],
        },
        {
            "name": [{"use": "official", "family": "A", "given": ["B"]}],
            "contained": [{"resourceType": "Patient"}],
        },
    ],
)
def test_a_patient_of_the_right_shape_is_kept(supplier, more):
    assert (
        supplier.post("/Patient", json={"resourceType": "Patient", **more}, headers=FHIR).status_code == 201
    )


@pytest.mark.parametrize(
    "more",
    [
        {"birthDate": "1980-13"},
        {"active": "yes"},
        {"gender": ["female"]},
        {"name": {"family": "A"}},
        {"name": [{"use": "pen"}]},
        {"name": [{"given": "A"}]},
        {"maritalStatus": "married"},
        {"colour": "blue"},
        {"_name": [{"id": "x"}]},
        {"_gender": "x"},
        {"contact": [{"gender": "female"}]},
        {"link": [{"type": "seealso"}]},
        {"name": [{"text": "x" * (2**20 + 1)}]},
    ],
)
def test_one_of_the_wrong_shape_is_not(supplier, more):
    answer = supplier.post("/Patient", json={"resourceType": "Patient", **more}, headers=FHIR)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] in {
        "structure",
        "value",
        "code-invalid",
        "invariant",
        "required",
        "too-long",
    }


def test_faults_of_the_listener_change_how_it_listens(tmp_path):
    assert {"old-tls-spoken", "certificate-runs-out"} == LISTENING
    assert behaviour_of("old-tls-spoken", 1).access.old_tls

    def days(name, access):
        (tmp_path / name).mkdir()
        made = x509.load_pem_x509_certificate(certificates(tmp_path / name, access).server.read_bytes())
        return (made.not_valid_after_utc - dt.datetime.now(dt.UTC)).days

    assert days("honest", AccessBehaviour()) > 300
    assert days("faulty", behaviour_of("certificate-runs-out", 1).access) < 14
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    speak_old_tls(settings)
    assert settings.minimum_version == ssl.TLSVersion.MINIMUM_SUPPORTED
