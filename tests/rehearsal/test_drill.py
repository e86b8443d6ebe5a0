"""The exit drill comes to its end, goes on where it broke off, and passes nothing that was lost."""

import datetime as dt
import json
import sys
from decimal import Decimal

import httpx
import pytest
import yaml
from stand_in import SAID, interrupted_at_its_first_write, killed_at_its_first_write
from whole_runs import command

from conformance.analysis.exit_cost import Scenario
from conformance.errors import Unreadable, UsageError
from conformance.outside.target_file import read_target
from conformance.session.rehearsal import Rehearsing, rehearse
from conformance.session.rehearsal.asking import Asking

IGNORE = ("meta.lastUpdated", "meta.source", "meta.versionId")


def silent(_text):
    pass


def order(path, out, *, agreed=lambda _: True, tell=silent, **others):
    return Rehearsing(read_target(path), path.parent, out, agreed, tell, ignore=IGNORE, **others)


def stopping_at(text):
    def tell(said):
        if said == text:
            raise KeyboardInterrupt

    return tell


def exports_of(monkeypatch):
    """Counts the exports that are begun."""
    begun = []
    honest = Asking.begun

    def counting(self):
        begun.append(1)
        return honest(self)

    monkeypatch.setattr(Asking, "begun", counting)
    return begun


def test_nothing_is_exported_before_somebody_agrees(going_to, tmp_path, monkeypatch):
    begun, asked, told = exports_of(monkeypatch), [], []
    path = going_to()
    refusing = order(path, tmp_path / "r", agreed=asked.append, tell=told.append)
    with pytest.raises(UsageError, match="not begun"):
        rehearse(refusing)
    assert not begun
    assert "nothing else before you agree" in told[0], "the counting is told before it is done"
    assert "at 1,300 bytes each" in asked[0]
    with pytest.raises(Unreadable, match="no rehearsal"):
        rehearse(order(path, tmp_path / "r", resume=True))
    assert rehearse(order(path, tmp_path / "r")).passed


def test_a_rehearsal_says_what_it_took_and_what_it_costs(going_to, elsewhere, tmp_path):
    out = tmp_path / "r"
    scenario = Scenario(help_days=Decimal(12), leaves_on=dt.date(2027, 6, 30))
    found = rehearse(order(going_to(second=elsewhere), out, scenario=scenario))
    assert (found.result, found.errors, found.unsure) == ("passed", (), ())
    ours, second = found.stores
    total = sum(found.counted.values())
    assert (ours.resources, ours.kept, second.resources, second.kept) == (total,) * 4
    assert elsewhere.held() == [0, 0, 0]
    cost, by_year = found.measurements
    assert (cost.value, cost.unit) == ("6300.00", "GBP"), (
        "seven days beyond the five that are included, at 900"
    )
    assert by_year.parts
    assert json.loads((out / "rehearsal.json").read_bytes())["result"] == "passed"
    page = (out / "rehearsal.html").read_text("utf-8")
    first_screen = page[page.index("<main>") : page.index('id="time-title"')]
    for said in (f"{total:,} resources", "6,300.00 GBP", "nothing lost", str(found.valid_until)):
        assert said in first_screen


def test_without_an_exit_plan_nothing_is_priced_and_that_is_said(going_to, tmp_path):
    path = going_to()
    described = yaml.safe_load(path.read_text("utf-8"))
    del described["documents"]
    path.write_text(yaml.safe_dump(described), "utf-8")
    found = rehearse(order(path, tmp_path / "r"))
    assert (found.result, found.measurements) == ("passed", ())
    assert "names no exit plan" in found.unpriced
    assert "not known. The target file names no exit plan" in (tmp_path / "r" / "rehearsal.html").read_text()


def test_a_destination_that_drops_elements_fails_the_rehearsal(going_to, forgetful, tmp_path):
    found = rehearse(order(going_to(second=forgetful), tmp_path / "r"))
    assert found.result == "failed"
    ours, second = found.stores
    assert ours.lossless
    assert any(one.path.endswith("coding.display") and one.kind == "lost" for one in second.losses)
    assert forgetful.held() == [0, 0, 0]


@pytest.mark.parametrize("data_class", ["synthetic", "live"])
def test_what_a_destination_refuses_is_named_only_where_it_is_about_nobody(
    going_to, elsewhere, tmp_path, data_class
):
    path = going_to(second=elsewhere)
    described = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump({**described, "dataClass": data_class, "embedded": False}), "utf-8")
    elsewhere.refused = b'"resourceType":"Patient"'
    try:
        found = rehearse(order(path, tmp_path / "r"))
    finally:
        elsewhere.refused = b""
    assert found.result == "failed"
    refused = found.stores[1].refused
    assert found.stores[1].refusals == len(refused) == found.counted["Patient"]
    assert all(one.startswith("Patient/") and SAID in one for one in refused) is (data_class == "synthetic")
    if data_class == "live":
        assert set(refused) == {"Patient: 422"}
        assert b"Patient/" not in (tmp_path / "r" / "rehearsal.json").read_bytes()
    assert elsewhere.held() == [0, 0, 0]


def test_a_destination_that_holds_an_id_of_the_export_is_left_alone(going_to, elsewhere, tmp_path):
    patient = {"resourceType": "Patient", "id": "taken"}
    source = going_to(second=elsewhere)
    base = read_target(source).endpoint
    for server in (base, elsewhere.url):
        httpx.put(f"{server}/Patient/taken", json=patient).raise_for_status()
    try:
        found = rehearse(order(source, tmp_path / "r"))
        assert found.result == "inconclusive"
        assert any("already holds" in why for why in found.unsure)
        assert httpx.get(f"{elsewhere.url}/Patient/taken").status_code == 200
    finally:
        for server in (base, elsewhere.url):
            httpx.delete(f"{server}/Patient/taken")


def test_a_rehearsal_that_broke_off_goes_on_without_a_second_export(going_to, tmp_path, monkeypatch):
    out, path = tmp_path / "r", going_to()
    with pytest.raises(KeyboardInterrupt):
        rehearse(order(path, out, tell=stopping_at("verified")))
    begun = exports_of(monkeypatch)
    with pytest.raises(UsageError, match="broke off"):
        rehearse(order(path, out))
    found = rehearse(order(path, out, resume=True))
    assert (found.result, found.resumed, begun) == ("passed", 1, [])


def test_an_export_that_is_gone_by_then_is_made_anew(going_to, tmp_path, monkeypatch):
    out, path = tmp_path / "r", going_to()
    jobs, honest = [], Asking.finished

    def remembering(self, where):
        jobs.append(where)
        honest(self, where)

    monkeypatch.setattr(Asking, "finished", remembering)
    with pytest.raises(KeyboardInterrupt):
        rehearse(order(path, out, tell=stopping_at("verified")))
    httpx.delete(jobs[0]).raise_for_status()
    told = []
    found = rehearse(order(path, out, resume=True, tell=told.append))
    assert found.passed
    assert any("no longer there" in text for text in told)
    assert len(set(jobs)) == 2


def test_the_status_url_is_in_nothing_that_is_published(going_to, tmp_path):
    out, path = tmp_path / "r", going_to()
    with pytest.raises(KeyboardInterrupt):
        rehearse(order(path, out, tell=stopping_at("verified")))
    assert list(out.iterdir()) == []
    rehearse(order(path, out, resume=True))
    assert sorted(file.name for file in out.iterdir()) == ["rehearsal.html", "rehearsal.json"]
    assert not any(b"$export" in file.read_bytes() for file in out.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_that_is_killed_leaves_nothing_elsewhere_once_it_is_gone_on_with(
    going_to, elsewhere, tmp_path
):
    out, path = tmp_path / "r", going_to(second=elsewhere)
    assert killed_at_its_first_write(elsewhere, "rehearse", path, "--out", out, "--yes")
    assert any(elsewhere.held())
    found = rehearse(order(path, out, resume=True))
    assert (found.result, found.resumed) == ("passed", 1)
    assert elsewhere.held() == [0, 0, 0]


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
def test_ctrl_c_twice_says_how_to_go_on_and_that_leaves_nothing_elsewhere(going_to, elsewhere, tmp_path):
    out, path = tmp_path / "r", going_to(second=elsewhere)
    code, told = interrupted_at_its_first_write(elsewhere, "rehearse", path, "--out", out, "--yes")
    assert code == 130
    assert "--resume goes on with it" in told
    assert "Traceback" not in told
    found = rehearse(order(path, out, resume=True))
    assert (found.result, found.resumed) == ("passed", 1)
    assert elsewhere.held() == [0, 0, 0]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_rehearsal_that_is_given_up_leaves_nothing_anywhere(going_to, elsewhere, tmp_path, capsys):
    out, path = tmp_path / "r", going_to(second=elsewhere)
    assert killed_at_its_first_write(elsewhere, "rehearse", path, "--out", out, "--yes")
    assert any(elsewhere.held())
    assert command("cleanup", out, "--target", path, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["removed"]
    assert not said["stays"]
    assert elsewhere.held() == [0, 0, 0]
    with pytest.raises(Unreadable, match="no rehearsal"):
        rehearse(order(path, out, resume=True))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_rehearsal_is_not_given_up_with_the_target_file_of_another_product(
    going_to, elsewhere, tmp_path, capsys
):
    out, path = tmp_path / "r", going_to(second=elsewhere)
    assert killed_at_its_first_write(elsewhere, "rehearse", path, "--out", out, "--yes")
    other = tmp_path / "other.yaml"
    other.write_text(path.read_text("utf-8").replace("/fhir", "/elsewhere"), "utf-8")
    assert command("cleanup", out, "--target", other) == 2
    assert "was of" in capsys.readouterr().err
    assert any(elsewhere.held()), "nothing was removed"
    assert command("cleanup", out, "--target", path) == 0


def test_a_folder_with_something_in_it_is_not_written_to(going_to, tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "mine").touch()
    with pytest.raises(UsageError, match="not empty"):
        rehearse(order(going_to(), tmp_path / "r"))
