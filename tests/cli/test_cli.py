"""The command line as its user meets it: clear words, the documented exit codes, one JSON document, no traceback."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from bad_servers import answering
from small_profiles import READING, write_profile, write_target
from whole_runs import command, copied, finished_run, lines_of

from conformance import __version__

JSON = "application/fhir+json"
ROOT = Path(__file__).resolve().parents[2]


def told(capsys) -> str:
    """What stands on stderr; never a traceback, never our own fault."""
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert "internal error" not in text
    return text


@pytest.fixture(scope="module")
def finished(reference_supplier, tmp_path_factory):
    """A finished run, unsigned."""
    return finished_run(tmp_path_factory.mktemp("cli"), reference_supplier.url)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo's folder: of a small profile, signed with the demo key."""
    place = tmp_path_factory.mktemp("demo")
    assert command("demo", "--profile", write_profile(place), "--out", place / "run", "--quiet") == 0
    return place / "run"


@pytest.fixture
def copy(finished, tmp_path):
    return copied(finished, tmp_path)


@pytest.fixture
def key(tmp_path):
    """An own key, encrypted, with its password where the command looks for it."""
    path = tmp_path / "key"
    (tmp_path / "password").write_text("correct horse\n")
    assert command("keygen", path, "--password-file", tmp_path / "password") == 0
    return path


# ---------------------------------------------------------------- the first calls of a newcomer


def test_the_version_is_told(capsys):
    assert command("--version") == 0
    assert capsys.readouterr().out == f"conformance {__version__}\n"


@pytest.mark.parametrize("call", [(), ("profiles",), ("profiles", "repository")])
def test_without_a_command_the_help_is_shown_and_not_called_an_error(call, capsys):
    assert command(*call) == 2
    said = told(capsys)
    assert said.startswith("Usage: conformance")
    assert "error" not in said.splitlines()[0]
    assert "`--help`" not in said


# ---------------------------------------------------------------- targets that cannot be tested


def tried(endpoint: str, tmp_path: Path, **target) -> int:
    described = write_target(tmp_path / "target.yaml", endpoint, **target)
    return command(
        "run", write_profile(tmp_path), "--target", described, "--out", tmp_path / "out", "--quiet"
    )


def test_an_unreachable_target_gives_one_clear_message_and_leaves_nothing(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}/fhir"
        assert tried(endpoint, tmp_path) == 4
    said = told(capsys)
    assert said.startswith(f"error: {endpoint} cannot be tested: no connection to")
    assert said.count("error") == 1
    assert not (tmp_path / "out").exists()


def test_a_host_that_does_not_exist_is_told(tmp_path, capsys):
    assert tried("http://no-such-host.invalid/fhir", tmp_path) == 4
    assert "no-such-host.invalid" in told(capsys)


def test_a_certificate_of_an_unknown_authority_is_told_with_how_to_name_it(tmp_path, capsys):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with answering(200, b"{}", JSON, context) as endpoint:
        assert tried(endpoint, tmp_path) == 4
    said = told(capsys).lower()
    assert "certificate" in said
    assert "tls" in said


@pytest.mark.parametrize(
    ("status", "body", "media_type", "said"),
    [
        (401, b"{}", JSON, ["answered 401", "Check `auth` in the target file (now: bearer)"]),
        (403, b"", JSON, ["answered 403", "Check `auth`"]),
        (500, b"oops", "text/plain", ["answered 500"]),
        (404, b"{}", JSON, ["answered 404", "FHIR base URL"]),
        (
            200,
            b"<html>Log in</html>",
            "text/html",
            ["text/html, which is no CapabilityStatement", "web page"],
        ),
        (200, b"", JSON, ["no CapabilityStatement"]),
        (200, b'{"resourceType":"Patient"}', JSON, ["it is JSON, but no CapabilityStatement"]),
        (200, b'{"a":1,"a":2}', JSON, ["the member 'a' stands twice"]),
        (200, b"\xff\xfe", JSON, ["it is not UTF-8"]),
        (200, b"[" * 100_000, JSON, ["no CapabilityStatement"]),
    ],
    ids=["401", "403", "500", "404", "html", "empty", "other", "twice", "bytes", "deep"],
)
def test_what_gives_no_capability_statement_is_told_with_what_it_gave(
    status, body, media_type, said, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("TOKEN_OF_TEST", "wrong-token-0123456789")
    auth = {"kind": "bearer", "token": "env:TOKEN_OF_TEST"}
    with answering(status, body, media_type) as endpoint:
        assert tried(endpoint, tmp_path, auth=auth) == 4
        message = told(capsys)
        assert all(part in message for part in said), message
        assert "wrong-token" not in message
        assert command("check-target", "--target", tmp_path / "target.yaml") == 4
        kept = tmp_path / "out" / "evidence.jsonl"
        assert str(kept) in message
        assert f'"status":{status}' in kept.read_text("utf-8")
        capsys.readouterr()
        assert tried(endpoint, tmp_path, auth=auth) == 4  # what is left there does not stand in the way
        assert "not empty" not in told(capsys)


def test_a_token_that_is_refused_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SECRET_OF_TEST", "wrong-secret-0123456789")
    with answering(401, b'{"error":"invalid_client"}', "application/json") as endpoint:
        auth = {
            "kind": "client-credentials",
            "tokenUrl": f"{endpoint}/token",
            "clientId": "me",
            "clientSecret": "env:SECRET_OF_TEST",
        }
        assert tried(endpoint, tmp_path, auth=auth) == 4
    said = told(capsys)
    assert "invalid_client" in said
    assert "wrong-secret" not in said


# ---------------------------------------------------------------- mistakes of the person at the keyboard


def test_a_profile_with_mistakes_is_told_all_of_them(tmp_path, capsys):
    text = READING.replace("level: SHALL\n", "level: SHAL\n").replace("status:", "statuss:")
    assert command("plan", write_profile(tmp_path, text)) == 2
    said = told(capsys)
    assert "the profile has" in said
    assert said.count("did you mean 'SHALL'") == 4
    assert said.count("did you mean 'status'") >= 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "fhir-r4-bas", "--url", "http://127.0.0.1:1"], "did you mean 'fhir-r4-base'?"),
        (["run", "no-such.yaml", "--url", "http://127.0.0.1:1"], "there is no profile file no-such.yaml"),
        (["run", "x" * 300, "--url", "http://127.0.0.1:1"], "there can be no profile of this name"),
        (["run", "fhir-r4-base"], "either with --target target.yaml or with --url URL"),
        (["run"], "which profile?"),
        (["run", "fhir-r4-base", "--url", "http://h", "--target", "t.yaml"], "either with --target"),
        (["run", "fhir-r4-base", "--url", "ftp://h"], "must be an http or https URL"),
        (["run", "fhir-r4-base", "--url", "http://h:99999"], "endpoint: Port out of range"),
        (["run", "fhir-r4-base", "--url", "http://h", "--role", "byer"], "did you mean 'buyer'?"),
        (["run", "fhir-r4-base", "--url", "http://h", "--as-of", "today"], "as in 2026-11-22"),
        (["run", "fhir-r4-base", "--url", "http://h", "--set", "page"], "NAME=VALUE"),
        (
            ["run", "fhir-r4-base", "--url", "http://h", "--set", "page=1"],
            "there is no parameter of fhir-r4-base",
        ),
        (["run", "fhir-r4-base", "--target", "no-such-target.yaml"], "no-such-target.yaml cannot be read"),
        (["run", "fhir-r4-base", "--resume", "."], "name no other one"),
        (["run", "--resume", ".", "--url", "http://h"], "nothing to keep"),
        (["run", "fhir-r4-base", "--seed", "x"], "--seed"),
        (["demo", "--fault", "read-without-etagg"], "did you mean 'read-without-etag'?"),
        (["demo", "--profile", "fhir-r5-base"], "did you mean 'fhir-r4-base'?"),
        (["demo", "--data", "no-such-folder"], "there is no folder no-such-folder"),
        (["profiles", "show", "fhir"], "there is no profile named 'fhir'"),
        (["faults", "list", "--profile", "fhir-r4-bas"], "did you mean 'fhir-r4-base'?"),
        (["plan"], "which profile?"),
        (["plan", "smart-backend-services", "--out", "a-file/suite.json"], "cannot be written"),
        (["replay", "no-such-run"], "there is no run at no-such-run"),
        (["verify", "no-such-run"], "there is no run at no-such-run"),
        (["verify", ".", "--require", "pass"], "--require is to be passed or authentic"),
        (["sign", "no-such-run", "--key", "k"], "no-such-run holds no finished run"),
        (["keygen", "a-file/key", "--unencrypted"], "cannot be written"),
        (["trust", "add", "no-such.pem", "--name", "N", "--role", "buyer"], "no-such.pem cannot be read"),
        (["runn"], "Did you mean 'run'?"),
        (["run", "--urll", "x"], "No such option: --urll"),
        (["verify"], "Missing argument"),
        (["check-target"], "either with --target target.yaml or with --url URL"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_words_and_ends_with_2(arguments, said, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").touch()
    assert command(*arguments) == 2
    assert said in told(capsys).replace("\n", " ")


def test_a_target_file_with_mistakes_is_told_with_line_and_column(tmp_path, capsys):
    path = tmp_path / "target.yaml"
    path.write_text("endpointt: http://h\nlimits: {concurrency: 0}\nauth: {kind: bearer}\n")
    assert command("check-target", "--target", path) == 2
    said = told(capsys)
    assert f"{path}:1:1: unknown member 'endpointt'; did you mean 'endpoint'?" in said
    assert f"{path}:2:10: concurrency: " in said
    assert "the member 'token' is missing" in said


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("page=many", "is to be int"),
        ("page=.inf", "is to be int"),
        ("page=[", "is to be int"),
        ("pag=1", "'page'"),
    ],
)
def test_an_own_limit_must_be_of_the_kind_of_the_default(setting, said, tmp_path, capsys):
    profile = write_profile(tmp_path)
    assert (
        command("run", profile, "--url", "http://127.0.0.1:1", "--set", setting, "--out", tmp_path / "o") == 2
    )
    assert said in told(capsys)


def test_a_folder_that_is_not_empty_is_not_written_to(finished, tmp_path, capsys):
    before = sorted(path.name for path in finished.iterdir())
    profile = write_profile(tmp_path)
    assert command("run", profile, "--url", "http://127.0.0.1:1", "--out", finished) == 2
    assert "is not empty" in told(capsys)
    assert sorted(path.name for path in finished.iterdir()) == before


@pytest.mark.parametrize("where", ["/proc/no-such-folder/run", "a-file/run"])
def test_a_folder_that_cannot_be_written_to_is_told(where, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").touch()
    assert command("run", write_profile(tmp_path), "--url", "http://127.0.0.1:1", "--out", where) == 2
    assert "cannot be made or written to" in told(capsys)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_read_only_folder_is_told(tmp_path, capsys):
    out = tmp_path / "read-only"
    out.mkdir(mode=0o555)
    if os.access(out, os.W_OK):
        pytest.skip("this user may write anywhere")
    assert command("run", write_profile(tmp_path), "--url", "http://127.0.0.1:1", "--out", out) == 2
    assert "cannot be made or written to" in told(capsys)


# ---------------------------------------------------------------- what programs read


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["profiles", "list"], 0),
        (["profiles", "show", "fhir-r4-base"], 0),
        (["faults", "list"], 0),
        (["faults", "list", "--profile", "fhir-r4-base"], 0),
        (["plan", "PROFILE"], 0),
        (["plan", "PROFILE", "--out", "suite.json"], 0),
        (["run", "PROFILE", "--target", "TARGET", "--out", "out"], 0),
        (["check-target", "--target", "TARGET"], 0),
        (["replay", "FINISHED"], 0),
        (["verify", "FINISHED"], 1),
        (["verify", "DEMO"], 0),
        (["demo", "--profile", "PROFILE", "--out", "out", "--only", "S-META"], 4),
        (["keygen", "key", "--unencrypted"], 0),
        (["trust", "list"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_with_json_stdout_is_one_document_and_nothing_else(
    arguments, code, reference_supplier, finished, demo, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    names = {
        "PROFILE": write_profile(tmp_path),
        "TARGET": write_target(tmp_path / "target.yaml", reference_supplier.url),
        "FINISHED": finished,
        "DEMO": demo,
    }
    capsys.readouterr()
    assert command(*(names.get(a, a) for a in arguments), "--json") == code
    shown = capsys.readouterr()
    assert isinstance(json.loads(shown.out), dict | list)
    assert shown.err == "" or arguments[0] == "demo"


def test_colours_and_control_characters_are_left_out_of_what_is_piped(demo):
    done = in_a_process("replay", demo, NO_COLOR="1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 120


def test_a_terminal_that_cannot_show_every_character_is_no_error(demo):
    assert in_a_process("profiles", "show", "fhir-r4-base", PYTHONIOENCODING="ascii").returncode == 0


def in_a_process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from conformance.cli.main import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


# ---------------------------------------------------------------- trust


def test_an_unsigned_run_is_refused(finished, capsys):
    assert command("verify", finished) == 1
    shown = capsys.readouterr().out
    assert "UNSIGNED" in shown
    assert "NOT AUTHENTIC" in shown


def test_own_key_own_trust_file_from_keygen_to_verify(copy, key, tmp_path, capsys):
    trust, password = tmp_path / "trust.toml", tmp_path / "password"
    public = Path(f"{key}.pub.pem")
    assert command("sign", copy, "--key", key, "--password-file", password) == 0
    capsys.readouterr()
    assert command("verify", copy, "--trust", trust) == 1
    shown = capsys.readouterr().out
    key_id = json.loads((copy / "report.dsse.json").read_bytes())["signatures"][0]["keyid"]
    assert key_id in shown
    assert "conformance trust add KEY.pub.pem --name NAME --role ROLE" in shown
    adding = ["trust", "add", public, "--name", "Own lab", "--role", "independent-lab", "--trust", trust]
    assert command(*adding) == 0
    assert command("verify", copy, "--trust", trust) == 0
    assert "AUTHENTIC: PASSED" in capsys.readouterr().out
    assert command("verify", copy / f"{copy.name}.conformance.zip", "--trust", trust) == 0
    assert command(*adding) == 2
    assert "has the key" in told(capsys)


@pytest.mark.parametrize("name", ["suite.json", "evidence.jsonl", "report.json", "run.json"])
def test_one_changed_byte_is_refused(demo, name, tmp_path, capsys):
    copy = copied(demo, tmp_path)
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    assert command("verify", copy) in {1, 2}
    assert f"changed since they were signed: {name}" in capsys.readouterr().out


def test_the_demo_is_trusted_here_and_refused_on_another_machine(demo, tmp_path, capsys, monkeypatch):
    assert command("verify", demo) == 0
    capsys.readouterr()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    assert command("verify", demo) == 1
    assert "no trusted key made the signature by" in capsys.readouterr().out


def test_truncated_evidence_is_refused(copy, capsys):
    (copy / "evidence.jsonl").write_bytes(b"".join(lines_of(copy)[:-1]))
    assert command("replay", copy) == 2
    assert "has no footer" in told(capsys)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip"])
def test_what_is_no_bundle_is_told(data, tmp_path, capsys):
    path = tmp_path / "run.conformance.zip"
    path.write_bytes(data)
    assert command("verify", path) == 2
    assert "is no readable bundle" in told(capsys)


def test_a_damaged_bundle_is_told(demo, tmp_path, capsys):
    path = tmp_path / "run.zip"
    data = bytearray((demo / f"{demo.name}.conformance.zip").read_bytes())
    data[200:220] = bytes(20)
    path.write_bytes(data)
    assert command("verify", path) == 1
    assert "is no readable bundle" in capsys.readouterr().out


def test_a_key_without_its_password_is_told(copy, key, capsys):
    assert command("sign", copy, "--key", key) == 2
    assert "needs a password" in told(capsys)


def test_a_run_that_is_signed_at_once_verifies(reference_supplier, tmp_path, monkeypatch):
    monkeypatch.setenv("CONFORMANCE_KEY_PASSWORD", "correct horse")
    assert command("keygen", tmp_path / "key") == 0
    run = finished_run(
        tmp_path, reference_supplier.url, READING, "--key", tmp_path / "key", "--role", "buyer"
    )
    trust = tmp_path / "trust.toml"
    add = ["trust", "add", tmp_path / "key.pub.pem", "--name", "B", "--trust", trust]
    assert command(*add, "--role", "buyer") == 0
    assert command("verify", run, "--trust", trust) == 0
    shutil.rmtree(run / "bodies")
    assert command("verify", run, "--trust", trust) == 1


@pytest.mark.parametrize("ours", [EOFError("marshal data too short"), KeyError("bodies")])
def test_a_fault_of_our_own_is_never_told_as_an_interruption(monkeypatch, capsys, ours):
    def broken(*_):
        raise ours

    monkeypatch.setattr("conformance.session.inspection_sources.found_at", broken)
    assert command("inspect", ".") == 3
    told = capsys.readouterr().err
    assert f"internal error: {type(ours).__name__}" in told
    assert "This is a fault of the harness" in told
