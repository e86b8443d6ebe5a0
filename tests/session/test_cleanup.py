"""What a broken run left on its target is removed by one command, which says what it could not remove."""

import json

import httpx
import pytest
from small_profiles import READING, write_target
from whole_runs import command, finished_run

from conformance.outside.folders import RunFolder
from conformance.outside.places import private_area
from conformance.outside.secrets import Secrets
from conformance.probes import patients
from conformance.reference.process import Options, start
from conformance.session.area import WorkArea

WRITES = {"permissions": {"write": True}}


@pytest.fixture(scope="module")
def reference_supplier(home):
    """A supplier of these tests' own, since they leave patients there."""
    with start(Options(http=True, auth="none", patients=12)) as supplier:
        yield supplier


class Broken:
    """A run that broke off after it had created something, and was not gone on with."""

    def __init__(self, place, endpoint) -> None:
        self.endpoint = endpoint
        self.folder = finished_run(place, endpoint, READING, **WRITES)
        self.run_id = RunFolder(self.folder, Secrets().gate).suite().run_id
        (self.folder / "report.json").unlink()
        self.area = WorkArea(self.run_id)
        self.target = place / "target.yaml"

    def create(self, number, *, journal=True):
        patient = patients.test_patient(f"{self.run_id}-{number}", "HTEST-Left", "1970-01-01")
        answer = httpx.post(
            f"{self.endpoint}/Patient",
            json=patient,
            headers={"Content-Type": "application/fhir+json"},
            trust_env=False,
        )
        reference = f"Patient/{answer.json()['id']}"
        if journal:
            self.area.remember("created", reference)
        return reference

    def status(self, reference):
        return httpx.get(f"{self.endpoint}/{reference}", trust_env=False).status_code

    def clean(self, capsys, *options):
        code = command("cleanup", self.folder, "--target", self.target, "--json", *options)
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else told.err


@pytest.fixture
def broken(tmp_path, reference_supplier):
    run = Broken(tmp_path, reference_supplier.url)
    yield run
    run.area.erase()


def test_what_the_journal_names_is_removed(broken, capsys):
    kept, gone = broken.create(1), broken.create(2)
    httpx.delete(f"{broken.endpoint}/{gone}", trust_env=False)
    broken.area.remember("deleted", gone)
    assert broken.clean(capsys) == (0, {"removed": [kept], "stays": []})
    assert broken.status(kept) == 410
    assert list(broken.area.left_behind()) == []


def test_what_was_created_just_before_the_end_is_found_by_its_tag(broken, capsys):
    stray = broken.create(1, journal=False)
    code, told = broken.clean(capsys)
    assert (code, told) == (0, {"removed": [stray], "stays": []})


def test_what_belongs_to_another_run_is_left_alone(broken, capsys, reference_supplier):
    other = broken.create("x", journal=False)
    own = broken.run_id
    broken.run_id = "another-run"
    foreign = broken.create("y", journal=False)
    broken.run_id = own
    code, told = broken.clean(capsys)
    assert told["removed"] == [other]
    assert (code, broken.status(foreign)) == (0, 200)


def test_what_will_not_go_is_told(broken, capsys):
    broken.area.remember("created", "NoSuchType/1")
    broken.area.remember("created", "Patient")
    code, told = broken.clean(capsys)
    assert (code, told["stays"]) == (4, ["Patient"])
    assert list(broken.area.left_behind()) == ["Patient"]


def test_where_nothing_is_left_that_is_said(broken, capsys):
    assert broken.clean(capsys) == (0, {"removed": [], "stays": []})
    broken.area.erase()
    assert broken.clean(capsys) == (0, {"removed": [], "stays": []})
    assert not private_area(broken.run_id).exists()


def test_another_target_is_not_touched(broken, capsys):
    broken.create(1)
    broken.target = write_target(broken.folder.parent / "other.yaml", "http://127.0.0.1:9/fhir", **WRITES)
    code, told = broken.clean(capsys)
    assert code == 2
    assert "was made against" in told


def test_without_permission_nothing_is_removed(broken, capsys):
    kept = broken.create(1)
    broken.target = write_target(broken.folder.parent / "reading.yaml", broken.endpoint)
    code, told = broken.clean(capsys)
    assert (code, broken.status(kept)) == (2, 200)
    assert "permission" in told


def test_a_folder_of_no_run_is_refused(broken, capsys, tmp_path):
    broken.folder = tmp_path / "empty"
    assert broken.clean(capsys)[0] == 2


def test_test_data_bears_the_name_of_its_run(broken):
    reference = broken.create(1)
    read = httpx.get(f"{broken.endpoint}/{reference}", trust_env=False).json()
    assert read["identifier"] == [{"system": patients.RUN_SYSTEM, "value": f"{broken.run_id}-1"}]
