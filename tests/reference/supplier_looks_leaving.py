"""Looks at what the reference supplier gives to who leaves, by the fault that each would show."""

import hashlib

from conftest import BASE, TOKEN, export, exported, finish
from supplier_looks_export import manifest_and_headers, manifest_is, output_is

BUSY = "/$export?_since=1990-01-01T00:00:00Z"


def everything(client):
    answer = client.get("/Patient/p1/$everything").json()
    return {entry["resource"]["resourceType"] for entry in answer["entry"]}


def deletions_named(client):
    since = export(client, "/$export?_type=Patient")["transactionTime"]
    client.delete("/Patient/p4")
    listing = export(client, f"/$export?_type=Patient&_since={since.replace('+', '%2B')}")
    return "Patient/p4" in str(exported(client, listing, "deleted"))


def read_while_exporting(client):
    location = client.get(BUSY).headers["Content-Location"]
    answer = client.get("/Patient/p1")
    finish(client, location)
    return answer.status_code == 200


def same_twice(client):
    url = export(client)["output"][0]["url"]
    return client.get(url).content == client.get(url).content


def part_is_part(client):
    url = export(client)["output"][0]["url"]
    plain = {"Accept-Encoding": "identity"}
    part = client.get(url, headers={"Range": "bytes=0-9", **plain}).content
    return client.get(url, headers=plain).content.startswith(part)


def three_at_once(client):
    answers = [client.get(f"{BUSY}&_type=Patient") for _ in range(3)]
    for answer in answers:
        if answer.is_success:
            client.delete(answer.headers["Content-Location"])
    return all(answer.status_code == 202 for answer in answers)


def refused(token):
    def look(client):
        client.headers.pop("Authorization")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.get("/$export", headers=headers)
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        return answer.status_code == 401

    return look


def digests_hold(client):
    return all(
        hashlib.sha256(client.get(item["url"]).content).hexdigest() in str(item.get("extension"))
        for item in export(client)["output"]
    )


def attachments(found):
    return [content["attachment"] for item in found["DocumentReference"] for content in item["content"]]


def beside(client, path):
    return client.get(f"{BASE.removesuffix('/fhir')}/{path}")


def configured(client):
    answer = beside(client, "configuration")
    return answer.headers["Content-Type"] == "application/json" and all(answer.json().values())


def sandbox(client):
    return beside(client, "sandbox/fhir/metadata").json()


RIGHT_LEAVING = {
    "configuration-by-ticket": configured,
    "configuration-is-empty": configured,
    "sandbox-is-older": lambda client: (
        sandbox(client)["software"] == client.get("/metadata").json()["software"]
    ),
    "sandbox-reads-only": lambda client: sandbox(client)["rest"] == client.get("/metadata").json()["rest"],
    "sandbox-is-gone": lambda client: sandbox(client)["resourceType"] == "CapabilityStatement",
    "everything-is-the-patient-only": lambda client: "Condition" in everything(client),
    "everything-without-observations": lambda client: "Observation" in everything(client),
    "export-tells-deletions-by-search": deletions_named,
    "reads-fail-while-exporting": read_while_exporting,
    "export-files-given-once": same_twice,
    "export-file-part-is-wrong": part_is_part,
    "exports-rationed-to-one": three_at_once,
    "exports-refused-without-time": three_at_once,
    "export-begins-for-anybody": refused(None),
    "export-begins-for-any-token": refused("of-nobody"),
    "export-links-never-expire": lambda client: (
        "Expires" in manifest_and_headers(client)[1] and export(client)["requiresAccessToken"]
    ),
    "export-digests-wrong": digests_hold,
    "export-without-digests": digests_hold,
    "export-names-no-documentation": manifest_is(
        lambda listing: "/docs/export.html" in str(listing.get("extension"))
    ),
    "export-names-other-documentation": manifest_is(
        lambda listing: "/docs/export.html" in str(listing["extension"])
    ),
    "export-drops-authors": output_is(
        lambda found: all("performer" in item for item in found["Observation"])
    ),
    "export-documents-without-content": output_is(
        lambda found: all("url" in one for one in attachments(found))
    ),
    "export-documents-on-a-share": output_is(
        lambda found: all(one["url"].startswith("https:") for one in attachments(found))
    ),
    "export-misstates-kind-of-documents": output_is(
        lambda found: all(one["contentType"] == "text/plain" for one in attachments(found))
    ),
}
