"""Looks at exports that another system cannot take over, by the fault that each would show."""

from conftest import export
from supplier_looks_export import as_it_is, output_is

CODED = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body height"}]},
    "subject": {"reference": "Patient/p1"},
}


def created_whole(client):
    answer = client.post("/Observation", json=CODED)
    return CODED.items() <= answer.json().items()


NOTED = {
    **CODED,
    "encounter": {"reference": "Encounter/e1"},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Height</div>'},
    "valueQuantity": {"value": 171.25, "unit": "cm"},
}
MET = {
    "resourceType": "Condition",
    "code": {"text": "Cough"},
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
}


def exported_as_written(body):
    """Eight times, so that what happens to some of them is seen."""

    def look(client):
        for _ in range(8):
            client.post(f"/{body['resourceType']}", json=body)
        return as_it_is(body["resourceType"])(client)

    return look


def last_zeros_kept(client):
    text = (
        '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":171.20}}'
    )
    for _ in range(8):
        client.post("/Observation", content=text, headers={"Content-Type": "application/fhir+json"})
    (item,) = export(client, "/$export?_type=Observation")["output"]
    return client.get(item["url"]).content.count(b'"value":171.20') == 8


def creates_declared(client):
    server = client.get("/metadata").json()["rest"][0]
    return {"code": "create"} in server["resource"][0]["interaction"]


RIGHT_TRIP = {
    "export-has-elements-of-its-own": as_it_is("Patient"),
    "export-writes-dates-the-local-way": as_it_is("Patient"),
    "export-writes-numbers-as-text": as_it_is("Observation"),
    "export-drops-time-zones": as_it_is("Observation"),
    "export-writes-one-name-for-many": as_it_is("Patient"),
    "export-holds-types-of-its-own": output_is(
        lambda found: all(one["resourceType"] == name for name, several in found.items() for one in several)
    ),
    "export-pads-codes": as_it_is("Condition"),
    "export-shortens-status": as_it_is("Observation"),
    "export-drops-what-must-be-there": as_it_is("Encounter"),
    "export-claims-what-is-not-met": as_it_is("Observation"),
    "export-drops-displays": exported_as_written(CODED),
    "export-drops-codes-for-words": as_it_is("Condition"),
    "export-drops-times-of-day": as_it_is("Observation"),
    "export-rounds-numbers": exported_as_written(NOTED),
    "export-drops-trailing-zeros": last_zeros_kept,
    "export-drops-encounter-links": exported_as_written(NOTED),
    "export-drops-narratives": exported_as_written(NOTED),
    "export-relabels-what-it-changed": exported_as_written(MET),
    "export-renumbers-patients": as_it_is("Patient"),
    "import-drops-displays": created_whole,
    "import-drops-references": created_whole,
    "import-not-declared": creates_declared,
}
