"""Looks at what the reference supplier declares and keeps from sight, by the fault that each would show."""

import time

from supplier_looks_formats import nothing_kept
from supplier_looks_rest import atomic

A_MOMENT = 0.6
COMBINATION = "search-parameter-combination"


def later(look):
    """A look that is taken again when an index that lags has caught up."""

    def looked(client):
        look(client)
        time.sleep(A_MOMENT)
        total = client.get("/Patient?_summary=count").json()["total"]
        return total == 4

    return looked


def entries(client):
    return {one["type"]: one for one in client.get("/metadata").json()["rest"][0]["resource"]}


def declared(client):
    return [one for entry in entries(client).values() for one in entry["searchParam"]]


def no_combination(client):
    return COMBINATION not in client.get("/metadata").text


def location_versions(client):
    body = {"resourceType": "Location", "id": "here", "name": "Ward"}
    answer = client.put("/Location/here", json=body, headers={"Content-Type": "application/fhir+json"})
    version = client.get("/Location/here").json()["meta"].get("versionId", "1")
    return answer.is_success and client.get(f"/Location/here/_history/{version}").is_success


RIGHT_DECLARED = {
    "histories-not-declared": lambda client: any(
        one["code"] == "vread" for one in entries(client)["Patient"]["interaction"]
    ),
    "declared-type-not-there": lambda client: all(
        client.get(f"/{name}").is_success for name in entries(client)
    ),
    "declared-search-is-passed-over": lambda client: all(
        one["name"] in client.get(f"/Patient?{one['name']}=x").json()["link"][0]["url"]
        for one in entries(client)["Patient"]["searchParam"]
        if one["type"] == "string"
    ),
    "declared-operation-not-there": lambda client: (
        "$match" not in client.get("/metadata").text
        and all(one["name"] != "match" for one in entries(client)["Patient"]["operation"])
    ),
    "declared-reading-operation-not-there": lambda client: all(
        one["name"] != "lastn" for one in entries(client)["Observation"]["operation"]
    ),
    "declared-operation-gives-nothing": lambda client: (
        client.get("/Patient/p1/$meta").json().get("parameter")
        == [{"name": "return", "valueMeta": client.get("/Patient/p1").json()["meta"]}]
    ),
    "search-parameter-of-another-type": lambda client: any(one["type"] == "date" for one in declared(client)),
    "search-parameter-without-definition": lambda client: any(
        "definition" in one for one in declared(client)
    ),
    "declared-vread-hidden": location_versions,
    "standard-parameter-defined-anew": lambda client: (
        "harbour.example.org" not in " ".join(one.get("definition", "") for one in declared(client))
    ),
    "declared-combination-fails": no_combination,
    "combination-finds-what-has-one": no_combination,
    "transaction-keeps-half-found-later": later(atomic),
    "refused-create-is-kept-and-found-later": later(nothing_kept),
}
