"""Who verifies: the trust file, the statements that they give, and the releases that lie beside it."""

import datetime as dt
import hashlib
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.catalog import built_in
from conformance.errors import KeyFileError, Unreadable
from conformance.model.attestation import Expectations
from conformance.model.dsse import read_envelope
from conformance.model.trust import Trust, TrustRole
from conformance.outside import trust
from conformance.outside.keys import KeySigner
from conformance.outside.places import repositories
from conformance.outside.stored_run import opened
from conformance.session.tool import this_tool
from conformance.session.verifying import Reader, check, published, reader
from conformance.stages.verify import Given

EXAMPLE = Path(__file__).resolve().parents[2] / "reports" / "example"
NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


@pytest.fixture
def trust_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    key = KeySigner(Ed25519PrivateKey.generate())
    path = tmp_path / "trust" / "trust.toml"
    trust.append(path, trust.trusted_key(key.public_pem, "Lab", (TrustRole.LAB,)))
    return path


def test_a_reader_has_what_lies_beside_the_trust_file_and_what_is_given(trust_file, tmp_path):
    beside = trust_file.parent / "releases" / "a.dsse.json"
    learned = repositories() / "shop" / "withdrawals" / "b.dsse.json"
    given = tmp_path / "reply.dsse.json"
    for path, data in ((beside, b"one"), (learned, b"two"), (given, b"three")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found = reader(trust_file, [given], NOW)
    assert [key.name for key in found.trust.keys] == ["Lab"]
    assert found.given == (Given(str(given), b"three"),)
    assert found.received == NOW
    assert found.releases == (Given(str(beside), b"one"), Given("shop: b.dsse.json", b"two"))
    with opened(EXAMPLE) as run:
        brought = found.brought(run)
    assert brought.given == (*found.given, *found.releases)
    assert (brought.received, brought.stamped, brought.unread) == (NOW, {}, ())
    assert brought.tool == this_tool()


def test_a_reader_without_a_trust_file_trusts_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    found = reader(tmp_path / "trust.toml")
    assert (found.trust.keys, found.given, found.received, found.releases) == ((), (), None, ())
    with pytest.raises(KeyFileError):
        reader(tmp_path / "trust.toml", [tmp_path / "missing.dsse.json"])


def test_the_profile_that_comes_with_the_harness_goes_by_its_digest():
    version, digest = published("smart-backend-services")
    with opened(EXAMPLE) as run:
        suite = run.suite()
    assert version == suite.profile.version
    assert digest == hashlib.sha256(suite.profile.canonical()).hexdigest()
    assert published("no-such-profile") is None


def test_a_folder_of_something_else_is_no_run(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(Unreadable, match="is no run") as raised:
        check(tmp_path, Trust(), NOW, Expectations(), built_in())
    assert raised.value.hint == "Give the folder of a run or its .conformance.zip."
    assert tmp_path.name in str(raised.value)


def test_a_time_stamp_that_is_none_is_told_and_helps_nobody(tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(EXAMPLE, copy)
    (signature,) = read_envelope((copy / "report.dsse.json").read_bytes()).signatures
    name = f"{signature.keyid[:16]}.tsr"
    (copy / name).write_bytes(b"no time stamp")
    with opened(copy) as run:
        brought = Reader(Trust()).brought(run)
    assert brought.stamped == {}
    assert [said.partition(":")[0] for said in brought.unread] == [name]


@pytest.mark.parametrize("by", [Trust(), Reader(Trust())])
def test_a_run_that_nobody_signed_is_verified_as_such(by, tmp_path):
    (tmp_path / "suite.json").write_bytes((EXAMPLE / "suite.json").read_bytes())
    found = check(tmp_path, by, NOW, Expectations(), built_in())
    assert found.exit_code != 0
