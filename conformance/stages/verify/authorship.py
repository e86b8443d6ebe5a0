"""Whose words these are: the envelope, its signatures, what they sign, and whether those keys count."""

from pydantic import ValidationError

from conformance.model.attestation import (
    ENVELOPE_FILE,
    EXIT_DEMANDS_NOT_MET,
    EXIT_UNREADABLE,
    PAYLOAD_TYPE,
    REPORT_PREDICATE,
    STATEMENT_TYPE,
    UNSIGNED,
    SignerInfo,
    Statement,
)
from conformance.model.base import NotJson, compact, strict_json
from conformance.model.dsse import Envelope, NotAKey, NotAnEnvelope, first_problem, read_envelope
from conformance.model.predicate import PREDICATE_FORMAT, ReportPredicate, instant
from conformance.model.report import RunnerRole
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.model.trust_rules import REPORT_RULE, Rule, unmet
from conformance.stages.verify.beside import Heard
from conformance.stages.verify.signed import Signatures, When, signatures_on
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


def check_signatures(envelope: Envelope, trust: Trust, done: Steps) -> Signatures:
    """The distinct trusted keys that signed; one at least must have, and none be named that did not."""
    try:
        found = signatures_on(envelope, trust)
    except NotAKey as error:
        done.refuse("signatures", str(error))
    if not envelope.signatures:
        done.refuse("signatures", f"{UNSIGNED}: the envelope has no signature")
    if found.falsely:
        done.refuse("signatures", f"the signature beside {found.falsely[0]} is not by that key")
    unknown = f"no trusted key made the signature by {few(found.strangers)}"
    if not found.keys:
        done.refuse(
            "signatures",
            f"{unknown}. If you know whose key that is and have checked this fingerprint with them by "
            "another way than these files: `conformance trust add KEY.pub.pem --name NAME --role ROLE`",
        )
    done.ok("signatures", f"signed by {few(f'{key.name} ({key.id})' for key in found.keys)}")
    if found.strangers:
        done.warn("signatures", f"{unknown}, which counts for nothing")
    return found


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
        predicate = compact(value["predicate"])
        del value
        statement = Statement.model_validate_json(envelope.content, strict=True, by_alias=True, by_name=False)
        stated = ReportPredicate.model_validate_json(predicate, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        done.refuse("statement", f"the statement is malformed: {first_problem(error)}")
    done.ok("statement", f"in-toto Statement v1, conformance report v{version}, run {stated.report_id}")
    return statement, stated


def authors(signed: Signatures, stated: ReportPredicate) -> tuple[TrustedKey, ...]:
    """The keys that answer for the report: those that hold the role in which it says it was run, or may test at all.

    Anybody can add a signature of their own to an envelope, and says thereby nothing of whose report it is.
    """
    role = stated.runner.role
    answering = (
        {each for each in TrustRole if each.may_test} if role is RunnerRole.SELF else {TrustRole(role)}
    )
    return tuple(key for key in signed.keys if answering & set(key.roles))


def check_keys(
    signed: Signatures, stated: ReportPredicate, when: When, trust: Trust, heard: Heard, done: Steps
) -> tuple[SignerInfo, ...]:
    """The signers whose key counts for this run; one of them must be trusted to test, and the reader's rule be met."""
    finished = instant(stated.finished_at)
    signers, objections, since = [], [], []
    for key in signed.keys:
        if objection := when.objection(key, finished, stated.target, on_report=True):
            objections.append(f"{key.name}: {objection}")
            continue
        signers.append(
            SignerInfo(keyid=key.id, name=key.name, roles=key.roles, only_embedded=key.only_embedded)
        )
        if later := when.since(key, finished):
            since.append(f"{key.name}: {later}")
    if not any(role.may_test for signer in signers for role in signer.roles):
        lacking = [f"{signer.name}: trusted as supplier only, which carries no report" for signer in signers]
        done.refuse("signatures", "no signature counts. " + few((*objections, *lacking), "; "))
    done.ok("signatures", few(f"{each.name} as {', '.join(each.roles)}{_limited(each)}" for each in signers))
    if objections:
        done.warn("signatures", f"does not count: {few(objections, '; ')}")
    if since:
        done.warn("signatures", few(since, "; "))
    _check_rule(trust.rule(REPORT_RULE), signers, stated, heard, done)
    return tuple(signers)


def _check_rule(
    rule: Rule, signers: list[SignerInfo], stated: ReportPredicate, heard: Heard, done: Steps
) -> None:
    """What the reader asks of whoever signs a report beyond its being somebody who is trusted to test."""
    roles = [frozenset[TrustRole](signer.roles) for signer in signers]
    lacking = unmet(rule.needs, roles, heard.acknowledged)
    if lacking:
        asked = few(str(need) for need in lacking)
        done.fail("signatures", f"your rule for reports asks for more: {asked}", EXIT_DEMANDS_NOT_MET)
    if rule.runners and stated.runner.role not in rule.runners:
        said = f"your rule for reports takes those run by {few(rule.runners)}, and this was run by {stated.runner.role}"
        done.fail("signatures", said, EXIT_DEMANDS_NOT_MET)


def _limited(signer: SignerInfo) -> str:
    return " (trusted for reports about the embedded supplier only)" if signer.only_embedded else ""
