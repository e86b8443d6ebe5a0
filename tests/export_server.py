"""A small server of exports that does what a test tells it, and a way to bring an export from it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conformance.model.target import Target
from conformance.session.inspection_downloads import downloaded

LINE = b'{"resourceType":"Patient","id":"%d"}\n'
BODY = b"".join(LINE % number for number in range(20_000))


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handle):
        self.asked = []
        self.lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                with server.lock:
                    server.asked.append((self.path, dict(self.headers)))
                handle(self, server)

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def of(self, path):
        return [headers for asked, headers in self.asked if asked == path]


def answer(handler, body, status=200, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def manifest(server, *names, **more):
    items = [{"type": "Patient", "url": f"{server.url}/files/{name}", "count": 20_000} for name in names]
    return json.dumps(
        {"request": f"{server.url}/fhir/$export", "requiresAccessToken": True, "output": items, **more}
    )


@pytest.fixture
def serve():
    servers = []

    def start(handle):
        server = Server(handle)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def bring(tmp_path):
    def bring(server, path="/status", **target):
        (tmp_path / "token").write_text("very-secret")
        (tmp_path / "token").chmod(0o600)
        known = {
            "endpoint": f"{server.url}/fhir",
            "auth": {"kind": "bearer", "token": "file:token"},
            **target,
        }
        return downloaded(f"{server.url}{path}", Target.model_validate(known), tmp_path, tmp_path / "down")

    return bring
