"""`inspect` of files that are not what anybody expects: told, in bounded time, and never another file instead."""

import gzip
import hashlib
import json
import os

import pytest

from conformance.outside import remote_files
from conformance.session.inspect import Order, inspect
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings

LINE = b'{"resourceType":"Patient","id":"1"}\n'


@pytest.fixture
def look(tmp_path):
    def look(source, **options):
        export = found_at(str(source))
        settings = Settings(validate=False)
        return inspect(Order(files=export.files, work=tmp_path / "work", settings=settings, **options))

    return look


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    return folder


def test_a_name_that_is_no_utf_8_is_told_as_what_every_reader_of_json_takes(folder, look):
    for name in (b"\xff.ndjson", b"\xfe.ndjson"):
        try:
            with open(os.fsencode(folder) + b"/" + name, "wb") as stream:  # noqa: PTH123 - a path of bytes
                stream.write(LINE)
        except OSError:
            pytest.skip("this file system takes no such name")
    found = look(folder)
    assert [file.name for file in found.files] == ["\ufffd.ndjson"] * 2
    assert found.types[0].resources == 2
    json.dumps(found.plain(), ensure_ascii=False).encode()


def test_a_pipe_that_a_manifest_leads_to_is_told_and_not_waited_for(folder, look):
    os.mkfifo(folder / "Patient.ndjson")
    output = [{"type": "Patient", "url": "https://x.example/Patient.ndjson"}]
    (folder / "manifest.json").write_text(json.dumps({"output": output}))
    assert "no ordinary file" in look(folder).errors[0]


def test_a_packed_file_that_is_broken_has_its_digest_all_the_same(folder, look):
    packed = bytearray(gzip.compress(os.urandom(3_000_000).hex().encode(), 1))
    packed[100_000] ^= 0xFF
    (folder / "Patient.ndjson.gz").write_bytes(packed)
    (file,) = look(folder).files
    assert file.troubles[0].kind == "file cannot be read to its end"
    assert file.sha256 == hashlib.sha256(packed).hexdigest()


def test_gzip_members_are_one_file_wherever_they_end(folder, look):
    members = [b"", LINE, b"", LINE.replace(b'"1"', b'"2"') * 1000, LINE.replace(b'"1"', b'"3"')]
    packed = b"".join(
        gzip.compress(b"") * 2000 + gzip.compress(member) + b"\0" * 40_000 for member in members
    )
    (folder / "Patient.ndjson.gz").write_bytes(packed)
    (kind,) = look(folder).types
    assert (kind.resources, kind.ids) == (1002, 3)


def test_a_name_of_a_storage_never_leads_to_another_url(folder, look):
    pytest.importorskip("fsspec")
    (folder / "a::b.ndjson").write_bytes(LINE)
    (folder / "a").write_bytes(LINE * 2)
    found = look(f"file://{folder}", chunk=10)
    assert (found.files[0].resources, found.files[0].troubles[0].kind) == (
        0,
        "file cannot be read to its end",
    )


class Failing:
    """A file of a storage whose library raises an exception of its own."""

    def __init__(self, stream):
        self._stream = stream
        self._reads = 0

    def read(self, size=-1):
        self._reads += 1
        if self._reads > 1:
            raise RuntimeError("the storage said no")
        return self._stream.read(size)

    def seek(self, place):
        return self._stream.seek(place)

    def tell(self):
        return self._stream.tell()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()

    def close(self):
        self._stream.close()


def test_a_storage_that_fails_midway_is_told(folder, look, monkeypatch):
    pytest.importorskip("fsspec")
    (folder / "a.ndjson").write_bytes(LINE)
    real = remote_files._system

    def failing(url):
        system, root = real(url)
        whole = type(system).open
        monkeypatch.setattr(system, "open", lambda *given, **more: Failing(whole(system, *given, **more)))
        return system, root

    monkeypatch.setattr(remote_files, "_system", failing)
    found = look(f"file://{folder}")
    assert "the storage said no" in found.errors[0]
