"""Verifying a report and saying what was found."""

import datetime as dt
from pathlib import Path
from typing import get_args

from conformance.catalog import built_in
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.model.attestation import Expectations, Verification
from conformance.outside import trust
from conformance.session.rehearsal.verifying import is_rehearsal, verify_rehearsal
from conformance.session.rendering import render
from conformance.session.sharing import check_share, is_share
from conformance.session.tenders.keeping import held
from conformance.session.tenders.reading import trusted_pack
from conformance.session.verifying import check
from conformance.views import verification
from conformance.views.kinds import chosen

REHEARSAL = "rehearsal"
"""What `--require` asks where a rehearsal of the exit is to be verified: nothing else takes one for a report."""


def check_report(
    run: Path,
    require: str,
    trust_file: Path | None,
    packages: list[str],
    show: Show,
    wanted: tuple[Path, str] | None = None,
    tender: Path | None = None,
) -> int:
    """Verify a run, show each step and what is known of the report, and return the exit code.

    `tender` is a pack that the report has to fit. `wanted` asks for views of the report: into which folder, and which
    kinds. They are made only of a report that is authentic and whose verdicts this version bears out.
    """
    kinds = chosen(wanted[1]) if wanted else ()
    trusted = trust.load(trust_file or trust.default_path())
    now = dt.datetime.now(dt.UTC)
    pack = trusted_pack(tender, trusted, now) if tender else None
    if require == REHEARSAL and pack is not None:
        raise UsageError("a rehearsal is no bid: it cannot be held against a tender pack")
    if require == REHEARSAL:
        done = verify_rehearsal(run, trusted, now)
        show.data(done.plain(), verification.rehearsal_text(done.steps, done.rehearsal))
        return done.exit_code
    if is_rehearsal(run):
        raise UsageError(
            f"{run} holds a rehearsal of the exit, which stands for no report of a run",
            hint=f"Say --require {REHEARSAL} to verify it as what it is.",
        )
    allowed = (*get_args(Expectations.model_fields["require"].annotation), REHEARSAL)
    if require not in allowed:
        raise UsageError(f"--require is to be {' or '.join(allowed)}, not {require!r}")
    asked = Expectations(require=require)
    found = (
        check_share(run, trusted, now, asked)
        if is_share(run)
        else check(run, trusted, now, asked, built_in(), packages)
    )
    found = held(found, run, pack, trusted, now)
    show.data(found, verification.text(found))
    if wanted:
        show.say(_rendered(run, found, wanted[0], kinds))
    return found.exit_code


def _rendered(run: Path, found: Verification, out: Path, kinds: tuple[str, ...]) -> str:
    """Make the views, and say where they are, or why there are none."""
    if found.verified is None:
        why = "its verdicts were not borne out here" if found.authentic else "the report is not authentic"
        why = "a share is part of a run only" if found.partial else why
        return f"\nNo views were made: {why}."
    made = render(run, found.verified, out, kinds)
    return "\nViews of the verified report:\n" + "\n".join(f"  {path}" for path in made)
