"""Views of a run: written when it is closed, and made again from nothing but a verified record."""

from collections.abc import Iterable
from pathlib import Path

from conformance.errors import Unreadable, UsageError
from conformance.model.attestation import Verified
from conformance.model.base import NotJson, strict_json
from conformance.model.dsse import NotAnEnvelope, read_envelope
from conformance.outside import folders
from conformance.outside.folders import RunFolder
from conformance.outside.stored_run import opened
from conformance.outside.whole_files import write_whole
from conformance.views.kinds import KINDS, Subject, rendered
from conformance.views.signature import SignatureNote


def write_views(folder: RunFolder, note: SignatureNote, names: Iterable[str]) -> None:
    """Write these kinds of view into the run's folder; the report is read only where one is to be written."""
    if not (names := tuple(names)):
        return
    envelope = folder.read(folders.ENVELOPE) if note.signed else b""
    subject = Subject(folder.report(), folder.record(), note, envelope)
    for name, data in rendered(subject, names).items():
        folder.write(f"{folders.VIEWS}/{name}", data)


def views_there(folder: RunFolder) -> tuple[str, ...]:
    """The kinds of view that the run's folder has and that can be made here."""
    return tuple(
        name for name, kind in KINDS.items() if kind.possible and folder.has(f"{folders.VIEWS}/{kind.file}")
    )


def render(run: Path, verified: Verified, out: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """Make views of a verified report into a folder, and return their paths.

    Whatever views came with the run are not looked at. Raises Unreadable where the run's envelope is no longer the
    one that was verified, UsageError where the folder cannot be written to.
    """
    note = SignatureNote(signed=True, key_id=verified.signers[0].keyid, role=verified.record.runner.role)
    subject = Subject(verified.report, verified.record, note, _envelope(run, verified))
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in rendered(subject, names).items():
            write_whole(out / name, data)
            written.append(out / name)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written to: {error.strerror}", hint="Name another folder with --render."
        ) from error
    return tuple(written)


def _envelope(run: Path, verified: Verified) -> bytes:
    with opened(run) as stored:
        data = stored.read(folders.ENVELOPE)
    try:
        same = strict_json(read_envelope(data).content) == verified.statement.plain()
    except (NotAnEnvelope, NotJson):
        same = False
    if not same:
        raise Unreadable(f"{run} changed while it was being verified", hint="Verify it again.")
    return data
