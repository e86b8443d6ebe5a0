"""Commands about the embedded reference supplier."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from conformance.cli.app import app
from conformance.cli.running import Json

reference = typer.Typer(no_args_is_help=True, help="The embedded reference supplier, as a server of its own.")
app.add_typer(reference, name="reference")


@reference.callback()
def _group() -> None:
    """Keep `serve` a command of its own while it is the only one."""


@reference.command()
def serve(
    port: Annotated[int, typer.Option("--port", help="0: a free one.")] = 0,
    http: Annotated[bool, typer.Option("--http", help="Plain HTTP instead of HTTPS.")] = False,
    fault: Annotated[str, typer.Option("--fault", help="Deviate in this one way.")] = "",
    world: Annotated[
        str, typer.Option("--world", help="The variant of the supplier, if not the fault's.")
    ] = "",
    data: Annotated[Path | None, typer.Option("--data", help="Folder of NDJSON files to serve.")] = None,
    json: Json = False,
) -> int:
    """Serve the reference supplier on 127.0.0.1 until Ctrl-C; prints where, and the target file to test it with."""
    from conformance.reference.__main__ import as_json, main

    arguments = [f"--port={port}"]
    arguments += ["--http"] if http else []
    arguments += [f"--fault={fault}"] if fault else []
    arguments += [f"--world={world}"] if world else []
    arguments += [f"--data={data}"] if data else []
    return main(arguments, as_json if json else _in_words)


def _in_words(told: Mapping[str, Any]) -> None:
    print(f"The reference supplier answers at {told['url']} until Ctrl-C.")
    print(f"Test it:  conformance run {told['profile']} --target {told['target']}", flush=True)
