"""Checks of parts of resources: `_summary` and `_elements` (https://hl7.org/fhir/R4/search.html#summary, #elements).

A server may always return more than was asked for, the whole resource included. What is wrong under every reading is
a part that is no part of the whole, that lacks what was asked for, or that does not say that it is one.
"""

from collections.abc import Iterator
from typing import Any

from conformance.checks.pages import complete, found, searched
from conformance.checks.picking import alternatives
from conformance.checks.results_links import answered
from conformance.fhir import bundles
from conformance.fhir.elements import Resource
from conformance.fhir.needed import needed
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, check

ALWAYS = frozenset({"id", "implicitRules", "language", "meta", "modifierExtension", "resourceType"})
"""Elements that a part may have whatever was asked for."""

Pair = tuple[Exchange, Resource, Resource]
"""The answer that holds a part, the part, and the whole."""


@check("part-of-whole")
def part_of_whole(evidence: Evidence, *, whole: str = "one", part: str = "other") -> Findings:
    """What a search for parts returns of each resource stands in the whole resource as well."""
    for exchange, some, every in _pairs(evidence, whole, part):
        wrong = [
            name for name, value in some.items() if name != "meta" and not _within(value, every.get(name))
        ]
        if wrong:
            yield exchange.finding(
                f"gives {bundles.reference(some)} with another {alternatives(wrong[:3])} than the whole one has"
            )
            return


@check("part-says-so")
def part_says_so(evidence: Evidence, *, whole: str = "one", part: str = "other") -> Findings:
    """A resource of which parts are missing carries the tag SUBSETTED."""
    for exchange, some, every in _cut(evidence, whole, part):
        if not bundles.is_subsetted(some):
            lacking = sorted(every.keys() - some.keys()) or ["parts of elements"]
            yield exchange.finding(
                f"gives {bundles.reference(some)} without {lacking[0]} and without the tag SUBSETTED"
            )
            return


@check("part-keeps")
def part_keeps(
    evidence: Evidence, *, elements: list[str], whole: str = "one", part: str = "other"
) -> Findings:
    """A part holds these elements, where the whole resource has them."""
    seen = False
    for exchange, some, every in _cut(evidence, whole, part):
        wanted = [name for name in elements if name in every]
        seen = seen or bool(wanted)
        lacking = [name for name in wanted if name not in some]
        if lacking:
            yield exchange.finding(
                f"gives {bundles.reference(some)} without {lacking[0]}, which belongs to it"
            )
            return
    if not seen:
        raise NoData(f"no resource here has {alternatives(elements)}")


@check("part-keeps-mandatory")
def part_keeps_mandatory(evidence: Evidence, *, whole: str = "one", part: str = "other") -> Findings:
    """A part holds the top-level elements that every resource of its type must have."""
    for exchange, some, every in _cut(evidence, whole, part):
        mandatory, _ = needed(str(every.get("resourceType")))
        lacking = sorted(name for name in every.keys() & mandatory if name not in some)
        if lacking:
            yield exchange.finding(
                f"gives {bundles.reference(some)} without {lacking[0]}, which is mandatory"
            )
            return


@check("part-holds-only")
def part_holds_only(
    evidence: Evidence, *, elements: list[str], whole: str = "one", part: str = "other"
) -> Findings:
    """What says by its tag that it is a part holds these elements, those that are mandatory or modify, no others."""
    there = False
    for exchange, some, every in _pairs(evidence, whole, part):
        if not bundles.is_subsetted(some) or bundles.is_subsetted(every):
            continue
        there = True
        mandatory, modifying = needed(str(every.get("resourceType")))
        allowed = {*elements, *ALWAYS, *mandatory, *modifying}
        more = sorted(name for name in some if name.lstrip("_") not in allowed)
        if more:
            yield exchange.finding(
                f"gives {bundles.reference(some)} as a part, with {more[0]}, which was not asked for"
            )
            return
    if not there:
        raise NotApplicable("no resource says by its tag that it is a part")


@check("part-lacks-only")
def part_lacks_only(
    evidence: Evidence, *, elements: list[str], whole: str = "one", part: str = "other"
) -> Findings:
    """A part lacks nothing of the whole resource but these elements."""
    for exchange, some, every in _cut(evidence, whole, part):
        lacking = sorted(name for name in every if name not in some and name.lstrip("_") not in elements)
        if lacking:
            yield exchange.finding(f"gives {bundles.reference(some)} without {lacking[0]}")
            return


@check("whole-resources")
def whole_resources(evidence: Evidence, *, whole: str = "one", part: str = "other") -> Findings:
    """A search that asks for all parts returns the whole resources."""
    for exchange, some, every in _pairs(evidence, whole, part):
        if _differs(some, every):
            yield exchange.finding(
                f"gives {bundles.reference(some)} with less or other content than without it"
            )
            return


def _pairs(evidence: Evidence, whole: str, part: str) -> Iterator[Pair]:
    """Parts beside wholes of the same version. Raises NoData where there are none, NotApplicable for a refusal."""
    answered(evidence, part)
    complete(evidence, part)
    wholes = {bundles.reference(resource): resource for resource in found(evidence, whole).matches}
    there = False
    for exchange, bundle in searched(evidence, part).bundles:
        for resource in bundles.matches(bundle):
            every = wholes.get(bundles.reference(resource))
            if every is not None and _version(every) == _version(resource):
                there = True
                yield exchange, resource, every
    if not there:
        raise NoData("no resource was found both whole and in part")


def _cut(evidence: Evidence, whole: str, part: str) -> Iterator[Pair]:
    """Those of which something is missing. Raises NotApplicable where the server returned them whole."""
    there = False
    for exchange, some, every in _pairs(evidence, whole, part):
        if _differs(some, every):
            there = True
            yield exchange, some, every
    if not there:
        raise NotApplicable("the server returned the whole resources, which it may")


def _differs(some: Resource, every: Resource) -> bool:
    return {name: value for name, value in some.items() if name != "meta"} != {
        name: value for name, value in every.items() if name != "meta"
    }


def _within(part: Any, whole: Any) -> bool:
    """Whether a value could be left over of another when parts of it are taken away."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            _within(value, whole.get(name)) for name, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(_within(one, other) for other in whole) for one in part)
    return bool(part == whole)


def _version(resource: Resource) -> Any:
    meta = resource.get("meta")
    return meta.get("versionId") if isinstance(meta, dict) else None
