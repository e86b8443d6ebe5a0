"""Attesting: somebody responsible puts their name to what no test can show."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from conformance.catalog import Catalog
from conformance.errors import UnknownName, UsageError
from conformance.model.attestation import STATEMENT_TYPE, SUPPLIER_PREDICATE, Statement, Subject
from conformance.model.profile import Method, Requirement
from conformance.model.target import Target
from conformance.session.suites import profile_named

MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Signatory:
    """Who attests: a person, what they are, and for which organisation they speak."""

    name: str
    role: str
    organisation: str

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is not said of the person."""
        return tuple(
            member for member in ("name", "role", "organisation") if not getattr(self, member).strip()
        )


@dataclass(frozen=True)
class Word:
    """What is attested: the requirements by id, in the person's words, with links to what bears it out."""

    requirements: tuple[str, ...]
    statement: str
    evidence: tuple[str, ...] = ()
    signed_on: dt.date = field(default_factory=dt.date.today)


def to_attest(
    profile: str, names: Iterable[str], target: Target, catalog: Catalog
) -> tuple[Requirement, ...]:
    """The requirements of the profile that rest on somebody's word in the target's phase, or those of these names.

    Raises UnknownName for a name that no such requirement has, and UsageError where there is none.
    """
    requirements = profile_named(profile, catalog).requirements
    attested = {r.id: r for r in requirements if r.method is Method.ATTESTED}
    unknown = [name for name in names if name not in attested]
    if unknown:
        raise UnknownName(f"attested requirement of {profile}", unknown[0], attested)
    found = tuple(attested[name] for name in dict.fromkeys(names)) or tuple(
        r for r in attested.values() if r.phase.reached_at(target.phase)
    )
    if not found:
        raise UsageError(
            f"the profile {profile} has nothing that is to be attested in the phase {target.phase}"
        )
    return found


def supplier_statement(plan: Path, target: Target, signatory: Signatory, word: Word) -> Statement:
    """The in-toto Statement about this exit plan, for the product that the target file names.

    Raises UsageError where the plan cannot be read, or the target file does not say which product it is.
    """
    if not (target.product and target.version):
        raise UsageError(
            "the target file does not say which product and version is attested",
            hint="Enter `supplier`, `product` and `version` there: an attestation for no version is worth nothing.",
        )
    if signatory.lacking:
        raise UsageError(f"an attestation needs the {' and the '.join(signatory.lacking)} of who gives it")
    if not word.statement.strip():
        raise UsageError("an attestation needs a statement: what is attested, in the person's own words")
    predicate: dict[str, Any] = {
        "statement": word.statement,
        "product": {"supplier": target.supplier, "name": target.product, "version": target.version},
        "signatory": {
            "name": signatory.name,
            "role": signatory.role,
            "organisation": signatory.organisation,
        },
        "signedOn": word.signed_on.isoformat(),
        "requirements": list(word.requirements),
    }
    if word.evidence:
        predicate["evidence"] = list(word.evidence)
    return Statement(
        type_=STATEMENT_TYPE,
        subject=(Subject(name=plan.name, digests={"sha256": _digest(plan)}),),
        predicate_type=SUPPLIER_PREDICATE,
        predicate=predicate,
    )


def _digest(plan: Path) -> str:
    try:
        with plan.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"the exit plan {plan} cannot be read: {error.strerror}", hint="Check the path."
        ) from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"the exit plan {plan} is larger than {MOST_BYTES:,} bytes: is it the right file?")
    return sha256(content).hexdigest()
