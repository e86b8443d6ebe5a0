"""What a signed run is made of: its files in their one form, its profile, and the keys that count for it."""

import datetime as dt
import json

import pytest
from signed_run import NOW, a_run, new_key, trusting

from conformance.model.attestation import StepOutcome
from conformance.model.base import sha256
from conformance.model.report import Runner
from conformance.model.target import TargetCard
from conformance.model.trust import TrustRole
from conformance.stages.sign import sign, statement
from conformance.stages.verify.brought import Brought

LAB, OTHER = new_key(), new_key()
TRUSTED = trusting(LAB)


def step(found, name):
    return next(step for step in found.steps if step.name == name)


def failed(found):
    return [s.name for s in (*found.steps, found.verdict) if s.outcome is StepOutcome.FAIL]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("report.json", lambda data: data + b"\n", "report.json is not in its canonical form"),
        ("suite.json", lambda data: b" " + data, "suite.json is not in its canonical form"),
        ("run.json", lambda data: data[:-1], "run.json is not strict JSON"),
        (
            "report.json",
            lambda data: data.replace(b'"result":"PASSED"', b'"result":"FAILED","result":"PASSED"', 1),
            "report.json is not strict JSON",
        ),
        ("report.json", lambda data: data.replace(b'"runId"', b'"runIds"', 1), "report.json is malformed"),
        ("report.json", lambda _: b"[]", "report.json is malformed"),
        (
            "suite.json",
            lambda data: json.dumps(json.loads(data) | {"format": "2"}).encode(),
            "suite.json has format '2'",
        ),
        (
            "report.json",
            lambda data: json.dumps(json.loads(data) | {"format": "2", "novel": 1}).encode(),
            "report.json has format '2'",
        ),
    ],
)
def test_a_file_that_can_be_read_in_two_ways_is_refused_though_signed(tmp_path, name, change, said):
    run = a_run(tmp_path)
    run.signed(LAB)
    path = tmp_path / name
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    found = run.verified(signed_as_it_lies(run), TRUSTED)
    assert (failed(found), found.exit_code) == (["files"], 1)
    assert said in step(found, "files").detail


def signed_as_it_lies(run) -> bytes:
    """The run's statement, about the files as they now lie there, signed by the lab."""
    lying = run.subjects
    stated = statement(run.report, run.record, lying)
    return sign(stated, LAB).canonical()


@pytest.mark.parametrize(
    ("version", "same", "outcome"),
    [
        ("1.0.0", True, StepOutcome.OK),
        ("1.0.0", False, StepOutcome.FAIL),
        ("0.9.0", False, StepOutcome.WARN),
        ("2.0.0", True, StepOutcome.OK),
    ],
)
def test_a_profile_is_held_against_the_one_of_its_name_that_comes_with_the_harness(
    tmp_path, version, same, outcome
):
    run = a_run(tmp_path)
    digest = run.suite.profile_digest if same else "0" * 64
    brought = Brought(published={"sample": (version, digest)}.get)
    found = run.verified(run.signed(LAB), TRUSTED, brought=brought)
    assert step(found, "profile").outcome is outcome
    assert found.exit_code == (3 if outcome is StepOutcome.FAIL else 0)
    said = step(found, "profile").detail
    if outcome is StepOutcome.FAIL:
        assert "it is not the sample" in said
        assert digest in said
    if outcome is StepOutcome.WARN:
        assert f"{version} comes with this harness: what 1.0.0 asks was not compared" in said


@pytest.mark.parametrize("which", ["the suite", "the report"])
def test_whoever_pins_another_profile_is_named(tmp_path, which):
    run = a_run(tmp_path)
    if which == "the suite":
        run.suite = run.suite.model_copy(update={"profile_digest": "0" * 64})
        run.report = run.report.model_copy(update={"suite_digest": sha256(run.suite.canonical())})
    else:
        other = run.report.profile.model_copy(update={"digest": "0" * 64})
        run.report = run.report.model_copy(update={"profile": other})
    found = run.write().verified(run.signed(LAB), TRUSTED)
    assert (failed(found), found.exit_code) == (["profile"], 1)
    assert step(found, "profile").detail.startswith(which)


@pytest.mark.parametrize("only_embedded", [True, False])
def test_a_key_that_counts_for_the_embedded_supplier_only_is_told_as_one(tmp_path, only_embedded):
    target = TargetCard(endpoint="http://127.0.0.1:8080", embedded=True)
    run = a_run(tmp_path, target=target, runner=Runner())
    key = trusting(LAB, TrustRole.SELF, only_embedded=only_embedded)
    found = run.verified(run.signed(LAB), key)
    assert found.exit_code == 0
    assert ("embedded supplier only" in step(found, "signatures").detail) == only_embedded
    assert found.signers[0].only_embedded == only_embedded


@pytest.mark.parametrize("change", [{"id": "b" * 64}, {"pem": "no key"}])
def test_a_trusted_key_that_is_not_what_it_is_called_is_not_used(tmp_path, change):
    run = a_run(tmp_path)
    found = run.verified(run.signed(LAB), TRUSTED.model_copy(update=change))
    assert (failed(found), found.exit_code) == (["signatures"], 1)
    assert "the trusted key 'Lab'" in step(found, "signatures").detail


@pytest.mark.parametrize(
    ("brought", "how"),
    [
        (Brought(received=NOW), "received"),
        (Brought(stamped={LAB.keyid: NOW}), "time-stamped"),
    ],
)
def test_a_key_that_ended_after_it_was_seen_still_counts_and_is_told(tmp_path, brought, how):
    run = a_run(tmp_path)
    key, later = trusting(LAB, valid_until=dt.date(2026, 12, 1)), NOW + dt.timedelta(days=30)
    data = run.signed(LAB)
    assert failed(run.verified(data, key, now=later)) == ["signatures"]
    found = run.verified(data, key, now=later, brought=brought)
    assert found.exit_code == 0
    assert step(found, "signatures").outcome is StepOutcome.WARN
    assert f"after it was {how}" in step(found, "signatures").detail
    early = run.verified(data, key, brought=brought)
    assert step(early, "signatures").outcome is StepOutcome.OK


def test_a_time_stamp_on_anothers_signature_helps_no_key(tmp_path):
    run = a_run(tmp_path)
    key, later = trusting(LAB, valid_until=dt.date(2026, 12, 1)), NOW + dt.timedelta(days=30)
    found = run.verified(run.signed(LAB), key, now=later, brought=Brought(stamped={OTHER.keyid: NOW}))
    assert "signatures" in failed(found)


@pytest.mark.parametrize("digest", [{}, {"sha512": "0" * 128}])
def test_a_subject_without_the_digest_that_is_read_here_matches_no_file(tmp_path, digest):
    run = a_run(tmp_path)
    run.signed(LAB)
    stated = statement(run.report, run.record, run.subjects)
    first, *rest = stated.subject
    bare = (first.model_copy(update={"digests": digest}), *rest)
    found = run.verified(sign(stated.model_copy(update={"subject": bare}), LAB).canonical(), TRUSTED)
    assert (failed(found), found.exit_code) == (["files"], 1)
