import gzip
import io
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.outside.resource_files import STDIN, listed, pieces

MOST = 1_000


def written(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def of(file, most=MOST):
    return [(piece.line, piece.data, piece.trouble) for piece in pieces(file, most_bytes=most)]


def test_a_folder_stands_for_the_resources_below_it_in_order_and_tells_what_it_passed_over(tmp_path):
    for name in (
        "b.json",
        "a/z.ndjson.gz",
        "a/c.XML",
        "read.me",
        "package.json",
        ".hidden/x.json",
        ".y.json",
    ):
        written(tmp_path, name, b"{}")
    files, passed = listed([str(tmp_path)])
    assert [file.removeprefix(f"{tmp_path}/") for file in files] == ["b.json", "a/c.XML", "a/z.ndjson.gz"]
    assert [file.removeprefix(f"{tmp_path}/") for file in passed] == ["package.json", "read.me"]


def test_a_file_that_is_named_is_taken_whatever_its_name():
    assert listed([STDIN, __file__]) == ([STDIN, __file__], [])


def test_a_path_that_is_not_there_is_a_mistake_of_the_person_who_typed_it(tmp_path):
    with pytest.raises(UsageError, match="there is no file or folder"):
        listed([str(tmp_path / "none.json")])


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_each_line_of_ndjson_is_a_piece_with_its_number_and_blank_lines_are_none(tmp_path, ending):
    lines = [b'{"a":1}', b"", b'  {"b":2} ', b'{"c":3}']
    file = written(tmp_path, "x.ndjson", ending.join(lines))
    assert of(file) == [(1, b'{"a":1}', ""), (3, b'{"b":2}', ""), (4, b'{"c":3}', "")]


def test_gzip_is_unpacked_and_broken_gzip_is_told_after_what_could_be_read(tmp_path):
    rows = b"".join(b'{"a":%d}\n' % n for n in range(20_000))
    packed = gzip.compress(rows)
    assert len(of(written(tmp_path, "whole.ndjson.gz", packed))) == 20_000
    *good, last = of(written(tmp_path, "cut.ndjson.gz", packed[: len(packed) // 2]))
    assert len(good) > 1_000
    assert last[2].startswith("cannot be read")


def test_a_line_or_file_that_is_too_large_is_told_and_the_next_one_goes_on(tmp_path):
    lines = written(tmp_path, "x.ndjson", b'{"a":1}\n' + b"x" * (MOST + 5) + b'\n{"b":2}\n')
    found = of(lines)
    assert [line for line, _, _ in found] == [1, 2, 3]
    assert "is larger than" in found[1][2]
    assert found[2][1] == b'{"b":2}'
    whole = written(tmp_path, "x.json", b"[" + b" " * MOST + b"]")
    assert "is larger than" in of(whole)[0][2]


def test_a_piece_of_exactly_the_most_is_not_too_large(tmp_path):
    exact = b'"' + b"x" * (MOST - 2) + b'"'
    assert of(written(tmp_path, "x.ndjson", exact + b"\n")) == [(1, exact, "")]
    assert of(written(tmp_path, "x.json", exact)) == [(0, exact, "")]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b'{"resourceType":"Patient"}\n{"resourceType":"Patient"}\n', [1, 2]),
        (b'{"resourceType":"Patient"}', [1]),
        (b'{\n"resourceType":"Patient"\n}', [0]),
        (b'<Patient xmlns="http://hl7.org/fhir"/>', [0]),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<Patient/>', [0]),
    ],
)
def test_what_is_piped_in_is_told_apart_by_how_it_begins(monkeypatch, data, lines):
    class Stdin:
        buffer = io.BytesIO(data)

    monkeypatch.setattr(sys, "stdin", Stdin)
    found = list(pieces(STDIN, most_bytes=MOST))
    assert [piece.line for piece in found] == lines
    assert {piece.file for piece in found} == {"standard input"}
    assert b"".join(piece.data for piece in found).count(b"Patient") == data.count(b"Patient")


def test_a_file_that_may_not_be_read_is_told(tmp_path):
    folder = tmp_path / "folder.json"
    folder.mkdir()
    assert "cannot be read" in of(str(folder))[0][2]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12))
def test_no_line_is_lost_or_made_up(tmp_path_factory, lines):
    file = written(tmp_path_factory.mktemp("lines"), "x.ndjson", b"\n".join(lines))
    expected = [(n, line.strip()) for n, line in enumerate(lines, 1) if line.strip()]
    assert [(line, data) for line, data, _ in of(file)] == expected
