"""Commands for those who write profiles."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from conformance.cli.listing import profiles
from conformance.cli.running import Json

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


@profiles.command("try")
def try_profile(
    file: Annotated[str, typer.Argument(help="A profile's file or name.")],
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only these requirements (ids or patterns).")
    ] = None,
    faults: Annotated[
        list[str] | None,
        typer.Option("--faults", help="Only these faults (names or patterns), against all requirements."),
    ] = None,
    packages: Annotated[
        list[str] | None, typer.Option("--package", help="A FHIR package: name@version, .tgz or folder.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was tried before.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 also where a binding requirement has shown nothing.")
    ] = False,
    json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> int:
    """See whether a profile bites: run it on the honest reference supplier and on named faults."""
    from conformance.cli.show import Show
    from conformance.cli.trying import show_bites
    from conformance.session.authoring.trying import Wish

    wish = Wish(file, tuple(only or ()), tuple(faults or ()), tuple(packages or ()), fresh)
    return show_bites(wish, Show(json=json, quiet=quiet), strict=strict)


@profiles.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="The profile as it was: a file or name.")],
    new: Annotated[str, typer.Argument(help="The profile as it is: a file or name.")],
    check: Annotated[
        bool, typer.Option("--check", help="End with 1 where the new version's number is too low.")
    ] = False,
    json: Json = False,
) -> int:
    """Tell what changed between two versions of a profile, and which version number that deserves."""
    from conformance.cli.differing import show_difference
    from conformance.cli.show import Show

    return show_difference(old, new, Show(json=json), check=check)


@profiles.command("coverage")
def coverage(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Source documents, by name or file; without any, the totals of all."),
    ] = None,
    json: Json = False,
) -> int:
    """Show what profiles do with each normative statement of their source documents. 2 where the list is not true."""
    from conformance.cli.covering import show_coverage
    from conformance.cli.show import Show

    return show_coverage(names or [], Show(json=json))


@profiles.command("docs")
def docs(
    name: Annotated[str, typer.Argument(help="A profile's name or file.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write NAME.html and NAME.md to.")],
) -> int:
    """Write a readable page of a profile, in HTML and Markdown."""
    from conformance.cli.profile_pages import write_pages
    from conformance.cli.show import Show

    return write_pages(name, out, Show())


@profiles.command("fmt")
def fmt(
    files: Annotated[list[Path], typer.Argument(help="Files of profiles.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 where a file is laid out otherwise.")
    ] = False,
) -> int:
    """Lay out the files of profiles in one way, with their comments."""
    from conformance.cli.formatting import lay_out
    from conformance.cli.show import Show

    return lay_out(files, Show(), check=check)


@profiles.command("new")
def new(
    out: Annotated[Path | None, typer.Argument(help="The new file; NAME.yaml if none is named.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Its name for commands.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its title for people.")] = None,
    publisher: Annotated[str | None, typer.Option("--publisher", help="Who publishes it.")] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="The document that its requirements come from.")
    ] = None,
    extends: Annotated[
        str | None, typer.Option("--extends", help="Profiles to build on, with commas between.")
    ] = None,
    guide: Annotated[
        str, typer.Option("--from-ig", help="Write it from a guide's package instead, as `from-ig` does.")
    ] = "",
) -> int:
    """Write a new profile that lints clean, with an example requirement. Asks for what is not given."""
    from conformance.cli.show import Show

    if guide:
        from conformance.cli.guides import from_guide

        return from_guide(guide, out, "", "SHOULD", "", Show())
    from conformance.cli.starting import start_profile

    given = {"name": name, "title": title, "publisher": publisher, "source": source, "extends": extends}
    return start_profile(given, out, Show())
