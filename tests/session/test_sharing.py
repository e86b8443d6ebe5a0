"""Shares of a run's failures, and its exchanges as an HTTP Archive."""

import base64
import hashlib
import json
import shutil
import zipfile

import pytest
from small_profiles import READING
from whole_runs import command, finished_run

from conformance.model.base import compact
from conformance.outside.bundle import bundle
from conformance.outside.folders import RunFolder

WRONG = READING.replace("code: 404", "code: 418")
"""A profile that nobody fulfils."""


@pytest.fixture(scope="module")
def failed(reference_supplier, tmp_path_factory):
    """A signed run in which something failed, and the file that trusts its signer."""
    assert WRONG != READING
    place = tmp_path_factory.mktemp("failed")
    trusted = place / "trust.toml"
    assert command("keygen", place / "key", "--unencrypted") == 0
    adding = ("--name", "Jo", "--role", "independent-lab", "--trust", trusted)
    assert command("trust", "add", place / "key.pub.pem", *adding) == 0
    key = ("--key", place / "key", "--allow-unencrypted-key")
    return finished_run(place, reference_supplier.url, WRONG, *key), trusted


@pytest.fixture
def shared(failed, tmp_path):
    assert command("share", failed[0], "--failures-only", "--out", tmp_path / "share.zip") == 0
    return tmp_path / "share.zip"


def unpacked(zipped, folder):
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    return folder


def changed(zipped, change):
    """The share with something changed in it."""
    folder = unpacked(zipped, zipped.parent / "changed")
    change(folder)
    return bundle(folder, zipped.parent / "changed.zip")


def verdict(path, failed, *options):
    return command("verify", path, "--trust", failed[1], "--require", "partial", *options)


def test_a_share_holds_the_records_of_failures_by_the_digests_that_verdicts_name(failed, shared, tmp_path):
    folder = unpacked(shared, tmp_path / "it")
    report = RunFolder(failed[0]).report()
    wanted = {
        reference.sha256
        for requirement in report.requirements
        for case in requirement.verdicts
        if case.outcome == "fail"
        for reference in case.evidence
    }
    lines = (folder / "records.jsonl").read_bytes().splitlines()
    assert {hashlib.sha256(line).hexdigest() for line in lines} == wanted
    assert len(lines) < sum(len(step.exchanges) for step in RunFolder(failed[0]).finished_steps())
    assert not (folder / "evidence.jsonl").exists()
    assert list((folder / "bodies").iterdir())


def test_a_share_is_verified_as_part_of_a_run_and_says_so(failed, shared, capsys):
    assert verdict(shared, failed) == 0
    said = capsys.readouterr().out
    assert "PARTIAL: " in said
    assert "nothing was judged anew" in said
    assert "AUTHENTIC: FAILED" in said


@pytest.mark.parametrize("require", ["passed", "authentic"])
def test_a_share_never_stands_for_a_whole_run(failed, shared, require):
    assert command("verify", shared, "--trust", failed[1], "--require", require) == 3


def test_no_views_are_made_of_a_share(failed, shared, tmp_path, capsys):
    verdict(shared, failed, "--render", tmp_path / "views")
    assert not (tmp_path / "views").exists()
    assert "a share is part of a run only" in capsys.readouterr().out


def test_a_run_that_is_dressed_as_a_share_is_never_authentic_as_a_whole(failed, tmp_path):
    copy = shutil.copytree(failed[0], tmp_path / "copy")
    (copy / "evidence.jsonl").unlink()
    (copy / "share.json").write_text('{"format":"1","share":"failures"}')
    (copy / "records.jsonl").write_bytes(b"")
    assert command("verify", copy, "--trust", failed[1], "--require", "authentic") == 3


def record_changed(folder):
    lines = (folder / "records.jsonl").read_bytes().splitlines()
    first = json.loads(lines[0])
    lines[0] = compact(first | {"status": 200, "elapsedMs": 1})
    (folder / "records.jsonl").write_bytes(b"\n".join(lines) + b"\n")


def body_changed(folder):
    one = next((folder / "bodies").iterdir())
    one.write_bytes(one.read_bytes() + b"x")


@pytest.mark.parametrize(
    "change",
    [
        record_changed,
        body_changed,
        lambda folder: (folder / "report.json").write_bytes((folder / "report.json").read_bytes() + b" "),
        lambda folder: (folder / "suite.json").unlink(),
        lambda folder: (folder / "other.json").write_text("{}"),
        lambda folder: (folder / "report.dsse.json").unlink(),
    ],
)
def test_what_is_not_of_the_signed_run_is_refused(failed, shared, change):
    assert verdict(changed(shared, change), failed) == 1


def test_records_that_are_left_out_are_told(failed, shared, capsys):
    made = changed(shared, lambda folder: (folder / "records.jsonl").write_bytes(b""))
    assert verdict(made, failed) == 0
    assert "and 0 of the " in capsys.readouterr().out


@pytest.mark.parametrize("text", ['{"share":"failures","format":"2"}', "[", '{"share":"all"}'])
def test_a_share_of_another_form_is_not_read(failed, shared, text):
    assert verdict(changed(shared, lambda folder: (folder / "share.json").write_text(text)), failed) == 2


def test_mistakes_are_told(failed, reference_supplier, shared, tmp_path, capsys):
    run = failed[0]
    assert command("share", run, "--out", tmp_path / "a.zip") == 2
    assert command("share", run, "--failures-only", "--out", shared) == 2
    (tmp_path / "sound").mkdir()
    unsigned = finished_run(tmp_path / "sound", reference_supplier.url)
    assert command("share", unsigned, "--failures-only", "--out", tmp_path / "b.zip") == 2
    said = capsys.readouterr().err
    for part in ("--failures-only", "there is something at", "is not signed"):
        assert part in said


def test_all_exchanges_are_exported_with_their_digests_and_bodies(failed, tmp_path):
    assert command("har", failed[0], "--out", tmp_path / "run.har") == 0
    log = json.loads((tmp_path / "run.har").read_bytes())["log"]
    exchanges = [exchange for step in RunFolder(failed[0]).finished_steps() for exchange in step.exchanges]
    assert log["version"] == "1.2"
    assert len(log["entries"]) == len(exchanges) > 3
    by_id = {entry["_exchange"]: entry for entry in log["entries"]}
    for exchange in exchanges:
        entry = by_id[exchange.id]
        assert entry["_sha256"] == hashlib.sha256(compact(exchange.plain())).hexdigest()
        assert (entry["request"]["method"], entry["request"]["url"]) == (exchange.method, exchange.url)
        assert entry["response"]["status"] == exchange.status
        assert entry["startedDateTime"] == exchange.at
        content = entry["response"]["content"]
        if exchange.body:
            kept = content["text"]
            data = base64.b64decode(kept) if content.get("encoding") else kept.encode()
            assert hashlib.sha256(data).hexdigest() == exchange.body.sha256
        for member in ("cookies", "headers", "headersSize", "bodySize", "httpVersion"):
            assert member in entry["request"]
            assert member in entry["response"]


def test_the_archive_comes_from_a_bundle_too(failed, capsys):
    assert command("har", failed[0] / "run.conformance.zip") == 0
    assert json.loads(capsys.readouterr().out)["log"]["creator"]["name"] == "conformance-harness"
