"""Rows for tests of searches: sets that are known, joins, orders, parameters, compartments."""

import pytest
from evidence_builder import AS_OF, exchange, step

from conformance.enumerators.joins import chains, forward, reverse
from conformance.enumerators.orders import declared_parameters, sortable
from conformance.enumerators.searches import known_sets, meta_criteria, patient_compartment
from conformance.errors import NoData, NotApplicable
from conformance.model.evidence import Evidence
from conformance.model.target import TargetCard

HTEST = {"tag": [{"system": "s", "code": "HTEST"}], "lastUpdated": "2026-01-01T00:00:00Z"}
PATIENTS = [
    {"resourceType": "Patient", "id": f"p{n}", "birthDate": f"19{n}0-01-01", "meta": HTEST if n % 2 else {}}
    for n in range(1, 8)
]
PATIENTS[0]["managingOrganization"] = {"reference": "Organization/o"}
PATIENTS[1].pop("birthDate")
SEEN = [
    {"resourceType": "Observation", "id": f"o{n}", "subject": {"reference": f"Patient/p{n}"}}
    for n in (1, 2, 3)
]
ORGANIZATION = {"resourceType": "Organization", "id": "o"}
EVERYTHING = [*PATIENTS, *SEEN, ORGANIZATION]


def declared(kind, parameters="", **more):
    found = [pair.split(":") for pair in parameters.split()]
    return {
        "type": kind,
        "interaction": [{"code": "search-type"}],
        "searchParam": [{"name": name, "type": by} for name, by in found],
        **more,
    }


STATEMENT = [
    declared("Patient", "birthdate:date _tag:token organization:reference", searchInclude=["*"]),
    declared(
        "Observation",
        "patient:reference code:token",
        searchInclude=["Observation:subject", "Observation:device"],
    ),
    declared("Organization"),
]
STATEMENT[0]["searchRevInclude"] = ["Observation:subject", "Observation:no-such-parameter"]


def seen(*resources, types=None, **rest):
    statement = {"resourceType": "CapabilityStatement", "rest": [{"resource": types or STATEMENT, **rest}]}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}
    answers = [exchange(url="/metadata", body=statement, label="metadata")]
    discovery = step(*answers, exchange(url="/x", body=bundle, label="sample"), name="discovery")
    return Evidence((), discovery, TargetCard(endpoint="https://ehr.example.org"), AS_OF)


def by_key(rows):
    return {row.key: row for row in rows}


def test_known_sets_are_spread_over_the_sample_and_do_not_depend_on_choice():
    rows = by_key(known_sets(seen(*EVERYTHING), 3))
    assert rows["Patient"].ids == "p1,p2,p3,p4,p5,p6"
    assert (rows["Patient"].some, rows["Patient"].others) == ("p1,p2,p3", "p3,p4,p5,p6")
    assert rows["Patient"].shared == "p3"
    assert rows["Patient"].foreign in {"o", "o1"}
    assert rows["Observation"].source == "Observation/o1"
    assert rows["Organization"].lacking
    assert rows == by_key(known_sets(seen(*EVERYTHING), 4))
    assert by_key(known_sets(seen(*EVERYTHING), 0, having="birthDate"))["Patient"].ids == "p1,p3,p4,p5,p6,p7"


def test_what_no_resource_has_and_none_need_have_is_not_tested():
    told = [{**patient, "text": {"status": "generated"}} for patient in PATIENTS]
    rows = by_key(known_sets(seen(*told), 0, having="text", optional=True))
    assert rows["Patient"].ids
    with pytest.raises(NotApplicable, match="none of the 11 resources that were sampled has text"):
        list(known_sets(seen(*EVERYTHING), 0, having="text", optional=True))
    assert all(row.lacking for row in known_sets(seen(), 0, having="text", optional=True))  # nothing was seen
    assert all(row.lacking for row in known_sets(seen(*EVERYTHING), 0, having="text"))


def test_criteria_on_metadata_name_those_that_meet_them():
    row = by_key(meta_criteria(seen(*EVERYTHING), 0))["Patient._tag"]
    assert row.criterion == "_tag=s%7CHTEST"
    assert row.matching == "p1,p3,p5"
    assert row.ids == "p1,p2,p3,p4,p5,p6"


@pytest.mark.parametrize("enough", [1, 2])
def test_each_type_has_its_turn_where_some_are_enough(enough):
    tried = [
        {row.key for row in known_sets(seen(*EVERYTHING), choice, least=1, enough=enough) if not row.lacking}
        for choice in range(3)
    ]
    assert [len(keys) for keys in tried] == [enough] * 3
    assert set().union(*tried) == {"Patient", "Observation", "Organization"}


def test_who_declares_no_search_by_metadata_is_not_tested_by_it():
    with pytest.raises(NotApplicable, match="on metadata"):
        list(meta_criteria(seen(*EVERYTHING, types=[declared("Patient", "birthdate:date")]), 0))


@pytest.mark.parametrize("stated", ["string", "special", ""])
def test_the_kind_of_a_published_parameter_is_the_published_one(stated):
    evidence = seen(*EVERYTHING, types=[declared("Patient", f"birthdate:{stated}")])
    assert by_key(sortable(evidence, 0))["Patient.birthdate"].kind == "date"
    assert by_key(declared_parameters(evidence, 0))["Patient.birthdate"].kind == "date"


def test_includes_lead_to_something():
    rows = by_key(forward(seen(*EVERYTHING), 1))
    assert rows["Patient.organization"].known == "Organization/o"
    assert rows["Observation.subject"].join == "Observation:subject"
    assert rows["Observation.subject"].ids == "o1,o2,o3"
    assert rows["Observation.device"].lacking
    assert by_key(forward(seen(*EVERYTHING), 1, least=2))["Patient.organization"].lacking
    row = by_key(reverse(seen(*EVERYTHING), 2))["Patient.Observation.subject"]
    assert (row.ids, row.known) == ("p1", "Observation/o1")
    chain = by_key(chains(seen(*EVERYTHING), 0))["Observation.subject.organization"]
    assert (chain.ids, chain.middle, chain.known) == ("o1", "Patient/p1", "Organization/o")


def test_what_can_be_sorted_has_values_that_differ_and_some_without():
    rows = by_key(sortable(seen(*EVERYTHING), 0))
    assert rows["Patient.birthdate"].ids == "p1,p2,p3,p4,p5,p6,p7"
    assert rows["Patient._tag"].lacking
    gaps = by_key(sortable(seen(*EVERYTHING), 0, gaps=True))
    assert not gaps["Patient.birthdate"].lacking
    assert by_key(sortable(seen(*PATIENTS[2:]), 0, gaps=True))["Patient.birthdate"].lacking
    assert not any(row.lacking for row in known_sets(seen(*EVERYTHING), 2, least=1))
    spared = list(sortable(seen(*EVERYTHING), 0, enough=1))
    assert sum(not row.lacking for row in spared) == 1
    assert rows["Observation.code"].lacking
    assert by_key(declared_parameters(seen(), 0))["Observation.patient"].value == "htest-none"


def test_a_compartment_must_be_declared():
    with pytest.raises(NotApplicable):
        list(patient_compartment(seen(*EVERYTHING), 0))
    patients = "http://hl7.org/fhir/CompartmentDefinition/patient"
    rows = by_key(patient_compartment(seen(*EVERYTHING, compartment=[patients]), 1))
    assert list(rows) == ["Observation"]
    assert (rows["Observation"].patient, rows["Observation"].by) == ("p2", "patient")


@pytest.mark.parametrize("rows", [known_sets, forward, reverse, sortable, chains, patient_compartment])
def test_nothing_declared_is_told(rows):
    nothing = Evidence((), step(name="discovery"), TargetCard(endpoint="https://ehr.example.org"), AS_OF)
    with pytest.raises(NoData):
        list(rows(nothing, 0))
    with pytest.raises(NotApplicable):
        list(rows(seen(types=[{"type": "Patient"}]), 0))
