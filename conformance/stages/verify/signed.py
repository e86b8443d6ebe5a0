"""Who signed an envelope: every signature is tried with every trusted key, and nothing that it says of itself counts.

The library's own verification is not asked: it stops at a threshold, so that it cannot say who signed, takes one key
under two ids for two, fails where no key id is given, and never looks at what kind of statement was signed.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from conformance.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, Statement
from conformance.model.base import NotJson, sha256, strict_json
from conformance.model.dsse import (
    Envelope,
    NotAKey,
    NotAnEnvelope,
    Signature,
    first_problem,
    key_id,
    read_envelope,
    signed_by,
)
from conformance.model.trust import Trust, TrustedKey


class NotSigned(ValueError):
    """These bytes are no signed statement that can be read in one way only; the message says why."""


@dataclass(frozen=True)
class When:
    """The reader's now, and earlier times by which signatures were there, on which the reader can rely.

    `received` is when the reader got all of it; `stamped` when each key's signature on the report was seen by a time
    stamp authority that the reader trusts.
    """

    now: dt.datetime
    received: dt.datetime | None = None
    stamped: Mapping[str, dt.datetime] = field(default_factory=dict)

    def objection(
        self, key: TrustedKey, made: dt.datetime, target: Any = None, *, on_report: bool = False
    ) -> str:
        """Why the key does not count for what was made then; empty where it does."""
        if self.received is not None:
            return key.objection(made, self.received, target, "when it was received")
        if on_report and key.id in self.stamped:
            return key.objection(made, self.stamped[key.id], target, "when it was time-stamped")
        return key.objection(made, self.now, target)

    def since(self, key: TrustedKey, made: dt.datetime) -> str:
        """What has become of a key that counted at such an earlier time; empty where it still counts."""
        if self.received is None and key.id not in self.stamped:
            return ""
        how = "received" if self.received is not None else "time-stamped"
        later = key.objection(made, self.now)
        return f"{later}, after it was {how}" if later else ""


@dataclass(frozen=True)
class Signatures:
    """The distinct trusted keys that signed, the fingerprints of other signers, and those falsely named."""

    keys: tuple[TrustedKey, ...]
    strangers: tuple[str, ...]
    falsely: tuple[str, ...]


@dataclass(frozen=True)
class Signed:
    """A statement with the trusted keys that signed it; `digest` is the SHA-256 of the signed payload."""

    statement: Statement
    signatures: Signatures
    digest: str


def signatures_on(envelope: Envelope, trust: Trust) -> Signatures:
    """Who signed. Key ids are hints, so each signature is tried with each key. Raises NotAKey."""
    data = envelope.pae()
    keys = _by_own_digest(trust)
    signed: dict[str, TrustedKey] = {}
    strangers, falsely = [], []
    for signature in envelope.signatures:
        key = next((key for key in keys if signed_by(key.pem, signature, data)), None)
        if key is not None and signature.keyid in {"", key.id}:
            signed[key.id] = key
        elif key is not None or trust.key(signature.keyid) is not None:
            falsely.append(_fingerprint(signature))
        else:
            strangers.append(_fingerprint(signature))
    return Signatures(tuple(signed.values()), tuple(strangers), tuple(falsely))


def open_signed(data: bytes, trust: Trust) -> Signed:
    """The statement in an envelope, and who signed it. Raises NotSigned, also where a signature is not what it says."""
    try:
        envelope = read_envelope(data)
        if envelope.payload_type != PAYLOAD_TYPE:
            raise NotSigned(f"the payload type is {envelope.payload_type!r}, not {PAYLOAD_TYPE!r}")
        content = envelope.content
        value = strict_json(content)
        if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
            raise NotSigned("the payload is no in-toto Statement v1")
        statement = Statement.model_validate_json(content, strict=True, by_alias=True, by_name=False)
        signatures = signatures_on(envelope, trust)
    except (NotAnEnvelope, NotJson, NotAKey) as error:
        raise NotSigned(str(error)) from None
    except ValidationError as error:
        raise NotSigned(first_problem(error)) from None
    if signatures.falsely:
        raise NotSigned(f"the signature beside {signatures.falsely[0]} is not by that key")
    return Signed(statement, signatures, sha256(content))


def _by_own_digest(trust: Trust) -> tuple[TrustedKey, ...]:
    """The trusted keys, each once, after making sure that each goes by its own digest."""
    for key in trust.keys:
        try:
            digest = key_id(key.pem)
        except NotAKey as error:
            raise NotAKey(f"the trusted key {key.name!r} cannot be used: {error}") from None
        if digest != key.id:
            raise NotAKey(f"the trusted key {key.name!r} does not have the id {key.id}")
    return tuple({key.id: key for key in trust.keys}.values())


def _fingerprint(signature: Signature) -> str:
    return signature.keyid[:64] or "an unnamed key"
