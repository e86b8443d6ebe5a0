"""Whether a search finds what satisfies it, all that is known to, and nothing that does not.

What satisfies a search is judged anew over the resources themselves, and only what no lawful reading of FHIR allows
is found wrong (https://hl7.org/fhir/R4/search.html).
"""

from collections.abc import Iterator
from urllib.parse import unquote_plus

from conformance.checks.pages import Pages, searched
from conformance.checks.picking import listed, permitted
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED, SERVER_ERRORS
from conformance.fhir import bundles
from conformance.fhir.search.criteria import criteria
from conformance.fhir.search.judge import Around, finder, satisfies
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

GONE = (404, 410)
COMPLETE = "complete"


@check("search-judged")
def search_judged(  # noqa: PLR0913 - what was asked, and what is known about the answer
    evidence: Evidence,
    *,
    resource: str,
    query: str,
    matching: list[str] | None = None,
    control: str = "",
    source: str = "",
    optional: bool = False,
    label: str = "page",
) -> Findings:
    """A search finds the resources named in `matching`, and nothing that its criteria rule out.

    `optional` is for what a server need not support: it may refuse it, or leave it out of the self link. A modifier it
    may only refuse, since what is left without one means something else (search.html#modifiers). Where a
    `control` was sent, it must have found the `source`: else it shows nothing that the search itself finds nothing.
    Then the server may refuse the search as well, since it can find nothing.
    """
    pages = answered(evidence, label, optional=optional or (bool(control) and not matching))
    wrong = list(_wrong(evidence, pages, resource, query, tuple(matching or ()), label))
    if wrong and optional and not _modified(query) and not used(pages, query):
        raise NotApplicable(f"the self link of {pages.first} leaves out what the server does not support")
    yield from wrong
    if wrong:
        return
    if not matching:
        _controlled(evidence, pages, control, source, label)
    if any(bundles.is_subsetted(match) for match in pages.matches):
        raise NotJudgeable(f"{pages.first} gives parts of resources, which show too little")


@check("self-link-is-true")
def self_link_is_true(evidence: Evidence, *, resource: str, label: str = "page") -> Findings:
    """Every match satisfies the criteria that the self link states beside those that were asked for."""
    pages = searched(evidence, label)
    link = bundles.link(pages.bundles[0][1], "self") if pages.bundles else None
    if link is None:
        raise NotApplicable(f"{pages.first} answered no Bundle with a self link")
    if not pages.matches:
        raise NoData(f"{pages.first} found nothing")
    asked = {name for name, _ in pages.first.query}
    pairs = link.partition("?")[2].partition("#")[0].split("&")
    query = "&".join(pair for pair in pairs if unquote_plus(pair.partition("=")[0]) not in asked)
    untrue = sorted(_ruled_out(evidence, pages, resource, query))
    if untrue:
        yield pages.first.finding(
            f"finds {listed(untrue)}, which its self link rules out by what nobody asked for ({query})"
        )


def answered(evidence: Evidence, label: str, *, optional: bool) -> Pages:
    """The search with this label, its first page at hand.

    Raises NotApplicable where it was refused and is optional, NotJudgeable where it was refused otherwise.
    """
    pages = searched(evidence, label)
    first = permitted(pages.first)
    if optional and (first.status in CLIENT_ERRORS or first.status == NOT_IMPLEMENTED):
        raise NotApplicable(f"{first} answered {first.status}: the server does not support this search")
    return pages


def used(pages: Pages, query: str) -> bool:
    """Whether the self link says, or does not deny, that each criterion of the query was used."""
    link = bundles.link(pages.bundles[0][1], "self") if pages.bundles else None
    if link is None:
        return True
    named = {(c.name, c.modifier, c.chain) for c in criteria(link.partition("?")[2])}
    return all((c.name, c.modifier, c.chain) in named for c in criteria(query))


def _modified(query: str) -> bool:
    """Whether a criterion has a modifier that no chain needs."""
    return any(c.modifier and not c.chain for c in criteria(query))


def around(evidence: Evidence) -> Around:
    """What lies around the resources of the target."""
    return Around(evidence.target.endpoint)


def refused(exchange: Exchange) -> Iterator[str]:
    """What is wrong where a search that the target declares is not answered by a Bundle."""
    if exchange.status in SERVER_ERRORS:
        yield exchange.finding(f"answered {exchange.status}")
    elif exchange.status in CLIENT_ERRORS:
        yield exchange.finding(
            f"answered {exchange.status}, though the target declares this search parameter"
        )
    elif not exchange.ok or exchange.resource("Bundle") is None:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no Bundle")


def _wrong(
    evidence: Evidence, pages: Pages, resource: str, query: str, matching: tuple[str, ...], label: str
) -> Iterator[str]:
    problems = list(refused(pages.first))
    if problems:
        yield from problems
        return
    ruled_out = sorted(_ruled_out(evidence, pages, resource, query))
    if ruled_out:
        number = len(pages.matches)
        yield pages.first.finding(
            f"finds {listed(ruled_out)} ({len(ruled_out)} of {number} matches), which its criteria rule out"
        )
    whole = pages
    if pages.ended == "limit" and matching:
        whole = searched(evidence, f"{label}-confined")
        also_out = sorted(_ruled_out(evidence, whole, resource, query))
        if also_out and not ruled_out:
            yield whole.first.finding(f"finds {listed(also_out)}, which its criteria rule out")
    missing = [name for name in matching if name not in whole.references]
    if not missing:
        return
    if whole.ended != COMPLETE:
        raise NotJudgeable(f"the pages of {whole.first} did not come to an end ({whole.ended})")
    lost = list(_still_matching(evidence, missing, query, label))
    if lost:
        number = len(whole.matches)
        yield whole.first.finding(
            f"does not find {listed(lost)}, which it is to find ({number} matches on all pages)"
        )
    else:
        raise NotJudgeable(f"what {whole.first} should have found has changed meanwhile: {listed(missing)}")


def _ruled_out(evidence: Evidence, pages: Pages, resource: str, query: str) -> set[str]:
    finds = finder(resource, query, around(evidence))
    return {
        bundles.reference(match)
        for match in pages.matches
        if match.get("resourceType") == resource and finds(match) is False and not bundles.is_subsetted(match)
    }


def _still_matching(evidence: Evidence, missing: list[str], query: str, label: str) -> Iterator[str]:
    """Of what was not found, that which was read afterwards and satisfies the search still."""
    for answer in evidence.labelled(f"{label}-again"):
        found = answer.resource() if answer.ok else None
        if found is not None and bundles.reference(found) in missing:
            if satisfies(found, query, around(evidence)) is True:
                yield bundles.reference(found)
        elif not answer.ok and answer.status not in GONE:
            raise NotJudgeable(f"{answer} answered {answer.status}, so it is not known what is there now")


def _controlled(evidence: Evidence, pages: Pages, control: str, source: str, label: str) -> None:
    """Raises NoData where nothing shows that a search which finds nothing could have found something."""
    if control:
        found = searched(evidence, f"{label}-control")
        if source not in found.references:
            raise NoData(f"{found.first} does not find {source} either, so that there is nothing to compare")
    elif not pages.matches:
        raise NoData(f"{pages.first} found nothing")
