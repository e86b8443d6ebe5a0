"""Where an answer ends: what comes after its end answers nothing, and what has two ends has none."""

from collections.abc import Iterator

import httpcore

_LENGTH, _CHUNKS = b"content-length", b"transfer-encoding"
_HARMLESS = b"\r\n"


def framed(response: httpcore.Response) -> Iterator[bytes]:
    """The bytes of the body. Raises httpcore.RemoteProtocolError where readers could differ about where it ends.

    A server must not give a length beside chunks (RFC 9112 section 6.2): one reader heeds the one, another the
    other. Bytes after the end would be taken for the answer to the next request on the connection, which is
    therefore closed.
    """
    if {_LENGTH, _CHUNKS} <= {name.lower() for name, _ in response.headers}:
        raise httpcore.RemoteProtocolError("it gives Content-Length and Transfer-Encoding for one answer")
    yield from response.iter_stream()
    if more := _beyond(response):
        response.extensions["network_stream"].close()
        if more.strip(_HARMLESS):
            raise httpcore.RemoteProtocolError("it sent more than the answer, which ended before")


def _beyond(response: httpcore.Response) -> bytes:
    """What was received after the end of this answer; httpcore has no public word for it."""
    connection = getattr(response.stream, "_connection", None)
    state = getattr(connection, "_h11_state", None)
    return bytes(state.trailing_data[0]) if state is not None else b""
