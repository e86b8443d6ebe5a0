"""Slices: every kind of discriminator, the rules for what stands beside them, and what cannot be told."""

import pytest
from explaining import BASE, URL, errors, profile, validator

from conformance.fhir.definitions.table import Discriminator
from conformance.fhir.validation.spots import parsed


def sliced(path, discriminators, *slices, kind="Patient", rules="open", ordered=False, **more):
    """A profile on a type with one sliced element; each slice is its name, its row, and rows below it."""
    holder = {
        "path": path,
        "slicing": {
            "discriminator": [{"type": kind, "path": where} for kind, where in discriminators],
            "rules": rules,
            "ordered": ordered,
        },
        **more,
    }
    rows = [holder]
    for name, row, *below in slices:
        rows.append({"path": path, "id": f"{path}:{name}", "sliceName": name, **row})
        rows += [
            {**each, "path": f"{path}.{each['path']}", "id": f"{path}:{name}.{each['path']}"}
            for each in below
        ]
    return profile(kind, *rows)


def told(definition, resource, *others):
    outcome = validator(definition, *others).explain_resource(
        {"resourceType": definition["type"], **resource}
    )
    return [
        (found, place) for found, place in errors(outcome) if found.startswith("slice") or "profile" in found
    ]


def skipped(definition, resource, *others):
    outcome = validator(definition, *others).explain_resource(
        {"resourceType": definition["type"], **resource}
    )
    return [row.kind for row in outcome.not_evaluated]


NHS = (
    "nhs",
    {"min": 1, "max": "1"},
    {"path": "system", "min": 1, "fixedUri": "http://nhs"},
    {"path": "value", "min": 1},
)
GP = ("gp", {"min": 0, "max": "1"}, {"path": "system", "min": 1, "fixedUri": "http://gp"})
ONE = {"system": "http://nhs", "value": "1"}
TWO = {"system": "http://gp", "value": "2"}
OTHER = {"system": "http://other", "value": "3"}
BY_SYSTEM = [("value", "system")]


@pytest.mark.parametrize(
    ("rules", "ordered", "items", "expected"),
    [
        ("open", False, [ONE], []),
        ("open", False, [OTHER, TWO, ONE], []),
        ("open", False, [], [("slice-missing", "Patient")]),
        ("open", False, [TWO], [("slice-missing", "Patient")]),
        ("open", False, [ONE, ONE], [("slice-too-many", "Patient")]),
        ("closed", False, [ONE, OTHER], [("slice-closed", "Patient.identifier[1]")]),
        ("openAtEnd", False, [ONE, OTHER], []),
        ("openAtEnd", False, [OTHER, ONE], [("slice-not-at-end", "Patient.identifier[0]")]),
        ("openAtEnd", False, [OTHER, OTHER], [("slice-missing", "Patient")]),
        ("open", True, [ONE, OTHER, TWO], []),
        ("open", True, [TWO, ONE], [("slice-order", "Patient.identifier[1]")]),
    ],
)
def test_numbers_order_and_what_else_may_stand(rules, ordered, items, expected):
    definition = sliced("identifier", BY_SYSTEM, NHS, GP, rules=rules, ordered=ordered)
    assert told(definition, {"identifier": items} if items else {}) == expected


def test_what_a_slice_asks_is_asked_of_its_items_only():
    definition = sliced("identifier", BY_SYSTEM, NHS, GP)
    outcome = validator(definition).explain_resource(
        {"resourceType": "Patient", "identifier": [{"system": "http://nhs"}, {"system": "http://gp"}]}
    )
    assert errors(outcome) == [("missing", "Patient.identifier[0]")]


CODED = {"coding": [{"system": "http://a", "code": "x"}, {"system": "http://b", "code": "y"}]}


@pytest.mark.parametrize(
    ("discriminator", "below", "fits", "not_fitting"),
    [
        (
            ("pattern", "type"),
            {"path": "type", "patternCodeableConcept": {"coding": [{"code": "y"}]}},
            CODED,
            {"text": "y"},
        ),
        (
            ("value", "type"),
            {"path": "type", "patternCodeableConcept": {"coding": [{"code": "x"}]}},
            CODED,
            None,
        ),
        (
            ("value", "type.coding.code"),
            {"path": "type.coding.code", "fixedCode": "x"},
            CODED,
            {"coding": [{"code": "z"}]},
        ),
        (
            ("value", "type.coding"),
            {"path": "type.coding.code", "min": 1, "fixedCode": "x"},
            CODED,
            {"coding": [{"code": "z"}]},
        ),
        (("exists", "type"), {"path": "type", "min": 1}, CODED, None),
        (
            ("value", "type"),
            {
                "path": "type",
                "min": 1,
                "binding": {
                    "strength": "required",
                    "valueSet": "http://hl7.org/fhir/ValueSet/identifier-use",
                },
            },
            {"coding": [{"system": "http://hl7.org/fhir/identifier-use", "code": "usual"}]},
            CODED,
        ),
    ],
)
def test_kinds_of_discriminators_by_content(discriminator, below, fits, not_fitting):
    definition = sliced("identifier", [discriminator], ("only", {"min": 1}, below))
    good = {"system": "urn:x:y", "type": fits}
    bad = {"system": "urn:x:y", "type": not_fitting} if not_fitting is not None else {"system": "urn:x:y"}
    assert told(definition, {"identifier": [good]}) == []
    assert told(definition, {"identifier": [bad]}) == [("slice-missing", "Patient")]


def test_absence_can_be_what_tells_a_slice():
    definition = sliced(
        "identifier",
        [("exists", "period")],
        ("past", {"max": "1"}, {"path": "period", "min": 1}),
        ("now", {"min": 1, "max": "1"}, {"path": "period", "max": "0"}),
    )
    now, past = {"value": "1"}, {"value": "1", "period": {"start": "2020"}}
    assert told(definition, {"identifier": [now, past]}) == []
    assert told(definition, {"identifier": [past, past]}) == [
        ("slice-too-many", "Patient"),
        ("slice-missing", "Patient"),
    ]


def test_a_path_that_a_slice_leaves_open_decides_nothing():
    home = (
        "home",
        {"max": "1"},
        {"path": "system", "fixedCode": "phone"},
        {"path": "use", "fixedCode": "home"},
    )
    mail = ("mail", {"min": 1, "max": "1"}, {"path": "system", "fixedCode": "email"})
    definition = sliced("telecom", [("value", "system"), ("value", "use")], home, mail, rules="closed")
    assert (
        told(
            definition, {"telecom": [{"system": "phone", "use": "home"}, {"system": "email", "use": "work"}]}
        )
        == []
    )
    assert told(definition, {"telecom": [{"system": "phone", "use": "work"}]}) == [
        ("slice-missing", "Patient"),
        ("slice-closed", "Patient.telecom[0]"),
    ]


def test_a_choice_is_sliced_by_its_type():
    rows = [
        {
            "path": "value[x]",
            "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "closed"},
        },
        {
            "path": "value[x]",
            "id": "value[x]:valueQuantity",
            "sliceName": "valueQuantity",
            "min": 0,
            "max": "1",
            "type": [{"code": "Quantity"}],
        },
        {"path": "value[x].unit", "id": "value[x]:valueQuantity.unit", "min": 1},
    ]
    definition = profile("Observation", *rows)
    start = {"status": "final", "code": {"text": "x"}}
    assert told(definition, {**start, "valueQuantity": {"value": 1, "unit": "m"}}) == []
    assert told(definition, {**start, "valueString": "x"}) == [
        ("slice-closed", "Observation.value.ofType(string)")
    ]
    outcome = validator(definition).explain_resource(
        {"resourceType": "Observation", **start, "valueQuantity": {"value": 1}}
    )
    assert errors(outcome) == [("missing", "Observation.value.ofType(Quantity)")]


EXTENSION = {
    **profile(
        "Extension",
        {"path": "url", "fixedUri": f"{URL}size"},
        {"path": "value[x]", "min": 1, "type": [{"code": "integer"}]},
        name="size",
    ),
    "context": [{"type": "element", "expression": "Patient"}],
}


def test_extensions_are_sliced_by_their_url():
    definition = profile(
        "Patient",
        {
            "path": "extension",
            "id": "extension:size",
            "sliceName": "size",
            "min": 1,
            "max": "1",
            "type": [{"code": "Extension", "profile": [f"{URL}size"]}],
        },
    )
    right = {"url": f"{URL}size", "valueInteger": 5}
    assert told(definition, {"extension": [right]}, EXTENSION) == []
    assert told(definition, {"extension": [{"url": "urn:x:y", "valueInteger": 5}]}, EXTENSION) == [
        ("slice-missing", "Patient")
    ]
    wrong = validator(definition, EXTENSION).explain_resource(
        {"resourceType": "Patient", "extension": [{"url": f"{URL}size", "valueString": "big"}]}
    )
    assert errors(wrong) == [("type-not-allowed", "Patient.extension[0].value.ofType(string)")]


ENTRY = {"fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}


@pytest.mark.parametrize("kind", ["type", "profile"])
def test_entries_are_sliced_by_what_they_hold(kind):
    named = profile("Patient", {"path": "name", "min": 1}, name="named")
    row = {
        "path": "resource",
        "min": 1,
        "type": [{"code": "Patient", **({"profile": [named["url"]]} if kind == "profile" else {})}],
    }
    definition = sliced(
        "entry", [(kind, "resource")], ("patient", {"min": 1, "max": "1"}, row), kind="Bundle"
    )
    right = {**ENTRY, "resource": {"resourceType": "Patient", "name": [{"text": "x"}]}}
    basic = {**ENTRY, "resource": {"resourceType": "Basic", "code": {"text": "x"}}}
    assert told(definition, {"type": "collection", "entry": [right]}, named) == []
    assert told(definition, {"type": "collection", "entry": [basic]}, named) == [("slice-missing", "Bundle")]
    unnamed = {**ENTRY, "resource": {"resourceType": "Patient", "gender": "male"}}
    assert bool(told(definition, {"type": "collection", "entry": [unnamed]}, named)) is (kind == "profile")


def test_references_are_sliced_by_where_they_lead():
    rows = [
        {
            "path": "performer",
            "slicing": {"discriminator": [{"type": "type", "path": "$this.resolve()"}], "rules": "open"},
        },
        {
            "path": "performer",
            "id": "performer:who",
            "sliceName": "who",
            "min": 1,
            "max": "1",
            "type": [{"code": "Reference", "targetProfile": [BASE + "Practitioner"]}],
        },
    ]
    definition = profile("Observation", *rows)
    start = {"status": "final", "code": {"text": "x"}}
    assert (
        told(
            definition, {**start, "performer": [{"reference": "Practitioner/1"}, {"reference": "Patient/1"}]}
        )
        == []
    )
    assert told(definition, {**start, "performer": [{"reference": "Patient/1"}]}) == [
        ("slice-missing", "Observation")
    ]
    elsewhere = {**start, "performer": [{"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}]}
    assert told(definition, elsewhere) == []
    assert "slice" in skipped(definition, elsewhere)


def test_slices_that_their_discriminator_does_not_tell_apart_fail_nothing():
    definition = sliced(
        "identifier", [("type", "$this")], ("a", {"min": 1, "max": "1"}), ("b", {"max": "1"}), rules="closed"
    )
    resource = {"identifier": [ONE, TWO]}
    assert told(definition, resource) == []
    assert skipped(definition, resource).count("slice") == 2


def test_slices_without_a_discriminator_fail_nothing():
    definition = sliced("identifier", [], ("a", {"min": 1}))
    assert told(definition, {"identifier": [ONE]}) == []
    assert "slice" in skipped(definition, {"identifier": [ONE]})


def test_slices_within_slices():
    inner = {"path": "identifier", "id": "identifier:nhs/old", "sliceName": "nhs/old", "min": 1, "max": "1"}
    definition = sliced(
        "identifier", BY_SYSTEM, ("nhs", {"min": 1}, {"path": "system", "fixedUri": "http://nhs"})
    )
    rows = definition["differential"]["element"]
    rows[1]["slicing"] = {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}
    rows.append({**inner, "path": "Patient.identifier", "id": "Patient.identifier:nhs/old"})
    rows.append(
        {"path": "Patient.identifier.use", "id": "Patient.identifier:nhs/old.use", "fixedCode": "old"}
    )
    assert told(definition, {"identifier": [ONE, {**ONE, "use": "old"}]}) == []
    assert told(definition, {"identifier": [ONE, {**TWO, "use": "old"}]}) == [("slice-missing", "Patient")]


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$this", ()),
        ("code.coding", (("child", "code"), ("child", "coding"))),
        ("$this.resolve()", (("resolve", ""),)),
        ("extension('http://x.y/z').value", (("extension", "http://x.y/z"), ("child", "value"))),
        ("value.ofType(Quantity).code", (("child", "value"), ("ofType", "Quantity"), ("child", "code"))),
        ("code.where(a = 1)", None),
        ("a..b", None),
    ],
)
def test_paths_of_discriminators(path, steps):
    assert parsed(path) == steps


def test_a_discriminator_that_is_not_understood_is_not_judged():
    definition = sliced("identifier", [("position", "$this")], ("a", {"min": 1}))
    assert told(definition, {"identifier": [ONE]}) == []
    assert Discriminator("position", "$this").kind == "position"
    assert "slice" in skipped(definition, {"identifier": [ONE]})


@pytest.mark.parametrize("rows", ["sliced", "by-type"])
def test_a_slice_of_a_choice_that_must_be_there_is_missed(rows):
    by_type = {"path": "valueCodeableConcept", "min": 1}
    slicing = {"discriminator": [{"type": "type", "path": "$this"}], "rules": "closed"}
    piece = {
        "path": "value[x]",
        "id": "value[x]:valueCodeableConcept",
        "sliceName": "valueCodeableConcept",
        "min": 1,
        "max": "1",
        "type": [{"code": "CodeableConcept"}],
    }
    given = [by_type] if rows == "by-type" else [{"path": "value[x]", "slicing": slicing}, piece]
    definition = profile("Observation", *given)
    start = {"status": "final", "code": {"text": "x"}}
    assert told(definition, {**start, "valueCodeableConcept": {"text": "x"}}) == []
    assert "slice-missing" in {message for message, _ in told(definition, start)}


def test_an_item_of_a_slice_that_must_not_be_there_is_told_itself():
    row = {
        "path": "value[x]",
        "id": "value[x]:valueQuantity",
        "sliceName": "valueQuantity",
        "max": "0",
        "type": [{"code": "Quantity"}],
    }
    slicing = {"discriminator": [{"type": "type", "path": "$this"}], "rules": "open"}
    definition = profile("Observation", {"path": "value[x]", "slicing": slicing}, row)
    start = {"status": "final", "code": {"text": "x"}}
    assert told(definition, {**start, "valueString": "x"}) == []
    assert told(definition, {**start, "valueQuantity": {"value": 1}}) == [
        ("slice-too-many", "Observation.value.ofType(Quantity)")
    ]
