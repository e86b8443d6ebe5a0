"""Mistakes in what a profile says of its advisories and presets, each at its place."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.errors import Problem, closest
from conformance.model.marked_yaml import Marked, Path
from conformance.model.policy import Advisory, Preset
from conformance.model.profile import Parameter, Profile, Requirement


def policy_problems(
    own: Profile,
    requirements: Mapping[str, Requirement],
    parameters: Mapping[str, Parameter],
    marked: Marked,
) -> Iterator[Problem]:
    """What is wrong with the advisories and presets that this profile itself states."""
    for index, advisory in enumerate(own.advisories):
        yield from _of_advisory(advisory, requirements, parameters, marked, ("advisories", index))
    for index, preset in enumerate(own.presets):
        yield from _of_preset(preset, parameters, marked, ("presets", index, "values"))


def _of_advisory(
    advisory: Advisory,
    requirements: Mapping[str, Requirement],
    parameters: Mapping[str, Parameter],
    marked: Marked,
    path: Path,
) -> Iterator[Problem]:
    for number, pattern in enumerate(advisory.requirements):
        one = advisory.model_copy(update={"requirements": (pattern,)})
        if not any(one.covers(id_) for id_ in requirements):
            said = f"{pattern!r} matches no requirement{closest(pattern, requirements)}"
            yield marked.problem((*path, "requirements", number), said)
    for name in advisory.while_.names if advisory.while_ else ():
        if name not in parameters:
            said = f"{name!r} is no parameter of this profile{closest(name, parameters)}"
            yield marked.problem((*path, "while"), said)


def _of_preset(
    preset: Preset, parameters: Mapping[str, Parameter], marked: Marked, path: Path
) -> Iterator[Problem]:
    for name, value in preset.values.items():
        said = _unfit(name, value, parameters)
        if said:
            yield marked.problem((*path, name), said)


def _unfit(name: str, value: Any, parameters: Mapping[str, Parameter]) -> str:
    parameter = parameters.get(name)
    if parameter is None:
        return f"{name!r} is no parameter of this profile{closest(name, parameters)}"
    if parameter.fixed:
        return f"the parameter {name!r} is fixed"
    if type(value) is not type(parameter.default):
        return f"{name!r} is to be {type(parameter.default).__name__}, as its default is"
    return ""
