"""Deciding that something else is accepted for a requirement: signed by the buyer, bound to one pack and one bid."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import UnknownName, Unreadable, UsageError
from conformance.model.attestation import STATEMENT_TYPE, Statement, Subject
from conformance.model.comparison import Decision, Equivalence
from conformance.model.tender import (
    DECISION_PREDICATE,
    TENDER_FILE,
    TENDER_FORMAT,
    EquivalenceDecision,
)
from conformance.model.trust import Trust
from conformance.session.tenders.reading import Pack, small_file
from conformance.session.tenders.statements import Buyers, buyers, opened, stated


def decision_statement(pack: Pack, decided: Equivalence, today: dt.date) -> Statement:
    """The in-toto Statement of a decision about one bid in this tender.

    Raises UnknownName where the tender asks for no such requirement, UsageError for what cannot be decided so.
    """
    if decided.on > today:
        raise UsageError(f"the decision bears the day {decided.on}, which is yet to come")
    if not decided.supplier.strip() or not decided.product.strip():
        raise UsageError("a decision names the bidder and the product, as the bidder's report does")
    known = {id_ for one in pack.tender.profiles for id_ in one.requirements}
    if decided.requirement not in known:
        raise UnknownName(f"requirement in the tender {pack.tender.reference}", decided.requirement, known)
    made = EquivalenceDecision(
        **decided.model_dump(by_alias=False), ocid=pack.tender.ocid, lot=pack.tender.lot
    )
    return Statement(
        type_=STATEMENT_TYPE,
        subject=(Subject(name=TENDER_FILE, digests={"sha256": pack.digest}),),
        predicate_type=DECISION_PREDICATE,
        predicate=made.model_dump(mode="json"),
    )


def read_decisions(paths: Sequence[Path], pack: Pack, trust: Trust, now: dt.datetime) -> tuple[Decision, ...]:
    """The decisions in these files. Raises UsageError for one by no buyer or of another tender."""
    return tuple(_counting(path, pack, trust, now) for path in paths)


@dataclass(frozen=True)
class ReadDecision:
    """A decision as it was read, with the SHA-256 of the pack that it is about, and of what was signed, and by whom."""

    decided: EquivalenceDecision
    pack: str
    digest: str
    signers: Buyers


def is_decision(path: Path) -> bool:
    """Whether a decision lies in this file. Raises Unreadable where nothing is stated in it."""
    found = opened(small_file(path), Trust(), str(path))
    return found.statement.predicate_type == DECISION_PREDICATE


def read_decision(path: Path, trust: Trust, now: dt.datetime) -> ReadDecision:
    """The decision in this file, whoever signed it. Raises Unreadable."""
    what = f"the decision {path}"
    found = opened(small_file(path), trust, what)
    made = stated(found, EquivalenceDecision, DECISION_PREDICATE, TENDER_FORMAT, what)
    about = ", ".join(subject.digests.get("sha256", "") for subject in found.statement.subject)
    day = dt.datetime.combine(made.on, dt.time(), dt.UTC)
    return ReadDecision(made, about, found.digest, buyers(found, day, now))


def _counting(path: Path, pack: Pack, trust: Trust, now: dt.datetime) -> Decision:
    what = f"the decision {path}"
    found = read_decision(path, trust, now)
    made, tender = found.decided, pack.tender
    if found.pack != pack.digest:
        raise UsageError(
            f"{what} belongs to another tender: to the pack with the SHA-256 {found.pack}, not {pack.digest}",
            hint=f"It names {made.ocid}; the pack is that of {tender.reference}.",
        )
    if (made.ocid, made.lot) != (tender.ocid, tender.lot):
        raise Unreadable(f"{what} names another procurement than the pack that it is about")
    if made.on > now.astimezone(dt.UTC).date():
        raise UsageError(f"{what} bears the day {made.on}, which is yet to come")
    if not found.signers.counting:
        raise UsageError(f"{what} cannot be relied on: {found.signers.objection}")
    decided = Equivalence(**made.model_dump(by_alias=False, include=set(Equivalence.model_fields)))
    return Decision(what=decided, signers=found.signers.names, digest=found.digest)
