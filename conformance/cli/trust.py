"""Commands about signatures: keygen, sign, verify."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json


@app.command()
def keygen(
    file: Annotated[
        Path, typer.Argument(help="Where to write the private key; FILE.pub.pem is the public one.")
    ],
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Protect the key by nothing but the file's mode.")
    ] = False,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the password from here.")
    ] = None,
    json: Json = False,
) -> int:
    """Make a key pair to sign reports with (Ed25519)."""
    from conformance.cli.show import Show
    from conformance.cli.signing import make_key

    return make_key(file, password_file, Show(json=json), unencrypted=unencrypted)


@app.command()
def sign(
    folder: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    key: Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")],
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the password from here.")
    ] = None,
    allow_unencrypted_key: Annotated[
        bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")
    ] = False,
    json: Json = False,
) -> int:
    """Sign a finished run, or add a signature to it."""
    from conformance.cli.show import Show
    from conformance.cli.signing import sign_run

    return sign_run(folder, key, password_file, Show(json=json), allow_unencrypted=allow_unencrypted_key)


@app.command()
def verify(
    run: Annotated[Path, typer.Argument(help="The folder of a run, or its .conformance.zip.")],
    require: Annotated[str, typer.Option("--require", help="passed or authentic")] = "passed",
    trust: Annotated[Path | None, typer.Option("--trust", help="Your trust file (TOML).")] = None,
    json: Json = False,
) -> int:
    """Check a report: who signed it, that nothing was changed, and every verdict anew from the evidence."""
    from conformance.cli.show import Show
    from conformance.cli.verifying import check_report

    return check_report(run, require, trust, Show(json=json))
