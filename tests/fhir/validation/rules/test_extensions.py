import pytest

from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.leeway import AS_FHIR_SAYS, Allowed, Leeway

EXAMPLES = Leeway(frozenset({Allowed.EXAMPLE_URLS}))

PLACE = "http://test.invalid/StructureDefinition/place"


def definition(
    *contexts: tuple[str, str], url: str = PLACE, modifier: bool = False, invariants=(), derived="Extension"
):
    root = {"id": "Extension", "path": "Extension"}
    if modifier:
        root |= {"isModifier": True, "isModifierReason": "it negates"}
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": "Place",
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": kind, "expression": expression} for kind, expression in contexts],
        "contextInvariant": list(invariants),
        "type": derived,
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{derived}",
        "derivation": "constraint",
        "differential": {"element": [root | {"id": derived, "path": derived}]},
    }


def with_extension(path: str, url: str = PLACE, name: str = "extension") -> dict:
    patient = {
        "resourceType": "Patient",
        "active": True,
        "name": [{"family": "Smith"}],
        "contact": [{"name": {"family": "Jones"}}],
        "address": [{"use": "home", "city": "Leeds"}],
        "multipleBirthInteger": 2,
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    }
    extension = [{"url": url, "valueBoolean": True}]
    holders = {
        "Patient": patient,
        "Patient.name": patient["name"][0],
        "Patient.contact": patient["contact"][0],
        "Patient.contact.name": patient["contact"][0]["name"],
        "Patient.text": patient["text"],
        "Patient.address": patient["address"][0],
    }
    if path in holders:
        holders[path][name] = extension
    elif path == "Patient.name.family":
        patient["name"][0]["_family"] = {name: extension}
    else:
        patient[f"_{path.rpartition('.')[2]}"] = {name: extension}
    return patient


@pytest.mark.parametrize(
    ("context", "stands_on", "allowed"),
    [
        (("element", "Patient"), "Patient", True),
        (("element", "Observation"), "Patient", False),
        (("element", "DomainResource"), "Patient", True),
        (("element", "Resource"), "Patient", True),
        (("element", "Resource"), "Patient.name", False),
        (("element", "CanonicalResource"), "Patient", False),
        (("element", "Element"), "Patient.name.family", True),
        (("element", "HumanName"), "Patient.name", True),
        (("element", "HumanName"), "Patient.contact.name", True),
        (("element", "HumanName"), "Patient", False),
        (("element", "HumanName.family"), "Patient.name.family", True),
        (("element", "HumanName.family"), "Patient.name", False),
        (("element", "Patient.name"), "Patient.name", True),
        (("element", "Patient.name"), "Patient.contact.name", False),
        (("element", "Patient.contact"), "Patient.contact", True),
        (("element", "BackboneElement"), "Patient.contact", True),
        (("element", "BackboneElement"), "Patient.name", False),
        (("element", "DomainResource.text"), "Patient.text", True),
        (("element", "boolean"), "Patient.active", True),
        (("element", "Patient.active"), "Patient.active", True),
        (("element", "Patient.multipleBirth[x]"), "Patient.multipleBirthInteger", True),
        (("element", "Patient.multipleBirth"), "Patient.multipleBirthInteger", True),
        (("element", "Patient.deceased[x]"), "Patient.multipleBirthInteger", False),
        (
            ("element", "http://hl7.org/fhir/StructureDefinition/Patient#Patient.contact"),
            "Patient.contact",
            True,
        ),
        (
            ("element", "http://hl7.org/fhir/StructureDefinition/Patient#Patient.contact"),
            "Patient.name",
            False,
        ),
        (("fhirpath", "Patient.address.where(use = 'home')"), "Patient.address", True),
        (("fhirpath", "Patient.address.where(use = 'work')"), "Patient.address", False),
        (("extension", "http://test.invalid/other"), "Patient", False),
    ],
)
def test_context(told, context, stands_on, allowed):
    found = told("extension-context", with_extension(stands_on), definition(context))
    assert bool(found) is not allowed


@pytest.mark.parametrize(
    ("outer", "allowed"), [("http://test.invalid/outer", True), ("http://test.invalid/no", False)]
)
def test_an_extension_may_be_allowed_in_another_and_on_its_value(told, outer, allowed):
    inner = {"extension": [{"url": PLACE, "valueBoolean": True}]}
    patient = {
        "resourceType": "Patient",
        "extension": [{"url": outer, "valueBoolean": True, "_valueBoolean": inner}],
    }
    found = told("extension-context", patient, definition(("extension", "http://test.invalid/outer")))
    assert bool(found) is not allowed


def test_interfaces_of_later_versions_name_resources_of_this_one(told):
    code_system = {
        "resourceType": "CodeSystem",
        "status": "draft",
        "content": "not-present",
        "extension": [{"url": PLACE, "valueBoolean": True}],
    }
    assert told("extension-context", code_system, definition(("element", "CanonicalResource"))) == []
    assert told("extension-context", code_system, definition(("element", "MetadataResource")))


def test_a_context_needs_its_invariants_too(told):
    said = definition(("element", "Patient"), invariants=["active = false"])
    patient = with_extension("Patient")
    assert told("extension-context", patient, said) == [
        ("extension-context-invariant", "Patient.extension[0]")
    ]
    assert told("extension-context", patient | {"active": False}, said) == []


def test_an_invariant_of_a_context_may_look_at_the_extension(told):
    said = definition(("element", "Patient"), invariants=["%extension.value = active"])
    assert told("extension-context", with_extension("Patient"), said) == []
    assert told("extension-context", with_extension("Patient") | {"active": False}, said)


@pytest.mark.parametrize("expression", ["active.nonsense(", "extension.value.resolve() is Patient"])
def test_an_invariant_of_a_context_that_cannot_be_evaluated_fails_nothing(judged, expression):
    said = definition(("element", "Patient"), invariants=[expression])
    outcome = judged(with_extension("Patient"), said)
    assert outcome.valid
    assert ("invariant", expression) in [(row.kind, row.subject) for row in outcome.not_evaluated]


@pytest.mark.parametrize(
    ("modifier", "name", "expected"),
    [
        (False, "extension", []),
        (True, "modifierExtension", []),
        (True, "extension", ["extension-modifier-in-extension"]),
        (False, "modifierExtension", ["extension-no-modifier"]),
    ],
)
def test_only_what_modifies_stands_in_modifier_extension(told, modifier, name, expected):
    found = told(
        "extension-",
        with_extension("Patient", name=name),
        definition(("element", "Patient"), modifier=modifier),
    )
    assert [message for message, _ in found] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://test.invalid/unknown", []),
        ("urn:oid:1.2.3", []),
        ("unknown", ["extension-url-relative"]),
        ("http://hl7.org/fhir/StructureDefinition/HumanName", ["extension-url-other-kind"]),
    ],
)
def test_the_url(told, url, expected):
    assert [message for message, _ in told("extension-", with_extension("Patient", url))] == expected


def test_parts_of_an_extension_have_relative_urls(told):
    parts = [{"url": "ombCategory", "valueString": "x"}]
    patient = {
        "resourceType": "Patient",
        "extension": [{"url": "http://test.invalid/whole", "extension": parts}],
    }
    assert told("extension-", patient) == []


def test_an_unknown_extension_is_listed_as_not_evaluated(judged):
    outcome = judged(with_extension("Patient", "http://test.invalid/unknown"))
    assert ("extension", "http://test.invalid/unknown") in {
        (row.kind, row.subject) for row in outcome.not_evaluated
    }
    assert outcome.valid


@pytest.mark.parametrize(("leeway", "count"), [(EXAMPLES, 0), (AS_FHIR_SAYS, 1)])
def test_example_urls_are_refused_only_where_they_are_not_allowed(told, leeway, count):
    patient = with_extension("Patient", "http://example.org/StructureDefinition/made-up")
    assert len(told("extension-example-url", patient, leeway=leeway)) == count


def test_what_is_wrong_is_an_error(judged):
    outcome = judged(with_extension("Patient"), definition(("element", "Observation")))
    issue = next(issue for issue in outcome.issues if issue.message_id == "extension-context")
    assert issue.severity is Severity.ERROR
    assert "Observation" in issue.text


def whole(*slices, rules="open"):
    """An extension with parts; each slice is its name."""
    rows = [{"id": "Extension", "path": "Extension"}]
    rows.append(
        {
            "id": "Extension.extension",
            "path": "Extension.extension",
            "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": rules},
        }
    )
    for name in slices:
        rows.append({"id": f"Extension.extension:{name}", "path": "Extension.extension", "sliceName": name})
        rows.append(
            {"id": f"Extension.extension:{name}.url", "path": "Extension.extension.url", "fixedUri": name}
        )
    rows.append({"id": "Extension.url", "path": "Extension.url", "fixedUri": "http://test.invalid/whole"})
    rows.append({"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"})
    return {
        "resourceType": "StructureDefinition",
        "url": "http://test.invalid/whole",
        "name": "Whole",
        "status": "draft",
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "Patient"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": rows},
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("one", []),
        ("two", []),
        ("three", ["extension-part-unknown"]),
        ("http://test.invalid/elsewhere", []),
    ],
)
def test_a_part_is_one_that_the_extension_around_it_defines(told, url, expected):
    parts = [{"url": url, "valueString": "x"}]
    patient = {
        "resourceType": "Patient",
        "extension": [{"url": "http://test.invalid/whole", "extension": parts}],
    }
    found = told("extension-", patient, whole("one", "two"))
    assert [message for message, _ in found] == expected
    if expected:
        assert found[0][1] == "Patient.extension[0].extension[0].url"


def test_a_part_of_a_closed_extension_is_told_by_its_slices(judged):
    parts = [{"url": "three", "valueString": "x"}]
    patient = {
        "resourceType": "Patient",
        "extension": [{"url": "http://test.invalid/whole", "extension": parts}],
    }
    found = [i.message_id for i in judged(patient, whole("one", rules="closed")).issues if i.is_error]
    assert found == ["slice-closed"]
