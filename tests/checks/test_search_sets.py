"""Laws between searches hold, are broken, or cannot be told."""

import pytest
from saw import bundle, evidence, exchange, pages, patient, step

from conformance.checks.search_sets import (
    counts_add_up,
    search_across,
    search_in_reverse,
    search_intersection,
    search_union,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable

SETS = {"one": "12", "two": "23"}


def sets(**found):
    steps = [pages(bundle(*map(patient, numbers)), label=label) for label, numbers in found.items()]
    return evidence(*steps)


@pytest.mark.parametrize(
    ("law", "both", "findings"),
    [
        (search_union, "123", 0),
        (search_union, "12", 1),
        (search_union, "1234", 1),
        (search_union, "124", 2),
        (search_intersection, "2", 0),
        (search_intersection, "12", 1),
        (search_intersection, "", 1),
    ],
)
def test_unions_and_intersections(law, both, findings):
    seen = sets(**SETS, both=both, **{"one-again": "12"})
    assert len(list(law(seen))) == findings


def test_a_law_that_does_not_hold_shows_nothing_if_the_data_changed():
    with pytest.raises(NotJudgeable):
        list(search_union(sets(**SETS, both="12", **{"one-again": "1"})))
    with pytest.raises(NoData):
        list(search_union(sets(one="", two="", both="", **{"one-again": ""})))


def counts(*, links=True, **totals):
    def counted(label, total):
        page = bundle(total=total) if total is not None else bundle()
        if not links:
            page = bundle(total=total, self="https://fhir.example.org/r4/Patient")
        return exchange("/Patient?gender=x&_summary=count", body=page, label=label)

    return evidence(step(*(counted(label.replace("_", "-"), total) for label, total in totals.items())))


@pytest.mark.parametrize(
    ("totals", "overlap", "findings"),
    [
        ({"one": 3, "two": 4, "whole": 7}, False, 0),
        ({"one": 3, "two": 4, "whole": 8}, False, 1),
        ({"one": 5, "two": 4, "both": 2, "whole": 7}, True, 0),
        ({"one": 5, "two": 4, "both": 1, "whole": 7}, True, 1),
    ],
)
def test_parts_add_up(totals, overlap, findings):
    assert len(list(counts_add_up(counts(**totals, one_again=totals["one"]), overlap=overlap))) == findings


def test_what_cannot_be_counted_shows_nothing():
    with pytest.raises(NotJudgeable):
        list(counts_add_up(counts(one=3, two=4, whole=8, one_again=4)))
    with pytest.raises(NoData):
        list(counts_add_up(counts(one=0, two=0, whole=0, one_again=0)))
    with pytest.raises(NotApplicable, match="no total"):
        list(counts_add_up(counts(one=3, two=None, whole=8, one_again=3)))
    with pytest.raises(NotApplicable, match="self link"):
        list(counts_add_up(counts(links=False, one=3, two=4, whole=8, one_again=3)))
    refused = exchange("/Patient?gender:missing=true", status=400, body={}, label="one")
    with pytest.raises(NotApplicable, match="400"):
        list(counts_add_up(evidence(step(refused))))


def observation(number, subject):
    return {"resourceType": "Observation", "id": str(number), "subject": {"reference": f"Patient/{subject}"}}


CHAIN = {
    "resource": "Observation",
    "by": "subject",
    "query": "subject:Patient.family=x",
    "matching": ["Observation/1"],
}
HAS = {"other_type": "Observation", "by": "subject", "query": "_has:Observation:subject:code=x"}


def across(inner, found, *again):
    reread = step(*(exchange("/x", body=body, label="across-again") for body in again))
    return evidence(pages(bundle(*inner), label="inner"), pages(bundle(*found), label="across"), reread)


def test_a_chain_agrees_with_two_steps():
    right = [observation(1, 1)]
    assert list(search_across(across([patient(1)], right), **CHAIN)) == []
    (wrong,) = search_across(across([patient(1)], [*right, observation(2, 2)]), **CHAIN)
    assert "finds Observation/2" in wrong
    (wrong,) = search_across(across([patient(1)], [], *right), **CHAIN)
    assert "does not find Observation/1" in wrong
    with pytest.raises(NotJudgeable):
        list(search_across(across([patient(1)], []), **CHAIN))


def test_a_search_in_reverse_agrees_with_two_steps():
    inner = [observation(1, 1)]
    asked = HAS | {"matching": ["Patient/1"]}
    assert list(search_in_reverse(across(inner, [patient(1)]), **asked)) == []
    (wrong,) = search_in_reverse(across(inner, [patient(1), patient(2)]), **asked)
    assert "finds Patient/2" in wrong
    (wrong,) = search_in_reverse(across(inner, [], patient(1)), **asked)
    assert "does not find Patient/1" in wrong
    logical = {"resourceType": "Observation", "id": "2", "subject": {"identifier": {"value": "x"}}}
    assert list(search_in_reverse(across([*inner, logical], [patient(1), patient(2)]), **asked)) == []


def test_long_searches_are_judged_as_far_as_they_can_be():
    limited = pages(bundle(patient(1)), label="inner", ended="limit")
    found = pages(bundle(observation(1, 1), observation(2, 2)), label="across")
    assert list(search_across(evidence(limited, found), **CHAIN)) == []
    inner, long = pages(bundle(patient(1)), label="inner"), pages(bundle(), label="across", ended="limit")
    confined = pages(bundle(observation(1, 1)), label="across-confined")
    assert list(search_across(evidence(inner, long, confined), **CHAIN)) == []
    with pytest.raises(NotJudgeable):
        list(search_across(evidence(inner, pages(bundle(), label="across", ended="loop")), **CHAIN))


def test_chains_need_not_be_supported():
    refused = exchange("/Observation", status=400, body={}, label="across")
    with pytest.raises(NotApplicable):
        list(search_across(evidence(pages(bundle(), label="inner"), step(refused)), **CHAIN))
    ignored = bundle(observation(1, 1), observation(2, 2), self="https://fhir.example.org/r4/Observation")
    with pytest.raises(NotApplicable):
        list(
            search_across(
                evidence(pages(bundle(patient(1)), label="inner"), pages(ignored, label="across")), **CHAIN
            )
        )
