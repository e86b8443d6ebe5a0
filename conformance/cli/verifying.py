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
from conformance.session.verifying import check
from conformance.views import verification


def check_report(run: Path, require: str, trust_file: Path | None, packages: list[str], show: Show) -> int:
    """Verify a run, show each step and what is known of the report, and return the exit code."""
    allowed = get_args(Expectations.model_fields["require"].annotation)
    if require not in allowed:
        raise UsageError(f"--require is to be {' or '.join(allowed)}, not {require!r}")
    trusted = trust.load(trust_file or trust.default_path())
    if is_rehearsal(run):
        done = verify_rehearsal(run, trusted, dt.datetime.now(dt.UTC), require_passed=require == "passed")
        show.data(done.plain(), verification.rehearsal_text(done.steps, done.rehearsal))
        return done.exit_code
    asked = Expectations(require=require)
    found: Verification = check(run, trusted, dt.datetime.now(dt.UTC), asked, built_in(), packages)
    show.data(found, verification.text(found))
    return found.exit_code
