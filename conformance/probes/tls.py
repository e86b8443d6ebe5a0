"""Handshakes with the target, one for each version of TLS."""

from typing import get_args

from conformance.plugin import TlsVersion, Wire, probe


@probe("tls")
def tls(wire: Wire) -> None:
    """Offer each version of TLS alone (notes `tls-1.0` …), then all with the certificate (`tls-certificate`).

    The capability statement is asked for too (`metadata`), over the connection that all requests use.
    """
    wire.send("GET", "/metadata", label="metadata", credentials="none")
    for version in get_args(TlsVersion):
        wire.note(f"tls-{version}", wire.handshake(version))
    wire.note("tls-certificate", wire.handshake())
