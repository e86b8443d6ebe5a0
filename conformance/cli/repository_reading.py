"""Reading profile repositories: add, update, search, pin, forget."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.model.marked_yaml import read_yaml
from conformance.model.predicate import instant
from conformance.model.repository import FoundProfile, RepositoryIndex
from conformance.outside.installed_profiles import Installed
from conformance.outside.places import repositories, shipped_profiles
from conformance.outside.repository_client import address, first_root
from conformance.session.repository import keeping
from conformance.views.repository_table import found_profiles
from conformance.views.text import clean, counted

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def add_repository(url: str, name: str, fingerprint: str, root: Path | None, show: Show) -> int:
    """Begin to trust a repository. Raises UsageError, also where nothing says which one is meant."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name: small letters, digits and dashes, at most 40 of them")
    if bool(fingerprint) == (root is not None):
        base = address(url)
        raise UsageError(
            f"give the fingerprint of the repository, or its first root. At {base} there is one with the fingerprint "
            f"{sha256(first_root(base))}",
            hint="Compare it with its owners by another way than that address; then add it with --fingerprint.",
        )
    try:
        data = root.read_bytes() if root else None
    except OSError as error:
        raise UsageError(f"{root} cannot be read: {error.strerror}") from error
    index = keeping.add(url, name, fingerprint, data, dt.datetime.now(dt.UTC))
    show.data(index, _told(index, "Added"))
    return 0


def update_repositories(names: Sequence[str], show: Show) -> int:
    """Bring repositories up to date."""
    indexes = keeping.update(names, dt.datetime.now(dt.UTC))
    show.data(indexes, "\n".join(_told(index, "Updated") for index in indexes))
    return 0


def search_profiles(words: Sequence[str], show: Show) -> int:
    """Show the profiles that are here and have all of these words; nothing is asked of any network."""
    wanted = [word.casefold() for word in words]
    rows = [row for row in _here() if all(word in row.words for word in wanted)]
    show.data([row.plain() for row in rows], found_profiles(rows))
    return 0


def _here() -> Iterator[FoundProfile]:
    """The profiles that come with the harness, then those of each repository, the newest version first."""
    for path in shipped_profiles():
        stated = read_yaml(path.read_text("utf-8"), path.name).value
        said = {name: str(stated.get(name, "")) for name in ("profile", "version", "title", "publisher")}
        yield FoundProfile.model_validate(said)
    here = Installed(repositories())
    pins = here.pins().pins
    for index in here.indexes():
        for one in sorted(index.profiles, key=lambda it: it.order, reverse=True):
            pin = pins.get(one.profile)
            yield FoundProfile(
                profile=one.profile,
                version=one.version,
                title=one.title,
                publisher=one.publisher,
                where=index.name,
                withdrawn=one.refusal(),
                pinned=pin is not None and (pin.repository, pin.released.label) == (index.name, one.label),
                out_of_date=instant(index.expires) < dt.datetime.now(dt.UTC),
            )


def pin_release(label: str, repository: str, show: Show, *, remove: bool) -> int:
    """Settle on a release, or on none any more."""
    if remove:
        keeping.unpin(label)
        show.data({"unpinned": label}, f"{clean(label)} is not pinned any more")
        return 0
    found = keeping.pin(label, repository)
    show.data(
        {"pinned": found.released, "repository": found.repository},
        f"Pinned {found.released.label} of the repository {found.repository}, sha256 {found.released.digest}",
    )
    return 0


def forget_repository(name: str, show: Show) -> int:
    """Forget a repository."""
    keeping.remove(name)
    show.data({"forgotten": name}, f"Forgot the repository {clean(name)} with all of its profiles")
    return 0


def _told(index: RepositoryIndex, verb: str) -> str:
    there = f"{clean(index.title)}, {counted(len(index.profiles), 'release')}"
    lines = [f"{verb} {index.name}: {there}, edition {index.edition}, good until {index.expires[:10]}"]
    lines += [f"  {one.refusal()}" for one in index.profiles if one.withdrawn]
    shipped_names = {path.stem for path in shipped_profiles()}
    lines += [
        f"  {name} comes with the harness too: name the version that you mean, or pin one"
        for name in sorted({one.profile for one in index.profiles} & shipped_names)
    ]
    return "\n".join(clean(line) for line in lines)
