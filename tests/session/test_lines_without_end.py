"""A line of gigabytes: told, never held, and everything else is looked into."""

import json
import subprocess
import sys

import pytest

from conformance.analysis import lines as lines_of_a_body
from conformance.analysis.facts import scan
from conformance.analysis.lines import LineTooLong
from conformance.analysis.scale.splitting import Line, in_chunk
from conformance.outside import export_reading
from conformance.session.inspect import Order, inspect
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings

PATIENT = b'{"resourceType":"Patient","id":"p%d"}\n'
INSPECT = """
import sys
from pathlib import Path
from conformance.cli.main import run
code = run(["inspect", sys.argv[1], "--no-validate", "--quiet", "--json", "--workers", "1", "--work", sys.argv[2]])
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(int(peak) // 1024, file=sys.stderr)
"""


def export_with_a_line_of(folder, size):
    """One file whose second line takes so many bytes, and nearly none on the disk."""
    folder.mkdir()
    with (folder / "Patient.ndjson").open("wb") as stream:
        stream.write(PATIENT % 1)
        stream.write(b'{"resourceType":"Patient","id":"long","text":"')
        stream.seek(size, 1)
        stream.write(b'"}\n' + PATIENT % 2 + PATIENT % 3)
    (folder / "Group.ndjson").write_bytes(b'{"resourceType":"Group","id":"g"}\n')
    return folder


def found_in(folder, work):
    order = Order(files=found_at(str(folder)).files, work=work, settings=Settings(validate=False), workers=1)
    return {file.name: file for file in inspect(order).files}


def test_a_line_of_300_megabytes_is_told_and_the_rest_is_read_but_once(tmp_path, monkeypatch):
    read = []
    real = export_reading.Reader._raw

    def counted(reader):
        for block in real(reader):
            read.append(len(block))
            yield block

    monkeypatch.setattr(export_reading.Reader, "_raw", counted)
    found = found_in(export_with_a_line_of(tmp_path / "export", 300_000_000), tmp_path / "work")
    (trouble,) = found["Patient.ndjson"].troubles
    assert (trouble.kind, trouble.count) == ("line too long", 1)
    assert trouble.places[0].why == "300,000,048 bytes"
    assert (found["Patient.ndjson"].resources, found["Group.ndjson"].resources) == (3, 1)
    assert sum(read) < 700_000_000


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="reads memory where Linux tells it")
def test_a_line_of_3_gigabytes_takes_no_more_memory_than_others(tmp_path):
    folder = export_with_a_line_of(tmp_path / "export", 3_000_000_000)
    done = subprocess.run(
        [sys.executable, "-c", INSPECT, str(folder), str(tmp_path / "work")],
        capture_output=True,
        text=True,
        check=True,
    )
    facts = {file["name"]: file for file in json.loads(done.stdout)["files"]}
    assert facts["Patient.ndjson"]["troubles"][0]["places"][0]["why"] == "3,000,000,048 bytes"
    assert facts["Patient.ndjson"]["resources"] == 3
    assert int(done.stderr.split()[-1]) < 400


def test_a_chunk_within_a_line_is_left_at_its_end():
    blocks = iter([b"x" * 10] * 100)
    assert list(in_chunk(blocks, start=11, end=30)) == []
    assert len(list(blocks)) == 98


def test_a_chunk_that_begins_a_line_goes_on_to_the_end_of_it():
    blocks = iter([b"\n" + b"x" * 9, b"x" * 10, b"x\nyyy", b"zzz"])
    assert list(in_chunk(blocks, start=1, end=5)) == [Line(1, b"x" * 20, 20)]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_line_of_a_recorded_file_that_is_longer_than_is_held_makes_it_unjudgeable(monkeypatch, size):
    monkeypatch.setattr(lines_of_a_body, "LONGEST_LINE", 60)
    body = PATIENT % 1 + b'{"resourceType":"Patient","id":"' + b"7" * 50 + b'"}\n' + PATIENT % 2
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    with pytest.raises(LineTooLong, match="longer than 60 bytes"):
        scan(chunks)


def test_lines_that_are_held_are_read_however_many_there_are(monkeypatch):
    monkeypatch.setattr(lines_of_a_body, "LONGEST_LINE", 60)
    body = b"".join(PATIENT % number for number in range(100))
    assert scan([body[start : start + 7] for start in range(0, len(body), 7)]).lines == 100
