"""Whether the profile is the published one: released by a standards body that the reader trusts, and not withdrawn."""

from collections.abc import Callable, Iterable, Sequence

from conformance.model.attestation import EXIT_DEMANDS_NOT_MET, SUITE_FILE
from conformance.model.base import sha256
from conformance.model.predicate import ReportPredicate
from conformance.model.profile import Profile
from conformance.model.release import Release
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.model.trust_rules import RELEASE_RULE, Need, unmet
from conformance.stages.verify.contents import Contents
from conformance.stages.verify.steps import Steps, few

Published = Callable[[str], tuple[str, str] | None]
"""Gives version and digest of the profile of a name that comes with this harness; None where none does."""

Releases = Sequence[tuple[Release, tuple[TrustedKey, ...]]]
ONE_BODY = (Need(roles=(TrustRole.BODY,)),)
"""What makes a release where the reader has no rule of their own."""


def check_profile(
    stated: ReportPredicate,
    contents: Contents,
    published: Published | None,
    releases: Releases,
    trust: Trust,
    done: Steps,
) -> None:
    """Suite, report and statement pin the profile that the suite holds, and it is not another's under its name."""
    profile = contents.suite.profile
    digest = sha256(profile.canonical())
    pins = {
        "the suite": contents.suite.profile_digest,
        "the report": contents.report.profile.digest,
        "the statement": stated.profile.digest,
    }
    if wrong := [who for who, pin in pins.items() if pin != digest]:
        done.fail("profile", f"{few(wrong)} pins another profile than {SUITE_FILE} holds, {digest}")
        return
    done.ok("profile", f"{profile.label}, sha256 {digest}")
    if not (
        _withdrawn(digest, releases, done)
        or _pinned_otherwise(profile, digest, trust, done)
        or _released(profile, digest, releases, trust, done)
        or _pinned(profile, digest, trust, done)
    ):
        _shipped(profile, digest, published, done)


def _withdrawn(digest: str, releases: Releases, done: Steps) -> bool:
    """One body's withdrawal is enough: whoever relies on a profile has to hear of doubt."""
    for release, keys in releases:
        bodies = [key for key in keys if TrustRole.BODY in key.roles]
        if release.withdrawn and release.digest == digest and bodies:
            said = f"{_names(bodies)} withdrew {release.label} on {release.on}: {release.reason}"
            done.fail("profile", said, EXIT_DEMANDS_NOT_MET)
            return True
    return False


def _released(profile: Profile, digest: str, releases: Releases, trust: Trust, done: Steps) -> bool:
    """Whether releases decide it: that of this profile, that of another under its name, or a rule that asks for one."""
    rule = trust.rule(RELEASE_RULE)
    needs = rule.needs or ONE_BODY
    standing = [(release, keys) for release, keys in releases if not release.withdrawn]
    enough = [
        (release, keys)
        for release, keys in standing
        if not unmet(needs, [frozenset(key.roles) for key in keys], ())
    ]
    for release, keys in enough:
        if release.digest == digest:
            done.ok("profile", f"released by {_names(keys)} on {release.on}")
            _superseded(profile, enough, done)
            return True
    for release, keys in enough:
        if (release.profile, release.version) == (profile.profile, profile.version):
            said = f"it is not the {release.label} that {_names(keys)} released, sha256 {release.digest}"
            done.fail("profile", said, EXIT_DEMANDS_NOT_MET)
            return True
    if not rule.needs:
        return False
    short = [keys for release, keys in standing if release.digest == digest]
    has = f"; {_names(short[0]) or 'nobody whose key counts'} released it" if short else ""
    asked = few(str(need) for need in rule.needs)
    done.fail("profile", f"your rule for profile releases asks for more: {asked}{has}", EXIT_DEMANDS_NOT_MET)
    return True


def _superseded(profile: Profile, enough: Releases, done: Steps) -> None:
    newer = [
        release.label
        for release, _ in enough
        if release.profile == profile.profile and release.supersedes == profile.version
    ]
    if newer:
        done.warn("profile", f"{newer[0]} has taken its place since")


def _pins(profile: Profile, trust: Trust) -> tuple[str, ...]:
    return tuple(p.digest for p in trust.pins if (p.profile, p.version) == (profile.profile, profile.version))


def _pinned_otherwise(profile: Profile, digest: str, trust: Trust, done: Steps) -> bool:
    """What the reader has pinned goes before what anybody released."""
    pins = _pins(profile, trust)
    if not pins or digest in pins:
        return False
    done.fail("profile", f"it is not the one that you pinned, sha256 {pins[0]}", EXIT_DEMANDS_NOT_MET)
    return True


def _pinned(profile: Profile, digest: str, trust: Trust, done: Steps) -> bool:
    if digest not in _pins(profile, trust):
        return False
    done.ok("profile", "it is the one that you pinned")
    return True


def _shipped(profile: Profile, digest: str, published: Published | None, done: Steps) -> None:
    """Against the profile of its name that comes with this harness, where nobody released it for this reader."""
    known = published(profile.profile) if published is not None else None
    if known is None:
        said = f"no profile {profile.profile} comes with this harness and nobody whom you trust released it"
        done.warn("profile", f"{said}: compare the digest with your publisher's")
    elif known[1] == digest:
        done.ok("profile", f"it is the {profile.profile} that comes with this harness")
    elif known[0] == profile.version:
        said = f"it is not the {profile.label} that comes with this harness, sha256 {known[1]}"
        done.fail("profile", said, EXIT_DEMANDS_NOT_MET)
    else:
        done.warn(
            "profile",
            f"{profile.profile} {known[0]} comes with this harness: what {profile.version} asks was not compared",
        )


def _names(keys: Iterable[TrustedKey]) -> str:
    return few(key.name for key in keys)
