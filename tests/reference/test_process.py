"""The reference supplier as a process: it comes up, says where it is, and goes away, whatever happens."""

import base64
import gzip
import hashlib
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from conformance.errors import ReferenceSupplierError
from conformance.reference.process import Options, RunningSupplier, start

SMALL = 8
COMMAND = [sys.executable, "-m", "conformance.reference"]
CHECKOUT = Path(__file__).parents[2]


def client(supplier: RunningSupplier) -> httpx.Client:
    trust: Any = ssl.create_default_context(cafile=supplier.ca) if supplier.ca else True
    return httpx.Client(verify=trust, base_url=supplier.url, timeout=20)


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether this process ends within that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def supplier():
    with start(Options(patients=SMALL, as_of=date(2026, 11, 22))) as running:
        yield running


@pytest.fixture(scope="module")
def target(supplier) -> dict[str, Any]:
    return yaml.safe_load(supplier.target_file.read_text(encoding="utf-8"))


def test_it_answers_over_tls_that_its_own_authority_vouches_for(supplier):
    assert supplier.url.startswith("https://127.0.0.1:")
    with client(supplier) as ask:
        answer = ask.get("metadata")
    assert answer.status_code == 200
    assert answer.json()["resourceType"] == "CapabilityStatement"
    with pytest.raises(httpx.ConnectError), httpx.Client() as stranger:
        stranger.get(f"{supplier.url}/metadata")


def test_the_target_file_says_all_that_is_needed(supplier, target):
    assert list(target) == [
        "target", "supplier", "product", "version", "environment", "dataClass", "endpoint", "embedded", "tls",
        "auth", "permissions", "limits", "documents", "origins",
    ]  # fmt: skip
    assert target["endpoint"] == supplier.url
    assert target["version"] == "7.4.1"
    assert target["auth"]["clientId"] == supplier.client_id
    here = supplier.target_file.parent
    (attestation,) = target["documents"]["attestations"]
    for name in (
        target["tls"]["ca"],
        target["auth"]["keyFile"],
        target["documents"]["exitPlan"],
        *attestation.values(),
    ):
        assert (here / name).is_file()


def test_keys_are_for_their_owner_only(supplier):
    for name in ("client-key.pem", "server.pem"):
        assert stat.S_IMODE((supplier.work / name).stat().st_mode) == 0o600


def test_the_documents_are_served_to_anybody(supplier, target):
    plan = json.loads((supplier.work / target["documents"]["exitPlan"]).read_bytes())
    with client(supplier) as ask:
        for name in ("documentationUrl", "registerUrl", "apiTermsUrl"):
            answer = ask.get(plan["export"][name])
            assert answer.status_code == 200
            assert len(answer.content) > 500


def test_every_declared_type_is_in_the_inventory(supplier):
    plan = json.loads((supplier.work / "docs" / "exit-plan.json").read_bytes())
    named = {name for row in plan["dataInventory"] for name in row.get("resourceTypes", [])}
    with client(supplier) as ask:
        declared = {one["type"] for one in ask.get("metadata").json()["rest"][0]["resource"]}
    assert declared <= named


def token(supplier: RunningSupplier, target: dict[str, Any]) -> str:
    """An access token by the SMART backend services flow, with what the target file says and nothing else."""
    key = load_pem_private_key((supplier.work / target["auth"]["keyFile"]).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp384r1"
    point = key.public_key().public_numbers()
    x, y = (
        base64.urlsafe_b64encode(number.to_bytes(48)).rstrip(b"=").decode() for number in (point.x, point.y)
    )
    thumbprint = hashlib.sha256(f'{{"crv":"P-384","kty":"EC","x":"{x}","y":"{y}"}}'.encode()).digest()
    kid = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
    with client(supplier) as ask:
        endpoint = ask.get(".well-known/smart-configuration").json()["token_endpoint"]
        now = int(time.time())
        claims = {
            "iss": supplier.client_id,
            "sub": supplier.client_id,
            "aud": endpoint,
            "exp": now + 200,
            "jti": str(now),
        }
        assertion = jwt.encode(claims, key, algorithm="ES384", headers={"kid": kid})
        answer = ask.post(
            endpoint,
            data={
                "grant_type": "client_credentials",
                "scope": target["auth"]["scope"],
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
            },
        )
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def test_the_key_that_it_made_gets_a_token_that_reads(supplier, target):
    bearer = {"Authorization": f"Bearer {token(supplier, target)}"}
    with client(supplier) as ask:
        assert ask.get("Patient?_summary=count").status_code == 401
        answer = ask.get("Patient?_summary=count", headers=bearer)
    assert answer.json()["total"] == SMALL


def test_it_is_gone_after_the_context_and_leaves_nothing():
    with start(Options(patients=1)) as running:
        assert not gone(running.pid, seconds=0.1)
    assert running.process.returncode == 0
    assert gone(running.pid)
    assert not running.work.exists()


def test_it_keeps_the_work_folder_it_was_given(tmp_path):
    with start(Options(patients=1, work=tmp_path / "here")) as running:
        assert running.target_file == tmp_path / "here" / "target.yaml"
    assert (tmp_path / "here" / "docs" / "exit-plan.json").exists()


def test_plain_http_without_tokens():
    with start(Options(patients=3, http=True, auth="none")) as running, client(running) as ask:
        assert running.ca is None
        target = yaml.safe_load(running.target_file.read_text(encoding="utf-8"))
        assert "tls" not in target
        assert target["auth"] == {"kind": "none"}
        assert ask.get("Patient?_summary=count").json()["total"] == 3


def test_it_serves_the_files_of_a_folder_and_the_plan_counts_them(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    patients = [{"resourceType": "Patient", "id": f"p{n}"} for n in range(4)]
    (data / "Patient.ndjson").write_text("\n".join(json.dumps(one) for one in patients) + "\n")
    device = {"resourceType": "Device", "id": "d", "patient": {"reference": "Patient/p1"}}
    (data / "Device.ndjson.gz").write_bytes(gzip.compress(json.dumps(device).encode() + b"\n"))
    (data / "README.md").write_text("not a record")
    with start(Options(data=data, http=True, auth="none")) as running, client(running) as ask:
        assert ask.get("Patient?_summary=count").json()["total"] == 4
        assert ask.get("Device/d").json()["patient"] == device["patient"]
        plan = json.loads((running.work / "docs" / "exit-plan.json").read_bytes())
    records = {name: row["records"] for row in plan["dataInventory"] for name in row.get("resourceTypes", [])}
    assert records["Patient"] == 4
    assert "Device" in records


def test_a_client_may_bring_its_own_keys(tmp_path):
    key = jwt.algorithms.ECAlgorithm.to_jwk(
        ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True
    )
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [{**key, "kid": "mine", "alg": "ES384"}]}))
    with start(Options(patients=1, client_jwks=tmp_path / "jwks.json", client_id="my-client")) as running:
        target = yaml.safe_load(running.target_file.read_text(encoding="utf-8"))
        assert not (running.work / "client-key.pem").exists()
    assert running.client_id == target["auth"]["clientId"] == "my-client"
    assert "keyFile" not in target["auth"]


def test_a_document_fault_is_in_the_documents():
    with start(Options(patients=1, fault="plan-unlisted-costs")) as running:
        plan = json.loads((running.work / "docs" / "exit-plan.json").read_bytes())
    assert plan["costs"]["unlistedCostsAreZero"] is False


def test_what_went_wrong_is_told_with_what_the_supplier_wrote():
    with pytest.raises(ReferenceSupplierError) as raised:
        start(Options(fault="plan-unlisted-costz"))
    assert "exit code 2" in raised.value.message
    assert "did you mean 'plan-unlisted-costs'?" in raised.value.message
    assert raised.value.hint


def test_too_slow_is_told_and_nothing_stays_behind(tmp_path):
    with pytest.raises(ReferenceSupplierError, match=r"did not answer within 0\.01 seconds"):
        start(Options(patients=1, work=tmp_path), timeout=0.01)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, cwd=CHECKOUT, check=False
    )


def busy_port() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--fault", "plan-unlisted-cost"], "did you mean 'plan-unlisted-costs'?"),
        (["--patients", "0"], "--patients is 0; it has to be 1 or more"),
        (["--data", "/nowhere"], "/nowhere is no folder"),
        (["--data", "EMPTY"], "holds no file named *.ndjson or *.ndjson.gz"),
        (["--data", "BROKEN"], "cannot be loaded"),
        (["--client-jwks", "/nowhere"], "cannot read the client's keys"),
        (["--port", "99999"], "cannot listen on 127.0.0.1:99999"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_code_2(tmp_path, arguments, told):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "Patient.ndjson").write_text('{"resourceType": "Patient", "id":\n')
    places = {"EMPTY": str(tmp_path / "empty"), "BROKEN": str(tmp_path / "broken")}
    ended = run(*(places.get(one, one) for one in arguments))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_in_use_is_told():
    with busy_port() as taken:
        number = taken.getsockname()[1]
        ended = run("--port", str(number))
    assert ended.returncode == 2
    assert f"127.0.0.1:{number}" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_people_end_it_with_ctrl_c_and_it_says_nothing(tmp_path, number):
    command = [*COMMAND, "--patients", "1", "--work", str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=CHECKOUT
    ) as people:
        told = json.loads(people.stdout.readline())
        assert set(told) == {"url", "ca", "clientId", "target", "profile", "pid"}
        assert told["pid"] == people.pid, "the end of standard input alone does not end it"
        people.send_signal(number)
        rest, errors = people.communicate(timeout=10)
    assert (people.returncode, rest, errors) == (0, b"", b"")


def test_it_dies_with_its_parent():
    script = (
        "from conformance.reference.process import Options, start\n"
        "import os, sys\n"
        "running = start(Options(patients=1))\n"
        "print(running.pid, running.work, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    pid, work = parent.stdout.split()
    assert parent.returncode == -signal.SIGKILL
    assert gone(int(pid))
    assert not Path(work).exists()
