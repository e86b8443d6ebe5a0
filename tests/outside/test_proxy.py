"""Through a proxy: requests go there, tunnels are made, and addresses inside are refused all the same."""

import socket
import threading

import pytest

from conformance.errors import TargetFileError


@pytest.fixture
def proxy():
    """A proxy that tunnels CONNECT to a place that the test names, and remembers whom it was asked for."""
    asked, places = [], {}
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            return
        finally:
            other.close()

    def serve(connection):
        head = connection.recv(65536)
        line = head.split(b"\r\n")[0].decode()
        asked.append((line, b"proxy-authorization" in head.lower()))
        there = socket.create_connection(("127.0.0.1", places["port"]))
        if line.startswith("CONNECT"):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            there.sendall(head)
        threading.Thread(target=pump, args=(connection, there), daemon=True).start()
        pump(there, connection)

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}", places, asked
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(2)


def no_names(_host, _port):
    raise socket.gaierror(-2, "Name or service not known")


def test_http_and_https_go_through_the_proxy(serve, client, proxy, authority, tmp_path):
    import ssl

    place, places, asked = proxy
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("fhir.invalid").configure_cert(context)
    server = serve(lambda handler, _: handler.answer(body=b"{}"), context)
    places["port"] = server.port
    made = client(
        "https://fhir.invalid/r4",
        proxy="env:PROXY",
        environ={"PROXY": f"http://user:password@{place}"},
        tls={"ca": "ca.pem"},
        resolver=no_names,
    )
    exchange = made.wire().send("GET", "/metadata")
    assert (exchange.status, exchange.tls, exchange.failure) == (200, "TLSv1.3", "")
    assert asked == [("CONNECT fhir.invalid:443 HTTP/1.1", True)]
    refused = made.wire().send("GET", "http://127.0.0.1/")
    assert refused.failure.startswith("refused by the harness: 127.0.0.1 is a loopback address")
    assert len(asked) == 1


def test_a_proxy_must_be_an_address(client):
    with pytest.raises(TargetFileError, match="proxy is no http or https URL"):
        client("http://127.0.0.1:9", proxy="socks5://127.0.0.1:1")
