"""Laws between searches: unions, intersections, parts that add up to a whole, chains that agree with two steps.

A law that does not hold shows a fault only if nothing changed meanwhile: the first search is sent once more at the
end (https://hl7.org/fhir/R4/search.html#combining, #chaining, #has).
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from conformance.analysis.search_chains import targets
from conformance.checks.pages import Pages, complete, searched, some
from conformance.checks.picking import one, permitted
from conformance.checks.search_judged import answered, used
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED
from conformance.fhir import bundles
from conformance.fhir.elements import Resource
from conformance.fhir.search.parameters import held_values, known
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

COMPLETE, LIMIT = "complete", "limit"
ONE, TWO, BOTH, WHOLE, AGAIN = "one", "two", "both", "whole", "one-again"


@check("search-union")
def search_union(evidence: Evidence) -> Findings:
    """A search for several values (`both`) finds what the searches for each (`one`, `two`) find, and no more."""
    one_set, two_set, both_set = (set(complete(evidence, label).references) for label in (ONE, TWO, BOTH))
    yield from _differs(evidence, both_set, one_set | two_set, "of its values finds")


@check("search-intersection")
def search_intersection(evidence: Evidence) -> Findings:
    """A search by several parameters (`both`) finds what each of them (`one`, `two`) finds, and no more."""
    one_set, two_set, both_set = (set(complete(evidence, label).references) for label in (ONE, TWO, BOTH))
    yield from _differs(evidence, both_set, one_set & two_set, "of its parameters finds")


@check("counts-add-up")
def counts_add_up(evidence: Evidence, *, overlap: bool = False) -> Findings:
    """The numbers that `one` and `two` find add up to that of the `whole`; with `overlap`, less what `both` find.

    A server that refuses one of these searches, or does not count, does not support it.
    """
    labels = [ONE, TWO, WHOLE, *([BOTH] if overlap else [])]
    counts = {label: _count(evidence, label) for label in labels}
    if _count(evidence, AGAIN) != counts[ONE]:
        raise NotJudgeable(f"{one(evidence, ONE)} counts differently a moment later: the data has changed")
    parts = counts[ONE] + counts[TWO] - (counts[BOTH] if overlap else 0)
    if not counts[WHOLE] and not parts:
        raise NoData(f"{one(evidence, WHOLE)} counts nothing")
    if parts != counts[WHOLE]:
        less = f" less {counts[BOTH]} in both" if overlap else ""
        sum_ = f"{counts[ONE]} and {counts[TWO]}{less}, not the {counts[WHOLE]} that there are"
        yield one(evidence, TWO).finding(f"and {one(evidence, ONE)} count {sum_}")


@check("search-across")
def search_across(evidence: Evidence, *, resource: str, by: str, query: str, matching: list[str]) -> Findings:
    """A search across a reference finds what refers to the resources that the inner search finds, and no more.

    A server that refuses it, or leaves it out of its self link, does not support it.
    """
    yield from _across(evidence, query, matching, reverse=False, resource=resource, by=by)


@check("search-in-reverse")
def search_in_reverse(
    evidence: Evidence, *, other_type: str, by: str, query: str, matching: list[str]
) -> Findings:
    """A search by `_has` finds what the resources of the inner search refer to, and no more.

    A server that refuses it, or leaves it out of its self link, does not support it.
    """
    yield from _across(evidence, query, matching, reverse=True, resource=other_type, by=by)


def _across(
    evidence: Evidence, query: str, matching: list[str], *, reverse: bool, resource: str, by: str
) -> Iterator[str]:
    """What is wrong with a search across the parameter `by` of the type `resource`, beside its inner search."""
    answered(evidence, "across", optional=True)
    inner, pages = searched(evidence, "inner"), _readable(searched(evidence, "across"))
    confined = _readable(searched(evidence, "across-confined")) if pages.ended == LIMIT else pages
    leading = _Leading(resource, by, evidence.target.endpoint)
    missing = [name for name in matching if name not in confined.references]
    if reverse:
        meant, certain = leading.all_of(inner.matches)
        wrong = sorted(set(pages.references) - meant) if certain else []
    else:
        meant = set(inner.references)
        wrong = [bundles.reference(one) for one in pages.matches if leading.misses(one, meant)]
    if inner.ended != COMPLETE:
        wrong = []  # what is found may rest on what was not seen of the inner search
    if (wrong or missing) and not used(pages, query):
        raise NotApplicable(f"the self link of {pages.first} leaves out what the server does not support")
    if wrong:
        yield pages.first.finding(f"finds {some(sorted(wrong))}, which {inner.first} does not lead to")
    if not missing:
        return
    if confined.ended != COMPLETE:
        raise NotJudgeable(f"the pages of {confined.first} did not come to an end ({confined.ended})")
    there = [found for a in evidence.labelled("across-again") if (found := a.resource()) is not None]
    meant_now = [one for one in there if reverse or leading.all_of([one])[0] & meant]
    lost = [
        name
        for one in meant_now
        if (name := bundles.reference(one)) in missing and (not reverse or name in meant)
    ]
    if lost:
        yield confined.first.finding(f"does not find {some(lost)}, which {inner.first} leads to")
    else:
        raise NotJudgeable(f"what {confined.first} should have found has changed: {some(missing)}")


class _Leading:
    """To what the resources of a type lead by one of their reference parameters."""

    def __init__(self, resource: str, by: str, base: str) -> None:
        parameter = known(resource, by)
        if parameter is None:
            raise NotJudgeable(f"the parameter {by} of {resource} is not known")
        self.parameter, self.base = parameter, base

    def all_of(self, resources: list[Resource]) -> tuple[set[str], bool]:
        """To what they lead, and whether that is known to be all."""
        held = [held_values(resource, self.parameter) for resource in resources]
        found = [targets(values, self.base) for values, _ in held]
        certain = all(whole and len(t) == len(v) for (v, whole), t in zip(held, found, strict=True))
        return set().union(*found), certain

    def misses(self, resource: Resource, meant: set[str]) -> bool:
        """Whether it leads, as far as can be told, to nothing that is meant."""
        found, certain = self.all_of([resource])
        return certain and not found & meant


def _readable(pages: Pages) -> Pages:
    """The pages. Raises NotJudgeable where one of them is none."""
    for exchange in pages.exchanges:
        if not permitted(exchange).ok or exchange.resource("Bundle") is None:
            raise NotJudgeable(f"{exchange} answered {exchange.status} and no page that could be read")
    return pages


def _differs(evidence: Evidence, got: set[str], wanted: set[str], words: str) -> Iterator[str]:
    first = complete(evidence, BOTH).first
    if not wanted and not got:
        raise NoData(f"{first} and its parts found nothing")
    if got == wanted:
        return
    if set(complete(evidence, AGAIN).references) != set(complete(evidence, ONE).references):
        raise NotJudgeable(f"{complete(evidence, ONE).first} finds something else a moment later")
    missing, added = sorted(wanted - got), sorted(got - wanted)
    if missing:
        yield first.finding(f"does not find {some(missing)}, which a search by each {words}")
    if added:
        yield first.finding(f"finds {some(added)}, which no search by each {words}")


def _count(evidence: Evidence, label: str) -> int:
    answer = permitted(one(evidence, label))
    if answer.status in CLIENT_ERRORS or answer.status == NOT_IMPLEMENTED:
        raise NotApplicable(f"{answer} answered {answer.status}: the server does not support this search")
    bundle = answer.resource("Bundle") if answer.ok else None
    if bundle is None:
        raise NotJudgeable(f"{answer} answered {answer.status} and no Bundle")
    link = bundles.link(bundle, "self")
    heeded = {name for name, _ in parse_qsl((link or "").partition("?")[2], keep_blank_values=True)}
    if link is not None and {name for name, _ in answer.query} - {"_summary"} - heeded:
        raise NotApplicable(f"the self link of {answer} leaves out what the server does not support")
    number = bundles.total(bundle)
    if number is None:
        raise NotApplicable(f"{answer} states no total: the server does not count")
    return number
