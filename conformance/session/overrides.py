"""A buyer's own limits in place of a profile's defaults."""

from collections.abc import Mapping
from typing import Any

from conformance.errors import UnknownName, UsageError
from conformance.model.marked_yaml import read_yaml
from conformance.model.profile import Profile


def checked_overrides(given: Mapping[str, str], profile: Profile) -> dict[str, Any]:
    """The overridden parameters with values of the same kind as the defaults. Raises UnknownName or UsageError."""
    checked: dict[str, Any] = {}
    for name, text in given.items():
        parameter = profile.parameters.get(name)
        if parameter is None:
            raise UnknownName(f"parameter of {profile.profile}", name, profile.parameters)
        if parameter.fixed:
            raise UsageError(
                f"the parameter {name} is part of what the profile {profile.profile} is, and cannot be set otherwise",
                hint="`conformance profiles list` shows the profiles that there are.",
            )
        value = _value(text, parameter.default)
        if type(value) is not type(parameter.default):
            wanted = type(parameter.default).__name__
            raise UsageError(
                f"the parameter {name} is to be {wanted}, as its default {parameter.default!r} is, not {text!r}"
            )
        checked[name] = value
    return checked


def _value(text: str, default: Any) -> Any:
    """What the text stands for; None where it is not of the default's kind and has no canonical JSON form."""
    if isinstance(default, str):
        return text
    value = read_yaml(text, "--set").value
    return float(value) if isinstance(default, float) and type(value) is int else value
