"""Large documents cost in proportion to their size: four times the size costs far less than sixteen times the work.

Work is counted in calls of Python functions, which does not depend on how busy the machine is.
"""

import sys

import pytest
from explaining import base

SMALL = 150
FOURFOLD = 4
MOST = 6  # times the work for four times the size: in proportion with room to spare, far from the square


def bundle(size):
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": f"http://s.test/fhir/Patient/p{number}",
                "resource": {
                    "resourceType": "Patient",
                    "id": f"p{number}",
                    "link": [{"other": {"reference": f"Patient/p{(number + 1) % size}"}, "type": "seealso"}],
                },
            }
            for number in range(size)
        ],
    }


def contained(size):
    """Observations in one, each derived from the next, the last from the first."""
    start = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    inner = [
        {**start, "id": f"c{number}", "derivedFrom": [{"reference": f"#c{(number + 1) % size}"}]}
        for number in range(size)
    ]
    return {**start, "contained": inner, "derivedFrom": [{"reference": "#c0"}]}


def unknown(size):
    return {"resourceType": "Patient", **{f"x{number}": 1 for number in range(size)}}


def repeated(size):
    return {"resourceType": "Patient", "name": [{"given": ["a"] * size}], "telecom": [{"value": "1"}] * size}


def empty(size):
    return {"resourceType": "Patient", "name": [{"given": [""] * size}]}


def calls(resource):
    """How many Python functions are entered while a resource is explained, comprehensions included."""
    count = 0

    def entered(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(entered)
    try:
        base().explain_resource(resource)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("made", [bundle, contained, unknown, repeated, empty])
def test_work_grows_with_the_size_and_not_with_its_square(made):
    calls(made(2))  # plans and expressions are made once
    assert calls(made(SMALL * FOURFOLD)) < MOST * calls(made(SMALL))


def test_a_large_bundle_of_references_has_no_error():
    outcome = base().explain_resource(bundle(2_000))
    assert outcome.valid
    assert not outcome.not_evaluated


def test_contained_resources_that_lead_in_a_circle_are_judged():
    resource = contained(2_000)
    assert base().explain_resource(resource).valid
    resource["contained"][7]["derivedFrom"][0]["reference"] = "#nowhere"
    found = [i.message_id for i in base().explain_resource(resource).issues if i.is_error]
    assert sorted(found) == ["contained-not-referred-to", "reference-not-contained"]
