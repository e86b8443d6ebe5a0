"""Every way in which a copy can differ is told, with its path and its kind; what means the same is not."""

import json
from decimal import Decimal

import pytest

from conformance.fhir.difference import aspects_in, differences

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "meta": {"versionId": "1", "tag": [{"system": "urn:t", "code": "a"}]},
    "identifier": [
        {"system": "urn:ids", "value": "7", "type": {"coding": [{"system": "urn:c", "code": "x"}]}}
    ],
    "name": [{"family": "O", "given": ["A", "B"]}],
    "_birthDate": {"extension": [{"url": "urn:why", "valueCode": "unknown"}]},
    "deceasedDateTime": "2020-01",
    "photo": [{"data": "QUJD", "title": "a b"}],
    "multipleBirthInteger": 2,
}
OBSERVATION = {
    "resourceType": "Observation",
    "code": {"coding": [{"system": "urn:c", "code": "x", "display": "X"}]},
    "valueQuantity": {"value": Decimal("1.50"), "unit": "mg", "code": "mg"},
    "effectiveDateTime": "2020-01-01T10:00:00+01:00",
}


def changed(resource, change):
    copy = json.loads(json.dumps(resource, default=str), parse_float=Decimal)
    if "valueQuantity" in copy:
        copy["valueQuantity"]["value"] = resource["valueQuantity"]["value"]
    change(copy)
    return copy


def told(resource, change, ignore=()):
    return [(d.kind, d.path, d.aspect) for d in differences(resource, changed(resource, change), ignore)]


@pytest.mark.parametrize(
    ("resource", "change", "expected"),
    [
        (PATIENT, lambda _: None, []),
        (
            PATIENT,
            lambda r: r["name"][0]["given"].reverse(),
            [("altered", "Patient.name.given", "other")] * 2,
        ),
        (PATIENT, lambda r: r["name"][0]["given"].pop(), [("lost", "Patient.name.given", "other")]),
        (
            PATIENT,
            lambda r: r["identifier"][0].pop("value"),
            [("lost", "Patient.identifier.value", "identifiers")],
        ),
        (
            PATIENT,
            lambda r: r["identifier"][0]["type"]["coding"][0].update(code="y"),
            [("altered", "Patient.identifier.type.coding.code", "identifiers")],
        ),
        (
            PATIENT,
            lambda r: r.update(deceasedDateTime="2020-01-01"),
            [("altered", "Patient.deceasedDateTime", "dates")],
        ),
        (
            PATIENT,
            lambda r: r.pop("_birthDate"),
            [
                ("lost", "Patient.birthDate.extension.url", "other"),
                ("lost", "Patient.birthDate.extension.valueCode", "other"),
            ],
        ),
        (PATIENT, lambda r: r.update(active=True), [("added", "Patient.active", "other")]),
        (
            PATIENT,
            lambda r: r.update(multipleBirthInteger=True),
            [("altered", "Patient.multipleBirthInteger", "other")],
        ),
        (PATIENT, lambda r: r["photo"][0].update(data="QU\nJD"), []),
        (PATIENT, lambda r: r["photo"][0].update(title="ab"), [("altered", "Patient.photo.title", "other")]),
        (PATIENT, lambda r: r["name"][0].update(_given=[None, None]), []),
        (
            PATIENT,
            lambda r: r.update(name="O"),
            [("lost", "Patient.name.family", "other")]
            + [("lost", "Patient.name.given", "other")] * 2
            + [("added", "Patient.name", "other")],
        ),
        (
            OBSERVATION,
            lambda r: r["code"]["coding"][0].pop("display"),
            [("lost", "Observation.code.coding.display", "codes")],
        ),
        (
            OBSERVATION,
            lambda r: r["valueQuantity"].update(value=Decimal("1.5")),
            [("altered", "Observation.valueQuantity.value", "units")],
        ),
        (
            OBSERVATION,
            lambda r: r["valueQuantity"].pop("unit"),
            [("lost", "Observation.valueQuantity.unit", "units")],
        ),
        (
            OBSERVATION,
            lambda r: r.update(effectiveDateTime="2020-01-01T09:00:00Z"),
            [("altered", "Observation.effectiveDateTime", "dates")],
        ),
    ],
)
def test_each_change_is_told_with_its_path_and_kind(resource, change, expected):
    assert told(resource, change) == expected


def test_only_the_paths_that_are_named_may_differ():
    def change(resource):
        resource["meta"].update(versionId="2")
        resource["meta"].pop("tag")

    assert told(PATIENT, change, ["meta.versionId"]) == [
        ("lost", "Patient.meta.tag.system", "codes"),
        ("lost", "Patient.meta.tag.code", "codes"),
    ]
    assert told(PATIENT, change, ["meta"]) == []
    assert told(PATIENT, lambda r: r.update(nameless=1), ["name"]) == [("added", "Patient.nameless", "other")]


def test_sampled_data_is_a_text_and_no_bytes():
    before = {"resourceType": "Observation", "valueSampledData": {"data": "1 2 3 4"}}
    after = {"resourceType": "Observation", "valueSampledData": {"data": "1234"}}
    assert [d.path for d in differences(before, after)] == ["Observation.valueSampledData.data"]


def test_what_a_comparison_can_show_is_known_beforehand():
    assert aspects_in(OBSERVATION) == {"codes", "units", "dates", "other"}
    assert {"identifiers", "dates", "codes", "other"} == aspects_in(PATIENT)
