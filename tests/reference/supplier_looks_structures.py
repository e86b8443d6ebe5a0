"""Looks at the resources that the reference supplier shows, by the fault that each would show."""

NHS, ODS = "https://fhir.nhs.uk/Id/nhs-number", "https://fhir.nhs.uk/Id/ods-organization-code"
SNOMED = "http://snomed.info/sct"


def shown(client, kind):
    return [entry["resource"] for entry in client.get(f"/{kind}?_count=100").json()["entry"]]


def every(kind, holds):
    """Whether this holds for each resource of a type, in a search and in a read."""

    def look(client):
        found = shown(client, kind)
        read = [client.get(f"/{kind}/{one['id']}").json() for one in found]
        assert read == found
        return bool(found) and all(holds(one) for one in found)

    return look


def numbers(resource, system):
    return [one for one in resource.get("identifier", ()) if one.get("system") == system]


def telecoms(resource):
    return resource.get("telecom", [])


def recorder(condition):
    return condition.get("recorder", {})


def codes(resource, element):
    return resource.get(element, {}).get("coding", ())


def searchable(client, kind):
    (served,) = client.get("/metadata").json()["rest"]
    return {one["name"] for each in served["resource"] if each["type"] == kind for one in each["searchParam"]}


RIGHT_STRUCTURES = {
    "resources-with-unknown-elements": every("Organization", lambda r: "legacyCode" not in r),
    "resources-lack-mandatory-elements": every(
        "Condition", lambda r: all("text" in note for note in r.get("note", ()))
    ),
    "choice-of-wrong-type": every(
        "Condition", lambda r: not any("authorBoolean" in note for note in r.get("note", ()))
    ),
    "primitive-out-of-form": every("Organization", lambda r: all(t.get("rank", 1) > 0 for t in telecoms(r))),
    "code-outside-required-value-set": every(
        "Organization", lambda r: not any(t.get("use") == "depot" for t in telecoms(r))
    ),
    "extension-in-wrong-place": every("Observation", lambda r: "extension" not in r),
    "invariant-broken": every("Organization", lambda r: not any(t.get("use") == "home" for t in telecoms(r))),
    "vital-signs-without-unit": every("Observation", lambda r: "unit" in r["valueQuantity"]),
    "structure-claimed-and-not-met": every("Group", lambda r: "characteristic" not in r),
    "reference-to-nowhere": every("Condition", lambda r: not recorder(r)),
    "reference-to-wrong-type": every("Condition", lambda r: not recorder(r)),
    "reference-states-wrong-type": every("Condition", lambda r: "type" not in recorder(r)),
    "contained-resource-missing": every("Condition", lambda r: not recorder(r)),
    "contained-resource-unused": every("Condition", lambda r: "contained" not in r),
    "patients-with-two-nhs-numbers": every("Patient", lambda r: len(numbers(r, NHS)) == 1),
    "organisations-with-two-ods-codes": every("Organization", lambda r: len(numbers(r, ODS)) < 2),
    "prescriptions-silent-on-substitution": every("MedicationRequest", lambda r: "substitution" in r),
    "nhs-numbers-with-wrong-check-digit": every(
        "Patient",
        lambda r: numbers(r, NHS)[0]["value"] in {"9434765919", "9434765870", "9434765838", "9434765927"},
    ),
    "nhs-numbers-without-verification-status": every("Patient", lambda r: "extension" in numbers(r, NHS)[0]),
    "organisations-without-ods-code": every(
        "Organization", lambda r: numbers(r, ODS) or not r["id"].startswith("ward")
    ),
    "snomed-codes-with-wrong-check-digit": every(
        "Condition", lambda r: all(one["code"] != "38341004" for one in codes(r, "code"))
    ),
    "medicines-under-unknown-system": every(
        "MedicationRequest",
        lambda r: all(c["system"] == SNOMED for c in codes(r, "medicationCodeableConcept")),
    ),
    "patients-cannot-be-found-by-identifier": lambda client: "identifier" in searchable(client, "Patient"),
    "claims-other-version-in-uk": lambda client: client.get("/metadata").json()["fhirVersion"] == "4.0.1",
}
