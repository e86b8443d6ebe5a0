"""The application: one function a command, each loading what it needs when it is called.

Heavy libraries load inside the commands, so that `conformance --help` answers at once.
"""

from typing import Annotated

import typer

from conformance import __version__

app = typer.Typer(
    name="conformance",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"conformance {__version__}")
        raise typer.Exit


@app.callback()
def _of_all_commands(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Proves, with evidence, that a health-IT product is interoperable and can be left."""
