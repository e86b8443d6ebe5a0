"""STU3, R4B and R5 are read by the same code: their ways of writing the same facts end in one table."""

from typing import Any

import pytest

from conformance.fhir.definitions import DefinitionProblem, Definitions
from conformance.fhir.definitions.library import CORE
from conformance.fhir.definitions.table import Binding, Context, Element, Structure, TypeRef
from conformance.fhir.packages.package import from_resources


def definition(name: str, *elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    whole = {"snapshot": {"element": list(elements)}} if "differential" not in more else {}
    return (
        {
            "resourceType": "StructureDefinition",
            "url": CORE + name,
            "fhirVersion": "3.0.2",
            "kind": "resource",
            "type": name,
            "derivation": "specialization",
        }
        | whole
        | more
    )


def element(path: str, *types: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"id": path, "path": path, "min": 0, "max": "1", "type": list(types)} | facts


def found(definitions: Definitions, url: str) -> Structure:
    structure = definitions.structure(url)
    assert structure is not None
    return structure


def child(structure: Structure, name: str) -> Element:
    return next(part for part in structure.root.children if part.name == name)


STU3_STRING = definition(
    "string",
    element("string", max="*"),
    element(
        "string.value",
        {
            "_code": {
                "extension": [
                    {"url": CORE + "structuredefinition-json-type", "valueString": "string"},
                    {"url": CORE + "structuredefinition-regex", "valueString": "[ \\r\\n\\t\\S]+"},
                ]
            }
        },
    ),
    kind="primitive-type",
)
STU3_OBSERVATION = definition(
    "Observation",
    element("Observation", max="*"),
    element("Observation.id", {"code": "id"}),
    element(
        "Observation.subject",
        {"code": "Reference", "targetProfile": CORE + "Patient"},
        {"code": "Reference", "targetProfile": CORE + "Group"},
    ),
    element(
        "Observation.value[x]",
        {"code": "Quantity", "profile": "http://example.org/q"},
        {"code": "string"},
        binding={"strength": "required", "valueSetReference": {"reference": "http://example.org/vs"}},
    ),
    element(
        "Observation.code",
        {"code": "code"},
        binding={"strength": "example", "valueSetUri": "http://example.org/u"},
    ),
    element("Observation.note", {"code": "string"}, max="*"),
)


def stu3_profile(*rows: dict[str, Any]) -> dict[str, Any]:
    more = {"url": "http://example.org/o", "derivation": "constraint", "baseDefinition": CORE + "Observation"}
    return definition("Observation", differential={"element": list(rows)}, **more)


STU3 = [STU3_STRING, STU3_OBSERVATION]


def test_stu3_repeats_a_type_for_each_target():
    observation = found(from_resources(STU3), CORE + "Observation")
    assert child(observation, "subject").types == (
        TypeRef("Reference", targets=(CORE + "Patient", CORE + "Group")),
    )
    assert child(observation, "value[x]").types == (
        TypeRef("Quantity", ("http://example.org/q",)),
        TypeRef("string"),
    )


def test_stu3_names_value_sets_by_reference_or_uri():
    observation = found(from_resources(STU3), CORE + "Observation")
    assert child(observation, "value[x]").binding == Binding("required", "http://example.org/vs")
    assert child(observation, "code").binding == Binding("example", "http://example.org/u")


def test_stu3_primitives_have_a_type_and_a_regex():
    string = found(from_resources(STU3), CORE + "string")
    assert child(string, "value").types == (TypeRef("string"),)
    assert string.regex == "[ \\r\\n\\t\\S]+"


def test_stu3_contexts_are_paths_of_one_kind():
    extension = definition(
        "Extension", element("Extension"), context=["Patient", "Person"], contextType="resource"
    )
    inner = definition(
        "Extension", element("Extension"), url="http://x", context=["http://y"], contextType="extension"
    )
    definitions = from_resources([extension, inner])
    contexts = found(definitions, CORE + "Extension").contexts
    assert contexts == (Context("element", "Patient"), Context("element", "Person"))
    assert found(definitions, "http://x").contexts == (Context("extension", "http://y"),)


@pytest.mark.parametrize("anywhere", ["Any", "*"])
def test_stu3_lets_an_extension_stand_anywhere(anywhere):
    made = definition("Extension", element("Extension"), context=[anywhere], contextType="resource")
    assert found(from_resources([made]), CORE + "Extension").contexts == (Context("element", "Element"),)


def test_stu3_names_the_source_of_a_rule_by_its_type():
    rules = [
        {"key": key, "severity": "error", "expression": "true", "source": source}
        for key, source in (("ele-1", "Element"), ("x-1", "http://example.org/o"))
    ]
    made = definition("Observation", element("Observation", constraint=rules))
    root = found(from_resources([made]), CORE + "Observation").root
    assert [rule.source for rule in root.constraints] == [CORE + "Element", "http://example.org/o"]


def test_stu3_limits_a_choice_by_naming_its_type():
    row = {"id": "Observation.valueString", "path": "Observation.valueString", "min": 1}
    profile = found(from_resources([*STU3, stu3_profile(row)]), "http://example.org/o")
    choice = child(profile, "value[x]")
    assert (choice.types, choice.min, choice.slices) == ((TypeRef("string"),), 1, ())


def test_a_snapshot_that_renames_a_choice_keeps_it_a_choice():
    renamed = element(
        "Observation.valueQuantity", {"code": "Quantity"}, base={"path": "Observation.value[x]", "max": "1"}
    )
    made = definition("Observation", element("Observation"), renamed, url="http://example.org/renamed")
    choice = child(found(from_resources([made]), "http://example.org/renamed"), "value[x]")
    assert choice.is_choice
    assert [kind.code for kind in choice.types] == ["Quantity"]


def test_a_release_that_repeats_a_faulty_rule_of_r4_is_corrected_too():
    rule = {"key": "bdl-8", "severity": "error", "expression": "fullUrl.contains('/_history/').not()"}
    bundle = definition("Bundle", element("Bundle", constraint=[rule]))
    (used,) = found(from_resources([bundle]), CORE + "Bundle").root.constraints
    assert used.expression == "fullUrl.exists() implies fullUrl.contains('/_history/').not()"


def test_r5_writes_types_and_shared_elements_as_urls():
    system = {"code": "http://hl7.org/fhirpath/System.String"}
    named = system | {"extension": [{"url": CORE + "structuredefinition-fhir-type", "valueUrl": "id"}]}
    bundle = definition(
        "Bundle",
        element("Bundle"),
        element("Bundle.id", named),
        element("Bundle.link", {"code": "BackboneElement"}, max="*"),
        element("Bundle.link.relation", system),
        element("Bundle.entry", {"code": "BackboneElement"}, max="*"),
        element("Bundle.entry.link", contentReference=CORE + "Bundle#Bundle.link", max="*"),
        fhirVersion="5.0.0",
    )
    definitions = from_resources([bundle])
    made = found(definitions, CORE + "Bundle")
    assert child(made, "id").types == (TypeRef("id"),)
    (link,) = child(made, "entry").children
    assert [part.id for part in definitions.children(link)] == ["Bundle.link.relation"]
    assert definitions.children(link)[0].types == (TypeRef("string"),)


def test_a_snapshot_without_ids_is_read_in_its_order():
    rows = [
        {"path": "Patient"},
        {"path": "Patient.identifier", "max": "*", "slicing": {"rules": "open"}},
        {"path": "Patient.identifier", "sliceName": "a"},
        {"path": "Patient.identifier.system", "min": 1},
        {"path": "Patient.identifier", "sliceName": "b"},
        {"path": "Patient.identifier.system", "min": 0},
    ]
    made = found(from_resources([definition("Patient", *rows)]), CORE + "Patient")
    first, second = child(made, "identifier").slices
    assert (first.id, first.children[0].id) == ("Patient.identifier:a", "Patient.identifier:a.system")
    assert (first.children[0].min, second.children[0].min) == (1, 0)


def test_a_snapshot_with_elements_below_none_is_refused():
    rows = [{"path": "Patient"}, {"id": "Patient.contact.name", "path": "Patient.contact.name"}]
    with pytest.raises(DefinitionProblem, match=r"elements below Patient\.contact"):
        from_resources([definition("Patient", *rows)]).type("Patient")
