"""The whole way by commands: trust, replies to a report, releases of its profile, and a look without verifying."""

import json
import shutil

import pytest
from small_profiles import READING
from whole_runs import command, finished_run

KEYS = {"lab": "independent-lab", "maker": "supplier", "body": "standards-body", "other": "standards-body"}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    place = tmp_path_factory.mktemp("keys")
    for name in KEYS:
        assert command("keygen", place / name, "--unencrypted") == 0
    return place


@pytest.fixture
def trusted(keyed, tmp_path):
    """A reader's trust file; each test has its own."""
    path = tmp_path / "trust" / "trust.toml"
    for name, role in KEYS.items():
        given = ("--name", name, "--role", role, "--trust", path)
        assert command("trust", "add", f"{keyed / name}.pub.pem", *given) == 0
    return path


@pytest.fixture(scope="module")
def original(reference_supplier, keyed, tmp_path_factory):
    place = tmp_path_factory.mktemp("signed")
    given = (*by(keyed, "lab"), "--nonce", "n-1")
    return finished_run(place, reference_supplier.url, READING, *given), place / "small.yaml"


@pytest.fixture
def run(original, tmp_path):
    return shutil.copytree(original[0], tmp_path / "run")


def by(keyed, name):
    return ("--key", keyed / name, "--allow-unencrypted-key")


def verdict(run, trusted, capsys, *options):
    capsys.readouterr()
    code = command("verify", run, "--trust", trusted, "--json", *options)
    return code, json.loads(capsys.readouterr().out)


def test_an_acknowledgement_and_a_dispute_stand_beside_the_report(run, trusted, keyed, capsys):
    assert (
        command("acknowledge", run, *by(keyed, "maker"), "--name", "Jo", "--organisation", "Maker Ltd") == 0
    )
    given = ("--name", "Jo", "--reason", "It was down.", "--requirement", "S-READ")
    assert command("dispute", run, *by(keyed, "maker"), *given) == 0
    for place in (run, run / "run.conformance.zip"):
        code, found = verdict(place, trusted, capsys)
        assert code == 0
        assert {each["kind"]: each["counts"] for each in found["beside"]} == {
            "acknowledgement": True,
            "dispute": True,
        }
    command("verify", run, "--trust", trusted)
    said = capsys.readouterr().out
    assert "DISPUTED: Jo, at" in said
    assert "Tested: PASSED (" in said
    assert "Attested: the profile has no such requirement" in said
    assert "A dispute or a newer report that was withheld from you cannot be seen here" in said


def test_a_reply_to_a_bundle_is_given_with_the_option(run, trusted, keyed, capsys, tmp_path):
    bundle = shutil.copy(run / "run.conformance.zip", tmp_path / "alone.conformance.zip")
    reply = tmp_path / "reply.dsse.json"
    assert command("acknowledge", bundle, *by(keyed, "maker"), "--name", "Jo", "--out", reply) == 0
    assert not verdict(bundle, trusted, capsys)[1].get("beside")
    assert len(verdict(bundle, trusted, capsys, "--with", reply)[1]["beside"]) == 1


def test_a_newer_report_takes_the_place_of_an_old_one(
    run, trusted, keyed, capsys, reference_supplier, tmp_path
):
    newer = finished_run(tmp_path / "newer", reference_supplier.url, READING, *by(keyed, "lab"))
    given = ("--name", "Lab", "--reason", "Wrong server.")
    assert command("supersede", run, newer, *by(keyed, "maker"), *given) == 2
    assert "did not sign" in capsys.readouterr().err
    assert command("supersede", run, run, *by(keyed, "lab"), *given) == 2
    assert command("supersede", run, newer, *by(keyed, "lab"), *given) == 0
    code, found = verdict(run, trusted, capsys, "--require", "authentic")
    assert code == 3
    assert "superseded by" in found["verdict"]["detail"]
    assert verdict(newer, trusted, capsys)[0] == 0


def test_mistakes_in_replies_are_told(run, keyed, tmp_path, capsys):
    given = (*by(keyed, "maker"), "--name", "Jo")
    assert command("dispute", run, *given, "--reason", "x", "--requirement", "S-RED") == 2
    assert command("acknowledge", tmp_path / "none", *given) == 2
    (run / "report.dsse.json").unlink()
    assert command("acknowledge", run, *given) == 2
    said = capsys.readouterr().err
    assert "requirement in this report" in said
    assert "is not signed" in said


def test_a_look_says_that_nothing_was_verified(run, capsys):
    assert command("reports", "show", run) == 0
    said = capsys.readouterr().out
    assert "NOTHING WAS VERIFIED" in said
    assert "PASSED for Tried product" in said
    assert command("reports", "show", run / "report.dsse.json", "--json") == 0
    assert json.loads(capsys.readouterr().out)["verified"] is False


def test_what_the_buyer_expects_is_asked_by_options(run, trusted, capsys, tmp_path):
    assert verdict(run, trusted, capsys, "--nonce", "n-1", "--max-age", "1")[0] == 0
    for other in (("--nonce", "n-2"), ("--procurement-ref", "x"), ("--target", "https://other.example.org/")):
        code, found = verdict(run, trusted, capsys, *other)
        assert code == 3
        assert next(step for step in found["steps"] if step["name"] == "binding")["outcome"] == "fail"
    target = tmp_path / "expected.yaml"
    target.write_text("endpoint: https://other.example.org/\nproduct: Other\n", "utf-8")
    assert verdict(run, trusted, capsys, "--target", target)[0] == 3


def test_a_revoked_key_counts_no_longer_but_for_what_was_received_before(run, trusted, capsys):
    given = ("--reason", "laptop stolen", "--trust", trusted)
    assert command("trust", "revoke", "nobody", *given) == 2
    before = trusted.read_text("utf-8")
    assert command("trust", "revoke", "lab", *given, "--since", "2999-01-01") == 0
    assert [line for line in trusted.read_text("utf-8").splitlines() if line not in before.splitlines()] == [
        "revoked = 2999-01-01",
        'reason = "laptop stolen"',
    ]
    assert command("trust", "revoke", "lab", *given) == 2
    assert verdict(run, trusted, capsys)[0] == 0
    trusted.write_text(before, "utf-8")
    assert command("trust", "revoke", "lab", *given) == 0
    command("trust", "list", "--trust", trusted)
    assert "REVOKED" in capsys.readouterr().out
    code, found = verdict(run, trusted, capsys)
    assert code == 1
    assert "laptop stolen" in found["steps"][1]["detail"]


def test_a_released_profile_is_known_and_a_withdrawn_one_refused(original, run, trusted, keyed, capsys):
    releases = trusted.parent / "releases"
    releases.mkdir()
    profile = original[1]
    out = ("--out", releases / "small.dsse.json")
    assert command("profiles", "release", profile, *by(keyed, "body"), *out) == 0
    assert "released by body" in verdict(run, trusted, capsys)[1]["steps"][4]["detail"]
    trusted.write_text(
        trusted.read_text("utf-8") + '\n[rules.profile-release]\nneeds = ["2 standards-body"]\n', "utf-8"
    )
    assert verdict(run, trusted, capsys)[0] == 3
    assert command("profiles", "release", profile, *by(keyed, "other"), *out) == 0
    assert verdict(run, trusted, capsys)[0] == 0
    given = ("--withdraw", "S-READ was wrong", "--out", releases / "gone.dsse.json")
    assert command("profiles", "release", profile, *by(keyed, "body"), *given) == 0
    code, found = verdict(run, trusted, capsys)
    assert code == 3
    assert "body withdrew small@0.1.0" in found["steps"][4]["detail"]
    assert command("profiles", "release", profile, *by(keyed, "body"), *out, "--supersedes", "0.0.1") == 2


def test_a_key_is_trusted_for_some_days_only(run, keyed, tmp_path, capsys):
    path = tmp_path / "other.toml"
    given = ("--name", "lab", "--role", "independent-lab", "--trust", path)
    assert command("trust", "add", f"{keyed / 'lab'}.pub.pem", *given, "--until", "never") == 2
    assert command("trust", "add", f"{keyed / 'lab'}.pub.pem", *given, "--until", "2020-01-01") == 0
    assert verdict(run, path, capsys)[0] == 1
    assert verdict(run, path, capsys, "--received", "2019-01-01")[0] == 1


def test_a_pinned_digest_settles_which_profile_is_meant(run, trusted, capsys):
    assert command("trust", "pin", "small@0.1.0", "e" * 64, "--trust", trusted) == 0
    assert verdict(run, trusted, capsys)[0] == 3
    assert command("trust", "pin", "small", "e" * 64, "--trust", trusted) == 2
    assert command("trust", "pin", "small@0.1.0", "short", "--trust", trusted) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[rules.reports]\nneeds = ["buyer"]\n', "there is no rule 'reports'"),
        ('[rules.report]\nneeds = ["buyers"]\n', "there is no role 'buyers'"),
        ('[rules.report]\nrunners = ["supplier"]\n', "nobody runs a test as 'supplier'"),
        ("[rules.profile-release]\nmax_age_days = 3\n", "only `needs` can be asked"),
        ('[rules.profile-release]\nneeds = ["supplier acknowledgement"]\n', "nobody acknowledges"),
        ("[rules.report]\nmax_age_days = -1\n", "greater than or equal to 0"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(run, trusted, text, said, capsys):
    trusted.write_text(f"{trusted.read_text('utf-8')}\n{text}", "utf-8")
    assert command("verify", run, "--trust", trusted) == 2
    assert said in capsys.readouterr().err
