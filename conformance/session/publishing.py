"""Closing a run: report, record, signature, page and bundle are written into its folder."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import Unreadable
from conformance.model.dsse import Envelope, NotAnEnvelope, Signer, read_envelope
from conformance.model.names import is_view
from conformance.model.report import Report, RunnerRole, RunRecord
from conformance.outside import folders
from conformance.outside.bundle import bundle
from conformance.outside.folders import RunFolder
from conformance.outside.waivers import Waivers
from conformance.outside.whole_files import written_to
from conformance.session.rendering import views_there, write_views
from conformance.stages.sign import countersign, sign, statement
from conformance.views.signature import UNSIGNED, SignatureNote


@dataclass(frozen=True)
class Signing:
    """With which key, and in which role, a run is signed."""

    signer: Signer
    role: RunnerRole


def publish(
    folder: RunFolder,
    report: Report,
    record: RunRecord,
    signing: Signing | None,
    views: Iterable[str] = (),
    waivers: Waivers | None = None,
) -> Path:
    """Write all that a finished run leaves, with these kinds of view, and return the path of its bundle."""
    if waivers is not None:
        folder.write(waivers.name, waivers.data)
    folder.write(folders.RECORD, record.canonical())
    folder.write(folders.REPORT, report.canonical())  # the last: its being there means that the run ended
    return _closed(folder, signing, views)


def is_closed(folder: RunFolder) -> bool:
    """Whether all that a finished run leaves was written: its bundle comes last."""
    return folder.has(folders.REPORT) and any(folder.path.glob(f"*{folders.BUNDLE_SUFFIX}"))


def complete(folder: RunFolder, signing: Signing | None, views: Iterable[str]) -> Path:
    """Write what a run that came to its report, but was ended before its bundle, still lacks; return its bundle."""
    if signing is None and folder.has(folders.ENVELOPE):
        keyid = _envelope(folder).signatures[0].keyid
        note = SignatureNote(signed=True, key_id=keyid, role=folder.record().runner.role)
        return _with_views(folder, note, views)
    return _closed(folder, signing, views)


def _closed(folder: RunFolder, signing: Signing | None, views: Iterable[str]) -> Path:
    if signing is not None:
        return sign_folder(folder, signing.signer, views)
    return _with_views(folder, UNSIGNED, views)


def sign_folder(folder: RunFolder, signer: Signer, views: Iterable[str] | None = None) -> Path:
    """Sign what a finished run's folder holds, or add a signature; return the path of the bundle.

    The views are made again, since they tell who signed: these kinds, or those that are there.

    Raises UsageError where the run is not whole, Unreadable where an earlier signature is of other files.
    """
    stated = statement(folder.report(), folder.record(), subjects(folder))
    envelope = sign(stated, signer)
    if folder.has(folders.ENVELOPE):
        earlier = _envelope(folder)
        if earlier.payload != envelope.payload:
            raise Unreadable(
                f"{folder.path} was signed as something else than it holds now",
                hint="`conformance verify` says what was changed.",
            )
        envelope = countersign(earlier, signer)
    folder.write(folders.ENVELOPE, envelope.canonical())
    note = SignatureNote(signed=True, key_id=signer.keyid, role=folder.record().runner.role)
    return _with_views(folder, note, views_there(folder) if views is None else views)


def _envelope(folder: RunFolder) -> Envelope:
    try:
        return read_envelope(folder.read(folders.ENVELOPE))
    except NotAnEnvelope as error:
        raise Unreadable(f"{folder.path / folders.ENVELOPE} is no envelope: {error}") from error


def subjects(folder: RunFolder) -> dict[str, str]:
    """The files of a run that its signature covers, each with its SHA-256: all but the views and the envelope."""
    covered = {}
    for path in sorted(folder.path.rglob("*")):
        name = path.relative_to(folder.path).as_posix()
        unsigned = name == folders.ENVELOPE or is_view(name)
        if path.is_file() and not unsigned and not path.name.startswith("."):
            with path.open("rb") as stream:
                covered[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return covered


def _with_views(folder: RunFolder, note: SignatureNote, views: Iterable[str]) -> Path:
    write_views(folder, note, views)
    path = folder.path / f"{folder.path.resolve().name}{folders.BUNDLE_SUFFIX}"
    with written_to(path):
        return bundle(folder.path, path)
