"""`conformance rehearse`: the exit drill in one command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app


@app.command("rehearse")
def rehearse(
    target: Annotated[Path, typer.Argument(help="The target file of the product that is to be left.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the rehearsal's report.")] = Path(
        "rehearsal"
    ),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the rehearsal in --out.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Begin without asking.")] = False,
    key: Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")] = "",
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the key's password from here.")
    ] = None,
    allow_unencrypted_key: Annotated[
        bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The report as JSON, on stdout.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> int:
    """Export everything, verify it, load it elsewhere, and time it. Ends with 0 if nothing was lost, else 1."""
    from conformance.cli.passwords import asked, from_file
    from conformance.cli.show import Show
    from conformance.outside import keys
    from conformance.outside.target_file import read_target
    from conformance.session.rehearse import Rehearsing
    from conformance.session.rehearse import rehearse as carried_out
    from conformance.views import lock_in

    show = Show(json=json, quiet=quiet)
    signer = (
        keys.load(key, from_file(password_file, asked), allow_unencrypted=allow_unencrypted_key)
        if key
        else None
    )

    def agreed(question: str) -> bool:
        print(question, file=sys.stderr)
        return yes or (sys.stdin.isatty() and typer.confirm("Go on?", err=True))

    def tell(text: str) -> None:
        if not quiet:
            print(text, file=sys.stderr)

    order = Rehearsing(read_target(target), target.parent, out, agreed, tell, resume, signer)
    found = carried_out(order)
    lines = [
        f"Rehearsal of {found.target.product or found.target.endpoint}: {'passed' if found.passed else 'FAILED'}",
        f"{sum(found.counted.values()):,} resources, {found.bytes:,} bytes, valid until {found.valid_until}",
        f"Our loader kept {found.loaded:,}; {found.missing:,} missing; losses at {len(found.losses)} element paths",
        *(f"{stage}: {seconds:.1f} s" for stage, seconds in found.seconds.items()),
        *(f"{each.title}: {lock_in.shown(each)}" for each in found.measurements),
        *([found.unpriced] if found.unpriced else []),
        f"Page: {out / 'rehearsal.html'}",
        *(f"error: {error}" for error in found.errors),
        *(f"{one.kind}: {one.path} in {one.resources} resources, first {one.first}" for one in found.losses),
    ]
    show.data(found.plain(), "\n".join(lines))
    return 0 if found.passed else 1
