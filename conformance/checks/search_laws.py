"""The order of what a search finds (https://hl7.org/fhir/R4/search.html#sort)."""

from conformance.checks.pages import found
from conformance.checks.results_links import answered
from conformance.fhir import bundles
from conformance.fhir.dates import Interval, interval
from conformance.fhir.elements import values
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, check


@check("sorted-by-date")
def sorted_by_date(
    evidence: Evidence, *, parameter: str, path: str, descending: bool = False, label: str = "page"
) -> Findings:
    """The matches are in the order of the dates at this path, if the self link says that they were sorted.

    Resources without such a date, and dates that overlap, may stand anywhere. A server need not sort.
    """
    answered(evidence, label)
    pages = found(evidence, label)
    link = bundles.link(pages.bundles[0][1], "self")
    if link is not None and "_sort" not in link:
        raise NotApplicable(f"the self link of {pages.first} says that the server did not sort")
    latest: tuple[Interval, str] | None = None
    seen = 0
    for resource in reversed(pages.matches) if descending else pages.matches:
        spans = [span for value in values(resource, path) if (span := interval(value)) is not None]
        if len(spans) != 1:
            continue
        seen += 1
        if latest is not None and spans[0].high <= latest[0].low:
            pair = f"{latest[1]} and {bundles.reference(resource)}"
            yield pages.first.finding(
                f"is not in the order of {path} that _sort={parameter} asks for: see {pair}"
            )
            return
        if latest is None or spans[0].low > latest[0].low:
            latest = (spans[0], bundles.reference(resource))
    if seen < 2:  # noqa: PLR2004 - one alone is always in order
        raise NoData(f"fewer than two matches have a {path}")
