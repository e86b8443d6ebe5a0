"""What a search finds, and what it must not."""

import pytest
from saw import bundle, evidence, pages, patient

from conformance.checks.search_laws import (
    does_not_find,
    finds,
    finds_by_reference,
    finds_only_dates,
    finds_only_id,
    finds_only_text,
    finds_only_token,
    sorted_by_date,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable


def test_recall():
    seen = evidence(pages(bundle(patient(1)), bundle(patient(2))))
    assert list(finds(seen, source="Patient/2")) == []
    assert len(list(finds(seen, source="Patient/3"))) == 1
    assert list(does_not_find(seen, source="Patient/3")) == []
    assert len(list(does_not_find(seen, source="Patient/1"))) == 1


def test_nothing_is_said_of_pages_that_are_not_all():
    for broken in (pages(bundle(), ended="limit"), pages(b""), pages(bundle(), ended="failed")):
        with pytest.raises(NotJudgeable):
            list(finds(evidence(broken), source="Patient/3"))


def test_only_id():
    assert list(finds_only_id(evidence(pages(bundle(patient(1)))), id="1")) == []
    assert list(finds_only_id(evidence(pages(bundle(patient(1), patient(2)))), id="1"))
    with pytest.raises(NoData):
        list(finds_only_id(evidence(pages(bundle())), id="1"))


@pytest.mark.parametrize(
    ("held", "findings"),
    [
        ([{"system": "s", "value": "v"}], 0),
        ([{"system": "s", "value": "V"}], 0),
        ([{"system": "t", "value": "v"}, {"system": "s", "value": "v"}], 0),
        ([{"system": "t", "value": "v"}], 1),
        ([{"value": "v"}], 1),
        ([], 1),
        ("odd", 1),
    ],
)
def test_only_token(held, findings):
    seen = evidence(pages(bundle(patient(1, identifier=held))))
    assert len(list(finds_only_token(seen, path="identifier", value="s|v"))) == findings


@pytest.mark.parametrize(
    ("family", "findings"), [("Müller", 0), ("von Muller-Lee", 0), ("MULLER", 0), ("Mueller", 1), (7, 1)]
)
def test_only_text(family, findings):
    seen = evidence(pages(bundle(patient(1, name=[{"family": family}]))))
    assert len(list(finds_only_text(seen, path="name.family", value="muller"))) == findings


@pytest.mark.parametrize(
    ("prefix", "held", "findings"),
    [
        ("ge", "1980-05-05", 0),
        ("ge", "1980-05-06", 0),
        ("ge", "1980", 0),
        ("ge", "1980-05-04", 1),
        ("ge", "1979", 1),
        ("lt", "1980-05-04", 0),
        ("lt", "1980", 0),
        ("lt", "1980-05-06", 1),
        ("lt", "1980-05-05", 1),
        ("eq", "1980-05-05", 0),
        ("eq", "1980-05-06", 1),
        ("", "1980-05", 0),
        ("gt", "1980-05-05", 1),
    ],
)
def test_only_dates(prefix, held, findings):
    seen = evidence(pages(bundle(patient(1, birthDate=held))))
    assert len(list(finds_only_dates(seen, path="birthDate", value="1980-05-05", prefix=prefix))) == findings


def test_only_dates_needs_a_date():
    with pytest.raises(NotJudgeable):
        list(finds_only_dates(evidence(pages(bundle(patient(1)))), path="birthDate", value="yesterday"))
    without = evidence(pages(bundle(patient(1))))
    assert list(finds_only_dates(without, path="birthDate", value="1980"))


def observation(reference):
    return {"resourceType": "Observation", "id": "o", "subject": reference}


@pytest.mark.parametrize(
    ("subject", "findings"),
    [
        ({"reference": "Patient/1"}, 0),
        ({"reference": "https://fhir.example.org/r4/Patient/1"}, 0),
        ({"reference": "Patient/1/_history/2"}, 0),
        ({"reference": "#contained"}, 0),
        ({"identifier": {"value": "x"}}, 0),
        ({"reference": "Patient/10"}, 1),
        ({"reference": "Patient/2"}, 1),
    ],
)
def test_only_references(subject, findings):
    seen = evidence(pages(bundle(observation(subject))))
    arguments = {"path": "subject", "value": "Patient/1"}
    assert len(list(finds_by_reference(seen, source="Observation/o", **arguments))) == findings
    assert len(list(finds_by_reference(seen, source="Observation/other", **arguments))) == findings + 1
    with pytest.raises(NotApplicable):
        list(finds_by_reference(seen, path="subject", value="Group/1", source="Observation/o"))


def born(*dates, link="Patient?_sort=birthdate"):
    return evidence(pages(bundle(*(patient(n, birthDate=date) for n, date in enumerate(dates)), self=link)))


@pytest.mark.parametrize(
    ("dates", "descending", "findings"),
    [
        (["1980-01-01", "1980-01-01", "1981-01-01"], False, 0),
        (["1981-01-01", "1980-01-01"], True, 0),
        (["1981-01-01", "1980-01-01"], False, 1),
        (["1980-01-01", "1981-01-01"], True, 1),
        (["1980-05-05", "1980", "1980-06-01"], False, 0),
        (["1980-05-05", "1980", "1979-06-01"], False, 1),
        (["1980-05-05", None, 7, "1980-06-01"], False, 0),
    ],
)
def test_sorted(dates, descending, findings):
    seen = born(*dates)
    assert (
        len(list(sorted_by_date(seen, parameter="birthdate", path="birthDate", descending=descending)))
        == findings
    )


def test_sorting_is_judged_where_the_server_says_that_it_did():
    with pytest.raises(NotApplicable):
        list(sorted_by_date(born("1981", "1980", link="Patient"), parameter="birthdate", path="birthDate"))
    with pytest.raises(NoData):
        list(sorted_by_date(born("1981"), parameter="birthdate", path="birthDate"))
