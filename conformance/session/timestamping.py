"""Time stamps on the signatures of a report: each lies beside the envelope, named after the key whose it covers.

The stamp is over the bytes of the signature (RFC 3161), so that one key's stamp says nothing about another's.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.errors import Unreadable, UsageError
from conformance.model.dsse import NotAnEnvelope, Signature, read_envelope, unbase64
from conformance.outside import folders
from conformance.outside.bundle import bundle
from conformance.outside.folders import BUNDLE_SUFFIX, RunFolder
from conformance.outside.stored_run import StoredRun
from conformance.outside.timestamps import NotStamped, ask, available, stamped_at

SUFFIX = ".tsr"
LARGEST = 2**20


def stamp(path: Path, authority: str) -> tuple[Path, ...]:
    """Have each signature stamped that is not yet, and return the files. Raises Unreadable, UsageError, TargetError."""
    folder = RunFolder(path)
    if not folder.has(folders.ENVELOPE):
        raise UsageError(f"{path} holds no signed run", hint="Sign it first: `conformance sign`.")
    wanted = [each for each in _signatures(folder) if not folder.has(_name(each.keyid))]
    if not wanted:
        raise UsageError(f"every signature of {path} is time-stamped already")
    made = []
    for signature in wanted:
        folder.write(_name(signature.keyid), ask(authority, unbase64(signature.sig)))
        made.append(path / _name(signature.keyid))
    whole = path / f"{path.resolve().name}{BUNDLE_SUFFIX}"
    if whole.is_file():
        bundle(path, whole)
    return tuple(made)


def stamps(run: StoredRun, authorities: Sequence[str]) -> tuple[Mapping[str, dt.datetime], tuple[str, ...]]:
    """When each key's signature was there, by authorities that the reader trusts; and what cannot be taken, and why."""
    found: dict[str, dt.datetime] = {}
    unread = []
    try:
        signatures = _signatures(run) if run.has(folders.ENVELOPE) else ()
    except Unreadable:
        return {}, ()  # the first step says what is wrong with the envelope
    for signature in signatures:
        name = _name(signature.keyid)
        if not (signature.keyid and run.has(name)):
            continue
        if not available():
            unread.append(f"{name}: the extra `timestamp` is not installed")
            continue
        try:
            answer = run.files.read(name, LARGEST)
            found[signature.keyid] = stamped_at(answer, unbase64(signature.sig), authorities)
        except (NotStamped, Unreadable) as error:
            unread.append(f"{name}: {error}")
    return found, tuple(unread)


def _signatures(run: StoredRun) -> tuple[Signature, ...]:
    try:
        return read_envelope(run.read(folders.ENVELOPE)).signatures
    except NotAnEnvelope as error:
        raise Unreadable(f"{run.path / folders.ENVELOPE} is no envelope: {error}") from None


def _name(key_id: str) -> str:
    return f"{key_id[:16]}{SUFFIX}"
