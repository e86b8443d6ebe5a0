"""Shape, pages and totals of search answers."""

import pytest
from saw import bundle, evidence, exchange, pages, patient, step

from conformance.checks.search import (
    count_ceiling,
    count_summary,
    finds_nothing,
    no_matches,
    pages_complete,
    same_matches,
    search_succeeds,
    searchset,
    self_link,
    strict_handling,
    total,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable

ONE, TWO, THREE = patient(1), patient(2), patient(3)
INCLUDED = {"resource": patient(9), "search": {"mode": "include"}}
NOTE = {"resource": {"resourceType": "OperationOutcome"}}


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (bundle(ONE), 0),
        (bundle(), 0),
        (bundle(ONE) | {"type": "collection"}, 1),
        (bundle(ONE) | {"entry": [{"fullUrl": "x"}]}, 1),
        (patient(1), 1),
        (b"", 1),
    ],
)
def test_searchset(body, findings):
    assert len(list(searchset(evidence(pages(body))))) == findings


def test_self_link():
    assert list(self_link(evidence(pages(bundle(ONE, self="x"))))) == []
    assert list(self_link(evidence(pages(bundle(ONE, next="x")))))
    assert list(self_link(evidence(pages(bundle(ONE) | {"link": "x"}))))


@pytest.mark.parametrize(
    ("found", "findings"),
    [
        ([bundle(ONE, TWO, total=3), bundle(THREE, total=3)], 0),
        ([bundle(ONE, TWO), bundle(THREE)], 0),
        ([bundle(ONE, TWO, total=4), bundle(THREE, total=4)], 1),
        ([bundle(ONE, TWO, total=2), bundle(TWO, total=2)], 1),
        ([bundle(ONE, total=1), bundle(TWO, total=1)], 0),
        ([bundle(ONE, TWO), bundle(THREE, total=3)], 0),
        ([bundle(ONE, TWO), bundle(THREE, total=4)], 1),
    ],
)
def test_pages_complete(found, findings):
    assert len(list(pages_complete(evidence(pages(*found))))) == findings


def test_pages_hold_what_a_sample_held():
    sample = exchange(
        "/Patient?_count=50", body=bundle(ONE, THREE), label="sample", about={"type": "Patient"}
    )
    two = pages(bundle(ONE), bundle(TWO))
    assert len(list(pages_complete(evidence(two, discovery=(sample,))))) == 1
    narrowed = pages(bundle(ONE), bundle(TWO), path="/Patient?gender=other")
    assert list(pages_complete(evidence(narrowed, discovery=(sample,)))) == []


def test_pages_that_cannot_be_judged():
    with pytest.raises(NoData):
        list(pages_complete(evidence(pages(bundle(ONE)))))
    with pytest.raises(NotJudgeable):
        list(pages_complete(evidence(pages(bundle(ONE), bundle(TWO), ended="limit"))))
    with pytest.raises(NotJudgeable):
        list(pages_complete(evidence(pages(bundle(ONE), b"<html>"))))
    with pytest.raises(NotJudgeable):
        list(pages_complete(evidence(pages(bundle(ONE, total=3), bundle(TWO, total=2)))))


@pytest.mark.parametrize("status", [404, 410, 500])
def test_a_next_link_that_leads_to_an_error_is_found(status):
    broken = exchange("/Patient?page=2", status=status, body=NOTE["resource"], label="page")
    seen = step(exchange("/Patient", body=bundle(ONE), label="page"), broken, ended_page="failed")
    (wrong,) = pages_complete(evidence(seen))
    assert f"answered {status}" in wrong


def test_a_loop_of_pages_is_found():
    findings = []
    with pytest.raises(NotJudgeable):
        findings.extend(pages_complete(evidence(pages(bundle(ONE), bundle(TWO), ended="loop"))))
    first = next(pages_complete(evidence(pages(bundle(ONE), bundle(TWO), ended="loop"))))
    assert "back to a page" in first


def test_total():
    assert list(total(evidence(pages(bundle(ONE, total=2), bundle(TWO, total=2))))) == []
    assert len(list(total(evidence(pages(bundle(ONE, total=1), bundle(TWO, total=1)))))) == 1
    with pytest.raises(NotApplicable):
        list(total(evidence(pages(bundle(ONE), bundle(TWO)))))


def test_included_resources_and_outcomes_are_no_matches():
    page = bundle(ONE, total=2)
    page["entry"] += [INCLUDED, NOTE]
    assert list(count_ceiling(evidence(pages(page, bundle(TWO))), count=1)) == []
    assert list(total(evidence(pages(page, bundle(TWO))))) == []


def test_count_ceiling():
    assert list(count_ceiling(evidence(pages(bundle(ONE, TWO), bundle(THREE))), count=2)) == []
    assert len(list(count_ceiling(evidence(pages(bundle(ONE, TWO), bundle(THREE))), count=1))) == 1
    with pytest.raises(NoData):
        list(count_ceiling(evidence(pages(bundle())), count=1))


@pytest.mark.parametrize(
    ("status", "body", "findings"),
    [(200, bundle(), 0), (200, bundle(ONE), 1), (404, b"", 1), (404, bundle(), 1)],
)
def test_no_matches(status, body, findings):
    seen = evidence(exchange("/Patient?x=y", status=status, body=body, label="page"))
    assert len(list(no_matches(seen))) == findings


def test_finds_nothing():
    assert list(finds_nothing(evidence(pages(bundle())))) == []
    assert list(finds_nothing(evidence(exchange(status=404, label="page")))) == []
    assert len(list(finds_nothing(evidence(pages(bundle(ONE)))))) == 1
    with pytest.raises(NotJudgeable):
        list(finds_nothing(evidence(exchange(status=400, label="page"))))


def test_strict_handling():
    assert list(strict_handling(evidence(exchange(status=400, label="strict")))) == []
    assert list(strict_handling(evidence(exchange(status=200, label="strict"))))
    assert list(strict_handling(evidence(exchange(status=500, label="strict"))))


def counted(body):
    return exchange("/Patient?_summary=count", body=body, label="count")


def test_count_summary():
    whole = pages(bundle(ONE, total=2), bundle(TWO, total=2))
    assert list(count_summary(evidence(whole, counted(bundle(total=2))))) == []
    assert len(list(count_summary(evidence(whole, counted(bundle(total=3)))))) == 1
    assert len(list(count_summary(evidence(whole, counted(bundle()))))) == 1
    with pytest.raises(NotApplicable):
        list(count_summary(evidence(whole, counted(bundle(ONE, total=2)))))


def test_same_matches():
    left, right = pages(bundle(ONE, TWO), label="get"), pages(bundle(TWO), bundle(ONE), label="post")
    assert list(same_matches(evidence(left, right), one="get", other="post")) == []
    fewer = pages(bundle(ONE), label="post")
    assert len(list(same_matches(evidence(left, fewer), one="get", other="post"))) == 1
    other = pages(bundle(ONE, THREE), label="post")
    assert len(list(same_matches(evidence(left, other), one="get", other="post"))) == 2
    with pytest.raises(NoData):
        list(same_matches(evidence(pages(bundle(), label="get"), right), one="get", other="post"))


def test_search_succeeds():
    assert list(search_succeeds(evidence(pages(bundle(ONE), label="post")), label="post")) == []
    assert list(search_succeeds(evidence(exchange(status=405, label="post")), label="post"))
