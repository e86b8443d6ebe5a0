"""Verifying a signed rehearsal: who says so, whether the report is what they signed, and whether it still counts.

Nothing is recomputed: the exported files were removed when the rehearsal ended, so that its numbers rest on the word of
who signed. The report names the SHA-256 of each file, so that whoever kept the files can hold them beside it.
"""

import datetime as dt
import hashlib
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.attestation import (
    EXIT_DEMANDS_NOT_MET,
    EXIT_NOT_AUTHENTIC,
    EXIT_UNREADABLE,
    PAYLOAD_TYPE,
    STATEMENT_TYPE,
    StepOutcome,
    VerificationStep,
)
from conformance.model.base import NotJson, strict_json
from conformance.model.dsse import NotAKey, NotAnEnvelope, read_envelope, signed_by
from conformance.model.predicate import instant
from conformance.model.rehearsal import REHEARSAL_ENVELOPE, REHEARSAL_FILE, REHEARSAL_PREDICATE, Rehearsal
from conformance.model.trust import Trust, TrustedKey
from conformance.outside.folders import SUITE

WORD = "the numbers rest on the word of who signed: the exported files were removed when the rehearsal ended"


class _Refused(Exception):
    """A step after which nothing more can be said."""


class RehearsalVerification:
    """The steps of a verification, the exit code, and the rehearsal where it is authentic."""

    def __init__(self) -> None:
        self.steps: list[VerificationStep] = []
        self.rehearsal: Rehearsal | None = None

    @property
    def exit_code(self) -> int:
        """0, or that of the first step that failed."""
        return next((step.exit_code for step in self.steps if step.exit_code), 0)

    @property
    def authentic(self) -> bool:
        """Whether a trusted key signed this very report."""
        return self.rehearsal is not None

    def ok(self, name: str, detail: str) -> None:
        """Enter that all is well."""
        self.steps.append(VerificationStep(name=name, outcome=StepOutcome.OK, detail=detail))

    def fail(self, name: str, detail: str, exit_code: int) -> None:
        """Enter that a step failed."""
        step = VerificationStep(name=name, outcome=StepOutcome.FAIL, detail=detail, exit_code=exit_code)
        self.steps.append(step)

    def refuse(self, name: str, detail: str, exit_code: int = EXIT_NOT_AUTHENTIC) -> _Refused:
        """Enter that a step failed after which nothing more can be said."""
        self.fail(name, detail, exit_code)
        return _Refused(detail)

    def plain(self) -> dict[str, object]:
        """For programs."""
        return {
            "authentic": self.authentic,
            "exitCode": self.exit_code,
            "steps": [step.plain() for step in self.steps],
            "rehearsal": None if self.rehearsal is None else self.rehearsal.plain(),
        }


def is_rehearsal(path: Path) -> bool:
    """Whether this folder holds the report of a rehearsal, and none of a run."""
    return (path / REHEARSAL_FILE).is_file() and not (path / SUITE).exists()


def verify_rehearsal(folder: Path, trust: Trust, now: dt.datetime) -> RehearsalVerification:
    """Whether a trusted key signed the report in this folder, and it passed and still counts. Raises Unreadable."""
    done = RehearsalVerification()
    try:
        content = (folder / REHEARSAL_FILE).read_bytes()
        envelope = folder / REHEARSAL_ENVELOPE
        signed = envelope.read_bytes() if envelope.is_file() else None
    except OSError as error:
        raise Unreadable(f"{folder} holds no rehearsal that can be read: {error.strerror}") from error
    try:
        rehearsal = _authentic(content, signed, trust, now, done)
    except _Refused:
        return done
    done.rehearsal = rehearsal
    if now.astimezone(dt.UTC).date() > rehearsal.valid_until:
        done.fail("times", f"it counted until {rehearsal.valid_until} only", EXIT_DEMANDS_NOT_MET)
    else:
        done.ok("times", f"it counts until {rehearsal.valid_until}")
    if not rehearsal.passed:
        done.fail("expectations", f"the rehearsal {rehearsal.result}", EXIT_DEMANDS_NOT_MET)
    else:
        done.ok("expectations", f"the rehearsal {rehearsal.result}; {WORD}")
    return done


def _authentic(
    content: bytes, signed: bytes | None, trust: Trust, now: dt.datetime, done: RehearsalVerification
) -> Rehearsal:
    if signed is None:
        raise done.refuse("envelope", f"UNSIGNED: there is no {REHEARSAL_ENVELOPE}, so nobody answers for it")
    try:
        envelope = read_envelope(signed)
    except NotAnEnvelope as error:
        raise done.refuse("envelope", f"no envelope that can be read: {error}", EXIT_UNREADABLE) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise done.refuse("envelope", f"the payload type is {envelope.payload_type!r}, not {PAYLOAD_TYPE!r}")
    done.ok("envelope", f"{len(signed)} bytes, payload type {PAYLOAD_TYPE}")
    try:
        keys = [
            key
            for key in trust.keys
            if any(signed_by(key.pem, signature, envelope.pae()) for signature in envelope.signatures)
        ]
    except NotAKey as error:
        raise done.refuse("signatures", f"a trusted key cannot be used: {error}") from None
    if not keys:
        raise done.refuse(
            "signatures",
            "no trusted key made a signature on it: `conformance trust add KEY.pub.pem --name NAME --role ROLE`",
        )
    done.ok("signatures", ", ".join(f"{key.name} ({key.id})" for key in keys))
    rehearsal = _stated(envelope.content, content, done)
    _keys_count(keys, rehearsal, now, done)
    return rehearsal


def _stated(payload: bytes, content: bytes, done: RehearsalVerification) -> Rehearsal:
    """What was signed, which has to be about the very bytes of the report."""
    try:
        value = strict_json(payload)
        types = (value["_type"], value["predicateType"])
        digests = [one["digest"]["sha256"] for one in value["subject"] if one["name"] == REHEARSAL_FILE]
        stated, written = value["predicate"], strict_json(content)
        rehearsal = Rehearsal.read(content)
    except (NotJson, KeyError, TypeError, ValidationError) as error:
        raise done.refuse("statement", f"no statement about a rehearsal: {type(error).__name__}") from None
    if types != (STATEMENT_TYPE, REHEARSAL_PREDICATE):
        raise done.refuse("statement", f"it states {types[1]!r}, not {REHEARSAL_PREDICATE!r}")
    done.ok("statement", "in-toto Statement v1 about an exit rehearsal")
    if digests != [hashlib.sha256(content).hexdigest()] or stated != written:
        raise done.refuse("files", f"{REHEARSAL_FILE} is not what was signed")
    done.ok("files", f"{REHEARSAL_FILE} is what was signed; the page beside it is not signed")
    return rehearsal


def _keys_count(
    keys: list[TrustedKey], rehearsal: Rehearsal, now: dt.datetime, done: RehearsalVerification
) -> None:
    finished = instant(rehearsal.finished_at)
    objections = {key.name: key.objection(finished, now, rehearsal.target) for key in keys}
    counting = [key for key in keys if not objections[key.name] and any(role.may_test for role in key.roles)]
    if not counting:
        why = [f"{name}: {text or 'trusted as supplier only'}" for name, text in objections.items()]
        raise done.refuse("keys", f"no signature counts. {'; '.join(why)}")
    done.ok("keys", ", ".join(f"{key.name} as {', '.join(key.roles)}" for key in counting))
