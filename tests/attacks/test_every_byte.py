"""No byte of a bundle can be changed unnoticed: in any file of it, and in the bundle's own file."""

import zipfile

import pytest
from attack_stage import Stage, copied, prepared
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.outside.bundle import bundle


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The run, and the files of each class in it: envelope, suite, evidence, report, record, bodies, views."""
    root = prepared(tmp_path_factory.mktemp("honest") / "run")
    (root / "views").mkdir()
    (root / "views" / "report.csv").write_text("id,outcome\nSMART-01,pass\n", "ascii")
    classes = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".zip"):
        name = path.relative_to(root).as_posix()
        classes.setdefault(name.split("/")[0], []).append(name)
    return root, classes


def changed(data: bytes, drawn) -> bytes:
    """One byte exchanged, put in, or taken out."""
    place = drawn.draw(st.integers(0, len(data) - 1), label="place")
    byte = drawn.draw(st.integers(0, 255).filter(lambda byte: byte != data[place]), label="byte")
    how = drawn.draw(st.sampled_from(("exchanged", "put in", "taken out")), label="how")
    if how == "taken out":
        return data[:place] + data[place + 1 :]
    return data[:place] + bytes([byte]) + data[place + (how == "exchanged") :]


@settings(max_examples=80, deadline=None)
@given(drawn=st.data())
def test_no_byte_of_a_file_can_be_changed(honest, drawn):
    root, classes = honest
    kind = drawn.draw(st.sampled_from(sorted(classes)), label="class")
    path = root / drawn.draw(st.sampled_from(classes[kind]), label="file")
    before = path.read_bytes()
    try:
        path.write_bytes(changed(before, drawn))
        _, code, found = Stage(root).outcome()
    finally:
        path.write_bytes(before)
    if kind == "views":
        assert code == 0, "views prove nothing, and are made anew from the record"
    else:
        assert code in {1, 2}
        assert found is None or found.result is None


@settings(max_examples=30, deadline=None)
@given(drawn=st.data())
def test_a_changed_bundle_is_refused_or_says_the_same(honest, tmp_path_factory, drawn):
    """What a zip writes around its files is nobody's word: a change there may leave all files as they were signed."""
    stage = Stage(honest[0])
    place = tmp_path_factory.mktemp("bundle") / "run.conformance.zip"
    stage.bundled = bundle(honest[0], place)
    with zipfile.ZipFile(place) as archive:
        before = {name: archive.read(name) for name in archive.namelist() if not name.startswith("views/")}
    place.write_bytes(changed(place.read_bytes(), drawn))
    _, code, _ = stage.outcome()
    if code == 0:
        with zipfile.ZipFile(place) as archive:
            assert {n: archive.read(n) for n in archive.namelist() if not n.startswith("views/")} == before
    else:
        assert code in {1, 2}


def test_copies_of_the_run_are_equal(honest, tmp_path):
    assert Stage(copied(honest[0], tmp_path / "run")).outcome()[:2] == ("", 0)
