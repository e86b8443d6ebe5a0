"""Resource types that a target declares, as rows."""

import pytest
from evidence_builder import AS_OF, exchange, step

from conformance.enumerators.types import NOT_SHOWN, resource_types
from conformance.errors import NoData, NotApplicable
from conformance.model.evidence import Evidence
from conformance.model.target import TargetCard


def seen(*samples, declared):
    statement = {
        "resourceType": "CapabilityStatement",
        "rest": [
            {
                "resource": [
                    {"type": kind, "interaction": [{"code": code} for code in codes]}
                    for kind, codes in declared.items()
                ]
            }
        ],
    }
    answers = [exchange(url="/metadata", body=statement, label="metadata")] if declared is not None else []
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in samples]}
    discovery = step(*answers, exchange(url="/x", body=bundle, label="sample"), name="discovery")
    return Evidence((), discovery, TargetCard(endpoint="https://ehr.example.org"), AS_OF)


PATIENTS = [{"resourceType": "Patient", "id": f"p{n}"} for n in range(3)]
DECLARED = {"Patient": ["read", "vread"], "Group": ["read"], "Slot": ["search-type"]}


def test_each_declared_type_is_a_row_with_a_resource():
    rows = {row.key: row for row in resource_types(seen(*PATIENTS, declared=DECLARED), 4, interaction="read")}
    assert sorted(rows) == ["Group", "Patient"]
    assert (rows["Patient"].id, rows["Patient"].source) == ("p1", "Patient/p1")
    assert rows["Group"].lacking == NOT_SHOWN


def test_a_type_needs_no_resource_where_none_is_asked_for():
    (row,) = resource_types(seen(declared=DECLARED), 0, interaction="search-type", sampled=False)
    assert (row.resource, row.id, row.lacking) == ("Slot", "", "")


def test_all_interactions_must_be_declared_and_types_can_be_left_out():
    assert [
        row.key
        for row in resource_types(seen(*PATIENTS, declared=DECLARED), 0, interaction=["read", "vread"])
    ] == ["Patient"]
    with pytest.raises(NotApplicable, match="declares no type with read"):
        list(resource_types(seen(*PATIENTS, declared=DECLARED), 0, interaction="read", only=["Slot"]))


def test_a_type_that_is_needed_excuses_nobody():
    with pytest.raises(NoData, match="declares no type with search-type"):
        list(resource_types(seen(declared={"Group": ["read"]}), 0, interaction="search-type", needed=True))


def test_without_a_capability_statement_nothing_is_known():
    evidence = Evidence((), step(name="discovery"), TargetCard(endpoint="https://ehr.example.org"), AS_OF)
    with pytest.raises(NoData):
        list(resource_types(evidence, 0))
