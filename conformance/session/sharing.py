"""Sharing the failures of a signed run: what a supplier needs to check them, and nothing else of the evidence.

```
report.dsse.json   the signed statement
suite.json         what was asked       report.json  what it came to       run.json  who asked, and when
records.jsonl      the records that failures rest on, one a line; a line's SHA-256 is the digest that the verdict names
bodies/            the bodies of these exchanges, where the data may be stored
share.json         says that this is a share
```
"""

import datetime as dt
import tempfile
from pathlib import Path

from conformance.errors import Unreadable, UsageError
from conformance.model.attestation import (
    ENVELOPE_FILE,
    RECORDS_FILE,
    REPORT_FILE,
    RUN_FILE,
    SHARE_FILE,
    SHARE_FORMAT,
    SUITE_FILE,
    Expectations,
    Verification,
)
from conformance.model.base import NotJson, canonical, compact, strict_json
from conformance.model.evidence import Content, Exchange
from conformance.outside import folders
from conformance.outside.bundle import bundle
from conformance.outside.stored_run import StoredRun, opened
from conformance.session.verifying import Reader
from conformance.stages.verify.partial import records_of_failures, verify_partial

WHOLE = (ENVELOPE_FILE, SUITE_FILE, REPORT_FILE, RUN_FILE)


def share(run: Path, out: Path) -> int:
    """Write a share of the run's failures to this zip, and return how many records it holds.

    Raises UsageError where the run is not signed or nothing failed, Unreadable where it is broken.
    """
    if out.exists():
        raise UsageError(f"there is something at {out} already", hint="Name another file with --out.")
    with opened(run) as folder:
        if not folder.has(ENVELOPE_FILE):
            raise UsageError(
                f"{run} is not signed, so nobody could tell whether a part of it is of this run",
                hint="Sign it first: `conformance sign`.",
            )
        wanted = {reference.id for reference in records_of_failures(folder.report())}
        if not wanted:
            raise UsageError(f"nothing failed in {run} that rests on a record: there is nothing to share")
        contents = [
            content
            for step in folder.finished_steps()
            for content in (*step.exchanges, *step.documents)
            if content.id in wanted
        ]
        try:
            _write(folder, contents, out)
        except OSError as error:
            raise UsageError(f"{out} cannot be written: {error.strerror}") from error
    return len(contents)


def _write(folder: StoredRun, contents: list[Content], out: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="conformance-") as place:
        made = Path(place)
        for name in WHOLE:
            (made / name).write_bytes(folder.read(name))
        (made / RECORDS_FILE).write_bytes(b"".join(compact(c.plain()) + b"\n" for c in contents))
        (made / SHARE_FILE).write_bytes(canonical({"share": "failures", "format": SHARE_FORMAT}))
        (made / folders.BODIES).mkdir()
        for digest in sorted({digest for content in contents for digest in _bodies(content)}):
            name = f"{folders.BODIES}/{digest}.gz"
            if folder.has(name):
                (made / name).write_bytes(folder.read(name))
        out.parent.mkdir(parents=True, exist_ok=True)
        bundle(made, out)


def _bodies(content: Content) -> list[str]:
    asked = content.request_body if isinstance(content, Exchange) else None
    return [body.sha256 for body in (content.body, asked) if body is not None]


def is_share(path: Path) -> bool:
    """Whether a share lies at this path, in a folder or a zip. Raises Unreadable where nothing can be read."""
    with opened(path) as run:
        return run.has(SHARE_FILE)


def check_share(path: Path, by: Reader, now: dt.datetime, asked: Expectations) -> Verification:
    """Verify a share: that its parts are those of a signed run. Raises Unreadable where it is none."""
    with opened(path) as folder:
        try:
            said = strict_json(folder.read(SHARE_FILE))
        except NotJson as error:
            raise Unreadable(f"{path}: {SHARE_FILE} is not strict JSON: {error}") from None
        if said != {"share": "failures", "format": SHARE_FORMAT}:
            raise Unreadable(f"{path} is no share of format {SHARE_FORMAT}, the one that is read here")
        records = folder.read(RECORDS_FILE).splitlines() if folder.has(RECORDS_FILE) else []
        envelope = folder.read(ENVELOPE_FILE) if folder.has(ENVELOPE_FILE) else None
        return verify_partial(
            envelope, folder.files, records, by.trust, now, expectations=asked, brought=by.brought(folder)
        )
