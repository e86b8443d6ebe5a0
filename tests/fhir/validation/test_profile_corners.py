"""Corners of profiles: paths of discriminators, choices named by one type, types with a largest number of items."""

import pytest
from explaining import BASE, URL, errors, profile, validator

START = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
KIND = f"{URL}kind"


def sliced(path, discriminator, name, *below, **row):
    """One slice of an element of Observation, told by one discriminator."""
    kind, where = discriminator
    return profile(
        "Observation",
        {"path": path, "slicing": {"discriminator": [{"type": kind, "path": where}], "rules": "open"}},
        {"path": path, "id": f"{path}:{name}", "sliceName": name, **row},
        *(
            {**each, "path": f"{path}.{each['path']}", "id": f"{path}:{name}.{each.get('id', each['path'])}"}
            for each in below
        ),
    )


def component(**more):
    return {"code": {"text": "x"}, **more}


@pytest.mark.parametrize("call", ["ofType", "as"])
def test_a_discriminator_may_ask_for_one_type_of_a_choice(call):
    definition = sliced(
        "component",
        ("value", f"value.{call}(CodeableConcept).text"),
        "fever",
        {"path": "value[x]", "type": [{"code": "CodeableConcept"}]},
        {"path": "value[x].text", "min": 1, "fixedString": "fever"},
        min=1,
    )
    asked = validator(definition)
    fever = component(valueCodeableConcept={"text": "fever"})
    cold = component(valueCodeableConcept={"text": "cold"})
    words = component(valueString="fever")
    assert errors(asked.explain_resource({**START, "component": [cold, words, fever]})) == []
    assert errors(asked.explain_resource({**START, "component": [cold, words]})) == [
        ("slice-missing", "Observation")
    ]


@pytest.mark.parametrize("by", ["profile", "url"])
def test_a_discriminator_may_lead_through_an_extension(by):
    kind = {
        **profile(
            "Extension",
            {"path": "url", "fixedUri": KIND},
            {"path": "value[x]", "min": 1, "type": [{"code": "code"}]},
            name="kind",
        ),
        "context": [{"type": "element", "expression": "Element"}],
    }
    definition = sliced(
        "component",
        ("value", f"extension('{KIND}').value"),
        "main",
        {
            "path": "extension",
            "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"},
        },
        {
            "path": "extension",
            "id": "extension:kind",
            "sliceName": "kind",
            "min": 1,
            **({"type": [{"code": "Extension", "profile": [KIND]}]} if by == "profile" else {}),
        },
        *([{"path": "extension.url", "id": "extension:kind.url", "fixedUri": KIND}] if by == "url" else []),
        {"path": "extension.value[x]", "id": "extension:kind.value[x]", "fixedCode": "main"},
        min=1,
        max="1",
    )
    asked = validator(definition, kind)
    main = component(extension=[{"url": KIND, "valueCode": "main"}])
    other = component(extension=[{"url": KIND, "valueCode": "other"}])
    elsewhere = component(extension=[{"url": "urn:x:other", "valueCode": "main"}])
    assert errors(asked.explain_resource({**START, "component": [other, main, elsewhere]})) == []
    assert errors(asked.explain_resource({**START, "component": [other, elsewhere]})) == [
        ("slice-missing", "Observation")
    ]
    assert errors(asked.explain_resource({**START, "component": [main, main]})) == [
        ("slice-too-many", "Observation")
    ]


def row(path, least=0, most="1", kind="", **more):
    types = {"type": [{"code": kind}]} if kind else {}
    return {"id": path, "path": path, "min": least, "max": most, **types, **more}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueQuantity": {"value": 1, "unit": "m", "code": "m", "system": "urn:x:y"}}, []),
        (
            {"valueQuantity": {"value": 1, "unit": "k", "code": "m", "system": "urn:x:y"}},
            [("pattern", "Observation.value.ofType(Quantity)")],
        ),
        (
            {"valueQuantity": {"value": 1, "unit": "m"}},
            [("missing", "Observation.value.ofType(Quantity)")],
        ),
        ({"valueString": "m"}, [("missing", "Observation")]),
        ({}, [("missing", "Observation")]),
    ],
)
def test_a_snapshot_that_does_not_say_which_choice_it_narrows(value, expected):
    definition = profile("Observation")
    definition["snapshot"] = {
        "element": [
            row("Observation", most="*"),
            row("Observation.status", 1, kind="code"),
            row("Observation.code", 1, kind="CodeableConcept"),
            row("Observation.valueQuantity", 1, kind="Quantity", patternQuantity={"unit": "m"}),
            row("Observation.valueQuantity.code", 1, kind="code"),
        ]
    }
    assert errors(validator(definition).explain_resource({**START, **value})) == expected


THING = {
    "resourceType": "StructureDefinition",
    "url": f"{BASE}Thing",
    "name": "Thing",
    "status": "draft",
    "fhirVersion": "4.0.1",
    "kind": "resource",
    "abstract": False,
    "type": "Thing",
    "baseDefinition": f"{BASE}DomainResource",
    "derivation": "specialization",
    "snapshot": {
        "element": [
            row("Thing", most="*"),
            row("Thing.part", 2, "3", "HumanName"),
            row("Thing.word", 0, "2", "string"),
        ]
    },
}


@pytest.mark.parametrize(
    ("parts", "words", "expected"),
    [(1, 0, ["too-few"]), (2, 2, []), (3, 1, []), (4, 2, ["too-many"]), (2, 3, ["too-many"])],
)
def test_a_type_may_say_how_many_items_there_are_at_least_and_at_most(parts, words, expected):
    thing = {"resourceType": "Thing", "part": [{"text": "x"}] * parts}
    if words:
        thing["word"] = ["x"] * words
    found = errors(validator(THING, structures=()).explain_resource(thing))
    assert found == [(message_id, "Thing") for message_id in expected]


@pytest.mark.parametrize(
    ("least", "given", "early"),
    [
        ("2000-01-01T12:00:00Z", "2000-01-01", False),
        ("2000-01-01T12:00:00Z", "1999-12-31", True),
        ("2000-01-01T12:00:00Z", "2000-01", False),
        ("2000-01-01T12:00:00Z", "1999-12", True),
        ("2000-01-01T12:00:00Z", "2000", False),
        ("2000-01-01T12:00:00Z", "1999", True),
        ("2000-01-01T12:00:00Z", "2000-01-01T11:59:59Z", True),
        ("2000-01-01T12:00:00Z", "2000-01-01T12:00:00Z", False),
        ("2000-01-01T12:00:00Z", "2000-01-01T13:30:00+02:00", True),
        ("2000-01-01T12:00:00Z", "2000-01-01T11:30:00-02:00", False),
    ],
)
def test_a_date_is_too_early_only_where_all_that_it_may_mean_is(least, given, early):
    asked = validator(profile("Observation", {"path": "effective[x]", "minValueDateTime": least}))
    found = errors(asked.explain_resource({**START, "effectiveDateTime": given}))
    assert found == [("value-too-small", "Observation.effective.ofType(dateTime)")] * early


def test_what_a_profile_says_is_told_with_its_canonical():
    definition = profile("Patient", {"path": "deceased[x]", "type": [{"code": "boolean"}]})
    outcome = validator(definition).explain_resource({"resourceType": "Patient", "deceasedDateTime": "2020"})
    told = [(issue.message_id, issue.structure) for issue in outcome.issues if issue.is_error]
    assert told == [("type-not-allowed", definition["url"])]


def test_a_discriminator_may_lead_through_the_profile_of_a_type():
    """What the slice's own rows leave open, the only profile of its type says."""
    number = profile(
        "Identifier",
        {"path": "system", "min": 1, "fixedUri": "http://nhs.test/ids"},
        {"path": "value", "min": 1},
        name="number",
    )
    definition = profile(
        "Patient",
        {
            "path": "identifier",
            "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"},
        },
        {
            "path": "identifier",
            "id": "identifier:nhs",
            "sliceName": "nhs",
            "min": 1,
            "max": "1",
            "type": [{"code": "Identifier", "profile": [number["url"]]}],
        },
    )
    asked = validator(definition, number)
    nhs, other = {"system": "http://nhs.test/ids", "value": "1"}, {"system": "http://a.test/x", "value": "1"}
    for identifiers, expected in (
        ([other, nhs], []),
        ([other], [("slice-missing", "Patient")]),
        ([nhs, nhs], [("slice-too-many", "Patient")]),
        ([{"system": "http://nhs.test/ids"}], [("missing", "Patient.identifier[0]")]),
    ):
        assert (
            errors(asked.explain_resource({"resourceType": "Patient", "identifier": identifiers})) == expected
        )


def test_what_fits_no_slice_falls_to_the_default_one_unless_it_cannot_be_told():
    rows = [
        {
            "path": "performer",
            "slicing": {"discriminator": [{"type": "type", "path": "$this.resolve()"}], "rules": "open"},
        },
        {
            "path": "performer",
            "id": "performer:who",
            "sliceName": "who",
            "type": [{"code": "Reference", "targetProfile": [BASE + "Practitioner"]}],
        },
        {"path": "performer", "id": "performer:@default", "sliceName": "@default", "max": "0"},
    ]
    asked = validator(profile("Observation", *rows))

    def told(*references):
        performers = [{"reference": each} for each in references]
        return errors(asked.explain_resource({**START, "performer": performers}))

    assert told("Practitioner/1") == []
    assert told("Practitioner/1", "Patient/1") == [("slice-too-many", "Observation.performer[1]")]
    assert told("urn:uuid:c757873d-ec9a-4326-a141-556f43239520") == []  # perhaps a Practitioner


def test_an_abstract_type_is_told_by_its_name():
    (issue,) = [
        each
        for each in validator().explain_resource({"resourceType": "DomainResource"}).issues
        if each.message_id == "resource-type-abstract"
    ]
    assert "DomainResource" in issue.text


@pytest.mark.parametrize(
    ("stated", "fits"), [("Practitioner", True), (f"{BASE}Practitioner", True), ("Organization", False)]
)
def test_a_target_that_is_elsewhere_is_judged_by_the_type_that_the_reference_states(stated, fits):
    kind = {"code": "Reference", "targetProfile": [f"{BASE}Practitioner"]}
    asked = validator(profile("Patient", {"path": "generalPractitioner", "type": [kind]}))
    reference = {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "type": stated}
    found = errors(asked.explain_resource({"resourceType": "Patient", "generalPractitioner": [reference]}))
    assert found == ([] if fits else [("reference-target-type", "Patient.generalPractitioner[0]")])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"given": "x"}, [("array-expected", "Patient.name[0].given")]),
        ({"family": ["x"]}, [("array-not-allowed", "Patient.name[0].family")]),
        ({"period": [{"start": "2020"}]}, [("array-not-allowed", "Patient.name[0].period")]),
    ],
)
def test_arrays_stand_where_elements_repeat(name, expected):
    found = errors(validator().explain_resource({"resourceType": "Patient", "name": [name]}))
    assert found == expected
