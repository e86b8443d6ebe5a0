"""Packages by which verdicts are reached: pinned in the suite, found again by digest, missed without harm."""

import json
import shutil

import pytest
from uk_stand_in import structure
from whole_runs import command, copied, finished_run, judged_anew

from conformance.catalog import built_in
from conformance.outside.folders import RunFolder
from conformance.session.packages import packages_again, packages_for
from conformance.session.replay import replay

URL = structure("Patient")["url"]
PROFILE = f"""\
profile: pinned
version: 0.1.0
title: Judged by a package
fhir:
  source: https://example.org/guide
  packages: [own.guide@1.0.0]
  resources:
    - type: Patient
      interactions: [read]
      structures: ["{URL}"]
"""
RESTS = "pinned:Patient.structure.UKCore-Patient/1"


def written(folder, version="1.0.0", **change):
    place = folder / "package"
    place.mkdir(parents=True)
    manifest = {"name": "own.guide", "version": version, "fhirVersions": ["4.0.1"]}
    (place / "package.json").write_text(json.dumps(manifest), "utf-8")
    (place / "Patient.json").write_text(json.dumps(structure("Patient") | change), "utf-8")
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return written(tmp_path_factory.mktemp("own") / "own.guide")


@pytest.fixture(scope="module")
def finished(reference_supplier, package, tmp_path_factory):
    return finished_run(
        tmp_path_factory.mktemp("pinned"), reference_supplier.url, PROFILE, "--package", package
    )


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A package cache of the test's own, empty at first."""
    monkeypatch.setenv("HOME", str(tmp_path / "somebody"))
    return tmp_path / "somebody" / ".fhir" / "packages"


def outcomes(report):
    return {v.case: v.outcome.value for r in report.requirements for v in r.verdicts}


def test_the_suite_says_by_which_package_it_was_judged(finished):
    (pin,) = RunFolder(finished).suite().packages
    assert (pin.name, pin.version, len(pin.sha256), pin.lacking) == ("own.guide", "1.0.0", 64, "")
    assert outcomes(RunFolder(finished).report())[RESTS] == "pass"


@pytest.mark.parametrize("where", ["named", "cached"])
def test_who_has_the_package_judges_everything_anew(finished, package, cache, where):
    if where == "cached":
        shutil.copytree(package, cache / "own.guide#1.0.0")
    given = (str(package),) if where == "named" else ()
    again = replay(RunFolder(finished), built_in(), (), given)
    assert again.by_packages == ()
    assert again.report.canonical() == (finished / "report.json").read_bytes()


@pytest.mark.parametrize("here", ["nothing", "another version", "the same version, changed"])
def test_who_has_it_not_takes_over_what_rests_on_it_and_is_told(finished, cache, here):
    if here == "another version":
        written(cache / "own.guide#2.0.0", "2.0.0")
    if here == "the same version, changed":
        written(cache / "own.guide#1.0.0", title="Other")
    again = judged_anew(finished)
    assert again.by_packages == (RESTS,)
    assert again.missing == ("own.guide@1.0.0",)
    assert again.judged == len(outcomes(again.report)) - 1
    assert again.report.canonical() == (finished / "report.json").read_bytes()


def test_the_commands_say_what_was_not_judged_anew(finished, cache, package, capsys):
    assert command("replay", finished) == 0
    assert "1 verdicts could not be judged anew" in capsys.readouterr().out
    assert command("replay", finished, "--package", package) == 0
    assert "could not be judged anew" not in capsys.readouterr().out


def test_a_verdict_that_was_changed_is_found_out_by_who_has_the_package(finished, package, tmp_path, cache):
    copy = copied(finished, tmp_path)
    text = (copy / "report.json").read_text("utf-8")
    (copy / "report.json").write_text(
        text.replace('"12 resources were judged"', '"99 resources were judged"')
    )
    assert (copy / "report.json").read_text("utf-8") != text
    again = replay(RunFolder(copy), built_in(), (), (str(package),))
    assert again.report != RunFolder(copy).report()


def test_without_the_package_what_rests_on_it_is_untested_and_says_how_to_get_it(
    reference_supplier, tmp_path, cache
):
    folder = finished_run(tmp_path, reference_supplier.url, PROFILE)
    report = RunFolder(folder).report()
    (verdict,) = next(r for r in report.requirements if r.id == RESTS.partition("/")[0]).verdicts
    assert verdict.outcome.value == "untested"
    assert "own.guide@1.0.0 is not in the package cache" in verdict.because
    assert "--package" in verdict.because
    written(cache / "own.guide#1.0.0")  # who has it comes to the same, since the run did not
    assert judged_anew(folder).report == report


def test_what_the_profile_names_is_searched_beside_what_the_tester_gives(package, cache, tmp_path):
    written(cache / "own.guide#1.0.0", title="In the cache")
    both = packages_for(["own.guide@1.0.0", "gone@2.0.0"], [str(package)])
    assert [(pin.label, bool(pin.sha256)) for pin in both.pins] == [
        ("own.guide@1.0.0", True),
        ("gone@2.0.0", False),
    ]
    assert both.definitions.structure(URL).name == "UKCorePatient"
    assert packages_again(both.pins, [str(package)]).definitions.packages == both.definitions.packages
    cached = packages_for(["own.guide@1.0.0"], [])
    assert cached.pins[0].sha256 != both.pins[0].sha256
