"""Looks at what searches of the reference supplier find, by the fault that each would show."""

from conftest import BASE, found_ids

FHIR = {"Content-Type": "application/fhir+json"}
UCUM = "http://unitsofmeasure.org"


def ids(client, path, *held):
    """The ids on the first page of a search, after these resources were put."""
    for resource in held:
        answer = client.put(f"/{resource['resourceType']}/{resource['id']}", json=resource, headers=FHIR)
        assert answer.status_code in {200, 201}, answer.text
    return sorted(found_ids(client.get(path).json()))


def coded(identity, *codings, **more):
    code = {"coding": list(codings)} if codings else {}
    return {"resourceType": "Condition", "id": identity, "code": code | more}


def quantity(value, code="kg"):
    return {"value": value, "unit": code, "system": UCUM, "code": code}


def pressure(identity, upper, lower):
    parts = [("sys", upper), ("dia", lower)]
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"coding": [{"system": "urn:c", "code": "bp"}]},
        "component": [
            {
                "code": {"coding": [{"system": "urn:c", "code": code}]},
                "valueQuantity": quantity(value, "mm[Hg]"),
            }
            for code, value in parts
        ],
    }


def risk(identity, probability):
    prediction = [{"probabilityDecimal": probability}]
    return {"resourceType": "RiskAssessment", "id": identity, "status": "final", "prediction": prediction}


def visit(identity, source="", **period):
    found = {"resourceType": "Encounter", "id": identity, "status": "finished"}
    return found | ({"meta": {"source": source}} if source else {"period": period})


SYSTEMATIC = coded("with", {"system": "urn:s", "code": "q"})
BARE = coded("bare", {"code": "q"})
PRESSURES = (pressure("high", 150, 90), pressure("low", 110, 70))
RISKS = (risk("nine", 9), risk("ten", 10.04))
LONG = visit("long", start="2024-02-01T10:00:00Z", end="2024-02-01T12:00:00Z")
EAST = {"resourceType": "Organization", "id": "east", "name": "Ward 1, East"}
MADE = {
    "resourceType": "Immunization",
    "id": "made",
    "status": "completed",
    "manufacturer": {"identifier": {"system": "urn:m", "value": "1"}},
}
VERSIONED = {"resourceType": "Provenance", "id": "v", "target": [{"reference": "Patient/p1/_history/1"}]}

RIGHT_SEARCH_VALUES = {
    "bare-code-needs-no-system": lambda client: (
        ids(client, "/Condition?code=q", SYSTEMATIC, BARE) == ["bare", "with"]
    ),
    "no-system-is-any-system": lambda client: ids(client, "/Condition?code=|q", SYSTEMATIC, BARE) == ["bare"],
    "system-alone-ignored": lambda client: (
        ids(client, "/Condition?code=urn:s|", SYSTEMATIC, coded("other", {"system": "urn:t", "code": "q"}))
        == ["with"]
    ),
    "labels-ignored": lambda client: ids(client, "/Patient?_tag=none") == [],
    "not-returns-the-excluded": lambda client: ids(client, "/Patient?gender:not=female") == ["p2", "p4"],
    "not-leaves-out-the-missing": lambda client: "c1" in ids(client, "/Condition?code:not=38341003"),
    "text-modifier-finds-all": lambda client: (
        ids(client, "/Condition?code:text=ast", coded("a", text="Asthma"), coded("b", text="Gout")) == ["a"]
    ),
    "missing-is-inverted": lambda client: ids(client, "/Patient?death-date:missing=false") == ["p2"],
    "missing-false-ignored": lambda client: ids(client, "/Patient?death-date:missing=false") == ["p2"],
    "name-search-is-family-only": lambda client: ids(client, "/Patient?name=ana") == ["p1"],
    "string-search-minds-accents": lambda client: ids(client, "/Patient?family=muller") == ["p1"],
    "comma-escape-ignored": lambda client: ids(client, r"/Organization?name=Ward 1\, East", EAST) == ["east"],
    "exact-is-contains": lambda client: ids(client, "/Patient?family:exact=mith") == [],
    "string-search-has-wildcards": lambda client: (
        ids(client, "/Patient?family=s_ith") == ids(client, "/Patient?family=%25mith") == []
    ),
    "token-search-has-wildcards": lambda client: ids(client, "/Patient?gender=f_male") == [],
    "contains-is-start": lambda client: ids(client, "/Patient?family:contains=neil") == ["p3"],
    "partial-date-is-first-day": lambda client: ids(client, "/Patient?birthdate=1980-02") == ["p1"],
    "date-gt-includes-equal": lambda client: "p1" not in ids(client, "/Patient?birthdate=gt1980-02-29"),
    "open-periods-end-at-once": lambda client: (
        "on" in ids(client, "/Encounter?date=gt2190", visit("on", start="2024-02-01T10:00:00Z"))
    ),
    "date-le-excludes-equal": lambda client: "p1" in ids(client, "/Patient?birthdate=le1980-02-29"),
    "date-ne-is-eq": lambda client: ids(client, "/Patient?birthdate=ne1999") == ["p1", "p2", "p3"],
    "date-sa-is-gt": lambda client: "long" not in ids(client, "/Encounter?date=sa2024-02-01T10:00:00Z", LONG),
    "date-eb-is-lt": lambda client: "long" not in ids(client, "/Encounter?date=eb2024-02-01T12:00:00Z", LONG),
    "date-ap-excludes-equal": lambda client: "p1" in ids(client, "/Patient?birthdate=ap1980-02-29"),
    "date-search-ignores-zone": lambda client: (
        ids(client, "/Patient?death-date=2020-03-04T06:06:07%2B01:00") == ["p2"]
    ),
    "date-lt-includes-equal": lambda client: "p1" not in ids(client, "/Patient?birthdate=lt1980-02-29"),
    "date-search-skips-partial-dates": lambda client: "p4" in ids(client, "/Patient?birthdate=ge1990"),
    "number-prefix-ignored": lambda client: ids(client, "/RiskAssessment?probability=gt9", *RISKS) == ["ten"],
    "numbers-compared-exactly": lambda client: (
        ids(client, "/RiskAssessment?probability=10.0", *RISKS) == ["ten"]
    ),
    "bare-number-needs-no-unit": lambda client: ids(client, "/Observation?value-quantity=100") == ["o000"],
    "quantity-unit-ignored": lambda client: ids(client, f"/Observation?value-quantity=100|{UCUM}|m") == [],
    "decimals-compared-as-text": lambda client: (
        ids(client, "/RiskAssessment?probability=gt9", *RISKS) == ["ten"]
    ),
    "bare-id-not-found": lambda client: ids(client, "/Encounter?patient=p2") == ["e2"],
    "absolute-reference-not-found": lambda client: (
        ids(client, f"/Encounter?subject={BASE}/Patient/p2") == ["e2"]
    ),
    "reference-type-ignored": lambda client: ids(client, "/Encounter?subject=Group/p2") == [],
    "typed-modifier-ignored": lambda client: ids(client, "/Encounter?subject:Group=p2") == [],
    "versioned-reference-not-found": lambda client: (
        "v" in ids(client, "/Provenance?target=Patient/p1", VERSIONED)
    ),
    "identifier-modifier-finds-all": lambda client: (
        ids(client, "/Immunization?manufacturer:identifier=urn:m|2", MADE) == []
    ),
    "uri-search-ignores-case": lambda client: (
        ids(client, "/Encounter?_source=urn:A", visit("s", "urn:a")) == []
    ),
    "uri-below-is-equal": lambda client: (
        ids(client, "/Encounter?_source:below=http://a/b", visit("s", "http://a/b/c")) == ["s"]
    ),
    "composite-parts-stand-apart": lambda client: (
        ids(client, "/Observation?component-code-value-quantity=sys$90", *PRESSURES) == []
    ),
    "or-is-and": lambda client: ids(client, "/Patient?family=smith,muldoon") == ["p2", "p4"],
    "and-is-or": lambda client: ids(client, "/Patient?family=smith&gender=female") == [],
    "chain-ignores-second-half": lambda client: (
        ids(client, "/Encounter?subject:Patient.family=muldoon") == ["e2"]
    ),
    "has-ignored": lambda client: ids(client, "/Patient?_has:Encounter:patient:_id=e2") == ["p2"],
    "unknown-value-matches-all": lambda client: ids(client, "/Patient?family=nobody") == [],
    "odd-text-fails": lambda client: client.get("/Patient?family=王").status_code == 200,
    "invalid-value-finds-all": lambda client: client.get("/Patient?birthdate=odd").status_code == 400,
}
