"""Searches judged over what they found: what is missing, what is ruled out, what shows nothing."""

import pytest
from saw import bundle, evidence, exchange, pages, patient, step

from conformance.checks.search_judged import search_judged, self_link_is_true
from conformance.checks.search_odd import search_refuses, search_survives
from conformance.errors import NoData, NotApplicable, NotJudgeable

ANNA, BEN = patient(1, gender="female"), patient(2, gender="male")
ASKED = {"resource": "Patient", "query": "gender=female"}
SELF = {"self": "https://fhir.example.org/r4/Patient?gender=female"}


def findings(*steps, **more):
    return list(search_judged(evidence(*steps), **(ASKED | more)))


def refusal(status, label="page"):
    return step(exchange("/Patient", status=status, body={"resourceType": "OperationOutcome"}, label=label))


def again(*bodies, status=200):
    return step(*(exchange("/Patient/1", status=status, body=body, label="page-again") for body in bodies))


def test_what_must_be_found_is_found_and_nothing_else():
    assert findings(pages(bundle(ANNA)), matching=["Patient/1"]) == []
    (wrong,) = findings(pages(bundle(ANNA, BEN)), matching=["Patient/1"])
    assert "finds Patient/2 (1 of 2 matches)" in wrong


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ("gender=female", False),
        ("gender=female&_count=2&_sort=name&page=1", False),
        ("", False),
        ("_lastUpdated=lt1990", True),
        ("gender=female&active=true", True),
        ("gender=male&%67ender=male", True),
        ("_count=2&_lastUpdated=lt1990", True),
    ],
)
def test_matches_satisfy_what_the_self_link_states(link, wrong):
    found = pages(bundle(ANNA | {"active": False}, self=f"https://fhir.example.org/r4/Patient?{link}"))
    assert bool(list(self_link_is_true(evidence(found), resource="Patient"))) is wrong


def test_without_a_self_link_or_matches_nothing_is_untrue():
    with pytest.raises(NotApplicable):
        list(self_link_is_true(evidence(pages(bundle(ANNA))), resource="Patient"))
    with pytest.raises(NoData):
        list(self_link_is_true(evidence(pages(bundle(**SELF))), resource="Patient"))


def test_what_is_missing_is_read_again_before_it_is_held_against_the_server():
    empty = pages(bundle())
    (wrong,) = findings(empty, again(ANNA), matching=["Patient/1"])
    assert "does not find Patient/1" in wrong
    with pytest.raises(NotJudgeable, match="changed meanwhile"):
        findings(empty, again(patient(1, gender="male")), matching=["Patient/1"])
    with pytest.raises(NotJudgeable, match="changed meanwhile"):
        findings(empty, again(None, status=410), matching=["Patient/1"])
    with pytest.raises(NotJudgeable, match="not known what is there"):
        findings(empty, again(None, status=403), matching=["Patient/1"])


def test_a_long_search_is_judged_by_the_same_one_confined_to_what_is_known():
    long = pages(bundle(ANNA), ended="limit")
    confined = pages(bundle(ANNA), label="page-confined")
    assert findings(long, confined, matching=["Patient/1"]) == []
    (wrong,) = findings(long, pages(bundle(ANNA, BEN), label="page-confined"), matching=["Patient/1"])
    assert "finds Patient/2" in wrong
    (wrong,) = findings(long, pages(bundle(), label="page-confined"), again(ANNA), matching=["Patient/1"])
    assert "does not find" in wrong
    with pytest.raises(NotJudgeable, match="did not come to an end"):
        findings(pages(bundle(), ended="loop"), matching=["Patient/1"])


def test_a_declared_parameter_that_is_refused_is_a_fault_and_an_optional_one_is_not():
    (wrong,) = findings(refusal(400))
    assert "though the target declares" in wrong
    with pytest.raises(NotApplicable):
        findings(refusal(400), optional=True)
    with pytest.raises(NotApplicable):
        findings(refusal(501), optional=True)
    assert "answered 500" in findings(refusal(500), optional=True)[0]
    with pytest.raises(NotJudgeable):
        findings(refusal(401), optional=True)
    with pytest.raises(NotJudgeable):
        findings(refusal(302))


def test_what_the_self_link_leaves_out_is_no_fault_where_it_is_optional():
    ignored = pages(bundle(ANNA, BEN, self="https://fhir.example.org/r4/Patient?_count=100"))
    with pytest.raises(NotApplicable, match="self link"):
        findings(ignored, optional=True, matching=["Patient/1"])
    assert findings(ignored, matching=["Patient/1"])
    assert findings(pages(bundle(ANNA, BEN, **SELF)), optional=True, matching=["Patient/1"])
    assert findings(pages(bundle(ANNA, BEN)), optional=True, matching=["Patient/1"])


@pytest.mark.parametrize(
    "name", ["gender:not", "name:exact", "birthdate:missing", "general-practitioner:Group"]
)
def test_a_modifier_may_be_refused_but_not_passed_over(name):
    asked = {"query": f"{name}=male" if name == "gender:not" else f"{name}=true", "optional": True}
    ignored = pages(bundle(ANNA, BEN, self="https://fhir.example.org/r4/Patient?_count=100"))
    if name == "gender:not":
        assert "finds Patient/2" in findings(ignored, **asked)[0]
    missing = pages(bundle(self="https://fhir.example.org/r4/Patient?_count=100"))
    known = patient(1, name=[{"family": "true"}], generalPractitioner=[{"reference": "Group/true"}])
    (wrong,) = findings(missing, again(known), matching=["Patient/1"], **asked)
    assert "does not find Patient/1" in wrong
    with pytest.raises(NotApplicable):
        findings(refusal(400), **asked)


def test_finding_nothing_shows_something_only_beside_a_control():
    with pytest.raises(NoData):
        findings(pages(bundle()))
    control = pages(bundle(BEN), label="page-control")
    asked = {"control": "gender=male", "source": "Patient/2"}
    assert findings(pages(bundle()), control, **asked) == []
    with pytest.raises(NoData, match="nothing to compare"):
        findings(pages(bundle()), pages(bundle(), label="page-control"), **asked)


def test_parts_of_resources_and_other_types_are_not_judged():
    outcome = {"resourceType": "Group", "id": "g"}
    assert findings(pages(bundle(ANNA, outcome)), matching=["Patient/1"]) == []
    part = patient(3, meta={"tag": [{"code": "SUBSETTED"}]})
    with pytest.raises(NotJudgeable, match="parts of resources"):
        findings(pages(bundle(ANNA, part)), matching=["Patient/1"])
    assert "finds Patient/2" in findings(pages(bundle(BEN, part)), matching=["Patient/3"])[0]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (pages(bundle(ANNA)), 0),
        (pages(bundle(ANNA, BEN)), 1),
        (refusal(400), 0),
        (refusal(501), 0),
        (refusal(500), 1),
    ],
)
def test_an_awkward_text_may_be_refused_but_not_break_the_server(answer, found):
    assert len(list(search_survives(evidence(answer), **ASKED))) == found


def test_no_answer_shows_nothing():
    with pytest.raises(NotJudgeable):
        list(search_survives(evidence(refusal(0)), **ASKED))
    with pytest.raises(NotJudgeable):
        list(search_refuses(evidence(refusal(0)), query="birthdate=odd"))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (refusal(400), 0),
        (refusal(422), 0),
        (refusal(500), 1),
        (pages(bundle(ANNA, self="https://fhir.example.org/r4/Patient")), 0),
        (pages(bundle(self="https://fhir.example.org/r4/Patient?birthdate=odd")), 1),
        (pages(bundle(ANNA)), 1),
    ],
)
def test_a_value_that_cannot_be_is_refused_or_left_out(answer, found):
    assert len(list(search_refuses(evidence(answer), query="birthdate=odd"))) == found


def test_what_is_no_bundle_says_nothing_of_invalid_values():
    with pytest.raises(NotJudgeable):
        list(search_refuses(evidence(pages(patient(1))), query="birthdate=odd"))


def test_what_can_find_nothing_may_be_refused():
    control = pages(bundle(BEN), label="page-control")
    with pytest.raises(NotApplicable):
        findings(refusal(400), control, control="gender=male", source="Patient/2")
