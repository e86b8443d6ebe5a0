"""TLS: whom we trust, who we are, and what the connection turned out to be."""

import hashlib
import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance.errors import KeyFileError
from conformance.model.target import Tls
from conformance.outside.secrets import Secrets


def context(tls: Tls, folder: Path, secrets: Secrets) -> ssl.SSLContext:
    """The settings of the target file as an SSL context: TLS 1.2 or later, certificates and names verified.

    The system's certification authorities are trusted, and the one of `tls.ca` beside them. Raises
    KeyFileError, TargetFileError.
    """
    settings = ssl.create_default_context()
    settings.minimum_version = ssl.TLSVersion.TLSv1_2
    paths = ssl.get_default_verify_paths()
    if not any(path and Path(path).exists() for path in (paths.cafile, paths.capath)):
        settings.load_verify_locations(certifi.where())
    if tls.ca:
        _use(lambda: settings.load_verify_locations(folder / tls.ca), folder / tls.ca, "tls.ca")
    if tls.client_certificate:
        certificate = folder / tls.client_certificate
        key = folder / tls.client_key if tls.client_key else certificate
        # Without a password OpenSSL would ask at the terminal; an empty one makes it fail instead.
        password = secrets.load(tls.client_key_password, folder) if tls.client_key_password else ""
        _use(lambda: settings.load_cert_chain(certificate, key, password), key, "tls.clientCertificate")
    elif tls.client_key:
        raise KeyFileError(
            "tls.clientKey is given without tls.clientCertificate",
            hint="Give the PEM file of the certificate too.",
        )
    return settings


def _use(load: Any, path: Path, member: str) -> None:
    try:
        load()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "strerror", "") or str(error)
        if isinstance(error, ssl.SSLError):
            reason = (
                "it is no PEM file of that kind, its parts do not belong together, or its password is wrong"
            )
        raise KeyFileError(
            f"{member} cannot be used: {os.fspath(path)}: {reason}",
            hint="Paths are relative to the folder of the target file.",
        ) from None


def peer(ssl_object: Any) -> tuple[str, str]:
    """The TLS version ("TLSv1.3") and the SHA-256 of the server's SubjectPublicKeyInfo; empty without TLS."""
    if ssl_object is None:
        return "", ""
    certificate = ssl_object.getpeercert(True)
    return ssl_object.version() or "", _key_digest(certificate) if certificate else ""


@lru_cache(maxsize=64)
def _key_digest(certificate: bytes) -> str:
    key = x509.load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
