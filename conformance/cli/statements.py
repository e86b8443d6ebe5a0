"""Commands that sign one statement, such as waive, acknowledge, dispute or profiles release; and reports show."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.listing import profiles
from conformance.cli.reports import reports
from conformance.cli.running import Json

Key = Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="Take the key's password from here.")
]
Bare = Annotated[bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, its bundle, or report.dsse.json.")]
Name = Annotated[str, typer.Option("--name", help="Your name.")]
Organisation = Annotated[str, typer.Option("--organisation", help="For whom you speak.")]
ReplyOut = Annotated[
    Path | None,
    typer.Option("--out", help="The reply's file; in the run's folder, unless you say otherwise."),
]


@app.command()
def waive(
    file: Annotated[Path, typer.Argument(help="The waivers: a YAML list.")],
    key: Key,
    out: Annotated[Path, typer.Option("--out", help="The signed list; its name ends in .dsse.json.")] = Path(
        "waivers.dsse.json"
    ),
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Sign a list of waivers, for `run --waivers`: what you accept for now. It changes no outcome."""
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed, sign_waivers

    return sign_waivers(file, Keyed(key, password_file, allow_unencrypted_key), out, Show(json=json))


@app.command()
def acknowledge(
    run: Run,
    key: Key,
    name: Name,
    organisation: Organisation = "",
    out: ReplyOut = None,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Sign that you have seen a report and do not dispute it, as the product's supplier."""
    from conformance.cli.replying import Replying, acknowledge
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed

    said = Replying(run, Keyed(key, password_file, allow_unencrypted_key), name, organisation, out)
    return acknowledge(said, Show(json=json))


@app.command()
def dispute(
    run: Run,
    key: Key,
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why you dispute it.")],
    requirement: Annotated[
        list[str] | None,
        typer.Option("--requirement", metavar="ID", help="Only what it says of this one; repeatable."),
    ] = None,
    organisation: Organisation = "",
    out: ReplyOut = None,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Sign that you dispute a report, and why. It stands beside the report and changes no outcome."""
    from conformance.cli.replying import Replying, dispute
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed

    said = Replying(run, Keyed(key, password_file, allow_unencrypted_key), name, organisation, out)
    return dispute(said, reason, tuple(requirement or ()), Show(json=json))


@app.command()
def supersede(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The report that counts no longer.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The report that takes its place.")],
    key: Key,
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why the old one is replaced.")],
    organisation: Organisation = "",
    out: ReplyOut = None,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Sign that another report takes the place of one that you signed. Reports are never changed."""
    from conformance.cli.replying import Replying, supersede
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed

    said = Replying(old, Keyed(key, password_file, allow_unencrypted_key), name, organisation, out)
    return supersede(said, new, reason, Show(json=json))


@app.command()
def timestamp(
    run: Annotated[Path, typer.Argument(help="The folder of a signed run.")],
    authority: Annotated[str, typer.Option("--authority", metavar="URL", help="The time stamp authority.")],
    json: Json = False,
) -> int:
    """Have the signatures of a report time-stamped (RFC 3161), so that they outlive their keys."""
    from conformance.cli.show import Show
    from conformance.cli.stating import stamp_run

    return stamp_run(run, authority, Show(json=json))


@profiles.command("release")
def release_profile(
    profile: Annotated[str, typer.Argument(help="A profile's name or file.")],
    key: Key,
    out: Annotated[
        Path | None, typer.Option("--out", help="The release; its name ends in .dsse.json.")
    ] = None,
    publisher: Annotated[str, typer.Option("--publisher", help="Who publishes it.")] = "",
    supersedes: Annotated[
        str, typer.Option("--supersedes", metavar="VERSION", help="The version whose place it takes.")
    ] = "",
    withdraw: Annotated[
        str, typer.Option("--withdraw", metavar="REASON", help="Withdraw this version instead, and say why.")
    ] = "",
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Sign a profile as released, or add your signature to others' on the same release."""
    from conformance.cli.releasing import release_profile
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed
    from conformance.session.releasing import Releasing

    keyed = Keyed(key, password_file, allow_unencrypted_key)
    return release_profile(Releasing(profile, publisher, supersedes, withdraw), keyed, out, Show(json=json))


@reports.command("show")
def show_report(run: Run, json: Json = False) -> int:
    """Show what a signed report says of itself. NOTHING is verified: `verify` does that."""
    from conformance.cli.replying import show_unverified
    from conformance.cli.show import Show

    return show_unverified(run, Show(json=json))
