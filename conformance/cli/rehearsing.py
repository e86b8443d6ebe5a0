"""`conformance rehearse`: the exit drill in one command."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conformance.cli.app import app

if TYPE_CHECKING:
    from conformance.analysis.exit_cost import Scenario


EXIT_CODES = {"passed": 0, "failed": 1, "inconclusive": 4}


@app.command("rehearse")
def rehearse(
    target: Annotated[Path, typer.Argument(help="The target file of the product that is to be left.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the rehearsal's report.")] = Path(
        "rehearsal"
    ),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the rehearsal in --out.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Begin without asking.")] = False,
    key: Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")] = "",
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the key's password from here.")
    ] = None,
    allow_unencrypted_key: Annotated[
        bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")
    ] = False,
    profile: Annotated[
        str,
        typer.Option("--profile", help="The profile that says which elements may differ (roundtrip_ignore)."),
    ] = "exit-core",
    help_days: Annotated[
        str, typer.Option("--help-days", help="How many days of the supplier's help you need, for the price.")
    ] = "",
    leaves_on: Annotated[
        str,
        typer.Option("--leaves-on", help="The day on which the contract ends, for the price: 2029-03-31."),
    ] = "",
    quantity: Annotated[
        list[str] | None,
        typer.Option("--quantity", help="So many units of a row of the plan's cost table: ROW=NUMBER."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The report as JSON, on stdout.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> int:
    """Export everything, verify it, load it elsewhere, time it and price it.

    Ends with 0 where nothing was lost, 1 where something was, 4 where that cannot be told.
    """
    from conformance.cli.interrupting import interruptible
    from conformance.cli.passwords import asked, from_file
    from conformance.cli.show import Show, aside
    from conformance.outside import keys
    from conformance.outside.target_file import read_target
    from conformance.session.rehearsal import Rehearsing
    from conformance.session.rehearsal import rehearse as carried_out
    from conformance.session.rehearsal.ignoring import may_differ
    from conformance.views.rehearsal_page import rehearsal_lines

    show = Show(json=json, quiet=quiet)
    signer = (
        keys.load(key, from_file(password_file, asked), allow_unencrypted=allow_unencrypted_key)
        if key
        else None
    )

    def agreed(question: str) -> bool:
        aside(question)
        return yes or (sys.stdin.isatty() and typer.confirm("Go on?", err=True))

    def tell(text: str) -> None:
        if not quiet:
            aside(text)

    ignore, ignored_by = may_differ(profile)
    order = Rehearsing(
        target=read_target(target),
        folder=target.parent,
        out=out,
        agreed=agreed,
        tell=tell,
        resume=resume,
        signer=signer,
        ignore=ignore,
        ignored_by=ignored_by,
        scenario=_scenario(help_days, leaves_on, quantity or []),
    )
    with interruptible(
        "What is done is kept: --resume goes on with it, and removes what it left elsewhere; "
        "`conformance cleanup` gives it up."
    ):
        found = carried_out(order)
    show.data(found.plain(), "\n".join(rehearsal_lines(found)))
    return EXIT_CODES[found.result]


def _scenario(help_days: str, leaves_on: str, quantities: list[str]) -> "Scenario":
    """The buyer's scenario. Raises UsageError."""
    from conformance.analysis.exit_cost import Scenario
    from conformance.analysis.money import NoMoney, quantity
    from conformance.errors import UsageError

    given = [text.partition("=") for text in quantities]
    try:
        return Scenario(
            help_days=quantity(help_days) if help_days else None,
            leaves_on=dt.date.fromisoformat(leaves_on) if leaves_on else None,
            quantities={row.strip(): quantity(number.strip()) for row, _, number in given},
        )
    except (NoMoney, ValueError) as error:
        raise UsageError(
            f"the scenario for the price cannot be read: {error}",
            hint="--help-days 10 --leaves-on 2029-03-31 --quantity EXTRACT=2",
        ) from error
