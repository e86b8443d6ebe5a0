"""`inspect` of exports whose words, names and manifests are not what anybody expects: right facts, no traceback."""

import json
import re
from dataclasses import replace

import pytest

from conformance.errors import ConformanceError, UsageError
from conformance.outside.example_texts import texts
from conformance.session import inspect as inspecting
from conformance.session.inspect import Order, inspect
from conformance.session.inspection_sources import base_of, found_at
from conformance.session.inspection_tasks import Settings


def patient(identity, **more):
    return {"resourceType": "Patient", "id": identity, **more}


@pytest.fixture
def export(tmp_path):
    def export(manifest=None, **files):
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, resources in files.items():
            lines = [json.dumps(resource) + "\n" for resource in resources]
            (folder / f"{name}.ndjson").write_text("".join(lines))
        if manifest is not None:
            (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder

    return export


@pytest.fixture
def look(tmp_path):
    def look(source, settings=Settings(validate=False), **options):  # noqa: B008 - frozen
        export = found_at(str(source))
        settings = replace(settings, bases=export.bases)
        return inspect(Order(files=export.files, work=tmp_path / "work", settings=settings, **options))

    return look


def words(found, kind):
    return {one.text: one.count for words in found.words if words.kind == kind for one in words.frequent}


@pytest.mark.parametrize("chunk", [60, 2**20])
def test_codes_that_are_written_alike_are_counted_alike_whatever_the_chunks_were(export, look, chunk):
    first = patient("1", x=[{"system": "urn|local", "code": "1"}])
    second = patient("2", x=[{"system": "urn", "code": "local|1"}] * 3)
    found = look(export(Patient=[first, second]), chunk=chunk)
    assert words(found, "code") == {"urn|local|1": 4}
    assert words(found, "code system") == {"urn": 3, "urn|local": 1}


def test_what_calls_itself_almost_a_patient_is_none(export, look):
    pretender = {"resourceType": "Patient/a", "id": "b"}
    found = look(export(Patient=[patient("c"), pretender, patient("a/b")]))
    assert {kind.name: (kind.resources, kind.ids, kind.repeats) for kind in found.types} == {
        "?": (1, 1, 0),
        "Patient": (2, 2, 0),
    }


def test_a_declared_type_that_fhir_does_not_know_has_no_ids_of_others(export, look):
    output = [{"type": "Invented", "url": "https://x.example/a.ndjson", "count": 3}]
    found = look(export({"output": output}, a=[{"resourceType": "Other", "id": "1"}] * 2))
    assert {kind.name: (kind.resources, kind.ids, kind.repeats, kind.declared) for kind in found.types} == {
        "?": (2, 1, 1, None),
        "Invented": (0, 0, 0, 3),
    }


def test_words_of_megabytes_are_cut_where_they_are_told(export, look):
    long = "x" * 3_000_000
    coded = patient(long, code={"system": "urn:s", "code": long}, extension=[{"url": f"urn:{long}"}])
    found = look(export(Patient=[coded, coded]), show_ids=True)
    assert found.types[0].repeats == 1
    assert len(json.dumps(found.plain())) < 10_000


@pytest.mark.parametrize("line", [b"[1]", b"7", b"{}", b"{", b'{"resourceType":7}'])
def test_a_file_that_changed_before_its_words_are_read_again_is_no_crash(export, look, monkeypatch, line):
    folder = export(Patient=[patient("1", x={"system": "urn:s", "code": "c"})])

    def late(files, *rest):
        (folder / "Patient.ndjson").write_bytes(line + b"\n")
        return texts(files, *rest)

    monkeypatch.setattr(inspecting, "texts", late)
    found = look(folder, show_ids=True)
    assert words(found, "code") == {}
    assert found.types[0].resources == 1


@pytest.mark.parametrize("output", [None, 5, "x", {}, [], [7], [None], [{"url": 7}]])
def test_a_manifest_whose_output_is_no_list_of_files_is_told(export, output):
    with pytest.raises(UsageError, match="manifest"):
        found_at(str(export({"output": output}) / "manifest.json"))


@pytest.mark.parametrize("chunk", [100, 2**20])
@pytest.mark.parametrize("second", ["https://x.example/a/P.ndjson", "https://x.example/b/P.ndjson"])
def test_a_file_that_a_manifest_lists_twice_is_counted_once_and_told(export, look, second, chunk):
    output = [{"type": "Patient", "url": url} for url in ("https://x.example/a/P.ndjson", second)]
    found = look(export({"output": output}, P=[patient(str(n)) for n in range(9)]), chunk=chunk)
    assert found.types[0].resources == 9
    assert found.types[0].repeats == 0
    (error,) = found.errors
    assert "same name" in error


def test_a_page_of_a_manifest_that_is_not_there_is_an_error(export, look):
    link = [{"relation": "next", "url": "https://x.example/page2"}]
    output = [{"type": "Patient", "url": "https://x.example/P.ndjson"}]
    (error,) = look(export({"output": output, "link": link}, P=[patient("1")])).errors
    assert "next page of the manifest" in error


def test_what_lies_beside_the_files_and_is_not_read_is_told(export, look):
    folder = export(P=[patient("1")])
    (folder / "Q.ndjson.zst").write_bytes(b"")
    found = found_at(str(folder))
    told = look(folder, passed=found.passed).not_looked_at
    assert any("Q.ndjson.zst" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("request_url", "bases"),
    [
        ("https://h.example/fhir/$export?_type=Patient", ("https://h.example/fhir",)),
        ("https://h.example/fhir/%24export", ("https://h.example/fhir",)),
        ("https://h.example/fhir/$export/", ("https://h.example/fhir",)),
        ("https://h.example/fhir/Patient/$export", ("https://h.example/fhir",)),
        ("https://h.example/fhir/Group/1/$export?x=/Group/", ("https://h.example/fhir",)),
        ("https://h.example/Group/fhir/v4/$export", ("https://h.example/Group/fhir/v4",)),
        ("Patient/$export", ()),
        ("/$export", ()),
        ("POST https://h.example/fhir/$export", ()),
        ("https://h.example/fhir/$export-poll", ()),
        (7, ()),
    ],
)
def test_the_base_of_the_server_is_read_from_the_kick_off_request(request_url, bases):
    assert base_of(request_url) == bases


def test_what_of_a_package_cannot_be_used_is_told(export, look, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "broken.json").write_text("{")
    found = look(export(Patient=[patient("1")]), Settings(packages=(str(package),)))
    assert any("broken.json" in sentence for sentence in found.not_looked_at)


def test_a_package_that_cannot_be_had_is_told_before_anything_is_read(export, look, tmp_path):
    with pytest.raises(ConformanceError, match=re.escape("absent@1.0")):
        look(export(Patient=[patient("1")]), Settings(packages=("absent@1.0",)))
    assert not list(tmp_path.glob("work/*/*.json"))


def test_what_was_judged_by_a_package_is_judged_anew_when_the_package_changes(export, look, tmp_path):
    folder, package = export(Patient=[patient("1")]), tmp_path / "package"
    package.mkdir()
    order = Order(found_at(str(folder)).files, tmp_path, Settings(packages=(str(package),)))
    before = order.area
    (package / "x.json").write_text('{"resourceType":"CodeSystem","url":"https://x.example/s"}')
    assert replace(order).area != before
    assert replace(order).area == replace(order).area


def test_half_a_character_is_told_since_no_two_readers_take_it_alike(export, look):
    odd = patient("a\ud800", code={"system": "urn:s", "code": "\udfff"})
    found = look(export(Patient=[odd, odd]), show_ids=True)
    assert "half of a character" in str(found.plain()), found.plain()
    assert words(found, "code") == {}
    assert found.canonical()
