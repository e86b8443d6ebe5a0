"""Commands over a register: register build."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json, Package, Quiet
from conformance.cli.trust import TrustFile

register = typer.Typer(no_args_is_help=True, help="A website of verified reports.")
app.add_typer(register, name="register")


@register.callback()
def about() -> None:
    """A website of verified reports."""


@register.command()
def build(
    folder: Annotated[
        Path, typer.Argument(help="Folder that holds folders of runs, or their .conformance.zip.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the site: a new one, or an earlier register's.")
    ],
    title: Annotated[
        str, typer.Option("--title", help="What the register is called.")
    ] = "Conformance register",
    url: Annotated[
        str, typer.Option("--url", help="Where the site will be, for the links of the feed.")
    ] = "",
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes that verify; 0: one for each processor.")
    ] = 0,
    trust: TrustFile = None,
    package: Package = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Verify the reports in a folder and write a static website of them; what does not verify is listed apart."""
    from conformance.cli.registering import build_register
    from conformance.cli.show import Show

    show = Show(json=json, quiet=quiet)
    return build_register(folder, out, (title, url), tuple(package or ()), workers, trust, show)
