"""The demo: the whole way on a machine that has nothing but the harness."""

import datetime as dt
from contextlib import closing
from pathlib import Path

from conformance.catalog import installed
from conformance.cli.describing import fault_named
from conformance.cli.show import Show
from conformance.cli.testing import closed, default_folder
from conformance.errors import UsageError
from conformance.model.report import Runner, RunnerRole
from conformance.outside.target_file import read_target
from conformance.outside.trust import demo_key
from conformance.reference.faults.table import FAULTS
from conformance.reference.process import Options, start
from conformance.session.authoring.demonstrating import world_for
from conformance.session.conduct import Order, conduct
from conformance.session.publishing import Signing
from conformance.session.suites import DEFAULT_SEED, profile_named
from conformance.views.kinds import chosen

DEFAULT_PROFILE = "nhs-anti-lock-in"
DEFAULT_FAULT = "export-drops-deceased-patients"


def demonstrate(
    profile: str,
    fault: str,
    data: Path | None,
    out: Path | None,
    seed: int | None,
    only: list[str],
    packages: list[str],
    views: str,
    show: Show,
) -> int:
    """Start the reference supplier, test it, sign the report, and say what to try next."""
    named = fault_named(fault) if fault else None
    wanted = profile or (named.profile if named else DEFAULT_PROFILE)
    if data is not None and not data.is_dir():
        raise UsageError(f"there is no folder {data}", hint="--data takes a folder of NDJSON files.")
    asked = profile_named(wanted, installed()).requirements
    kinds = chosen(views)
    signing = Signing(demo_key(), RunnerRole.SELF)
    today = dt.datetime.now(dt.UTC).date()
    options = Options(fault=fault or None, world=world_for(asked).name, data=data, as_of=today)
    with closing(show.progress()) as progress:
        progress.note("Starting the embedded reference supplier …")
        with start(options) as supplier:
            order = Order(
                profile=wanted,
                target=read_target(supplier.target_file),
                folder=supplier.target_file.parent,
                out=out or default_folder(wanted),
                as_of=today,
                seed=DEFAULT_SEED if seed is None else seed,
                only=tuple(only),
                packages=tuple(packages),
                runner=Runner(role=RunnerRole.SELF, name="conformance demo"),
                signing=signing,
                views=kinds,
            )
            finished = conduct(order, installed(), progress)
    code = closed(finished, order, show)
    folder = finished.folder.path
    show.say(f"\nCheck it:             conformance verify {folder}")
    if named is None:
        faulty = next((fault.name for fault in FAULTS if fault.profile == wanted), DEFAULT_FAULT)
        show.say(f"A faulty supplier:    conformance demo --fault {faulty}")
    else:
        show.say(f"This fault is caught by {named.requirement}: {named.summary}")
    show.say(f"Your own product:     conformance run {wanted} --target target.yaml   (docs/targets.md)")
    return code
