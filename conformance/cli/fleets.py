"""Commands over many targets: fleet run."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import AsOf, Json, Quiet, Views

fleet = typer.Typer(no_args_is_help=True, help="Many targets at once.")
app.add_typer(fleet, name="fleet")


@fleet.callback()
def about() -> None:
    """Many targets at once."""


@fleet.command()
def run(
    file: Annotated[Path, typer.Argument(help="The fleet's file (YAML): targets, profiles, limits.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for all runs; new or empty, but for --resume.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what lies there: finished runs are kept.")
    ] = False,
    key: Annotated[str, typer.Option("--key", help="Sign each run with this key: a file, or env:NAME.")] = "",
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the key's password from here.")
    ] = None,
    role: Annotated[str, typer.Option("--role", help="The role in which you test.")] = "self",
    name: Annotated[str, typer.Option("--name", help="Who tests.")] = "",
    organisation: Annotated[str, typer.Option("--organisation", help="For which organisation.")] = "",
    as_of: AsOf = "",
    views: Views = "html",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Test many targets at once, each on its own, and show one table; the exit code is the worst of all."""
    from conformance.cli.fleet_running import Asked, run_fleet
    from conformance.cli.show import Show

    asked = Asked(file, out, resume, key, password_file, role, name, organisation, as_of, views)
    return run_fleet(asked, Show(json=json, quiet=quiet))
