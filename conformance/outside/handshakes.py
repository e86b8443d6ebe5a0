"""TLS handshakes for their own sake: which versions a target agrees to, and which certificate it shows.

Nothing is asked over these connections. The standard library's `ssl` does the work; what it cannot offer on this
machine is told apart from what the target refuses.
"""

import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from conformance.model.base import Json
from conformance.model.target import Target
from conformance.outside.origins import Origins, Refused
from conformance.plugin import TlsVersion

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
_CHUNK = 65536
_ALONE = threading.Lock()
_WORST_CIPHERS = "ALL:@SECLEVEL=0"
"""OpenSSL offers versions before 1.2 only where it is told to put up with their ciphers."""


@dataclass(frozen=True)
class Handshakes:
    """Shakes hands with one target. `trusting` gives the settings that all other requests use."""

    target: Target
    origins: Origins
    trusting: Callable[[], ssl.SSLContext]

    def offering(self, version: TlsVersion | None) -> dict[str, Json]:
        """What comes of offering one version alone, whatever the certificate; of offering all, verified, for None.

        `outcome` is `agreed`, `refused`, `unreachable`, `impossible` (this machine cannot offer the version, or a
        proxy stands between) or `plain` (the target's address is one of http); `why` tells more. Where all are
        offered, `certificate` holds `notBefore`, `notAfter` and `names`, and `refused` may be our own refusal.
        """
        url = httpx.URL(self.target.endpoint)
        if url.scheme != "https":
            return {"outcome": "plain", "why": "the target's address is one of http"}
        if self.target.proxy:
            return {"outcome": "impossible", "why": "a proxy stands between, so that this was not tried"}
        try:
            settings = self.trusting() if version is None else self._alone(version)
            connection = _begun(settings, url.host)
        except (ssl.SSLError, ValueError) as error:
            return {
                "outcome": "impossible",
                "why": f"TLS {version} cannot be offered from here: {_told(error)}",
            }
        try:
            plain = self._connected(url.host, url.port or 443)
        except (OSError, Refused, UnicodeError) as error:
            return {"outcome": "unreachable", "why": _told(error)}
        with contextlib.closing(plain):
            return _shaken(connection, plain, verified=version is None)

    def _connected(self, host: str, port: int) -> socket.socket:
        address = self.origins.addresses(host, port)[0]
        plain = socket.create_connection((address, port), timeout=self.target.limits.connect_timeout)
        plain.settimeout(min(self.target.limits.read_timeout, 2 * self.target.limits.connect_timeout))
        return plain

    def _alone(self, version: TlsVersion) -> ssl.SSLContext:
        settings = self.trusting() if self.target.tls.client_certificate else ssl.create_default_context()
        settings.check_hostname = False
        settings.verify_mode = ssl.CERT_NONE
        settings.set_ciphers(_WORST_CIPHERS)
        with _ALONE, warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # that the old versions are, is the point here
            settings.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            settings.maximum_version = VERSIONS[version]
            settings.minimum_version = VERSIONS[version]
        return settings


@dataclass(frozen=True)
class _Talk:
    """The TLS side of a connection, and the bytes that go to and come from the other end."""

    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


def _begun(settings: ssl.SSLContext, host: str) -> _Talk:
    """The client's side of a handshake, its first message written. Raises ssl.SSLError where it offers nothing."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = settings.wrap_bio(incoming, outgoing, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return _Talk(tls, incoming, outgoing)


def _shaken(talk: _Talk, plain: socket.socket, *, verified: bool) -> dict[str, Json]:
    answered = False
    try:
        while True:
            plain.sendall(talk.outgoing.read())
            received = plain.recv(_CHUNK)
            if not received:
                return {"outcome": "refused", "why": "the target closed the connection"}
            answered = True
            talk.incoming.write(received)
            with contextlib.suppress(ssl.SSLWantReadError):
                talk.tls.do_handshake()
                break
    except ssl.SSLError as error:
        return {"outcome": "refused", "why": _told(error)}
    except ConnectionError as error:  # many refuse a version by breaking off
        return {"outcome": "refused", "why": _told(error)}
    except OSError as error:
        return {"outcome": "refused" if answered else "unreachable", "why": _told(error)}
    agreed: dict[str, Json] = {"outcome": "agreed", "why": talk.tls.version() or ""}
    return agreed | ({"certificate": _facts(talk.tls.getpeercert())} if verified else {})


def _facts(certificate: Any) -> dict[str, Json]:
    names = [str(value) for _, value in (certificate or {}).get("subjectAltName", ())]
    dates = {name: str((certificate or {}).get(name, "")) for name in ("notBefore", "notAfter")}
    return {**dates, "names": list(names)}


def _told(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return str(reason) or type(error).__name__
