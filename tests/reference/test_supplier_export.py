"""Bulk exports of the reference supplier: what they hold, and how they are started, followed and cancelled."""

import gzip
import json
import time
from datetime import datetime

import pytest
from conftest import BASE, READER, export, exported, finish
from supplier_records import records

FHIR = {"Content-Type": "application/fhir+json"}
ASYNC = {"Prefer": "respond-async"}


def kick_off(client, path="/$export", **options):
    answer = client.get(path, headers=ASYNC | options.pop("headers", {}), **options)
    assert answer.status_code == 202, answer.text
    return answer.headers["Content-Location"]


def posted(client, path, *parameters):
    body = {"resourceType": "Parameters", "parameter": list(parameters)}
    return client.post(path, json=body, headers=FHIR | ASYNC)


def names(client, manifest):
    return {f"{name}/{item['id']}" for name, items in exported(client, manifest).items() for item in items}


def test_a_system_export_holds_everything_as_it_is(supplier):
    manifest = export(supplier)
    found = exported(supplier, manifest)
    for name, items in found.items():
        bundle = supplier.get(f"/{name}?_count=1000").json()
        assert sorted(item["id"] for item in items) == sorted(
            entry["resource"]["id"] for entry in bundle["entry"]
        )
        assert all(item["resourceType"] == name for item in items)
    assert found["Patient"][0] == supplier.get(f"/Patient/{found['Patient'][0]['id']}").json()
    assert {item["type"]: item["count"] for item in manifest["output"]} == {
        "Binary": 1,
        "Condition": 1,
        "DocumentReference": 1,
        "Encounter": 4,
        "Group": 1,
        "Observation": 60,
        "Organization": 1,
        "Practitioner": 1,
        "Patient": 4,
    }


def test_the_way_from_kick_off_to_manifest(start):
    client = start(job_delay=0.4)
    accepted = client.get("/$export?_type=Patient", headers=ASYNC)
    location = accepted.headers["Content-Location"]
    assert (accepted.status_code, location.startswith(BASE)) == (202, True)
    running = client.get(location)
    assert (running.status_code, running.headers["Retry-After"]) == (202, "1")
    assert 0 < len(running.headers["X-Progress"]) < 100
    done = finish(client, location)
    manifest = done.json()
    assert (done.status_code, done.headers["Content-Type"]) == (200, "application/json")
    assert done.headers["Expires"].endswith("GMT")
    assert manifest["request"] == f"{BASE}/$export?_type=Patient"
    assert manifest["requiresAccessToken"] is True
    assert (manifest["deleted"], manifest["error"]) == ([], [])
    datetime.fromisoformat(manifest["transactionTime"])
    (item,) = manifest["output"]
    plain = client.get(item["url"], headers={"Accept-Encoding": "identity"})
    packed = client.get(item["url"], headers={"Accept-Encoding": "gzip"})
    assert plain.headers["Content-Type"] == packed.headers["Content-Type"] == "application/fhir+ndjson"
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.content == packed.content
    assert plain.content.count(b"\n") == item["count"] == 4


def test_files_are_split_at_the_limit(start):
    client = start(file_limit=25)
    manifest = export(client, "/$export?_type=Observation")
    assert [item["count"] for item in manifest["output"]] == [25, 25, 10]
    assert len(names(client, manifest)) == 60


def test_patient_export_holds_the_compartment_and_nothing_else(supplier):
    found = exported(supplier, export(supplier, "/Patient/$export"))
    assert {name: len(items) for name, items in found.items()} == {
        "Condition": 1,
        "DocumentReference": 1,
        "Encounter": 4,
        "Group": 1,
        "Observation": 60,
        "Patient": 4,
    }


def test_group_export_holds_its_active_members(supplier):
    found = exported(supplier, export(supplier, "/Group/g1/$export"))
    assert {item["id"] for item in found["Patient"]} == {"p1", "p2"}
    subjects = {item["subject"]["reference"] for item in found["Observation"] + found["Encounter"]}
    assert subjects == {"Patient/p1", "Patient/p2"}
    assert supplier.get("/Group/none/$export").status_code == 404


def test_a_post_can_choose_patients(supplier):
    p1 = {"name": "patient", "valueReference": {"reference": "Patient/p1"}}
    p3 = {"name": "patient", "valueReference": {"reference": "Patient/p3"}}
    types = {"name": "_type", "valueString": "Patient,Observation"}
    accepted = posted(supplier, "/Patient/$export", p1, p3, types)
    manifest = finish(supplier, accepted.headers["Content-Location"]).json()
    found = exported(supplier, manifest)
    assert manifest["request"] == f"{BASE}/Patient/$export"
    assert {item["id"] for item in found["Patient"]} == {"p1", "p3"}
    assert {item["subject"]["reference"] for item in found["Observation"]} == {"Patient/p1", "Patient/p3"}
    nobody = {"name": "patient", "valueReference": {"reference": "Patient/none"}}
    assert posted(supplier, "/Patient/$export", nobody).status_code == 400
    assert (
        posted(
            supplier, "/Group/g1/$export", {**p3, "valueReference": {"reference": "Patient/p4"}}
        ).status_code
        == 400
    )
    assert posted(supplier, "/$export", p1).status_code == 400


@pytest.mark.parametrize(
    "alias", ["application/fhir%2Bndjson", "application/fhir+ndjson", "application/ndjson", "ndjson"]
)
def test_ndjson_goes_by_three_names(supplier, alias):
    assert export(supplier, f"/$export?_type=Patient&_outputFormat={alias}")["output"]


@pytest.mark.parametrize(
    "query",
    [
        "_outputFormat=text/csv",
        "_type=NoSuchType",
        "_since=yesterday",
        "_since=2020-01-01",
        "_until=2020",
        "_typeFilter=Patient",
        "_typeFilter=NoSuchType%3Fx%3D1",
        "_typeFilter=Patient%3Fbogus%3D1",
        "_typeFilter=Patient%3F_sort%3Dname",
        "_elements=Patient.name.family",
        "patient=Patient/p1",
        "includeAssociatedData=_x",
        "organizeOutputBy=Encounter",
        "allowPartialManifests=perhaps",
        "bogus=1",
    ],
)
def test_kick_offs_that_cannot_be_honoured_are_refused(supplier, query):
    for path in ("/$export", "/Patient/$export"):
        answer = supplier.get(f"{path}?{query}", headers={"Prefer": "respond-async, handling=strict"})
        assert answer.status_code == 400
        assert answer.json()["resourceType"] == "OperationOutcome"
    assert supplier.get("/Patient/$export?_type=Organization").status_code == 400


def test_lenient_handling_tells_what_it_ignored(supplier):
    location = kick_off(supplier, "/$export?_type=Patient&bogus=1", headers={"Prefer": "handling=lenient"})
    manifest = finish(supplier, location).json()
    (outcome,) = exported(supplier, manifest, "error")["OperationOutcome"]
    assert "bogus" in outcome["issue"][0]["diagnostics"]
    assert len(manifest["output"]) == 1


def test_type_filters_of_one_type_are_alternatives(supplier):
    one = "_typeFilter=Observation%3Fcode%3D8302-2%26value-quantity%3Dgt155"
    other = "_typeFilter=Observation%3F_id%3Do000"
    found = names(supplier, export(supplier, f"/$export?_type=Observation,Patient&{one}&{other}"))
    assert {name for name in found if name.startswith("Observation")} == {
        *("Observation/o057", "Observation/o059", "Observation/o000")
    }
    assert len(found) == 7


def test_since_brings_what_changed_and_tells_what_was_deleted(supplier):
    first = export(supplier)
    supplier.put("/Patient/p4", json=supplier.get("/Patient/p4").json(), headers=FHIR)
    supplier.delete("/Observation/o007")
    second = export(supplier, f"/$export?_since={first['transactionTime']}")
    assert names(supplier, second) == {"Patient/p4"}
    (bundle,) = exported(supplier, second, "deleted")["Bundle"]
    assert bundle["type"] == "transaction"
    assert bundle["entry"] == [{"request": {"method": "DELETE", "url": "Observation/o007"}}]
    third = export(supplier, f"/$export?_since={second['transactionTime'].replace('Z', '%2B00:00')}")
    assert (third["output"], third["deleted"]) == ([], [])
    earlier = export(supplier, "/$export?_until=2000-01-01T00:00:00Z")
    assert earlier["output"] == []
    o007 = export(supplier, f"/Patient/$export?_since={first['transactionTime']}")
    assert exported(supplier, o007, "deleted")["Bundle"] == [bundle]


def test_an_export_shows_one_moment(start):
    client = start(job_delay=0)
    location = kick_off(client, "/$export?_type=Observation")
    for number in range(30, 60):
        client.delete(f"/Observation/o{number:03}")
    client.post("/Observation", json={"resourceType": "Observation", "status": "final"}, headers=FHIR)
    manifest = finish(client, location).json()
    assert len(names(client, manifest)) == 60


def test_attachments_can_be_fetched_from_the_address_in_the_export(supplier):
    (document,) = exported(supplier, export(supplier, "/Patient/$export"))["DocumentReference"]
    attachment = document["content"][0]["attachment"]
    assert attachment["url"] == f"{BASE}/Binary/b1"
    content = supplier.get(attachment["url"], headers={"Accept": "*/*"}).content
    assert len(content) == attachment["size"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_file_that_is_removed_while_it_is_asked_for_is_not_found(start, tmp_path, encoding):
    client = start(data_dir=tmp_path)
    manifest = export(client, "/$export?_type=Patient")
    (file,) = (tmp_path / "exports").glob("*/*.ndjson")
    file.unlink()
    answer = client.get(manifest["output"][0]["url"], headers={"Accept-Encoding": encoding})
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_cancelled_job_is_forgotten_with_its_files(start, tmp_path):
    client = start(data_dir=tmp_path, job_delay=0.3)
    running, done = kick_off(client), kick_off(client)
    assert client.delete(running).status_code == 202
    manifest = finish(client, done).json()
    url = manifest["output"][0]["url"]
    assert client.get(url).status_code == 200
    assert client.delete(done).status_code == 202
    for location in (running, done):
        for answer in (client.get(location), client.delete(location)):
            assert (answer.status_code, answer.json()["resourceType"]) == (404, "OperationOutcome")
    assert client.get(url).status_code == 404
    time.sleep(0.4)
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_job_is_forgotten_when_its_time_is_over(start, tmp_path):
    client = start(data_dir=tmp_path, job_lifetime=0.5)
    location = kick_off(client)
    assert finish(client, location).status_code == 200
    time.sleep(0.9)
    assert list((tmp_path / "exports").iterdir()) == []  # nobody asked: the files go by themselves
    assert client.get(location).status_code == 404


def test_scopes_decide_what_can_be_exported(start):
    client = start(static_tokens={"few": "system/Patient.rs", "none": "system/*.cud", "all": "system/*.read"})
    few, nothing, everything = ({"Authorization": f"Bearer {name}"} for name in ("few", "none", "all"))
    assert client.get("/$export", headers=nothing).status_code == 403
    assert client.get("/$export?_type=Observation", headers=few).status_code == 403
    client.headers.update(few)
    assert [item["type"] for item in export(client)["output"]] == ["Patient"]
    location = client.get("/$export?_type=Observation", headers=everything).headers["Content-Location"]
    assert client.get(location).status_code == 403
    client.headers.update(everything)
    url = finish(client, location).json()["output"][0]["url"]
    assert client.get(url).status_code == 200
    assert client.get(url, headers=few).status_code == 403
    assert client.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_reader_may_cancel_what_it_started(supplier):
    supplier.headers["Authorization"] = f"Bearer {READER}"
    assert supplier.delete(kick_off(supplier)).status_code == 202


def test_every_line_is_json_and_packs_as_gzip(supplier):
    (item,) = export(supplier, "/$export?_type=Observation")["output"]
    with supplier.stream("GET", item["url"], headers={"Accept-Encoding": "gzip"}) as answer:
        lines = gzip.decompress(b"".join(answer.iter_raw())).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"o{number:03}" for number in range(60)]


def test_elements_leave_the_rest_out_and_say_so(supplier):
    path = "/$export?_type=Patient,Encounter,Practitioner&_elements=Patient.birthDate,identifier"
    found = exported(supplier, export(supplier, path))
    assert set(found["Patient"][0]) == {"resourceType", "id", "meta", "identifier", "active", "birthDate"}
    assert set(found["Encounter"][0]) == {"resourceType", "id", "meta", "status", "class"}
    tags = [resource["meta"]["tag"][0]["code"] for items in found.values() for resource in items]
    assert tags == ["SUBSETTED"] * 9


def test_files_by_patient_are_blocks_that_begin_with_a_header(start):
    client = start(file_limit=45)
    manifest = export(client, "/Patient/$export?organizeOutputBy=Patient")
    assert manifest["outputOrganizedBy"] == "Patient"
    assert all("type" not in item and "continuesInFile" not in item for item in manifest["output"])
    assert len(manifest["output"]) == 2
    blocks = []
    for item in manifest["output"]:
        for line in client.get(item["url"]).content.splitlines():
            resource = json.loads(line)
            if resource["resourceType"] == "Parameters":
                blocks.append([resource["parameter"][0]["valueReference"]["reference"]])
            else:
                blocks[-1].append(f"{resource['resourceType']}/{resource['id']}")
    assert [block[0] for block in blocks] == [block[1] for block in blocks]
    assert [block[0] for block in blocks] == [f"Patient/p{number}" for number in range(1, 5)]
    assert "Encounter/e2" in blocks[1]
    assert len(blocks[2]) == 2 + 15 + 1 + 1


def test_a_client_that_takes_partial_manifests_gets_two_pages(start):
    client = start(job_delay=0.5)
    location = kick_off(client, "/$export?allowPartialManifests=true")
    until = time.monotonic() + 5
    while not (early := client.get(location)).content and time.monotonic() < until:
        time.sleep(0.01)
    assert (early.status_code, "link" in early.json()) == (202, False)
    assert client.get(early.json()["output"][0]["url"]).status_code == 200
    first = finish(client, location).json()
    (link,) = first.pop("link")
    assert (first, link["relation"]) == (early.json(), "next")
    second = client.get(link["url"]).json()
    for member in ("transactionTime", "request", "requiresAccessToken"):
        assert first[member] == second[member]
    types = [item["type"] for item in (*first["output"], *second["output"])]
    assert types == [item["type"] for item in export(client)["output"]]
    assert client.get(location + "/2").status_code == 404 or client.get(location + "/3").status_code == 404


def test_a_separate_export_status_is_told_apart_from_that_of_the_request(start):
    client = start(job_delay=0.3)
    accepted = client.get("/$export", headers={"Prefer": "respond-async, separate-export-status"})
    assert accepted.headers["Preference-Applied"] == "respond-async, separate-export-status"
    location = accepted.headers["Content-Location"]
    running = client.get(location)
    assert (running.status_code, running.headers["X-Export-Status"], running.content) == (200, "202", b"")
    until = time.monotonic() + 5
    while (done := client.get(location)).headers["X-Export-Status"] == "202" and time.monotonic() < until:
        time.sleep(0.01)
    assert (done.status_code, done.headers["X-Export-Status"]) == (200, "200")
    assert done.json()["output"]


def test_who_asks_too_often_is_told_when_to_come_back(start):
    client = start(job_delay=1, polls_a_second=3)
    location = kick_off(client)
    answers = [client.get(location) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert (answers[3].headers["Retry-After"], answers[3].json()["issue"][0]["code"]) == ("1", "throttled")


def provenance(number, recorded, *targets):
    return {
        "resourceType": "Provenance",
        "id": f"v{number}",
        "recorded": recorded,
        "target": [{"reference": target} for target in targets],
        "agent": [{"who": {"reference": "Practitioner/dr"}}],
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("LatestProvenanceResources", {"v2", "v3"}),
        ("RelevantProvenanceResources", {"v1", "v2", "v3"}),
        ("LatestProvenanceResources,RelevantProvenanceResources", {"v1", "v2", "v3"}),
        ("", {"v1", "v2", "v3", "v4"}),
    ],
)
def test_provenance_comes_with_what_it_is_about(start, values, expected):
    client = start(
        [
            *records(),
            provenance(1, "2024-01-01T00:00:00Z", "Patient/p1"),
            provenance(2, "2024-02-01T00:00:00Z", "Patient/p1/_history/1"),
            provenance(3, "2024-01-01T00:00:00Z", "Patient/p2"),
            provenance(4, "2024-01-01T00:00:00Z", "Encounter/e1"),
        ]
    )
    query = f"?_type=Patient&includeAssociatedData={values}" if values else "?_type=Provenance"
    found = exported(client, export(client, f"/$export{query}"))
    assert {item["id"] for item in found["Provenance"]} == expected


def test_the_ballot_is_started_by_post_and_tells_outcomes(start):
    client = start(bulk_edition="STU4-ballot")
    assert client.get("/$export", headers=ASYNC).status_code == 405
    accepted = posted(client, "/$export", {"name": "_type", "valueString": "Patient"})
    manifest = finish(client, accepted.headers["Content-Location"]).json()
    assert (manifest["outcome"], "error" in manifest, "request" in manifest) == ([], False, False)
    assert [item["type"] for item in manifest["output"]] == ["Patient"]
