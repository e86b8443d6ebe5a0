"""The reader's trust file: whose keys count, and for what. Also the demo key, which counts for the demo only.

Nothing enters the file by itself but the demo key; a first report never vouches for its own key.
"""

import datetime as dt
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from conformance.errors import KeyFileError
from conformance.model.dsse import NotAKey, first_problem, key_id, public_pem
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.outside import keys, private_files

TRUST_VARIABLE = "CONFORMANCE_TRUST"
DEMO_NAME = "demo key of this machine"
_CHECK = (
    "Compare the file with `conformance trust list`, or mend it by hand; the documentation shows its form."
)


class _Entry(BaseModel):
    """One `[[key]]` as it is written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_by_name=False)

    id: str = Field(pattern="^[0-9a-f]{64}$")
    pem: str = ""
    file: str = ""
    name: str = Field(min_length=1, max_length=200)
    roles: list[str] = Field(min_length=1)
    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    revoked: dt.date | None = None
    only_embedded: bool = False

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> "_Entry":
        if bool(self.pem) == bool(self.file):
            raise ValueError("give the public key either as `pem` or as `file`")
        if not self.name.isprintable():
            raise ValueError("`name` holds control characters")
        if unknown := [role for role in self.roles if role not in set(TrustRole)]:
            raise ValueError(f"there is no role {unknown[0]!r}; there are {', '.join(TrustRole)}")
        return self


class _File(BaseModel):
    """The whole file as it is written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    key: list[_Entry] = []


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
    return _parse(data, path)


def append(path: Path, key: TrustedKey) -> Trust:
    """Enter one more key, keep all that is there, and read it back. Raises KeyFileError."""
    try:
        with private_files.locked(path):
            return _append(path.resolve(), key)
    except OSError as error:
        raise _unwritable(path, error) from None


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
                _append(trust_path.resolve(), entry)
    except OSError as error:
        raise _unwritable(trust_path, error) from None
    if known is not None and not known.only_embedded:
        raise KeyFileError(
            f"{trust_path} trusts the demo key without limit, though it lies unencrypted in {path}",
            hint="Add `only_embedded = true` to its entry.",
        )
    return signer


def _append(path: Path, key: TrustedKey) -> Trust:
    before = load(path)
    if known := before.key(key.id):
        raise KeyFileError(
            f"{path} has the key {key.id} already, as {known.name!r}",
            hint="Change its entry there, if it should say something else.",
        )
    text = path.read_bytes() if path.exists() else b""
    gap = b"\n" if text else b""
    data = text + (b"" if text.endswith(b"\n") or not text else b"\n") + gap + _toml(key).encode("utf-8")
    after = Trust(keys=(*before.keys, key), source=str(path))
    if _parse(data, path) != after:
        raise KeyFileError(f"the key cannot be entered in {path} without changing what it says", hint=_CHECK)
    private_files.replace(path, data)
    if (written := load(path)) != after:
        raise KeyFileError(f"{path} does not hold what was just written to it", hint=_CHECK)
    return written


def _parse(data: bytes, path: Path) -> Trust:
    try:
        entries = _File.model_validate(tomllib.loads(data.decode("utf-8"))).key
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KeyFileError(f"the trust file {path} is no TOML: {error}", hint=_CHECK) from None
    except ValidationError as error:
        raise KeyFileError(f"the trust file {path}: {first_problem(error)}", hint=_CHECK) from None
    trusted = tuple(_trusted(entry, path) for entry in entries)
    ids = [key.id for key in trusted]
    if twice := sorted({key for key in ids if ids.count(key) > 1}):
        raise KeyFileError(
            f"the trust file {path} has the key {twice[0]} twice", hint="Keep one entry a key."
        )
    return Trust(keys=trusted, source=str(path))


def _trusted(entry: _Entry, path: Path) -> TrustedKey:
    try:
        pem = keys.read_public(path.parent / entry.file) if entry.file else public_pem(entry.pem)
        digest = key_id(pem)
    except NotAKey as error:
        raise KeyFileError(f"the trust file {path}, key {entry.name!r}: {error}", hint=_CHECK) from None
    if digest != entry.id:
        raise KeyFileError(
            f"the trust file {path}, key {entry.name!r}: the id is {entry.id}, but its digest is {digest}",
            hint="Find out which of the two is right before you trust either.",
        )
    return TrustedKey(
        id=entry.id,
        pem=pem,
        name=entry.name,
        roles=tuple(TrustRole(role) for role in entry.roles),
        valid_from=entry.from_,
        valid_until=entry.until,
        revoked=entry.revoked,
        only_embedded=entry.only_embedded,
    )


def _toml(key: TrustedKey) -> str:
    """One `[[key]]` table. JSON strings of printable characters are TOML strings too."""
    lines = [
        "[[key]]",
        f"id = {_quoted(key.id)}",
        f"name = {_quoted(key.name)}",
        f"roles = [{', '.join(_quoted(role) for role in key.roles)}]",
    ]
    days = {"from": key.valid_from, "until": key.valid_until, "revoked": key.revoked}
    lines += [f"{name} = {day.isoformat()}" for name, day in days.items() if day is not None]
    if key.only_embedded:
        lines.append("only_embedded = true")
    return "\n".join([*lines, f'pem = """\n{key.pem}"""', ""])


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)


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
