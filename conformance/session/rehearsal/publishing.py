"""Writing the rehearsal's report: JSON, a page, and the signed statement."""

import hashlib

from conformance.model.attestation import STATEMENT_TYPE, Statement, Subject
from conformance.model.rehearsal import (
    REHEARSAL_ENVELOPE,
    REHEARSAL_FILE,
    REHEARSAL_PAGE,
    REHEARSAL_PREDICATE,
    Rehearsal,
)
from conformance.session.rehearsal.order import Rehearsing
from conformance.stages.sign import sign
from conformance.views.rehearsal_page import rehearsal_page


def publish(order: Rehearsing, result: Rehearsal) -> None:
    """Write the report into the folder of the rehearsal, signed where there is who signs."""
    order.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = result.canonical()
    (order.out / REHEARSAL_FILE).write_bytes(content)
    (order.out / REHEARSAL_PAGE).write_text(rehearsal_page(result, signed=order.signer is not None), "utf-8")
    if order.signer is not None:
        stated = Statement(
            type_=STATEMENT_TYPE,
            subject=(Subject(name=REHEARSAL_FILE, digests={"sha256": hashlib.sha256(content).hexdigest()}),),
            predicate_type=REHEARSAL_PREDICATE,
            predicate=result.plain(),
        )
        (order.out / REHEARSAL_ENVELOPE).write_bytes(sign(stated, order.signer).canonical())
