"""A time stamp authority of our own on this machine: certificates made with openssl, answers by `openssl ts`."""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

OPENSSL = shutil.which("openssl")
CONFIG = """\
[tsa]
default_tsa = stamping
[stamping]
serial = {place}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""


@dataclass(frozen=True)
class Authority:
    """Where it answers, and the certificate to trust it by."""

    url: str
    root: str


def openssl(*arguments: object) -> None:
    done = subprocess.run([OPENSSL, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def certificates(place: Path) -> str:
    """Key and certificate of the authority, and of who certifies it: the root's PEM is returned."""
    place.mkdir(parents=True)
    (place / "serial").write_text("01\n", "ascii")
    (place / "tsa.cnf").write_text(CONFIG.format(place=place), "ascii")
    new = ("req", "-newkey", "rsa:2048", "-nodes")
    openssl(
        *new,
        "-x509",
        "-days",
        30,
        "-subj",
        "/CN=Root",
        "-keyout",
        place / "root.key",
        "-out",
        place / "root.pem",
    )
    openssl(*new, "-subj", "/CN=Stamps", "-keyout", place / "tsa.key", "-out", place / "tsa.csr")
    by = ("-CA", place / "root.pem", "-CAkey", place / "root.key", "-CAcreateserial", "-days", 30)
    extensions = ("-extfile", place / "tsa.cnf", "-extensions", "extensions")
    openssl("x509", "-req", "-in", place / "tsa.csr", *by, *extensions, "-out", place / "tsa.pem")
    return (place / "root.pem").read_text("ascii")


@contextlib.contextmanager
def authority(place: Path, spoil=lambda answer: answer) -> Iterator[Authority]:
    """The authority, answering on 127.0.0.1; `spoil` may change its answers."""
    root = certificates(place)

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self):
            (place / "query.tsq").write_bytes(self.rfile.read(int(self.headers["content-length"])))
            made = ("ts", "-reply", "-queryfile", place / "query.tsq", "-config", place / "tsa.cnf")
            signer = ("-inkey", place / "tsa.key", "-signer", place / "tsa.pem", "-out", place / "answer.tsr")
            openssl(*made, *signer)
            answer = spoil((place / "answer.tsr").read_bytes())
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments):
            """Nothing is told on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Stamps)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Authority(f"http://127.0.0.1:{server.server_port}/", root)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
