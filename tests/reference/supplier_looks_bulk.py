"""Looks at the reference supplier's exports by the faults of options, jobs and content."""

import json
import re
import time

from conftest import BASE, TOKEN, export, exported, finish
from supplier_looks_export import exported_ids, output_is
from supplier_looks_rest import media

FHIR = {"Content-Type": "application/fhir+json"}
ELEMENTS = "/$export?_type=Patient,Encounter&_elements=Patient.birthDate,identifier"
BY_PATIENT = "/Patient/$export?_type=Patient,Encounter,Condition&organizeOutputBy=Patient"
NARROW = "narrow"


def posted(client, path, *parameters):
    return client.post(path, json={"resourceType": "Parameters", "parameter": list(parameters)}, headers=FHIR)


def patient(identity):
    return {"name": "patient", "valueReference": {"reference": f"Patient/{identity}"}}


def parts(client, path, section="output"):
    return exported(client, export(client, path), section)


def kinds(client, path):
    return {*parts(client, path)}


def refused(path):
    return lambda client: client.get(path).is_error


def about_p1(client):
    accepted = posted(client, "/Patient/$export", patient("p1"))
    found = exported(client, finish(client, accepted.headers["Content-Location"]).json())
    return [item["id"] for item in found["Patient"]] == ["p1"]


def by_post(client):
    accepted = posted(client, "/$export", {"name": "_type", "valueString": "Patient"})
    return {*exported(client, finish(client, accepted.headers["Content-Location"]).json())} == {"Patient"}


def trimmed(test):
    return lambda client: test(parts(client, ELEMENTS))


def provenance(values, expected):
    def holds(client):
        found = parts(client, f"/$export?_type=Patient&includeAssociatedData={values}")
        return {item["id"] for item in found.get("Provenance", [])} == expected

    return holds


def genders(client, *filters):
    query = "&".join(f"_typeFilter=Patient%3Fgender%3D{each}" for each in filters)
    return {item["gender"] for item in parts(client, f"/$export?_type=Patient&{query}").get("Patient", [])}


def lenient(client, section):
    location = client.get("/$export?_type=Patient&bogus=1", headers={"Prefer": "handling=lenient"}).headers[
        "Content-Location"
    ]
    return exported(client, finish(client, location).json(), section)


def without_accept(client):
    return client.get("/$export", headers={"Accept": ""}).status_code == 202


def second(client):
    client.get("/$export")
    return client.get("/$export?_type=Practitioner").status_code in {202, 429}


def aliased(client):
    (item,) = export(client, "/$export?_type=Patient&_outputFormat=ndjson")["output"]
    return media(client.get(item["url"])) == "application/fhir+ndjson"


def separately(client):
    return client.get("/$export", headers={"Prefer": "respond-async, separate-export-status"})


def separate_poll(client):
    location = separately(client).headers["Content-Location"]
    answer = client.get(location)
    client.delete(location)
    return answer


def throttled(client):
    location = client.get("/$export").headers["Content-Location"]
    for _ in range(1_010):
        if (answer := client.get(location)).status_code == 429:
            return answer
    raise AssertionError("no number of polls was too much")


def ended(client):
    return finish(client, client.get("/$export").headers["Content-Location"])


def early(client):
    """The manifest that comes while a job is running, its answer, and the polling address."""
    location = client.get("/$export?allowPartialManifests=true").headers["Content-Location"]
    until = time.monotonic() + 5
    while not (answer := client.get(location)).content and time.monotonic() < until:
        time.sleep(0.01)
    return answer, location


def pages(client):
    answer, location = early(client)
    first = finish(client, location).json()
    links = first.get("link", [])
    return answer.json(), first, links


def second_page(client):
    _, first, links = pages(client)
    return first, client.get(links[0]["url"]).json()


def same_first_page(client):
    before, after, _ = pages(client)
    return before["output"] == after["output"]


def same_time_on_pages(client):
    first, other = second_page(client)
    return first["transactionTime"] == other["transactionTime"]


def organised(client):
    manifest = export(client, BY_PATIENT)
    files = [
        [json.loads(line) for line in client.get(item["url"]).content.splitlines()]
        for item in manifest["output"]
    ]
    return manifest, files


def continuations_told(client):
    output = organised(client)[0]["output"]
    return len(output) == 1 or "continuesInFile" in output[0]


def begins_with_header(file):
    return file[0]["resourceType"] == "Parameters"


def twice(client):
    (item,) = export(client, "/$export?_type=Patient")["output"]
    return client.get(item["url"]).content == client.get(item["url"]).content


def declared(client):
    return {each["type"]: each for each in client.get("/metadata").json()["rest"][0]["resource"]}


def narrow(client):
    client.headers["Authorization"] = f"Bearer {NARROW}"
    found = kinds(client, "/$export")
    client.headers["Authorization"] = f"Bearer {TOKEN}"
    return found == {"Patient"}


def latest(client):
    newest = client.put("/Patient/p1", json=client.get("/Patient/p1").json(), headers=FHIR)
    assert newest.is_success
    return "Patient/p1" in exported_ids(parts(client, "/$export"))


def open_as_said(client):
    item = export(client)
    client.headers.pop("Authorization")
    answer = client.get(item["output"][0]["url"])
    client.headers["Authorization"] = f"Bearer {TOKEN}"
    return answer.is_success is (item["requiresAccessToken"] is False)


def changes(client):
    """An export of what changed since Patient/p4 was deleted, by section."""
    first = export(client, "/$export?_type=Patient")
    client.delete("/Patient/p4")
    manifest = export(client, f"/$export?_type=Patient&_since={first['transactionTime']}")
    return exported(client, manifest), exported(client, manifest, "deleted")


def gone_file(client):
    location = client.get("/$export?_type=Patient").headers["Content-Location"]
    url = finish(client, location).json()["output"][0]["url"]
    client.delete(location)
    return client.get(url).status_code == 404


def attachment(found):
    return found["DocumentReference"][0]["content"][0]["attachment"]


def own_addresses(client):
    return all(item["url"].startswith(BASE) for item in export(client)["output"])


RIGHT_BULK = {
    "export-refuses-since": lambda client: client.get("/$export?_since=2020-01-01T00:00:00Z").is_success,
    "export-ignores-since": lambda client: (
        export(client, "/$export?_since=2100-01-01T00:00:00Z")["output"] == []
    ),
    "export-ignores-until": lambda client: (
        export(client, "/$export?_until=2000-01-01T00:00:00Z")["output"] == []
    ),
    "export-reads-nothing-posted": by_post,
    "patient-export-takes-outside-types": refused("/Patient/$export?_type=Organization"),
    "export-ignores-elements": trimmed(lambda found: "name" not in found["Patient"][0]),
    "export-loses-elements-of-a-type": trimmed(lambda found: "birthDate" in found["Patient"][0]),
    "export-loses-elements-of-any-type": trimmed(lambda found: "identifier" in found["Patient"][0]),
    "export-leaves-mandatory-elements-out": trimmed(lambda found: "status" in found["Encounter"][0]),
    "export-hides-that-elements-are-missing": trimmed(lambda found: "tag" in found["Patient"][0]["meta"]),
    "export-ignores-patients": about_p1,
    "export-takes-unknown-patients": lambda client: (
        posted(client, "/Patient/$export", patient("nobody")).is_error
    ),
    "export-brings-older-provenance": provenance("LatestProvenanceResources", {"v2"}),
    "export-brings-no-relevant-provenance": provenance("RelevantProvenanceResources", {"v1", "v2"}),
    "export-applies-narrowest-association": provenance(
        "LatestProvenanceResources,RelevantProvenanceResources", {"v1", "v2"}
    ),
    "export-takes-unknown-association": refused("/$export?includeAssociatedData=NoSuchData"),
    "export-joins-filters-by-and": lambda client: genders(client, "male", "other") == {"male", "other"},
    "export-cuts-filters-at-commas": lambda client: genders(client, "male,other") == {"male", "other"},
    "export-reads-first-filter-only": lambda client: genders(client, "male", "other") == {"male", "other"},
    "export-ignores-unknown-filters": refused("/$export?_typeFilter=Patient%3Fbogus%3D1"),
    "export-takes-unknown-organiser": refused("/Patient/$export?organizeOutputBy=NoSuchType"),
    "kickoff-with-options-answers-204": lambda client: client.get("/$export?_elements=id").status_code == 202,
    "lenient-kickoff-answers-204": lambda client: (
        client.get("/$export?bogus=1", headers={"Prefer": "handling=lenient"}).status_code == 202
    ),
    "lenient-export-tells-nothing": lambda client: "OperationOutcome" in lenient(client, "error"),
    "export-puts-messages-into-output": lambda client: "OperationOutcome" not in lenient(client, "output"),
    "kickoff-without-accept-answers-204": without_accept,
    "kickoff-answers-at-once": lambda client: client.get("/$export").status_code == 202,
    "second-export-answers-503": second,
    "export-labelled-as-asked": aliased,
    "separate-status-not-told": lambda client: "Preference-Applied" in separately(client).headers,
    "separate-status-answers-202": lambda client: separate_poll(client).status_code == 200,
    "separate-status-without-header": lambda client: "X-Export-Status" in separate_poll(client).headers,
    "status-retry-after-is-a-moment": lambda client: (
        int(client.get(client.get("/$export").headers["Content-Location"]).headers["Retry-After"]) < 3600
    ),
    "status-throttled-says-not-when": lambda client: "Retry-After" in throttled(client).headers,
    "status-throttled-code-not-transient": lambda client: (
        throttled(client).json()["issue"][0]["code"] == "throttled"
    ),
    "failed-job-answers-200": lambda client: "resourceType" not in ended(client).json(),
    "failed-job-labelled-json": lambda client: ended(client).status_code == 200,
    "failed-job-says-why-in-html": lambda client: media(ended(client)) == "application/json",
    "complete-job-answers-500": lambda client: ended(client).status_code == 200,
    "early-manifest-lists-files-not-ready": lambda client: (
        client.get(early(client)[0].json()["output"][0]["url"]).is_success
    ),
    "early-manifest-labelled-fhir-json": lambda client: media(early(client)[0]) == "application/json",
    "first-page-changes": same_first_page,
    "export-files-change": twice,
    "pages-linked-by-another-relation": lambda client: pages(client)[2][0]["relation"] == "next",
    "pages-differ-in-time": same_time_on_pages,
    "organised-without-headers": lambda client: all(map(begins_with_header, organised(client)[1])),
    "organised-with-types": lambda client: all("type" not in item for item in organised(client)[0]["output"]),
    "organised-splits-blocks": lambda client: len(organised(client)[1]) == 1,
    "organised-does-not-repeat-headers": lambda client: all(map(begins_with_header, organised(client)[1])),
    "organised-hides-continuations": continuations_told,
    "organised-leaves-compartments-out": lambda client: any(
        resource["resourceType"] == "Condition" for file in organised(client)[1] for resource in file
    ),
    "organiser-not-told": lambda client: organised(client)[0].get("outputOrganizedBy") == "Patient",
    "group-cannot-be-read": lambda client: client.get("/Group/g1").is_success,
    "group-cannot-be-searched": lambda client: client.get("/Group?_count=1").is_success,
    "patient-export-lacks-encounters": lambda client: "Encounter" in kinds(client, "/Patient/$export"),
    "patient-export-lacks-patients": lambda client: "Patient" in kinds(client, "/Patient/$export"),
    "export-lacks-what-describes-binaries": output_is(lambda found: "DocumentReference" in found),
    "export-without-type-lacks-encounters": output_is(lambda found: "Encounter" in found),
    "export-lacks-provenance": output_is(lambda found: "Provenance" in found),
    "export-lacks-locations": output_is(lambda found: "Location" in found),
    "metadata-hides-exported-type": lambda client: "Location" in declared(client),
    "metadata-hides-filter-parameter": lambda client: (
        "gender" in {each["name"] for each in declared(client)["Patient"]["searchParam"]}
    ),
    "export-ignores-scopes": narrow,
    "export-lags-behind": latest,
    "export-lacks-amended-results": lambda client: (
        "Observation/o000" in exported_ids(parts(client, "/$export"))
    ),
    "manifest-denies-token": open_as_said,
    "manifest-lists-empty-file": lambda client: all(item["count"] for item in export(client)["output"]),
    "manifest-of-nothing-lists-file": lambda client: (
        export(client, "/$export?_type=Patient&_since=2100-01-01T00:00:00Z")["output"] == []
    ),
    "manifest-lists-empty-messages": lambda client: export(client)["error"] == [],
    "manifest-names-local-file": own_addresses,
    "manifest-names-cloud-metadata": own_addresses,
    "deletions-not-told": lambda client: "Bundle" in changes(client)[1],
    "deletions-exported-too": lambda client: changes(client)[0] == {},
    "deletions-without-entries": lambda client: changes(client)[1]["Bundle"][0]["entry"] != [],
    "deletions-by-another-method": lambda client: (
        changes(client)[1]["Bundle"][0]["entry"][0]["request"]["method"] == "DELETE"
    ),
    "export-file-gone-answers-200": gone_file,
    "export-file-coded-as-never-asked": lambda client: (
        client.get(export(client)["output"][0]["url"], headers={"Accept-Encoding": "identity"}).headers.get(
            "Content-Encoding"
        )
        is None
    ),
    "attachments-without-type": output_is(lambda found: "contentType" in attachment(found)),
    "attachments-without-content": output_is(
        lambda found: re.search(r"Binary/b1$", attachment(found).get("url", ""))
    ),
    "attachments-need-a-password": lambda client: (
        client.get("/Binary/b1", headers={"Accept": "*/*"}).status_code == 200
    ),
}
