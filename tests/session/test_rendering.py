"""Views beside a run's record, and views made again from nothing but a verified record."""

import json
import zipfile

import pytest
from small_profiles import READING
from whole_runs import command, copied, finished_run

from conformance.views.kinds import KINDS

FILES = {kind.file for kind in KINDS.values() if kind.possible}


@pytest.fixture(scope="module")
def signed(reference_supplier, tmp_path_factory):
    """A signed run with its views, and the file that trusts its signer."""
    place = tmp_path_factory.mktemp("signed")
    trusted = place / "trust.toml"
    assert command("keygen", place / "key", "--unencrypted") == 0
    adding = ("--name", "Jo", "--role", "independent-lab", "--trust", trusted)
    assert command("trust", "add", place / "key.pub.pem", *adding) == 0
    key = ("--key", place / "key", "--allow-unencrypted-key", "--views", "all")
    return finished_run(place, reference_supplier.url, READING, *key), trusted


def test_a_run_has_its_views_in_a_folder_of_their_own_and_in_its_bundle(signed):
    run, _ = signed
    assert {path.name for path in (run / "views").iterdir()} == FILES
    with zipfile.ZipFile(run / "run.conformance.zip") as bundle:
        assert {f"views/{name}" for name in FILES} <= set(bundle.namelist())
    statement = json.loads((run / "report.dsse.json").read_bytes())
    assert statement["signatures"]


def test_views_made_from_the_verified_record_are_those_that_the_run_wrote(signed, tmp_path, capsys):
    run, trusted = signed
    code = command(
        "verify",
        run / "run.conformance.zip",
        "--trust",
        trusted,
        "--require",
        "authentic",
        "--render",
        tmp_path,
    )
    assert code == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (run / "views" / name).read_bytes()
    assert "Views of the verified report" in capsys.readouterr().out


def test_a_view_that_was_changed_is_not_believed(signed, tmp_path):
    run, trusted = signed
    copy = copied(run, tmp_path)
    (copy / "views" / "report.html").write_text("PASSED")
    arguments = (
        "--trust",
        trusted,
        "--require",
        "authentic",
        "--render",
        tmp_path / "new",
        "--views",
        "html",
    )
    assert command("verify", copy, *arguments) == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.html"]
    assert (tmp_path / "new" / "report.html").read_bytes() == (run / "views" / "report.html").read_bytes()


@pytest.mark.parametrize("changed", ["report.json", "evidence.jsonl"])
def test_nothing_is_made_of_what_is_not_authentic(signed, tmp_path, capsys, changed):
    run, trusted = signed
    copy = copied(run, tmp_path)
    (copy / changed).write_bytes((copy / changed).read_bytes() + b" ")
    code = command("verify", copy, "--trust", trusted, "--require", "authentic", "--render", tmp_path / "new")
    assert code == 1
    assert not (tmp_path / "new").exists()
    assert "No views were made: the report is not authentic" in capsys.readouterr().out


def test_only_the_views_that_were_asked_for_are_written(reference_supplier, tmp_path):
    run = finished_run(tmp_path, reference_supplier.url, READING, "--views", "junit,md")
    assert {path.name for path in (run / "views").iterdir()} == {"junit.xml", "summary.md"}
    assert b"UNSIGNED" in (run / "views" / "summary.md").read_bytes()


def test_signing_later_makes_the_views_that_are_there_again(reference_supplier, tmp_path):
    run = finished_run(tmp_path, reference_supplier.url, READING, "--views", "md")
    assert command("keygen", tmp_path / "key", "--unencrypted") == 0
    assert command("sign", run, "--key", tmp_path / "key", "--allow-unencrypted-key") == 0
    assert [path.name for path in (run / "views").iterdir()] == ["summary.md"]
    assert b"UNSIGNED" not in (run / "views" / "summary.md").read_bytes()


def test_a_kind_that_is_none_is_told_before_anything_is_sent(tmp_path, capsys):
    code = command(
        "run", "exit-core", "--url", "http://127.0.0.1:9/", "--views", "word", "--out", tmp_path / "run"
    )
    assert code == 2
    assert "no view named 'word'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
