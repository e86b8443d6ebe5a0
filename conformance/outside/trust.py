"""The reader's trust file: whose keys count, and for what. Also the demo key, which counts for the demo only.

Nothing enters the file by itself but the demo key; a first report never vouches for its own key.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance.errors import KeyFileError, UnknownName
from conformance.model.dsse import key_id, public_pem
from conformance.model.trust import ProfilePin, Trust, TrustedKey, TrustRole
from conformance.outside import keys, private_files
from conformance.outside.trust_form import CHECK, key_table, parse, pin_table, quoted

TRUST_VARIABLE = "CONFORMANCE_TRUST"
RELEASES = "releases"
"""The folder beside the trust file for what standards bodies released or withdrew (`*.dsse.json`)."""
DEMO_NAME = "demo key of this machine"
_MOST_RELEASES = 1000
_SHORTEST = 8


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the trust file is: CONFORMANCE_TRUST, or conformance/trust.toml in the user's configuration."""
    if named := environment.get(TRUST_VARIABLE):
        return Path(named)
    return _home("XDG_CONFIG_HOME", ".config", environment) / "conformance" / "trust.toml"


def demo_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the demo key is: conformance/demo-key in the user's data."""
    return _home("XDG_DATA_HOME", ".local/share", environment) / "conformance" / "demo-key"


def load(path: Path) -> Trust:
    """What the trust file says; nobody is trusted where there is none. Raises KeyFileError."""
    if not os.path.lexists(path):
        return Trust(source=str(path))
    data = private_files.read(path, forbidden=private_files.WRITABLE_BY_OTHERS, what="the trust file")
    return parse(data, path)


def releases(path: Path) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of each statement in the folder `releases` beside the trust file. Raises KeyFileError."""
    folder = path.resolve().parent / RELEASES
    found = sorted(folder.glob("*.dsse.json")) if folder.is_dir() else []
    if len(found) > _MOST_RELEASES:
        raise KeyFileError(
            f"{folder} holds more than {_MOST_RELEASES} files", hint="Keep those that you need."
        )
    return tuple((str(each), statement(each)) for each in found)


def statement(path: Path) -> bytes:
    """The bytes of a signed statement, which nobody but its signers vouches for. Raises KeyFileError."""
    try:
        with path.open("rb") as file:
            data = file.read(private_files.MOST_BYTES + 1)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from None
    if len(data) > private_files.MOST_BYTES:
        raise KeyFileError(f"{path} is larger than {private_files.MOST_BYTES} bytes: is it the right file?")
    return data


def append(path: Path, key: TrustedKey) -> Trust:
    """Enter one more key, keep all that is there, and read it back. Raises KeyFileError."""
    return _changed(path, lambda text, before: _with_key(text, before, key, path))


def pin(path: Path, wanted: ProfilePin) -> Trust:
    """Enter one more profile, keep all that is there, and read it back. Raises KeyFileError."""

    def entered(text: str, before: Trust) -> tuple[str, Trust]:
        if wanted in before.pins:
            raise KeyFileError(f"{path} pins {wanted.profile}@{wanted.version} so already")
        return _added(text, pin_table(wanted)), before.model_copy(update={"pins": (*before.pins, wanted)})

    return _changed(path, entered)


def revoke(path: Path, named: str, day: dt.date, reason: str) -> tuple[TrustedKey, Trust]:
    """Enter that the key counts for nothing from that day on; it goes by its id, the beginning of it, or its name.

    Raises KeyFileError, and UnknownName where no key goes by that.
    """
    known = load(path)
    starts = len(named) >= _SHORTEST
    meant = [key for key in known.keys if key.name == named or (starts and key.id.startswith(named))]
    if not meant:
        raise UnknownName("key", named, [key.name for key in known.keys])
    if len(meant) > 1:
        raise KeyFileError(f"{len(meant)} keys go by {named!r}", hint="Give the id of the one that you mean.")
    revoked = meant[0].model_copy(update={"revoked": day, "reason": reason})

    def entered(text: str, before: Trust) -> tuple[str, Trust]:
        old = before.key(revoked.id)
        if old is None or old.revoked is not None:
            raise KeyFileError(f"the key {revoked.id} was revoked already", hint=CHECK)
        line = re.compile(rf'^id[ \t]*=[ \t]*"{revoked.id}".*$', re.MULTILINE)
        said = f"\nrevoked = {day.isoformat()}\nreason = {quoted(reason)}"
        made, places = line.subn(lambda found: found[0] + said, text)
        if places != 1:
            raise KeyFileError(f"{path} says the id of this key in a form of its own", hint=f"Enter:{said}")
        after = tuple(revoked if key.id == revoked.id else key for key in before.keys)
        return made, before.model_copy(update={"keys": after})

    return revoked, _changed(path, entered)


def trusted_key(pem: str, name: str, roles: tuple[TrustRole, ...], **limits: Any) -> TrustedKey:
    """A key to be trusted; `limits` are the other members of TrustedKey. Raises NotAKey."""
    return TrustedKey(id=key_id(pem), pem=public_pem(pem), name=name, roles=roles, **limits)


def demo_key(environment: Mapping[str, str] = os.environ) -> keys.KeySigner:
    """The demo key of this machine, made and entered in the trust file at first use.

    It lies unencrypted, so it is trusted for reports about the embedded reference supplier only.
    Processes that do this at once end up with the same key. Raises KeyFileError.
    """
    path, trust_path = demo_path(environment), default_path(environment)
    try:
        with private_files.locked(path):
            if not os.path.lexists(path):
                keys.generate(path, None)
    except OSError as error:
        raise _unwritable(path, error) from None
    signer = keys.load(str(path), _no_password, allow_unencrypted=True)
    entry = trusted_key(signer.public_pem, DEMO_NAME, (TrustRole.SELF,), only_embedded=True)
    try:
        with private_files.locked(trust_path):
            known = load(trust_path).key(entry.id)
            if known is None:
                place = trust_path.resolve()
                _replace(place, lambda text, before: _with_key(text, before, entry, place))
    except OSError as error:
        raise _unwritable(trust_path, error) from None
    if known is not None and not known.only_embedded:
        raise KeyFileError(
            f"{trust_path} trusts the demo key without limit, though it lies unencrypted in {path}",
            hint="Add `only_embedded = true` to its entry.",
        )
    return signer


Change = Callable[[str, Trust], tuple[str, Trust]]
"""From the text of a trust file and what it says to a new text and what that is to say."""


def _with_key(text: str, before: Trust, key: TrustedKey, path: Path) -> tuple[str, Trust]:
    if known := before.key(key.id):
        raise KeyFileError(
            f"{path} has the key {key.id} already, as {known.name!r}",
            hint="Change its entry there, if it should say something else.",
        )
    return _added(text, key_table(key)), before.model_copy(update={"keys": (*before.keys, key)})


def _added(text: str, table: str) -> str:
    return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{chr(10) if text else ''}{table}"


def _changed(path: Path, change: Change) -> Trust:
    """Change the file under its lock, keep all else that it says, and read it back. Raises KeyFileError."""
    try:
        with private_files.locked(path):
            return _replace(path.resolve(), change)
    except OSError as error:
        raise _unwritable(path, error) from None


def _replace(path: Path, change: Change) -> Trust:
    before = load(path)
    text, after = change(path.read_text("utf-8") if path.exists() else "", before)
    after = after.model_copy(update={"source": str(path)})
    if parse(text.encode("utf-8"), path) != after:
        raise KeyFileError(f"{path} cannot be changed so without changing what else it says", hint=CHECK)
    private_files.replace(path, text.encode("utf-8"))
    if (written := load(path)) != after:
        raise KeyFileError(f"{path} does not hold what was just written to it", hint=CHECK)
    return written


def _home(variable: str, otherwise: str, environment: Mapping[str, str]) -> Path:
    """A base directory (XDG Base Directory Specification: relative values are ignored)."""
    if (named := environment.get(variable, "")) and Path(named).is_absolute():
        return Path(named)
    if (home := environment.get("HOME", "")) and Path(home).is_absolute():
        return Path(home) / otherwise
    try:
        return Path.home() / otherwise
    except RuntimeError:
        raise KeyFileError("this user has no home folder", hint=f"Set {variable}.") from None


def _unwritable(path: Path, error: OSError) -> KeyFileError:
    return KeyFileError(
        f"{path} cannot be written: {error.strerror}",
        hint="Set XDG_DATA_HOME and XDG_CONFIG_HOME to folders you may write to, sign with your own key "
        "(--key), or do not sign.",
    )


def _no_password(where: str) -> bytes:
    raise KeyFileError(f"{where} is encrypted, but the demo key never is", hint="Move that file away.")
