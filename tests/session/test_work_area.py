"""The private work area of a run: what it remembers outlasts a process that was killed while it wrote."""

import os
import time

import pytest
from whole_runs import finished_run

from conformance.errors import HarnessError, UsageError
from conformance.outside.places import private_area
from conformance.session.area import WorkArea, claimed


@pytest.fixture
def area():
    area = WorkArea("20260101T000000Z-00000000")
    yield area
    area.erase()


def test_what_is_remembered_after_a_torn_line_is_not_lost_behind_it(area):
    area.remember("created", "Patient/1")
    with (area.path / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('["created", "Pati')
    again = WorkArea(area.path.name)
    again.remember("created", "Patient/2")
    assert list(again.left_behind()) == ["Patient/2", "Patient/1"]


def test_its_key_is_whole_and_the_same_when_the_run_is_gone_on_with(area):
    assert len(area.key) == 32
    assert WorkArea(area.path.name).key == area.key


def test_a_run_is_one_process_s_alone_until_that_lets_it_go(area):
    run_id = area.path.name
    with (
        claimed(run_id),
        pytest.raises(UsageError, match="another process is working on the run"),
        claimed(run_id),
    ):
        pass
    with claimed(run_id):
        pass
    assert not list(area.path.parent.glob(f".{run_id}*")), "no lock is left"


def test_an_area_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(HarnessError, match="cannot be written: Not a directory"):
        WorkArea("20260101T000000Z-00000000")
    assert not private_area("20260101T000000Z-00000000").exists()


def left(name, days, *files):
    """An area that was last gone on with so many days ago, with these files."""
    area = WorkArea(name)
    area.sessions("2026-01-01T00:00:00Z")
    for file in files:
        (area.path / file).write_bytes(b"of somebody")
    then = time.time() - days * 24 * 3600
    os.utime(area.path / "sessions", (then, then))
    return area


def test_a_run_erases_what_others_left_that_nobody_can_go_on_with_and_nothing_else(
    reference_supplier, tmp_path
):
    abandoned = left("20260101T000000Z-00000001", 2, "evidence.jsonl")
    kept = [
        left("20260101T000000Z-00000002", 0, "evidence.jsonl"),
        left("20260101T000000Z-00000003", 2, "evidence.jsonl", "suite.json"),
        left("20260101T000000Z-00000004", 2, "journal.jsonl"),
    ]
    finished_run(tmp_path, reference_supplier.url)
    assert not abandoned.path.exists()
    assert all(area.path.is_dir() for area in kept)
    for area in kept:
        area.erase()
