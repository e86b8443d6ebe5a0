"""Laws between searches: unions, intersections, parts that add up to a whole, chains that agree with two steps.

A law that does not hold shows a fault only if nothing changed meanwhile: the first search is sent once more at the
end (https://hl7.org/fhir/R4/search.html#combining, #chaining, #has).
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from conformance.analysis.search_chains import targets
from conformance.checks.pages import Pages, complete, some
from conformance.checks.picking import one, permitted
from conformance.checks.search_judged import CLIENT_ERRORS, NOT_IMPLEMENTED, answered, used
from conformance.fhir import bundles
from conformance.fhir.search.parameters import held_values, known
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

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
    answered(evidence, "across", optional=True)
    inner, pages = complete(evidence, "inner"), complete(evidence, "across")
    parameter = known(resource, by)
    if parameter is None:
        raise NotJudgeable(f"the parameter {by} of {resource} is not known")
    base = evidence.target.endpoint

    def named(page: Pages) -> dict[str, tuple[set[str], bool]]:
        held = {bundles.reference(match): held_values(match, parameter) for match in page.matches}
        return {
            name: (targets(values, base), whole and len(targets(values, base)) == len(values))
            for name, (values, whole) in held.items()
        }

    if reverse:
        meant = {target for found, _ in named(inner).values() for target in found}
        certain = all(whole for _, whole in named(inner).values())
        wrong = sorted(set(pages.references) - meant) if certain else []
    else:
        meant = set(inner.references)
        wrong = sorted(name for name, (found, whole) in named(pages).items() if whole and not found & meant)
    missing = [name for name in matching if name not in pages.references]
    if (wrong or missing) and not used(pages, query):
        raise NotApplicable(f"the self link of {pages.first} leaves out what the server does not support")
    if wrong:
        yield pages.first.finding(f"finds {some(wrong)}, which {inner.first} does not lead to")
    there = {bundles.reference(found) for a in evidence.labelled("across-again") if (found := a.resource())}
    lost = [name for name in missing if name in there]
    if lost:
        yield pages.first.finding(f"does not find {some(lost)}, which {inner.first} leads to")
    elif missing:
        raise NotJudgeable(f"what {pages.first} should have found is no longer there: {some(missing)}")


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
