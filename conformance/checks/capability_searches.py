"""Checks of what a capability statement says of its search parameters, held against R4's own definitions."""

from collections.abc import Iterator
from typing import NamedTuple

from conformance.checks.picking import listed, picked
from conformance.fhir import capability
from conformance.fhir.search.parameters import published
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, check

_CORE = "http://hl7.org/fhir/SearchParameter/"


class Declared(NamedTuple):
    """A search parameter of R4 as a statement declares it, and the type that R4 gives it."""

    place: str
    type: str
    definition: str
    published: str


@check("declared-search-types")
def declared_search_types(evidence: Evidence) -> Findings:
    """Each search parameter that has the name of one of R4's for its resource type is declared with its type.

    One with a definition of its own is that definition's matter.
    """
    answer, parameters = _of_r4(evidence)
    wrong = [one for one in parameters if one.type != one.published and not _is_other(one)]
    if wrong:
        said = [f"{one.place} as {one.type or 'of no type'}, not {one.published}" for one in wrong]
        yield answer.finding(f"declares {listed(said)}")


@check("declared-search-definitions")
def declared_search_definitions(evidence: Evidence) -> Findings:
    """Each search parameter that has the name and type of one of R4's is declared with an address of a definition."""
    answer, parameters = _of_r4(evidence)
    without = [one.place for one in parameters if one.type == one.published and not one.definition]
    if without:
        yield answer.finding(f"declares {listed(without)} without the address of a definition")


def _of_r4(evidence: Evidence) -> tuple[Exchange, list[Declared]]:
    """The answer with the statement, and its parameters that R4 defines. Raises NoData and NotApplicable."""
    for answer in picked(evidence, "metadata"):
        statement = answer.resource("CapabilityStatement") if answer.ok else None
        if statement is None:
            continue
        found = list(_parameters(statement))
        if not found:
            raise NotApplicable("the target declares no search parameter that R4 defines")
        return answer, found
    raise NoData("there is no capability statement to look at")


def _parameters(statement: capability.Statement) -> Iterator[Declared]:
    for entry in capability.resources(statement):
        for parameter in capability.declared_parameters(entry):
            name = parameter.get("name")
            row = published(entry["type"], name) if isinstance(name, str) else None
            if row is not None:
                stated, definition = str(parameter.get("type", "")), str(parameter.get("definition", ""))
                yield Declared(f"{entry['type']}.{name}", stated, definition, row.type)


def _is_other(one: Declared) -> bool:
    return bool(one.definition) and not one.definition.startswith(_CORE)
