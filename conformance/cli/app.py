"""The application: one function a command, each loading what it needs when it is called.

Heavy libraries load inside the commands, so that `conformance --help` answers at once.
"""

import typer

app = typer.Typer(
    name="conformance",
    help="Proves, with evidence, that a health-IT product is interoperable and can be left.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
