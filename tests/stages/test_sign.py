import base64
import json
import shutil
import subprocess

import pytest
from signed_run import a_run, new_key

from conformance.errors import UsageError
from conformance.model.attestation import PAYLOAD_TYPE, REPORT_PREDICATE, STATEMENT_TYPE
from conformance.model.base import canonical
from conformance.model.dsse import pae
from conformance.stages.sign import countersign, sign


def test_pae_is_the_example_of_the_specification():
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_payload_is_a_canonical_statement_about_every_file(tmp_path):
    run = a_run(tmp_path)
    envelope = json.loads(run.signed(new_key()))
    payload = base64.b64decode(envelope["payload"], validate=True)
    statement = json.loads(payload)
    assert payload == canonical(statement)
    assert envelope["payloadType"] == PAYLOAD_TYPE
    assert (statement["_type"], statement["predicateType"]) == (STATEMENT_TYPE, REPORT_PREDICATE)
    assert [subject["name"] for subject in statement["subject"]] == sorted(run.subjects)
    assert {s["name"]: s["digest"] for s in statement["subject"]} == {
        name: {"sha256": digest} for name, digest in run.subjects.items()
    }


def test_the_predicate_says_it_all_without_defaults(tmp_path):
    predicate = a_run(tmp_path).statement(valid_until="2027-11-22T00:00:00Z").predicate
    assert predicate["formatVersion"] == "1"
    assert predicate["result"] == "PASSED"
    assert predicate["runner"]["role"] == "independent-lab"
    assert predicate["dataClass"] == "live"
    assert predicate["target"]["environment"] == "sandbox"
    assert predicate["validUntil"] == "2027-11-22T00:00:00Z"
    assert predicate["requirements"] == [
        {
            "id": "R-1",
            "level": "SHALL",
            "method": "automated",
            "outcome": "pass",
            "met": True,
            "advisory": "",
            "because": "",
            "waiver": None,
            "lapsed": False,
            "evidence": [{"id": "x1", "sha256": "a" * 64}],
        }
    ]


def test_openssl_alone_can_check_the_signature(tmp_path):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    signer = new_key()
    envelope = json.loads(a_run(tmp_path / "run").signed(signer))
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    files = {name: tmp_path / name for name in ("key.pem", "message", "signature")}
    files["key.pem"].write_text(signer.public_pem)
    files["message"].write_bytes(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
    files["signature"].write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", files["key.pem"], "-rawin"]
    command += ["-in", files["message"], "-sigfile", files["signature"]]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    files["message"].write_bytes(files["message"].read_bytes().replace(b"PASSED", b"FAILED", 1))
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_one_key_signs_once(tmp_path):
    first, second = new_key(), new_key()
    envelope = sign(a_run(tmp_path).statement(), first)
    twice = countersign(countersign(envelope, second), first)
    assert sorted(s.keyid for s in twice.signatures) == sorted([first.keyid, second.keyid])


def test_an_unfinished_run_is_not_signed(tmp_path):
    with pytest.raises(UsageError, match="finished_at") as told:
        a_run(tmp_path, finished_at="").statement()
    assert told.value.hint == (
        "A run without an end time was interrupted; finish it with `conformance run --resume FOLDER`."
    )


def test_a_run_without_its_evidence_is_not_signed(tmp_path):
    run = a_run(tmp_path)
    for name in ("evidence.jsonl", "report.json"):
        (tmp_path / name).unlink()
    with pytest.raises(UsageError, match=r"^the run has no \S+ and no \S+, so it cannot be signed$") as told:
        run.statement()
    assert "evidence.jsonl" in str(told.value)
    assert told.value.hint == "Finish the run first: `conformance run --resume FOLDER`."


def test_report_and_record_of_different_runs_are_not_signed_together(tmp_path):
    run = a_run(tmp_path)
    run.record = run.record.model_copy(update={"run_id": "run-2"})
    with pytest.raises(UsageError, match="run-2") as told:
        run.statement()
    assert told.value.hint == "Sign a run folder as the harness wrote it, with all its files."
