"""Looks at the reference supplier's exports, tokens and documents, by the fault that each would show."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from conftest import BASE, TOKEN, export, exported, finish
from supplier_looks_rest import media
from supplier_records import CODED_RECORDS, CONTENT, NHS
from test_supplier_smart import ask


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


def as_it_is(resource_type):
    def holds(client):
        found = exported(client, export(client, f"/$export?_type={resource_type}"))[resource_type]
        return all(client.get(f"/{resource_type}/{item['id']}").json() == item for item in found)

    return holds


def open_metadata(client):
    client.headers.pop("Authorization")
    return client.get("/metadata").status_code == 200


def exported_ids(found):
    return sorted(f"{name}/{item['id']}" for name, items in found.items() for item in items)


def all_there(found):
    return exported_ids(found) == sorted(f"{item['resourceType']}/{item['id']}" for item in CODED_RECORDS)


def resolved(found):
    known = {*exported_ids(found), "urn:uuid:p2"}
    return all(reference in known for reference in re.findall(r'"reference": "([^"]*)"', json.dumps(found)))


def nhs_numbers_hold(found):
    original = {item["id"]: item["identifier"] for item in CODED_RECORDS if item["resourceType"] == "Patient"}
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


RIGHT_EXPORT = {
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
    "cancelled-job-outcome-mislabelled": lambda client: (
        media(cancelled(client)[1]) == "application/fhir+json"
    ),
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
    "manifest-extension-is-array": manifest_is(lambda manifest: isinstance(manifest["extension"], dict)),
    "manifest-deleted-file-holds-data": manifest_is(lambda manifest: manifest["deleted"] == []),
    "export-file-answers-206": lambda client: file_answer(client, TOKEN) == 200,
    "export-file-compressed-silently": all_parse,
    "export-references-by-urn": output_is(resolved),
    "export-attachments-by-relative-url": output_is(attachments_are_absolute),
    "cancel-error-without-outcome": lambda client: (
        media(client.delete("/export-jobs/none")) == "application/fhir+json"
    ),
    "export-breaks-snomed-codes": as_it_is("Condition"),
    "export-drops-identifier-systems": as_it_is("Organization"),
    "export-drops-units": as_it_is("Observation"),
    "export-without-ods-codes": as_it_is("Organization"),
    "export-without-verification-status": as_it_is("Patient"),
    "metadata-needs-token": open_metadata,
}
