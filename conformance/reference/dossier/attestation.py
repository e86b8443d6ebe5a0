"""The supplier's attestation: an officer of the supplier signs what the exit plan says.

Formats: DSSE 1.0 (https://github.com/secure-systems-lab/dsse), in-toto Statement v1
(https://in-toto.io/Statement/v1). The key id is the lowercase hexadecimal SHA-256 of the key's DER
SubjectPublicKeyInfo.
"""

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.reference.dossier.plan import SIGNATORY, reviewed
from conformance.reference.settings import PRODUCT_NAME, SUPPLIER

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://conformance-harness.org/attestation/supplier-attestation/v1"

ATTESTED = ("EXIT-EXP-03", "EXIT-PLN-07", "EXIT-DEL-02", "EXIT-GOV-01", "EXIT-GOV-02")
"""The requirements of exit-core that rest, wholly or in part, on somebody's signed word."""


@dataclass(frozen=True)
class SupplierKey:
    """An Ed25519 key of the demo supplier, and its halves as PEM."""

    private: Ed25519PrivateKey
    id: str
    public_pem: bytes
    private_pem: bytes


def make_key() -> SupplierKey:
    """A fresh key for one dossier."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SupplierKey(
        private=private,
        id=hashlib.sha256(spki).hexdigest(),
        public_pem=public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        private_pem=private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def statement(plan_sha256: str, version: str, as_of: date, requirements: Sequence[str]) -> dict[str, Any]:
    """The in-toto Statement: this exit plan, attested by this officer for this version of the product."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "exit-plan.json", "digest": {"sha256": plan_sha256}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "statement": (
                "The exit plan named as subject is true and complete for the product and version named here. "
                "Exports need no action by our staff; later changes to the product will be declared."
            ),
            "product": {"supplier": SUPPLIER, "name": PRODUCT_NAME, "version": version},
            "signatory": {**SIGNATORY, "organisation": SUPPLIER},
            "signedOn": reviewed(as_of).isoformat(),
            "requirements": list(requirements),
        },
    }


def signed_statement(claim: dict[str, Any], key: SupplierKey) -> dict[str, Any]:
    """The DSSE envelope over this statement, with the supplier's signature.

    It is made by hand: the library for this loads the clients of key stores, where they are installed, and each start
    of a supplier would wait for that.
    """
    payload = json.dumps(claim, sort_keys=True).encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    return {
        "payload": b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": key.id, "sig": b64encode(key.private.sign(signed)).decode()}],
    }


def write_private(path: Path, content: bytes) -> None:
    """Write a secret file that only its owner can read; it has that mode from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
