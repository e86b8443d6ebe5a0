"""A buyer's own limits in place of a profile's defaults."""

from collections.abc import Mapping
from typing import Any

import yaml

from conformance.errors import UnknownName, UsageError
from conformance.model.profile import Profile


def checked_overrides(given: Mapping[str, str], profile: Profile) -> dict[str, Any]:
    """The overridden parameters with values of the same kind as the defaults. Raises UnknownName or UsageError."""
    checked: dict[str, Any] = {}
    for name, text in given.items():
        parameter = profile.parameters.get(name)
        if parameter is None:
            raise UnknownName(f"parameter of {profile.profile}", name, profile.parameters)
        value = text if isinstance(parameter.default, str) else yaml.safe_load(text)
        if type(value) is not type(parameter.default):
            wanted = type(parameter.default).__name__
            raise UsageError(
                f"the parameter {name} is to be {wanted}, as its default {parameter.default!r} is, not {text!r}"
            )
        checked[name] = value
    return checked
