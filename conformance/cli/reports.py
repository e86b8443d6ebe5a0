"""Commands over reports as files: reports merge, reports explain."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json, Package, Tender, Views
from conformance.cli.trust import TrustFile

reports = typer.Typer(no_args_is_help=True, help="Reports as files.")
app.add_typer(reports, name="reports")


@reports.callback()
def about() -> None:
    """Reports as files."""


@reports.command()
def merge(
    parts: Annotated[list[Path], typer.Argument(help="The folders of all parts of one run (run --shard).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the whole; must be new or empty.")],
    views: Views = "all",
    json: Json = False,
) -> int:
    """Bring the parts of one run together, judge all of it anew, and write the report (unsigned)."""
    from conformance.catalog import installed
    from conformance.cli.show import Show
    from conformance.cli.testing import exit_code
    from conformance.session.sharding import merge as merged
    from conformance.views import terminal
    from conformance.views.kinds import chosen
    from conformance.views.signature import UNSIGNED

    show = Show(json=json)
    folder = merged(parts, out, installed(), chosen(views))
    report, record = folder.report(), folder.record()
    show.data(
        {"folder": str(out), "report": report, "record": record},
        terminal.whole(report, record, UNSIGNED, str(out)),
    )
    show.say(f"\nReport: {out}\nSign it: conformance sign {out} --key KEY")
    return exit_code(report)


@reports.command("explain")
def explain_requirement(
    requirement: Annotated[str, typer.Argument(metavar="REQUIREMENT", help="The requirement's id.")],
    run: Annotated[Path, typer.Option("--run", help="The folder of a run, or its .conformance.zip.")],
    html: Annotated[Path | None, typer.Option("--html", help="Also write all of it as a page.")] = None,
    tender: Tender = None,
    trust: TrustFile = None,
    package: Package = None,
    json: Json = False,
) -> int:
    """Verify a report and lay one requirement open: clause, test, values, exchanges, rule, limits, how to re-run."""
    from conformance.cli.explaining import explain_one
    from conformance.cli.show import Show

    return explain_one(requirement, run, html, tender, trust, package or [], Show(json=json))
