"""Commands over profile repositories: for bodies that publish, and for readers."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.listing import profiles
from conformance.cli.running import Json

repository = typer.Typer(no_args_is_help=True, help="A profile repository: a folder for any web server.")
profiles.add_typer(repository, name="repository")

Folder = Annotated[Path, typer.Argument(help="The repository's folder.")]
Label = Annotated[str, typer.Argument(metavar="NAME@VERSION", help="The release, as in exit-core@1.0.0.")]
Keys = Annotated[
    list[str], typer.Option("--key", help="Sign with this key: a file, or env:NAME; repeatable.")
]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="Take the keys' password from here.")
]
Bare = Annotated[bool, typer.Option("--allow-unencrypted-key", help="Accept bare keys.")]


@repository.callback()
def about() -> None:
    """A profile repository: a folder for any web server."""


@repository.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    title: Annotated[str, typer.Option("--title", help="What the repository is called.")],
    key: Keys,
    owner: Annotated[
        list[Path] | None, typer.Option("--owner", help="Public key of another owner (.pub.pem); repeatable.")
    ] = None,
    threshold: Annotated[int, typer.Option("--threshold", min=1, help="So many owners have to sign.")] = 1,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Begin a repository. It counts once so many of its owners have signed it."""
    from conformance.cli.repository_writing import Writing, begin
    from conformance.cli.show import Show

    writing = Writing(folder, tuple(key), password_file, allow_unencrypted_key, Show(json=json))
    return begin(writing, title, owner or [], threshold)


@repository.command()
def publish(
    folder: Folder,
    profile: Annotated[list[str], typer.Argument(help="Profiles, by file or name.")],
    key: Keys,
    release: Annotated[
        Path | None, typer.Option("--release", help="Its release, signed by several (profiles release).")
    ] = None,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Put profiles into the index, each with a signed release."""
    from conformance.cli.repository_writing import Writing, publish_profiles
    from conformance.cli.show import Show

    writing = Writing(folder, tuple(key), password_file, allow_unencrypted_key, Show(json=json))
    return publish_profiles(writing, profile, release)


@repository.command()
def promote(
    folder: Folder,
    label: Label,
    source: Annotated[str, typer.Option("--from", help="The repository it comes from (profiles add).")],
    key: Keys,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Take a release over from another repository, with its history, and sign it beside its author."""
    from conformance.cli.repository_writing import Writing, promote_release
    from conformance.cli.show import Show

    writing = Writing(folder, tuple(key), password_file, allow_unencrypted_key, Show(json=json))
    return promote_release(writing, label, source)


@repository.command()
def withdraw(
    folder: Folder,
    label: Label,
    who: Annotated[str, typer.Option("--who", help="Who withdraws it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    key: Keys,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Withdraw a release: readers refuse it from their next update on, and are told who withdrew it and why."""
    from conformance.cli.repository_writing import Writing, withdraw_release
    from conformance.cli.show import Show

    writing = Writing(folder, tuple(key), password_file, allow_unencrypted_key, Show(json=json))
    return withdraw_release(writing, label, who, reason)


@repository.command()
def sign(
    folder: Folder,
    key: Keys,
    renew: Annotated[
        bool, typer.Option("--renew", help="Put the index up for another year; the owners sign it again.")
    ] = False,
    password_file: PasswordFile = None,
    allow_unencrypted_key: Bare = False,
    json: Json = False,
) -> int:
    """Sign what waits for signatures; else say for another 30 days that this is the newest."""
    from conformance.cli.repository_writing import Writing, sign_all
    from conformance.cli.show import Show

    writing = Writing(folder, tuple(key), password_file, allow_unencrypted_key, Show(json=json))
    return sign_all(writing, renew=renew)


@repository.command()
def show(folder: Folder, json: Json = False) -> int:
    """Show whose repository it is, its fingerprint, what is in it, and what waits for signatures."""
    from conformance.cli.repository_writing import show_folder
    from conformance.cli.show import Show

    return show_folder(folder, Show(json=json))


@profiles.command()
def add(
    url: Annotated[str, typer.Argument(help="Address of a profile repository, or its folder.")],
    name: Annotated[str, typer.Option("--name", help="Your own name for it: letters, digits and dashes.")],
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help="The repository's fingerprint, as its owners told you.")
    ] = "",
    root: Annotated[
        Path | None, typer.Option("--root", help="Its first root, as its owners gave it to you.")
    ] = None,
    json: Json = False,
) -> int:
    """Begin to trust a profile repository, and fetch its profiles."""
    from conformance.cli.repository_reading import add_repository
    from conformance.cli.show import Show

    return add_repository(url, name, fingerprint, root, Show(json=json))


@profiles.command()
def update(
    name: Annotated[list[str] | None, typer.Argument(help="Repositories; all, where none is named.")] = None,
    json: Json = False,
) -> int:
    """Bring the profiles from repositories up to date."""
    from conformance.cli.repository_reading import update_repositories
    from conformance.cli.show import Show

    return update_repositories(name or [], Show(json=json))


@profiles.command()
def search(
    word: Annotated[
        list[str] | None, typer.Argument(help="Words that all are to occur; all profiles without.")
    ] = None,
    json: Json = False,
) -> int:
    """Search the profiles that are here: those that come with the harness, and those from repositories."""
    from conformance.cli.repository_reading import search_profiles
    from conformance.cli.show import Show

    return search_profiles(word or [], Show(json=json))


@profiles.command()
def pin(
    label: Annotated[str, typer.Argument(help="NAME@VERSION; with --remove the name alone.")],
    repository: Annotated[str, typer.Option("--repository", help="Of this repository.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Settle on no version any more.")] = False,
    json: Json = False,
) -> int:
    """Settle on one release of a profile, whatever is published later."""
    from conformance.cli.repository_reading import pin_release
    from conformance.cli.show import Show

    return pin_release(label, repository, Show(json=json), remove=remove)


@profiles.command()
def forget(
    name: Annotated[str, typer.Argument(help="A repository.")],
    json: Json = False,
) -> int:
    """Forget a repository with all of its profiles."""
    from conformance.cli.repository_reading import forget_repository
    from conformance.cli.show import Show

    return forget_repository(name, Show(json=json))
