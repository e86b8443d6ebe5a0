"""The form of the trust file (TOML): keys, rules, pinned profiles and time stamp authorities, read strictly."""

import datetime as dt
import json
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from conformance.errors import KeyFileError
from conformance.model.dsse import NotAKey, first_problem, key_id, public_pem
from conformance.model.report import RunnerRole
from conformance.model.trust import ProfilePin, Trust, TrustedKey, TrustRole
from conformance.model.trust_rules import RELEASE_RULE, REPORT_RULE, Rule, need
from conformance.outside import keys, private_files

CHECK = "Compare the file with `conformance trust list`, or mend it by hand; docs/trust.md shows its form."
_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, validate_by_name=False)


class _Entry(BaseModel):
    """One `[[key]]` as it is written."""

    model_config = _STRICT

    id: str = Field(pattern="^[0-9a-f]{64}$")
    pem: str = ""
    file: str = ""
    name: str = Field(min_length=1, max_length=200)
    roles: list[str] = Field(min_length=1)
    from_: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None
    revoked: dt.date | None = None
    reason: str = ""
    only_embedded: bool = False

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> "_Entry":
        if bool(self.pem) == bool(self.file):
            raise ValueError("give the public key either as `pem` or as `file`")
        if not (self.name.isprintable() and self.reason.isprintable()):
            raise ValueError("`name` or `reason` holds control characters")
        if unknown := [role for role in self.roles if role not in set(TrustRole)]:
            raise ValueError(f"there is no role {unknown[0]!r}; there are {', '.join(TrustRole)}")
        if self.reason and self.revoked is None:
            raise ValueError("a `reason` belongs to a day on which the key was `revoked`")
        return self


class _Rule(BaseModel):
    """One `[rules.NAME]` as it is written."""

    model_config = _STRICT

    needs: list[str] = []
    runners: list[str] = []
    max_age_days: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_known(self) -> "_Rule":
        for text in self.needs:
            need(text)
        if unknown := [role for role in self.runners if role not in set(RunnerRole)]:
            raise ValueError(f"nobody runs a test as {unknown[0]!r}; there are {', '.join(RunnerRole)}")
        return self

    def rule(self) -> Rule:
        """The rule that it states."""
        return Rule(
            needs=tuple(need(text) for text in self.needs),
            runners=tuple(RunnerRole(role) for role in self.runners),
            max_age_days=self.max_age_days,
        )


class _Authority(BaseModel):
    """One `[[timestamp_authority]]`: the certificate of who issued that of the time stamps."""

    model_config = _STRICT

    name: str = ""
    pem: str = ""
    file: str = ""

    @model_validator(mode="after")
    def _says_it_once(self) -> "_Authority":
        if bool(self.pem) == bool(self.file):
            raise ValueError("give the certificate either as `pem` or as `file`")
        return self


class _File(BaseModel):
    """The whole file as it is written."""

    model_config = _STRICT

    key: list[_Entry] = []
    rules: dict[str, _Rule] = {}
    profile: list[ProfilePin] = []
    timestamp_authority: list[_Authority] = []

    @field_validator("rules")
    @classmethod
    def _rules_are_known(cls, value: dict[str, _Rule]) -> dict[str, _Rule]:
        if unknown := [name for name in value if name not in {REPORT_RULE, RELEASE_RULE}]:
            raise ValueError(f"there is no rule {unknown[0]!r}; there are {REPORT_RULE} and {RELEASE_RULE}")
        releases = value.get(RELEASE_RULE, _Rule())
        if releases.runners or releases.max_age_days is not None:
            raise ValueError(f"only `needs` can be asked of {RELEASE_RULE}")
        if any(need(text).acknowledgement for text in releases.needs):
            raise ValueError(f"nobody acknowledges a {RELEASE_RULE}")
        return value


def parse(data: bytes, path: Path) -> Trust:
    """What the bytes of a trust file say; files that it names lie beside it. Raises KeyFileError."""
    try:
        written = _File.model_validate(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KeyFileError(f"the trust file {path} is no TOML: {error}", hint=CHECK) from None
    except ValidationError as error:
        raise KeyFileError(f"the trust file {path}: {first_problem(error)}", hint=CHECK) from None
    trusted = tuple(_trusted(entry, path) for entry in written.key)
    ids = [key.id for key in trusted]
    if twice := sorted({key for key in ids if ids.count(key) > 1}):
        raise KeyFileError(
            f"the trust file {path} has the key {twice[0]} twice", hint="Keep one entry a key."
        )
    return Trust(
        keys=trusted,
        rules={name: rule.rule() for name, rule in written.rules.items()},
        pins=tuple(written.profile),
        authorities=tuple(_certificate(authority, path) for authority in written.timestamp_authority),
        source=str(path),
    )


def _trusted(entry: _Entry, path: Path) -> TrustedKey:
    try:
        pem = keys.read_public(path.parent / entry.file) if entry.file else public_pem(entry.pem)
        digest = key_id(pem)
    except NotAKey as error:
        raise KeyFileError(f"the trust file {path}, key {entry.name!r}: {error}", hint=CHECK) from None
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
        reason=entry.reason,
        only_embedded=entry.only_embedded,
    )


def _certificate(authority: _Authority, path: Path) -> str:
    if authority.pem:
        return authority.pem
    place = path.parent / authority.file
    return private_files.read(
        place, forbidden=private_files.WRITABLE_BY_OTHERS, what="the time stamp authority's certificate"
    ).decode("utf-8", "replace")


def key_table(key: TrustedKey) -> str:
    """One `[[key]]` table. JSON strings of printable characters are TOML strings too."""
    lines = [
        "[[key]]",
        f"id = {quoted(key.id)}",
        f"name = {quoted(key.name)}",
        f"roles = [{', '.join(quoted(role) for role in key.roles)}]",
    ]
    days = {"from": key.valid_from, "until": key.valid_until, "revoked": key.revoked}
    lines += [f"{name} = {day.isoformat()}" for name, day in days.items() if day is not None]
    if key.reason:
        lines.append(f"reason = {quoted(key.reason)}")
    if key.only_embedded:
        lines.append("only_embedded = true")
    return "\n".join([*lines, f'pem = """\n{key.pem}"""', ""])


def pin_table(pin: ProfilePin) -> str:
    """One `[[profile]]` table."""
    members = {"profile": pin.profile, "version": pin.version, "digest": pin.digest}
    return "\n".join(["[[profile]]", *(f"{name} = {quoted(text)}" for name, text in members.items()), ""])


def quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(str(text), ensure_ascii=False)
