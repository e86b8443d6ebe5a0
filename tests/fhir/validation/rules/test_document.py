import pytest

BASE = "http://s.test/fhir/"


def entry(resource: dict, url: str = "") -> dict:
    return {"fullUrl": url or f"{BASE}{resource['resourceType']}/{resource['id']}", "resource": resource}


def composition(**fields) -> dict:
    return {
        "resourceType": "Composition",
        "id": "c",
        "status": "final",
        "type": {"text": "x"},
        "date": "2024-01-01",
        "author": [{"reference": "Practitioner/p"}],
        "title": "x",
        **fields,
    }


AUTHOR = {"resourceType": "Practitioner", "id": "p", "active": True}
PATIENT = {"resourceType": "Patient", "id": "1", "active": True}


def document(*entries: dict, **fields) -> dict:
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"},
        "timestamp": "2024-01-01T00:00:00Z",
        "entry": list(entries),
        **fields,
    }


def test_a_sound_document(judged):
    section = {"title": "x", "entry": [{"reference": f"{BASE}Patient/1"}]}
    found = judged(document(entry(composition(section=[section])), entry(AUTHOR), entry(PATIENT)))
    assert [issue for issue in found.issues if issue.is_error] == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"subject": {"reference": "Patient/9"}}, "subject"),
        ({"custodian": {"reference": f"{BASE}Organization/9"}}, "custodian"),
        ({"attester": [{"mode": "legal", "party": {"reference": "Patient/9"}}]}, "attester[0].party"),
        (
            {"section": [{"section": [{"entry": [{"reference": "Patient/9"}]}]}]},
            "section[0].section[0].entry[0]",
        ),
    ],
)
def test_what_the_composition_refers_to_is_inside(told, fields, place):
    found = told("document-reference", document(entry(composition(**fields)), entry(AUTHOR)))
    assert found == [("document-reference-missing", f"Bundle.entry[0].resource.{place}")]


def test_a_look_alike_by_id_is_not_what_is_meant(judged):
    urn = "urn:uuid:d12004a7-5ed5-41ab-a8f2-0de5f0c98847"
    other = "urn:uuid:aaaaaaaa-5ed5-41ab-a8f2-0de5f0c98847"
    found = judged(document(entry(composition(), urn), entry(AUTHOR, other)))
    texts = [issue.text for issue in found.issues if issue.message_id == "document-reference-missing"]
    assert len(texts) == 1
    assert "look alike" in texts[0]


def test_a_contained_target_is_no_matter_of_the_document(told):
    held = composition(author=[{"reference": "#p"}], contained=[AUTHOR])
    assert told("document-reference", document(entry(held))) == []


def test_what_is_not_reached_does_not_belong(told):
    found = told("document-entry", document(entry(composition()), entry(AUTHOR), entry(PATIENT)))
    assert found == [("document-entry-unreachable", "Bundle.entry[2]")]


def test_a_provenance_may_point_in_and_others_are_doubtful(judged):
    provenance = {
        "resourceType": "Provenance",
        "id": "v",
        "target": [{"reference": "Composition/c"}],
        "recorded": "2024-01-01T00:00:00Z",
        "agent": [{"who": {"display": "x"}}],
    }
    flag = {
        "resourceType": "Basic",
        "id": "b",
        "code": {"text": "x"},
        "subject": {"reference": "Composition/c"},
    }
    found = judged(document(entry(composition()), entry(AUTHOR), entry(provenance), entry(flag)))
    told = [(i.expression, i.is_error) for i in found.issues if i.message_id == "document-entry-unreachable"]
    assert told == [("Bundle.entry[3]", False)]


@pytest.mark.parametrize(
    ("url", "count"),
    [("Binary/css", 0), ("Binary/other", 1), ("https://s.test/a.css", 0)],
)
def test_a_relative_stylesheet_is_inside(told, url, count):
    style = {"resourceType": "Binary", "id": "css", "contentType": "text/css"}
    link = [{"relation": "stylesheet", "url": url}]
    found = told(
        "document-stylesheet", document(entry(composition()), entry(AUTHOR), entry(style), link=link)
    )
    assert found == [("document-stylesheet-missing", "Bundle.link[0].url")] * count


@pytest.mark.parametrize(
    ("link", "told_of"),
    [
        ([{"relation": "stylesheet", "url": "Binary/css"}], []),
        ([{"relation": "stylesheet", "url": f"{BASE}Binary/css"}], []),
        ([{"relation": "self", "url": "Binary/css"}], [2]),
        (None, [2]),
    ],
)
def test_a_stylesheet_belongs_to_the_document_where_it_is_linked(told, link, told_of):
    style = {"resourceType": "Binary", "id": "css", "contentType": "text/css"}
    more = {"link": link} if link else {}
    found = told("document-entry", document(entry(composition()), entry(AUTHOR), entry(style), **more))
    assert found == [("document-entry-unreachable", f"Bundle.entry[{at}]") for at in told_of]
