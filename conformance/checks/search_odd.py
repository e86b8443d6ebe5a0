"""What must not happen whatever is searched for: that the server breaks, or that a value is taken for any value.

Source: FHIR R4, search.html#errors. That a server does not break is a rule of ours.
"""

from conformance.checks.pages import searched
from conformance.checks.picking import listed, permitted
from conformance.checks.search_judged import around, used
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED, SERVER_ERRORS
from conformance.fhir import bundles
from conformance.fhir.search.judge import satisfies
from conformance.plugin import Evidence, Exchange, Findings, NotJudgeable, check


@check("search-survives")
def search_survives(evidence: Evidence, *, resource: str, query: str, label: str = "page") -> Findings:
    """A search for an awkward text is answered, or refused, and finds nothing that its criteria rule out."""
    pages = searched(evidence, label)
    first = _answered(pages.first)
    if first.status in SERVER_ERRORS and first.status != NOT_IMPLEMENTED:
        yield first.finding(f"answered {first.status}")
        return
    wrong = sorted(
        bundles.reference(match)
        for match in pages.matches
        if match.get("resourceType") == resource and satisfies(match, query, around(evidence)) is False
    )
    if wrong:
        yield first.finding(f"finds {listed(wrong)}, which its criteria rule out")


@check("search-refuses")
def search_refuses(evidence: Evidence, *, query: str, label: str = "page") -> Findings:
    """A search by a value that the parameter cannot have is refused, or left out of the self link."""
    pages = searched(evidence, label)
    first = _answered(pages.first)
    if first.status in CLIENT_ERRORS:
        return
    if not first.ok:
        yield first.finding(f"answered {first.status}")
    elif not pages.bundles:
        raise NotJudgeable(f"{first} answered {first.status} and no Bundle")
    elif bundles.link(pages.bundles[0][1], "self") is None or used(pages, query):
        number = len(pages.matches)
        yield first.finding(
            f"answered {first.status} with {number} matches, though the value is not one that it can have"
        )


def _answered(exchange: Exchange) -> Exchange:
    if not permitted(exchange).status:
        raise NotJudgeable(f"{exchange} came to no answer: {exchange.failure}")
    return exchange
