"""Verifying a report and saying what was found."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from conformance.catalog import built_in
from conformance.cli.show import Show
from conformance.cli.terms import moment
from conformance.errors import UsageError
from conformance.model.attestation import Expectations, Verification
from conformance.outside import trust
from conformance.outside.target_file import read_target
from conformance.session.rehearsal.verifying import is_rehearsal, verify_rehearsal
from conformance.session.rendering import render
from conformance.session.sharing import check_share, is_share
from conformance.session.tenders.keeping import held
from conformance.session.tenders.reading import trusted_pack
from conformance.session.verifying import check, reader
from conformance.views import verification
from conformance.views.kinds import chosen

REHEARSAL = "rehearsal"
"""What `--require` asks where a rehearsal of the exit is to be verified: nothing else takes one for a report."""


@dataclass(frozen=True)
class Wanted:
    """The options of `conformance verify` as they were given; `render` asks for views, into which folder."""

    require: str = "passed"
    trust: Path | None = None
    packages: tuple[str, ...] = ()
    given: tuple[Path, ...] = ()
    received: str = ""
    nonce: str = ""
    procurement_ref: str = ""
    target: str = ""
    max_age: int | None = None
    render: Path | None = None
    views: str = "all"
    tender: Path | None = None


def check_report(run: Path, wanted: Wanted, show: Show) -> int:
    """Verify a run, show each step and what is known of the report, and return the exit code.

    `tender` is a pack that the report has to fit. Views are made only of a report that is authentic and whose verdicts
    this version bears out.
    """
    kinds = chosen(wanted.views) if wanted.render else ()
    received = moment("--received", wanted.received, last=True) if wanted.received else None
    by = reader(wanted.trust or trust.default_path(), wanted.given, received)
    now = dt.datetime.now(dt.UTC)
    pack = trusted_pack(wanted.tender, by.trust, now) if wanted.tender else None
    if wanted.require == REHEARSAL and pack is not None:
        raise UsageError("a rehearsal is no bid: it cannot be held against a tender pack")
    if wanted.require == REHEARSAL:
        done = verify_rehearsal(run, by.trust, now)
        show.data(done.plain(), verification.rehearsal_text(done.steps, done.rehearsal))
        return done.exit_code
    if is_rehearsal(run):
        raise UsageError(
            f"{run} holds a rehearsal of the exit, which stands for no report of a run",
            hint=f"Say --require {REHEARSAL} to verify it as what it is.",
        )
    allowed = (*get_args(Expectations.model_fields["require"].annotation), REHEARSAL)
    if wanted.require not in allowed:
        raise UsageError(f"--require is to be {' or '.join(allowed)}, not {wanted.require!r}")
    asked = Expectations(
        require=wanted.require,
        nonce=wanted.nonce,
        procurement_ref=wanted.procurement_ref,
        max_age_days=wanted.max_age,
        **(_target(wanted.target) if wanted.target else {}),
    )
    found = (
        check_share(run, by, now, asked)
        if is_share(run)
        else check(run, by, now, asked, built_in(), wanted.packages)
    )
    found = held(found, run, pack, by.trust, now)
    show.data(found, verification.text(found))
    if wanted.render:
        show.say(_rendered(run, found, wanted.render, kinds))
    return found.exit_code


def _target(text: str) -> dict[str, str]:
    """What the report is to be about: an endpoint, or all that a target file says of the product."""
    if text.startswith(("http://", "https://")):
        return {"endpoint": text}
    described = read_target(Path(text))
    members = {name: getattr(described, name) for name in ("endpoint", "supplier", "product", "version")}
    return {name: value for name, value in members.items() if value}


def _rendered(run: Path, found: Verification, out: Path, kinds: tuple[str, ...]) -> str:
    """Make the views, and say where they are, or why there are none."""
    if found.verified is None:
        why = "its verdicts were not borne out here" if found.authentic else "the report is not authentic"
        why = "a share is part of a run only" if found.partial else why
        return f"\nNo views were made: {why}."
    made = render(run, found.verified, out, kinds)
    return "\nViews of the verified report:\n" + "\n".join(f"  {path}" for path in made)
