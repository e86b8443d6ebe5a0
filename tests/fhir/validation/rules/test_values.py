"""Attachments, contained resources, terms, texts and narratives."""

import base64
import hashlib

import pytest

from conformance.fhir.validation.rules.urls import Form, literal

DATA = b"abcdefghij"
ENCODED = base64.b64encode(DATA).decode()
HASH = base64.b64encode(hashlib.sha1(DATA).digest()).decode()
OTHER_HASH = base64.b64encode(hashlib.sha1(b"other").digest()).decode()


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        ({"data": ENCODED, "size": 10}, []),
        ({"data": ENCODED, "size": 11}, ["attachment-size"]),
        ({"data": ENCODED, "hash": HASH}, []),
        ({"data": ENCODED, "hash": OTHER_HASH}, ["attachment-hash"]),
        ({"url": "http://s.test/a", "size": 11, "hash": HASH}, []),
        ({"data": "%%%", "size": 11}, []),
    ],
)
def test_attachment(told, attachment, expected):
    media = {
        "resourceType": "Media",
        "status": "completed",
        "content": {"contentType": "text/plain", **attachment},
    }
    assert [message for message, _ in told("attachment-", media)] == expected


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["a", "b"], []),
        (["a", "a"], [("contained-id-repeated", "Observation.contained[1]")]),
        (["a", None], [("contained-id-missing", "Observation.contained[1]")]),
    ],
)
def test_contained(told, ids, expected):
    contained = [{"resourceType": "Patient", "active": True} | ({"id": one} if one else {}) for one in ids]
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "contained": contained,
        "subject": {"reference": "#a"},
        "focus": [{"reference": "#b"}],
    }
    assert told("contained-id", observation) == expected


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        ({"system": "http://s.test/cs", "code": "a"}, []),
        ({"system": "urn:oid:1.2.3", "code": "a"}, []),
        ({"display": "x"}, []),
        ({"system": "cs", "code": "a"}, [("coding-system-relative", False)]),
        ({"code": "a"}, [("coding-system-missing", False)]),
    ],
)
def test_coding(judged, coding, expected):
    found = judged({"resourceType": "Basic", "code": {"coding": [coding]}}).issues
    assert [(i.message_id, i.is_error) for i in found if i.message_id.startswith("coding-")] == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ({"system": "http://s.test/ids", "value": "1"}, []),
        ({"value": "1"}, []),
        ({"system": "ids", "value": "1"}, ["identifier-system-relative"]),
        ({"system": "urn:ietf:rfc:3986", "value": "urn:uuid:d12004a7-5ed5-41ab-a8f2-0de5f0c98847"}, []),
        ({"system": "urn:ietf:rfc:3986", "value": "https://s.test/1"}, []),
        ({"system": "urn:ietf:rfc:3986", "value": "daa60638"}, ["identifier-value-no-uri"]),
    ],
)
def test_identifier(told, identifier, expected):
    patient = {"resourceType": "Patient", "identifier": [identifier]}
    assert [message for message, _ in told("identifier-", patient)] == expected


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("http://s.test/Questionnaire/1", []),
        ("http://s.test/Questionnaire/1|2", []),
        ("#q", []),
        ("#other", ["canonical-contained-missing"]),
    ],
)
def test_canonical(told, canonical, expected):
    questionnaire = {"resourceType": "Questionnaire", "id": "q", "status": "active"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "contained": [questionnaire],
        "questionnaire": canonical,
    }
    assert [message for message, _ in told("canonical-", response)] == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a < b and c > d", 0),
        ("see <https://s.test/>", 0),
        ("the code `<b>` is shown", 0),
        ("a \\<b> is shown", 0),
        ("``` <b> ```", 0),
        ("a <b>bold</b> word", 1),
        ("<resource type>\\<id>", 1),
        ("line <br/>", 1),
    ],
)
def test_markdown(judged, text, count):
    resource = {"resourceType": "Communication", "status": "completed", "note": [{"text": text}]}
    found = [issue for issue in judged(resource).issues if issue.message_id == "markdown-html"]
    assert len(found) == count
    assert not any(issue.is_error for issue in found)


def test_element_ids(told):
    names = [{"id": "a", "family": "x"}, {"id": "b", "family": "y"}]
    assert told("element-id", {"resourceType": "Patient", "name": names}) == []
    names[1]["id"] = "a"
    assert told("element-id", {"resourceType": "Patient", "name": names}) == [
        ("element-id-repeated", "Patient")
    ]


def narrated(div: str) -> dict:
    return {"resourceType": "Patient", "text": {"status": "generated", "div": div}}


def test_narrative_is_told_under_its_invariant(judged):
    sound = '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'
    assert judged(narrated(sound)).issues == ()
    for unsound in ("<script>x</script>", '<p onclick="x">x</p>', '<p foo="x">x</p>', "<blink>x</blink>"):
        found = judged(narrated(sound.replace("<p>x</p>", unsound))).issues
        assert "txt-1" in {issue.rule for issue in found if issue.is_error}, unsound
    empty = judged(narrated(sound.replace("<p>x</p>", " "))).issues
    assert "txt-2" in {issue.rule for issue in empty if issue.is_error}


@pytest.mark.parametrize(
    ("link", "count"), [("#there", 0), ("#missing", 1), ("http://s.test/#missing", 0), ("#element", 0)]
)
def test_narrative_links(told, link, count):
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{link}">x</a><p id="there">y</p></div>'
    patient = narrated(div) | {"name": [{"id": "element", "family": "x"}]}
    assert len(told("narrative-link", patient)) == count


@pytest.mark.parametrize(
    ("text", "form", "kind"),
    [
        ("#a", Form.FRAGMENT, ""),
        ("#", Form.FRAGMENT, ""),
        ("Patient/1", Form.RELATIVE, "Patient"),
        ("Patient/1#part", Form.RELATIVE, "Patient"),
        ("http://s.test/fhir/Patient/1", Form.RESTFUL, "Patient"),
        ("http://s.test/fhir", Form.ABSOLUTE, ""),
        ("ftp://s.test/Patient/1", Form.ABSOLUTE, ""),
        ("URN:uuid:x", Form.URN, ""),
        ("Patient?a=b", Form.CONDITIONAL, "Patient"),
        ("patient/1", Form.UNKNOWN, ""),
        ("x" * 10_000_000, Form.UNKNOWN, ""),
    ],
    ids=range(11),
)
def test_literal(text, form, kind):
    assert (literal(text).form, literal(text).type) == (form, kind)
