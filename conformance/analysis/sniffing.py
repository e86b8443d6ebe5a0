"""What bytes are, whatever they are said to be: an open format, encrypted, or nothing that can be recognised.

Encryption is told by the marks that containers carry (ZIP: APPNOTE 4.4.4, bit 0; PDF: ISO 32000-1, 7.6; Office:
MS-OFFCRYPTO 2.3; CMS, OpenPGP, age, JWE, OpenSSL and Fernet by their beginnings). What has no known beginning, is no
text and has nearly eight bits of information in each byte may be encrypted or packed: nobody can tell, so it is
*opaque*.
"""

import base64
import binascii
import math
import re
from collections import Counter
from typing import Literal

Kind = Literal["open", "encrypted", "opaque", "unknown"]
"""`unknown` has no known beginning either, and is too short or too regular to be called opaque."""

LONGEST_LOOKED_AT = 1 << 20
_SHORTEST_OPAQUE = 512
_DENSE = 7.2
"""Bits of information in a byte, from which on nothing but packing or encryption explains it."""
_ZIP, _ZIP_FLAGS = b"PK\x03\x04", 6
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED = (
    b"-----BEGIN PGP MESSAGE",
    b"-----BEGIN PKCS7",
    b"-----BEGIN CMS",
    b"-----BEGIN ENCRYPTED",
    b"-----BEGIN AGE ENCRYPTED",
    b"age-encryption.org/v1",
    b"Salted__",
)
_OPEN = (
    *(
        b"%PDF-",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF8",
        b"II*\x00",
        b"MM\x00*",
        b"BM",
        b"\x1f\x8b",
        b"BZh",
    ),
    *(
        b"\xfd7zXZ\x00",
        b"\x28\xb5\x2f\xfd",
        b"RIFF",
        b"OggS",
        b"fLaC",
        b"ID3",
        b"\xff\xfb",
        b"\xff\xf3",
        b"PAR1",
    ),
    *(b"{\\rtf", b"\x00\x00\x00\x0cjP  ", b"SQLite format 3\x00", b"\x1aE\xdf\xa3", b"7z\xbc\xaf\x27\x1c"),
)
_TOKENS = (
    re.compile(r"eyJ[\w-]{10,}\.[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    re.compile(r"gAAAAA[\w-]{70,}={0,2}"),
    re.compile(r"\s*-----BEGIN (?:PGP MESSAGE|PKCS7|CMS|ENCRYPTED|AGE ENCRYPTED)[\s\S]*"),
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{160,}={0,2}")
_DENSE_TEXT = 6.6
"""Bits of information in a byte of some hundred, from which on a text in base64 holds no other text."""


def kind_of(data: bytes) -> tuple[Kind, str]:  # noqa: PLR0911 - one line for each kind of container
    """What these bytes are, and the word for it: the container's name, or why nothing can be said."""
    if data.startswith(_ZIP):
        flags = int.from_bytes(data[_ZIP_FLAGS : _ZIP_FLAGS + 2], "little")
        return ("encrypted", "an encrypted ZIP archive") if flags & 1 else ("open", "ZIP")
    if data.startswith(b"%PDF-") and re.search(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)", data):
        return "encrypted", "an encrypted PDF"
    if data.startswith(_OLE):
        found = _OFFICE_ENCRYPTED in data
        return ("encrypted", "an encrypted Office document") if found else ("unknown", "a compound file")
    stripped = data[:200].lstrip()
    if stripped.startswith(_ENCRYPTED) or _is_token(data):
        return "encrypted", "an encrypted message"
    if data.startswith(_OPEN) or data[128:132] == b"DICM" or data[4:8] == b"ftyp":
        return "open", "a known container"
    if _is_text(data):
        return "open", "text"
    if len(data) >= _SHORTEST_OPAQUE and entropy(data[:LONGEST_LOOKED_AT]) >= _DENSE:
        return "opaque", "no known container, and as dense as what is encrypted"
    return "unknown", "no known container"


def is_cipher_text(value: str) -> bool:
    """Whether a string of a resource is an encrypted token, or base64 of bytes that are as dense as encrypted ones."""
    if any(token.fullmatch(value) for token in _TOKENS):
        return True
    if not _BASE64.fullmatch(value):
        return False
    data = decoded(value.replace("-", "+").replace("_", "/"))
    return (
        data is not None
        and not _is_text(data)
        and kind_of(data)[0] != "open"
        and entropy(data) >= _DENSE_TEXT
    )


def decoded(text: str) -> bytes | None:
    """The bytes that a text in base64 states; None where it is none. White space is passed over."""
    plain = "".join(text.split())
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def entropy(data: bytes) -> float:
    """How many bits of information a byte of these carries, by how often each byte occurs (Shannon): 0 to 8."""
    size = len(data)
    return -sum(n / size * math.log2(n / size) for n in Counter(data).values()) if size else 0.0


def _is_token(data: bytes) -> bool:
    try:
        text = data[:LONGEST_LOOKED_AT].decode("ascii").strip()
    except UnicodeDecodeError:
        return False
    return any(token.fullmatch(text) for token in _TOKENS)


def _is_text(data: bytes) -> bool:
    """Whether the beginning is text: UTF-8 or UTF-16 with its mark, without control characters."""
    head = data[:65536]
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return _is_single_byte_text(head)
        text = head[: error.start].decode(encoding)
    return not any(ord(char) < 32 and char not in "\t\n\r\f\x1b\x0b\x1c\x1d\x1e" for char in text)  # noqa: PLR2004


def _is_single_byte_text(head: bytes) -> bool:
    """Whether it reads as text of an eight-bit character set: hardly any byte is outside of printable ASCII."""
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x0b" for byte in head)  # noqa: PLR2004 - the control characters
    high = sum(byte >= 128 for byte in head)  # noqa: PLR2004 - beyond ASCII
    return odd == 0 and high <= len(head) // 4
