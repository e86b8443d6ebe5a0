"""Checks of the shape of search answers, of their paging and of their totals (https://hl7.org/fhir/R4/search.html)."""

from collections import Counter

from conformance.checks.pages import complete, found, searched, some, turning_back
from conformance.checks.picking import one, permitted, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED
from conformance.fhir import bundles
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

BAD_REQUEST, NOT_FOUND = 400, 404
TWO_PAGES = 2


@check("searchset")
def searchset(evidence: Evidence, *, label: str = "page") -> Findings:
    """Every answer to a search is a Bundle of type searchset, whose entries hold resources."""
    for exchange in picked(evidence, label):
        bundle = exchange.resource("Bundle") if permitted(exchange).ok else None
        if bundle is None:
            yield exchange.finding(f"answered {exchange.status} and no Bundle in JSON")
            continue
        if bundle.get("type") != "searchset":
            yield exchange.finding(f"answers a Bundle of type {quoted(bundle.get('type'))}, not 'searchset'")
        if not all(isinstance(entry.get("resource"), dict) for entry in bundles.entries(bundle)):
            yield exchange.finding("answers an entry without a resource")


@check("self-link")
def self_link(evidence: Evidence, *, label: str = "page") -> Findings:
    """The answer to a search has a link `self` that says which search was carried out."""
    exchange, bundle = _first_bundle(evidence, label)
    if not bundles.link(bundle, "self"):
        yield exchange.finding("answers a Bundle without a link of relation 'self'")


@check("pages-complete")
def pages_complete(evidence: Evidence, *, label: str = "page", least: int = 2) -> Findings:
    """The pages of a search lead to an end, hold each match once, as many as the total says, and miss none.

    What is known to exist is what a sample of the same search held before; that is judged only where the search
    has no other criteria. At least `least` pages are needed to pass: one alone is wrong where it leads nowhere though
    there is more.
    """
    pages = searched(evidence, label)
    if pages.ended == "loop":
        yield pages.first.finding("leads by its next links back to a page that was seen already")
    last = pages.exchanges[-1]
    if last is not pages.first and permitted(last).status >= BAD_REQUEST:
        yield last.finding(f"is where a next link leads, and answered {last.status}")
        return
    counted = Counter(pages.references)
    twice = sorted(reference for reference, times in counted.items() if times > 1)
    if twice:
        yield pages.first.finding(f"gives the same match on its pages more than once: {some(twice)}")
    pages = complete(evidence, label)
    if len(set(pages.totals) - {None}) > 1:
        raise NotJudgeable(
            f"the pages of {pages.first} state different totals: the data may have changed meanwhile"
        )
    if pages.total is not None and pages.total > len(counted):
        yield pages.first.finding(
            f"states a total of {pages.total}, but its pages hold {len(counted)} matches"
        )
    missing = sorted(_sampled(evidence, pages.first) - set(counted))
    if missing:
        yield pages.first.finding(f"has no page with {some(missing)}, which the server holds")
    if len(pages.exchanges) < least:
        raise NoData(f"{pages.first} gives {len(pages.exchanges)} page(s): too few data to see paging")


@check("total")
def total(evidence: Evidence, *, label: str = "page") -> Findings:
    """The total, where it is stated, is that of all pages: never fewer than were found.

    What is found on one page alone cannot show whether the total counts all matches or those of a page.
    """
    pages = complete(evidence, label)
    stated = [(exchange, bundles.total(bundle)) for exchange, bundle in pages.bundles]
    totals = [(exchange, number) for exchange, number in stated if number is not None]
    if not totals:
        raise NotApplicable("the server states no totals, which it need not")
    distinct = len(set(pages.references))
    for exchange, number in totals:
        if number < distinct:
            yield exchange.finding(
                f"states a total of {number}, but {distinct} matches were found on all pages"
            )
            return
    if len(pages.exchanges) < TWO_PAGES:
        raise NoData(f"{pages.first} gives all of its {distinct} matches on one page")


@check("count-ceiling")
def count_ceiling(evidence: Evidence, *, count: int, label: str = "page") -> Findings:
    """No page holds more matches than `_count` asked for."""
    pages = searched(evidence, label)
    if len(pages.matches) <= count:
        raise NoData(f"{pages.first} found {len(pages.matches)} in all, which any page may hold")
    for exchange, bundle in pages.bundles:
        number = len(bundles.matches(bundle))
        if number > count:
            yield exchange.finding(
                f"answers {number} matches on a page, though _count asked for at most {count}"
            )


@check("no-matches")
def no_matches(evidence: Evidence, *, label: str = "page") -> Findings:
    """A search that nothing can match succeeds, and finds nothing."""
    exchange = permitted(one(evidence, label))
    bundle = exchange.resource("Bundle") if exchange.ok else None
    if bundle is None:
        yield exchange.finding(
            f"answered {exchange.status} and no Bundle, though that nothing matches is no error"
        )
    elif bundles.matches(bundle):
        yield exchange.finding(f"found {some([bundles.reference(r) for r in bundles.matches(bundle)])}")


@check("finds-nothing")
def finds_nothing(evidence: Evidence, *, label: str = "page") -> Findings:
    """A search that nothing can match finds nothing, whatever status it says so with."""
    exchange = permitted(one(evidence, label))
    bundle = exchange.resource("Bundle") if exchange.ok else None
    if bundle is None and exchange.status != NOT_FOUND:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no Bundle")
    if bundle is not None and bundles.matches(bundle):
        yield exchange.finding(f"found {some([bundles.reference(r) for r in bundles.matches(bundle)])}")


@check("strict-handling")
def strict_handling(evidence: Evidence, *, label: str = "strict") -> Findings:
    """A search with an unknown parameter is refused where the client asks for strict handling."""
    exchange = permitted(one(evidence, label))
    if exchange.status not in CLIENT_ERRORS:
        yield exchange.finding(
            f"answered {exchange.status}, though it was asked to refuse unknown parameters"
        )


@check("count-summary")
def count_summary(evidence: Evidence, *, label: str = "count", pages: str = "page") -> Findings:
    """A search for the count only states the number of matches that the search itself has.

    A server that refuses it, or answers with entries, does not support this summary, which it need not.
    """
    asked = permitted(one(evidence, label))
    if asked.status in CLIENT_ERRORS or asked.status == NOT_IMPLEMENTED:
        raise NotApplicable(f"{asked} answered {asked.status}: the server does not support _summary=count")
    exchange, bundle = _first_bundle(evidence, label)
    if bundles.matches(bundle):
        raise NotApplicable(f"{exchange} answers with matches: the server does not support _summary=count")
    whole = complete(evidence, pages)
    number, distinct = bundles.total(bundle), len(set(whole.references))
    if number is None:
        yield exchange.finding("states no total, though the count was all that it was asked for")
    elif number not in {distinct, whole.total}:
        yield exchange.finding(f"states a total of {number}, but the search has {distinct} matches")
    elif not distinct:
        raise NoData(f"{whole.first} found nothing, so that there is nothing to count")


@check("same-matches")
def same_matches(
    evidence: Evidence, *, one: str, other: str, again: str = "again", optional: bool = False
) -> Findings:
    """Two searches that mean the same find the same.

    Where they do not, and the first finds something else when it is asked `again`, the target changed meanwhile.
    `optional` is for what a server may refuse. Pages that come back to what was there before never give the rest.
    """
    if optional and permitted(picked(evidence, other)[0]).status in {*CLIENT_ERRORS, NOT_IMPLEMENTED}:
        refused = picked(evidence, other)[0]
        raise NotApplicable(f"{refused} was refused ({refused.status}), which it may be")
    left = found(evidence, one)
    if searched(evidence, other).endless:
        yield turning_back(searched(evidence, other))
        return
    right = complete(evidence, other)
    missing = sorted(set(left.references) - set(right.references))
    added = sorted(set(right.references) - set(left.references))
    if not missing and not added:
        return
    if evidence.labelled(again) and set(complete(evidence, again).references) != set(left.references):
        raise NotJudgeable(f"{left.first} does not find the same when it is asked again: the target changed")
    if missing:
        yield right.first.finding(
            f"({other}) does not find {some(missing)}, which the same search by {one} finds"
        )
    if added:
        yield right.first.finding(f"({other}) finds {some(added)}, which the same search by {one} does not")


@check("search-succeeds")
def search_succeeds(evidence: Evidence, *, label: str) -> Findings:
    """Every answer to this search is a Bundle, not an error."""
    for exchange in picked(evidence, label):
        if not permitted(exchange).ok or exchange.resource("Bundle") is None:
            yield exchange.finding(f"answered {exchange.status} and no Bundle in JSON")


def _first_bundle(evidence: Evidence, label: str) -> tuple[Exchange, dict[str, object]]:
    exchange = permitted(picked(evidence, label)[0])
    bundle = exchange.resource("Bundle") if exchange.ok else None
    if bundle is None:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no Bundle")
    return exchange, bundle


def _sampled(evidence: Evidence, search: Exchange) -> set[str]:
    """What discovery saw of the type searched; nothing where the search has criteria of its own."""
    if {name for name, _ in search.query} - {"_count", "_total"}:
        return set()
    kind = search.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    answers = [
        e.resource("Bundle") for e in evidence.discovery.labelled("sample") if e.about.get("type") == kind
    ]
    return {
        bundles.reference(resource) for bundle in answers if bundle for resource in bundles.matches(bundle)
    }
