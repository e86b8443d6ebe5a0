"""Searches of the reference supplier, each against an answer worked out by hand from the records."""

import json

import pytest
from conftest import BASE, found_ids


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Patient?_id=p1", ["p1"]),
        ("/Patient?_id=p1,p3,none", ["p1", "p3"]),
        ("/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9434765919", ["p1"]),
        ("/Patient?identifier=https://other.example|9434765919", []),
        ("/Patient?identifier=9434765919", ["p1"]),
        ("/Patient?identifier=|9434765919", []),
        ("/Patient?identifier=https://mrn.example|", ["p1", "p2", "p3", "p4"]),
        ("/Patient?name=mul", ["p1", "p2"]),
        ("/Patient?family=MÜLL", ["p1"]),
        ("/Patient?family=muller", ["p1"]),
        ("/Patient?family:exact=muller", []),
        ("/Patient?family:exact=Müller", ["p1"]),
        ("/Patient?family:contains=neil", ["p3"]),
        ("/Patient?name=ana,dov", ["p1", "p4"]),
        ("/Patient?gender=female", ["p1", "p3"]),
        ("/Patient?gender=http://hl7.org/fhir/administrative-gender|male", ["p2"]),
        ("/Patient?gender:not=female", ["p2", "p4"]),
        ("/Patient?gender=female&name=cara", ["p3"]),
        ("/Patient?active=true&_count=2", ["p1", "p2"]),
        ("/Patient?phone=0113943476", ["p1", "p2", "p3", "p4"]),
        ("/Patient?birthdate=1980-02-29", ["p1"]),
        ("/Patient?birthdate=1999", ["p4"]),
        ("/Patient?birthdate=1999-06", []),
        ("/Patient?birthdate=ge1999", ["p3", "p4"]),
        ("/Patient?birthdate=gt1999", ["p3"]),
        ("/Patient?birthdate=lt1980-02-29", ["p2"]),
        ("/Patient?birthdate=le1980-02-29", ["p1", "p2"]),
        ("/Patient?birthdate=ne1999", ["p1", "p2", "p3"]),
        ("/Patient?birthdate=sa1999", ["p3"]),
        ("/Patient?birthdate=eb1999", ["p1", "p2"]),
        ("/Patient?birthdate=ge1951&birthdate=lt1990", ["p1", "p2"]),
        ("/Patient?death-date:missing=false", ["p2"]),
        ("/Patient?death-date:missing=true", ["p1", "p3", "p4"]),
        ("/Patient?death-date=2020-03-04T06:06:07%2B01:00", ["p2"]),
        ("/Patient?_sort=-birthdate", ["p3", "p4", "p1", "p2"]),
        ("/Patient?_sort=gender,-_id", ["p3", "p1", "p2", "p4"]),
        ("/Encounter?date=2023-02", ["e2"]),
        ("/Encounter?date=ge2023-03-05", ["e3", "e4"]),
        ("/Encounter?date=gt2030", ["e4"]),
        ("/Encounter?patient=p2", ["e2"]),
        ("/Encounter?patient=Patient/p2", ["e2"]),
        (f"/Encounter?subject={BASE}/Patient/p2", ["e2"]),
        ("/Encounter?subject:Patient=p2", ["e2"]),
        ("/Encounter?subject:Group=p2", []),
        ("/Encounter?subject=Group/p2", []),
        ("/Group?member=urn:uuid:p2", ["g1"]),
        ("/Encounter?subject:Patient.family=muldoon", ["e2"]),
        ("/Encounter?patient.name=muldoon", ["e2"]),
        ("/Encounter?subject.family=muldoon", ["e2"]),
        ("/Encounter?subject:Patient._id=p2", ["e2"]),
        ("/Encounter?subject:Patient.gender:not=female&status=finished", ["e2", "e4"]),
        ("/Encounter?subject:Group.code=x", []),
        ("/Patient?_has:Encounter:patient:date=2023-02", ["p2"]),
        ("/Patient?_has:Encounter:subject:_id=e3", ["p3"]),
        ("/Patient?_has:Encounter:subject:subject:Patient.family=smith", ["p4"]),
        ("/Observation?code-value-quantity=http://loinc.org|8302-2$101", ["o001"]),
        ("/Observation?code-value-quantity=http://loinc.org|29463-7$101", []),
        ("/Observation?combo-code-value-quantity=8302-2$lt103", ["o001"]),
        ("/Observation?value-quantity=gt157", ["o058", "o059"]),
        ("/Observation?value-quantity=100|http://unitsofmeasure.org|cm", ["o000"]),
        ("/Observation?value-quantity=100||cm", ["o000"]),
        ("/Observation?value-quantity=100||kg", []),
        ("/Observation?value-quantity=1.0e2&status=amended", ["o000", "o003"]),
        ("/Observation?code=http://loinc.org|8302-2&subject=p2&_count=2", ["o001", "o005"]),
        ("/DocumentReference?contenttype=text/plain", ["d1"]),
        ("/DocumentReference?location=Binary/b1", ["d1"]),
        ("/Organization?name=harb", ["org"]),
    ],
)
def test_search_finds(ids, path, expected):
    found = ids(path)
    assert (found if "_sort" in path else sorted(found)) == expected


def test_last_updated_finds_what_changed_since(supplier, ids):
    before = supplier.get("/Patient/p1").json()["meta"]["lastUpdated"]
    assert "p1" in ids(f"/Patient?_lastUpdated={before}")
    patient = supplier.get("/Patient/p4").json()
    supplier.put(
        "/Patient/p4", content=json.dumps(patient), headers={"Content-Type": "application/fhir+json"}
    )
    assert ids("/Patient?_lastUpdated=ge2025-06-01") == ["p4"]
    assert "p4" not in ids("/Patient?_lastUpdated=lt2025-06-01")


def test_entries_and_links_say_what_was_found(supplier):
    bundle = supplier.get("/Patient?gender=female&bogus=1&_format=json").json()
    assert (bundle["type"], bundle["total"]) == ("searchset", 2)
    assert bundle["link"] == [{"relation": "self", "url": f"{BASE}/Patient?gender=female"}]
    assert bundle["entry"][0]["fullUrl"] == f"{BASE}/Patient/p1"
    assert bundle["entry"][0]["search"] == {"mode": "match"}
    assert bundle["entry"][0]["resource"] == supplier.get("/Patient/p1").json()


def test_pages_hold_every_match_once_though_others_are_written(supplier):
    bundle = supplier.get("/Observation?_count=7&_sort=-date").json()
    seen = found_ids(bundle)
    while link := next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None):
        supplier.delete(f"/Observation/{seen[-1]}")
        supplier.post(
            "/Observation",
            json={"resourceType": "Observation", "status": "final", "effectiveDateTime": "2030-01-01"},
            headers={"Content-Type": "application/fhir+json"},
        )
        bundle = supplier.get(link).json()
        assert bundle["total"] == 60
        assert any(link["relation"] == "self" for link in bundle["link"])
        seen += found_ids(bundle)
    assert len(seen) == len(set(seen)) == 60


@pytest.mark.parametrize("query", ["_summary=count", "_count=0"])
def test_a_count_brings_no_entries(supplier, query):
    bundle = supplier.get(f"/Observation?status=final&{query}").json()
    assert bundle["total"] == 40
    assert "entry" not in bundle


def test_total_can_be_left_out(supplier):
    assert "total" not in supplier.get("/Patient?_total=none").json()


def test_post_finds_what_get_finds(supplier):
    got = supplier.get("/Patient?gender=female&_sort=-birthdate").json()
    posted = supplier.post("/Patient/_search?gender=female", data={"_sort": "-birthdate"}).json()
    assert posted == got


def test_nothing_found_is_an_empty_searchset(supplier):
    answer = supplier.get("/Patient?name=nobody")
    assert answer.status_code == 200
    assert answer.json()["total"] == 0
    assert "entry" not in answer.json()


@pytest.mark.parametrize(
    "path",
    [
        "/Patient?birthdate=yesterday",
        "/Patient?birthdate=2020-13",
        "/Patient?birthdate=xx2020",
        "/Patient?_lastUpdated=soon",
        "/Patient?_count=-1",
        "/Patient?_count=many",
        "/Patient?_summary=maybe",
        "/Patient?name:above=x",
        "/Patient?gender:exact=x",
        "/Patient?_id:exact=p1",
        "/Patient?death-date:missing=perhaps",
        "/Patient?identifier=a|b|c",
        "/Patient?gender.code=x",
        "/Patient?_has:Encounter:patient=x",
        "/Patient?_has:Encounter:nobody:date=2020",
        "/Patient?_has:Encounter:patient:nobody=2020",
        "/Observation?code-value-quantity=a",
        "/Observation?code-value-quantity:missing=true",
        "/Observation?value-quantity=1e999999999",
        "/Encounter?_source:below=urn:x:y",
        "/Patient?name=%ff",
        "/Observation?value-quantity=heavy",
        "/Observation?value-quantity=nan",
    ],
)
def test_what_cannot_be_understood_is_refused(supplier, path):
    answer = supplier.get(path)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("query", ["bogus=1", "_sort=bogus", "_include=Patient:bogus", "_contained=both"])
def test_strict_handling_refuses_what_is_unknown(supplier, query):
    assert supplier.get(f"/Patient?{query}").json()["total"] == 4
    assert supplier.get(f"/Patient?{query}", headers={"Prefer": "handling=strict"}).status_code == 400


def test_a_page_that_is_no_longer_kept_is_gone(supplier):
    assert supplier.get("/Patient?_page=unknown.2").status_code == 410
    assert supplier.get("/Patient?_page=unknown.x").status_code == 400


def test_an_escaped_comma_is_part_of_the_value(start):
    code = {"coding": [{"system": "http://local.example", "code": "a,b"}]}
    client = start(
        [{"resourceType": "Condition", "id": "x", "code": code, "subject": {"reference": "Patient/p"}}]
    )
    assert found_ids(client.get(r"/Condition?code=a\,b").json()) == ["x"]
    assert found_ids(client.get("/Condition?code=a,b").json()) == []
