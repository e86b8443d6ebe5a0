"""`conformance attest`: ask for what is missing, show what is about to be signed, sign it, and say where it goes."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from conformance.catalog import installed
from conformance.cli.passwords import asked, from_file
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.model.profile import Requirement
from conformance.outside import keys, private_files
from conformance.outside.target_file import read_target
from conformance.session.attesting import Signatory, Word, supplier_statement, to_attest
from conformance.stages.sign import sign
from conformance.views.text import clean

_READABLE = 0o644


@dataclass(frozen=True)
class Attesting:
    """The options of `conformance attest` as they were given."""

    target: Path
    profile: str
    requirements: tuple[str, ...]
    signatory: Signatory
    statement: str
    evidence: tuple[str, ...]
    key: str
    password_file: Path | None
    out: Path
    allow_unencrypted_key: bool
    yes: bool


def attest(wish: Attesting, show: Show) -> int:
    """Write a signed attestation. Raises UsageError and KeyFileError."""
    target = read_target(wish.target)
    if not target.documents.exit_plan or target.documents.exit_plan.startswith(("http:", "https:")):
        raise UsageError(
            "the target file names no exit plan that lies beside it (documents.exitPlan)",
            hint="An attestation is about the very bytes of a plan: keep the plan as a file.",
        )
    requirements = to_attest(wish.profile, wish.requirements, target, installed())
    signatory = _completed(wish.signatory)
    said = wish.statement or _asked("What do you attest, in your own words?")
    word = Word(tuple(r.id for r in requirements), said, wish.evidence)
    stated = supplier_statement(wish.target.parent / target.documents.exit_plan, target, signatory, word)
    if wish.out.exists():
        raise UsageError(
            f"there is already a file {wish.out}", hint="Nothing is overwritten: use another name."
        )
    if not wish.yes:
        _agreed(requirements, signatory, f"{target.product} {target.version}", said)
    password = from_file(wish.password_file, asked)
    signer = keys.load(wish.key, password, allow_unencrypted=wish.allow_unencrypted_key)
    envelope = sign(stated, signer)
    try:
        private_files.replace(wish.out, envelope.canonical(), mode=_READABLE)
    except OSError as error:
        raise UsageError(f"{wish.out} cannot be written: {error.strerror}") from None
    show.data(
        {"file": str(wish.out), "keyId": signer.keyid, "requirements": [r.id for r in requirements]},
        f"Attested {len(requirements)} requirements of {wish.profile} in {wish.out}\nKey      {signer.keyid}",
    )
    public = "the public key's file" if ":" in wish.key else keys.public_path(Path(wish.key))
    entry = f"    - file: {wish.out}\n      key: {public}"
    show.say(f"\nIn the target file, under documents.attestations:\n{entry}")
    return 0


def _completed(signatory: Signatory) -> Signatory:
    words = {"name": "Your name", "role": "What you are there", "organisation": "Your organisation"}
    return replace(signatory, **{member: _asked(words[member]) for member in signatory.lacking})


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{question!r} is not answered, and there is nobody to ask",
            hint="Give --name, --role, --organisation and --statement.",
        )
    return str(typer.prompt(question, err=True))


def _agreed(requirements: tuple[Requirement, ...], signatory: Signatory, product: str, said: str) -> None:
    """Show what is about to be signed, and go on only if the person agrees."""
    lines = [f"{signatory.name}, {signatory.role} of {signatory.organisation}, attests for {product}:", ""]
    lines += [f"  {r.id}  {clean(r.text)}" for r in requirements]
    typer.echo("\n".join([*lines, "", f"  “{clean(said)}”", ""]), err=True)
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to agree to this", hint="Give --yes where it has been agreed to.")
    if not typer.confirm("Sign this?", err=True):
        raise UsageError("not agreed to; nothing was signed")
