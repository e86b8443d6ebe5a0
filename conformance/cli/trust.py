"""Commands about signatures: keygen, sign, verify, trust."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json, Package

trusted = typer.Typer(no_args_is_help=True, help="Whose signatures you trust, and what for.")
app.add_typer(trusted, name="trust")

TrustFile = Annotated[Path | None, typer.Option("--trust", help="Your trust file (TOML).")]


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
    trust: TrustFile = None,
    package: Package = None,
    json: Json = False,
) -> int:
    """Check a report: who signed it, that nothing was changed, and every verdict anew from the evidence."""
    from conformance.cli.show import Show
    from conformance.cli.verifying import check_report

    return check_report(run, require, trust, package or [], Show(json=json))


@trusted.command("add")
def add(
    public: Annotated[Path, typer.Argument(help="The public key: the file that ends in .pub.pem.")],
    name: Annotated[str, typer.Option("--name", help="Whose key it is.")],
    role: Annotated[
        list[str],
        typer.Option("--role", help="What you trust them for: independent-lab, buyer … Repeatable."),
    ],
    trust: TrustFile = None,
    json: Json = False,
) -> int:
    """Trust a key, once you have checked its id with its holder."""
    from conformance.cli.show import Show
    from conformance.cli.trusting import add_key

    return add_key(public, name, role, trust, Show(json=json))


@trusted.command("list")
def list_keys(trust: TrustFile = None, json: Json = False) -> int:
    """List the keys that you trust."""
    from conformance.cli.show import Show
    from conformance.cli.trusting import show_keys

    return show_keys(trust, Show(json=json))
