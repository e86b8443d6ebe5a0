"""Checks of what a search finds: all that it must (recall), nothing that it cannot mean (precision), in order.

They judge complete page sets only. What a search means is worked out anew from the resources that it returned,
and only what is wrong under every lawful reading of FHIR is found wrong (https://hl7.org/fhir/R4/search.html).
"""

from collections.abc import Callable

from conformance.checks.pages import complete, found
from conformance.checks.picking import quoted
from conformance.fhir import bundles, tokens
from conformance.fhir.dates import Interval, Prefix, interval, rules_out
from conformance.fhir.elements import Resource, values
from conformance.fhir.references import named
from conformance.fhir.strings import may_match
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check


@check("finds")
def finds(evidence: Evidence, *, source: str, label: str = "page") -> Findings:
    """The search finds the resource whose own value was searched for."""
    pages = complete(evidence, label)
    if source not in pages.references:
        number = len(pages.matches)
        yield pages.first.finding(
            f"does not find {source}, which has this value ({number} matches on all pages)"
        )


@check("does-not-find")
def does_not_find(evidence: Evidence, *, source: str, label: str = "page") -> Findings:
    """The search does not find a resource that it must leave out."""
    pages = complete(evidence, label)
    if source in pages.references:
        yield pages.first.finding(f"finds {source}, whose value this search leaves out")


@check("finds-only-id")
def finds_only_id(evidence: Evidence, *, id: str, label: str = "page") -> Findings:  # noqa: A002 - FHIR's word
    """All that the search finds has this id."""
    pages = found(evidence, label)
    others = sorted({bundles.reference(r) for r in pages.matches if r.get("id") != id})
    if others:
        yield pages.first.finding(
            f"finds {', '.join(others[:3])}, though only the id {id!r} was searched for"
        )


@check("finds-only-token")
def finds_only_token(evidence: Evidence, *, path: str, value: str, label: str = "page") -> Findings:
    """All that the search finds holds the token at this element path."""
    searched = tokens.parse(value)

    def wrong(resource: Resource) -> str:
        held = list(tokens.tokens(resource, path))
        return (
            "" if any(tokens.matches(searched, token) for token in held) else f"has no {path} {quoted(value)}"
        )

    yield from _wrong_matches(evidence, label, wrong)


@check("finds-only-text")
def finds_only_text(evidence: Evidence, *, path: str, value: str, label: str = "page") -> Findings:
    """All that the search finds holds the text at this element path, whatever its case and accents."""

    def wrong(resource: Resource) -> str:
        held = [text for text in values(resource, path) if isinstance(text, str)]
        return "" if any(may_match(value, text) for text in held) else f"has no {path} with {quoted(value)}"

    yield from _wrong_matches(evidence, label, wrong)


@check("finds-only-dates")
def finds_only_dates(
    evidence: Evidence, *, path: str, value: str, prefix: Prefix = "", label: str = "page"
) -> Findings:
    """All that the search finds has a date at this element path that the searched prefix and date can match."""
    searched = interval(value)
    if searched is None:
        raise NotJudgeable(f"{quoted(value)} is no date that a search could be judged by")

    def wrong(resource: Resource) -> str:
        held = [_dates(v) for v in values(resource, path)]
        possible = any(span is None or not rules_out(prefix, searched, span) for span in held)
        return "" if possible else f"has no {path} that {prefix}{value} can match"

    yield from _wrong_matches(evidence, label, wrong)


@check("finds-by-reference")
def finds_by_reference(
    evidence: Evidence, *, path: str, value: str, source: str, target: str = "Patient", label: str = "page"
) -> Findings:
    """The search finds the resource whose own reference was searched for, and only what refers to the same.

    A reference to another type than `target` is not what this search parameter is for. One that names no resource
    by its id (a logical or contained one) may still mean the one searched for.
    """
    searched = named(value)
    if searched is None or not searched.startswith(f"{target}/"):
        raise NotApplicable(f"{quoted(value)} names no {target} by its id")
    yield from finds(evidence, source=source, label=label)

    def wrong(resource: Resource) -> str:
        held = list(values(resource, path))
        targets = [named(item.get("reference")) if isinstance(item, dict) else None for item in held]
        if held and all(target is not None and target != searched for target in targets):
            return f"refers to {targets[0]} at {path}, not to {searched}"
        return "" if held else f"has no {path}"

    yield from _wrong_matches(evidence, label, wrong)


@check("sorted-by-date")
def sorted_by_date(
    evidence: Evidence, *, parameter: str, path: str, descending: bool = False, label: str = "page"
) -> Findings:
    """The matches are in the order of the dates at this path, if the self link says that they were sorted.

    Resources without such a date, and dates that overlap, may stand anywhere.
    """
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


def _dates(value: object) -> Interval | None:
    """The interval of a date or a Period; None for what says no more than that any date may match."""
    if isinstance(value, dict):
        start, end = interval(value.get("start")), interval(value.get("end"))
        if start is None or end is None or start.zoned != end.zoned or start.low > end.high:
            return None
        return Interval(start.low, end.high, start.zoned)
    return interval(value)


def _wrong_matches(evidence: Evidence, label: str, wrong: Callable[[Resource], str]) -> Findings:
    pages = found(evidence, label)
    problems = [(bundles.reference(r), problem) for r in pages.matches if (problem := wrong(r))]
    if problems:
        (reference, problem), number = problems[0], len(problems)
        every = f"{number} of {len(pages.matches)} matches that it should not"
        yield pages.first.finding(f"finds {every}: {reference} {problem}")
