"""The suite of a profile: the shipped one where it fits, else planned afresh."""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.model.profile import Profile
from conformance.model.suite import Suite
from conformance.outside.installed_profiles import Installed
from conformance.outside.places import ProfileLibrary, repositories, shipped, user_folder
from conformance.session.shipped import shipped_suite
from conformance.stages.load import load
from conformance.stages.plan import plan

DEFAULT_SEED = 20261122


def profile_named(name: str, catalog: Catalog) -> Profile:
    """The profile of that name or in that file. Raises ProfileError, UnknownName or UsageError."""
    _, file = ProfileLibrary().text(name)
    if Path(file).is_relative_to(shipped("profiles")):
        return _shipped_profile(file, catalog)
    profile = load(name, ProfileLibrary(), catalog)
    _refuse_other_than_released(profile, Path(file))
    return profile


def _refuse_other_than_released(profile: Profile, file: Path) -> None:
    """Raise UsageError where a profile from a repository is not, with all that it extends, what was released."""
    found = Installed(repositories()).of(file)
    if found is not None and found.released.digest != sha256(profile.canonical()):
        raise UsageError(
            f"{profile.label} from the repository {found.repository} comes to something else here than was published:"
            " it extends profiles of which other versions are here",
            hint="Update the harness and the repository: conformance profiles update.",
        )


@lru_cache(maxsize=64)
def _shipped_profile(file: str, catalog: Catalog) -> Profile:
    """A profile that is shipped: it does not change while this process runs."""
    return load(file, ProfileLibrary(), catalog)


def suite_of(profile: Profile, seed: int, catalog: Catalog) -> Suite:
    """The suite of a profile and a seed; the shipped one is taken where it is of just this profile and seed."""
    suite = shipped_suite(profile.profile)
    fits = suite is not None and suite.seed == seed and suite.profile == profile
    return suite if suite is not None and fits else drawn(profile, seed, catalog)


def drawn(profile: Profile, seed: int, catalog: Catalog) -> Suite:
    """The suite of a profile and a seed, drawn now. Hypothesis keeps what it notes for itself in the user's cache."""
    os.environ.setdefault(
        "HYPOTHESIS_STORAGE_DIRECTORY", str(user_folder("XDG_CACHE_HOME", ".cache") / "hypothesis")
    )
    return plan(profile, seed, catalog)


def true_to(written: bytes, suite: Suite) -> bool:
    """Whether a shipped suite is the one drawn now.

    One that another release of Hypothesis drew may differ in what was drawn, and in nothing else.
    """
    try:
        kept = Suite.read(written)
    except ValidationError:
        return False
    if kept.drawn_by == suite.drawn_by:
        return kept == suite
    return _without_draws(kept) == _without_draws(suite)


def _without_draws(suite: Suite) -> Suite:
    templates = tuple(
        template.model_copy(update={"values": dict.fromkeys(template.values)}) for template in suite.templates
    )
    return suite.model_copy(update={"drawn_by": "", "templates": templates})
