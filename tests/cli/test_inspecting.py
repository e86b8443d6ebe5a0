"""`conformance inspect` as its users call it."""

import json

import pytest

from conformance.cli.main import run


@pytest.fixture
def export(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"a","active":true}\n')
    return folder


def test_a_good_export_ends_with_0_and_leaves_nothing_behind(export, tmp_path, capsys):
    assert run(["inspect", str(export)]) == 0
    assert "NO ERROR FOUND" in capsys.readouterr().out
    assert not list((tmp_path / "cache").rglob("*.json"))


def test_errors_end_with_1_and_json_is_alone_on_stdout(export, capsys):
    (export / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"a","active":"yes"}\n')
    assert run(["inspect", str(export), "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert facts["errors"]
    assert facts["validated"] is True
    assert run(["inspect", str(export), "--no-validate"]) == 0


def test_a_page_is_written(export, tmp_path, capsys):
    assert run(["inspect", str(export), "--html", str(tmp_path / "page.html")]) == 0
    assert "No error found" in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["{export}", "--engine", "spark://x"],
        ["{export}", "--engine", "dask://127.0.0.1:1"],
        ["{export}", "--html", "/nowhere/page.html"],
        ["{export}", "--package", "no-such-package@1"],
        ["http://127.0.0.1:9/job"],
        ["http://[", "--json"],
        ["s3x://bucket/"],
    ],
)
def test_mistakes_are_told_in_one_line_and_end_with_2(export, arguments, capsys):
    given = [argument.format(export=export) for argument in arguments]
    assert run(["inspect", *given]) == 2
    assert "Traceback" not in capsys.readouterr().err
