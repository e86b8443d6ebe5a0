"""Handing a run on: a share of its failures for the supplier, its exchanges as an HTTP Archive."""

import json
import sys
from pathlib import Path

from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside.stored_run import opened
from conformance.outside.whole_files import write_whole
from conformance.session.sharing import share
from conformance.views.har import har


def share_failures(run: Path, out: Path, show: Show, *, failures_only: bool) -> int:
    """Write a share of the run's failures, and say how it is checked."""
    if not failures_only:
        raise UsageError(
            "say what is to be shared: --failures-only",
            hint="To give away the whole run, send its .conformance.zip.",
        )
    records = share(run, out)
    show.data(
        {"share": str(out), "records": records}, f"Shared {records} records that failures rest on: {out}"
    )
    show.say(f"\nWho gets it checks it with: conformance verify {out} --require partial --trust trust.toml")
    return 0


def export_har(run: Path, out: Path | None) -> int:
    """Write the archive to the file, or to stdout."""
    with opened(run) as folder:
        text = (
            json.dumps(har(folder.finished_steps(), folder.record().tool, folder.bodies.read), indent=1)
            + "\n"
        )
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        write_whole(out, text.encode("ascii"))
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error
    print(f"HTTP Archive: {out}")
    return 0
