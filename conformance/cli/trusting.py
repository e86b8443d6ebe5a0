"""The reader's trust file: who is in it, and entering one more."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from conformance.cli.show import Show
from conformance.cli.terms import moment
from conformance.errors import KeyFileError, UnknownName, UsageError
from conformance.model.dsse import NotAKey
from conformance.model.trust import ProfilePin, TrustedKey, TrustRole
from conformance.model.trust_rules import Rule
from conformance.outside import keys, trust


def add_key(
    public: Path, name: str, roles: list[str], days: tuple[str, str], file: Path | None, show: Show
) -> int:
    """Enter a public key, and say what its holder is now trusted for, in the days from and until where given.

    Raises KeyFileError, UnknownName and UsageError.
    """
    path = file or trust.default_path()
    try:
        limits = {
            "valid_from": _day("--from", days[0]),
            "valid_until": _day("--until", days[1]),
        }
        key = trust.trusted_key(
            keys.read_public(public), name, tuple(_role(role) for role in roles), **limits
        )
    except NotAKey as error:
        raise KeyFileError(f"{public}: {error}", hint="Give the file that ends in .pub.pem.") from error
    trust.append(path, key)
    said = f"Trusted  {name} as {', '.join(key.roles)}{_limits(key)}\nKey      {key.id}\nFile     {path}"
    show.data({"keyId": key.id, "name": name, "roles": key.roles, "trustFile": str(path)}, said)
    show.say("\nCompare the key's id with its holder by another way than these files, if you have not yet.")
    return 0


def show_keys(file: Path | None, show: Show) -> int:
    """List the keys that this reader trusts, and what for."""
    path = file or trust.default_path()
    trusted = trust.load(path)
    lines = [f"Trust file: {path}", ""]
    lines += [f"{key.id}  {key.name} ({', '.join(key.roles)}{_limits(key)})" for key in trusted.keys]
    lines += [] if trusted.keys else ["It names nobody yet."]
    lines += [line for name, rule in trusted.rules.items() for line in _rule(name, rule)]
    lines += [f"Pinned: {each.profile}@{each.version}, sha256 {each.digest}" for each in trusted.pins]
    shown = {"trustFile": str(path), "keys": trusted.keys, "rules": trusted.rules, "profiles": trusted.pins}
    show.data(shown, "\n".join(lines))
    return 0


def revoke_key(named: str, reason: str, since: str, file: Path | None, show: Show) -> int:
    """Enter that a key counts no longer. Raises KeyFileError, UnknownName and UsageError."""
    if not (reason.strip() and reason.isprintable()):
        raise UsageError("--reason is to say why the key counts no longer, in one line")
    path = file or trust.default_path()
    day = moment("--since", since, last=False).date() if since else dt.datetime.now(dt.UTC).date()
    key, _ = trust.revoke(path, named, day, reason)
    found = {"keyId": key.id, "name": key.name, "revoked": day, "reason": reason, "trustFile": str(path)}
    show.data(found, f"Revoked  {key.name} from {day} on: {reason}\nKey      {key.id}\nFile     {path}")
    return 0


def pin_profile(profile: str, digest: str, file: Path | None, show: Show) -> int:
    """Enter a profile's digest. Raises KeyFileError and UsageError."""
    path = file or trust.default_path()
    name, _, version = profile.partition("@")
    try:
        wanted = ProfilePin(profile=name, version=version, digest=digest)
    except ValidationError:
        raise UsageError(
            f"{profile} {digest} names no profile: give NAME@VERSION and 64 hexadecimal digits",
            hint="`conformance profiles show NAME` tells the digest of a profile that you have.",
        ) from None
    trust.pin(path, wanted)
    show.data(wanted, f"Pinned   {profile}\nSHA-256  {digest}\nFile     {path}")
    return 0


def _limits(key: TrustedKey) -> str:
    said = ", for reports about the embedded reference supplier only" if key.only_embedded else ""
    said += f", from {key.valid_from}" if key.valid_from else ""
    said += f", until {key.valid_until}" if key.valid_until else ""
    return said + (
        f"; REVOKED from {key.revoked} on: {key.reason or 'no reason given'}" if key.revoked else ""
    )


def _rule(name: str, rule: Rule) -> Iterator[str]:
    asked = [str(need) for need in rule.needs]
    asked += [f"run by {' or '.join(rule.runners)}"] if rule.runners else []
    asked += [f"no older than {rule.max_age_days} days"] if rule.max_age_days is not None else []
    yield f"Rule for {name}: {'; '.join(asked) or 'nothing'}"


def _day(option: str, text: str) -> dt.date | None:
    return moment(option, text, last=False).date() if text else None


def _role(name: str) -> TrustRole:
    try:
        return TrustRole(name)
    except ValueError:
        raise UnknownName("role", name, [role.value for role in TrustRole]) from None
