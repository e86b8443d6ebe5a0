"""Looks at the reference supplier's reads, searches and writes, by the fault that each would show."""

import re

from conftest import found_ids

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


RIGHT_REST = {
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
    "ids-in-any-case": lambda client: client.get("/Patient/P1").status_code == 404,
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
}
