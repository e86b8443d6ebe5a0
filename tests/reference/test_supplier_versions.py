"""The supplier's history, patches, conditional interactions and operations, honestly."""

import pytest
from conftest import READER, found_ids
from supplier_looks_writes import FHIR, PATCH, PATIENT, SEARCH, bundle, entry, made, patch, put, versions

from conformance.reference.forms.outcomes import RequestError
from conformance.reference.rest.patching import PatchFailed, patched

DOCUMENT = {"a": [1, {"b": "x"}], "~/": True}


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    return True


# ------------------------------------------------------------------ JSON Patch


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ({"op": "add", "path": "/c", "value": 2}, DOCUMENT | {"c": 2}),
        ({"op": "add", "path": "/a/0", "value": 0}, DOCUMENT | {"a": [0, 1, {"b": "x"}]}),
        ({"op": "add", "path": "/a/-", "value": 0}, DOCUMENT | {"a": [1, {"b": "x"}, 0]}),
        ({"op": "remove", "path": "/a/1"}, DOCUMENT | {"a": [1]}),
        ({"op": "replace", "path": "/a/1/b", "value": "y"}, DOCUMENT | {"a": [1, {"b": "y"}]}),
        ({"op": "replace", "path": "/a/0", "value": "y"}, DOCUMENT | {"a": ["y", {"b": "x"}]}),
        ({"op": "replace", "path": "", "value": []}, []),
        ({"op": "move", "from": "/a/0", "path": "/c"}, DOCUMENT | {"a": [{"b": "x"}], "c": 1}),
        ({"op": "copy", "from": "/a/1", "path": "/c"}, DOCUMENT | {"c": {"b": "x"}}),
        ({"op": "remove", "path": "/~0~1"}, {"a": DOCUMENT["a"]}),
        ({"op": "test", "path": "/a/1", "value": {"b": "x"}}, DOCUMENT),
    ],
)
def test_an_operation(operation, result):
    assert patched(DOCUMENT, [operation]) == result
    assert DOCUMENT == {"a": [1, {"b": "x"}], "~/": True}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a/0", "value": True},
        {"op": "test", "path": "/c", "value": 1},
        {"op": "remove", "path": "/c"},
        {"op": "replace", "path": "/c", "value": 1},
        {"op": "add", "path": "/a/3", "value": 1},
        {"op": "add", "path": "/a/01", "value": 1},
        {"op": "add", "path": "/a/0/x", "value": 1},
        {"op": "add", "path": "c", "value": 1},
        {"op": "move", "from": "/none", "path": "/c"},
    ],
)
def test_an_operation_that_fails(operation):
    with pytest.raises(PatchFailed):
        patched(DOCUMENT, [operation])


@pytest.mark.parametrize(
    "body", [{}, [1], [{"op": "add", "path": "/a"}], [{"op": "x", "path": ""}], [{"op": "move", "path": ""}]]
)
def test_what_is_no_patch(body):
    with pytest.raises(RequestError) as refusal:
        patched(DOCUMENT, body)
    assert refusal.value.status == 400


def test_patches_are_checked_as_updates_are(supplier):
    path = f"/Patient/{made(supplier)['id']}"
    assert refused(patch(supplier, path, {"op": "add", "path": "/name", "value": []}), 400)
    assert refused(patch(supplier, path, {"op": "replace", "path": "/id", "value": "other"}), 400)
    assert refused(patch(supplier, path, {"op": "replace", "path": "", "value": 1}), 422)
    assert refused(supplier.patch(path, content=b"{", headers=PATCH), 400)
    assert refused(supplier.patch(path, json=[], headers=FHIR), 415)
    assert refused(patch(supplier, "/Patient/none"), 404)
    assert refused(patch(supplier, "/Patient?identifier=none"), 404)
    assert refused(patch(supplier, "/Patient?gender=female,male"), 412)
    assert patch(supplier, path).status_code == 200


# ------------------------------------------------------------------ history


def test_a_history_tells_what_was_done(supplier):
    path = versions(supplier)
    told = supplier.get(f"{path}/_history").json()
    assert (told["type"], told["total"]) == ("history", 3)
    methods = [(one["request"]["method"], one["response"]["status"]) for one in told["entry"]]
    assert methods == [("DELETE", "204"), ("PUT", "200"), ("POST", "201")]
    assert told["entry"][0]["response"]["etag"] == 'W/"3"'


def test_a_history_goes_from_page_to_page(supplier):
    found, link = [], "/_history?_count=7"
    while link:
        page = supplier.get(link).json()
        found += [one["fullUrl"] for one in page["entry"]]
        assert len(page["entry"]) <= 7
        link = next((one["url"] for one in page["link"] if one["relation"] == "next"), None)
    assert len(found) == page["total"] == len(set(found))


def test_a_history_since_an_instant(supplier):
    assert supplier.get("/Patient/_history?_since=2090-01-01T00:00:00Z").json()["total"] == 0
    assert refused(supplier.get("/Patient/_history?_since=2090"), 400)
    assert refused(supplier.get("/Patient/_history?_count=0"), 400)
    assert refused(supplier.get("/Patient/none/_history"), 404)


def test_a_history_shows_what_the_reader_may_see(start):
    supplier = start(static_tokens={"only-patients": "system/Patient.rs"})
    supplier.headers["Authorization"] = "Bearer only-patients"
    kinds = {one["resource"]["resourceType"] for one in supplier.get("/_history?_count=1000").json()["entry"]}
    assert kinds == {"Patient"}
    assert refused(supplier.get("/Observation/_history"), 403)


# ------------------------------------------------------------------ by a search


def test_a_conditional_update_with_an_id_of_another(supplier):
    patient = made(supplier)
    assert refused(supplier.put(SEARCH, json=PATIENT | {"id": "other"}, headers=FHIR), 400)
    assert supplier.put(SEARCH, json=patient, headers=FHIR | {"If-Match": 'W/"1"'}).status_code == 200
    assert refused(supplier.put(SEARCH, json=patient, headers=FHIR | {"If-Match": 'W/"1"'}), 412)
    chosen = supplier.put("/Patient?identifier=none", json=PATIENT | {"id": "chosen"}, headers=FHIR)
    assert (chosen.status_code, chosen.json()["id"]) == (201, "chosen")


@pytest.mark.parametrize("query", ["", "?", "?_count=3", "?bogus=1"])
def test_a_search_that_chooses_nothing_changes_nothing(supplier, query):
    assert refused(supplier.delete(f"/Patient{query}"), 400)
    assert refused(supplier.put(f"/Patient{query}", json=PATIENT, headers=FHIR), 400)
    assert supplier.get("/Patient?_summary=count").json()["total"] == 4


def test_who_may_not_search_cannot_change_by_a_search(start):
    supplier = start(static_tokens={"writer": "system/*.cud"})
    supplier.headers["Authorization"] = "Bearer writer"
    assert refused(supplier.put(SEARCH, json=PATIENT, headers=FHIR), 403)
    assert refused(supplier.delete(SEARCH), 403)
    assert refused(supplier.post("/Patient", json=PATIENT, headers=FHIR | {"If-None-Exist": SEARCH}), 403)


def test_entries_of_a_transaction_can_choose_by_a_search(supplier):
    patient = made(supplier)
    query = SEARCH.removeprefix("/")
    other = {"resourceType": "Condition", "subject": {"reference": "urn:uuid:p"}}
    create = entry("POST", "Patient", PATIENT, "urn:uuid:p")
    create["request"]["ifNoneExist"] = query.partition("?")[2]
    answer = bundle(supplier, "transaction", entry("POST", "Condition", other), create).json()["entry"]
    assert [one["response"]["status"] for one in answer] == ["201", "200"]
    assert answer[0]["resource"]["subject"]["reference"] == f"Patient/{patient['id']}"
    twice = bundle(
        supplier, "transaction", entry("PUT", query, PATIENT), entry("DELETE", f"Patient/{patient['id']}")
    )
    assert refused(twice, 400)
    assert bundle(supplier, "transaction", entry("DELETE", query)).status_code == 200
    assert found_ids(supplier.get(SEARCH).json()) == []


def test_links_in_narrative_and_by_restful_urls_are_rewritten(supplier):
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="urn:uuid:p">x</a></div>'
    body = PATIENT | {
        "text": {"status": "generated", "div": div},
        "link": [{"other": {"reference": "Patient/there"}, "type": "seealso"}],
    }
    first = entry("POST", "Patient", PATIENT, "urn:uuid:p")
    second = entry("POST", "Patient", PATIENT, "https://elsewhere.example/fhir/Patient/there")
    answer = bundle(supplier, "transaction", entry("POST", "Patient", body), first, second).json()["entry"]
    new = [f"Patient/{one['resource']['id']}" for one in answer]
    assert f'href="{new[1]}"' in answer[0]["resource"]["text"]["div"]
    assert answer[0]["resource"]["link"][0]["other"]["reference"] == new[2]


def test_a_version_can_be_read_in_a_batch(supplier):
    patient = made(supplier)
    put(supplier, patient | {"gender": "male"})
    path = f"Patient/{patient['id']}/_history"
    answer = bundle(supplier, "batch", entry("GET", f"{path}/1"), entry("GET", f"{path}/9")).json()["entry"]
    assert answer[0]["resource"]["gender"] == "female"
    assert answer[1]["response"]["status"] == "404"


# ------------------------------------------------------------------ conditions and operations


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("If-None-Match", "*", 304),
        ("If-None-Match", 'W/"7", W/"1"', 304),
        ("If-None-Match", 'W/"7"', 200),
        ("If-Modified-Since", "Sun, 01 Jan 2090 00:00:00 GMT", 304),
        ("If-Modified-Since", "Sun, 01 Jan 1990 00:00:00 GMT", 200),
        ("If-Modified-Since", "no date", 200),
    ],
)
def test_reads_with_a_condition(supplier, header, value, status):
    answer = supplier.get("/Patient/p1", headers={header: value})
    assert answer.status_code == status
    assert bool(answer.content) is (status == 200)


def test_a_tag_outweighs_a_date(supplier):
    headers = {"If-None-Match": 'W/"7"', "If-Modified-Since": "Sun, 01 Jan 2090 00:00:00 GMT"}
    assert supplier.get("/Patient/p1", headers=headers).status_code == 200


def severities(answer):
    return {issue["severity"] for issue in answer.json()["issue"]}


@pytest.mark.parametrize(
    ("resource", "severity"),
    [
        (PATIENT, "information"),
        (
            {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": PATIENT}]},
            "information",
        ),
        (PATIENT | {"name": []}, "error"),
        (PATIENT | {"birthDate": "soon"}, "error"),
        ({"resourceType": "Group"}, "error"),
    ],
)
def test_validation_is_a_simple_reading(supplier, resource, severity):
    answer = supplier.post("/Patient/$validate", json=resource, headers=FHIR)
    assert (answer.status_code, severities(answer)) == (200, {severity})


def test_validation_of_what_is_there_or_lacks_something(supplier):
    assert severities(supplier.get("/Patient/p1/$validate")) == {"information"}
    lacking = {"resourceType": "Observation", "status": "final"}
    assert severities(supplier.post("/Observation/$validate", json=lacking, headers=FHIR)) == {"error"}
    assert refused(
        supplier.post("/Patient/$validate", json={"resourceType": "Parameters"}, headers=FHIR), 400
    )
    assert refused(supplier.get("/Patient/none/$validate"), 404)


def test_everything_about_a_patient(supplier):
    found = supplier.get("/Patient/p2/$everything").json()
    kinds = {one["resource"]["resourceType"] for one in found["entry"]}
    assert {"Patient", "Observation", "Encounter"} <= kinds
    assert all("p2" in str(one["resource"]) for one in found["entry"])
    supplier.delete("/Encounter/e2")
    assert supplier.get("/Patient/p2/$everything").json()["total"] == found["total"] - 1
    assert refused(supplier.get("/Patient/none/$everything"), 404)
    supplier.headers["Authorization"] = f"Bearer {READER}"
    assert supplier.get("/Patient/p2/$everything").status_code == 200
