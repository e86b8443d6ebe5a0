"""Commands that show what there is: profiles and faults. Those for authors are in `authoring`."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json

profiles = typer.Typer(
    no_args_is_help=True, help="Profiles: those that are here, writing your own, repositories of them."
)
faults = typer.Typer(no_args_is_help=True, help="The named faults of the embedded reference supplier.")
app.add_typer(profiles, name="profiles")
app.add_typer(faults, name="faults")


@profiles.command("list")
def list_profiles(json: Json = False) -> int:
    """List the profiles."""
    from conformance.cli.describing import show_profiles
    from conformance.cli.show import Show

    return show_profiles(Show(json=json))


@profiles.command("show")
def show_profile(
    name: Annotated[str, typer.Argument(help="A profile's name or file.")], json: Json = False
) -> int:
    """Show a profile with all of its requirements."""
    from conformance.cli.describing import show_profile as show_one
    from conformance.cli.show import Show

    return show_one(name, Show(json=json))


@profiles.command("from-ig")
def from_ig(
    package: Annotated[
        str, typer.Argument(help="A guide's package: name@version in the cache, .tgz or folder.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Write the profile to this new file.")] = None,
    registry: Annotated[
        str,
        typer.Option("--registry", help="Fetch the package into the cache from this registry (URL) first."),
    ] = "",
    level: Annotated[
        str,
        typer.Option("--level", help="SHALL, SHOULD or MAY, for what the guide states no expectation for."),
    ] = "SHOULD",
    statement: Annotated[
        str,
        typer.Option(
            "--statement", help="The canonical of the CapabilityStatement to read, if one of several."
        ),
    ] = "",
) -> int:
    """Write a profile from a published implementation guide: its capability statement and its structures."""
    from conformance.cli.guides import from_guide
    from conformance.cli.show import Show

    return from_guide(package, out, registry, level, statement, Show())


@faults.command("list")
def list_faults(
    profile: Annotated[str, typer.Option("--profile", help="Only the faults of this profile.")] = "",
    json: Json = False,
) -> int:
    """List the named faults, each with the requirement that catches it."""
    from conformance.cli.describing import show_faults
    from conformance.cli.show import Show

    return show_faults(profile, Show(json=json))
