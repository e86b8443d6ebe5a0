"""`explain` with profiles: what they ask beyond the base, where they are named, and what cannot be judged."""

import pytest
from explaining import BASE, URL, base, errors, profile, validator

from conformance.fhir.definitions import r4
from conformance.fhir.packages.package import from_resources
from conformance.fhir.validation.deltas import Deltas
from conformance.fhir.validation.issues import Severity


def told(resource, *definitions, structures=None):
    return errors(validator(*definitions, structures=structures).explain_resource(resource))


@pytest.mark.parametrize(
    ("row", "resource", "expected"),
    [
        ({"path": "name", "min": 1}, {}, [("missing", "Patient")]),
        ({"path": "name", "min": 2}, {"name": [{"text": "x"}]}, [("too-few", "Patient")]),
        ({"path": "name", "max": "1"}, {"name": [{"text": "x"}, {"text": "y"}]}, [("too-many", "Patient")]),
        ({"path": "name", "max": "0"}, {"name": [{"text": "x"}]}, [("not-allowed-here", "Patient")]),
        ({"path": "name.family", "min": 1}, {"name": [{"text": "x"}]}, [("missing", "Patient.name[0]")]),
        ({"path": "name.family", "min": 1}, {}, []),
        ({"path": "gender", "fixedCode": "male"}, {"gender": "female"}, [("fixed-value", "Patient.gender")]),
        ({"path": "gender", "patternCode": "male"}, {"gender": "female"}, [("pattern", "Patient.gender")]),
        (
            {"path": "maritalStatus", "patternCodeableConcept": {"coding": [{"code": "M"}]}},
            {"maritalStatus": {"coding": [{"code": "S"}]}},
            [("pattern", "Patient.maritalStatus")],
        ),
        (
            {"path": "maritalStatus", "fixedCodeableConcept": {"text": "x"}},
            {"maritalStatus": {"text": "x", "id": "y"}},
            [("fixed-value", "Patient.maritalStatus")],
        ),
        (
            {"path": "deceased[x]", "type": [{"code": "boolean"}]},
            {"deceasedDateTime": "2020"},
            [("type-not-allowed", "Patient.deceased.ofType(dateTime)")],
        ),
        (
            {"path": "birthDate", "minValueDate": "2000-01-01"},
            {"birthDate": "1999-12-31"},
            [("value-too-small", "Patient.birthDate")],
        ),
        ({"path": "birthDate", "minValueDate": "2000-06-01"}, {"birthDate": "2000"}, []),
        (
            {"path": "name.text", "maxLength": 3},
            {"name": [{"text": "abcd"}]},
            [("value-too-long", "Patient.name[0].text")],
        ),
        (
            {"path": "gender", "extension": [{"url": f"{BASE}minLength", "valueInteger": 5}]},
            {"gender": "male"},
            [("value-too-short", "Patient.gender")],
        ),
        (
            {
                "path": "language",
                "binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/name-use"},
            },
            {"language": "en"},
            [("code-not-in-required", "Patient.language")],
        ),
        (
            {
                "path": "",
                "constraint": [
                    {"key": "t-1", "severity": "error", "human": "x", "expression": "name.exists()"}
                ],
            },
            {},
            [("invariant", "Patient")],
        ),
        (
            {
                "path": "managingOrganization",
                "type": [{"code": "Reference", "targetProfile": [BASE + "Group"]}],
            },
            {"managingOrganization": {"reference": "Organization/1"}},
            [("reference-target-type", "Patient.managingOrganization")],
        ),
        (
            {
                "path": "managingOrganization",
                "type": [
                    {
                        "code": "Reference",
                        "targetProfile": [BASE + "Organization"],
                        "aggregation": ["contained"],
                    }
                ],
            },
            {"managingOrganization": {"reference": "Organization/1"}},
            [("reference-aggregation", "Patient.managingOrganization")],
        ),
    ],
)
def test_what_a_profile_asks(row, resource, expected):
    assert told({"resourceType": "Patient", **resource}, profile("Patient", row)) == expected


def test_a_resource_that_stands_alone_may_yet_be_bundled_with_its_target():
    kind = {"code": "Reference", "targetProfile": [BASE + "Organization"], "aggregation": ["bundled"]}
    bundled = profile("Patient", {"path": "managingOrganization", "type": [kind]})
    patient = {
        "resourceType": "Patient",
        "meta": {"profile": [bundled["url"]]},
        "managingOrganization": {"reference": "Organization/1"},
    }
    alone = validator(bundled, structures=()).explain_resource(patient)
    assert alone.valid
    assert "bundled with it" in " ".join(row.reason for row in alone.not_evaluated)
    url = "http://test.example/Patient/1"
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": url, "resource": {**patient, "id": "1"}}],
    }
    found = told(bundle, bundled, structures=())
    assert ("reference-aggregation", "Bundle.entry[0].resource.managingOrganization") in found


def test_what_base_and_profile_both_say_is_told_once():
    definition = profile("Patient", {"path": "link.other", "min": 1}, {"path": "gender", "min": 1})
    assert told({"resourceType": "Patient", "gender": "x", "link": [{"type": "seealso"}]}, definition) == [
        ("code-not-in-required", "Patient.gender"),
        ("missing", "Patient.link[0]"),
    ]


def test_a_profile_that_asks_nothing_more_has_nothing_to_judge():
    definitions = from_resources([profile("Patient", {"path": "name", "mustSupport": True})], base=r4())
    assert not Deltas(definitions).of(definitions.structure(f"{URL}profile")).matters


NAMED = profile("Patient", {"path": "name", "min": 1}, name="named")
OBSERVED = profile("Observation", {"path": "subject", "min": 1}, name="observed")


def test_a_resource_is_judged_by_the_profiles_that_it_declares():
    resource = {"resourceType": "Patient", "meta": {"profile": [NAMED["url"]]}}
    assert told(resource, NAMED, structures=()) == [("missing", "Patient")]
    assert told({**resource, "name": [{"text": "x"}]}, NAMED, structures=()) == []


def test_a_declared_profile_for_another_type_is_wrong():
    resource = {"resourceType": "Patient", "meta": {"profile": [OBSERVED["url"]]}}
    assert told(resource, OBSERVED, structures=()) == [("profile-type", "Patient.meta.profile[0]")]


def test_a_declared_profile_that_is_unknown_is_a_warning_and_not_evaluated():
    outcome = base().explain_resource(
        {"resourceType": "Patient", "meta": {"profile": ["http://nobody.test/p"]}}
    )
    assert [(i.message_id, i.severity) for i in outcome.issues if i.rule != "dom-6"] == [
        ("profile-unknown", Severity.WARNING)
    ]
    assert [(row.kind, row.subject) for row in outcome.not_evaluated] == [
        ("structure", "http://nobody.test/p")
    ]


def test_a_declared_version_must_be_the_loaded_one():
    versioned = {**NAMED, "version": "1.0.0"}
    resource = {"resourceType": "Patient", "meta": {"profile": [NAMED["url"] + "|2.0.0"]}}
    found = validator(versioned, structures=()).explain_resource(resource)
    assert "profile-unknown" in {issue.message_id for issue in found.issues}


def test_asked_structures_apply_to_resources_of_their_type():
    both = (NAMED["url"], OBSERVED["url"])
    assert told({"resourceType": "Patient"}, NAMED, OBSERVED, structures=both) == [("missing", "Patient")]
    assert told({"resourceType": "Basic", "code": {"text": "x"}}, NAMED, structures=(NAMED["url"],)) == [
        ("profile-type", "Basic")
    ]


def test_a_value_must_meet_one_of_the_profiles_of_its_type():
    short = profile("HumanName", {"path": "family", "min": 1}, name="short")
    long = profile("HumanName", {"path": "given", "min": 1}, name="long")
    either = profile(
        "Patient", {"path": "name", "type": [{"code": "HumanName", "profile": [short["url"], long["url"]]}]}
    )
    only = profile("Patient", {"path": "name", "type": [{"code": "HumanName", "profile": [short["url"]]}]})
    name = {"resourceType": "Patient", "name": [{"given": ["x"]}]}
    assert told(name, either, short, long) == []
    assert told({"resourceType": "Patient", "name": [{"text": "x"}]}, either, short, long) == [
        ("profile-none-met", "Patient.name[0]")
    ]
    assert told(name, only, short) == [("missing", "Patient.name[0]")]


def test_the_target_of_a_reference_must_meet_its_profile():
    definition = profile(
        "Observation", {"path": "subject", "type": [{"code": "Reference", "targetProfile": [NAMED["url"]]}]}
    )
    start = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "#p"},
    }
    contained = {"resourceType": "Patient", "id": "p"}
    assert told({**start, "contained": [contained]}, definition, NAMED) == [
        ("reference-target-profile", "Observation.subject")
    ]
    assert told({**start, "contained": [{**contained, "name": [{"text": "x"}]}]}, definition, NAMED) == []
    outside = validator(definition, NAMED).explain_resource({**start, "subject": {"reference": "Patient/1"}})
    assert errors(outside) == []
    assert ("reference", NAMED["url"]) in [(row.kind, row.subject) for row in outside.not_evaluated]


def test_profiles_and_references_that_lead_to_each_other_end():
    linked = profile(
        "Patient",
        {"path": "link.other", "type": [{"code": "Reference", "targetProfile": [f"{URL}linked"]}]},
        name="linked",
    )
    one = {"resourceType": "Patient", "id": "a", "link": [{"type": "seealso", "other": {"reference": "#b"}}]}
    two = {"resourceType": "Patient", "id": "b", "link": [{"type": "seealso", "other": {"reference": "#a"}}]}
    resource = {
        "resourceType": "Patient",
        "contained": [one, two],
        "link": [{"type": "seealso", "other": {"reference": "#a"}}],
    }
    assert told(resource, linked) == []


def test_a_structure_that_is_not_loaded_fails_nothing():
    definition = profile(
        "Patient", {"path": "name", "type": [{"code": "HumanName", "profile": ["http://nobody.test/n"]}]}
    )
    outcome = validator(definition).explain_resource({"resourceType": "Patient", "name": [{"text": "x"}]})
    assert errors(outcome) == []
    assert ("structure", "http://nobody.test/n") in [(row.kind, row.subject) for row in outcome.not_evaluated]


R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition."
ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}


@pytest.mark.parametrize(
    ("extension", "gender", "expected"),
    [
        (
            {"url": f"{R5}mustHaveValue", "valueBoolean": True},
            {"_gender": {"extension": [ABSENT]}},
            [("value-missing", "Patient.gender")],
        ),
        ({"url": f"{R5}mustHaveValue", "valueBoolean": True}, {"gender": "male"}, []),
        (
            {"url": f"{R5}valueAlternatives", "valueCanonical": "urn:other"},
            {"_gender": {"extension": [ABSENT]}},
            [("value-alternative-missing", "Patient.gender")],
        ),
        (
            {"url": f"{R5}valueAlternatives", "valueCanonical": ABSENT["url"]},
            {"_gender": {"extension": [ABSENT]}},
            [],
        ),
    ],
)
def test_what_profiles_ask_by_extension(extension, gender, expected):
    assert (
        told(
            {"resourceType": "Patient", **gender},
            profile("Patient", {"path": "gender", "extension": [extension]}),
        )
        == expected
    )


@pytest.mark.parametrize(
    ("control", "div", "expected"),
    [
        ("narrative-language-control|_yes", "x", ["narrative-language-missing"]),
        ("narrative-language-control|_yes", '<div lang="de">x</div>', []),
        ("narrative-language-control|_no", '<div lang="de">x</div>', ["narrative-language-prohibited"]),
        ("narrative-language-control|_resource", '<div lang="de">x</div>', ["narrative-language-missing"]),
        ("narrative-language-control|_resource", '<div lang="en">x</div>', []),
        ("narrative-source-control|error", '<p class="generated">x</p>', []),
        ("narrative-source-control|error", "<p>x</p>", ["narrative-source-missing"]),
    ],
)
def test_how_narrative_shows_languages_and_sources(control, div, expected):
    name, _, code = control.partition("|")
    definition = profile(
        "Patient", {"path": "text", "extension": [{"url": f"{BASE}{name}", "valueCode": code}]}
    )
    text = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{div}</div>'}
    found = told({"resourceType": "Patient", "language": "en", "text": text}, definition)
    assert [message_id for message_id, _ in found] == expected
