"""Reads, writes, transactions, content negotiation and capabilities of the reference supplier."""

import json

import pytest
from conftest import BASE, READER
from supplier_records import CONTENT

FHIR = {"Content-Type": "application/fhir+json"}
PATIENT = {"resourceType": "Patient", "name": [{"family": "New"}], "birthDate": "1990-01-01"}


def refused(answer, status):
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    assert answer.json()["resourceType"] == "OperationOutcome"
    return True


def test_read_answers_resource_version_and_date(supplier):
    answer = supplier.get("/Patient/p1")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == "application/fhir+json"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.json()["id"] == "p1"
    again = supplier.get("/Patient/p1", headers={"If-None-Match": 'W/"1"'})
    assert (again.status_code, again.content) == (304, b"")
    assert supplier.get("/Patient/p1/_history/1").json() == answer.json()
    head = supplier.head("/Patient/p1")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Patient/none", 404),
        ("GET", "/Patient/p1/_history/2", 404),
        ("GET", "/Patient/p1/_history/x", 404),
        ("GET", "/NoSuchType", 404),
        ("GET", "/NoSuchType/1", 404),
        ("GET", "/patient", 404),
        ("POST", "/NoSuchType", 404),
        ("GET", "/a/b/c/d", 404),
        ("PATCH", "/Patient/p1", 415),
        ("PUT", "/Patient", 415),
        ("PATCH", "/Patient/none", 404),
        ("DELETE", "", 405),
        ("GET", "/Patient/_search", 404),
    ],
)
def test_what_is_not_there_is_told_in_an_outcome(supplier, method, path, status):
    assert refused(supplier.request(method, BASE + path), status)


@pytest.mark.parametrize("accept", ["text/turtle", "text/html", "application/fhir+json;q=0"])
def test_other_formats_are_not_acceptable(supplier, accept):
    assert refused(supplier.get("/Patient/p1", headers={"Accept": accept}), 406)
    assert refused(supplier.get("/Patient?_format=ttl"), 406)


@pytest.mark.parametrize("accept", ["*/*", "text/html, application/*;q=0.5"])
def test_json_goes_out_as_fhir_json(supplier, accept):
    answer = supplier.get("/Patient/p1", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    assert supplier.get("/Patient/p1?_format=application/fhir+json").status_code == 200


def test_binary_goes_out_in_its_own_format_unless_fhir_is_asked_for(supplier):
    raw = supplier.get("/Binary/b1", headers={"Accept": "*/*"})
    assert (raw.content, raw.headers["Content-Type"]) == (CONTENT, "text/plain")
    assert supplier.get("/Binary/b1").json()["resourceType"] == "Binary"


def test_create_keeps_the_resource_under_a_new_id(supplier):
    sent = '{"resourceType":"Patient","id":"mine","extension":[{"url":"urn:x","valueDecimal":1.50}]}'
    answer = supplier.post("/Patient", content=sent, headers=FHIR)
    assert answer.status_code == 201
    identifier = answer.json()["id"]
    assert identifier != "mine"
    assert answer.headers["Location"] == f"{BASE}/Patient/{identifier}/_history/1"
    assert (answer.headers["ETag"], answer.json()["meta"]["versionId"]) == ('W/"1"', "1")
    assert b'"valueDecimal":1.50' in supplier.get(f"/Patient/{identifier}").content


def test_the_client_chooses_what_comes_back(supplier):
    minimal = supplier.post("/Patient", json=PATIENT, headers={**FHIR, "Prefer": "return=minimal"})
    assert (minimal.status_code, minimal.content) == (201, b"")
    told = supplier.post("/Patient", json=PATIENT, headers={**FHIR, "Prefer": "return=OperationOutcome"})
    assert told.json()["resourceType"] == "OperationOutcome"


def test_update_makes_versions_and_minds_if_match(supplier):
    changed = {**supplier.get("/Patient/p1").json(), "active": False}
    answer = supplier.put("/Patient/p1", json=changed, headers={**FHIR, "If-Match": 'W/"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert supplier.get("/Patient/p1").json()["active"] is False
    assert supplier.get("/Patient/p1/_history/1").json()["active"] is True
    assert refused(supplier.put("/Patient/p1", json=changed, headers={**FHIR, "If-Match": 'W/"1"'}), 412)
    new = supplier.put("/Patient/brand-new", json={**PATIENT, "id": "brand-new"}, headers=FHIR)
    assert (new.status_code, new.headers["Location"]) == (201, f"{BASE}/Patient/brand-new/_history/1")


def test_delete_leaves_a_version_behind(supplier):
    assert supplier.delete("/Condition/c1").status_code == 204
    assert refused(supplier.get("/Condition/c1"), 410)
    assert supplier.get("/Condition/c1/_history/1").status_code == 200
    assert refused(supplier.get("/Condition/c1/_history/2"), 410)
    assert supplier.get("/Condition").json()["total"] == 0
    assert supplier.delete("/Condition/c1").status_code == 204
    again = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}}
    back = supplier.put("/Condition/c1", json=again, headers=FHIR)
    assert (back.status_code, back.headers["ETag"]) == (201, 'W/"3"')


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"text"',
        "{}",
        '{"resourceType":"Observation","status":"final"}',
        '{"resourceType":"Patient","active":true,"active":false}',
        '{"resourceType":"Patient","name":[]}',
        '{"resourceType":"Patient","gender":null}',
        '{"resourceType":"Patient","name":[{}]}',
        '{"resourceType":"Patient","gender":""}',
        '{"resourceType":"Patient","id":"not an id"}',
        '{"resourceType":"Patient","birthDate":"soon"}',
        '{"resourceType":"Patient","identifier":[{"value":{"a":1}}]}',
        '{"resourceType":"Patient","meta":"x"}',
        '{"resourceType":"Patient","gender":"\\ud800"}',
        '{"resourceType":"Patient","multipleBirthInteger":NaN}',
        "[" * 100_000,
    ],
)
def test_what_is_no_well_formed_resource_is_refused(supplier, body):
    assert refused(supplier.post("/Patient", content=body, headers=FHIR), 400)
    assert supplier.get("/Patient?_summary=count").json()["total"] == 4


def test_a_null_may_keep_a_place_for_an_extension(supplier):
    name = {"given": ["A", None], "_given": [None, {"extension": [{"url": "urn:x", "valueCode": "masked"}]}]}
    answer = supplier.post("/Patient", json={"resourceType": "Patient", "name": [name]}, headers=FHIR)
    assert answer.status_code == 201


@pytest.mark.parametrize("content_type", ["text/csv", "text/plain", "application/fhir+json; charset=utf-16"])
def test_another_content_type_is_refused(supplier, content_type):
    answer = supplier.post("/Patient", content=json.dumps(PATIENT), headers={"Content-Type": content_type})
    assert refused(answer, 415)


@pytest.mark.parametrize("body", [{**PATIENT, "id": "other"}, PATIENT])
def test_an_update_must_repeat_the_id(supplier, body):
    assert refused(supplier.put("/Patient/p1", json=body, headers=FHIR), 400)


def entry(method, url, resource=None, full_url=None, **request):
    made = {"request": {"method": method, "url": url, **request}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def bundle(kind, *entries):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def test_a_transaction_links_what_it_creates(supplier):
    patient = "urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059"
    condition = {"resourceType": "Condition", "subject": {"reference": patient}}
    answer = supplier.post(
        "",
        json=bundle(
            "transaction",
            entry("GET", "Condition?_summary=count"),
            entry("POST", "Condition", condition),
            entry("POST", "Patient", PATIENT, patient),
            entry("DELETE", "Condition/c1"),
        ),
        headers=FHIR,
    )
    assert answer.status_code == 200
    found, kept, created, deleted = answer.json()["entry"]
    assert answer.json()["type"] == "transaction-response"
    assert kept["resource"]["subject"]["reference"] == f"Patient/{created['resource']['id']}"
    assert created["response"]["location"].startswith(f"{BASE}/Patient/")
    assert [item["response"]["status"] for item in (kept, created, deleted)] == ["201", "201", "204"]
    assert found["resource"]["total"] == 1
    assert supplier.get("/Condition/c1").status_code == 410


@pytest.mark.parametrize(
    ("failing", "status"),
    [
        (entry("PUT", "Patient/p1", {**PATIENT, "id": "p1"}, ifMatch='W/"9"'), 412),
        (entry("GET", "Patient/none"), 404),
        (entry("POST", "NoSuchType", {"resourceType": "NoSuchType"}), 404),
        (entry("POST", "Patient", {**PATIENT, "name": []}), 400),
        (entry("POST", "Patient"), 400),
        (
            entry(
                "POST",
                "Condition",
                {"resourceType": "Condition", "subject": {"reference": "Patient?name=nobody"}},
            ),
            412,
        ),
        (entry("POST", "Patient", PATIENT, ifNoneExist="_count=1"), 400),
        (entry("POST", "Patient", PATIENT, ifNoneExist="gender=male,female"), 412),
        (entry("PATCH", "Patient/p1"), 400),
        (entry("DELETE", "Patient"), 400),
        ({"resource": PATIENT}, 400),
        (entry("DELETE", "Patient/p9"), 400),
    ],
)
def test_a_transaction_that_fails_changes_nothing(supplier, failing, status):
    first = entry("PUT", "Patient/p9", {**PATIENT, "id": "p9"})
    assert refused(supplier.post("/", json=bundle("transaction", first, failing), headers=FHIR), status)
    assert supplier.get("/Patient/p9").status_code == 404
    assert supplier.get("/Patient?_summary=count").json()["total"] == 4


def test_the_entries_of_a_batch_stand_alone(supplier):
    answer = supplier.post(
        "",
        json=bundle("batch", entry("GET", "Patient/none"), entry("POST", "Patient", PATIENT)),
        headers=FHIR,
    )
    statuses = [item["response"]["status"] for item in answer.json()["entry"]]
    assert (answer.json()["type"], statuses) == ("batch-response", ["404", "201"])


def test_bundles_of_other_types_are_refused(supplier):
    assert refused(supplier.post("", json=bundle("collection"), headers=FHIR), 400)
    assert refused(supplier.post("", json={"resourceType": "Patient"}, headers=FHIR), 400)


def test_a_reader_cannot_write(supplier):
    reader = {"Authorization": f"Bearer {READER}", **FHIR}
    assert supplier.get("/Patient/p1", headers=reader).status_code == 200
    assert refused(supplier.post("/Patient", json=PATIENT, headers=reader), 403)
    assert refused(supplier.put("/Patient/p1", json={**PATIENT, "id": "p1"}, headers=reader), 403)
    assert refused(supplier.delete("/Patient/p1", headers=reader), 403)
    body = bundle("transaction", entry("POST", "Patient", PATIENT))
    assert refused(supplier.post("", json=body, headers=reader), 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Patient"),
        ("GET", "/Patient/p1"),
        ("GET", "/NoSuchType"),
        ("POST", "/Patient/_search"),
        ("POST", ""),
        ("DELETE", "/Patient/p1"),
        ("GET", "/$export"),
        ("GET", "/export-jobs/x"),
        ("GET", "/export-files/x/y"),
        ("GET", "/nowhere/at/all"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic dGVzdDp0ZXN0"])
def test_everything_else_needs_a_token(supplier, method, path, header):
    del supplier.headers["Authorization"]
    answer = supplier.request(method, BASE + path, headers={"Authorization": header} if header else {})
    assert refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_authorisation_nothing_asks_for_a_token(start):
    open_house = start(auth="none")
    del open_house.headers["Authorization"]
    assert open_house.get("/Patient/p1").status_code == 200
    assert open_house.get("/.well-known/smart-configuration").status_code == 404
    assert "security" not in open_house.get("/metadata").json()["rest"][0]


def test_what_is_declared_works(supplier):
    del supplier.headers["Authorization"]
    answer = supplier.get("/metadata")
    supplier.headers["Authorization"] = "Bearer test-token"
    statement = answer.json()
    assert (statement["kind"], statement["fhirVersion"]) == ("instance", "4.0.1")
    assert statement["software"] == {"name": "Harbour EPR", "version": "7.4.1"}
    assert statement["implementation"]["url"] == BASE
    samples = {
        "token": "x",
        "string": "x",
        "date": "2020",
        "reference": "Patient/x",
        "quantity": "1",
        "uri": "x",
        "number": "1",
    }
    for resource in statement["rest"][0]["resource"]:
        for parameter in resource["searchParam"]:
            if parameter["type"] == "composite":
                continue  # each has a form of its own
            path = f"/{resource['type']}?{parameter['name']}={samples[parameter['type']]}"
            found = supplier.get(path, headers={"Prefer": "handling=strict"})
            assert found.status_code == 200, path


def test_documentation_is_open_and_stays_in_its_folder(supplier, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    del supplier.headers["Authorization"]
    assert "Harbour" in supplier.get("https://epr.example/docs/").text
    assert supplier.get("https://epr.example/docs/none.html").status_code == 404
    assert supplier.get("https://epr.example/docs/%2e%2e/secret.txt").status_code == 404
    assert supplier.get("https://epr.example/login").status_code == 404
