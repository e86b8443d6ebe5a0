"""Whose words these are: the envelope, its signatures, what they sign, and whether those keys count."""

import datetime as dt
import json
from collections.abc import Iterable

from pydantic import ValidationError

from conformance.model.attestation import (
    ENVELOPE_FILE,
    EXIT_UNREADABLE,
    PAYLOAD_TYPE,
    REPORT_PREDICATE,
    STATEMENT_TYPE,
    UNSIGNED,
    SignerInfo,
    Statement,
    StepOutcome,
)
from conformance.model.base import NotJson, strict_json
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
from conformance.model.predicate import PREDICATE_FORMAT, ReportPredicate, instant
from conformance.model.trust import Trust, TrustedKey
from conformance.stages.verify.steps import Steps, few


def open_envelope(data: bytes | None, done: Steps) -> Envelope:
    """The envelope in these bytes, of the one payload type that is read here."""
    if data is None:
        done.refuse("envelope", f"{UNSIGNED}: there is no {ENVELOPE_FILE}, so nobody answers for this run")
    try:
        envelope = read_envelope(data)
    except NotAnEnvelope as error:
        done.refuse("envelope", f"this is no envelope that can be read: {error}", EXIT_UNREADABLE)
    if envelope.payload_type != PAYLOAD_TYPE:
        done.refuse("envelope", f"the payload type is {envelope.payload_type!r}, not {PAYLOAD_TYPE!r}")
    done.ok("envelope", f"{len(data)} bytes of strict JSON, payload type {PAYLOAD_TYPE}")
    return envelope


def check_signatures(envelope: Envelope, trust: Trust, done: Steps) -> tuple[TrustedKey, ...]:
    """The distinct trusted keys that signed. Key ids are hints, so each signature is tried with each key."""
    data = envelope.pae()
    keys = _by_own_digest(trust, done)
    signed: dict[str, TrustedKey] = {}
    strangers = []
    for signature in envelope.signatures:
        key = next((key for key in keys if signed_by(key.pem, signature, data)), None)
        if key is not None and signature.keyid in {"", key.id}:
            signed[key.id] = key
        elif key is not None or trust.key(signature.keyid) is not None:
            done.refuse("signatures", f"the signature beside {_fingerprint(signature)} is not by that key")
        else:
            strangers.append(_fingerprint(signature))
    unknown = f"no trusted key made the signature by {few(strangers)}"
    if not envelope.signatures:
        done.refuse("signatures", f"{UNSIGNED}: the envelope has no signature")
    if not signed:
        done.refuse(
            "signatures",
            f"{unknown}. If you know whose key that is and have checked this fingerprint with them by "
            "another way than these files: `conformance trust add KEY.pub.pem --name NAME --role ROLE`",
        )
    named = few(f"{key.name} ({key.id})" for key in signed.values())
    if strangers:
        done.add("signatures", StepOutcome.WARN, f"signed by {named}; {unknown}, which counts for nothing")
    else:
        done.ok("signatures", f"signed by {named}")
    return tuple(signed.values())


def _by_own_digest(trust: Trust, done: Steps) -> tuple[TrustedKey, ...]:
    """The trusted keys, each once, after making sure that each goes by its own digest."""
    for key in trust.keys:
        try:
            if key_id(key.pem) != key.id:
                done.refuse("signatures", f"the trusted key {key.name!r} does not have the id {key.id}")
        except NotAKey as error:
            done.refuse("signatures", f"the trusted key {key.name!r} cannot be used: {error}")
    return tuple({key.id: key for key in trust.keys}.values())


def read_statement(envelope: Envelope, done: Steps) -> tuple[Statement, ReportPredicate]:
    """The statement in the bytes that were signed. The types are compared before anything else is read."""
    try:
        value = strict_json(envelope.content)
    except NotJson as error:
        done.refuse("statement", f"the payload is not strict JSON: {error}")
    if not isinstance(value, dict) or not isinstance(value.get("predicate"), dict):
        done.refuse("statement", "the payload is no in-toto Statement with a predicate")
    if value.get("_type") != STATEMENT_TYPE:
        done.refuse("statement", f"_type is {value.get('_type')!r}, not {STATEMENT_TYPE!r}")
    if value.get("predicateType") != REPORT_PREDICATE:
        done.refuse("statement", f"predicateType is {value.get('predicateType')!r}, not {REPORT_PREDICATE!r}")
    version = value["predicate"].get("formatVersion")
    if version != PREDICATE_FORMAT:
        done.refuse("statement", f"the report has format {version!r}; {PREDICATE_FORMAT!r} is read here")
    try:
        statement = Statement.model_validate_json(envelope.content, strict=True, by_alias=True, by_name=False)
        predicate = json.dumps(value["predicate"])
        stated = ReportPredicate.model_validate_json(predicate, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        done.refuse("statement", f"the statement is malformed: {first_problem(error)}")
    done.ok("statement", f"in-toto Statement v1, conformance report v{version}, run {stated.report_id}")
    return statement, stated


def check_keys(
    signed: Iterable[TrustedKey], stated: ReportPredicate, now: dt.datetime, done: Steps
) -> tuple[SignerInfo, ...]:
    """The signers whose key counts for this run, at its end and now; one of them must be trusted to test."""
    finished = instant(stated.finished_at)
    signers, objections = [], []
    for key in signed:
        if objection := key.objection(finished, now, stated.target):
            objections.append(f"{key.name}: {objection}")
        else:
            info = SignerInfo(keyid=key.id, name=key.name, roles=key.roles, only_embedded=key.only_embedded)
            signers.append(info)
    if not any(role.may_test for signer in signers for role in signer.roles):
        lacking = [f"{signer.name}: trusted as supplier only, which carries no report" for signer in signers]
        done.refuse("keys", "no signature counts. " + few((*objections, *lacking), "; "))
    told = few(f"{signer.name} as {', '.join(signer.roles)}{_limited(signer)}" for signer in signers)
    if objections:
        done.add("keys", StepOutcome.WARN, f"{told}; does not count: {few(objections, '; ')}")
    else:
        done.ok("keys", told)
    return tuple(signers)


def _limited(signer: SignerInfo) -> str:
    return " (trusted for reports about the embedded supplier only)" if signer.only_embedded else ""


def _fingerprint(signature: Signature) -> str:
    return signature.keyid[:64] or "an unnamed key"
