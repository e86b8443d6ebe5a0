"""Bodies on the disk: what is read is what was written, or it is told that it is not."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.errors import HarnessError, Unreadable
from conformance.outside.kept_bodies import CHUNK, KeptBodies


def kept(bodies, *chunks):
    writer = bodies.writer()
    for chunk in chunks:
        writer.write(chunk)
    return writer.finish("application/fhir+json")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=6), max_size=4), st.sampled_from([1, CHUNK]))
def test_what_is_read_is_what_was_written(tmp_path_factory, chunks, times):
    bodies = KeptBodies(tmp_path_factory.mktemp("bodies") / "made-when-needed")
    chunks = [chunk * times for chunk in chunks]
    body = kept(bodies, *chunks)
    assert body.size == sum(map(len, chunks))
    read = list(bodies.read(body.sha256))
    assert b"".join(read) == b"".join(chunks)
    assert all(len(chunk) <= CHUNK for chunk in read)


def test_the_files_are_gzip_with_the_same_bytes_each_time_and_one_for_each_content(tmp_path):
    one, other = KeptBodies(tmp_path / "a"), KeptBodies(tmp_path / "b")
    body = kept(one, b"the same")
    kept(other, b"the ", b"same")
    (name,) = other.names()
    assert name == f"{body.sha256}.gz"
    assert gzip.decompress((tmp_path / "a" / name).read_bytes()) == b"the same"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_body_that_was_discarded_or_never_kept_is_not_there(tmp_path):
    bodies = KeptBodies(tmp_path)
    writer = bodies.writer()
    writer.write(b"x")
    writer.discard()
    assert not list(tmp_path.iterdir())
    with pytest.raises(KeyError):
        list(bodies.read("0" * 64))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda packed: packed[:-4], "is damaged"),
        (lambda packed: packed[:-9], "is damaged"),
        (lambda _: b"", "is damaged"),
        (lambda _: b"plain text", "is damaged"),
        (lambda packed: packed + b"\0", "is damaged"),
        (lambda packed: packed + packed, "is damaged"),
        (lambda _: gzip.compress(b"another body"), "does not hold what its name says"),
    ],
)
def test_a_file_that_was_changed_is_told(tmp_path, change, told):
    bodies = KeptBodies(tmp_path)
    body = kept(bodies, b"a body that is long enough to be cut" * 9)
    path = tmp_path / f"{body.sha256}.gz"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Unreadable, match=told):
        list(KeptBodies(tmp_path).read(body.sha256))


def test_what_is_no_longer_held_in_memory_is_read_from_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("conformance.outside.kept_bodies.MOST_HELD", 10)
    bodies = KeptBodies(tmp_path)
    first, second = kept(bodies, b"one body"), kept(bodies, b"another")
    assert [b"".join(bodies.read(body.sha256)) for body in (first, second)] == [b"one body", b"another"]
    (tmp_path / f"{first.sha256}.gz").unlink()
    with pytest.raises(KeyError):
        list(bodies.read(first.sha256))
    assert b"".join(bodies.read(second.sha256)) == b"another"


def test_a_body_that_was_taken_away_is_kept_anew(tmp_path):
    bodies = KeptBodies(tmp_path)
    path = tmp_path / f"{kept(bodies, b'the same').sha256}.gz"
    path.unlink()
    kept(bodies, b"the same")
    assert gzip.decompress(path.read_bytes()) == b"the same"


@pytest.mark.parametrize("size", [10, CHUNK + 1])
def test_a_body_that_cannot_be_written_leaves_nothing_half_there(tmp_path, monkeypatch, size):
    def full(*_):
        raise OSError(28, "No space left on device")

    bodies = KeptBodies(tmp_path)
    monkeypatch.setattr("conformance.outside.kept_bodies.Part._put", full)
    writer = bodies.writer()

    def written():
        writer.write(bytes(size))
        writer.finish("")

    with pytest.raises(HarnessError, match="No space"):
        written()
    writer.discard()
    assert not list(tmp_path.iterdir())
