"""What a target declares."""

import pytest
from saw import declared, evidence, exchange, statement

from conformance.checks.capability import (
    capability_statement,
    declared_searches,
    declares,
    declares_as_client,
    fhir_version,
)
from conformance.checks.capability_searches import declared_search_definitions, declared_search_types
from conformance.errors import NoData, NotApplicable, NotJudgeable

RICH = {
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "searchParam": [{"name": "family", "type": "string"}],
    "operation": [
        {"name": "everything", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"}
    ],
}


@pytest.mark.parametrize(
    ("wanted", "findings"),
    [
        ({"resource": "Patient"}, 0),
        ({"resource": "Patient", "interaction": "read"}, 0),
        ({"resource": "Patient", "interaction": ["read", "search-type"], "search": ["family"]}, 0),
        ({"resource": "Patient", "operation": "everything"}, 0),
        ({"operation": "Patient-everything"}, 0),
        ({"resource": "Patient", "interaction": ["create", "update"]}, 2),
        ({"resource": "Patient", "search": "birthdate"}, 1),
        ({"resource": "Group", "operation": "export"}, 1),
        ({"interaction": "transaction"}, 1),
    ],
)
def test_declares(wanted, findings):
    assert len(list(declares(evidence(discovery=declared(**RICH)), **wanted))) == findings


def taking_part(mode, kind, *codes):
    return [{"mode": mode, "resource": [{"type": kind, "interaction": [{"code": code} for code in codes]}]}]


@pytest.mark.parametrize(
    ("rest", "findings"),
    [
        (taking_part("client", "Task", "read", "create"), 0),
        (taking_part("client", "Task", "read"), 1),
        (taking_part("server", "Task", "read", "create"), 1),
        (taking_part("client", "Slot", "read", "create"), 1),
        ("odd", 1),
        ([], 1),
    ],
)
def test_declares_as_client(rest, findings):
    seen = evidence(exchange("/metadata", body=statement() | {"rest": rest}, label="metadata"))
    wanted = {"resource": "Task", "interaction": ["read", "create"]}
    assert len(list(declares_as_client(seen, **wanted))) == findings


def test_no_statement_declares_nothing_as_a_client():
    seen = evidence(exchange("/metadata", status=500, body=statement(), label="metadata"))
    with pytest.raises(NotJudgeable, match="no CapabilityStatement"):
        list(declares_as_client(seen, resource="Task", interaction="read"))


@pytest.mark.parametrize("body", [b"", b"[]", {"resourceType": "CapabilityStatement", "rest": "odd"}])
def test_who_declares_nothing_declares_no_patient(body):
    seen = evidence(discovery=(exchange("/metadata", body=body, label="metadata"),))
    assert list(declares(seen, resource="Patient"))


@pytest.mark.parametrize("missing", ["status", "date", "kind", "fhirVersion", "format", "rest"])
def test_a_capability_statement_has_its_elements(missing):
    whole = statement()
    assert list(capability_statement(evidence(exchange("/metadata", body=whole)))) == []
    broken = {name: value for name, value in whole.items() if name != missing}
    assert len(list(capability_statement(evidence(exchange("/metadata", body=broken))))) == 1


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"searchParam": [{"name": "family"}]}, "a search parameter without a type"),
        ({"searchParam": [{"type": "string"}]}, "a search parameter without a name"),
        ({"interaction": [{"documentation": "x"}]}, "an interaction without a code"),
        ({"operation": [{"name": "everything"}]}, "an operation without a definition"),
        ({"type": ""}, "a resource without a type"),
    ],
)
def test_what_a_capability_statement_declares_has_its_elements(part, said):
    (wrong,) = capability_statement(evidence(exchange("/metadata", body=statement(**part))))
    assert said in wrong


def test_no_capability_statement_is_a_finding():
    assert list(capability_statement(evidence(exchange("/metadata", status=404))))


@pytest.mark.parametrize(("stated", "findings"), [("4.0.1", 0), ("4.0", 0), ("4.3.0", 1), ("4.01", 1)])
def test_fhir_version(stated, findings):
    seen = evidence(exchange("/metadata", body=statement() | {"fhirVersion": stated}))
    assert len(list(fhir_version(seen, version="4.0"))) == findings


def test_fhir_version_needs_one():
    with pytest.raises(NoData):
        list(
            fhir_version(
                evidence(exchange("/metadata", body=statement() | {"fhirVersion": 4})), version="4.0"
            )
        )


def tried(status: int, body: object = None, value: str = "certain"):
    about = {"type": "Patient", "parameter": "family", "value": value}
    return exchange("/Patient?family=x", status=status, body=body, label="declared", about=about)


def said(parameter: str, link: str | None):
    links = (
        [{"relation": "self", "url": f"https://fhir.example.org/r4/Patient?{link}"}]
        if link is not None
        else []
    )
    body = {"resourceType": "Bundle", "type": "searchset", "link": links}
    about = {"type": "Patient", "parameter": parameter, "value": "certain"}
    return exchange(f"/Patient?{parameter}=x", body=body, label="declared", about=about)


@pytest.mark.parametrize(
    ("links", "findings"),
    [
        ({"family": "family=x", "phonetic": "phonetic=x"}, 0),
        ({"family": "family=x", "phonetic": "_count=1"}, 1),
        ({"family": "family:exact=x", "phonetic": None}, 1),
        ({"family": "page=1", "phonetic": "page=2"}, 0),
        ({"family+given": "family=x", "phonetic": "phonetic=x"}, 1),
    ],
)
def test_a_declared_search_is_not_passed_over(links, findings):
    searches = [said(parameter, link) for parameter, link in links.items()]
    assert len(list(declared_searches(evidence(*searches)))) == findings


def test_declared_searches():
    fine = {"resourceType": "Bundle", "type": "searchset"}
    assert list(declared_searches(evidence(tried(200, fine)))) == []
    assert len(list(declared_searches(evidence(tried(200, fine), tried(500), tried(400), tried(200))))) == 3
    forgiven = (tried(404), tried(400, value="unknown"))
    found = fine | {"entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}
    assert list(declared_searches(evidence(*forgiven, tried(200, found)))) == []
    assert len(list(declared_searches(evidence(*forgiven, tried(200, fine))))) == 1  # it says so by 200
    with pytest.raises(NoData):
        list(declared_searches(evidence(*forgiven)))
    with pytest.raises(NotApplicable):
        list(declared_searches(evidence(tried(400, value="unknown"))))
    assert list(declared_searches(evidence(tried(500, value="unknown"))))
    with pytest.raises(NotJudgeable):
        list(declared_searches(evidence(tried(403))))
    with pytest.raises(NotApplicable):
        list(declared_searches(evidence(exchange("/metadata", label="metadata"))))
    with pytest.raises(NoData):
        list(declared_searches(evidence()))


CORE = "http://hl7.org/fhir/SearchParameter"
BIRTHDATE = {"name": "birthdate", "type": "date", "definition": f"{CORE}/individual-birthdate"}
OWN = {"name": "ward", "type": "string"}


@pytest.mark.parametrize(
    ("parameters", "types", "definitions"),
    [
        ([BIRTHDATE, OWN], 0, 0),
        ([BIRTHDATE | {"type": "string"}], 1, 0),
        ([{"name": "birthdate", "type": "date"}], 0, 1),
        ([{"name": "birthdate", "type": "string"}], 1, 0),
        ([{"name": "birthdate"}], 1, 0),
        ([BIRTHDATE | {"type": "string", "definition": "https://ehr.example.org/SearchParameter/b"}], 0, 0),
    ],
)
def test_search_parameters_are_declared_as_they_are_defined(parameters, types, definitions):
    body = declared(searchParam=parameters)[0]
    seen = evidence(exchange("/metadata", body=body.content(), label="metadata"))
    assert len(list(declared_search_types(seen))) == types
    assert len(list(declared_search_definitions(seen))) == definitions


def test_of_parameters_that_r4_does_not_define_nothing_is_said():
    body = declared(searchParam=[OWN])[0]
    with pytest.raises(NotApplicable):
        list(declared_search_types(evidence(exchange("/metadata", body=body.content(), label="metadata"))))
