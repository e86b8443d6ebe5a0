"""What a reader keeps of repositories: taken over whole or not at all, brought up to date, pinned."""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.model.dsse import first_problem
from conformance.model.marked_yaml import read_yaml
from conformance.model.repository import LABEL, Pin, Published, RepositoryIndex
from conformance.model.versions import VersionRange
from conformance.outside import private_files
from conformance.outside.installed_profiles import INDEX, PINS, Found, Installed
from conformance.outside.places import repositories
from conformance.outside.repository_client import Seen, address, checked_root, first_root, seen
from conformance.session.order import instant
from conformance.session.releasing import read_release

PROFILES, RELEASES, WITHDRAWALS = "profiles/", "releases/", "withdrawals/"
YAML, DSSE = ".yaml", ".dsse.json"
_LIES = "Nothing was changed here. Tell those who run the repository."


def add(url: str, name: str, fingerprint: str, root: bytes | None, now: dt.datetime) -> RepositoryIndex:
    """Begin to trust a repository: by the fingerprint of its first root, or by that root itself. Raises UsageError."""
    installed = Installed(repositories())
    if (installed.folder / name).exists():
        raise UsageError(f"there is a repository named {name!r} already", hint="Choose another with --name.")
    base = address(url)
    known = sha256(root) if root is not None else fingerprint
    trusted = checked_root(first_root(base), known, base)
    return _taken_over(name, base, known, trusted, now)


def update(names: Iterable[str], now: dt.datetime) -> list[RepositoryIndex]:
    """Bring repositories up to date: those named, or all. Raises UsageError; those before it stay up to date."""
    installed = Installed(repositories())
    chosen = [installed.index(name) for name in names] or list(installed.indexes())
    if not chosen:
        raise UsageError("no repository was added yet", hint="conformance profiles add URL")
    return [_taken_over(index.name, index.url, index.fingerprint, None, now) for index in chosen]


def remove(name: str) -> None:
    """Forget a repository with all its profiles. Raises UsageError where a pin still needs it."""
    installed = Installed(repositories())
    installed.index(name)
    if held := [profile for profile, pin in installed.pins().pins.items() if pin.repository == name]:
        raise UsageError(
            f"{held[0]} is pinned to the repository {name}",
            hint=f"First: conformance profiles pin {held[0]} --remove",
        )
    shutil.rmtree(installed.folder / name)


def pin(label: str, repository: str) -> Found:
    """Settle on one release, whatever comes later. Raises UsageError, also where it was withdrawn."""
    installed = Installed(repositories())
    named = LABEL.fullmatch(label)
    if named is None:
        raise UsageError(f"{label!r} names no release", hint="Write it as in exit-core@1.0.0.")
    wanted = VersionRange.read(f"={named['version']}")
    found = [
        Found(installed.file(index.name, one.label), one, index.name)
        for index in installed.indexes()
        if repository in {"", index.name}
        for one in index.versions(named["profile"])
        if wanted.holds(one.version)
    ]
    if not found:
        raise UsageError(
            f"no repository here has {label}", hint="conformance profiles search shows what there is."
        )
    if len({one.released.digest for one in found}) > 1:
        said = ", ".join(one.repository for one in found)
        raise UsageError(f"{label} is something else in each of {said}", hint="Choose with --repository.")
    if refusal := next((one.released.refusal() for one in found if one.released.refusal()), ""):
        raise UsageError(refusal, hint="Another version may be pinned.")
    chosen = found[0]
    _write_pin(
        installed, chosen.released.profile, Pin(repository=chosen.repository, released=chosen.released)
    )
    return chosen


def unpin(profile: str) -> None:
    """Settle on no release of this profile any more. Raises UsageError where none was pinned."""
    installed = Installed(repositories())
    if profile not in installed.pins().pins:
        raise UsageError(f"{profile} is not pinned")
    _write_pin(installed, profile, None)


def _write_pin(installed: Installed, profile: str, made: Pin | None) -> None:
    data = installed.pins().with_pin(profile, made).canonical()
    private_files.replace(installed.folder / PINS, data)


def _taken_over(
    name: str, base: str, fingerprint: str, root: bytes | None, now: dt.datetime
) -> RepositoryIndex:
    """The repository as it is now, in the place of what was kept of it before."""
    folder = repositories()
    place = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
        try:
            fresh = work / "new"
            if place.exists():
                shutil.copytree(place, fresh, symlinks=True)
            now_seen = seen(base, fresh, root, _place_of)
            index = _index(name, base, fingerprint, now_seen, fresh, now)
            private_files.replace(fresh / INDEX, index.canonical())
            _put_in_place(fresh, place, work / "old")
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written to: {error.strerror}", hint="Set XDG_DATA_HOME to a folder of yours."
        ) from error
    return index


def _put_in_place(fresh: Path, place: Path, old: Path) -> None:
    """Let the new folder take the place of the old one; where that fails, the old one is put back."""
    if not place.exists():
        fresh.rename(place)
        return
    place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        old.rename(place)
        raise


def _place_of(name: str) -> str | None:
    """Where a file of a repository is kept; None for what is of no use here, or would lead elsewhere."""
    for folder, suffix in ((PROFILES, YAML), (RELEASES, DSSE), (WITHDRAWALS, DSSE)):
        inner = name.removeprefix(folder)
        if inner != name and inner.endswith(suffix) and LABEL.fullmatch(inner.removesuffix(suffix)):
            return name
    return None


def _index(
    name: str, base: str, fingerprint: str, now_seen: Seen, fresh: Path, now: dt.datetime
) -> RepositoryIndex:
    """What the repository says, once each file is what the index says it is. Raises UsageError."""
    published = []
    for file, said in now_seen.said.items():
        if file.startswith(PROFILES) and _place_of(file):
            published.append(_published(file, said, fresh, base))
    kept = {f"{one.label}{DSSE}": one for one in published}
    for file in now_seen.said:
        if file.startswith((RELEASES, WITHDRAWALS)) and _place_of(file):
            _refuse_other_release(fresh / file, kept.get(file.rpartition("/")[2]), base)
    return RepositoryIndex(
        name=name,
        url=base,
        title=now_seen.title,
        fingerprint=fingerprint,
        edition=now_seen.edition,
        expires=instant(now_seen.expires),
        updated=instant(now),
        profiles=tuple(published),
    )


def _published(file: str, said: object, fresh: Path, base: str) -> Published:
    label = file.removeprefix(PROFILES).removesuffix(YAML)
    try:
        one = Published.model_validate(said, by_alias=True, by_name=False)
    except ValidationError as error:
        raise UsageError(
            f"the repository at {base} says nothing useful of {file}: {first_problem(error)}", hint=_LIES
        ) from None
    data = (fresh / file).read_bytes()
    marked = read_yaml(data.decode("utf-8", "replace"), label)
    stated = marked.value if isinstance(marked.value, dict) and not marked.problems else {}
    named = f"{stated.get('profile')}@{stated.get('version')}"
    if one.label != label or named != label or sha256(data) != one.file:
        raise UsageError(
            f"the repository at {base} lies about {file}: its index calls it {one.label}, and the file itself {named}",
            hint=_LIES,
        )
    return one


def _refuse_other_release(path: Path, one: Published | None, base: str) -> None:
    """Raise UsageError where a signed release is of another profile than it is put beside."""
    _, release = read_release(path)
    withdrawn = path.parent.name == WITHDRAWALS.strip("/")
    if one is None or (release.label, release.digest, release.withdrawn) != (
        one.label,
        one.digest,
        withdrawn,
    ):
        raise UsageError(
            f"the repository at {base} has a release in {path.name} that is of {release.label}, sha256"
            f" {release.digest}, and not of what lies there",
            hint=_LIES,
        )
