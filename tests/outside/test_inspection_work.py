"""The work area of an inspection: what is found in it again is whole, or is done anew."""

import numpy as np
import pytest

from conformance.analysis.scale.piece import Piece
from conformance.analysis.scale.records import RECORD
from conformance.errors import HarnessError
from conformance.outside.inspection_work import Finished, WorkArea


@pytest.fixture
def area(tmp_path):
    area = WorkArea(tmp_path / "area")
    records = np.ones(10, RECORD)
    name = area.keep_records("task", 0, records)
    area.finish("task", Finished(Piece(end=5, lines=1), "digest", (name,), len(records)))
    return area


def test_what_is_done_is_found_again(area):
    found = area.finished("task")
    assert (found.piece, found.sha256, found.count) == (Piece(end=5, lines=1), "digest", 10)
    assert sum(map(len, area.slices(list(found.records), 0, 2**64))) == 10


def records_of(area):
    (found,) = area.path.glob("*.records")
    return found


@pytest.mark.parametrize("size", [0, RECORD.itemsize, RECORD.itemsize * 9 + 3, RECORD.itemsize * 11])
def test_records_that_a_crash_cut_off_are_no_finished_work(area, size):
    with records_of(area).open("r+b") as stream:
        stream.truncate(size)
    assert area.finished("task") is None


@pytest.mark.parametrize("lost", [slice(None), slice(RECORD.itemsize * 9, None), slice(0, 1)])
def test_records_whose_bytes_a_crash_kept_from_the_disk_are_no_finished_work(area, lost):
    data = bytearray(records_of(area).read_bytes())
    assert area.finished("task") is not None
    data[lost] = bytes(len(data[lost]))
    records_of(area).write_bytes(data)
    assert area.finished("task") is None


def test_records_that_are_gone_are_no_finished_work(area):
    records_of(area).unlink()
    assert area.finished("task") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"piece":[]}', '{"piece":{"told":[]}}', "null"])
def test_facts_that_cannot_be_read_are_no_finished_work(area, text):
    (area.path / "task.json").write_text(text)
    assert area.finished("task") is None


@pytest.mark.parametrize("left", [None, b"", b"x"])
def test_records_that_vanish_while_they_are_joined_are_told(area, left):
    path = records_of(area)
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    with pytest.raises(HarnessError, match="work area"):
        list(area.slices([path.name], 0, 2**64))
