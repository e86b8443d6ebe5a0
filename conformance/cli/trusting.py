"""The reader's trust file: who is in it, and entering one more."""

from pathlib import Path

from conformance.cli.show import Show
from conformance.errors import KeyFileError, UnknownName
from conformance.model.dsse import NotAKey
from conformance.model.trust import TrustRole
from conformance.outside import keys, trust


def add_key(public: Path, name: str, roles: list[str], file: Path | None, show: Show) -> int:
    """Enter a public key, and say what its holder is now trusted for. Raises KeyFileError and UnknownName."""
    path = file or trust.default_path()
    try:
        key = trust.trusted_key(keys.read_public(public), name, tuple(_role(role) for role in roles))
    except NotAKey as error:
        raise KeyFileError(f"{public}: {error}", hint="Give the file that ends in .pub.pem.") from error
    trust.append(path, key)
    said = f"Trusted  {name} as {', '.join(key.roles)}\nKey      {key.id}\nFile     {path}"
    show.data({"keyId": key.id, "name": name, "roles": key.roles, "trustFile": str(path)}, said)
    show.say("\nCompare the key's id with its holder by another way than these files, if you have not yet.")
    return 0


def show_keys(file: Path | None, show: Show) -> int:
    """List the keys that this reader trusts, and what for."""
    path = file or trust.default_path()
    trusted = trust.load(path)
    lines = [f"Trust file: {path}", ""]
    for key in trusted.keys:
        limit = ", for reports about the embedded reference supplier only" if key.only_embedded else ""
        lines.append(f"{key.id}  {key.name} ({', '.join(key.roles)}{limit})")
    show.data(trusted.keys, "\n".join(lines if trusted.keys else [*lines, "It names nobody yet."]))
    return 0


def _role(name: str) -> TrustRole:
    try:
        return TrustRole(name)
    except ValueError:
        raise UnknownName("role", name, [role.value for role in TrustRole]) from None
