"""Every fault of the server shows in what it answers, and the honest server never shows it.

For each there is one look at the supplier that tells right from wrong.
"""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from conftest import BASE, TOKEN, export, exported, finish, found_ids
from supplier_records import CONTENT, NHS, records
from test_supplier_smart import ask

from conformance.reference.faults import FAULT_NAMED, FAULTS, behaviour_of

FHIR = {"Content-Type": "application/fhir+json"}
NEW = {"resourceType": "Patient", "id": "mine", "extension": [{"url": "urn:x", "valueBoolean": True}]}


def media(answer):
    return answer.headers["Content-Type"].split(";")[0]


def created(client, body=NEW):
    return client.post("/Patient", json=body, headers=FHIR)


def updated(client, body, **headers):
    return client.put("/Patient/p1", json=body, headers=FHIR | headers)


def search_pages(client, path):
    bundle = client.get(path).json()
    found = found_ids(bundle)
    while link := next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None):
        bundle = client.get(link).json()
        found += found_ids(bundle)
    return found


def stale(client):
    first = client.get("/Patient/p1").json()
    updated(client, first)
    return updated(client, first, **{"If-Match": 'W/"1"'}).status_code == 412


def kept(client):
    updated(client, {**client.get("/Patient/p1").json(), "active": False})
    return client.get("/Patient/p1").json()["active"] is False


def gone(client):
    client.delete("/Patient/p1")
    return client.get("/Patient/p1").status_code == 410


def atomic(client):
    first = {"request": {"method": "POST", "url": "Patient"}, "resource": NEW}
    failing = {"request": {"method": "GET", "url": "Patient/none"}}
    client.post(
        "", json={"resourceType": "Bundle", "type": "transaction", "entry": [first, failing]}, headers=FHIR
    )
    return client.get("/Patient?_summary=count").json()["total"] == 4


def declared_search_works(client):
    for resource in client.get("/metadata").json()["rest"][0]["resource"]:
        for parameter in resource["searchParam"]:
            if (
                parameter["type"] == "token"
                and client.get(f"/{resource['type']}?{parameter['name']}=x").is_error
            ):
                return False
    return True


def tight(client):
    return not any(
        re.search(rb":\[\]|:null", client.get(f"/Observation/o{number:03}").content) for number in range(60)
    )


def manifest_and_headers(client, path="/$export"):
    answer = finish(client, client.get(path).headers["Content-Location"])
    return answer.json(), answer.headers


def manifest_is(test):
    return lambda client: test(manifest_and_headers(client)[0])


def output_is(test):
    return lambda client: test(exported(client, export(client)))


def counts_hold(client):
    return all(
        client.get(item["url"]).content.count(b"\n") == item["count"] for item in export(client)["output"]
    )


def since(client):
    return len(exported(client, export(client, "/$export?_since=2020-01-01T00:00:00Z"))["Observation"]) == 60


def running(client):
    location = client.get("/$export").headers["Content-Location"]
    answer = client.get(location)
    client.delete(location)
    return answer


def cancelled(client):
    location = client.get("/$export").headers["Content-Location"]
    return client.delete(location), client.get(location)


def one_type_each(client):
    return all(
        json.loads(line)["resourceType"] == item["type"]
        for item in export(client)["output"]
        for line in client.get(item["url"]).content.splitlines()
    )


def all_parse(client):
    try:
        exported(client, export(client))
    except ValueError:
        return False
    return True


def file_answer(client, token):
    url = export(client)["output"][0]["url"]
    client.headers.pop("Authorization")
    answer = client.get(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    client.headers["Authorization"] = f"Bearer {TOKEN}"
    return answer.status_code


def status_is_closed(client):
    location = client.get("/$export").headers["Content-Location"]
    client.headers.pop("Authorization")
    answer = client.get(location)
    client.headers["Authorization"] = f"Bearer {TOKEN}"
    return answer.status_code == 401


def system(client):
    return client.get("/metadata").json()["rest"][0]


def patient_operations(client):
    return next(item["operation"] for item in system(client)["resource"] if item["type"] == "Patient")


def is_recent(manifest):
    return datetime.fromisoformat(manifest["transactionTime"]) > datetime.now(UTC) - timedelta(days=1)


def attachments_are_absolute(found):
    urls = [item["content"][0]["attachment"]["url"] for item in found["DocumentReference"]]
    return urls == [f"{BASE}/Binary/b1"]


def exported_ids(found):
    return sorted(f"{name}/{item['id']}" for name, items in found.items() for item in items)


def all_there(found):
    return exported_ids(found) == sorted(f"{item['resourceType']}/{item['id']}" for item in records())


def resolved(found):
    known = {*exported_ids(found), "urn:uuid:p2"}
    return all(reference in known for reference in re.findall(r'"reference": "([^"]*)"', json.dumps(found)))


def nhs_numbers_hold(found):
    original = {item["id"]: item["identifier"] for item in records() if item["resourceType"] == "Patient"}
    return all(item["identifier"] == original[item["id"]] for item in found["Patient"]) and all(
        identifier["system"] != NHS or len(identifier["value"]) == 10
        for item in found["Patient"]
        for identifier in item["identifier"]
    )


def content_holds(client):
    (binary,) = exported(client, export(client))["Binary"]
    raw = client.get("/Binary/b1", headers={"Accept": "*/*"}).content
    return raw == base64.b64decode(binary["data"]) == CONTENT


def twice_the_same(client):
    return exported_ids(exported(client, export(client))) == exported_ids(exported(client, export(client)))


def refuses_assertion(make):
    return lambda client, keys: ask(client, make(keys)).status_code == 400


RIGHT = {
    "metadata-lacks-kind": lambda client: "kind" in client.get("/metadata").json(),
    "metadata-states-other-version": lambda client: client.get("/metadata").json()["fhirVersion"] == "4.0.1",
    "declared-search-parameter-fails": declared_search_works,
    "resource-labelled-plain-json": lambda client: (
        {media(client.get(path)) for path in ("/Patient", "/Patient/p1")} == {"application/fhir+json"}
    ),
    "resources-with-empty-arrays": tight,
    "read-returns-other-resource": lambda client: all(
        client.get(f"/Observation/o{number:03}").json()["id"] == f"o{number:03}" for number in range(60)
    ),
    "unknown-id-answers-200": lambda client: client.get("/Patient/none").status_code == 404,
    "errors-are-html": lambda client: media(client.get("/Patient/none")) == "application/fhir+json",
    "read-without-etag": lambda client: "ETag" in client.get("/Patient/p1").headers,
    "unknown-type-answers-200": lambda client: client.get("/NoSuchType").status_code == 404,
    "search-bundle-is-collection": lambda client: client.get("/Patient").json()["type"] == "searchset",
    "search-without-self-link": lambda client: client.get("/Patient").json().get("link", []) != [],
    "search-misses-second-page": lambda client: len(search_pages(client, "/Observation?_count=20")) == 60,
    "search-total-is-page-size": lambda client: client.get("/Observation?_count=20").json()["total"] == 60,
    "token-search-ignores-system": lambda client: (
        client.get("/Patient?identifier=https://x.example|9434765919").json()["total"] == 0
    ),
    "string-search-case-sensitive": lambda client: client.get("/Patient?family=smITH").json()["total"] == 1,
    "id-search-returns-more": lambda client: client.get("/Patient?_id=p1").json()["total"] == 1,
    "date-ge-excludes-equal": lambda client: (
        client.get("/Patient?birthdate=ge2001-12-31").json()["total"] == 1
    ),
    "reference-search-by-prefix": lambda client: (
        client.get("/Encounter?patient=Patient/p2").json()["total"] == 1
    ),
    "no-match-answers-404": lambda client: client.get("/Patient?name=nobody").status_code == 200,
    "strict-handling-ignored": lambda client: (
        client.get("/Patient?bogus=1", headers={"Prefer": "handling=strict"}).status_code == 400
    ),
    "count-summary-is-wrong": lambda client: client.get("/Patient?_summary=count").json()["total"] == 4,
    "count-parameter-exceeded": lambda client: len(found_ids(client.get("/Patient?_count=2").json())) == 2,
    "last-updated-ignored": lambda client: client.get("/Patient?_lastUpdated=gt2090").json()["total"] == 0,
    "sort-ignored": lambda client: (
        found_ids(client.get("/Patient?_sort=-_id").json()) == ["p4", "p3", "p2", "p1"]
    ),
    "post-search-differs": lambda client: client.post("/Patient/_search", data={}).json()["total"] == 4,
    "create-without-location": lambda client: "Location" in created(client).headers,
    "create-drops-extensions": lambda client: created(client).json().get("extension") == NEW["extension"],
    "create-keeps-client-id": lambda client: created(client).json()["id"] != "mine",
    "update-is-not-kept": kept,
    "stale-update-accepted": stale,
    "update-accepts-mismatched-id": lambda client: updated(client, NEW).status_code == 400,
    "deleted-resource-still-read": gone,
    "transaction-keeps-half": atomic,
    "kickoff-answers-200": lambda client: client.get("/$export").status_code == 202,
    "kickoff-relative-content-location": lambda client: (
        client.get("/$export").headers["Content-Location"].startswith(BASE)
    ),
    "kickoff-error-without-outcome": lambda client: (
        media(client.get("/$export?_outputFormat=csv")) == "application/fhir+json"
    ),
    "export-refuses-ndjson-alias": lambda client: client.get("/$export?_outputFormat=ndjson").is_success,
    "export-refuses-application-ndjson": lambda client: (
        client.get("/$export?_outputFormat=application/ndjson").is_success
    ),
    "export-refuses-fhir-ndjson": lambda client: (
        client.get(f"/$export?_outputFormat={quote('application/fhir+ndjson')}").is_success
    ),
    "export-since-misses-changes": since,
    "export-ignores-type": lambda client: (
        {*exported(client, export(client, "/$export?_type=Patient"))} == {"Patient"}
    ),
    "export-ignores-type-filter": lambda client: (
        len(exported(client, export(client, "/$export?_typeFilter=Patient%3Fgender%3Dmale"))["Patient"]) == 1
    ),
    "status-in-progress-200": lambda client: running(client).status_code == 202,
    "status-without-retry-after": lambda client: "Retry-After" in running(client).headers,
    "manifest-labelled-fhir-json": lambda client: (
        manifest_and_headers(client)[1]["Content-Type"] == "application/json"
    ),
    "manifest-without-expires": lambda client: "Expires" in manifest_and_headers(client)[1],
    "export-file-missing": lambda client: all(
        client.get(item["url"]).status_code == 200 for item in export(client)["output"]
    ),
    "manifest-without-transaction-time": manifest_is(lambda manifest: "transactionTime" in manifest),
    "manifest-request-differs": manifest_is(lambda manifest: manifest["request"] == f"{BASE}/$export"),
    "manifest-token-flag-is-text": manifest_is(lambda manifest: manifest["requiresAccessToken"] is True),
    "manifest-output-lacks-type": manifest_is(
        lambda manifest: all("type" in item for item in manifest["output"])
    ),
    "manifest-relative-urls": manifest_is(
        lambda manifest: all(item["url"].startswith(BASE) for item in manifest["output"])
    ),
    "manifest-count-differs": counts_hold,
    "manifest-without-error": manifest_is(lambda manifest: "error" in manifest),
    "export-mixes-types": one_type_each,
    "export-file-labelled-json": lambda client: (
        media(client.get(export(client)["output"][0]["url"])) == "application/fhir+ndjson"
    ),
    "export-file-broken-line": all_parse,
    "export-file-without-token": lambda client: file_answer(client, None) == 401,
    "export-repeats-resources": output_is(
        lambda found: len(exported_ids(found)) == len({*exported_ids(found)})
    ),
    "cancel-answers-200": lambda client: cancelled(client)[0].status_code == 202,
    "cancelled-job-still-answers": lambda client: cancelled(client)[1].status_code == 404,
    "cancelled-job-without-outcome": lambda client: media(cancelled(client)[1]) == "application/fhir+json",
    "export-status-open": status_is_closed,
    "export-files-over-http": manifest_is(
        lambda manifest: all(item["url"].startswith("https:") for item in manifest["output"])
    ),
    "group-export-leaks-other-patients": lambda client: (
        {item["id"] for item in exported(client, export(client, "/Group/g1/$export"))["Patient"]}
        == {"p1", "p2"}
    ),
    "export-job-fails": lambda client: (
        finish(client, client.get("/$export").headers["Content-Location"]).status_code == 200
    ),
    "export-needs-approval": lambda client: (
        finish(client, client.get("/$export").headers["Content-Location"], seconds=1).status_code == 200
    ),
    "export-differs-each-time": twice_the_same,
    "export-drops-every-tenth-observation": output_is(all_there),
    "export-truncates-long-text": output_is(
        lambda found: all(len(item["note"][0]["text"]) > 200 for item in found["Observation"])
    ),
    "export-drops-deceased-patients": output_is(lambda found: "Patient/p2" in exported_ids(found)),
    "export-rewrites-references": output_is(resolved),
    "attachment-bytes-differ": content_holds,
    "documentation-needs-login": lambda client: (
        client.get("https://epr.example/docs/index.html").status_code == 200
    ),
    "token-accepts-expired-assertion": refuses_assertion(lambda keys: keys.assertion(exp=1)),
    "token-accepts-wrong-audience": refuses_assertion(
        lambda keys: keys.assertion(aud="https://other.example")
    ),
    "token-accepts-unknown-key": refuses_assertion(lambda keys: keys.assertion(key=keys.stranger)),
    "export-readable-with-bad-token": lambda client: file_answer(client, "wrong") == 401,
    "nhs-number-check-digit-wrong": output_is(nhs_numbers_hold),
    "metadata-states-other-product-version": lambda client: (
        client.get("/metadata").json()["software"]["version"] == "7.4.1"
    ),
    "kickoff-by-post-only": lambda client: client.get("/$export").is_success,
    "kickoff-reads-first-value-only": lambda client: (
        {*exported(client, export(client, "/$export?_type=Patient&_type=Encounter"))}
        == {"Patient", "Encounter"}
    ),
    "kickoff-without-prefer-answers-204": lambda client: client.get("/$export").status_code == 202,
    "kickoff-error-answers-200": lambda client: client.get("/$export?_outputFormat=csv").is_error,
    "export-ignores-unknown-type": lambda client: client.get("/$export?_type=NoSuchType").is_error,
    "system-export-declared-but-refused": lambda client: client.get("/$export").is_success,
    "patient-export-refused": lambda client: client.get("/Patient/$export").is_success,
    "system-export-not-declared": lambda client: system(client)["operation"] != [],
    "system-export-declared-by-other-name": lambda client: system(client)["operation"][0]["name"] == "export",
    "patient-export-declared-by-other-name": lambda client: patient_operations(client)[0]["name"] == "export",
    "metadata-without-bulk-guide": lambda client: "instantiates" in client.get("/metadata").json(),
    "status-progress-too-long": lambda client: len(running(client).headers["X-Progress"]) < 100,
    "status-complete-201": lambda client: (
        finish(client, client.get("/$export").headers["Content-Location"]).status_code == 200
    ),
    "manifest-time-too-early": manifest_is(is_recent),
    "manifest-output-is-object": manifest_is(lambda manifest: isinstance(manifest["output"], list)),
    "manifest-error-file-holds-data": manifest_is(lambda manifest: manifest["error"] == []),
    "manifest-extension-is-array": manifest_is(lambda manifest: "extension" not in manifest),
    "manifest-deleted-file-holds-data": manifest_is(lambda manifest: manifest["deleted"] == []),
    "export-file-answers-206": lambda client: file_answer(client, TOKEN) == 200,
    "export-file-compressed-silently": all_parse,
    "export-references-by-urn": output_is(resolved),
    "export-attachments-by-relative-url": output_is(attachments_are_absolute),
    "cancel-error-without-outcome": lambda client: (
        media(client.delete("/export-jobs/none")) == "application/fhir+json"
    ),
}
SERVED = [fault.name for fault in FAULTS if fault.where == "server"]


def test_every_fault_of_the_server_is_looked_at():
    assert sorted(RIGHT) == sorted(SERVED)
    assert len(FAULT_NAMED) == len(FAULTS)


@pytest.mark.parametrize("name", SERVED)
def test_a_fault_shows(start, keys, name):
    look = RIGHT[name]
    given = [keys] if name.startswith("token-accepts") else []
    slow = {"job_delay": 0.4} if name.startswith("status-") else {}
    assert look(start(**slow), *given), "the honest supplier"
    faulty = start(fault=name, seed=7, plain_http_origin="http://epr.example:8080", **slow)
    assert not look(faulty, *given), "the faulty supplier"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_says_what_it_is(fault):
    assert fault.exit_code == (1 if fault.level == "SHALL" else 0)
    assert fault.summary.endswith(".")
    assert fault.requirement not in fault.also
    behaviour_of(fault.name, 1)


def test_there_is_no_fault_without_a_name():
    with pytest.raises(KeyError):
        behaviour_of("no-such-fault", 1)


def test_faults_are_drawn_by_the_seed(start):
    def hit(seed):
        client = start(fault="read-returns-other-resource", seed=seed)
        return [
            number
            for number in range(60)
            if client.get(f"/Observation/o{number:03}").json()["id"] != f"o{number:03}"
        ]

    assert hit(1) == hit(1)
    assert hit(1) != hit(2)
    assert 15 < len(hit(3)) < 45
