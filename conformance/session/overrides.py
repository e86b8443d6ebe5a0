"""A buyer's own limits in place of a profile's defaults."""

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.errors import UnknownName, UsageError
from conformance.model.marked_yaml import read_yaml
from conformance.model.policy import number
from conformance.model.profile import Profile
from conformance.model.report import RunnerRole


def checked_overrides(
    given: Mapping[str, str],
    profile: Profile,
    presets: Iterable[str] = (),
    role: RunnerRole = RunnerRole.SELF,
) -> dict[str, Any]:
    """The overridden parameters with values of the same kind as the defaults. Raises UnknownName or UsageError.

    What is given by itself goes before the values of the presets, of which a later one goes before an earlier one.
    """
    checked: dict[str, Any] = {}
    known = {preset.preset: preset for preset in profile.presets}
    for name in presets:
        if name not in known:
            raise UnknownName(f"preset of {profile.profile}", name, known)
        values = known[name].values
        for limit in values:
            _refuse_buyers_own(limit, profile, role, f"the preset {name} sets")
        checked |= values
    for name, text in given.items():
        parameter = profile.parameters.get(name)
        if parameter is None:
            raise UnknownName(f"parameter of {profile.profile}", name, profile.parameters)
        if parameter.fixed:
            raise UsageError(
                f"the parameter {name} is part of what the profile {profile.profile} is, and cannot be set otherwise",
                hint="`conformance profiles list` shows the profiles that there are.",
            )
        _refuse_buyers_own(name, profile, role, "you set")
        value = _value(text, parameter.default)
        if type(value) is not type(parameter.default):
            wanted = type(parameter.default).__name__
            raise UsageError(
                f"the parameter {name} is to be {wanted}, as its default {parameter.default!r} is, not {text!r}"
            )
        _fits(name, value, profile)
        checked[name] = value
    return checked


def _refuse_buyers_own(name: str, profile: Profile, role: RunnerRole, who_sets: str) -> None:
    """A limit about the purchase is no supplier's to set, by itself or in a set of limits. Raises UsageError."""
    parameter = profile.parameters.get(name)
    if parameter is not None and parameter.buyer_only and role is RunnerRole.SUPPLIER:
        raise UsageError(
            f"{who_sets} the parameter {name}, which says something about the purchase: a supplier that tests itself "
            "cannot set it, and the self-test holds with the profile's own value",
            hint="A buyer's run sets it, or a tender pack (--tender); without it, nothing is left out.",
        )


def _fits(name: str, value: Any, profile: Profile) -> None:
    """Refuse what a condition of the profile has to reckon with, and could not. Raises UsageError."""
    reckoned = {n for a in profile.advisories if a.while_ and a.while_.below for n in a.while_.names}
    if name in reckoned and value != "" and number(value) is None:
        raise UsageError(
            f"the parameter {name} is to be a number as decimal text, as in 250000 or 250000.00, not {value!r}"
        )


def _value(text: str, default: Any) -> Any:
    """What the text stands for; None where it is not of the default's kind and has no canonical JSON form."""
    if isinstance(default, str):
        return text
    value = read_yaml(text, "--set").value
    return float(value) if isinstance(default, float) and type(value) is int else value
