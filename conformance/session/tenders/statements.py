"""What a buyer signs, read: what it says, and whether a trusted buyer's signature stands under it."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.attestation import SignerInfo
from conformance.model.base import Noun
from conformance.model.dsse import first_problem
from conformance.model.roles import TrustRole
from conformance.model.trust import Trust, TrustedKey
from conformance.stages.verify.signed import NotSigned, Signed, open_signed

N = TypeVar("N", bound=Noun)


@dataclass(frozen=True)
class Buyers:
    """The trusted buyers whose signature counts, and, where there is none, why not."""

    counting: tuple[SignerInfo, ...]
    objection: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Each with their roles, in the reader's words."""
        return tuple(f"{signer.name} ({', '.join(signer.roles)})" for signer in self.counting)


def opened(data: bytes, trust: Trust, what: str) -> Signed:
    """The statement in an envelope's bytes, whoever signed it. Raises Unreadable, which calls it `what`."""
    try:
        return open_signed(data, trust)
    except NotSigned as error:
        raise Unreadable(
            f"{what} is no signed statement that can be relied on: {error}", hint="Is it the right file?"
        ) from None


def stated(found: Signed, kind: type[N], predicate_type: str, version: str, what: str) -> N:
    """What is stated. Raises Unreadable where it is malformed, or of another type or format than is read here."""
    type_, content = found.statement.predicate_type, found.statement.predicate
    if type_ != predicate_type:
        raise Unreadable(f"{what} states {type_!r}, not {predicate_type!r}", hint="Is it the right file?")
    if content.get("formatVersion") != version:
        raise Unreadable(
            f"{what} has format {content.get('formatVersion')!r}; {version!r} is read here",
            hint="Use the version of the harness that it was made with.",
        )
    try:
        return kind.model_validate_json(json.dumps(content), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Unreadable(f"{what} is malformed: {first_problem(error)}") from None


def buyers(found: Signed, made: dt.datetime, now: dt.datetime) -> Buyers:
    """Who among those that signed is trusted as a buyer, both then and now; `made` is the statement's own word."""
    counting, objections = list[SignerInfo](), list[str]()
    for key in found.signatures.keys:
        if objection := _objection(key, made, now):
            objections.append(f"{key.name}{objection}")
        else:
            counting.append(SignerInfo(keyid=key.id, name=key.name, roles=key.roles))
    if counting:
        return Buyers(tuple(counting))
    named = ", ".join(found.signatures.strangers)
    strangers = f"no trusted key made the signature by {named}" if named else "it has no signature"
    return Buyers((), "; ".join(objections) or strangers)


def _objection(key: TrustedKey, made: dt.datetime, now: dt.datetime) -> str:
    if said := key.objection(made, now):
        return f": {said}"
    if key.only_embedded:
        return " is trusted for reports about the embedded reference supplier only"
    if TrustRole.BUYER not in key.roles:
        return f" is trusted as {', '.join(key.roles)}, not as {TrustRole.BUYER}"
    return ""
