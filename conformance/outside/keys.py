"""Key files: making and reading the Ed25519 and ECDSA P-256 keys that sign reports.

Private keys are written in OpenSSH's format, whose bcrypt key derivation withstands guessing; what the usual
writers of PKCS#8 derive keys with does not. Both are read.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from conformance.errors import KeyFileError
from conformance.model import dsse
from conformance.outside import private_files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
    from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]

Password: TypeAlias = Callable[[str], bytes]
"""Asks for a password; the text names the key that it is for."""

BCRYPT_ROUNDS = 64
PUBLIC_SUFFIX = ".pub.pem"
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PKCS8 = (b"-----BEGIN PRIVATE KEY-----", b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
_ENVIRONMENT = "env:"
_WORLD_READABLE = 0o644


class KeySigner:
    """A private key in memory that signs bytes; what `sign` calls a signer."""

    def __init__(self, private: "PrivateKeyTypes") -> None:
        from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined] # noqa: PLC0415

        public = _public_of(private)
        self._signer: CryptoSigner = CryptoSigner(_signing(private), dsse.library_key(public))
        self.public_pem = _pem(public)

    @property
    def keyid(self) -> str:
        """The lowercase hexadecimal SHA-256 of the public key's DER SubjectPublicKeyInfo."""
        return self._signer.public_key.keyid

    @property
    def library(self) -> "CryptoSigner":
        """The same signer as the library has it, for what it signs itself."""
        return self._signer

    def sign(self, data: bytes) -> bytes:
        """The signature over these bytes: Ed25519 (RFC 8032), or ECDSA with SHA-256 in DER."""
        return bytes.fromhex(self._signer.sign(data).signature)

    def __repr__(self) -> str:
        return f"<KeySigner {self.keyid}>"


def public_path(path: Path) -> Path:
    """Where the public key belongs: `tester` has `tester.pub.pem` beside it."""
    return path.with_name(path.name + PUBLIC_SUFFIX)


def generate(path: Path, password: Password | None) -> KeySigner:
    """Make an Ed25519 key pair: the private key at `path`, mode 0600, the public one beside it.

    The private key is encrypted with the password that is asked for; None leaves it unencrypted, which only
    the user's explicit wish may bring about. Nothing is ever overwritten. Raises KeyFileError.
    """
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - slow to import
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    for taken in (path, public_path(path)):
        if os.path.lexists(taken):
            raise _exists(taken)
    encryption: form.KeySerializationEncryption = form.NoEncryption()
    if password is not None:
        if not (secret := password(str(path))):
            raise KeyFileError("the password for the new key is empty", hint="Choose a long one.")
        builder = form.PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(BCRYPT_ROUNDS)
        encryption = builder.build(secret)
    private = Ed25519PrivateKey.generate()
    signer = KeySigner(private)
    try:
        private_files.create(
            path, private.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, encryption)
        )
        write_public(path, signer)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise KeyFileError(
            f"the key {path} cannot be written: {error.strerror}", hint="Name a folder that you may write to."
        ) from None
    return signer


def write_public(path: Path, signer: KeySigner) -> None:
    """Write the public key beside the private one at `path`. Raises OSError."""
    private_files.replace(public_path(path), signer.public_pem.encode("ascii"), mode=_WORLD_READABLE)


def load(reference: str, password: Password, *, allow_unencrypted: bool = False) -> KeySigner:
    """The signer whose private key is in a file, or in an environment variable as `env:NAME`.

    The password is asked for only if the key is encrypted. Keys from the environment may be unencrypted,
    since whatever put them there guards them. Raises KeyFileError.
    """
    if reference.startswith(_ENVIRONMENT):
        name = reference.removeprefix(_ENVIRONMENT)
        if not (value := os.environ.get(name, "")):
            raise KeyFileError(
                f"the environment variable {name} holds no key", hint="Set it to the key's PEM text."
            )
        return KeySigner(_read(value.encode("utf-8"), reference, password, allow_unencrypted=True))
    path = Path(reference).expanduser()
    data = private_files.read(path, forbidden=private_files.READABLE_BY_OTHERS, what="the key file")
    return KeySigner(_read(data, str(path), password, allow_unencrypted=allow_unencrypted))


def read_public(path: Path) -> str:
    """The public key in a PEM file, as PEM of its SubjectPublicKeyInfo. Raises KeyFileError."""
    try:
        return dsse.public_pem(path.read_bytes()[: private_files.MOST_BYTES])
    except OSError as error:
        raise KeyFileError(
            f"the public key {path} cannot be read: {error.strerror}", hint="Check the path."
        ) from None
    except dsse.NotAKey as error:
        raise KeyFileError(
            f"{path}: {error}", hint=f"Give the file {PUBLIC_SUFFIX} that lies beside the private key."
        ) from None


def _read(data: bytes, where: str, password: Password, *, allow_unencrypted: bool) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - slow to import
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415

    text = data.strip()
    if text.startswith(_OPENSSH):
        parse: Callable[[bytes, bytes | None], PrivateKeyTypes] = form.load_ssh_private_key
    elif text.startswith(_PKCS8):
        parse = form.load_pem_private_key
    else:
        raise KeyFileError(
            f"{where} is no private key in OpenSSH or PKCS#8 format",
            hint="Make one with `conformance keygen`, or convert it: openssl pkcs8 -topk8 -scrypt -in KEY.",
        )
    try:
        private, encrypted = _open(text, parse, lambda: password(where))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(
            f"the key {where} cannot be opened: {error}", hint="Is the password right, and the file whole?"
        ) from None
    if problem := dsse.objection(private):
        raise KeyFileError(
            f"{where}: {problem}; Ed25519 and ECDSA P-256 are", hint="Make one with `conformance keygen`."
        )
    if not (encrypted or allow_unencrypted):
        raise KeyFileError(
            f"the key {where} is not encrypted: whoever copies the file can sign in your name",
            hint="Encrypt it with `ssh-keygen -p -a 64 -f FILE`, or insist with --allow-unencrypted-key.",
        )
    return private


def _open(
    text: bytes,
    parse: "Callable[[bytes, bytes | None], PrivateKeyTypes]",
    password: Callable[[], bytes],
) -> "tuple[PrivateKeyTypes, bool]":
    """The key, and whether it was encrypted; TypeError is how the parsers say that they need a password."""
    try:
        return parse(text, None), False
    except TypeError:
        return parse(text, password()), True


def _exists(path: Path) -> KeyFileError:
    return KeyFileError(
        f"there is already a file {path}", hint="Keys are never overwritten; choose another name."
    )


def _pem(public: "PublicKeyTypes") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - slow

    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _public_of(private: "PrivateKeyTypes") -> "PublicKeyTypes":
    return private.public_key()


def _signing(private: "PrivateKeyTypes") -> "Ed25519PrivateKey | EllipticCurvePrivateKey":
    """The same key, as one of the kinds that `objection` lets pass."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415 - slow to import

    if isinstance(private, (ed25519.Ed25519PrivateKey, ec.EllipticCurvePrivateKey)):
        return private
    raise KeyFileError(dsse.objection(private))
