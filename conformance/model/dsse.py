"""The Dead Simple Signing Envelope (DSSE 1.0.2): bytes, their type, and signatures over both.

What is signed is the pre-authentication encoding of type and payload, so that neither can be exchanged. Keys
are known by the SHA-256 of their SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), never by a name in the
envelope.
"""

import base64
import binascii
from typing import TYPE_CHECKING, Protocol

from pydantic import Field, ValidationError

from conformance.model.base import NotJson, Noun, sha256, strict_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
    from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]

MOST_BYTES = 64 * 2**20
"""The largest envelope that is read."""

MOST_SIGNATURES = 32
SMALLEST_RSA = 3072


class NotAnEnvelope(ValueError):
    """These bytes are no DSSE envelope that can be read in one way only; the message says why."""


class NotAKey(ValueError):
    """Said of what is no public key, or one of a kind that is not accepted; the message says why."""


class Signer(Protocol):
    """Whoever holds a private key, on disk or elsewhere."""

    @property
    def keyid(self) -> str:
        """The lowercase hexadecimal SHA-256 of the public key's DER SubjectPublicKeyInfo."""

    def sign(self, data: bytes) -> bytes:
        """The signature over these bytes."""


class Signature(Noun):
    """One signature in standard base64; `keyid` is an unauthenticated hint and may be missing."""

    keyid: str = ""
    sig: str


class Envelope(Noun):
    """A payload in base64, its type, and signatures over both."""

    payload_type: str
    payload: str
    signatures: tuple[Signature, ...] = Field(max_length=MOST_SIGNATURES)

    @property
    def content(self) -> bytes:
        """The payload's bytes. Raises ValueError where it is not base64."""
        return unbase64(self.payload)

    def pae(self) -> bytes:
        """The bytes that are signed (DSSE 1.0.2, Pre-Authentication Encoding)."""
        return pae(self.payload_type, self.content)


def base64_text(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def unbase64(text: str) -> bytes:
    """The bytes of canonical standard base64: no other text stands for them. Raises ValueError.

    DSSE lets a reader take the URL-safe alphabet too. Our own envelopes never use it, and one form only means
    that no byte of an envelope can be changed unnoticed.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"it is not base64 ({error})") from None
    if base64_text(data) != text:
        raise ValueError("it is not canonical base64")
    return data


def pae(payload_type: str, payload: bytes) -> bytes:
    """The Pre-Authentication Encoding of a typed payload."""
    from securesystemslib.dsse import Envelope as LibraryEnvelope  # noqa: PLC0415 - slow to import

    return LibraryEnvelope(payload, payload_type, {}).pae()


def read_envelope(data: bytes) -> Envelope:
    """The envelope in these bytes, read strictly. Raises NotAnEnvelope.

    DSSE asks readers to ignore members they do not know. Here they are refused: no signature covers them, so
    they could only mislead.
    """
    if len(data) > MOST_BYTES:
        raise NotAnEnvelope(f"it has {len(data)} bytes, more than the {MOST_BYTES} that are read")
    try:
        strict_json(data)
        envelope = Envelope.model_validate_json(data, strict=True, by_alias=True, by_name=False)
        for text in (envelope.payload, *(signature.sig for signature in envelope.signatures)):
            unbase64(text)
    except ValidationError as error:
        raise NotAnEnvelope(first_problem(error)) from None
    except NotJson as error:
        raise NotAnEnvelope(f"it is not strict JSON: {error}") from None
    except ValueError as error:
        raise NotAnEnvelope(f"payload or signature: {error}") from None
    return envelope


def first_problem(error: ValidationError) -> str:
    """Where the first mistake is and what is wrong there, in a few words."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"]) or "the whole"
    return f"{place}: {problem['msg']}"


def key_id(pem: str | bytes) -> str:
    """The lowercase hexadecimal SHA-256 of the DER SubjectPublicKeyInfo of a public key. Raises NotAKey."""
    return _spki_digest(_public_key(pem))


def public_pem(pem: str | bytes) -> str:
    """The same public key in the form that is written: PEM of its SubjectPublicKeyInfo. Raises NotAKey."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - slow

    key = _public_key(pem)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def signed_by(pem: str | bytes, signature: Signature, data: bytes) -> bool:
    """Whether this key made this signature over these bytes, whatever key id stands beside it.

    Raises NotAKey where the PEM text is no accepted public key.
    """
    from securesystemslib.exceptions import UnverifiedSignatureError  # noqa: PLC0415 - slow to import
    from securesystemslib.signer import Signature as LibrarySignature  # type: ignore[attr-defined] # noqa: PLC0415

    key = library_key(_public_key(pem))
    try:
        key.verify_signature(LibrarySignature(key.keyid, unbase64(signature.sig).hex()), data)
    except UnverifiedSignatureError:
        return False
    return True


def library_key(key: "PublicKeyTypes") -> "SSlibKey":
    """The key as securesystemslib holds it, under our key id."""
    from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined] # noqa: PLC0415 - slow

    return SSlibKey.from_crypto(key, keyid=_spki_digest(key))


def library_key_of(pem: str | bytes) -> "SSlibKey":
    """The public key in a PEM text as securesystemslib holds it. Raises NotAKey."""
    return library_key(_public_key(pem))


def objection(key: object) -> str:
    """Why keys of this kind are not accepted; empty for Ed25519 and ECDSA P-256."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - slow to import

    if isinstance(key, (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey)):
        return ""
    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        return "" if isinstance(key.curve, ec.SECP256R1) else f"ECDSA on {key.curve.name} is not accepted"
    if isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        weak = f"RSA with {key.key_size} bits is too weak" if key.key_size < SMALLEST_RSA else ""
        return weak or "RSA keys are not accepted"
    return f"keys of the kind {type(key).__name__} are not accepted"


def _public_key(pem: str | bytes) -> "PublicKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - slow to import
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        key = load_pem_public_key(pem.encode("utf-8") if isinstance(pem, str) else pem)
    except (ValueError, UnsupportedAlgorithm):
        raise NotAKey("it is no public key in PEM (-----BEGIN PUBLIC KEY-----)") from None
    if problem := objection(key):
        raise NotAKey(f"{problem}; Ed25519 and ECDSA P-256 are")
    return key


def _spki_digest(key: "PublicKeyTypes") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - slow

    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
