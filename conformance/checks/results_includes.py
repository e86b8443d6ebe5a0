"""Checks of what a search includes beside its matches (https://hl7.org/fhir/R4/search.html#include)."""

from collections.abc import Iterable

from conformance.analysis.samples import references
from conformance.analysis.search_values import referred
from conformance.checks.pages import complete, some
from conformance.checks.picking import one, permitted, picked
from conformance.checks.results_links import answered, states
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED
from conformance.fhir import bundles
from conformance.fhir.elements import Resource
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

WITH, PLAIN, PLAIN_AGAIN = "with", "plain", "plain-again"


@check("includes-known")
def includes_known(evidence: Evidence, *, known: str) -> Findings:
    """A declared include brings the resource that is known to belong to the matches, and that can be read."""
    asked = permitted(picked(evidence, WITH)[0])
    if asked.status in CLIENT_ERRORS or asked.status == NOT_IMPLEMENTED:
        yield asked.finding(
            f"was refused ({asked.status}), though the target declares that it can include this"
        )
        return
    _require_readable(evidence, known)
    pages = complete(evidence, WITH)
    there = {reference for _, bundle in pages.bundles for reference in _references(bundle, "")}
    if known not in there:
        _require_linked(evidence, known)
        yield pages.first.finding(f"does not include {known}, which belongs to what it found")


@check("includes-leave-matches")
def includes_leave_matches(evidence: Evidence) -> Findings:
    """A search finds the same matches whether something is included or not, and marks nothing else as a match."""
    answered(evidence, WITH)
    plain, pages = complete(evidence, PLAIN), complete(evidence, WITH)
    if not plain.matches:
        raise NoData(f"{plain.first} found nothing")
    _require_includes(evidence)
    more = sorted(set(pages.references) - set(plain.references))
    fewer = sorted(set(plain.references) - set(pages.references))
    if more or fewer:
        _require_unchanged(evidence)
    if more:
        yield pages.first.finding(f"marks {some(more)} as matches, which the search alone does not find")
    if fewer:
        yield pages.first.finding(f"does not find {some(fewer)}, which the search alone finds")


@check("includes-counted")
def includes_counted(evidence: Evidence) -> Findings:
    """The total of a search with includes counts the matches only."""
    exchange, bundle = answered(evidence, WITH)
    number, distinct = bundles.total(bundle), len(set(complete(evidence, PLAIN).references))
    _require_includes(evidence)
    if number is None:
        raise NotApplicable("the server states no totals, which it need not")
    if number != distinct:
        _require_unchanged(evidence)
        yield exchange.finding(f"states a total of {number}, but the search alone finds {distinct}")


@check("includes-referred")
def includes_referred(evidence: Evidence, *, by: str, reverse: bool = False) -> Findings:
    """Nothing is included but what the matches refer to by this parameter (`reverse`: what refers to them by it)."""
    answered(evidence, WITH)
    pages = complete(evidence, WITH)
    matches = set(pages.references)
    wanted = set() if reverse else {to for match in pages.matches for to in referred(match, by)}
    included = [(exchange, r) for exchange, bundle in pages.bundles for r in _included(bundle)]
    if not included:
        raise NoData(f"{pages.first} includes nothing")
    for exchange, resource in included:
        name = bundles.reference(resource)
        belongs = not matches.isdisjoint(referred(resource, by)) if reverse else name in wanted
        if not belongs and name not in matches:
            way = "which does not refer to any match by it" if reverse else "to which no match refers by it"
            yield exchange.finding(f"includes {name}, {way} ({by})")
            return


@check("includes-with-their-matches")
def includes_with_their_matches(evidence: Evidence, *, by: str) -> Findings:
    """Each page holds what its own matches refer to, though another page may hold it as well."""
    answered(evidence, WITH)
    pages = complete(evidence, WITH)
    there = {reference for _, bundle in pages.bundles for reference in _references(bundle, "include")}
    if len(pages.bundles) < 2 or not there:  # noqa: PLR2004 - one page holds everything
        raise NoData(f"{pages.first} does not give several pages with something included")
    for exchange, bundle in pages.bundles:
        wanted = {to for match in bundles.matches(bundle) for to in referred(match, by)} & there
        lacking = sorted(wanted - set(_references(bundle, "")))
        if lacking:
            yield exchange.finding(f"does not hold {some(lacking)}, to which matches on this page refer")
            return


@check("includes-iterated")
def includes_iterated(evidence: Evidence, *, known: str, middle: str) -> Findings:
    """Where the self link states that an include was iterated, it brings what the included resources refer to."""
    exchange, bundle = answered(evidence, WITH)
    _require_readable(evidence, known)
    there = {r for _, page in complete(evidence, WITH).bundles for r in _references(page, "")}
    if not states(bundle, "_include") or middle not in there:
        raise NotApplicable(f"the self link of {exchange} does not say that an include was iterated")
    if known not in there:
        _require_linked(evidence, known)
        yield exchange.finding(f"includes {middle} and not {known}, to which that refers")


@check("includes-not-iterated")
def includes_not_iterated(evidence: Evidence, *, known: str, middle: str) -> Findings:
    """An include without `:iterate` looks at the matches only, not at what else was included."""
    exchange, _ = answered(evidence, WITH)
    pages = complete(evidence, WITH)
    there = {r for _, page in pages.bundles for r in _references(page, "")}
    if middle not in there:
        raise NoData(f"{exchange} does not include {middle}")
    if known in there - set(pages.references):
        yield exchange.finding(
            f"includes {known}, to which only {middle} refers, though it was not to iterate"
        )


def _require_includes(evidence: Evidence) -> None:
    pages = complete(evidence, WITH)
    plain = set(complete(evidence, PLAIN).references)
    more = {r for _, bundle in pages.bundles for r in _references(bundle, "")} - plain
    if not more:
        raise NoData(f"{pages.first} includes nothing")


def _require_readable(evidence: Evidence, known: str) -> None:
    read = permitted(one(evidence, "known"))
    if not read.ok:
        raise NotJudgeable(f"{known}, which should be included, cannot be read ({read.status})")


def _require_linked(evidence: Evidence, known: str) -> None:
    """Raises NotJudgeable where nothing that was found refers to what is known any longer, nor that to a match."""
    pages = [complete(evidence, label) for label in (WITH, PLAIN_AGAIN) if evidence.labelled(label)]
    shown = [
        entry["resource"]
        for each in pages
        for _, bundle in each.bundles
        for entry in bundles.entries(bundle)
        if isinstance(entry.get("resource"), dict)
    ]
    matches = {reference for each in pages for reference in each.references}
    beyond = set(references(one(evidence, "known").resource() or {}))
    if not any(known in references(resource) for resource in shown) and beyond.isdisjoint(matches):
        raise NotJudgeable(f"{known}, which should be included, does not belong to what was found any longer")


def _require_unchanged(evidence: Evidence) -> None:
    """Raises NotJudgeable where the search without includes finds something else afterwards than before."""
    if not evidence.labelled(PLAIN_AGAIN):
        return
    before, after = (set(complete(evidence, label).references) for label in (PLAIN, PLAIN_AGAIN))
    if before != after:
        raise NotJudgeable(f"{complete(evidence, PLAIN).first} finds something else when it is asked again")


def _included(bundle: Resource) -> list[Resource]:
    return [
        entry["resource"]
        for entry in bundles.entries(bundle)
        if isinstance(entry.get("resource"), dict)
        and isinstance(entry.get("search"), dict)
        and entry["search"].get("mode") == "include"
        and entry["resource"].get("resourceType") != "OperationOutcome"
    ]


def _references(bundle: Resource, mode: str) -> Iterable[str]:
    resources = (
        _included(bundle)
        if mode
        else [e["resource"] for e in bundles.entries(bundle) if isinstance(e.get("resource"), dict)]
    )
    return [bundles.reference(resource) for resource in resources]
