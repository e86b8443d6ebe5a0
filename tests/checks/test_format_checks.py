"""Formats, charsets, codings, methods: what is right in every lawful reading, and what in none."""

import pytest
from saw import FHIR_JSON, evidence, exchange, patient

from conformance.checks.formats import declares_format, fhir_format, not_acceptable, same_content, utf_8
from conformance.checks.wire_form import (
    allow_stated,
    date_stated,
    etag_form,
    method_refused,
    no_content_coding,
    outcome_media_type,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable

XML = "application/fhir+xml"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


def xml(inner, name="Patient"):
    return f'<{name} xmlns="http://hl7.org/fhir"><id value="1"/>{inner}</{name}>'.encode()


def found(check, *exchanges, **arguments):
    return list(check(evidence(*exchanges), **arguments))


@pytest.mark.parametrize(
    ("media_type", "body", "findings"),
    [
        ("application/fhir+json", b'{"resourceType":"Patient"}', 0),
        ("application/fhir+json; Charset=UTF-8", "é".encode(), 0),
        ('application/fhir+json;charset="utf-8"', b"{}", 0),
        ("application/fhir+json;charset=iso-8859-1", b"{}", 1),
        ("application/fhir+xml", b"\xe9", 1),
        ("application/fhir+json;charset=latin1", b"\xe9", 2),
    ],
)
def test_utf_8(media_type, body, findings):
    assert len(found(utf_8, exchange(media_type=media_type, body=body))) == findings


def test_who_takes_no_utf_8_may_be_refused():
    refused = exchange(status=406, media_type="application/fhir+json", body=b"{}")
    with pytest.raises(NotApplicable):
        found(utf_8, refused, optional=True)
    latin = exchange(media_type="application/fhir+json;charset=iso-8859-1", body=b"\xe9")
    assert len(found(utf_8, latin, optional=True)) == 2


def test_a_page_of_html_has_no_say_in_the_charset_of_resources():
    with pytest.raises(NoData):
        found(utf_8, exchange(media_type="text/html", body=b"\xe9"))


@pytest.mark.parametrize(
    ("formats", "media_type", "body", "fine"),
    [
        ("json", FHIR_JSON, patient(1), True),
        ("json", "application/json; charset=utf-8", patient(1), True),
        ("xml", XML, xml(""), True),
        (["json", "xml", "turtle"], "text/turtle", b"<a> <b> <c> .", True),
        ("json", "text/html", b"<html/>", False),
        ("json", XML, xml(""), False),
        ("xml", FHIR_JSON, patient(1), False),
        ("json", FHIR_JSON, b"<Patient/>", False),
        ("json", FHIR_JSON, b'{"a":1}', False),
        ("xml", XML, b"<Patient", False),
        ("xml", XML, b"<html><body/></html>", False),
        ("xml", XML, b'<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>', True),
        ("xml", XML, b'<Patient><id value="1"/></Patient>', False),
        ("xml", XML, b'<Patient xmlns="urn:hl7-org:v3"><id value="1"/></Patient>', False),
        ("json", "", patient(1), False),
    ],
)
def test_fhir_format(formats, media_type, body, fine):
    assert (not found(fhir_format, exchange(media_type=media_type, body=body), formats=formats)) is fine


@pytest.mark.parametrize("status", [400, 406, 415])
def test_what_a_server_may_leave_out_it_may_refuse(status):
    assert found(fhir_format, exchange(status=status), formats="json")
    with pytest.raises(NotApplicable):
        found(fhir_format, exchange(status=status), formats="json", optional=True)


def test_a_refusal_of_our_own_credentials_is_no_lack_of_a_format():
    for check, arguments in ((fhir_format, {"formats": "json"}), (not_acceptable, {})):
        with pytest.raises(NotJudgeable):
            found(check, exchange(status=403), **arguments)


@pytest.mark.parametrize(("status", "fine"), [(406, True), (200, False), (400, False), (500, False)])
def test_not_acceptable(status, fine):
    assert (not found(not_acceptable, exchange(status=status))) is fine


@pytest.mark.parametrize(
    ("listed", "declared"),
    [
        (["xml"], True),
        (["json", "application/fhir+xml"], True),
        (["application/fhir+xml; fhirVersion=4.0"], True),
        (["json", "application/fhir+json"], False),
        ([], False),
        ("xml", False),
    ],
)
def test_declares_format(listed, declared):
    statement = exchange(
        "/metadata", label="metadata", body={"resourceType": "CapabilityStatement", "format": listed}
    )
    assert (not list(declares_format(evidence(discovery=(statement,)), formats="xml"))) is declared


SAME = [
    (patient(1, active=True, birthDate="1980"), xml('<active value="true"/><birthDate value="1980"/>')),
    (
        patient(1, name=[{"family": "A", "given": ["B", "C"]}, {"text": "D"}]),
        xml(
            '<name><family value="A"/><given value="B"/><given value="C"/></name><name><text value="D"/></name>'
        ),
    ),
    (
        patient(1, text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}),
        xml('<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"> x </div></text>'),
    ),
    (
        patient(1, _birthDate={"extension": [{"url": "urn:x", "valueCode": "unknown"}]}),
        xml('<birthDate><extension url="urn:x"><valueCode value="unknown"/></extension></birthDate>'),
    ),
    (patient(1, multipleBirthInteger=2), xml('<multipleBirthInteger value="2"/>')),
    (
        patient(1, meta={"versionId": "1", "lastUpdated": "2026-01-02T03:04:05.5Z"}),
        xml('<meta><versionId value="1"/><lastUpdated value="2026-01-02T03:04:05.500+00:00"/></meta>'),
    ),
]
DIFFERENT = [
    (patient(1, active=True), xml('<active value="false"/>')),
    (patient(1, name=[{"given": ["B", "C"]}]), xml('<name><given value="B"/></name>')),
    (patient(1, birthDate="1980"), xml("")),
    (
        patient(1, deceasedDateTime="2026-01-02T03:04:05Z"),
        xml('<deceasedDateTime value="2026-01-02T03:04:06Z"/>'),
    ),
    (
        patient(1, deceasedDateTime="2026-01-02T03:04:05Z"),
        xml('<deceasedDateTime value="2026-01-02T04:04:05+01:00"/>'),
    ),
    (patient(1), xml('<birthDate value="1980"/>')),
    (patient(1, multipleBirthInteger=1), xml('<multipleBirthBoolean value="true"/>')),
]


@pytest.mark.parametrize(
    ("body", "other", "same"),
    [(*pair, True) for pair in SAME] + [(*pair, False) for pair in DIFFERENT],
)
def test_same_content(body, other, same):
    one, two = exchange(body=body, label="json"), exchange(body=other, media_type=XML, label="xml")
    assert (not found(same_content, one, two, one="json", other="xml")) is same


def test_numbers_are_the_same_however_they_are_read():
    quantity = {"resourceType": "Observation", "id": "1", "valueQuantity": {"value": 1.50}}
    other = xml('<valueQuantity><value value="1.50"/></valueQuantity>', "Observation")
    one, two = exchange(body=quantity, label="json"), exchange(body=other, media_type=XML, label="xml")
    assert found(same_content, one, two, one="json", other="xml") == []


def test_another_version_is_no_other_content():
    before = exchange(body=patient(1, meta={"versionId": "1"}), label="a")
    after = exchange(body=patient(1, meta={"versionId": "2"}, active=True), label="b")
    with pytest.raises(NotJudgeable):
        found(same_content, before, after, one="a", other="b")


def test_what_differs_from_itself_is_not_compared():
    def metadata(label, day, gender="other"):
        return exchange("/metadata", body=patient(1, birthDate=day, gender=gender), label=label)

    one, again = metadata("a", "1980"), metadata("c", "1981")
    arguments = {"one": "a", "other": "b", "again": "c"}
    assert found(same_content, one, again, metadata("b", "1982"), **arguments) == []
    assert len(found(same_content, one, again, metadata("b", "1982", "female"), **arguments)) == 1
    assert len(found(same_content, one, metadata("c", "1980"), metadata("b", "1982"), **arguments)) == 1


@pytest.mark.parametrize(
    ("status", "media_type"), [(404, FHIR_JSON), (200, "text/html"), (200, "text/turtle"), (200, FHIR_JSON)]
)
def test_what_is_no_resource_is_not_compared(status, media_type):
    good = exchange(body=patient(1), label="a")
    with pytest.raises(NotJudgeable):
        found(
            same_content,
            good,
            exchange(status=status, body=b"x", media_type=media_type, label="b"),
            one="a",
            other="b",
        )


@pytest.mark.parametrize(("coding", "fine"), [("", True), ("identity", True), ("gzip", False), ("br", False)])
def test_no_content_coding(coding, fine):
    assert (not found(no_content_coding, exchange(content_encoding=coding))) is fine


@pytest.mark.parametrize(
    ("tag", "fine"), [('W/"1"', True), ('W/""', True), ('"1"', False), ("1", False), ("W/1", False)]
)
def test_etag_form(tag, fine):
    assert (not found(etag_form, exchange(etag=tag))) is fine


def test_without_etags_there_is_no_form():
    with pytest.raises(NoData):
        found(etag_form, exchange())


def test_date_stated():
    assert found(date_stated, exchange(date="Sun, 01 Mar 2026 12:00:00 GMT")) == []
    assert found(date_stated, exchange(status=404))


@pytest.mark.parametrize(
    ("status", "fine"), [(405, True), (501, True), (200, False), (404, False), (500, False)]
)
def test_method_refused(status, fine):
    assert (not found(method_refused, exchange(status=status))) is fine


def test_allow_stated():
    assert found(allow_stated, exchange(status=405, allow="GET")) == []
    assert found(allow_stated, exchange(status=405))
    with pytest.raises(NotApplicable):
        found(allow_stated, exchange(status=501))


def test_outcome_media_type():
    assert found(outcome_media_type, exchange(status=404, body=OUTCOME)) == []
    assert found(outcome_media_type, exchange(status=404, body=OUTCOME, media_type="application/json"))
    with pytest.raises(NotApplicable):
        found(outcome_media_type, exchange(status=404, body=b"gone", media_type="text/plain"))
