"""Releasing and withdrawing profiles, as a standards body does: by one signature, or by several in one envelope."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import Unreadable, UsageError
from conformance.model.attestation import STATEMENT_TYPE
from conformance.model.base import NotJson, strict_json
from conformance.model.dsse import Envelope, NotAnEnvelope, Signer, first_problem, read_envelope
from conformance.model.release import RELEASE_PREDICATE, Release, release_of
from conformance.outside import private_files
from conformance.session.suites import profile_named
from conformance.stages.sign import countersign, sign

_READABLE = 0o644


@dataclass(frozen=True)
class Releasing:
    """What is released: a profile by name or file, and what is said of it; `withdrawn` is why it is withdrawn."""

    profile: str
    publisher: str = ""
    supersedes: str = ""
    withdrawn: str = ""


def release(wanted: Releasing, out: Path, signer: Signer, catalog: Catalog) -> tuple[Release, int]:
    """Sign a release into the file, or add a signature to the same one there; and how many signed it now.

    Raises UsageError where the file holds something else, and ProfileError where the profile has mistakes.
    """
    profile = profile_named(wanted.profile, catalog)
    today = dt.datetime.now(dt.UTC).date()
    try:
        made = release_of(
            profile,
            today,
            publisher=wanted.publisher,
            supersedes=wanted.supersedes,
            withdrawn=wanted.withdrawn,
        )
    except ValueError as error:
        raise UsageError(f"the release cannot be signed: {error}") from None
    if out.exists():
        envelope, there = read_release(out)
        if there.model_copy(update={"on": today}) != made:
            raise UsageError(
                f"{out} holds another release than the one you are about to sign",
                hint="Look at it with `conformance reports show`, or name another file with --out.",
            )
        made, envelope = there, countersign(envelope, signer)
    else:
        envelope = sign(made.statement(), signer)
    try:
        private_files.replace(out, envelope.canonical(), mode=_READABLE)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
    return made, len(envelope.signatures)


def read_release(path: Path) -> tuple[Envelope, Release]:
    """The release in a file; who signed it is not looked at. Raises Unreadable."""
    try:
        envelope = read_envelope(path.read_bytes())
        value = strict_json(envelope.content)
        if (value["_type"], value["predicateType"]) != (STATEMENT_TYPE, RELEASE_PREDICATE):
            raise Unreadable(f"{path} holds no release of a profile, but {value['predicateType']!r}")
        return envelope, Release.model_validate(value["predicate"], by_alias=True, by_name=False)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    except (NotAnEnvelope, NotJson) as error:
        raise Unreadable(f"{path} holds no release of a profile: {error}") from None
    except (KeyError, TypeError):
        raise Unreadable(f"{path} holds no release of a profile") from None
    except ValidationError as error:
        raise Unreadable(f"{path} holds a malformed release: {first_problem(error)}") from None
