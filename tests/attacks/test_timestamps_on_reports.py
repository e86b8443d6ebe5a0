"""Time stamps by an authority of our own: a key that ends later does not undo a report that was stamped before."""

import datetime as dt

import pytest
from attack_stage import LAB, STRANGER, SUPPLIER, Stage, copied, prepared, signed
from stamping import OPENSSL, authority, certificates
from whole_runs import command

from conformance.model.trust import Trust
from conformance.outside import trust
from conformance.outside.timestamps import NotStamped, available, stamped_at
from conformance.session.verifying import Reader

pytestmark = pytest.mark.skipif(
    not (OPENSSL and available()), reason="needs openssl and the extra [timestamp]"
)
LATER = dt.timedelta(days=800)


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("tsa") / "it") as it:
        yield it


@pytest.fixture(scope="module")
def stamped(clock, tmp_path_factory):
    root = prepared(tmp_path_factory.mktemp("stamped") / "run")
    assert command("timestamp", root, "--authority", clock.url) == 0
    return root


@pytest.fixture
def stage(stamped, tmp_path):
    return Stage(copied(stamped, tmp_path / "run"))


def stamp_file(stage, key=LAB):
    return stage.root / f"{key.keyid[:16]}.tsr"


def outcome(stage, *roots):
    stage.authorities = roots
    return stage.outcome()


def test_a_key_that_ended_after_the_stamp_still_counts(stage, clock):
    for limits in (
        {"valid_until": (stage.now + LATER / 2).date()},
        {"revoked": (stage.now + LATER / 2).date()},
    ):
        stage.limit(LAB, **limits)
        stage.now = stage.finished + LATER
        assert outcome(stage)[:2] == ("signatures", 1)
        step, code, found = outcome(stage, clock.root)
        assert (step, code) == ("", 0)
        assert "time-stamped at" in found.steps[-1].detail
        assert "after it was time-stamped" in found.steps[1].detail
        stage.now = dt.datetime.now(dt.UTC)


def test_a_key_that_had_ended_before_the_stamp_does_not_count(stage, clock):
    stage.limit(LAB, revoked=(stage.now - dt.timedelta(days=1)).date())
    assert outcome(stage, clock.root)[:2] == ("signatures", 1)


def test_a_stamp_by_an_authority_that_is_not_trusted_is_told_and_counts_for_nothing(stage, tmp_path):
    stage.limit(LAB, valid_until=(stage.now + LATER / 2).date())
    stage.now += LATER
    other = certificates(tmp_path / "other")
    assert outcome(stage, other)[:2] == ("signatures", 1)
    stage.now -= LATER
    step, code, found = outcome(stage, other)
    assert (step, code) == ("", 0)
    assert found.unread[0].startswith(stamp_file(stage).name)


def test_a_stamp_on_another_signature_counts_for_nothing(stage, clock):
    """The supplier's old stamp does not make a stolen key of the laboratory count."""
    signed(stage.folder, LAB, SUPPLIER)
    stamp_file(stage).rename(stamp_file(stage, SUPPLIER))
    stage.limit(LAB, revoked=(stage.now + LATER / 2).date())
    stage.now += LATER
    assert outcome(stage, clock.root)[:2] == ("signatures", 1)


def test_a_changed_stamp_counts_for_nothing(stage, clock):
    stage.limit(LAB, valid_until=(stage.now + LATER / 2).date())
    stage.now += LATER
    data = stamp_file(stage).read_bytes()
    for place in range(0, len(data), 97):
        stamp_file(stage).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert outcome(stage, clock.root)[1] == 1, place


def test_a_stamp_is_over_one_signature_and_by_one_root(clock, stamped, tmp_path):
    answer = next(stamped.glob("*.tsr")).read_bytes()
    with pytest.raises(NotStamped):
        stamped_at(answer, b"another signature", (clock.root,))
    with pytest.raises(NotStamped, match="names no time stamp authority"):
        stamped_at(answer, b"", ())
    with pytest.raises(NotStamped):
        stamped_at(b"nothing", b"", (clock.root,))


def test_what_is_no_stamp_is_not_kept(tmp_path, stamped, capsys):
    run = copied(stamped, tmp_path / "run")
    assert command("timestamp", run, "--authority", "http://127.0.0.1:9/") == 2
    assert "time-stamped already" in capsys.readouterr().err
    stamp = next(run.glob("*.tsr"))
    old = stamp.read_bytes()
    for spoil, said in ((lambda _: b"hello", "no time stamp"), (lambda _: old, "something else")):
        stamp.unlink(missing_ok=True)
        with authority(tmp_path / said.replace(" ", "-"), spoil) as bad:
            assert command("timestamp", run, "--authority", bad.url) == 4
        assert said in capsys.readouterr().err
        assert not stamp.exists()
    assert command("timestamp", run, "--authority", "http://127.0.0.1:9/") == 4
    assert command("timestamp", run, "--authority", "ftp://127.0.0.1/") == 2
    assert STRANGER.keyid[:16] not in "".join(path.name for path in run.iterdir())


def test_the_trust_file_names_the_authority(stage, clock, tmp_path):
    (tmp_path / "root.pem").write_text(clock.root, "ascii")
    (tmp_path / "root.pem").chmod(0o600)
    path = tmp_path / "trust.toml"
    path.write_text('[[timestamp_authority]]\nname = "Ours"\nfile = "root.pem"\n', "ascii")
    path.chmod(0o600)
    assert Reader(trust.load(path)).trust == Trust(authorities=(clock.root,), source=str(path))
