"""Search parameters as frozen facts.

Source: FHIR R4, SearchParameter, https://hl7.org/fhir/R4/searchparameter.html
"""

from dataclasses import dataclass
from typing import Any

__all__ = ["Component", "SearchParameter", "search_parameter"]


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a composite search parameter: the parameter that it is, and where its value lies."""

    definition: str
    expression: str


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """A search parameter: `code` is its name in a URL, `base` the resource types that it searches.

    `multiple_and` and `multiple_or` are None where the definition is silent.
    """

    url: str
    code: str
    base: tuple[str, ...]
    type: str
    expression: str = ""
    target: tuple[str, ...] = ()
    comparator: tuple[str, ...] = ()
    modifier: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    multiple_and: bool | None = None
    multiple_or: bool | None = None
    component: tuple[Component, ...] = ()
    version: str = ""


def search_parameter(resource: dict[str, Any]) -> SearchParameter:
    """The facts of a SearchParameter resource; KeyError where url, code or type is missing."""
    return SearchParameter(
        url=resource["url"],
        code=resource["code"],
        base=tuple(resource.get("base", ())),
        type=resource["type"],
        expression=resource.get("expression", ""),
        target=tuple(resource.get("target", ())),
        comparator=tuple(resource.get("comparator", ())),
        modifier=tuple(resource.get("modifier", ())),
        chain=tuple(resource.get("chain", ())),
        multiple_and=resource.get("multipleAnd"),
        multiple_or=resource.get("multipleOr"),
        component=tuple(
            Component(_reference(row["definition"]), row["expression"])
            for row in resource.get("component", ())
        ),
        version=resource.get("version", ""),
    )


def _reference(value: Any) -> str:
    """A canonical, also where STU3 gives a Reference."""
    return str(value.get("reference", "")) if isinstance(value, dict) else str(value)
