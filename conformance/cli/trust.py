"""Commands about signatures: keygen, sign, attest, verify, trust."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json, Package, Tender, Views

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
def attest(
    target: Annotated[Path, typer.Argument(help="The target file; its exit plan is what is attested.")],
    profile: Annotated[str, typer.Option("--profile", help="Whose requirements are attested.")] = "exit-core",
    requirement: Annotated[
        list[str] | None, typer.Option("--requirement", metavar="ID", help="Only this one; repeatable.")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")] = "",
    name: Annotated[str, typer.Option("--name", help="Who attests.")] = "",
    role: Annotated[str, typer.Option("--role", help="As what, such as chief technology officer.")] = "",
    organisation: Annotated[str, typer.Option("--organisation", help="For whom.")] = "",
    statement: Annotated[str, typer.Option("--statement", help="What is attested, in their own words.")] = "",
    evidence: Annotated[
        list[str] | None, typer.Option("--evidence", metavar="URL", help="What bears it out; repeatable.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The attestation's file.")] = Path(
        "attestation.dsse.json"
    ),
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the key's password from here.")
    ] = None,
    allow_unencrypted_key: Annotated[
        bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="It has been agreed to: do not ask.")] = False,
    json: Json = False,
) -> int:
    """Put your name to what no test can show, signed with your own key."""
    from conformance.cli.attesting import Attesting, attest
    from conformance.cli.show import Show
    from conformance.session.attesting import Signatory

    wish = Attesting(
        target=target,
        profile=profile,
        requirements=tuple(requirement or ()),
        signatory=Signatory(name, role, organisation),
        statement=statement,
        evidence=tuple(evidence or ()),
        key=key,
        password_file=password_file,
        out=out,
        allow_unencrypted_key=allow_unencrypted_key,
        yes=yes,
    )
    return attest(wish, Show(json=json))


@app.command()
def verify(
    run: Annotated[Path, typer.Argument(help="The folder of a run, or its .conformance.zip.")],
    require: Annotated[
        str, typer.Option("--require", help="passed, authentic, partial (for a share), or rehearsal")
    ] = "passed",
    trust: TrustFile = None,
    nonce: Annotated[str, typer.Option("--nonce", help="The word that you gave for this procurement.")] = "",
    procurement_ref: Annotated[
        str, typer.Option("--procurement-ref", help="The procurement that the report has to be for.")
    ] = "",
    target: Annotated[
        str,
        typer.Option("--target", help="What it has to be about: a target file (YAML), or an endpoint's URL."),
    ] = "",
    max_age: Annotated[
        int | None, typer.Option("--max-age", min=0, metavar="DAYS", help="How old the run may be.")
    ] = None,
    received: Annotated[
        str,
        typer.Option("--received", metavar="DAY", help="When you received the report: keys are judged then."),
    ] = "",
    with_: Annotated[
        list[Path] | None,
        typer.Option("--with", help="A signed reply to the report, or a profile's release; repeatable."),
    ] = None,
    package: Package = None,
    render: Annotated[
        Path | None, typer.Option("--render", help="Make views of the verified report into this folder.")
    ] = None,
    views: Views = "all",
    tender: Tender = None,
    json: Json = False,
) -> int:
    """Check a report: who signed it, that nothing was changed, and every verdict anew from the evidence."""
    from conformance.cli.show import Show
    from conformance.cli.verifying import Wanted, check_report

    wanted = Wanted(
        require=require,
        trust=trust,
        packages=tuple(package or ()),
        given=tuple(with_ or ()),
        received=received,
        nonce=nonce,
        procurement_ref=procurement_ref,
        target=target,
        max_age=max_age,
        render=render,
        views=views,
        tender=tender,
    )
    return check_report(run, wanted, Show(json=json))


@trusted.command("add")
def add(
    public: Annotated[Path, typer.Argument(help="The public key: the file that ends in .pub.pem.")],
    name: Annotated[str, typer.Option("--name", help="Whose key it is.")],
    role: Annotated[
        list[str],
        typer.Option("--role", help="What you trust them for: independent-lab, buyer … Repeatable."),
    ],
    from_: Annotated[
        str, typer.Option("--from", metavar="DAY", help="The first day on which it counts.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="The last day on which it counts.")
    ] = "",
    trust: TrustFile = None,
    json: Json = False,
) -> int:
    """Trust a key, once you have checked its id with its holder."""
    from conformance.cli.show import Show
    from conformance.cli.trusting import add_key

    return add_key(public, name, role, (from_, until), trust, Show(json=json))


@trusted.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, how it begins, or the name that you gave it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it counts no longer.")],
    since: Annotated[
        str,
        typer.Option("--since", metavar="DAY", help="From which day on; today, unless you say otherwise."),
    ] = "",
    trust: TrustFile = None,
    json: Json = False,
) -> int:
    """Trust a key no longer. What you received before that day still counts (see verify --received)."""
    from conformance.cli.show import Show
    from conformance.cli.trusting import revoke_key

    return revoke_key(key, reason, since, trust, Show(json=json))


@trusted.command("pin")
def pin(
    named: Annotated[str, typer.Argument(metavar="NAME@VERSION", help="The profile.")],
    digest: Annotated[str, typer.Argument(help="Its SHA-256, as its publisher tells it.")],
    trust: TrustFile = None,
    json: Json = False,
) -> int:
    """Enter the digest of a profile that nobody whom you trust has signed: no other counts under its name."""
    from conformance.cli.show import Show
    from conformance.cli.trusting import pin_profile

    return pin_profile(named, digest, trust, Show(json=json))


@trusted.command("list")
def list_keys(trust: TrustFile = None, json: Json = False) -> int:
    """List the keys that you trust."""
    from conformance.cli.show import Show
    from conformance.cli.trusting import show_keys

    return show_keys(trust, Show(json=json))
