"""Packages are found on disk, with what they depend on; what is not there is one clear message."""

import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from conformance.fhir.definitions import DefinitionProblem
from conformance.outside.packages import load_definitions

CORE = "http://hl7.org/fhir/StructureDefinition/"


def profile(name: str, base: str = CORE + "Patient") -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "url": f"http://example.org/{name}",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "type": "Patient",
        "derivation": "constraint",
        "baseDefinition": base,
        "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
    }


def manifest(name: str, version: str = "1.0.0", **dependencies: str) -> dict[str, Any]:
    named = {key.replace("_", "."): value for key, value in dependencies.items()}
    return {"name": name, "version": version, "fhirVersions": ["4.0.1"], "dependencies": named}


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder


def pack(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w:gz") as made:
        made.add(folder, "package")
    return archive


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_folder_an_archive_a_file_and_the_cache_give_the_same(tmp_path: Path, cache: Path):
    files = {"package.json": manifest("a.b"), "StructureDefinition-x.json": profile("x")}
    folder = write(tmp_path / "loose", files)
    write(tmp_path / "other" / "package", files)
    write(cache / "a.b#1.0.0" / "package", files)
    archive = pack(folder, tmp_path / "a.tgz")
    sources = [
        folder,
        tmp_path / "other",
        archive,
        folder / "StructureDefinition-x.json",
        "a.b@1.0.0",
        "a.b#1.0.0",
        "a.b",
    ]
    loaded = [load_definitions([str(source)], cache=cache) for source in sources]
    assert {definitions.packages[0][2] for definitions in loaded} == {loaded[0].packages[0][2]}
    assert all(definitions.structure("http://example.org/x") for definitions in loaded)
    assert all(definitions.problems == () for definitions in loaded)


def test_without_sources_there_is_r4(cache: Path):
    definitions = load_definitions(cache=cache)
    assert definitions.packages[0][:2] == ("hl7.fhir.r4.core", "4.0.1")
    assert definitions.type("Patient") is not None


def test_dependencies_come_from_the_cache(tmp_path: Path, cache: Path):
    write(
        cache / "b#2.1.0" / "package",
        {"package.json": manifest("b", "2.1.0", c="3.0.x"), "b.json": profile("b")},
    )
    write(cache / "c#3.0.9" / "package", {"package.json": manifest("c", "3.0.9"), "c.json": profile("c-old")})
    write(
        cache / "c#3.0.10" / "package",
        {"package.json": manifest("c", "3.0.10", b="2.1.0"), "c.json": profile("c")},
    )
    own = {
        "package.json": manifest("a", b="2.1.0", hl7_fhir_r4_core="4.0.1"),
        "x.json": profile("x", "http://example.org/b"),
    }
    definitions = load_definitions([str(write(tmp_path / "a", own))], cache=cache)
    assert [name for name, *_ in definitions.packages] == ["a", "b", "c", "hl7.fhir.r4.core"]
    assert definitions.structure("http://example.org/x") is not None
    assert definitions.structure("http://example.org/c") is not None
    assert definitions.structure("http://example.org/c-old") is None
    assert definitions.problems == ()


def test_a_dependency_that_is_absent_is_told_with_the_folder_that_was_searched(tmp_path: Path, cache: Path):
    own = {
        "package.json": manifest("a", b="2.1.0"),
        "x.json": profile("x", "http://example.org/b"),
        "y.json": profile("y"),
    }
    definitions = load_definitions([str(write(tmp_path / "a", own))], cache=cache)
    dependency, base = definitions.problems
    assert "a depends on b@2.1.0" in dependency.message
    assert str(cache / "b#2.1.0") in dependency.message
    assert "its base http://example.org/b is in none of the loaded packages" in base.message
    assert definitions.structure("http://example.org/y") is not None


def test_a_source_serves_as_a_dependency_of_another(tmp_path: Path, cache: Path):
    first = write(
        tmp_path / "a",
        {"package.json": manifest("a", b="2.1.0"), "x.json": profile("x", "http://example.org/b")},
    )
    second = write(tmp_path / "b", {"package.json": manifest("b", "2.2.0"), "b.json": profile("b")})
    for order in ([first, second], [second, first]):
        definitions = load_definitions([str(path) for path in order], cache=cache)
        assert definitions.problems == ()
        assert definitions.structure("http://example.org/x") is not None


def test_the_core_of_another_version_is_not_laid_over_r4(tmp_path: Path, cache: Path):
    write(
        cache / "hl7.fhir.r5.core#5.0.0" / "package", {"package.json": manifest("hl7.fhir.r5.core", "5.0.0")}
    )
    own = write(tmp_path / "a", {"package.json": manifest("a", hl7_fhir_r5_core="5.0.0")})
    assert [name for name, *_ in load_definitions([str(own)], cache=cache).packages] == [
        "a",
        "hl7.fhir.r4.core",
    ]


def test_another_fhir_version_takes_its_base_from_a_package(tmp_path: Path, cache: Path):
    patient = profile("x") | {
        "url": CORE + "Patient",
        "fhirVersion": "5.0.0",
        "snapshot": {"element": [{"id": "Patient", "path": "Patient"}]},
    }
    files = {
        "package.json": manifest("hl7.fhir.r5.core", "5.0.0") | {"fhirVersions": ["5.0.0"]},
        "p.json": patient,
    }
    with pytest.raises(DefinitionProblem, match=r"no definitions of FHIR 5\.0\.0") as told:
        load_definitions(cache=cache, fhir_version="5.0.0")
    assert str(cache) in told.value.message
    write(cache / "hl7.fhir.r5.core#5.0.0" / "package", files)
    own = write(tmp_path / "a", {"package.json": manifest("a"), "y.json": profile("y")})
    for sources in ([str(own)], [str(cache / "hl7.fhir.r5.core#5.0.0"), str(own)]):
        definitions = load_definitions(sources, cache=cache, fhir_version="5.0.0")
        assert [name for name, *_ in definitions.packages] == ["a", "hl7.fhir.r5.core"]
        assert definitions.fhir_version == "5.0.0"
        patient_found = definitions.type("Patient")
        assert patient_found is not None
        assert patient_found.fhir_version == "5.0.0"


@pytest.mark.parametrize("source", ["none.tgz", "no.such.package@1.0.0", "/nowhere/at all"])
def test_a_source_that_is_not_there_is_refused(source: str, cache: Path):
    with pytest.raises(DefinitionProblem, match="neither a file or folder nor in the package cache") as told:
        load_definitions([source], cache=cache)
    assert source in told.value.message
    assert told.value.exit_code == 2
    assert told.value.hint


def test_an_archive_that_reaches_outside_is_refused(tmp_path: Path, cache: Path):
    archive = tmp_path / "bad.tgz"
    with tarfile.open(archive, "w:gz") as made:
        made.addfile(tarfile.TarInfo("../../evil.json"), io.BytesIO(b""))
    with pytest.raises(DefinitionProblem, match="leaves the package's folder"):
        load_definitions([str(archive)], cache=cache)
    assert not (tmp_path.parent / "evil.json").exists()


def test_hidden_folders_and_links_to_folders_are_not_entered(tmp_path: Path, cache: Path):
    folder = write(
        tmp_path / "a",
        {"package.json": manifest("a"), ".git/x.json": profile("x"), "deep/er/y.json": profile("y")},
    )
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    definitions = load_definitions([str(folder)], cache=cache)
    assert definitions.structure("http://example.org/x") is None
    assert definitions.structure("http://example.org/y") is not None
    assert definitions.problems == ()


def test_the_cache_of_the_user_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    installed = tmp_path / ".fhir" / "packages" / "a.b#1.0.0"
    write(installed / "package", {"package.json": manifest("a.b"), "x.json": profile("x")})
    assert load_definitions(["a.b@1.0.0"]).structure("http://example.org/x") is not None
    shutil.rmtree(installed)
    with pytest.raises(DefinitionProblem, match="package cache"):
        load_definitions(["a.b@1.0.0"])
