"""Must-support elements: seen with where, or not demonstrated with what to load; never a failure."""

import pytest
from saw import bundle, evidence, exchange, patient

from conformance.checks.must_support import must_support
from conformance.errors import NoData
from conformance.model.evidence import Remark

URL = "https://example.org/fhir/StructureDefinition/race"


def sampled(*resources):
    return evidence(exchange("/Patient", body=bundle(*resources), label="sampled"))


def test_where_it_was_seen_is_told_with_how_often_and_over_how_many_patients():
    seen = sampled(*(patient(n, gender="female") for n in range(7)), patient("x"))
    (remark,) = must_support(seen, resource="Patient", path="gender")
    assert isinstance(remark, Remark)
    assert remark == (
        "gender: in 7 of the 8 Patient of 8 patients that were sampled: Patient/0, Patient/1, Patient/2, Patient/3,"
        " Patient/4 and 2 more"
    )


@pytest.mark.parametrize(
    "resource",
    [
        patient(1),
        patient(1, name=[{"given": ["A"]}]),
        patient(1, name=[{"_family": {"extension": [{"url": URL}]}}]),
        patient(1, name="Jones"),
        patient(1, name=[{"family": ""}]),
    ],
)
def test_what_was_not_seen_is_untested_with_what_to_load(resource):
    with pytest.raises(NoData, match="load at least one Patient with it"):
        list(must_support(sampled(resource), resource="Patient", path="name.family"))


def test_without_resources_it_is_untested():
    with pytest.raises(NoData, match="no Patient was given"):
        list(must_support(sampled(), resource="Patient", path="gender"))


def test_an_extension_goes_by_its_url_and_a_slice_by_its_values():
    seen = sampled(
        patient(1, extension=[{"url": "https://example.org/other"}]),
        patient(2, extension=[{"url": URL}]),
        patient(3, identifier=[{"system": "urn:a", "value": "1"}, {"system": "urn:b"}]),
    )
    (remark,) = must_support(seen, resource="Patient", path="extension", extension=URL)
    assert remark.endswith("in 1 of the 3 Patient of 3 patients that were sampled: Patient/2")
    assert list(
        must_support(seen, resource="Patient", path="identifier", having={"system": "urn:a", "value": None})
    )
    with pytest.raises(NoData):
        list(
            must_support(
                seen, resource="Patient", path="identifier", having={"system": "urn:b", "value": None}
            )
        )


def test_a_choice_goes_by_any_of_its_types_and_a_structure_by_its_claim():
    seen = sampled(
        patient(1, deceasedBoolean=True, meta={"profile": ["https://example.org/p|1"]}), patient(2)
    )
    assert list(must_support(seen, resource="Patient", path="deceased[x]", structure="https://example.org/p"))
    with pytest.raises(NoData, match="no Patient that claims"):
        list(must_support(seen, resource="Patient", path="deceased[x]", structure="https://example.org/q"))
