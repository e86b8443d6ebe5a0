"""Commands that sign one statement beside a report: waive."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json

Key = Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="Take the key's password from here.")
]
Bare = Annotated[bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")]


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
