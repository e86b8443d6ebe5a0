"""Whether elements that a structure marks must-support are there in what a target gives.

Source: https://hl7.org/fhir/R4/conformance-rules.html#mustSupport
"""

from typing import Any

from conformance.analysis.presence import Wanted, presence
from conformance.analysis.structures import resources_in
from conformance.checks.picking import permitted, picked
from conformance.checks.structures import SAMPLED, claims
from conformance.plugin import Evidence, Findings, NoData, Remark, check

MOST_NAMED = 5


@check("must-support")
def must_support(  # noqa: PLR0913 - an element is narrowed down in this many ways
    evidence: Evidence,
    *,
    resource: str,
    path: str,
    extension: str = "",
    having: dict[str, Any] | None = None,
    structure: str = "",
    label: str = SAMPLED,
) -> Findings:
    """Some resource in the answers has this element: so the target can give it.

    It is never a failure that none has: whether the target could is then not demonstrated, and the outcome is
    untested, with what must be loaded. `extension` is the url that is meant where the path ends in an extension,
    `having` values by path below the element, `structure` the one that a resource must claim to be looked at.
    """
    wanted = Wanted(path, extension, having)
    found = [
        each
        for exchange in picked(evidence, label)
        for each in resources_in(permitted(exchange), resource)
        if not structure or claims(each, structure)
    ]
    seen = presence(wanted, found)
    which = f"{resource} that claims {structure}" if structure else resource
    if not seen.resources:
        raise NoData(f"no {which} was given: load some that have the elements asked for")
    sample = f"{seen.resources} {resource} of {seen.patients} patients that were sampled"
    if not seen.seen:  # the requirement names the element: so all of one type are told together
        raise NoData(
            f"not demonstrated with this data: none of the {sample} has the element; load at least one {which} with it"
        )
    more = len(seen.seen) - MOST_NAMED
    named = ", ".join(seen.seen[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    yield Remark(f"{wanted}: in {len(seen.seen)} of the {sample}: {named}")
