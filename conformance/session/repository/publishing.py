"""What bodies do with their repository: publish, sign together, withdraw, and take over what a smaller body wrote.

A profile lies in the repository as it was written, with the digest of what it resolves to, and its signed release. Who
takes a profile over signs the same release beside those who signed it before, and its history goes with it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import Unreadable, UsageError
from conformance.model.base import sha256
from conformance.model.dsse import Envelope, first_problem
from conformance.model.profile import Profile
from conformance.model.release import Release, release_of
from conformance.model.repository import LABEL, Event, Published, Withdrawal
from conformance.outside.installed_profiles import Installed
from conformance.outside.keys import KeySigner
from conformance.outside.places import ProfileLibrary, repositories
from conformance.outside.repository_folder import RepositoryFolder
from conformance.session.releasing import read_release
from conformance.session.repository.keeping import DSSE, PROFILES, RELEASES, WITHDRAWALS, YAML
from conformance.session.suites import profile_named
from conformance.stages.sign import countersign, sign

PUBLISHED, PROMOTED, WITHDRAWN = "published", "promoted", "withdrawn"


@dataclass(frozen=True)
class Signed:
    """What was done, and how many signatures it lacks, by what they are needed for; none where it is published."""

    label: str
    lacking: dict[str, int]


def publish(
    folder: RepositoryFolder,
    profiles: Sequence[str],
    release: Path | None,
    signers: Sequence[KeySigner],
    catalog: Catalog,
    now: dt.datetime,
) -> Signed:
    """Put profiles into the index, each with its release. Raises UsageError, ProfileError; then nothing was changed."""
    if release is not None and len(profiles) != 1:
        raise UsageError("--release is of one profile: publish that one alone")
    files, labels = {}, []
    for name in profiles:
        text, file = ProfileLibrary().text(name)
        profile = profile_named(name, catalog)
        if profile.label in labels:
            raise UsageError(f"{profile.label} stands in two of the files: two profiles with one id")
        labels.append(profile.label)
        _refuse_published(folder, profile)
        event = _event(PUBLISHED, folder, profile, signers[0], now)
        said = _said(profile, text, (*_earlier(folder, profile), event))
        envelope = _release(profile, release, signers, now)
        files[f"{PROFILES}{profile.label}{YAML}"] = (text.encode(), said.plain())
        files[f"{RELEASES}{profile.label}{DSSE}"] = (envelope.canonical(), {})
        if sha256(Path(file).read_bytes()) != said.file:
            raise UsageError(f"{file} changed while it was being read", hint="Publish it again.")
    folder.change(files, now)
    return _signed(folder, ", ".join(labels), signers, now)


def promote(
    folder: RepositoryFolder, label: str, source: str, signers: Sequence[KeySigner], now: dt.datetime
) -> Signed:
    """Take a release over from a repository that was added here, with its history, and sign it beside its author."""
    installed = Installed(repositories())
    named = LABEL.fullmatch(label)
    known = installed.index(source)
    one = next((each for each in known.profiles if named and each.label == label), None)
    if one is None:
        raise UsageError(
            f"the repository {source} has no {label}", hint="conformance profiles search shows what it has."
        )
    if one.refusal():
        raise UsageError(one.refusal(), hint="What was withdrawn is not promoted.")
    if any(name == f"{PROFILES}{label}{YAML}" for name in folder.custom()):
        raise UsageError(f"{label} is in this repository already")
    data = installed.file(source, label).read_bytes()
    if sha256(data) != one.file:
        raise Unreadable(f"{label} is not what {source} published", hint="conformance profiles update")
    envelope, release = read_release(installed.folder / source / "releases" / f"{label}{DSSE}")
    if release.digest != one.digest:
        raise Unreadable(f"the release of {label} is of another profile", hint="conformance profiles update")
    for signer in signers:
        envelope = countersign(envelope, signer)
    event = Event(
        what=f"{PROMOTED} from {known.title or source}",
        repository=folder.title,
        on=now.date(),
        by=signers[0].keyid,
        digest=one.digest,
    )
    said = one.model_copy(update={"history": (*one.history, event)})
    folder.change(
        {
            f"{PROFILES}{label}{YAML}": (data, said.plain()),
            f"{RELEASES}{label}{DSSE}": (envelope.canonical(), {}),
        },
        now,
    )
    return _signed(folder, label, signers, now)


def withdraw(
    folder: RepositoryFolder,
    label: str,
    who: str,
    reason: str,
    signers: Sequence[KeySigner],
    now: dt.datetime,
) -> Signed:
    """Say in the index that a release is not to be measured against any more, who says so, and why."""
    name = f"{PROFILES}{label}{YAML}"
    published = _published(folder)
    if name not in published:
        raise UsageError(f"{label} is not in this repository", hint="Name it as in exit-core@1.0.0.")
    one = published[name]
    try:
        withdrawal = Withdrawal(by=who, on=now.date(), reason=reason)
    except ValidationError as error:
        raise UsageError(f"say who withdraws it and why: {first_problem(error)}") from None
    event = Event(
        what=WITHDRAWN, repository=folder.title, on=now.date(), by=signers[0].keyid, digest=one.digest
    )
    said = one.model_copy(update={"withdrawn": withdrawal, "history": (*one.history, event)})
    withdrawn = Release(
        profile=one.profile,
        version=one.version,
        digest=one.digest,
        publisher=who,
        on=now.date(),
        withdrawn=True,
        reason=reason,
    )
    first, *others = signers
    envelope = sign(withdrawn.statement(), first)
    for signer in others:
        envelope = countersign(envelope, signer)
    folder.change(
        {
            name: (folder.file(name), said.plain()),
            f"{WITHDRAWALS}{label}{DSSE}": (envelope.canonical(), {}),
        },
        now,
    )
    return _signed(folder, label, signers, now)


def sign_waiting(folder: RepositoryFolder, signers: Sequence[KeySigner], now: dt.datetime) -> Signed:
    """Sign what waits for signatures; where nothing waits, say anew that this is the newest."""
    return _signed(folder, folder.title, signers, now)


def _signed(folder: RepositoryFolder, label: str, signers: Sequence[KeySigner], now: dt.datetime) -> Signed:
    lacking = folder.sign(signers, now)
    return Signed(label, {role: number for role, number in lacking.items() if number})


def _published(folder: RepositoryFolder) -> dict[str, Published]:
    try:
        return {
            name: Published.model_validate(said, by_alias=True, by_name=False)
            for name, said in folder.custom().items()
            if name.startswith(PROFILES)
        }
    except ValidationError as error:
        raise Unreadable(f"the index in {folder.path} is malformed: {first_problem(error)}") from None


def _refuse_published(folder: RepositoryFolder, profile: Profile) -> None:
    """Raise UsageError where the version was published: what was released is never changed."""
    if f"{PROFILES}{profile.label}{YAML}" in folder.custom():
        raise UsageError(
            f"{profile.label} is in this repository already, and a release is never changed",
            hint="Give the profile a new version; `conformance profiles diff` says which it deserves.",
        )


def _earlier(folder: RepositoryFolder, profile: Profile) -> tuple[Event, ...]:
    """The history of the version before this one, which this one goes on with."""
    before = [one for one in _published(folder).values() if one.profile == profile.profile]
    return max(before, key=lambda one: one.order).history if before else ()


def _event(
    what: str, folder: RepositoryFolder, profile: Profile, signer: KeySigner, now: dt.datetime
) -> Event:
    return Event(
        what=f"{what} {profile.version}",
        repository=folder.title,
        on=now.date(),
        by=signer.keyid,
        digest=sha256(profile.canonical()),
    )


def _said(profile: Profile, text: str, history: tuple[Event, ...]) -> Published:
    return Published(
        profile=profile.profile,
        version=profile.version,
        title=profile.title,
        publisher=profile.publisher,
        digest=sha256(profile.canonical()),
        file=sha256(text.encode()),
        history=history,
    )


def _release(
    profile: Profile, given: Path | None, signers: Sequence[KeySigner], now: dt.datetime
) -> Envelope:
    """The signed release: the one that was given, with these signatures added, or a new one."""
    if given is None:
        first, *others = signers
        envelope = sign(release_of(profile, now.date()).statement(), first)
    else:
        envelope, release = read_release(given)
        if release.withdrawn or release.digest != sha256(profile.canonical()):
            raise UsageError(f"{given} is no release of {profile.label} as it is here")
        others = list(signers)
    for signer in others:
        envelope = countersign(envelope, signer)
    return envelope
