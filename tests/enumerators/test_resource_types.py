"""Resource types that a target declares, as rows."""

import pytest
from evidence_builder import AS_OF, exchange, step

from conformance.enumerators.sparing import SPARED
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


MANY = {kind: ["read", "search-type"] for kind in ("Account", "Basic", "Group", "Patient", "Slot")}


def ready(evidence, choice=0, **asked):
    return [
        row.key for row in resource_types(evidence, choice, interaction="read", **asked) if not row.lacking
    ]


def of_types(*kinds, number=1):
    return [{"resourceType": kind, "id": f"{n}"} for kind in kinds for n in range(number)]


def test_of_many_types_some_are_enough_and_which_is_chosen():
    evidence = seen(*of_types("Account", "Group", "Patient", "Slot"), declared=MANY)
    assert ready(evidence) == ["Account", "Group", "Patient", "Slot"]
    assert ready(evidence, first=["Patient"], enough=1) == ["Patient"]
    seconds = {tuple(ready(evidence, choice, first=["Patient"], enough=2)) for choice in range(4)}
    assert seconds == {("Account", "Patient"), ("Group", "Patient"), ("Patient", "Slot")}
    rows = {row.key: row.lacking for row in resource_types(evidence, 0, interaction="read", enough=1)}
    assert (rows["Basic"], rows["Slot"]) == (NOT_SHOWN, SPARED)


def test_who_has_no_patients_is_tried_with_something_else():
    evidence = seen(*of_types("Group"), declared=MANY)
    assert ready(evidence, 3, first=["Patient"], enough=1) == ["Group"]
    without = {kind: codes for kind, codes in MANY.items() if kind != "Patient"}
    nothing_seen = seen(declared=without)
    (kind,) = ready(nothing_seen, 3, first=["Patient"], enough=1, sampled=False)
    assert kind in without
    assert ready(evidence, without=["Group"], enough=1) == []


def test_what_has_several_pages_but_few_comes_before_the_rest():
    evidence = seen(declared=MANY)
    pages = {"Account": 900, "Basic": 30, "Group": 5, "Slot": None}
    more = [{"relation": "next", "url": "/x"}]
    counted = [
        exchange(
            url="/x",
            body={"resourceType": "Bundle", "link": more, "entry": [{"resource": of_types(kind)[0]}]}
            | ({} if total is None else {"total": total}),
            label="sample",
            about={"type": kind},
        )
        for kind, total in pages.items()
    ]
    discovery = step(*evidence.discovery.exchanges, *counted, name="discovery")
    evidence = Evidence((), discovery, evidence.target, AS_OF)
    assert {tuple(ready(evidence, choice, pages_of=20, enough=1)) for choice in range(9)} == {("Basic",)}
    assert ready(evidence, 1, pages_of=20, enough=2) == ["Account", "Basic"]


def test_types_are_taken_by_what_is_declared_of_them():
    evidence = seen(*of_types("Group", "Patient"), declared=MANY)
    entry = next(
        one for one in evidence.capability_statement["rest"][0]["resource"] if one["type"] == "Patient"
    )
    entry |= {"conditionalRead": "not-match", "searchParam": [{"name": "identifier", "type": "token"}]}
    assert ready(evidence, conditional="read-tag") == ["Patient"]
    assert ready(evidence, search="identifier") == ["Patient"]
    for asked in ({"conditional": "read-date"}, {"search": "name"}):
        with pytest.raises(NotApplicable):
            ready(evidence, **asked)


def test_without_a_capability_statement_nothing_is_known():
    evidence = Evidence((), step(name="discovery"), TargetCard(endpoint="https://ehr.example.org"), AS_OF)
    with pytest.raises(NoData):
        list(resource_types(evidence, 0))
