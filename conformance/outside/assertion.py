"""Client assertions (RFC 7523; SMART App Launch 2.2, "Asymmetric authentication") and the key for them."""

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.errors import KeyFileError
from conformance.model.base import NotJson, canonical, strict_json
from conformance.model.target import BackendServices
from conformance.outside.secrets import Secrets

LIFETIME = 240
"""Seconds; SMART allows five minutes at most."""
SMALLEST_RSA = 2048
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "k")

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class ClientKey:
    """The key that the target knows the harness by."""

    private: PrivateKey
    kid: str
    algorithm: str


def client_key(auth: BackendServices, folder: Path, secrets: Secrets) -> ClientKey:
    """The key of the target file: PEM, JWK or JWK set. Raises KeyFileError, TargetFileError."""
    reference = auth.key_file if auth.key_file.startswith(("env:", "file:")) else f"file:{auth.key_file}"
    text = secrets.load(reference, folder)
    if text.startswith("{"):
        jwk = _chosen(text, auth, reference)
        for name in _PRIVATE_MEMBERS:
            if isinstance(jwk.get(name), str):
                secrets.add(jwk[name], f"the private key {reference}")
        try:
            private: Any = jwt.PyJWK.from_dict(jwk, algorithm=auth.algorithm).key
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise KeyFileError(f"the key {reference} is no usable JWK: {error}", hint=_wanted(auth)) from None
        kid = auth.key_id or str(jwk.get("kid") or "")
    else:
        try:
            private = serialization.load_pem_private_key(text.encode(), None)
        except (ValueError, TypeError) as error:
            hint = (
                "Keys with a password are not accepted here."
                if isinstance(error, TypeError)
                else _wanted(auth)
            )
            raise KeyFileError(f"the key {reference} is no private key in PEM", hint=hint) from None
        kid = auth.key_id
    _refuse_unfit(private, auth, reference)
    return ClientKey(private, kid or thumbprint(private), auth.algorithm)


def _chosen(text: str, auth: BackendServices, reference: str) -> dict[str, Any]:
    try:
        value = strict_json(text)
    except NotJson as error:
        raise KeyFileError(f"the key {reference} is no JSON: {error}", hint=_wanted(auth)) from None
    listed = value.get("keys", [value])
    keys = [key for key in listed if isinstance(key, dict) and "d" in key] if isinstance(listed, list) else []
    kind = "EC" if auth.algorithm.startswith("ES") else "RSA"
    fitting = [key for key in keys if key.get("kty") == kind and auth.key_id in {"", key.get("kid")}]
    if not fitting:
        which = f" with the kid {auth.key_id!r}" if auth.key_id else ""
        raise KeyFileError(f"{reference} holds no private {kind} key{which}", hint=_wanted(auth))
    return fitting[0]


def _refuse_unfit(private: Any, auth: BackendServices, reference: str) -> None:
    if auth.algorithm == "ES384":
        fit = isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP384R1)
    else:
        fit = isinstance(private, rsa.RSAPrivateKey) and private.key_size >= SMALLEST_RSA
    if not fit:
        raise KeyFileError(f"the key {reference} does not fit {auth.algorithm}", hint=_wanted(auth))


def _wanted(auth: BackendServices) -> str:
    if auth.algorithm == "ES384":
        return "ES384 needs a private key on the curve P-384, as PEM or JWK."
    return f"{auth.algorithm} needs a private RSA key of {SMALLEST_RSA} bits or more, as PEM or JWK."


def fresh_key(like: ClientKey) -> ClientKey:
    """A key that nobody registered, under the key id of another one."""
    if isinstance(like.private, ec.EllipticCurvePrivateKey):
        return ClientKey(ec.generate_private_key(ec.SECP384R1()), like.kid, like.algorithm)
    return ClientKey(rsa.generate_private_key(65537, SMALLEST_RSA), like.kid, like.algorithm)


def thumbprint(private: PrivateKey) -> str:
    """The JWK thumbprint of the public key (RFC 7638)."""
    if isinstance(private, ec.EllipticCurvePrivateKey):
        point = private.public_key().public_numbers()
        size = (private.curve.key_size + 7) // 8
        members = {"crv": "P-384", "kty": "EC", "x": _number(point.x, size), "y": _number(point.y, size)}
    else:
        numbers = private.public_key().public_numbers()
        members = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    return _base64url(hashlib.sha256(canonical(members)).digest())


def _number(value: int, size: int = 0) -> str:
    return _base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(  # noqa: PLR0913 - an assertion can deviate in this many independent points
    key: ClientKey,
    client_id: str,
    audience: str,
    now: dt.datetime,
    *,
    lifetime: int = LIFETIME,
    signed: bool = True,
    claims: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> str:
    """A client assertion with a fresh jti; `lifetime` may be negative, and unsigned ones say `alg: none`.

    `claims` and `headers` are added, or put in the place of the right ones; a claim of None is left out.
    """
    issued = now if lifetime > 0 else now + dt.timedelta(seconds=lifetime - LIFETIME)
    said = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": int(issued.timestamp()),
        "exp": int((now + dt.timedelta(seconds=lifetime)).timestamp()),
        "jti": str(uuid.uuid4()),
    } | dict(claims or {})
    said = {name: value for name, value in said.items() if value is not None}
    header = {"kid": key.kid} | dict(headers or {})
    if not signed:
        return jwt.encode(said, "", algorithm="none", headers=header)
    return jwt.encode(said, key.private, algorithm=key.algorithm, headers=header)


def confused(key: ClientKey, signed_assertion: str) -> str:
    """The same assertion as HS256, with the public key in PEM as its secret: "algorithm confusion".

    Everybody has the public key. A server that lets the assertion's own `alg` decide how the signature is verified
    takes it for the secret (RFC 8725 section 2.1).
    """
    pem = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _, claims, _ = signed_assertion.split(".")
    header = _base64url(canonical({"alg": "HS256", "kid": key.kid, "typ": "JWT"}))
    signature = hmac.digest(pem, f"{header}.{claims}".encode(), "sha256")
    return f"{header}.{claims}.{_base64url(signature)}"
