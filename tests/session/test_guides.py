"""Profiles from published guides: what the guide asks, with its own levels; and they load, plan and run."""

from pathlib import Path

import pytest
import yaml
from small_guide import BASE, FILES, NAME, STATEMENT, archive
from whole_runs import command, finished_run

from conformance.catalog import built_in
from conformance.errors import UsageError
from conformance.model.profile import Level
from conformance.model.report import Result
from conformance.outside.folders import RunFolder
from conformance.session.guides.making import profile_from
from conformance.session.suites import profile_named
from conformance.stages.plan import plan

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
GUIDES = {"UK Core": (SHARED / "uk-core", 350)}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = tmp_path_factory.mktemp("guide") / "guide.tgz"
    path.write_bytes(archive())
    return path


@pytest.fixture(scope="module")
def made(package):
    return profile_from(str(package))


@pytest.fixture(scope="module")
def block(made):
    return yaml.safe_load(made.text)["fhir"]


def by_type(block, kind):
    return next(each for each in block["resources"] if each["type"] == kind)


def test_what_the_statement_asks_of_servers_is_there_with_its_levels(block):
    assert block["level"] == "SHALL"
    assert block["packages"] == ["example.guide@1.2.0"]
    assert block["source"] == STATEMENT["url"]
    assert block["interactions"] == [{"code": "transaction", "level": "MAY"}]
    patient = by_type(block, "Patient")
    assert patient["interactions"] == ["read", {"code": "vread", "level": "SHOULD"}]
    assert patient["searches"] == [
        "_id",
        {"name": "birthdate", "level": "MAY", "comparators": ["ge"]},
        {"name": "family", "level": "SHOULD"},
    ]
    assert patient["combinations"] == [["birthdate", "family"]]
    assert patient["revIncludes"] == [{"value": "Provenance:target", "level": "SHOULD"}]
    assert patient["operations"] == [{"name": "everything", "level": "MAY"}]
    assert "Group" not in {each["type"] for each in block["resources"]}


def test_must_support_elements_are_named_by_path_and_by_what_tells_their_slice(block):
    (patient,) = by_type(block, "Patient")["structures"]
    assert patient["mustSupport"] == [
        {
            "path": "extension",
            "name": "race",
            "extension": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        },
        "name",
        "name.family",
        "deceased[x]",
    ]
    pressure, elsewhere = by_type(block, "Observation")["structures"]
    assert pressure["applies"] == elsewhere["applies"] == "claimed"
    assert [{k: v for k, v in each.items() if k != "level"} for each in pressure["mustSupport"]] == [
        {
            "path": "category",
            "name": "vital",
            "having": {"coding.system": "urn:categories", "coding.code": "vital"},
        },
        {"path": "valueQuantity"},
        {
            "path": "component",
            "name": "upper.value",
            "having": {
                "code.coding.system": "http://loinc.org",
                "code.coding.code": "8480-6",
                "value[x]": None,
            },
        },
    ]


def test_what_is_left_out_is_told_in_the_profile(made):
    assert len(made.left_out) == 3
    assert all(f"# - {each}" in made.text for each in made.left_out)
    told = "\n".join(made.left_out)
    assert "interaction batch (SHOULD-NOT" in told
    assert "Observation.performer:who" in told
    assert f"{BASE}/StructureDefinition/elsewhere, which is not in the package" in told


def test_a_type_without_an_expectation_need_not_be_there(block):
    assert "level" not in by_type(block, "Patient")
    assert by_type(block, "Observation")["level"] == "MAY"


@pytest.mark.parametrize("level", ["SHALL", "MAY"])
def test_the_level_of_what_states_none_can_be_chosen(package, level):
    text = profile_from(str(package), level=level).text
    found = by_type(yaml.safe_load(text)["fhir"], "Patient")["searches"]
    assert found[2] == ("family" if level == "SHALL" else {"name": "family", "level": level})
    with pytest.raises(UsageError, match="--level"):
        profile_from(str(package), level="MUST")


def test_the_profile_that_is_written_loads_and_plans(package, tmp_path, capsys):
    out = tmp_path / "guide.yaml"
    assert command("profiles", "from-ig", package, "--out", out) == 0
    assert "conformance run" in capsys.readouterr().out
    profile = profile_named(str(out), built_in())
    levels = {requirement.id: requirement.level for requirement in profile.requirements}
    assert levels[f"{NAME}:Patient.search.birthdate+family"] is Level.SHALL
    assert levels[f"{NAME}:Observation.must-support.guide-pressure.component:upper.value"] is Level.SHOULD
    assert len(plan(profile, 1, built_in()).templates) >= len(levels)
    assert command("profiles", "from-ig", package, "--out", out) == 2


def test_the_same_package_gives_the_same_bytes(package, made, capsys):
    assert command("profiles", "from-ig", package) == 0
    assert capsys.readouterr().out == made.text == profile_from(str(package)).text


def test_a_package_without_a_statement_gives_its_structures(tmp_path):
    path = tmp_path / "bare.tgz"
    path.write_bytes(archive({name: file for name, file in FILES.items() if "Capability" not in name}))
    block = yaml.safe_load(profile_from(str(path)).text)["fhir"]
    assert [(each["type"], each["level"]) for each in block["resources"]] == [
        ("Observation", "MAY"),
        ("Patient", "MAY"),
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"package.json": {"name": "empty"}}, "neither a capability statement"),
        ({**FILES, "package.json": {"name": "r5", "fhirVersions": ["5.0.0"]}}, "is for FHIR 5.0.0"),
    ],
)
def test_a_package_that_asks_nothing_of_r4_servers_is_refused(tmp_path, files, said):
    path = tmp_path / "other.tgz"
    path.write_bytes(archive(files))
    with pytest.raises(UsageError, match=said):
        profile_from(str(path))


@pytest.mark.parametrize("guide", GUIDES)
def test_published_guides_become_profiles_that_run(guide, reference_supplier, tmp_path):
    source, least = GUIDES[guide]
    if not source.exists():
        pytest.skip(f"the package of {guide} is not at {source}")
    text = profile_from(str(source)).text
    folder = finished_run(tmp_path, reference_supplier.url, text, "--package", source)
    report = RunFolder(folder).report()
    assert len(report.requirements) > least
    assert not [(r.id, v.because) for r in report.requirements for v in r.verdicts if "crashed" in v.because]
    structures = [r for r in report.requirements if ".structure." in r.id and r.outcome.value == "pass"]
    assert structures
    assert report.result in {Result.PASSED, Result.FAILED}
