"""Checks of totals and of searches for the count alone (https://hl7.org/fhir/R4/search.html#total, #count)."""

from conformance.checks.pages import complete, found
from conformance.checks.results_links import PAGE_LINKS, answered
from conformance.fhir import bundles
from conformance.plugin import Evidence, Findings, NotApplicable, check


@check("total-exact")
def total_exact(evidence: Evidence, *, label: str = "page") -> Findings:
    """Every page that states a total states the number of matches on all pages, without what was included."""
    answered(evidence, label)
    pages = found(evidence, label)
    distinct = len(set(pages.references))
    totals = [(exchange, bundles.total(bundle)) for exchange, bundle in pages.bundles]
    if all(number is None for _, number in totals):
        raise NotApplicable("the server states no totals, which it need not")
    for exchange, number in totals:
        if number is not None and number != distinct:
            yield exchange.finding(f"states a total of {number}, but all pages hold {distinct} matches")
            return


@check("count-zero")
def count_zero(evidence: Evidence, *, label: str = "zero", pages: str = "page") -> Findings:
    """A search for no resources at all is one for the count: a total, no entries, no links to other pages."""
    exchange, bundle = answered(evidence, label)
    whole = complete(evidence, pages)
    number, distinct = bundles.total(bundle), len(set(whole.references))
    if bundles.matches(bundle):
        yield exchange.finding(f"answers {len(bundles.matches(bundle))} matches, though none was asked for")
        return
    if number != distinct:
        yield exchange.finding(f"states a total of {number}, but the search has {distinct} matches")
    links = [relation for relation in PAGE_LINKS if relation != "first" and bundles.link(bundle, relation)]
    if links:
        yield exchange.finding(f"has a link {links[0]!r}, though there are no pages")
