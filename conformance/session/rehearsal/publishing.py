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
from conformance.outside.whole_files import write_whole, written_to
from conformance.session.rehearsal.order import Rehearsing
from conformance.stages.sign import sign
from conformance.views.rehearsal_page import rehearsal_page


def publish(order: Rehearsing, result: Rehearsal) -> None:
    """Write the report into the folder of the rehearsal, signed where there is who signs. Raises HarnessError."""
    content = result.canonical()
    made = {
        REHEARSAL_FILE: content,
        REHEARSAL_PAGE: rehearsal_page(result, signed=order.signer is not None).encode(),
    }
    if order.signer is not None:
        stated = Statement(
            type_=STATEMENT_TYPE,
            subject=(Subject(name=REHEARSAL_FILE, digests={"sha256": hashlib.sha256(content).hexdigest()}),),
            predicate_type=REHEARSAL_PREDICATE,
            predicate=result.plain(),
        )
        made[REHEARSAL_ENVELOPE] = sign(stated, order.signer).canonical()
    with written_to(order.out):
        order.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, data in made.items():
            write_whole(order.out / name, data)
