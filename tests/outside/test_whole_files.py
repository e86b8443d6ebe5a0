"""Files are written whole, or what was there stays and nothing else is left."""

from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.outside.bundle import bundle
from conformance.outside.whole_files import made_whole, write_whole, written_to


def test_a_file_takes_the_place_of_the_one_before(tmp_path):
    path = tmp_path / "a"
    for content in (b"one", b"two"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def half_written(path, why):
    with made_whole(path) as aside:
        aside.write_bytes(b"hal")
        raise why


@pytest.mark.parametrize("why", [OSError("full"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_the_file_before_and_nothing_else(tmp_path, why):
    path = tmp_path / "a"
    write_whole(path, b"before")
    with pytest.raises(type(why)):
        half_written(path, why)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_what_is_no_file_is_written_to_as_it_is_and_a_full_one_is_told(tmp_path):
    with (
        pytest.raises(HarnessError, match="/dev/full cannot be written: No space left on device"),
        written_to(Path("/dev/full")),
    ):
        write_whole(Path("/dev/full"), b"a")
    assert Path("/dev/full").is_char_device()


def test_a_bundle_that_breaks_off_leaves_no_half_of_it(tmp_path):
    (tmp_path / "a.txt").write_text("there", "utf-8")
    whole = bundle(tmp_path, tmp_path / "x.conformance.zip").read_bytes()
    (tmp_path / "c.txt").symlink_to("/proc/self/mem")
    with pytest.raises(OSError, match="error"):
        bundle(tmp_path, tmp_path / "x.conformance.zip")
    assert (tmp_path / "x.conformance.zip").read_bytes() == whole
    assert not list(tmp_path.glob(".*"))
