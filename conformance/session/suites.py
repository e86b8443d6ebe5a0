"""The suite of a profile: the shipped one where it fits, else planned afresh."""

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.model.profile import Profile
from conformance.model.suite import Suite
from conformance.outside.places import ProfileLibrary, shipped
from conformance.stages.load import load
from conformance.stages.plan import plan

DEFAULT_SEED = 20261122


def profile_named(name: str, catalog: Catalog) -> Profile:
    """The profile of that name or in that file. Raises ProfileError, UnknownName or UsageError."""
    return load(name, ProfileLibrary(), catalog)


def suite_of(profile: Profile, seed: int, catalog: Catalog) -> Suite:
    """The suite of a profile and a seed; the shipped one is taken where it is of just this profile and seed."""
    path = shipped("suites") / f"{profile.profile}.json"
    if path.is_file():
        try:
            suite = Suite.read(path.read_bytes())
        except ValidationError:
            return plan(profile, seed, catalog)
        if suite.seed == seed and suite.profile == profile:
            return suite
    return plan(profile, seed, catalog)
