import pytest


def observation(reference: dict) -> dict:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": reference}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Patient/1", []),
        ("Patient/1/_history/2", []),
        ("http://server.test/fhir/Patient/1", []),
        ("https://server.test/anything?id=3", []),
        ("urn:uuid:d12004a7-5ed5-41ab-a8f2-0de5f0c98847", []),
        ("urn:oid:1.2.3", []),
        ("Practitioner/1", ["reference-target-type"]),
        ("http://server.test/fhir/Practitioner/1", ["reference-target-type"]),
        ("http://server.test/fhir/Chicken/1", []),
        ("Chicken/1", ["reference-type-unknown"]),
        ("DomainResource/1", ["reference-type-unknown"]),
        ("1", ["reference-form"]),
        ("Patient/", ["reference-form"]),
        ("Patient/a b", ["reference-form"]),
        ("Patient?identifier=1", ["reference-conditional"]),
    ],
)
def test_literal_reference(told, reference, expected):
    assert [message for message, _ in told("reference-", observation({"reference": reference}))] == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"type": "Patient", "reference": "Patient/1"}, []),
        ({"type": "Patient", "identifier": {"value": "1"}}, []),
        ({"type": "http://hl7.org/fhir/StructureDefinition/Patient", "reference": "Patient/1"}, []),
        ({"type": "http://logical.test/Model", "identifier": {"value": "1"}}, []),
        ({"type": "Patient", "reference": "urn:uuid:d12004a7-5ed5-41ab-a8f2-0de5f0c98847"}, []),
        ({"type": "Group", "reference": "Patient/1"}, ["reference-type-disagrees"]),
        ({"type": "Chicken", "reference": "Patient/1"}, ["reference-type-unknown"]),
        ({"type": "Practitioner", "identifier": {"value": "1"}}, ["reference-target-type"]),
    ],
)
def test_stated_type(told, reference, expected):
    assert [message for message, _ in told("reference-", observation(reference))] == expected


@pytest.mark.parametrize(("kind", "expected"), [("Patient", []), ("Organization", ["reference-target-type"])])
def test_contained_target(told, kind, expected):
    resource = observation({"reference": "#a"}) | {
        "contained": [{"resourceType": kind, "id": "a", "name": []}]
    }
    assert [message for message, _ in told("reference-", resource)] == expected


def test_a_target_in_the_bundle_is_judged_by_what_it_is(told):
    uuid = "urn:uuid:d12004a7-5ed5-41ab-a8f2-0de5f0c98847"
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "urn:uuid:aaaaaaaa-5ed5-41ab-a8f2-0de5f0c98847",
                "resource": observation({"reference": uuid}),
            },
            {"fullUrl": uuid, "resource": {"resourceType": "Organization", "name": "x"}},
        ],
    }
    assert told("reference-", bundle) == [("reference-target-type", "Bundle.entry[0].resource.subject")]


@pytest.mark.parametrize(("kind", "count"), [("transaction", 0), ("collection", 1)])
def test_a_search_may_stand_for_a_reference_in_a_transaction(told, kind, count):
    entry = {
        "fullUrl": "urn:uuid:aaaaaaaa-5ed5-41ab-a8f2-0de5f0c98847",
        "resource": observation({"reference": "Patient?identifier=1"}),
    }
    if kind == "transaction":
        entry["request"] = {"method": "POST", "url": "Observation"}
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
    assert len(told("reference-conditional", bundle)) == count
