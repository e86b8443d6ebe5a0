"""`inspect`: the facts about exported files are the same however they were read, and survive what files can be."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.outside import export_reading
from conformance.session.inspect import Order, inspect
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings

QUICK = Settings(validate=False)


def patients(first, last, **more):
    for number in range(first, last):
        yield {"resourceType": "Patient", "id": f"p{number}", "active": True, **more}


def observations(first, last, patients):
    for number in range(first, last):
        yield {
            "resourceType": "Observation",
            "id": f"o{number}",
            "meta": {"lastUpdated": f"2026-01-{1 + number % 28:02}T00:00:00Z"},
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
            "subject": {"reference": f"Patient/p{number % patients}"},
        }


def ndjson(resources):
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "Patient.ndjson").write_bytes(ndjson(patients(0, 500)))
    (folder / "Observation.ndjson").write_bytes(ndjson(observations(0, 2000, 510)))
    (folder / "more.ndjson.gz").write_bytes(gzip.compress(ndjson(observations(1990, 2100, 10))))
    return folder


@pytest.fixture
def look(tmp_path):
    def look(source, settings=QUICK, **options):
        export = found_at(str(source))
        settings = replace(settings, bases=export.bases)
        return inspect(Order(files=export.files, work=tmp_path / "work", settings=settings, **options))

    return look


def test_the_facts_are_those_of_the_files(export, look):
    found = look(export)
    assert {kind.name: (kind.resources, kind.ids, kind.repeats) for kind in found.types} == {
        "Patient": (500, 500, 0),
        "Observation": (2110, 2100, 10),
    }
    (cell,) = found.references
    assert (cell.source, cell.target, cell.references) == ("Observation", "Patient", 2110)
    assert (cell.dangling, cell.missing) == (sum(number % 510 >= 500 for number in range(2000)), 10)
    assert [word.text for words in found.words for word in words.frequent if words.kind == "code"] == [
        "http://loinc.org|718-7"
    ]
    observed = next(kind for kind in found.types if kind.name == "Observation")
    assert (observed.updated_first, observed.updated_last) == (
        "2026-01-01T00:00:00.000Z",
        "2026-01-28T00:00:00.000Z",
    )
    assert found.errors == ("Observation: 10 lines repeat an id that another line has",)
    assert len(found.warnings) == 1


@pytest.mark.parametrize(
    "options", [{"chunk": 4096}, {"chunk": 5003}, {"workers": 2}, {"chunk": 20_000, "workers": 2}]
)
def test_they_are_the_same_bytes_however_the_work_was_dealt(export, look, options, monkeypatch):
    monkeypatch.setattr("conformance.session.inspection_workers.SMALL", 0)
    assert look(export, **options).canonical() == look(export).canonical()


def test_a_file_is_known_by_the_digest_that_everybody_else_computes(export, look):
    digests = {file.name: file.sha256 for file in look(export, chunk=4096).files}
    told = subprocess.run(
        ["sha256sum", *digests], cwd=export, capture_output=True, text=True, check=True
    ).stdout
    assert {name: digest for digest, name in map(str.split, told.splitlines())} == digests


def test_resources_are_validated_and_errors_told_without_their_values(export, look):
    wrong = {"resourceType": "Patient", "id": "wrong", "gender": "SECRET", "birthDate": "1970-13-01"}
    (export / "Patient.ndjson").write_bytes(ndjson([*patients(0, 600), wrong]))
    found = look(export, Settings())
    trouble = next(t for file in found.files for t in file.troubles if t.kind == "invalid resource")
    assert (trouble.count, trouble.places[0].line) == (1, 601)
    assert "SECRET" not in found.canonical().decode()
    assert "gender" in trouble.places[0].why or "birthDate" in trouble.places[0].why
    assert found.validated


def test_ids_are_shown_only_where_somebody_asks(export, look):
    assert "Patient/p50" not in look(export).canonical().decode()
    shown = look(export, show_ids=True)
    assert "Patient/p50" in " ".join(shown.references[0].examples)
    assert "Observation/o1990" in " ".join(next(k for k in shown.types if k.name == "Observation").repeated)


def manifest(export, *items, request="https://server.example/fhir/$export"):
    path = export / "manifest.json"
    path.write_text(
        json.dumps({"transactionTime": "2026-01-01T00:00:00Z", "request": request, "output": items})
    )
    return path


def item(kind, name, count=None):
    found = {"type": kind, "url": f"https://files.example/deep/{name}"}
    return found if count is None else {**found, "count": count}


def test_a_manifest_is_held_against_its_files(export, look):
    manifest(
        export,
        item("Patient", "Patient.ndjson", 501),
        item("Condition", "Observation.ndjson", 2000),
        item("Patient", "lost.ndjson"),
    )
    errors = look(export).errors
    assert "Patient.ndjson: the manifest says 501 resources, 500 are there" in errors
    assert "Observation.ndjson: the manifest says Condition, but 2,000 Observation are there" in errors
    assert any(error.startswith("lost.ndjson: file cannot be read to its end") for error in errors)


def test_a_reference_by_the_server_s_own_address_is_resolved(export, look):
    own = [
        {**next(observations(1, 2, 5)), "subject": {"reference": "https://server.example/fhir/Patient/p1"}}
    ]
    (export / "own.ndjson").write_bytes(ndjson(own))
    manifest(export, item("Observation", "own.ndjson"), item("Patient", "Patient.ndjson"))
    found = look(export)
    assert [(cell.references, cell.dangling) for cell in found.references] == [(1, 0)]
    assert not found.elsewhere
    manifest(export, item("Observation", "own.ndjson"), request="https://other.example/$export")
    assert [(one.form, one.count) for one in look(export).elsewhere] == [("another server", 1)]


@pytest.mark.parametrize("url", ["https://files.example/../..%2Fetc%2Fpasswd", "https://files.example/", 7])
def test_a_manifest_leads_to_no_file_but_those_beside_it(export, url):
    path = manifest(export, {"type": "Patient", "url": url})
    with pytest.raises(UsageError):
        found_at(str(path))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"output": {}}', b'{"output": []}', b"{", b"\xff"])
def test_a_broken_manifest_is_told(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(UsageError, match="manifest"):
        found_at(str(tmp_path))


def of_kind(found, kind):
    return [trouble for file in found.files for trouble in file.troubles if trouble.kind == kind]


def test_a_truncated_gzip_file_is_told_and_judged_as_far_as_it_goes(export, look):
    whole = gzip.compress(ndjson(observations(0, 5000, 500)), mtime=0)
    (export / "cut.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    found = look(export)
    (trouble,) = of_kind(found, "file cannot be read to its end")
    assert "ends in the middle" in trouble.places[0].why
    assert 0 < next(file for file in found.files if file.name == "cut.ndjson.gz").resources < 5000
    assert not of_kind(found, "not JSON")


def test_several_gzip_members_are_one_file(export, look):
    parts = [gzip.compress(ndjson(patients(600, 700))), gzip.compress(ndjson(patients(700, 750)))]
    (export / "members.ndjson.gz").write_bytes(b"".join(parts))
    assert next(file for file in look(export).files if file.name == "members.ndjson.gz").resources == 150


def test_a_gzip_bomb_ends_early(export, look, monkeypatch):
    monkeypatch.setattr(export_reading, "MOST_UNPACKED_FREELY", 2**22)
    with gzip.open(export / "bomb.ndjson.gz", "wb") as stream:
        for _ in range(64):
            stream.write(b"\n" * 2**20)
    found = look(export)
    (trouble,) = of_kind(found, "file cannot be read to its end")
    assert "200 times its size" in trouble.places[0].why
    assert next(file for file in found.files if file.name == "bomb.ndjson.gz").length < 2**24


def test_an_id_of_megabytes_and_a_line_over_the_limit_are_borne(export, look):
    with (export / "long.ndjson").open("wb") as stream:
        stream.write(ndjson([{"resourceType": "Patient", "id": "7" * 10_000_000}]))
        stream.write(b'{"resourceType": "Patient", "id": "x", "text": "')
        for _ in range(70):
            stream.write(b"y" * 2**20)
        stream.write(b'"}\n')
        stream.write(ndjson(patients(900, 901)))
    found = look(export)
    assert [trouble.count for trouble in of_kind(found, "line too long")] == [1]
    assert next(file for file in found.files if file.name == "long.ndjson").resources == 2


def test_a_file_that_grows_while_it_is_read_is_told(export, look, monkeypatch):
    real = export_reading.opened

    def growing(file, start=0):
        if file.name == "Patient.ndjson":
            with Path(file.where).open("ab") as stream:
                stream.write(ndjson(patients(999, 1000)))
        return real(file, start)

    monkeypatch.setattr(export_reading, "opened", growing)
    (trouble,) = of_kind(look(export), "file cannot be read to its end")
    assert "changed while it was read" in trouble.places[0].why


class Bare:
    """A file of a storage: it can be read and sought, and no more."""

    def __init__(self, stream):
        self._stream = stream

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()

    def read(self, size):
        return self._stream.read(size)

    def seek(self, place):
        return self._stream.seek(place)


def test_reading_and_seeking_is_all_that_a_file_needs(export, look, monkeypatch):
    whole = look(export, show_ids=True)
    real = export_reading.opened

    def opened(file, start=0):
        return Bare(real(file, start))

    monkeypatch.setattr("conformance.outside.export_reading.opened", opened)
    monkeypatch.setattr("conformance.outside.example_texts.opened", opened)
    assert look(export, show_ids=True) == whole


def test_many_small_files_are_read(tmp_path, look):
    folder = tmp_path / "many"
    folder.mkdir()
    for number, patient in enumerate(patients(0, 400)):
        (folder / f"{number}.ndjson").write_bytes(ndjson([patient]))
    assert look(folder).resources == 400


def test_nothing_to_read_is_told(tmp_path, look):
    with pytest.raises(UsageError, match="no NDJSON"):
        look(tmp_path)
    (tmp_path / "Patient.ndjson").write_bytes(b"")
    assert "there is no resource in any file" in look(tmp_path).errors


PROGRAM = """
import sys
from pathlib import Path
from conformance.session import inspect as module, inspection_workers
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings
inspection_workers.SMALL = 0
order = module.Order(files=found_at(sys.argv[1]).files, work=Path(sys.argv[2]), settings=Settings(validate=False),
    chunk=200_000, workers=int(sys.argv[3]))
if __name__ == "__main__":
    print(module.inspect(order, lambda task: print("done", flush=True)).canonical().decode())
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_after_kill_9_it_goes_on_and_comes_to_the_same_bytes(export, look, tmp_path, workers):
    (export / "large.ndjson").write_bytes(ndjson(observations(5000, 45_000, 500)))
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(export), str(tmp_path / "work"), str(workers)]
    undisturbed = look(export, chunk=200_000).canonical().decode()
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    for _ in range(3):
        assert first.stdout.readline() == "done\n"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    first.stdout.close()
    (area,) = (tmp_path / "work").iterdir()
    kept = {path.name: path.stat().st_mtime_ns for path in area.glob("*.json")}
    assert len(kept) >= 3
    second = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert second.stdout.splitlines()[-1] == undisturbed
    assert not area.exists()


def test_what_was_done_is_not_done_again(export, look, tmp_path, monkeypatch):
    whole = look(export, chunk=10_000, keep=True)
    (area,) = (tmp_path / "work").iterdir()
    last = max(area.glob("*.json"))
    last.unlink()
    examined = Counter()
    from conformance.session import inspection_working

    real = inspection_working.examine
    monkeypatch.setattr(
        inspection_working, "examine", lambda *args, **more: examined.update(["chunk"]) or real(*args, **more)
    )
    assert look(export, chunk=10_000) == whole
    assert examined["chunk"] == 1


def test_a_file_that_was_written_anew_is_read_anew(export, look):
    look(export, keep=True)
    time.sleep(0.01)
    (export / "Patient.ndjson").write_bytes(ndjson(patients(0, 500, gender="male")))
    assert look(export).canonical() == look(export).canonical()


def test_a_full_disk_is_told_and_nothing_is_lost(export, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import sys\nfrom conformance.cli.main import main\nmain(sys.argv[1:])\n"
    )
    work = ["--work", str(tmp_path / "work"), "--no-validate", "--quiet", "--workers", "1"]
    full = subprocess.run(
        # without -B the limit would cut compiled modules as well, which later processes would then read
        [sys.executable, "-B", str(program), "inspect", str(export), *work],
        capture_output=True,
        text=True,
        check=False,
    )
    assert full.returncode == 3
    assert "Traceback" not in full.stderr
    assert "work area" in full.stderr
