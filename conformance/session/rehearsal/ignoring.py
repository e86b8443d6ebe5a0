"""Which element paths may differ after a round trip: as the profile of the exit says."""

from conformance.catalog import built_in
from conformance.errors import UsageError
from conformance.session.shipped import shipped_suite
from conformance.session.suites import profile_named

PARAMETER = "roundtrip_ignore"


def may_differ(name: str) -> tuple[tuple[str, ...], str]:
    """The element paths by a profile's `roundtrip_ignore`, and that profile with its version.

    Raises UsageError where the profile has no such parameter, UnknownName and ProfileError.
    """
    suite = shipped_suite(name) if "/" not in name and "\\" not in name else None
    profile = suite.profile if suite is not None else profile_named(name, built_in())
    parameter = profile.parameters.get(PARAMETER)
    if parameter is None:
        raise UsageError(
            f"the profile {name} has no parameter {PARAMETER}",
            hint="`--profile exit-core` has, and so has any profile that extends it.",
        )
    paths = (path.strip() for path in str(parameter.default).split(","))
    return tuple(sorted(filter(None, paths))), profile.label
