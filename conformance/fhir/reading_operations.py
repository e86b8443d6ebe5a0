"""Operations of R4 that change nothing, and how to call each (https://hl7.org/fhir/R4/operationslist.html).

Those are listed whose definition says `affectsState: false`, that every server can answer within a moment, and for
which arguments can be made up from what a server holds. All arguments are primitive, so that GET may be used
(https://hl7.org/fhir/R4/operations.html#executing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["ANY", "NO_SUCH_OPERATION", "READING", "Operation", "query_of"]

ANY = ""
"""Stands for every type."""

NO_SUCH_OPERATION = "htest-no-such-operation"
"""The name of an operation that nobody has."""

_GENDER = "http://hl7.org/fhir/administrative-gender"
_GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"

Argument = tuple[str, str, str]
"""Name, the member that holds the value (`valueUri`), and the value."""


@dataclass(frozen=True)
class Operation:
    """An operation of a type (`ANY` for all), called at one level, with arguments, and what it answers.

    An argument may name what a sampled resource holds: `{url}` of a resource of the `type`, `{code}` of the first
    concept, `{patient}`. `otherwise` has the values where nothing such was seen. `gives` is the type of the answer and
    `holds` the members of it, or the names of its parameters, that the definition demands.
    """

    type: str
    name: str
    level: Literal["system", "type", "instance"]
    gives: str
    holds: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    otherwise: Mapping[str, str] = field(default_factory=dict)


_CODED = MappingProxyType({"url": _GENDER, "code": "male"})
_ONE_SET = MappingProxyType({"url": _GENDERS})

READING: tuple[Operation, ...] = (
    Operation(
        "CodeSystem",
        "lookup",
        "type",
        "Parameters",
        ("name", "display"),
        (("system", "valueUri", "{url}"), ("code", "valueCode", "{code}")),
        _CODED,
    ),
    Operation(
        "CodeSystem",
        "validate-code",
        "type",
        "Parameters",
        ("result",),
        (("url", "valueUri", "{url}"), ("code", "valueCode", "{code}")),
        _CODED,
    ),
    Operation(
        "CodeSystem",
        "subsumes",
        "type",
        "Parameters",
        ("outcome",),
        (
            ("system", "valueUri", "{url}"),
            ("codeA", "valueCode", "{code}"),
            ("codeB", "valueCode", "{code}"),
        ),
        _CODED,
    ),
    Operation(
        "ValueSet", "expand", "type", "ValueSet", ("expansion",), (("url", "valueUri", "{url}"),), _ONE_SET
    ),
    Operation(
        "ValueSet",
        "validate-code",
        "type",
        "Parameters",
        ("result",),
        (
            ("url", "valueUri", "{url}"),
            ("system", "valueUri", _GENDER),
            ("code", "valueCode", "male"),
        ),
        _ONE_SET,
    ),
    Operation(
        "ConceptMap",
        "translate",
        "type",
        "Parameters",
        ("result",),
        (
            ("url", "valueUri", "{url}"),
            ("system", "valueUri", _GENDER),
            ("code", "valueCode", "male"),
        ),
        MappingProxyType({"url": "http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2"}),
    ),
    Operation(
        "Observation", "lastn", "type", "Bundle", ("type",), (("patient", "valueString", "{patient}"),)
    ),
    Operation("Composition", "document", "instance", "Bundle", ("type",)),
    Operation("Encounter", "everything", "instance", "Bundle", ("type",)),
    Operation(ANY, "meta", "instance", "Parameters", ("return",)),
    Operation(ANY, "versions", "system", "Parameters", ("version", "default")),
)


def query_of(arguments: list[dict[str, Any]]) -> dict[str, str | list[str]]:
    """The arguments of a call as parameters of an address."""
    return {str(one["name"]): str(next(v for k, v in one.items() if k != "name")) for one in arguments}
