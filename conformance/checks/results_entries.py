"""Checks of the entries of a search's pages: what each is, where it lives, why it is there."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance.checks.pages import found, searched, some
from conformance.checks.picking import permitted, picked, quoted
from conformance.fhir import bundles
from conformance.fhir.addresses import scheme
from conformance.fhir.elements import Resource, values
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

MODES = ("match", "include", "outcome")
RESTFUL = re.compile(
    r"https?://.*/(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?P<version>/_history/.*)?"
)
ERRORS = ("error", "fatal")
GENERATED = frozenset({"meta", "text"})
"""Elements that a server may make anew for each answer."""


@check("entries-of-type")
def entries_of_type(evidence: Evidence, *, resource: str, label: str = "page") -> Findings:
    """Each match of a search is a resource of the type that was searched, and has an id."""
    pages = found(evidence, label)
    for exchange, bundle in pages.bundles:
        for match in bundles.matches(bundle):
            if match.get("resourceType") != resource:
                yield exchange.finding(f"gives {bundles.reference(match)} as a match, which is no {resource}")
            elif not isinstance(match.get("id"), str):
                yield exchange.finding(f"gives a {resource} without an id as a match")


@check("outcomes-are-no-errors")
def outcomes_are_no_errors(evidence: Evidence, *, label: str = "page") -> Findings:
    """What a search that succeeded tells beside its matches, in an OperationOutcome, is no error and not fatal."""
    pages = searched(evidence, label)
    if not permitted(pages.first).ok or not pages.bundles:
        raise NoData(f"{pages.first} answered {pages.first.status} and no Bundle")
    for exchange, bundle in pages.bundles:
        resources = (entry.get("resource") for entry in bundles.entries(bundle))
        told = [r for r in resources if isinstance(r, dict) and r.get("resourceType") == "OperationOutcome"]
        if any(severity in ERRORS for outcome in told for severity in values(outcome, "issue.severity")):
            yield exchange.finding(f"answered {exchange.status}, and tells of an error among its entries")


@check("only-these")
def only_these(evidence: Evidence, *, ids: str, label: str = "page") -> Findings:
    """No page holds a match other than those that were searched for by their ids."""
    pages = searched(evidence, label)
    wanted = set(ids.split(","))
    if not pages.matches:
        raise NoData(f"{pages.first} found nothing")
    for exchange, bundle in pages.bundles:
        others = [bundles.reference(r) for r in bundles.matches(bundle) if str(r.get("id")) not in wanted]
        if others:
            yield exchange.finding(f"holds {some(sorted(others))}, which the search is not for")


@check("all-of-these")
def all_of_these(evidence: Evidence, *, ids: str, resource: str, label: str = "page") -> Findings:
    """A search for several ids finds each of them that can be read; one that is gone meanwhile tells nothing."""
    pages = searched(evidence, label)
    there = set(pages.references)
    missing = [
        f"{resource}/{identity}" for identity in ids.split(",") if f"{resource}/{identity}" not in there
    ]
    reads = {_path(exchange): exchange for exchange in evidence.labelled("read")}
    for reference in missing:
        read = reads.get(reference)
        if read is None and reads:
            continue
        if read is None or not read.ok:
            raise NotJudgeable(f"{reference} was not found, and is not known to be there any more")
        yield pages.first.finding(f"does not find {reference}, which is there")


@check("full-urls")
def full_urls(evidence: Evidence, *, label: str = "page") -> Findings:
    """Each entry has an absolute `fullUrl`; one like a server's names the type and the id, and no version."""
    entries = list(_entries(evidence, label))
    if not entries:
        raise NoData("no search here found anything")
    for exchange, entry in entries:
        resource, url = entry["resource"], entry.get("fullUrl")
        if resource.get("resourceType") == "OperationOutcome":
            continue
        problem = _url_problem(url, resource)
        if problem:
            yield exchange.finding(f"gives {bundles.reference(resource)} {problem}")
            return


@check("full-url-leads")
def full_url_leads(evidence: Evidence) -> Findings:
    """The `fullUrl` of a match is an address at which the server gives that resource.

    One that is no address of a server (`urn:uuid:…`) cannot be followed.
    """
    exchange = permitted(picked(evidence, "found")[0])
    bundle = exchange.resource("Bundle") if exchange.ok else None
    entry = next(iter(bundles.entries(bundle or {})), None)
    if entry is None or not isinstance(entry.get("resource"), dict):
        raise NoData(f"{exchange} found nothing")
    url, name = entry.get("fullUrl"), bundles.reference(entry["resource"])
    if not isinstance(url, str) or scheme(url) not in {"http", "https"}:
        raise NotApplicable(f"{exchange} gives no fullUrl that can be followed")
    led = evidence.labelled("full-url")
    if not led:
        yield exchange.finding(
            f"gives {name} the fullUrl {quoted(url)}, which is outside the server that was asked"
        )
        return
    resource = led[0].resource() if permitted(led[0]).ok else None
    if resource is None or bundles.reference(resource) != name:
        yield led[0].finding(f"is the fullUrl of {name}, and answered {led[0].status} and another content")


@check("search-modes")
def search_modes(evidence: Evidence, *, label: str = "page") -> Findings:
    """Each entry says whether it is a match, was included, or is an outcome."""
    entries = list(_entries(evidence, label))
    if not entries:
        raise NoData("no search here found anything")
    for exchange, entry in entries:
        search = entry.get("search")
        mode = search.get("mode") if isinstance(search, dict) else None
        if mode not in MODES:
            yield exchange.finding(
                f"gives {bundles.reference(entry['resource'])} the search mode {quoted(mode)}"
            )
            return


@check("entries-once")
def entries_once(evidence: Evidence, *, label: str = "page") -> Findings:
    """No page holds the same resource twice, neither as a match nor as something included."""
    pages = searched(evidence, label)
    if not any(bundles.entries(bundle) for _, bundle in pages.bundles):
        raise NoData(f"{pages.first} found nothing")
    for exchange, bundle in pages.bundles:
        counted = Counter(
            bundles.reference(entry["resource"])
            for entry in bundles.entries(bundle)
            if isinstance(entry.get("resource"), dict) and entry["resource"].get("id")
        )
        twice = sorted(reference for reference, times in counted.items() if times > 1)
        if twice:
            yield exchange.finding(f"holds the same resource more than once: {some(twice)}")


@check("found-is-read")
def found_is_read(evidence: Evidence) -> Findings:
    """A resource is the same whether it is found or read: the same version, with the same content.

    Narratives and `meta` may be made anew. Where the resource changed meanwhile nothing can be told.
    """
    before, after = (_only_match(evidence, label) for label in ("found", "found-again"))
    read = permitted(picked(evidence, "read")[0])
    resource = read.resource() if read.ok else None
    if before != after:
        raise NotJudgeable("the resource changed while it was looked at")
    if before is None:
        raise NotJudgeable(f"{picked(evidence, 'found')[0]} did not find the resource that it is for")
    if resource is None:
        yield read.finding(f"answered {read.status}, though a search finds the resource")
        return
    versions = [_version(before), _version(resource)]
    if None not in versions and versions[0] != versions[1]:
        yield read.finding(f"gives version {versions[1]}, and a search before and after it {versions[0]}")
    names = sorted((before.keys() | resource.keys()) - GENERATED)
    differing = [name for name in names if before.get(name) != resource.get(name)]
    if differing:
        yield read.finding(f"gives other content than a search does: see {some(differing)}")


def _only_match(evidence: Evidence, label: str) -> Resource | None:
    exchange = permitted(picked(evidence, label)[0])
    bundle = exchange.resource("Bundle") if exchange.ok else None
    if bundle is None:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no Bundle")
    return next(iter(bundles.matches(bundle)), None)


def _version(resource: Resource) -> Any:
    meta = resource.get("meta")
    return meta.get("versionId") if isinstance(meta, dict) else None


def _entries(evidence: Evidence, label: str) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    for exchange, bundle in searched(evidence, label).bundles:
        for entry in bundles.entries(bundle):
            if isinstance(entry.get("resource"), dict):
                yield exchange, entry


def _url_problem(url: Any, resource: Resource) -> str:
    if not isinstance(url, str) or not url:
        return "no fullUrl"
    if ":" not in url.partition("/")[0]:
        return f"the fullUrl {quoted(url)}, which is not absolute"
    match = RESTFUL.fullmatch(url)
    if match is None:
        return ""
    if match["version"]:
        return f"the fullUrl {quoted(url)}, which names a version"
    if match["type"] != resource.get("resourceType") or match["id"] != resource.get("id"):
        return f"the fullUrl {quoted(url)}, which is that of another"
    return ""


def _path(exchange: Exchange) -> str:
    return "/".join(exchange.url.partition("?")[0].rstrip("/").rsplit("/", 2)[-2:])
