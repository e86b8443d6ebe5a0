"""Commands for those who write profiles."""

from typing import Annotated, Literal

import typer

from conformance.cli.listing import profiles

Files = Annotated[list[str], typer.Argument(help="Profiles: files, or names of those that are shipped.")]


@profiles.command("lint")
def lint(
    files: Files,
    links: Annotated[
        bool,
        typer.Option("--links", help="Also follow links to sources, over the network."),
    ] = False,
    form: Annotated[
        Literal["text", "json", "sarif"], typer.Option("--format", help="How to tell what was found.")
    ] = "text",
) -> int:
    """Tell all that is wrong, or looks wrong, with profiles, with file, line and column."""
    from conformance.cli.linting import lint_profiles
    from conformance.cli.show import Show

    return lint_profiles(files, form, Show(json=form == "json"), links=links)
