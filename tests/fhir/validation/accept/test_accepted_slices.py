"""Slices on the quick path: what meets them is accepted, what does not is not, as `explain` says."""

import pytest
from accepting import (
    BARE,
    GENDER,
    HOME,
    MARRIED,
    NAME_USE,
    SINGLE,
    USE,
    WORK,
    Case,
    Json,
    below,
    judged,
    kilograms,
    piece,
    sliced,
)


def by_system(*systems: str) -> list[Json]:
    return [{"system": f"http://{system}.test/ids", "value": "1"} for system in systems]


NHS = [
    piece("identifier", "nhs", min=1, max="1"),
    below("identifier", "nhs", "system", min=1, fixedUri="http://nhs.test/ids"),
    below("identifier", "nhs", "value", min=1),
]
GP = [
    piece("identifier", "gp", max="1"),
    below("identifier", "gp", "system", min=1, fixedUri="http://gp.test/ids"),
]
CASES: dict[str, Case] = {
    "a choice sliced by type": (
        "Observation",
        [
            sliced("value[x]", ("type", "$this")),
            piece("value[x]", "valueQuantity", type=[{"code": "Quantity"}]),
            {"path": "value[x].unit", "id": "value[x]:valueQuantity.unit", "min": 1},
        ],
        [{}, {"valueQuantity": kilograms(1)}, {"valueString": "x"}],
        [{"valueQuantity": {"value": 1}}],
    ),
    "a choice sliced by type, closed": (
        "Observation",
        [
            sliced("value[x]", ("type", "$this"), rules="closed"),
            piece("value[x]", "valueQuantity", type=[{"code": "Quantity"}]),
        ],
        [{}, {"valueQuantity": kilograms(1)}],
        [{"valueString": "x"}],
    ),
    "a choice of which one type may not be": (
        "Observation",
        [
            sliced("value[x]", ("type", "$this")),
            piece("value[x]", "valueQuantity", max="0", type=[{"code": "Quantity"}]),
        ],
        [{}, {"valueString": "x"}],
        [{"valueQuantity": kilograms(1)}],
    ),
    "slices by a text": (
        "Patient",
        [sliced("identifier", ("value", "system")), *NHS, *GP],
        [
            {"identifier": by_system("nhs")},
            {"identifier": by_system("other", "gp", "nhs", "other")},
        ],
        [
            {},
            {"identifier": by_system("gp")},
            {"identifier": by_system("nhs", "nhs")},
            {"identifier": by_system("nhs", "gp", "gp")},
            {"identifier": [{"system": "http://nhs.test/ids"}]},
        ],
    ),
    "one slice by a text": (
        "Patient",
        [sliced("identifier", ("value", "system")), *NHS],
        [{"identifier": by_system("nhs")}, {"identifier": by_system("other", "nhs")}],
        [
            {},
            {"identifier": by_system("other")},
            {"identifier": by_system("nhs", "nhs")},
            {"identifier": [{"system": "http://nhs.test/ids"}]},
        ],
    ),
    "slices, closed": (
        "Patient",
        [sliced("identifier", ("value", "system"), rules="closed"), *NHS, *GP],
        [{"identifier": by_system("nhs")}, {"identifier": by_system("gp", "nhs")}],
        [{"identifier": by_system("nhs", "other")}],
    ),
    "slices before all else": (
        "Patient",
        [sliced("identifier", ("value", "system"), rules="openAtEnd"), *NHS, *GP],
        [{"identifier": by_system("gp", "nhs", "other", "other")}],
        [{"identifier": by_system("other", "nhs")}, {"identifier": by_system("nhs", "other", "gp")}],
    ),
    "slices in order": (
        "Patient",
        [sliced("identifier", ("value", "system"), ordered=True), *NHS, *GP],
        [
            {"identifier": by_system("nhs", "gp")},
            {"identifier": by_system("other", "nhs", "other", "gp", "other")},
        ],
        [{"identifier": by_system("gp", "nhs")}],
    ),
    "a slice that may not be": (
        "Patient",
        [
            sliced("identifier", ("value", "system")),
            piece("identifier", "old", max="0"),
            below("identifier", "old", "system", min=1, fixedUri="http://old.test/ids"),
        ],
        [{}, {"identifier": by_system("nhs")}],
        [{"identifier": by_system("nhs", "old")}],
    ),
    "slices by presence": (
        "Patient",
        [
            sliced("telecom", ("exists", "use")),
            piece("telecom", "used", min=1, max="2"),
            below("telecom", "used", "use", min=1),
            piece("telecom", "unused", max="1"),
            below("telecom", "unused", "use", max="0"),
        ],
        [{"telecom": [WORK]}, {"telecom": [BARE, WORK, HOME]}],
        [{}, {"telecom": [BARE]}, {"telecom": [WORK, BARE, BARE]}, {"telecom": [WORK, WORK, HOME]}],
    ),
    "a slice by a pattern": (
        "Patient",
        [
            sliced("identifier", ("pattern", "type")),
            piece("identifier", "married", min=1, max="1"),
            below("identifier", "married", "type", min=1, patternCodeableConcept=MARRIED),
        ],
        [
            {"identifier": [{"value": "1", "type": MARRIED}, {"value": "2", "type": SINGLE}, {"value": "3"}]},
            {"identifier": [{"value": "1", "type": {**MARRIED, "text": "x"}}]},
        ],
        [
            {},
            {"identifier": [{"value": "2", "type": SINGLE}, {"value": "3"}]},
            {"identifier": [{"value": "1", "type": MARRIED}] * 2},
        ],
    ),
    "a slice by what stands below": (
        "Patient",
        [
            sliced("identifier", ("value", "type")),
            piece("identifier", "one", min=1, max="1"),
            below("identifier", "one", "type", min=1),
            below("identifier", "one", "type.coding", min=1),
            below("identifier", "one", "type.coding.system", min=1, fixedUri="http://a.test/s"),
            below("identifier", "one", "type.coding.code", min=1, fixedCode="x"),
        ],
        [
            {
                "identifier": [
                    {"value": "1", "type": {"coding": [{"system": "http://a.test/s", "code": "x"}]}},
                    {"value": "1", "type": {"coding": [{"system": "http://a.test/s", "code": "y"}]}},
                    {"value": "1", "type": {"coding": [{"system": "http://b.test/s", "code": "x"}]}},
                    {"value": "1", "type": {"text": "x"}},
                ]
            },
        ],
        [
            {},
            {"identifier": [{"type": {"coding": [{"system": "http://a.test/s", "code": "y"}]}}]},
            {"identifier": [{"type": {"coding": [{"code": "x"}]}}]},
            {"identifier": [{"type": {"text": "x"}}]},
            {"identifier": [{"type": {"coding": [{"system": "http://a.test/s", "code": "x"}]}}] * 2},
        ],
    ),
    "a slice by its binding": (
        "Patient",
        [
            sliced("identifier", ("value", "type")),
            piece("identifier", "one", min=1, max="1"),
            below("identifier", "one", "type", min=1, binding={"strength": "required", "valueSet": NAME_USE}),
        ],
        [
            {
                "identifier": [
                    {"value": "1", "type": {"coding": [{"system": USE, "code": "usual"}]}},
                    {"value": "1", "type": {"coding": [{"system": GENDER, "code": "male"}]}},
                ]
            },
        ],
        [
            {},
            {"identifier": [{"type": {"coding": [{"system": GENDER, "code": "male"}]}}]},
            {"identifier": [{"type": {"coding": [{"system": USE, "code": "usual"}]}}] * 2},
        ],
    ),
    "one value, sliced": (
        "Patient",
        [
            sliced("maritalStatus", ("pattern", "coding")),
            {"path": "maritalStatus.text", "maxLength": 4},
            piece("maritalStatus", "married", max="1"),
            below("maritalStatus", "married", "coding", min=1, patternCoding=MARRIED["coding"][0]),
            below("maritalStatus", "married", "text", min=1),
        ],
        [{}, {"maritalStatus": SINGLE}, {"maritalStatus": {**MARRIED, "text": "x"}}],
        [{"maritalStatus": MARRIED}, {"maritalStatus": {**MARRIED, "text": "abcde"}}],
    ),
    "slices by two paths": (
        "Patient",
        [
            sliced("telecom", ("value", "system"), ("value", "use"), rules="closed"),
            piece("telecom", "home", max="1"),
            below("telecom", "home", "system", min=1, fixedCode="phone"),
            below("telecom", "home", "use", min=1, fixedCode="home"),
            piece("telecom", "work", max="1"),
            below("telecom", "work", "system", min=1, fixedCode="phone"),
            below("telecom", "work", "use", min=1, fixedCode="work"),
        ],
        [{}, {"telecom": [WORK]}, {"telecom": [WORK, HOME]}],
        [{"telecom": [HOME, HOME]}, {"telecom": [BARE]}, {"telecom": [{**HOME, "system": "sms"}]}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_meets_its_slices_is_accepted_and_nothing_else(name: str):
    judged(CASES[name])
