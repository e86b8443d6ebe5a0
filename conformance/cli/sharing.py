"""Commands that hand a run on: share its failures, export its exchanges."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json

Run = Annotated[Path, typer.Argument(help="The folder of a run, or its .conformance.zip.")]


@app.command()
def share(
    run: Run,
    out: Annotated[Path, typer.Option("--out", help="The zip to write.")],
    failures_only: Annotated[
        bool, typer.Option("--failures-only", help="What failed, and the records it rests on.")
    ] = False,
    json: Json = False,
) -> int:
    """Give a supplier what it needs to check its failures, and nothing else of the evidence."""
    from conformance.cli.handing_on import share_failures
    from conformance.cli.show import Show

    return share_failures(run, out, Show(json=json), failures_only=failures_only)


@app.command()
def har(
    run: Run,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write, instead of stdout.")] = None,
) -> int:
    """Export what was sent and what came back as an HTTP Archive (HAR 1.2)."""
    from conformance.cli.handing_on import export_har

    return export_har(run, out)
