"""Looks at what the reference supplier's searches give back, by the fault that each would show."""

from conftest import found_ids
from supplier_looks_rest import search_pages

FHIR = {"Content-Type": "application/fhir+json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOLD = {
    "resourceType": "Patient",
    "id": "told",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Told</div>'},
    "name": [{"family": "Told"}],
}
WITH_SUBJECT = "/Observation?_id=o001,o005&_include=Observation:subject"


def bundle(client, path, **options):
    return client.get(path, **options).json()


def link(found, relation):
    return next((each["url"] for each in found.get("link", []) if each["relation"] == relation), "")


def second(client, path):
    return client.get(link(bundle(client, path), "next")).json()


def self_link(client, path):
    return link(bundle(client, path), "self")


def by_mode(found, mode):
    return [each["resource"]["id"] for each in found.get("entry", []) if each["search"]["mode"] == mode]


def first_entry(client):
    return bundle(client, "/Patient?_id=p1")["entry"][0]


def first_resource(client, path):
    return bundle(client, path)["entry"][0]["resource"]


def posted(client, path, body, **headers):
    return client.post(path, content=body, headers=FORM | headers)


def told(client, query, **more):
    client.put("/Patient/told", json=TOLD | more, headers=FHIR)
    return first_resource(client, f"/Patient?_id=told&{query}")


def previous_leads_back(client):
    return found_ids(client.get(link(second(client, "/Patient?_count=1"), "previous")).json()) == ["p1"]


def page_is_kept(client):
    address = link(bundle(client, "/Patient?_count=1"), "next")
    return [client.get(address).status_code for _ in range(2)] == [200, 200]


def repeats_itself(client):
    return [len(found_ids(bundle(client, "/Patient?_count=10"))) for _ in range(2)] == [4, 4]


def same_version(client):
    read = client.get("/Patient/p1").json()
    return first_entry(client)["resource"]["meta"]["versionId"] == read["meta"]["versionId"]


def in_compartment(client):
    found = bundle(client, "/Patient/p1/Observation")["entry"]
    return [each["resource"]["subject"]["reference"] for each in found]


def is_tagged(resource):
    return any(tag["code"] == "SUBSETTED" for tag in resource["meta"].get("tag", []))


def iterates(client):
    path = "/Provenance?_id=pr&_include=Provenance:target&_include:iterate=Condition:subject"
    target = {"resourceType": "Provenance", "id": "pr", "target": [{"reference": "Condition/c1"}]}
    client.put("/Provenance/pr", json=target, headers=FHIR)
    return by_mode(bundle(client, path), "include"), by_mode(
        bundle(client, path.replace(":iterate", "")), "include"
    )


RIGHT_RESULTS = {
    "matches-lost-with-small-pages": lambda client: len(search_pages(client, "/Observation?_count=5")) == 60,
    "next-link-loses-criteria": lambda client: (
        search_pages(client, "/Patient?_id=p1,p3&_count=1") == ["p1", "p3"]
    ),
    "previous-link-is-wrong": previous_leads_back,
    "page-can-be-had-once": page_is_kept,
    "page-links-carry-token": lambda client: (
        "access_token" not in link(bundle(client, "/Patient?_count=1"), "next")
    ),
    "self-link-lacks-criterion": lambda client: "_id=p1" in self_link(client, "/Patient?_id=p1"),
    "ignored-parameter-in-self-link": lambda client: "bogus" not in self_link(client, "/Patient?bogus=1"),
    "self-link-claims-a-criterion": lambda client: "1990" not in self_link(client, "/Patient"),
    "unknown-sort-in-self-link": lambda client: "_sort" not in self_link(client, "/Patient?_sort=bogus"),
    "unknown-include-in-self-link": lambda client: (
        "_include" not in self_link(client, "/Patient?_include=Patient:bogus")
    ),
    "accurate-total-is-rounded": lambda client: bundle(client, "/Patient?_total=accurate")["total"] == 4,
    "count-zero-gives-a-match": lambda client: "entry" not in bundle(client, "/Patient?_count=0"),
    "search-finds-other-type": lambda client: found_ids(bundle(client, "/Patient?_id=p1")) == ["p1"],
    "full-url-names-version": lambda client: first_entry(client)["fullUrl"].endswith("/Patient/p1"),
    "full-url-of-another-server": lambda client: first_entry(client)["fullUrl"].startswith("https://epr."),
    "matches-without-search-mode": lambda client: first_entry(client).get("search") == {"mode": "match"},
    "found-resource-is-older": same_version,
    "search-results-flicker": repeats_itself,
    "id-list-finds-first-only": lambda client: (
        found_ids(bundle(client, "/Patient?_id=p1,p3")) == ["p1", "p3"]
    ),
    "repeated-parameter-ignored": lambda client: (
        found_ids(bundle(client, "/Patient?_id=p1,p2&_id=p2,p3")) == ["p2"]
    ),
    "metadata-criterion-ignored": lambda client: (
        bundle(client, "/Patient?_id=p1&_lastUpdated=lt1900")["total"] == 0
    ),
    "parameters-after-count-ignored": lambda client: (
        found_ids(bundle(client, "/Patient?_count=9&_id=p1")) == ["p1"]
    ),
    "empty-parameter-refused": lambda client: client.get("/Patient?birthdate=").status_code == 200,
    "post-address-ignored": lambda client: (
        found_ids(posted(client, "/Patient/_search?_id=p1", "_count=9").json()) == ["p1"]
    ),
    "post-with-charset-refused": lambda client: (
        (
            posted(
                client,
                "/Patient/_search",
                "_id=p1",
                **{"Content-Type": f"{FORM['Content-Type']};charset=utf-8"},
            )
        ).is_success
    ),
    "format-parameter-refused": lambda client: client.get("/Patient?_format=json").is_success,
    "type-parameter-ignored": lambda client: found_ids(bundle(client, "?_type=Patient&_id=p1,e1")) == ["p1"],
    "compartment-loses-some": lambda client: len(in_compartment(client)) == 15,
    "compartment-leaks": lambda client: set(in_compartment(client)) == {"Patient/p1"},
    "unsupported-modifier-ignored": lambda client: client.get("/Patient?gender:bogus=male").is_error,
    "search-errors-are-422": lambda client: client.get("/Patient?gender:bogus=male").status_code == 400,
    "search-errors-answer-200": lambda client: client.get("/Patient?_lastUpdated=soon").is_error,
    "malformed-count-ignored": lambda client: client.get("/Patient?_count=many").is_error,
    "lenient-handling-refused": lambda client: client.get("/Patient?bogus=1").is_success,
    "search-errors-are-html": lambda client: (
        "json" in client.get("/Patient?_lastUpdated=soon").headers["Content-Type"]
    ),
    "unknown-query-accepted": lambda client: client.get("/Patient?_query=bogus").is_error,
    "dates-sorted-as-text": lambda client: (
        found_ids(bundle(client, "/Patient?_sort=birthdate")) == ["p2", "p1", "p4", "p3"]
    ),
    "sort-direction-ignored": lambda client: (
        found_ids(bundle(client, "/Patient?_sort=-birthdate")) == ["p3", "p4", "p1", "p2"]
    ),
    "sort-loses-those-without": lambda client: bundle(client, "/Patient?_sort=death-date")["total"] == 4,
    "parts-shorten-identifiers": lambda client: (
        first_resource(client, "/Patient?_id=p1&_elements=identifier")["identifier"]
        == client.get("/Patient/p1").json()["identifier"]
    ),
    "parts-without-subsetted-tag": lambda client: is_tagged(
        first_resource(client, "/Patient?_id=p1&_elements=identifier")
    ),
    "elements-drops-mandatory": lambda client: (
        "code" in first_resource(client, "/Observation?_id=o001&_elements=identifier")
    ),
    "elements-lacks-what-was-asked": lambda client: (
        "identifier" in first_resource(client, "/Patient?_id=p1&_elements=identifier")
    ),
    "elements-ignored-yet-tagged": lambda client: (
        "name" not in first_resource(client, "/Patient?_id=p1&_elements=identifier")
    ),
    "summary-text-without-text": lambda client: (
        told(client, "_summary=text").keys() == {"resourceType", "id", "meta", "text"}
    ),
    "summary-lacks-date-of-birth": lambda client: (
        "birthDate" in told(client, "_summary=true", birthDate="1980-01-02")
    ),
    "search-tells-of-an-error": lambda client: "OperationOutcome" not in client.get("/Patient").text,
    "summary-data-loses-more": lambda client: (
        told(client, "_summary=data").keys() == {"resourceType", "id", "meta", "name"}
    ),
    "summary-false-is-summary": lambda client: "text" in told(client, "_summary=false"),
    "include-ignored": lambda client: by_mode(bundle(client, WITH_SUBJECT), "include") == ["p2"],
    "reverse-include-ignored": lambda client: (
        "e1" in by_mode(bundle(client, "/Patient?_id=p1&_revinclude=Encounter:patient"), "include")
    ),
    "includes-marked-as-matches": lambda client: (
        by_mode(bundle(client, WITH_SUBJECT), "match") == ["o001", "o005"]
    ),
    "total-counts-includes": lambda client: bundle(client, WITH_SUBJECT)["total"] == 2,
    "include-repeated-on-page": lambda client: by_mode(bundle(client, WITH_SUBJECT), "include") == ["p2"],
    "include-brings-unreferenced": lambda client: by_mode(bundle(client, WITH_SUBJECT), "include") == ["p2"],
    "reverse-include-brings-anothers": lambda client: (
        by_mode(bundle(client, "/Patient?_id=p1&_revinclude=Encounter:patient"), "include") == ["e1"]
    ),
    "later-pages-without-includes": lambda client: (
        by_mode(second(client, f"{WITH_SUBJECT}&_count=1"), "include") == ["p2"]
    ),
    "include-iterate-ignored": lambda client: iterates(client)[0] == ["c1", "p1"],
    "include-always-iterates": lambda client: iterates(client)[1] == ["c1"],
    "first-page-forever": lambda client: found_ids(second(client, "/Patient?_count=1")) == ["p2"],
    "post-body-ignored": lambda client: (
        found_ids(posted(client, "/Patient/_search", "_id=p1").json()) == ["p1"]
    ),
}
