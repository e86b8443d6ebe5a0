"""Looks at the supplier's versions, history, patches and conditional interactions, by the fault that each shows."""

from conftest import found_ids

FHIR = {"Content-Type": "application/fhir+json"}
PATCH = {"Content-Type": "application/json-patch+json"}
SYSTEM = "https://looks.example/id"
EXTENDED = {"extension": [{"url": "urn:x", "valueBoolean": True}]}
PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": SYSTEM, "value": "1"}],
    "name": [{"family": "Zoe\u0308", "given": ["A", "B"]}],
    "gender": "female",
    "birthDate": "1980-01-02",
    "_birthDate": EXTENDED,
    "deceasedDateTime": "2020-01-01T12:00:00+05:30",
    "address": [{"text": "x" * 300, "line": ["one", "two"]}],
    "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}],
    "managingOrganization": {"reference": "#o"},
}
SEARCH = f"/Patient?identifier={SYSTEM}|1"


NARRATIVE = {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Limps</div>'}


def made(client, **changed):
    """A new patient as the supplier shows it."""
    return client.post("/Patient", json=PATIENT | changed, headers=FHIR).json()


def put(client, resource, **headers):
    return client.put(f"/Patient/{resource['id']}", json=resource, headers=FHIR | headers)


def patch(client, path, *operations, **headers):
    return client.patch(path, json=list(operations), headers=PATCH | headers)


def replaced(value):
    return {"op": "replace", "path": "/gender", "value": value}


def versions(client):
    """The path of a patient with three versions, the last of them a deletion."""
    patient = made(client)
    put(client, patient | {"gender": "male"})
    client.delete(f"/Patient/{patient['id']}")
    return f"/Patient/{patient['id']}"


def history(client, path, query=""):
    return client.get(f"{path}/_history{query}").json().get("entry", [])


def numbers(entries):
    return [entry["resource"]["meta"]["versionId"] for entry in entries if "resource" in entry]


def keeps(name):
    def look(client):
        patient = made(client)
        return client.get(f"/Patient/{patient['id']}").json().get(name) == PATIENT[name]

    return look


def bundle(client, kind, *entries):
    body = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return client.post("/", json=body, headers=FHIR)


def entry(method, url, resource=None, full_url=None):
    made_ = {"request": {"method": method, "url": url}}
    return made_ | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def statuses(answer):
    return [one["response"]["status"] for one in answer.json()["entry"]]


def total(client, search=SEARCH):
    return len(found_ids(client.get(search).json()))


def unless(client):
    return client.post("/Patient", json=PATIENT, headers=FHIR | {"If-None-Exist": SEARCH.partition("?")[2]})


def twice(client):
    return [made(client), made(client)]


def modified_since(client):
    stated = client.get("/Patient/p1").headers["Last-Modified"]
    return client.get("/Patient/p1", headers={"If-Modified-Since": stated}).status_code == 304


def tagged(client, tag):
    return client.get("/Patient/p1", headers={"If-None-Match": tag}).status_code


def vread_of_first(client):
    patient = made(client)
    put(client, patient | {"gender": "male"})
    return client.get(f"/Patient/{patient['id']}/_history/1").json()["gender"] == "female"


def patched(client, *operations, **headers):
    """The status of a patch, and the gender after it."""
    patient = made(client)
    put(client, patient)
    answer = patch(client, f"/Patient/{patient['id']}", *operations, **headers)
    return answer.status_code, client.get(f"/Patient/{patient['id']}").json()["gender"]


def refused_and_unchanged(client, identity):
    before = client.get("/Patient/p1").json()
    sent = PATIENT | {"gender": "other"} | identity
    refused = client.put("/Patient/p1", json=sent, headers=FHIR).status_code
    return refused == 400 and client.get("/Patient/p1").json() == before


def batch_says_where(client):
    kept = made(client)
    change = entry("PUT", f"Patient/{kept['id']}", kept)
    answers = bundle(client, "batch", entry("POST", "Patient", PATIENT), change).json()["entry"]
    return kept["id"] not in answers[0]["response"]["location"]


def updated(client, change):
    patient = made(client)
    put(client, change(patient))
    return client.get(f"/Patient/{patient['id']}").json()


def without(name):
    return lambda patient: {key: value for key, value in patient.items() if key != name}


def brought_back(client):
    path = versions(client)
    client.put(path, json={"resourceType": "Patient", "id": path[9:]}, headers=FHIR)
    return "gender" not in client.get(path).json()


def linked(client):
    other = PATIENT | {"link": [{"other": {"reference": "urn:uuid:1"}, "type": "seealso"}]}
    answer = bundle(
        client,
        "transaction",
        entry("POST", "Patient", PATIENT, "urn:uuid:1"),
        entry("POST", "Patient", other),
    )
    first, second = (one["resource"] for one in answer.json()["entry"])
    return second["link"][0]["other"]["reference"] == f"Patient/{first['id']}"


def resolved(client):
    made(client)
    reference = {"reference": SEARCH.removeprefix("/")}
    other = {"resourceType": "Patient", "link": [{"other": reference, "type": "seealso"}]}
    found = bundle(client, "transaction", entry("POST", "Patient", other)).json()["entry"][0]["resource"]
    return found["link"][0]["other"]["reference"].startswith("Patient/")


def conditional_delete(client, expected):
    answer = client.delete(SEARCH)
    return answer.status_code, total(client) == expected


def conditional_delete_of_many(client):
    twice(client)
    return conditional_delete(client, 2) == (412, True)


def conditional_delete_of_one(client):
    made(client)
    return conditional_delete(client, 0) == (204, True)


def update_by_search(client):
    made(client)
    client.put(SEARCH, json=PATIENT | {"gender": "male"}, headers=FHIR)
    return client.get(SEARCH).json()["entry"][0]["resource"]["gender"] == "male" and total(client) == 1


def of_many(client, ask):
    twice(client)
    return ask(client).status_code == 412


def in_order(client, kind):
    patient = made(client)
    answer = bundle(client, kind, entry("GET", f"Patient/{patient['id']}"), entry("POST", "Patient", PATIENT))
    return statuses(answer) == ["200", "201"]


def own_order(client):
    patient = made(client)
    changed = entry("PUT", f"Patient/{patient['id']}", patient | {"gender": "male"})
    read = entry("GET", f"Patient/{patient['id']}")
    return bundle(client, "transaction", read, changed).json()["entry"][0]["resource"]["gender"] == "male"


def duplicates(client):
    patient = made(client)
    same = entry("PUT", f"Patient/{patient['id']}", patient)
    return bundle(client, "transaction", same, same).status_code == 400


def batch_of_deletes(client):
    patient = made(client)
    return statuses(bundle(client, "batch", entry("DELETE", f"Patient/{patient['id']}"))) == ["204"]


def goes_on(client):
    answer = bundle(client, "batch", entry("GET", "Patient/none"), entry("GET", "Patient/p1"))
    return statuses(answer) == ["404", "200"]


def old_value(client):
    patient = made(client)
    put(client, patient | {"identifier": [{"system": SYSTEM, "value": "2"}]})
    return total(client) == 0


def new_value(client):
    patient = made(client)
    put(client, patient | {"identifier": [{"system": SYSTEM, "value": "2"}]})
    return total(client, f"/Patient?identifier={SYSTEM}|2") == 1


def shown_as_changed(client):
    patient = made(client)
    client.get(f"/Patient?_id={patient['id']}")
    put(client, patient | {"gender": "other"})
    found = client.get(f"/Patient?_id={patient['id']}").json()
    return found["entry"][0]["resource"]["gender"] == "other"


def deleted_is_found(client):
    client.delete(f"/Patient/{made(client)['id']}")
    return total(client) == 0


def decimals(client):
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    text = (
        str(observation | {"valueQuantity": {"value": 0}})
        .replace("'", '"')
        .replace('"value": 0', '"value": 1.50')
    )
    answer = client.post("/Observation", content=text, headers=FHIR)
    return b'"value":1.50' in client.get(f"/Observation/{answer.json()['id']}").content


def updated_decimals(client):
    text = '{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"valueQuantity":{"value":%s}}'
    for value in ("2.5", "1.50"):
        client.put("/Observation/digits", content=text % ("digits", value), headers=FHIR)
    return b'"value":1.50' in client.get("/Observation/digits").content


def own_meta(client):
    return (
        made(client, meta={"versionId": "77", "lastUpdated": "2001-01-01T00:00:00Z"})["meta"]["versionId"]
        == "1"
    )


def written_now(client):
    return made(client)["meta"]["lastUpdated"] > "2024"


def erased(client):
    return len(history(client, versions(client))) == 3


def second_delete(client):
    return client.delete(versions(client)).status_code == 204


def invalid(client):
    outcome = client.post("/Patient/$validate", json=PATIENT | {"birthDate": "soon"}, headers=FHIR).json()
    return outcome["issue"][0]["severity"] == "error"


def new_id(client):
    return client.put("/Patient/mine", json=PATIENT | {"id": "mine"}, headers=FHIR).status_code == 201


def declared_and_done(client):
    declared = client.get("/metadata").json()["rest"][0]["resource"][0]["updateCreate"]
    return declared is new_id(client)


def everyone(client):
    kinds = [one["resource"]["resourceType"] for one in client.get("/Patient/p1/$everything").json()["entry"]]
    return kinds.count("Patient") == 1 and len(kinds) > 1


def location(client):
    return "/_history/" in client.post("/Patient", json=PATIENT, headers=FHIR).headers["Location"]


def minimal(client):
    answer = client.post("/Patient", json=PATIENT, headers=FHIR | {"Prefer": "return=minimal"})
    return answer.content == b""


def of_a_part(client):
    return client.get("/Patient/p1?_elements=id").json()["resourceType"] == "Patient"


def patched_by_search(client):
    made(client)
    return patch(client, SEARCH, replaced("male")).status_code == 200


RIGHT_WRITES = {
    "declared-vread-not-implemented": lambda client: client.get("/Location/x/_history/1").status_code == 404,
    "declared-patch-not-implemented": lambda client: patch(client, "/Organization/x").status_code == 404,
    "declared-validate-not-implemented": lambda client: (
        client.post("/Patient/$validate", json=PATIENT, headers=FHIR).status_code == 200
    ),
    "read-without-last-modified": lambda client: "Last-Modified" in client.get("/Patient/p1").headers,
    "head-answers-404": lambda client: client.head("/Patient/p1").status_code == 200,
    "read-of-a-part-answers-a-bundle": of_a_part,
    "last-updated-is-to-come": lambda client: (
        client.get("/Patient/p1").json()["meta"]["lastUpdated"] < "2026"
    ),
    "last-updated-never-changes": written_now,
    "if-none-match-ignored": lambda client: tagged(client, client.get("/Patient/p1").headers["ETag"]) == 304,
    "not-modified-to-any-tag": lambda client: tagged(client, 'W/"other"') == 200,
    "if-modified-since-ignored": modified_since,
    "vread-gives-current": vread_of_first,
    "unknown-version-is-current": lambda client: client.get("/Patient/p1/_history/99").status_code == 404,
    "deleted-version-still-read": lambda client: (
        client.get(f"{versions(client)}/_history/3").status_code == 410
    ),
    "history-misses-versions": lambda client: numbers(history(client, versions(client))) == ["2", "1"],
    "history-oldest-first": lambda client: numbers(history(client, versions(client))) == ["2", "1"],
    "history-tells-no-requests": lambda client: "request" in history(client, "/Patient/p1")[0],
    "history-calls-updates-creations": lambda client: (
        put(client, client.get("/Patient/p1").json()).is_success
        and history(client, "/Patient/p1")[0]["request"]["method"] == "PUT"
    ),
    "history-ignores-since": lambda client: (
        not history(client, "/Patient/p1", "?_since=2100-01-01T00:00:00Z")
    ),
    "history-ignores-count": lambda client: len(history(client, "/Patient", "?_count=2")) == 2,
    "history-deletion-holds-a-resource": lambda client: (
        "resource" not in history(client, versions(client))[0]
    ),
    "history-hides-deletions": lambda client: len(history(client, versions(client))) == 3,
    "history-of-first-versions-only": lambda client: len(history(client, versions(client))) == 3,
    "create-location-without-version": location,
    "create-drops-time-zone": keeps("deceasedDateTime"),
    "create-composes-letters": keeps("name"),
    "create-misreads-letters": keeps("name"),
    "create-keeps-western-letters-only": keeps("name"),
    "create-shortens-texts": keeps("address"),
    "create-drops-extensions-of-primitives": keeps("_birthDate"),
    "create-keeps-first-of-several": keeps("address"),
    "create-drops-contained-resources": keeps("contained"),
    "create-rounds-decimals": decimals,
    "create-takes-over-meta": own_meta,
    "update-drops-extensions-of-primitives": lambda client: (
        updated(client, lambda patient: patient | {"gender": "male"}).get("_birthDate") == EXTENDED
    ),
    "update-rounds-decimals": updated_decimals,
    "update-takes-over-meta": lambda client: (
        updated(client, lambda patient: patient | {"meta": {"versionId": "77"}})["meta"]["versionId"] == "2"
    ),
    "preference-ignored": minimal,
    "writes-without-etag": lambda client: (
        "ETag" in client.post("/Patient", json=PATIENT, headers=FHIR).headers
    ),
    "update-answers-the-old-version": lambda client: (
        client.put("/Patient/p1", json=PATIENT | {"id": "p1"}, headers=FHIR).headers["ETag"]
        == client.get("/Patient/p1").headers["ETag"]
    ),
    "version-stays-the-same": lambda client: (
        updated(client, lambda patient: patient | {"gender": "male"})["meta"]["versionId"] == "2"
    ),
    "update-merges": lambda client: "gender" not in updated(client, without("gender")),
    "update-drops-names": lambda client: updated(client, without("gender"))["name"] == PATIENT["name"],
    "update-accepts-missing-id": lambda client: (
        client.put("/Patient/p1", json=PATIENT, headers=FHIR).status_code == 400
    ),
    "update-without-id-refused-and-kept": lambda client: refused_and_unchanged(client, {}),
    "update-with-another-id-refused-and-kept": lambda client: refused_and_unchanged(client, {"id": "other"}),
    "update-create-refused-and-kept": lambda client: (
        put(client, PATIENT | {"id": "new"}).status_code == client.get("/Patient/new").status_code + 1 == 201
    ),
    "update-create-refused": new_id,
    "update-create-undeclared": declared_and_done,
    "recreated-resource-keeps-old-elements": brought_back,
    "patch-is-not-kept": lambda client: patched(client, replaced("male")) == (200, "male"),
    "patch-ignores-tests": lambda client: (
        patched(client, replaced("male"), {"op": "test", "path": "/gender", "value": "x"}) == (422, "female")
    ),
    "failing-patch-half-applied": lambda client: (
        patched(client, replaced("male"), {"op": "remove", "path": "/none"}) == (422, "female")
    ),
    "stale-patch-accepted": lambda client: (
        patched(client, replaced("male"), **{"If-Match": 'W/"1"'}) == (412, "female")
    ),
    "conditional-patch-refused": patched_by_search,
    "second-delete-answers-500": second_delete,
    "deleted-resource-still-found": deleted_is_found,
    "delete-erases-history": erased,
    "conditional-create-always-creates": lambda client: made(client) and unless(client).status_code == 200,
    "conditional-create-of-many-takes-first": lambda client: of_many(client, unless),
    "conditional-update-creates-second": update_by_search,
    "conditional-update-with-another-id": lambda client: (
        bool(made(client))
        and client.put(SEARCH, json=PATIENT | {"id": "another"}, headers=FHIR).status_code == 400
    ),
    "conditional-update-of-many-updates-first": lambda client: of_many(
        client, lambda client: client.put(SEARCH, json=PATIENT, headers=FHIR)
    ),
    "conditional-delete-deletes-nothing": conditional_delete_of_one,
    "conditional-delete-of-many-deletes-one": conditional_delete_of_many,
    "batch-stops-at-failure": goes_on,
    "batch-refuses-deletes": batch_of_deletes,
    "batch-create-names-another": batch_says_where,
    "batch-answers-out-of-order": lambda client: in_order(client, "batch"),
    "transaction-leaves-placeholders": linked,
    "transaction-answers-out-of-order": lambda client: in_order(client, "transaction"),
    "transaction-accepts-duplicates": duplicates,
    "transaction-keeps-order-of-entries": own_order,
    "conditional-reference-unresolved": resolved,
    "update-keeps-old-identifier": new_value,
    "search-lags-after-updates": new_value,
    "search-finds-old-values": old_value,
    "create-drops-narrative": lambda client: "text" in made(client, text=NARRATIVE),
    "create-repoints-references": lambda client: made(
        client, generalPractitioner=[{"reference": "Practitioner/dr"}]
    )["generalPractitioner"][0]["reference"].endswith("dr"),
    "search-shows-what-it-first-found": shown_as_changed,
    "validate-finds-no-fault": invalid,
    "everything-leaks-another-patient": everyone,
}
