"""Making keys and signing runs."""

import shlex
from pathlib import Path

from conformance.cli.passwords import asked, chosen, from_file
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside import folders, keys
from conformance.outside.folders import RunFolder
from conformance.session.publishing import sign_folder


def make_key(path: Path, password_file: Path | None, show: Show, *, unencrypted: bool) -> int:
    """Make a key pair and say how others come to trust it."""
    signer = keys.generate(path, None if unencrypted else from_file(password_file, chosen))
    public = keys.public_path(path)
    found = {"keyId": signer.keyid, "privateKey": str(path), "publicKey": str(public)}
    show.data(found, f"Key      {signer.keyid}\nPrivate  {path}  (keep it to yourself)\nPublic   {public}")
    command = f"conformance trust add {shlex.quote(str(public))} --name NAME --role ROLE"
    show.say(f"\nGive the public key to whoever is to trust your reports. They enter it: {command}")
    return 0


def sign_run(path: Path, key: str, password_file: Path | None, show: Show, *, allow_unencrypted: bool) -> int:
    """Sign a finished run, or add a signature."""
    folder = RunFolder(path)
    if not folder.has(folders.REPORT):
        raise UsageError(
            f"{path} holds no finished run", hint=f"Go on with it: conformance run --resume {path}"
        )
    signer = keys.load(key, from_file(password_file, asked), allow_unencrypted=allow_unencrypted)
    bundle = sign_folder(folder, signer)
    signed = {"keyId": signer.keyid, "folder": str(path), "bundle": str(bundle)}
    show.data(signed, f"Signed {path} with the key {signer.keyid}\nAll in one file: {bundle}")
    return 0
