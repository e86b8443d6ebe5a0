"""A profile's `fhir:` block: ordinary requirements with stable ids, and every mistake at its place."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from test_load import Texts, loaded, mistakes

from conformance.catalog import built_in
from conformance.errors import ProfileError
from conformance.model.fhir_block import Interaction
from conformance.model.profile import Level
from conformance.stages.load import load
from conformance.stages.plan import plan

HEAD = {"profile": "it", "version": "0.1.0", "title": "It"}
SOURCE = "https://example.org/guide"


def block(**members):
    return yaml.safe_dump({**HEAD, "fhir": {"source": SOURCE, **members}}, sort_keys=False)


def of_patient(**members):
    return block(resources=[{"type": "Patient", **members}])


def requirements(text, **others):
    return {requirement.id: requirement for requirement in loaded(text, **others).requirements}


WHOLE = """\
profile: it
version: 0.1.0
title: Everything that a block can ask
fhir:
  source: https://example.org/guide
  packages: [own.guide@1.0.0]
  interactions: [transaction]
  operations: [export]
  resources:
    - type: Patient
      interactions: [read, vread, history-instance, search-type, {code: patch, level: MAY}]
      searches: [_id, {name: birthdate, comparators: [ge, lt]}, {name: name, modifiers: [exact], level: SHOULD}]
      combinations: [[birthdate, name]]
      includes: ["Patient:general-practitioner", "Patient:link:RelatedPerson"]
      revIncludes: ["Provenance:target"]
      operations: [everything]
      structures:
        - url: https://example.org/StructureDefinition/own-patient
          mustSupport: [name, {path: extension, extension: "https://example.org/race", name: race}]
      mustSupport: [identifier.system, "deceased[x]"]
"""


def test_every_demand_becomes_a_requirement_with_an_id_that_says_what_it_is():
    assert list(requirements(WHOLE)) == [
        "it:fhir-version",
        "it:interaction.transaction",
        "it:operation.export",
        "it:Patient.declared",
        *(
            f"it:Patient.interaction.{code}"
            for code in ("read", "vread", "history-instance", "search-type", "patch")
        ),
        "it:Patient.search._id",
        "it:Patient.search.birthdate",
        "it:Patient.search.birthdate.ge",
        "it:Patient.search.birthdate.lt",
        "it:Patient.search.name",
        "it:Patient.search.name.exact",
        "it:Patient.search.birthdate+name",
        "it:Patient.include.general-practitioner",
        "it:Patient.include.link:RelatedPerson",
        "it:Patient.revinclude.Provenance:target",
        "it:Patient.operation.everything",
        "it:Patient.must-support.identifier.system",
        "it:Patient.must-support.deceased",
        "it:Patient.structure.own-patient",
        "it:Patient.must-support.own-patient.name",
        "it:Patient.must-support.own-patient.extension:race",
    ]


def test_everything_later_sees_requirements_only():
    profile = loaded(WHOLE)
    assert profile.fhir is None
    assert profile.packages == ("own.guide@1.0.0",)
    assert all(requirement.origin == "it@0.1.0" and requirement.tests for requirement in profile.requirements)
    suite = plan(profile, 7, built_in())
    assert {template.requirement for template in suite.templates} == {r.id for r in profile.requirements}


def test_levels_and_sources_are_the_block_s_or_their_own():
    text = block(
        level="SHOULD",
        resources=[
            {
                "type": "Patient",
                "source": f"{SOURCE}/patient",
                "interactions": ["read", {"code": "vread", "level": "SHALL", "source": f"{SOURCE}/vread"}],
            },
            {"type": "Group", "interactions": ["read"]},
        ],
    )
    found = {id_: (r.level, r.source) for id_, r in requirements(text).items()}
    assert found["it:Patient.interaction.read"] == (Level.SHOULD, f"{SOURCE}/patient")
    assert found["it:Patient.interaction.vread"] == (Level.SHALL, f"{SOURCE}/vread")
    assert found["it:Group.interaction.read"] == (Level.SHOULD, SOURCE)


def calls(requirement):
    return [
        ([call.name for call in test.when], test.probe.name, [call.name for call in test.expect])
        for test in requirement.tests
    ]


def test_what_is_asked_for_must_be_declared_and_work_where_it_is_declared():
    asked = requirements(of_patient(interactions=["read"]))["it:Patient.interaction.read"]
    assert calls(asked) == [
        ([], "request", ["declares"]),
        (["declares"], "request", ["status", "resource"]),
    ]
    assert asked.tests[0].expect[0].arguments == {"resource": "Patient", "interaction": "read"}


def test_what_may_be_there_is_tried_where_it_is_declared_only():
    may = requirements(
        of_patient(interactions=[{"code": "read", "level": "MAY"}, {"code": "patch", "level": "MAY"}])
    )
    assert calls(may["it:Patient.interaction.read"]) == [(["declares"], "request", ["status", "resource"])]
    assert calls(may["it:Patient.interaction.patch"]) == [(["declares"], "request", ["declares"])]


def test_a_type_that_need_not_be_there_gates_the_rest():
    text = of_patient(level="SHOULD", interactions=["read"], mustSupport=["name"])
    found = requirements(text)
    assert found["it:Patient.declared"].level is Level.SHOULD
    assert not found["it:Patient.declared"].when
    for name in ("interaction.read", "must-support.name"):
        (gate,) = found[f"it:Patient.{name}"].when
        assert gate.arguments == {"resource": "Patient"}
        assert found[f"it:Patient.{name}"].level is Level.SHALL


def test_a_profile_that_extends_others_has_their_packages_too():
    base = block(packages=["a@1", "b@1"]).replace("profile: it", "profile: base")
    text = block(packages=["b@1", "c@1"]).replace("title: It", "title: It\nextends: [base]")
    assert loaded(text, base=base).packages == ("a@1", "b@1", "c@1")


def test_the_call_of_every_expanded_test_is_one_that_there_is():
    parts = built_in()
    for interaction in Interaction:
        holder = {"interactions": [interaction.value]}
        text = block(**holder) if interaction.of_system else of_patient(**holder)
        for requirement in requirements(text).values():
            for test in requirement.tests:
                for call in (*test.when, *test.expect):
                    parts.find("check", call.name).arguments.model_validate(call.arguments)
                parts.find("probe", test.probe.name).arguments.model_validate(test.probe.arguments)


MISTAKEN = """\
profile: it
version: 0.1.0
title: Mistakes
fhir:
  source: https://example.org/guide
  levl: SHALL
  resources:
    - type: Patient
      interactions: [reed, read]
      searches: [{name: name, comparators: [gee]}]
      serches: [x]
      structures: [{canonical: "https://example.org/x"}]
"""


def test_mistakes_of_shape_are_told_with_place_and_the_closest_name():
    told = mistakes(MISTAKEN)
    assert told[0] == "it.yaml:6:3: unknown member 'levl'; did you mean 'level'?"
    assert "it.yaml:9:22: 'reed' is none of read, vread" in "\n".join(told)
    assert "did you mean 'read'?" in "\n".join(told)
    assert "it.yaml:10:45: 'gee' is none of eq, ne, gt, ge, lt, le, sa, eb, ap; did you mean 'ge'?" in told
    assert "it.yaml:11:7: unknown member 'serches'; did you mean 'searches'?" in told
    assert "it.yaml:12:20: the member 'url' is missing" in told
    assert "it.yaml:12:21: unknown member 'canonical'" in told


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (
            block(resources=[{"type": "Pateint"}]),
            "7:5",
            "no resource type 'Pateint'; did you mean 'Patient'?",
        ),
        (block(resources=[{"type": "HumanName"}]), "7:5", "no resource type 'HumanName'"),
        (of_patient(searches=["birthdat"]), "9:7", "'birthdat' for Patient; did you mean 'birthdate'?"),
        (of_patient(combinations=[["name", "gendr"]]), "9:7", "'gendr' for Patient; did you mean 'gender'?"),
        (
            of_patient(includes=["Patient:general-practitionr"]),
            "9:7",
            "did you mean 'general-practitioner'?",
        ),
        (of_patient(mustSupport=["name.famly"]), "9:7", "'famly' in 'name.famly' is no element of Patient"),
        (of_patient(interactions=["transaction"]), "9:7", "it stands under `fhir: interactions:`"),
        (block(interactions=["read"]), "7:5", "'read' is an interaction with a type"),
        (
            of_patient(interactions=["read", "read"]),
            "4:1",
            "the block asks for 'it:Patient.interaction.read' twice",
        ),
        (
            block(resources=[{"type": "Patient"}, {"type": "Patient"}]),
            "8:5",
            "is given twice: put it together",
        ),
    ],
)
def test_names_that_fhir_does_not_know_are_told(text, place, said):
    (told,) = mistakes(text)
    assert told.startswith(f"it.yaml:{place}: ")
    assert said in told


@pytest.mark.parametrize(
    "element", ["value[x]", "valueQuantity", "component.code.coding.code", "extension", "subject.reference"]
)
def test_elements_go_by_their_path(element):
    text = block(resources=[{"type": "Observation", "mustSupport": [element]}])
    assert f"it:Observation.must-support.{element.replace('[x]', '')}" in requirements(text)


def test_names_of_a_package_s_own_parameters_are_let_pass():
    text = block(packages=["own@1.0.0"], resources=[{"type": "Patient", "searches": ["race"]}])
    assert "it:Patient.search.race" in requirements(text)


def test_a_clause_is_needed():
    (told,) = mistakes(block(resources=[{"type": "Patient"}]).replace(f"  source: {SOURCE}\n", ""))
    assert "the block needs `source: URL`" in told
    load("it", Texts(it=block(packages=["a@1"]).replace(f"  source: {SOURCE}\n", "")), built_in())


def test_what_must_not_be_there_is_no_demand():
    (told,) = mistakes(of_patient(interactions=[{"code": "read", "level": "SHALL NOT"}]))
    assert "must be SHALL, SHOULD or MAY" in told


NAMES = (
    "version", "packages", "level", "source", "interactions", "operations", "resources", "type", "searches", "name",
    "combinations", "names", "includes", "revIncludes", "structures", "url", "applies", "mustSupport", "path",
    "having", "extension", "code", "comparators",
)  # fmt: skip
WORDS = (
    "Patient",
    "read",
    "SHALL",
    "birthdate",
    "name.family",
    "Patient:link",
    "https://example.org/x",
    "4.0.1",
)
scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(WORDS) | st.text(max_size=8)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(trees)
def test_whatever_a_block_holds_it_loads_or_its_mistakes_are_told(tree):
    text = yaml.safe_dump({**HEAD, "fhir": tree}, allow_unicode=True)
    try:
        profile = loaded(text)
    except ProfileError:
        return  # told as a list of mistakes, which the tests above look at
    assert profile.fhir is None
