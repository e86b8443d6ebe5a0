"""Mistakes of shape that the library which validates has found, in the words and at the place of the YAML."""

from typing import TYPE_CHECKING, Any

from conformance.errors import Problem, closest
from conformance.model.composition import Override
from conformance.model.fhir_block import (
    CombinationDemand,
    ElementDemand,
    FhirBlock,
    IncludeDemand,
    InteractionDemand,
    OperationDemand,
    ResourceDemands,
    SearchDemand,
    StructureDemand,
)
from conformance.model.marked_yaml import Marked, Path
from conformance.model.policy import Advisory, Preset
from conformance.model.profile import Parameter, Profile, Reference, Requirement, SubVerdict, Test

if TYPE_CHECKING:
    from pydantic import BaseModel


def mistake_of(mistake: Any, marked: Marked) -> Problem:
    """A mistake of shape that pydantic found, in the words and at the place of the YAML."""
    path = tuple(mistake["loc"])
    said = in_our_words(mistake["msg"].removeprefix("Value error, "))
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    if mistake["type"] == "extra_forbidden":
        said = f"unknown member {path[-1]!r}{closest(str(path[-1]), _members(path))}"
    elif mistake["type"] == "missing":
        said = f"the member {path[-1]!r} is missing"
        path = path[:-1]
    elif mistake["type"] == "enum":
        given = str(mistake["input"])
        allowed = [word.strip("'") for word in mistake["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        said = f"{given!r} is none of {', '.join(allowed)}{closest(given, allowed)}"
    elif mistake["type"] == "string_too_short":
        said = f"{name}: must not be empty"
    elif mistake["type"] != "value_error":
        said = f"{name}: {said}" if name else said
    return marked.problem(path, said)


def _members(path: Path) -> list[str]:
    """The members that the object at the end of this path may have."""
    holders: dict[str | int, type[BaseModel]] = {
        "interactions": InteractionDemand,
        "searches": SearchDemand,
        "combinations": CombinationDemand,
        "includes": IncludeDemand,
        "revIncludes": IncludeDemand,
        "operations": OperationDemand,
        "structures": StructureDemand,
        "mustSupport": ElementDemand,
        "resources": ResourceDemands,
        "fhir": FhirBlock,
        "tests": Test,
        "requirements": Requirement,
        "parameters": Parameter,
        "subVerdicts": SubVerdict,
        "advisories": Advisory,
        "presets": Preset,
        "overrides": Override,
        "extends": Reference,
    }
    holder = next((holders[part] for part in reversed(path[:-1]) if part in holders), Profile)
    return [field.alias or name for name, field in holder.model_fields.items()]


def in_our_words(message: str) -> str:
    """A message of the library that validates, in the words of ours."""
    told = message.replace("Input should be ", "must be ").replace("Input should ", "must ")
    return told[:1].lower() + told[1:]
