"""A signed rehearsal is verified: who signed, that it is the very report, and that it passed and still counts."""

import datetime as dt
import json
import shutil

import pytest
from whole_runs import command

from conformance.model.rehearsal import Rehearsal
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.outside import keys
from conformance.session.rehearsal import Rehearsing, verify_rehearsal
from conformance.session.rehearsal.publishing import publish

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def signed(tmp_path_factory, reference_supplier):
    """The folder of a rehearsal that the command made, with the public key beside it."""
    place = tmp_path_factory.mktemp("signed")
    key = place / "key.pem"
    assert command("keygen", key, "--unencrypted") == 0
    target = reference_supplier.target_file
    options = ("--key", key, "--allow-unencrypted-key", "--yes", "--quiet")
    assert command("rehearse", target, "--out", place / "rehearsal", *options) == 0
    return place / "rehearsal"


@pytest.fixture
def folder(signed, tmp_path):
    return shutil.copytree(signed, tmp_path / "copy")


def trusting(signed, role=TrustRole.BUYER):
    public = keys.public_path(signed.parent / "key.pem")
    pem = keys.read_public(public)
    key_id = json.loads((signed / "rehearsal.dsse.json").read_bytes())["signatures"][0]["keyid"]
    return Trust(keys=(TrustedKey(id=key_id, pem=pem, name="The buyer", roles=(role,)),))


def failing(done):
    return [step.name for step in done.steps if step.exit_code]


def test_what_was_signed_is_verified_only_where_a_rehearsal_is_asked_for(signed, tmp_path, capsys):
    trust = tmp_path / "trust.toml"
    public = keys.public_path(signed.parent / "key.pem")
    assert command("trust", "add", public, "--name", "The buyer", "--role", "buyer", "--trust", trust) == 0
    capsys.readouterr()
    assert command("verify", signed, "--trust", trust) == 2, "it stands for no report"
    assert "--require rehearsal" in capsys.readouterr().err
    assert command("verify", signed, "--require", "rehearsal", "--trust", trust) == 0
    told = capsys.readouterr().out
    assert "AUTHENTIC: exit rehearsal PASSED" in told
    assert "Nothing was recomputed" in told


def test_a_trusted_signature_counts_until_the_rehearsal_runs_out(signed):
    trust = trusting(signed)
    done = verify_rehearsal(signed, trust, NOW)
    assert (done.exit_code, done.rehearsal.result) == (0, "passed")
    late = verify_rehearsal(signed, trust, NOW + dt.timedelta(days=367))
    assert (late.exit_code, failing(late), late.authentic) == (3, ["times"], True)


@pytest.mark.parametrize("name", ["rehearsal.json", "rehearsal.dsse.json"])
def test_one_changed_byte_is_refused(folder, signed, name):
    data = bytearray((folder / name).read_bytes())
    place = data.index(b'"') + 2
    data[place] ^= 1
    (folder / name).write_bytes(data)
    done = verify_rehearsal(folder, trusting(signed), NOW)
    assert done.exit_code in {1, 2}
    assert not done.authentic


def test_another_report_under_the_same_signature_is_refused(folder, signed):
    report = json.loads((folder / "rehearsal.json").read_bytes())
    report["counted"]["Patient"] += 1
    (folder / "rehearsal.json").write_text(json.dumps(report), "utf-8")
    assert failing(verify_rehearsal(folder, trusting(signed), NOW)) == ["files"]


def test_the_suppliers_own_signature_carries_no_rehearsal(signed):
    done = verify_rehearsal(signed, trusting(signed, TrustRole.SUPPLIER), NOW)
    assert failing(done) == ["keys"]


def test_an_unsigned_rehearsal_is_nobodys(folder, signed):
    (folder / "rehearsal.dsse.json").unlink()
    assert failing(verify_rehearsal(folder, trusting(signed), NOW)) == ["envelope"]


def test_a_signature_of_nobody_who_is_trusted_is_told(signed):
    assert failing(verify_rehearsal(signed, Trust(), NOW)) == ["signatures"]


def test_a_signed_failure_is_authentic_and_no_pass(signed, tmp_path):
    report = Rehearsal.read((signed / "rehearsal.json").read_bytes()).model_copy(update={"result": "failed"})
    signer = keys.load(str(signed.parent / "key.pem"), lambda: b"", allow_unencrypted=True)
    out = tmp_path / "failed"
    order = Rehearsing(None, tmp_path, out, lambda _: True, lambda _: None, signer=signer)
    publish(order, report)
    done = verify_rehearsal(out, trusting(signed), NOW)
    assert (done.exit_code, failing(done), done.authentic) == (3, ["expectations"], True)
