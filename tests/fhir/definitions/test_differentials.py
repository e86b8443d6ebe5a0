"""A differential laid upon its base gives the whole structure, and what does not fit is told."""

from typing import Any

import pytest
from small_structures import URL, at, laid, profile, row

from conformance.fhir.definitions import DefinitionProblem, Definitions, r4
from conformance.fhir.definitions.library import CORE
from conformance.fhir.definitions.table import Binding, Discriminator, Slicing, Typed
from conformance.fhir.packages.package import from_resources


def test_what_is_not_mentioned_stays_as_in_the_base(core: Definitions):
    patient = core.type("Patient")
    assert patient is not None
    made = laid(profile(row("Patient.birthDate", min=1)))
    assert [child.name for child in made.root.children] == [child.name for child in patient.root.children]
    assert at(made, "Patient.birthDate").min == 1
    assert at(made, "Patient.gender") == at(patient, "Patient.gender")


def test_a_row_may_lead_into_the_elements_of_a_data_type():
    made = laid(profile(row("Patient.name.family", min=1)))
    assert at(made, "Patient.name.family").min == 1
    assert at(made, "Patient.name.given").max is None
    assert at(made, "Patient.name.family").path == "Patient.name.family"


def test_a_row_may_lead_into_the_one_profile_set_on_a_type(core: Definitions):
    identifier = profile(row("Identifier.system", min=1), of="Identifier", url=URL + "-identifier")
    typed = {"type": [{"code": "Identifier", "profile": [URL + "-identifier"]}]}
    rows = (row("Patient.identifier", **typed), row("Patient.identifier.value", min=1))
    made = laid(identifier, profile(*rows))
    assert at(made, "Patient.identifier.system").min == 1
    assert at(made, "Patient.identifier.value").min == 1


def test_a_row_may_lead_through_a_shared_element():
    made = laid(profile(row("Questionnaire.item.item.text", min=1), of="Questionnaire"))
    assert at(made, "Questionnaire.item.item.text").min == 1
    assert at(made, "Questionnaire.item.text").min == 0
    assert at(made, "Questionnaire.item.item.item").content_reference == "Questionnaire.item"


def test_slices_and_what_is_below_them():
    by_system = {"discriminator": [{"type": "value", "path": "system"}], "rules": "closed"}
    made = laid(
        profile(
            row("Patient.identifier", slicing=by_system, min=1),
            row("Patient.identifier:nhs", min=1, max="1"),
            row("Patient.identifier:nhs.system", fixedUri="https://fhir.nhs.uk/Id/nhs-number"),
            row("Patient.identifier:local"),
        )
    )
    holder = at(made, "Patient.identifier")
    assert holder.slicing == Slicing((Discriminator("value", "system"),), "closed")
    assert [(part.slice_name, part.min, part.max) for part in holder.slices] == [
        ("nhs", 1, 1),
        ("local", 0, None),
    ]
    fixed = at(made, "Patient.identifier:nhs.system").fixed
    assert fixed == Typed("uri", "https://fhir.nhs.uk/Id/nhs-number")
    assert not holder.children


def test_rows_without_ids_belong_to_the_slice_before_them():
    rows = [
        {"path": "Patient.identifier", "slicing": {"discriminator": [{"type": "value", "path": "system"}]}},
        {"path": "Patient.identifier", "sliceName": "nhs", "min": 1},
        {"path": "Patient.identifier.system", "fixedUri": "urn:a"},
        {"path": "Patient.identifier", "sliceName": "other"},
        {"path": "Patient.identifier.system", "fixedUri": "urn:b"},
        {"path": "Patient.name.family", "min": 1},
    ]
    made = laid(profile(*rows))
    assert at(made, "Patient.identifier:nhs.system").fixed == Typed("uri", "urn:a")
    assert at(made, "Patient.identifier:other.system").fixed == Typed("uri", "urn:b")
    assert at(made, "Patient.name.family").min == 1


def test_extensions_are_sliced_by_url_without_saying_so():
    typed = [{"code": "Extension", "profile": ["http://example.org/x"]}]
    made = laid(profile(row("Patient.extension:x", max="1", type=typed)))
    holder = at(made, "Patient.extension")
    assert holder.slicing == Slicing((Discriminator("value", "url"),))
    assert holder.slices[0].types[0].profiles == ("http://example.org/x",)


def test_the_name_of_a_slice_of_what_is_not_sliced_is_a_label():
    made = laid(profile(row("Patient.gender:Sex", min=1)))
    gender = at(made, "Patient.gender")
    assert (gender.min, gender.slices, gender.slice_name) == (1, (), "")


def test_a_slice_may_be_sliced_again():
    by_use = {"discriminator": [{"type": "value", "path": "use"}]}
    made = laid(
        profile(
            row("Patient.telecom", slicing={"discriminator": [{"type": "value", "path": "system"}]}),
            row("Patient.telecom:phone", slicing=by_use, max="3"),
            row("Patient.telecom:phone.system", min=1),
            row("Patient.telecom:email"),
            row("Patient.telecom:phone/home", max="1"),
        )
    )
    names = [part.slice_name for part in at(made, "Patient.telecom").slices]
    assert names == ["phone", "phone/home", "email"]
    again = at(made, "Patient.telecom:phone/home")
    assert (again.min, again.max) == (0, 1)
    assert at(made, "Patient.telecom:phone/home.system").min == 1


@pytest.mark.parametrize(
    "rows",
    [
        [row("Observation.valueQuantity.unit", min=1)],
        [row("Observation.value[x]:valueQuantity.unit", min=1)],
        [{"path": "Observation.valueQuantity.unit", "min": 1}],
        [row("Observation.valueQuantity"), {"path": "Observation.valueQuantity.unit", "min": 1}],
    ],
    ids=["short id", "slice id", "path alone", "two rows"],
)
def test_a_type_named_in_a_path_is_a_slice_of_the_choice(rows: list[dict[str, Any]]):
    made = laid(profile(*rows, of="Observation"))
    choice = at(made, "Observation.value[x]")
    assert choice.slicing == Slicing((Discriminator("type", "$this"),))
    assert len(choice.types) == 11
    assert [kind.code for kind in at(made, "Observation.value[x]:valueQuantity").types] == ["Quantity"]
    assert at(made, "Observation.value[x]:valueQuantity.unit").min == 1


def test_a_required_type_of_a_choice_leaves_no_other():
    made = laid(profile(row("Observation.valueQuantity", min=1), of="Observation"))
    choice = at(made, "Observation.value[x]")
    assert ([kind.code for kind in choice.types], choice.min) == (["Quantity"], 1)


def test_a_choice_of_one_type_is_named_either_way():
    one = [{"code": "Quantity"}]
    rows = (row("Observation.value[x]", type=one), row("Observation.valueQuantity.unit", min=1))
    made = laid(profile(*rows, of="Observation"))
    assert at(made, "Observation.value[x].unit").min == 1
    assert at(made, "Observation.value[x].unit").path == "Observation.value[x].unit"


def test_bindings_patterns_and_invariants():
    value_set = {"strength": "required", "valueSet": "http://example.org/vs"}
    rule = {"key": "x-1", "severity": "error", "human": "-", "expression": "name.exists()"}
    made = laid(
        profile(
            row("Patient", constraint=[rule]),
            row("Patient.maritalStatus", binding=value_set, patternCodeableConcept={"text": "a"}),
            row("Patient.contact", max="0"),
            row("Patient.language", binding={"strength": "required"}),
            row("Patient.gender", binding={"valueSet": "http://example.org/some"}),
        )
    )
    assert at(made, "Patient.maritalStatus").binding == Binding("required", "http://example.org/vs")
    assert at(made, "Patient.maritalStatus").pattern == Typed("CodeableConcept", {"text": "a"})
    assert at(made, "Patient.contact").max == 0
    assert at(made, "Patient.language").binding == Binding(
        "required", "http://hl7.org/fhir/ValueSet/languages"
    )
    assert at(made, "Patient.gender").binding == Binding("required", "http://example.org/some")
    keys = [rule.key for rule in made.root.constraints]
    assert keys[-1] == "x-1"
    assert {"dom-2", "dom-6"} <= set(keys)


def test_profiles_build_on_profiles():
    first = profile(row("Patient.name", min=1), url=URL + "-base")
    second = profile(row("Patient.name.family", min=1), baseDefinition=URL + "-base")
    made = laid(second, first)
    assert (at(made, "Patient.name").min, at(made, "Patient.name.family").min) == (1, 1)


def test_a_type_of_its_own_adds_elements(core: Definitions):
    logical = profile(
        row("Referral", min=0),
        row("Referral.reason", min=1, max="1", type=[{"code": "CodeableConcept"}]),
        row("Referral.reason.text", min=1),
        of="Referral",
        kind="logical",
        derivation="specialization",
        baseDefinition=CORE + "Element",
    )
    made = laid(logical)
    assert [child.id for child in made.root.children] == [
        "Referral.id",
        "Referral.extension",
        "Referral.reason",
    ]
    assert at(made, "Referral.reason.text").min == 1


@pytest.mark.parametrize(
    ("resources", "element", "said"),
    [
        ([profile(row("Patient.colour"))], "Patient.colour", "no element 'colour' in Patient"),
        ([profile(row("Patient.name.colour"))], "Patient.name.colour", "no element 'colour' in Patient.name"),
        ([profile(row("Patient.valueQuantity"))], "Patient.valueQuantity", "no element 'valueQuantity'"),
        ([profile(row("Patient.name:x.given"))], "Patient.name:x.given", "no slice 'x' of Patient.name"),
        (
            [profile(baseDefinition="http://example.org/none")],
            "",
            "its base http://example.org/none is in none",
        ),
        ([profile(baseDefinition=URL)], "", "leads back to itself"),
        ([profile({"id": "Patient.name"})], "", "no well-formed StructureDefinition"),
        ([profile(row("Patient.name", max="many"))], "", "no well-formed StructureDefinition"),
        ([profile(differential={"element": 7})], "", "no well-formed StructureDefinition"),
    ],
)
def test_what_does_not_fit_is_one_clear_message(resources: list[dict[str, Any]], element: str, said: str):
    definitions = from_resources([*resources, profile(url=URL + "-good")], base=r4())
    with pytest.raises(DefinitionProblem) as told:
        definitions.structure(URL)
    assert said in told.value.message
    assert URL in told.value.message
    assert told.value.element == element
    assert told.value.hint
    assert definitions.structure(URL + "-good") is not None
    assert [problem.structure for problem in definitions.problems] == [URL]


def test_a_line_of_bases_that_runs_in_a_circle_is_told_for_each():
    ring = [profile(url=f"{URL}-{n}", baseDefinition=f"{URL}-{(n + 1) % 3}") for n in range(3)]
    definitions = from_resources(ring, base=r4())
    assert {problem.structure for problem in definitions.problems} == {f"{URL}-{n}" for n in range(3)}
    for n in range(3):
        with pytest.raises(DefinitionProblem, match=r"leads back to itself|is in none"):
            definitions.structure(f"{URL}-{n}")
