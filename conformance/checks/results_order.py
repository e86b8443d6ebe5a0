"""Checks of the order of matches (https://hl7.org/fhir/R4/search.html#sort)."""

from conformance.analysis.ordering import Place, place
from conformance.checks.pages import complete, found, searched, turning_back
from conformance.checks.results_links import answered, states
from conformance.fhir import bundles
from conformance.fhir.elements import Resource
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check


@check("sorted-by")
def sorted_by(
    evidence: Evidence, *, parameter: str, kind: str, descending: bool = False, label: str = "other"
) -> Findings:
    """The matches are in the order of a parameter, if the self link states that they were sorted.

    Only two resources that every lawful order puts the same way round can be in a wrong one; those with no value, or
    several, may stand anywhere. Pages that come back to what was there before are in no order at all.
    """
    exchange, bundle = answered(evidence, label)
    if not states(bundle, "_sort"):
        raise NotApplicable(f"the self link of {exchange} does not say that the server sorted")
    if searched(evidence, label).endless:
        yield turning_back(searched(evidence, label))
        return
    complete(evidence, label)
    placed = [
        (resource, where)
        for resource in found(evidence, label).matches
        if (where := _at(resource, parameter, kind))
    ]
    rising = placed[::-1] if descending else placed
    judged = False
    for later, (resource, where) in enumerate(rising):
        for other, its_place in rising[:later]:
            judged = judged or its_place.is_before(where)
            if where.is_before(its_place):
                pair = f"{bundles.reference(other)} and {bundles.reference(resource)}"
                asked = f"{'-' if descending else ''}{parameter}"
                yield exchange.finding(f"is not in the order that _sort={asked} asks for: see {pair}")
                return
    if not judged:
        raise NoData(f"no two matches have values of {parameter} that must stand in one order")


def _at(resource: Resource, parameter: str, kind: str) -> Place | None:
    try:
        return place(resource, parameter, kind)
    except NotJudgeable:
        return None
