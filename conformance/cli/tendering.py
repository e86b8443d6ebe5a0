"""`conformance tender new` and `show`: from their options to a signed pack, and from a pack to words."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.cli.stating import Keyed, write_signed
from conformance.errors import UnknownName, UsageError
from conformance.model.attestation import EXIT_NOT_AUTHENTIC, Statement
from conformance.model.base import canonical, sha256
from conformance.model.profile import Phase
from conformance.model.report import RunnerRole
from conformance.model.trust import Trust
from conformance.outside import decisions, trust
from conformance.session.suites import DEFAULT_SEED
from conformance.session.tenders.deciding import is_decision, read_decision
from conformance.session.tenders.making import Terms, tender, tender_statement
from conformance.session.tenders.reading import read_pack
from conformance.views import tender_words

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Wish:
    """The options of `conformance tender new` as they were given."""

    file: Path
    profiles: tuple[str, ...]
    buyer: str
    title: str
    ocid: str
    lot: str
    opens: str
    accept: tuple[str, ...]
    settings: tuple[str, ...]
    presets: tuple[str, ...]
    weights: Path | None
    phase: str
    as_of: str
    seed: int | None
    packages: tuple[str, ...]


def write_pack(wish: Wish, keyed: Keyed, show: Show) -> int:
    """Write a signed pack, and say what is in it. Raises UsageError, ProfileError, KeyFileError."""
    refuse_overwriting(wish.file)
    terms = Terms(
        title=wish.title,
        buyer=wish.buyer,
        ocid=wish.ocid,
        lot=wish.lot,
        opens=_day("--opens", wish.opens),
        profiles=wish.profiles,
        roles=tuple(_named(RunnerRole, "role", name) for name in wish.accept),
        settings=dict(_setting(text) for text in wish.settings),
        presets=wish.presets,
        packages=wish.packages,
        phase=_named(Phase, "phase", wish.phase),
        as_of=_day("--as-of", wish.as_of) if wish.as_of else None,
        seed=DEFAULT_SEED if wish.seed is None else wish.seed,
        weights=decisions.weights(wish.weights) if wish.weights else None,
    )
    pack = tender(terms, installed(), dt.datetime.now(dt.UTC))
    signer = keyed.signer()
    stated = tender_statement(pack)
    write_signed(wish.file, stated, signer)
    digest = digest_of(stated)
    show.data(
        {"file": str(wish.file), "keyId": signer.keyid, "sha256": digest, "tender": pack},
        f"Signed {wish.file} with the key {signer.keyid}\n\n{tender_words.words(pack, digest)}",
    )
    show.say(
        "\nPublish the pack, or at least its SHA-256, with the notice: the day in it is your own word, and what was "
        "published shows that nothing was changed since."
    )
    return 0


def show_pack(file: Path, trust_file: Path | None, show: Show) -> int:
    """Say what a pack fixes, or a decision says, and who signed it: 0 where a trusted buyer did, else 1.

    Raises Unreadable.
    """
    trusted = trust.load(trust_file or trust.default_path())
    now = dt.datetime.now(dt.UTC)
    if is_decision(file):
        return _show_decision(file, trusted, now, show)
    pack = read_pack(file, trusted, now)
    found = {
        "verified": pack.verified,
        "signers": pack.signers.counting,
        "objection": pack.signers.objection,
        "sha256": pack.digest,
        "tender": pack.tender,
    }
    who = tender_words.signature(pack.signers.names, pack.signers.objection)
    show.data(found, f"{who}\n\n{tender_words.words(pack.tender, pack.digest)}")
    return 0 if pack.verified else EXIT_NOT_AUTHENTIC


def _show_decision(file: Path, trusted: Trust, now: dt.datetime, show: Show) -> int:
    made = read_decision(file, trusted, now)
    verified = bool(made.signers.counting)
    found = {
        "verified": verified,
        "signers": made.signers.counting,
        "objection": made.signers.objection,
        "sha256": made.digest,
        "pack": made.pack,
        "decision": made.decided,
    }
    who = tender_words.signature(made.signers.names, made.signers.objection)
    show.data(found, f"{who}\n\n{tender_words.decision(made.decided, made.pack)}")
    return 0 if verified else EXIT_NOT_AUTHENTIC


def refuse_overwriting(file: Path) -> None:
    """Raise UsageError where there is something at this path."""
    if file.exists():
        raise UsageError(f"there is already a file {file}", hint="Nothing is overwritten: use another name.")


def digest_of(stated: Statement) -> str:
    """The SHA-256 of the payload that is signed, by which others name the statement."""
    return sha256(canonical(stated.plain()))


def _day(option: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is to be a day, as in 2027-01-15, not {text!r}") from None


def _named(kind: type[E], what: str, name: str) -> E:
    try:
        return kind(name)
    except ValueError:
        raise UnknownName(what, name, [one.value for one in kind]) from None


def _setting(text: str) -> tuple[str, str]:
    name, sign_, value = text.partition("=")
    if not sign_:
        raise UsageError(f"--set is to be NAME=VALUE, not {text!r}")
    return name, value
