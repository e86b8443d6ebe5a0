"""The order of what a search finds."""

import pytest
from saw import bundle, evidence, exchange, pages, patient, step

from conformance.checks.search_laws import sorted_by_date
from conformance.errors import NoData, NotApplicable


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
    refusal = step(exchange("/Patient?_sort=birthdate", status=400, label="page"))
    with pytest.raises(NotApplicable):
        list(sorted_by_date(evidence(refusal), parameter="birthdate", path="birthDate"))
