"""Looks at the supplier as it records vaccinations and as the NHS App shows it, by the fault that each shows."""

from conftest import export, exported, found_ids

from conformance.reference.population.people import NHS_NUMBERS, VERIFICATION

FHIR = {"Content-Type": "application/fhir+json"}
UNKNOWN = "9990000034"
WRONG = "9990000035"


def held(client, kind, query=""):
    """The resources that a search finds."""
    entries = client.get(f"/{kind}?_count=200{query}").json().get("entry", [])
    return [entry["resource"] for entry in entries]


def offers(kind):
    def look(client):
        server = client.get("/metadata").json()["rest"][0]
        return kind in {one["type"] for one in server["resource"]}

    return look


def every(kind, right, **having):
    """Whether all resources of the type (with these elements) are right."""

    def look(client):
        found = [one for one in held(client, kind) if having.items() <= one.items()]
        return bool(found) and all(right(one) for one in found)

    return look


def has(*elements):
    return lambda resource: all(element in resource for element in elements)


def made(client, resource):
    return client.post(f"/{resource['resourceType']}", json=resource, headers=FHIR)


def patients(client):
    """Two living patients with their NHS numbers."""
    found = [
        one for one in held(client, "Patient") if not {"deceasedBoolean", "deceasedDateTime"} & one.keys()
    ]
    return [(one, number(one)) for one in found[:2]]


def number(patient):
    return next(one["value"] for one in patient["identifier"] if one["system"] == NHS_NUMBERS)


def given(client, **changed):
    """A whole vaccination, as one that there is, under another identifier."""
    whole = next(one for one in held(client, "Immunization") if one["status"] == "completed")
    new = {name: value for name, value in whole.items() if name not in {"id", "meta"}}
    changed = {"identifier": [{"system": "https://looks.example/id", "value": "new"}]} | changed
    return {name: value for name, value in (new | changed).items() if value is not None}


def refuses(**changed):
    return lambda client: made(client, given(client, **changed)).status_code == 400


def keeps(client, resource, change):
    """What is read after a resource was written, and changed."""
    first = made(client, resource).json()
    path = f"/{first['resourceType']}/{first['id']}"
    client.put(path, json=first | change, headers=FHIR)
    return client.get(path).json()


def corrected(change):
    return lambda client: change.items() <= keeps(client, given(client), change).items()


def answers(status, change, headers):
    def look(client):
        first = made(client, given(client)).json()
        path = f"/Immunization/{first['id']}"
        client.put(path, json=first | {"lotNumber": "TEST2"}, headers=FHIR)
        return client.put(path, json=first | change, headers=FHIR | headers).status_code == status

    return look


def keeps_history(client):
    first = made(client, given(client)).json()
    path = f"/Immunization/{first['id']}"
    client.put(path, json=first | {"lotNumber": "TEST2"}, headers=FHIR)
    return client.get(f"{path}/_history/1").json()["lotNumber"] == first["lotNumber"]


def numbered(value, status="02"):
    system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
    told = {"url": VERIFICATION, "valueCodeableConcept": {"coding": [{"system": system, "code": status}]}}
    identifier = {"extension": [told], "system": NHS_NUMBERS, "value": value}
    return {"resourceType": "Patient", "identifier": [identifier], "name": [{"family": "Looks"}]}


def own(kind):
    """Whether a search by patient finds what is the patient's alone, for each of two patients."""

    def look(client):
        for patient, _ in patients(client):
            mine = f"Patient/{patient['id']}"
            if any(mine not in str(one) for one in held(client, kind, f"&patient={mine}")):
                return False
        return True

    return look


def by_number(kind):
    """The searches by an id and by its NHS number, for each of two patients, find the same and something."""

    def look(client):
        for patient, value in patients(client):
            by_id = {one["id"] for one in held(client, kind, f"&patient=Patient/{patient['id']}")}
            found = {one["id"] for one in held(client, kind, f"&patient.identifier={NHS_NUMBERS}|{value}")}
            if found != by_id or not found:
                return False
        return True

    return look


def finds(query, ids):
    """Whether a search for patients finds these, given one patient and the number."""

    def look(client):
        patient, value = patients(client)[0]
        asked = query.format(number=f"{NHS_NUMBERS}|{value}", unknown=f"{NHS_NUMBERS}|{UNKNOWN}", **patient)
        return found_ids(client.get(asked).json()) == ids(patient)

    return look


def matches(client):
    patient, _ = patients(client)[0]
    asked = {"resourceType": "Patient", "name": patient["name"], "birthDate": patient["birthDate"]}
    body = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": asked}]}
    return patient["id"] in found_ids(client.post("/Patient/$match", json=body, headers=FHIR).json())


def not_given_is_kept(client):
    told = {"coding": [{"system": "http://snomed.info/sct", "code": "310376006"}]}
    kept = made(client, given(client, status="not-done", statusReason=told)).json()
    return kept["status"] == "not-done" and kept["statusReason"] == told


def kept_once(client):
    made(client, given(client))
    made(client, given(client))
    return len(held(client, "Immunization", "&identifier=https://looks.example/id|new")) == 1


def all_exported(kind):
    def look(client):
        return len(exported(client, export(client)).get(kind, [])) == len(held(client, kind))

    return look


RIGHT_VACCINATION = {
    "vaccinations-not-offered": offers("Immunization"),
    "client-role-not-declared": lambda client: (
        {"server", "client"} == {one["mode"] for one in client.get("/metadata").json()["rest"]}
    ),
    "vaccination-server-follows-stu3": lambda client: (
        client.get("/metadata").json()["fhirVersion"] == "4.0.1"
    ),
    "vaccinations-without-identifier": every("Immunization", has("identifier")),
    "vaccines-in-own-codes": every("Immunization", lambda one: "snomed" in str(one["vaccineCode"])),
    "vaccine-codes-with-wrong-digit": every(
        "Immunization", lambda one: one["vaccineCode"]["coding"][0]["code"][-2:] in {"03", "08"}
    ),
    "vaccinations-without-procedure": every("Immunization", has("extension")),
    "vaccinations-without-disease": every("Immunization", has("protocolApplied")),
    "vaccinations-without-source": every("Immunization", has("recorded", "primarySource")),
    "vaccinations-without-organisation": every("Immunization", has("performer")),
    "vaccinations-without-place": every("Immunization", has("location")),
    "vaccinations-without-expiry": every("Immunization", has("expirationDate"), status="completed"),
    "vaccinations-without-site": every("Immunization", has("site"), status="completed"),
    "refusals-without-reason": every("Immunization", has("statusReason"), status="not-done"),
    "nhs-number-status-in-words": every("Patient", lambda one: "StatusEngland" in str(one["identifier"])),
    "nhs-numbers-with-wrong-digit": every(
        "Patient",
        lambda one: (
            sum(int(d) * (10 - n) for n, d in enumerate(number(one)[:9])) % 11
            == (11 - int(number(one)[9])) % 11
        ),
    ),
    "unverified-nhs-number-shown-verified": lambda client: (
        "'02'" in str(made(client, numbered(UNKNOWN)).json())
    ),
    "wrong-nhs-number-accepted": lambda client: made(client, numbered(WRONG)).status_code == 400,
    "vaccination-loses-its-dose": lambda client: "doseQuantity" in made(client, given(client)).json(),
    "vaccination-without-organisation-accepted": refuses(performer=None),
    "vaccination-without-batch-accepted": refuses(lotNumber=None),
    "refusal-without-reason-accepted": refuses(status="not-done"),
    "refusal-shown-as-given": not_given_is_kept,
    "vaccinations-of-another-found": own("Immunization"),
    "vaccinations-not-found-by-nhs-number": by_number("Immunization"),
    "duplicate-recorded-twice": kept_once,
    "corrected-batch-not-shown": corrected({"lotNumber": "TEST2"}),
    "outdated-correction-accepted": answers(412, {"lotNumber": "TEST3"}, {"If-Match": 'W/"1"'}),
    "correction-changes-identifier": answers(400, {"identifier": [{"system": "urn:x", "value": "y"}]}, {}),
    "correction-loses-history": keeps_history,
    "withdrawn-vaccination-still-given": corrected({"status": "entered-in-error"}),
    "patients-not-found-by-name": lambda client: client.get("/Patient?family=x").status_code == 200,
    "nhs-number-finds-another-too": finds("/Patient?identifier={number}", lambda one: [one["id"]]),
    "unknown-nhs-number-finds-somebody": finds("/Patient?identifier={unknown}", lambda _: []),
    "any-birth-date-matches": finds("/Patient?identifier={number}&birthdate=1899-12-31", lambda _: []),
    "match-finds-nobody": matches,
    "vaccination-recorded-without-address": lambda client: "location" in made(client, given(client)).headers,
    "recommendations-not-offered": offers("ImmunizationRecommendation"),
    "recommendations-of-another-told": own("ImmunizationRecommendation"),
    "recommendations-without-date": every(
        "ImmunizationRecommendation", lambda one: "dateCriterion" in one["recommendation"][0]
    ),
    "vaccinations-not-exported": all_exported("Immunization"),
    "consents-not-exported": all_exported("Consent"),
    "sessions-not-exported": all_exported("Encounter"),
}


def written(client, kind, **changed):
    """One more of what there is, about the same patient; the answer and the patient's reference."""
    one = held(client, kind)[0]
    new = {name: value for name, value in one.items() if name not in {"id", "meta"}} | changed
    whose = next(part for part in str(one).split("'") if part.startswith("Patient/"))
    return made(client, new).json(), whose


def listed_at_once(client):
    new, whose = written(client, "DiagnosticReport")
    return new["id"] in {one["id"] for one in held(client, "DiagnosticReport", f"&patient={whose}")}


def listed_as_it_is(client):
    new, whose = written(client, "DiagnosticReport", status="preliminary")
    client.put(f"/DiagnosticReport/{new['id']}", json=new | {"status": "final"}, headers=FHIR)
    found = held(client, "DiagnosticReport", f"&patient={whose}")
    return "final" in {one["status"] for one in found if one["id"] == new["id"]}


def followed(client):
    new, _ = written(client, "MedicationRequest", status="active")
    path = f"/MedicationRequest/{new['id']}"
    client.put(path, json=new | {"status": "completed"}, headers=FHIR)
    return client.get(path).json()["status"] == "completed"


def links(appointment):
    return [one["valueUrl"] for one in appointment["extension"] if one["url"].endswith("Portal-Link")]


def reads(kind, where):
    """Whether what the resources of a type name can be read."""

    def look(client):
        named = [place for one in held(client, kind) for place in where(one)]
        return bool(named) and all(client.get(f"/{place}").status_code == 200 for place in named[:3])

    return look


def leads_on(client):
    found = [link for one in held(client, "Appointment") for link in links(one)]
    return bool(found) and client.get(found[0]).status_code == 302


def all_of_a_patient(client):
    def mine(query=""):
        return {one["id"] for one in held(client, "Appointment", query) if whose in str(one)}

    whose = f"Patient/{patients(client)[0][0]['id']}"
    return mine() == mine(f"&patient={whose}")


def nobody(client):
    return not held(client, "Appointment", f"&patient.identifier={NHS_NUMBERS}|{UNKNOWN}")


RIGHT_APP = {
    "appointments-not-offered": offers("Appointment"),
    "results-not-offered": offers("DiagnosticReport"),
    "letters-not-offered": offers("DocumentReference"),
    "prescriptions-not-offered": offers("MedicationRequest"),
    "list-lacks-an-appointment": all_of_a_patient,
    "results-of-another-listed": own("DiagnosticReport"),
    "letters-of-another-listed": own("DocumentReference"),
    "list-by-nhs-number-is-empty": by_number("Appointment"),
    "prescriptions-not-in-export": all_exported("MedicationRequest"),
    "any-nhs-number-lists-all": nobody,
    "reported-results-of-another": every("Observation", lambda one: "mixed-up" not in str(one)),
    "appointment-times-without-zone": every("Appointment", lambda one: one["start"].endswith("Z")),
    "results-without-issue-date": every("DiagnosticReport", has("issued")),
    "letters-without-date": every("DocumentReference", has("date")),
    "nhs-number-in-title": every("DocumentReference", lambda one: "NHS" not in one["description"]),
    "prescriptions-without-therapy": every("MedicationRequest", has("courseOfTherapyType")),
    "medicines-in-own-codes": every(
        "MedicationRequest", lambda one: "snomed" in str(one["medicationCodeableConcept"])
    ),
    "prescriptions-without-tracking": every("MedicationRequest", has("extension")),
    "reports-refer-to-gone-results": reads(
        "DiagnosticReport", lambda one: [each["reference"] for each in one["result"]]
    ),
    "appointments-without-link": every("Appointment", links),
    "portal-links-lead-nowhere": leads_on,
    "letters-cannot-be-opened": reads(
        "DocumentReference", lambda one: [one["content"][0]["attachment"]["url"]]
    ),
    "results-listed-late": listed_at_once,
    "prescription-status-stuck": followed,
    "list-shows-first-state": listed_as_it_is,
    "booking-loses-its-end": lambda client: "end" in written(client, "Appointment")[0],
    "cancelled-appointment-vanishes": lambda client: (
        "cancelled" in {one["status"] for one in held(client, "Appointment")}
    ),
    "repeat-request-becomes-an-order": lambda client: (
        written(client, "MedicationRequest", intent="proposal")[0]["intent"] == "proposal"
    ),
}
