"""Waivers given to a run: about requirements that its profile has, and kept so that a replay shows them too."""

from conformance.errors import UnknownName
from conformance.model.profile import Profile
from conformance.outside.waivers import Waivers


def refuse_unknown(given: Waivers | None, profile: Profile) -> None:
    """Raise UnknownName where a waiver is about no requirement of the profile."""
    known = [requirement.id for requirement in profile.requirements]
    for waiver in given.list if given else ():
        if waiver.requirement not in known:
            raise UnknownName(f"requirement of {profile.profile} to waive", waiver.requirement, known)
