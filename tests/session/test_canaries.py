"""A server that says what must not be said wherever it can: none of it is in what a run leaves or shows."""

import contextlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote

import httpx
import pytest
from small_profiles import READING
from test_live_data import WRONG, contents
from whole_runs import command, finished_run

SECRET = "kanari-token-5c1f0e77a9"
PERSON = {"family": "Zwitscherling", "number": "9999990042", "born": "1931-07-13", "id": "pat-zwitscher-1"}


@pytest.fixture(scope="module")
def talkative(reference_supplier):
    """Passes everything on to the reference supplier, and adds a person and the caller's token to all answers."""

    client = httpx.Client(trust_env=False, verify=False)

    class Talkative(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args):
            """Say nothing."""

        def pass_on(self):
            length = int(self.headers.get("Content-Length") or 0)
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in {"authorization", "accept-encoding"}
            }
            origin = reference_supplier.url.removesuffix("/fhir")
            answer = client.request(
                self.command,
                origin + self.path,
                headers=headers,
                content=self.rfile.read(length),
            )
            told = " ".join(PERSON.values()) + f" {SECRET} Bearer {SECRET}"
            body = answer.content
            if body.startswith(b"{"):
                body = json.dumps(self.added(json.loads(body), told)).encode()
            self.send_response(answer.status_code, told.replace("\n", " "))
            for name in (
                "ETag",
                "Server",
                "X-Request-Id",
                "X-Progress",
                "X-Other",
                "Warning",
                "Set-Cookie",
                "Via",
            ):
                self.send_header(name, told)
            place = f"http://{self.headers['Host']}/fhir/Patient/{PERSON['id']}?name={quote(told)}#{SECRET}"
            for name in ("Location", "Content-Location", "Link"):
                self.send_header(name, place)
            self.send_header("WWW-Authenticate", f'Bearer realm="{told}", error_description="{SECRET}"')
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def added(self, value, told):
            """Every resource tells of the person, in free text, in elements and where errors are explained."""
            for resource in [value, *(entry.get("resource", {}) for entry in value.get("entry", []))]:
                kind = resource.get("resourceType")
                if kind == "Patient":
                    resource["name"] = [{"family": PERSON["family"], "text": told}]
                    resource["identifier"] = [
                        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": PERSON["number"]}
                    ]
                    resource["birthDate"] = PERSON["born"]
                    resource["text"] = {"status": "generated", "div": f"<div>{told}</div>"}
                if kind == "OperationOutcome":
                    resource["issue"] = [{"severity": "error", "code": "not-found", "diagnostics": told}]
                    resource["issue"][0]["details"] = {"text": told}
            return value

        do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = pass_on  # noqa: N815 - http.server's names

    http = ThreadingHTTPServer(("127.0.0.1", 0), Talkative)
    http.daemon_threads = True
    Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}/fhir"
    http.shutdown()
    http.server_close()
    client.close()


def spoken(words, folder, shown):
    """Where these words stand: files of the run, packed ones unpacked, and what commands showed."""
    everything = [*contents(folder), ("what was shown", shown.encode())]
    return [(name, word) for name, data in everything for word in words if word.encode() in data]


@pytest.mark.parametrize("kept", ["live", "synthetic"])
def test_no_canary_is_in_any_output(talkative, tmp_path, monkeypatch, capsys, kept):
    monkeypatch.setenv("CANARY_TOKEN", SECRET)
    auth = {"kind": "bearer", "token": "env:CANARY_TOKEN"}
    run = finished_run(tmp_path, talkative, WRONG, auth=auth, dataClass=kept)
    key, trust = tmp_path / "key", tmp_path / "trust.toml"
    command("keygen", key, "--unencrypted")
    command("sign", run, "--key", key, "--allow-unencrypted-key")
    command("trust", "add", f"{key}.pub.pem", "--name", "Me", "--role", "self", "--trust", trust)
    command("verify", run, "--trust", trust)
    command("verify", run, "--trust", trust, "--json")
    assert command("reports", "show", run) == 0
    command("replay", run)
    told = capsys.readouterr()
    shown = told.out + told.err
    assert "W-READ" in shown, "the run came to its findings"
    assert spoken([SECRET], run, shown) == []
    if kept != "synthetic":
        assert spoken(PERSON.values(), run, shown) == []


def test_a_server_that_says_it_when_nothing_works_is_not_quoted(talkative, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CANARY_TOKEN", SECRET)
    auth = {"kind": "bearer", "token": "env:CANARY_TOKEN"}
    wrong = talkative.replace("/fhir", "/nowhere")
    with contextlib.suppress(AssertionError):  # there is no report of a target that cannot be tested
        finished_run(tmp_path, wrong, READING, auth=auth, dataClass="live")
    told = capsys.readouterr()
    assert told.err
    assert spoken([SECRET, *PERSON.values()], tmp_path / "run", told.out + told.err) == []
