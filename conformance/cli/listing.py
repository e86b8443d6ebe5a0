"""Commands that show what there is: profiles and faults."""

from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json

profiles = typer.Typer(no_args_is_help=True, help="The profiles that come with the harness.")
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


@faults.command("list")
def list_faults(
    profile: Annotated[str, typer.Option("--profile", help="Only the faults of this profile.")] = "",
    json: Json = False,
) -> int:
    """List the named faults, each with the requirement that catches it."""
    from conformance.cli.describing import show_faults
    from conformance.cli.show import Show

    return show_faults(profile, Show(json=json))
