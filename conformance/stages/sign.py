"""Stating what a run came to, and signing it: DSSE 1.0.2 over an in-toto Statement v1.

Nothing here touches a key file: a signer is whoever can sign bytes.
"""

from collections.abc import Mapping

from pydantic import ValidationError

from conformance.errors import UsageError
from conformance.model.attestation import (
    PAYLOAD_TYPE,
    REPORT_PREDICATE,
    SIGNED_FILES,
    STATEMENT_TYPE,
    Statement,
    Subject,
)
from conformance.model.base import canonical
from conformance.model.dsse import Envelope, Signature, Signer, base64_text, first_problem, pae
from conformance.model.predicate import predicate
from conformance.model.report import Report, RunRecord


def statement(report: Report, record: RunRecord, subjects: Mapping[str, str]) -> Statement:
    """What is stated about a run: `subjects` are all its evidence files, each name with its SHA-256.

    Raises UsageError where the run is not finished, or report, record and files do not belong together.
    """
    if report.run_id != record.run_id:
        raise UsageError(
            f"the report is of run {report.run_id}, the record of run {record.run_id}",
            hint="Sign a run folder as the harness wrote it, with all its files.",
        )
    if missing := [name for name in SIGNED_FILES if name not in subjects]:
        raise UsageError(
            f"the run has no {' and no '.join(missing)}, so it cannot be signed",
            hint="Finish the run first: `conformance run --resume FOLDER`.",
        )
    try:
        stated = predicate(report, record)
    except ValidationError as error:
        raise UsageError(
            f"the run cannot be signed: {first_problem(error)}",
            hint="A run without an end time was interrupted; finish it with `conformance run --resume FOLDER`.",
        ) from None
    return Statement(
        type_=STATEMENT_TYPE,
        subject=tuple(Subject(name=name, digests={"sha256": subjects[name]}) for name in sorted(subjects)),
        predicate_type=REPORT_PREDICATE,
        predicate=stated.in_full(),
    )


def sign(stated: Statement, signer: Signer) -> Envelope:
    """The statement in an envelope, signed. Its payload is the statement's RFC 8785 bytes."""
    payload = canonical(stated.plain())
    unsigned = Envelope(payload_type=PAYLOAD_TYPE, payload=base64_text(payload), signatures=())
    return countersign(unsigned, signer)


def countersign(envelope: Envelope, signer: Signer) -> Envelope:
    """The envelope with one signature more; an earlier one by the same key is replaced.

    A second signature says that its maker answers for the same statement, and nothing else: that a report was seen, or
    is disputed, is a statement of its own (`conformance.model.replies`).
    """
    signature = signer.sign(pae(envelope.payload_type, envelope.content))
    others = tuple(earlier for earlier in envelope.signatures if earlier.keyid != signer.keyid)
    signed = (*others, Signature(keyid=signer.keyid, sig=base64_text(signature)))
    return envelope.model_copy(update={"signatures": signed})
