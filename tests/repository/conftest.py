"""A profile repository of two owners on a web server of this machine, and a reader with a home of their own."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from small_profiles import write_profile

from conformance.cli.main import run
from conformance.outside.keys import KeySigner

PROFILE = """\
profile: {name}
version: {version}
title: A profile of {name}
publisher: Example Body
requirements:
  - id: P-META
    level: SHALL
    text: There is a capability statement{more}.
    source: https://example.org/#meta
    tests:
      - probe: {{request: {{path: /metadata, label: metadata}}}}
        expect: [{{status: {{code: 200}}}}]
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and counts how often it was asked."""

    def log_message(self, *_: Any) -> None:
        self.server.asked.append(self.path)


@dataclass
class Bodies:
    """A repository, the keys of its owners, and the reader's commands."""

    place: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: Any
    base: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.place / "repository"

    def key(self, name: str) -> str:
        """A key of this name, made at first use; how commands are told of it."""
        variable, public = f"KEY_{name.upper()}", self.place / f"{name}.pub.pem"
        if not public.is_file():
            private = Ed25519PrivateKey.generate()
            pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            self.monkeypatch.setenv(variable, pem)
            public.write_text(KeySigner(private).public_pem)
        return f"env:{variable}"

    def profile(self, name: str = "care", version: str = "1.0.0", more: str = "") -> Path:
        return write_profile(
            self.place / f"{name}-{version}", PROFILE.format(name=name, version=version, more=more)
        )

    def command(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """What a command says as JSON; of one that fails, what went wrong in words."""
        self.capsys.readouterr()
        got = run([*map(str, arguments), *(["--json"] if code == 0 else [])])
        said = self.capsys.readouterr()
        assert got == code, said.err
        return json.loads(said.out) if code == 0 else {"error": " ".join(said.err.split())}

    def write(
        self, verb: str, *arguments: object, key: str = "north", code: int = 0, **kwargs: Any
    ) -> dict[str, Any]:
        folder = kwargs.get("folder", self.folder)
        return self.command(
            "profiles", "repository", verb, folder, *arguments, "--key", self.key(key), code=code
        )

    def begin(self, *arguments: object) -> str:
        """A repository of one owner with one profile; its fingerprint."""
        self.write("new", "--title", "Of the North", *arguments)
        return str(self.write("publish", self.profile())["fingerprint"])

    def add(self, fingerprint: str, name: str = "north", code: int = 0) -> dict[str, Any]:
        return self.command(
            "profiles", "add", self.base, "--name", name, "--fingerprint", fingerprint, code=code
        )

    def update(self, code: int = 0) -> dict[str, Any]:
        return self.command("profiles", "update", code=code)

    def shown(self, name: str, code: int = 0) -> dict[str, Any]:
        return self.command("profiles", "show", name, code=code)

    def kept(self) -> dict[str, bytes]:
        """All that the reader keeps, to see whether anything changed."""
        home = self.place / "data" / "conformance" / "repositories"
        return {str(p.relative_to(home)): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


@pytest.fixture
def bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Iterator[Bodies]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = Bodies(tmp_path, monkeypatch, capsys)
    made.folder.mkdir()
    handler = functools.partial(Quiet, directory=str(made.folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.asked = made.asked
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    made.base = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
