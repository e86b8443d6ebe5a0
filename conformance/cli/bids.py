"""Commands over several reports: compare, diff."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json, Package, Tender
from conformance.cli.trust import TrustFile


@app.command()
def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of runs, or their .conformance.zip: two or more.")
    ],
    weights: Annotated[
        Path | None, typer.Option("--weights", help="Points for what is recommended (YAML).")
    ] = None,
    equivalences: Annotated[
        Path | None, typer.Option("--equivalences", help="Decisions to accept something else (YAML).")
    ] = None,
    tender: Tender = None,
    decisions: Annotated[
        list[Path] | None,
        typer.Option("--decisions", help="Signed decisions (tender decide); repeatable. Needs --tender."),
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", help="Also write this .html, .xlsx, .pdf or .json; repeatable."),
    ] = None,
    trust: TrustFile = None,
    package: Package = None,
    json: Json = False,
) -> int:
    """Verify the reports of several bids and set them side by side."""
    from conformance.cli.comparing import Counting, compare_bids
    from conformance.cli.show import Show

    counting = Counting(weights, equivalences, tender, tuple(decisions or ()))
    return compare_bids(runs, counting, out or [], trust, package or [], Show(json=json))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier run: its folder, or its .conformance.zip.")],
    new: Annotated[Path, typer.Argument(help="The later one.")],
    trust: TrustFile = None,
    package: Package = None,
    json: Json = False,
) -> int:
    """Verify two reports on a product and show what became better, worse, or newly tested."""
    from conformance.cli.comparing import compare_tests
    from conformance.cli.show import Show

    return compare_tests(old, new, trust, package or [], Show(json=json))
