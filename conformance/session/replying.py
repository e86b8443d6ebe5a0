"""Replies to a signed report: read the report as it was signed, say something of it, and put the reply beside it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import UnknownName, Unreadable, UsageError
from conformance.model.attestation import PAYLOAD_TYPE, REPORT_PREDICATE, STATEMENT_TYPE
from conformance.model.base import NotJson, sha256, strict_json
from conformance.model.dsse import NotAnEnvelope, Signer, first_problem, read_envelope
from conformance.model.predicate import PREDICATE_FORMAT, ReportPredicate
from conformance.model.replies import Reply, reply_statement
from conformance.outside import folders, private_files
from conformance.outside.bundle import bundle
from conformance.outside.folders import BUNDLE_SUFFIX
from conformance.outside.stored_run import opened
from conformance.session.order import instant
from conformance.stages.sign import sign

_READABLE = 0o644


@dataclass(frozen=True)
class SignedReport:
    """What a report says, as somebody signed it, and the SHA-256 of its payload. Nothing was verified."""

    stated: ReportPredicate
    digest: str
    signers: tuple[str, ...]


def signed_report(path: Path) -> SignedReport:
    """The report in a run's folder, a bundle, or an envelope's own file. Raises Unreadable."""
    if path.is_file() and path.name.endswith(".dsse.json"):
        data = path.read_bytes()
    else:
        with opened(path) as run:
            if not run.has(folders.ENVELOPE):
                raise Unreadable(f"{path} is not signed", hint="Only a signed report can be spoken of.")
            data = run.read(folders.ENVELOPE)
    try:
        envelope = read_envelope(data)
        value = strict_json(envelope.content)
        types = (envelope.payload_type, value["_type"], value["predicateType"])
        if types != (PAYLOAD_TYPE, STATEMENT_TYPE, REPORT_PREDICATE):
            raise Unreadable(f"{path} holds no signed conformance report, but {types[2]!r}")
        if (version := value["predicate"]["formatVersion"]) != PREDICATE_FORMAT:
            raise Unreadable(
                f"{path} holds a report of format {version!r}; {PREDICATE_FORMAT!r} is read here"
            )
        stated = ReportPredicate.model_validate(value["predicate"], by_alias=True, by_name=False)
    except (NotAnEnvelope, NotJson) as error:
        raise Unreadable(f"{path} holds no signed report: {error}") from None
    except (KeyError, TypeError):
        raise Unreadable(f"{path} holds no signed report: it is no in-toto Statement") from None
    except ValidationError as error:
        raise Unreadable(f"{path} holds a malformed report: {first_problem(error)}") from None
    keys = tuple(signature.keyid or "an unnamed key" for signature in envelope.signatures)
    return SignedReport(stated, sha256(envelope.content), keys)


def reply(
    run: Path, out: Path | None, kind: str, make: Callable[[SignedReport, str], Reply], signer: Signer
) -> Path:
    """Sign a reply to the report at this path, and return where it lies: in the run's folder, or beside its bundle.

    Raises Unreadable where there is no signed report, UsageError where the reply cannot be made or written.
    """
    report = signed_report(run)
    place = (
        out
        or (run if run.is_dir() else run.parent) / f"{kind}-{report.digest[:8]}-{signer.keyid[:8]}.dsse.json"
    )
    if place.exists():
        raise UsageError(f"there is already a file {place}", hint="Name another one with --out.")
    try:
        said = make(report, instant(dt.datetime.now(dt.UTC)))
    except ValidationError as error:
        raise UsageError(f"the reply cannot be signed: {first_problem(error)}") from None
    data = sign(reply_statement(said, report.digest), signer).canonical()
    try:
        private_files.replace(place, data, mode=_READABLE)
        if run.is_dir() and place.parent.resolve() == run.resolve():
            _bundle_again(run)
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror}") from None
    return place


def refuse_unknown(requirements: tuple[str, ...], report: SignedReport) -> None:
    """Raise UnknownName where the report has no such requirement."""
    known = [line.id for line in report.stated.requirements]
    for name in requirements:
        if name not in known:
            raise UnknownName("requirement in this report", name, known)


def _bundle_again(run: Path) -> None:
    """The bundle of a folder that has one holds the reply too."""
    whole = run / f"{run.resolve().name}{BUNDLE_SUFFIX}"
    if whole.is_file():
        bundle(run, whole)
