"""Statements that stand by themselves in an envelope: read strictly, and held against the keys that a reader trusts.

For what a buyer signs (a tender pack, a decision). A run's report has more steps: `stages/verify`.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, SignerInfo, Statement
from conformance.model.base import Json, NotJson, Noun, sha256, strict_json
from conformance.model.dsse import Envelope, NotAKey, NotAnEnvelope, first_problem, read_envelope, signed_by
from conformance.model.target import TargetCard
from conformance.model.trust import Trust, TrustedKey, TrustRole

N = TypeVar("N", bound=Noun)
_NO_TARGET = TargetCard(endpoint="")


@dataclass(frozen=True)
class Opened:
    """A statement as it was signed: nothing is known yet of who signed it. `digest` is the payload's SHA-256."""

    envelope: Envelope
    statement: Statement
    digest: str


@dataclass(frozen=True)
class Signers:
    """Whose signature counts, and, where nobody's does, why not."""

    counting: tuple[SignerInfo, ...]
    objection: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Each signer with their roles, in the reader's words."""
        return tuple(f"{signer.name} ({', '.join(signer.roles)})" for signer in self.counting)


def opened(data: bytes, wanted: str, what: str) -> Opened:
    """The statement of this type in an envelope's bytes. Raises Unreadable, which calls it `what`."""
    envelope, value = _stated(data, what)
    if (stated := value.get("predicateType")) != wanted:
        raise Unreadable(f"{what} states {stated!r}, not {wanted!r}", hint="Is it the right file?")
    payload = envelope.content
    try:
        statement = Statement.model_validate_json(payload, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Unreadable(f"{what} is malformed: {first_problem(error)}") from None
    return Opened(envelope, statement, sha256(payload))


def predicate_type(data: bytes, what: str) -> str:
    """What kind of thing an envelope's bytes state, whoever signed it. Raises Unreadable."""
    return str(_stated(data, what)[1].get("predicateType"))


def _stated(data: bytes, what: str) -> tuple[Envelope, dict[str, Json]]:
    try:
        envelope = read_envelope(data)
        value = strict_json(envelope.content)
    except (NotAnEnvelope, NotJson) as error:
        raise Unreadable(f"{what} cannot be read: {error}", hint="Is it the right file?") from None
    fits = envelope.payload_type == PAYLOAD_TYPE and isinstance(value, dict)
    if not fits or value.get("_type") != STATEMENT_TYPE:
        raise Unreadable(f"{what} is no in-toto Statement v1 in an envelope", hint="Is it the right file?")
    return envelope, value


def predicate_of(found: Opened, kind: type[N], version: str, what: str) -> N:
    """What is stated. Raises Unreadable where it is malformed, or of another format than is read here."""
    stated = found.statement.predicate
    if stated.get("formatVersion") != version:
        raise Unreadable(
            f"{what} has format {stated.get('formatVersion')!r}; {version!r} is read here",
            hint="Use the version of the harness that it was made with.",
        )
    try:
        return kind.model_validate_json(json.dumps(stated), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Unreadable(f"{what} is malformed: {first_problem(error)}") from None


def signers(
    found: Opened, trust: Trust, signed: dt.datetime, now: dt.datetime, roles: Iterable[TrustRole]
) -> Signers:
    """Who among the trusted keys signed it and is trusted in one of these roles, both then and now.

    `signed` is the day that the statement gives for itself.
    """
    wanted = frozenset(roles)
    counting, objections = list[SignerInfo](), list[str]()
    for key in _signing(found, trust):
        if objection := key.objection(signed, now, _NO_TARGET):
            objections.append(f"{key.name}: {objection}")
        elif not wanted & set(key.roles):
            as_what = ", ".join(key.roles)
            objections.append(f"{key.name} is trusted as {as_what}, not as {' or '.join(sorted(wanted))}")
        else:
            counting.append(SignerInfo(keyid=key.id, name=key.name, roles=key.roles))
    if counting:
        return Signers(tuple(counting))
    named = ", ".join(signature.keyid[:64] or "an unnamed key" for signature in found.envelope.signatures)
    strangers = f"no trusted key made the signature by {named}" if named else "it has no signature"
    return Signers((), "; ".join(objections) or strangers)


def _signing(found: Opened, trust: Trust) -> list[TrustedKey]:
    """The distinct trusted keys that made one of the signatures. Raises Unreadable for a key that is none."""
    data = found.envelope.pae()
    try:
        return [
            key
            for key in {key.id: key for key in trust.keys}.values()
            if any(
                signature.keyid in {"", key.id} and signed_by(key.pem, signature, data)
                for signature in found.envelope.signatures
            )
        ]
    except NotAKey as error:
        raise Unreadable(f"a key in the trust file cannot be used: {error}") from None
