"""`conformance tender decide`: a named person's decision that something else is accepted, signed."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformance.cli.show import Show
from conformance.cli.stating import Keyed, write_signed
from conformance.cli.tendering import digest_of, refuse_overwriting
from conformance.errors import UsageError
from conformance.model.comparison import Equivalence
from conformance.model.dsse import first_problem
from conformance.outside import trust
from conformance.session.tenders.deciding import decision_statement
from conformance.session.tenders.reading import trusted_pack
from conformance.views.text import one_line


@dataclass(frozen=True)
class Deciding:
    """The options of `conformance tender decide` as they were given."""

    tender: Path
    requirement: str
    supplier: str
    product: str
    who: str
    accepted: str
    reason: str
    evidence: str
    out: Path
    trust: Path | None


def decide_equivalent(wish: Deciding, keyed: Keyed, show: Show) -> int:
    """Write a signed decision. Raises UsageError and KeyFileError."""
    refuse_overwriting(wish.out)
    now = dt.datetime.now(dt.UTC)
    pack = trusted_pack(wish.tender, trust.load(wish.trust or trust.default_path()), now)
    try:
        decided = Equivalence(
            requirement=wish.requirement,
            supplier=wish.supplier.strip(),
            product=wish.product.strip(),
            who=wish.who.strip(),
            accepted=wish.accepted.strip(),
            reason=wish.reason.strip(),
            evidence=wish.evidence.strip(),
            on=now.date(),
        )
    except ValidationError as error:
        raise UsageError(f"the decision cannot be made: {first_problem(error)}") from None
    stated = decision_statement(pack, decided, now.date())
    signer = keyed.signer()
    write_signed(wish.out, stated, signer)
    show.data(
        {"file": str(wish.out), "keyId": signer.keyid, "sha256": digest_of(stated), "decision": decided},
        f"Signed {wish.out} with the key {signer.keyid}\n\n{one_line(decided.who)} accepts for "
        f"{decided.requirement} in the bid of {one_line(decided.supplier)} with {one_line(decided.product)}: "
        f"{one_line(decided.accepted)}\nThe outcome in the report stays as it is.",
    )
    return 0
