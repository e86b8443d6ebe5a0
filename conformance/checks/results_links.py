"""Checks of the links of a search's pages (https://hl7.org/fhir/R4/search.html#conformance, http.html#paging)."""

import re
from urllib.parse import parse_qsl, urlsplit

from conformance.checks.pages import complete, searched, some
from conformance.checks.picking import permitted, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED
from conformance.fhir import bundles
from conformance.fhir.elements import Resource
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

PAGE_LINKS = ("first", "previous", "prev", "next", "last")
SECRETS = frozenset({"access_token", "apikey", "api_key", "client_secret", "id_token", "password", "token"})
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.")


def answered(evidence: Evidence, label: str) -> tuple[Exchange, Resource]:
    """The first answer to a search, which must be a Bundle. Raises NotJudgeable where it is none.

    Raises NotApplicable where the search was refused.
    """
    exchange = permitted(picked(evidence, label)[0])
    if exchange.status in CLIENT_ERRORS or exchange.status == NOT_IMPLEMENTED:
        raise NotApplicable(f"{exchange} was refused ({exchange.status}), which it may be")
    bundle = exchange.resource("Bundle") if exchange.ok else None
    if bundle is None:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no Bundle")
    return exchange, bundle


def stated(bundle: Resource) -> list[tuple[str, str]] | None:
    """The parameters that the self link states; None where there is no such link."""
    link = bundles.link(bundle, "self")
    return (
        None if link is None else parse_qsl(link.partition("?")[2].partition("#")[0], keep_blank_values=True)
    )


def states(bundle: Resource, name: str) -> bool:
    """Whether the self link states this parameter, with a modifier or without."""
    return any(found.partition(":")[0] == name for found, _ in stated(bundle) or ())


@check("self-link-states")
def self_link_states(evidence: Evidence, *, parameter: str, ids: str, label: str = "page") -> Findings:
    """Where the matches show that a criterion was used, the self link states it.

    It shows where only the resources with these `ids` were found, though discovery saw others of the type.
    """
    exchange, bundle = answered(evidence, label)
    found = {str(resource.get("id")) for resource in complete(evidence, label).matches}
    if not found:
        raise NoData(f"{exchange} found nothing")
    if not found <= set(ids.split(",")):
        raise NotJudgeable(f"{exchange} found more than was searched for, so that the criterion was not used")
    if stated(bundle) is None:
        yield exchange.finding("answers a Bundle without a link of relation 'self'")
    elif not states(bundle, parameter):
        yield exchange.finding(
            f"found only what {parameter} asks for, and its self link does not state that it was used"
        )


@check("self-link-omits")
def self_link_omits(evidence: Evidence, *, parameter: str, value: str = "", label: str = "page") -> Findings:
    """The self link does not state a parameter that the server cannot have used.

    Who refuses the search, or gives no self link, states nothing at all. With `value`, it is this value that must not
    be stated.
    """
    exchange, bundle = answered(evidence, label)
    parameters = stated(bundle)
    if parameters is None:
        raise NotApplicable(f"{exchange} answered a Bundle without a self link")
    for name, given in parameters:
        if name.partition(":")[0] == parameter and value in {"", given}:
            yield exchange.finding(
                f"states in its self link that {name}={quoted(given)} was used, which no server knows"
            )


@check("page-links")
def page_links(evidence: Evidence) -> Findings:
    """The links `first`, `previous` and `last`, where a page has them, lead to the pages of those names."""
    pages = complete(evidence, "page")
    if len(pages.bundles) < 2:  # noqa: PLR2004 - one page leads nowhere
        raise NoData(f"{pages.first} gives all its matches on one page")
    right = {"first": pages.bundles[0], "previous": pages.bundles[0], "last": pages.bundles[-1]}
    tried = [label for label in right if evidence.labelled(label)]
    if not tried:
        raise NotApplicable("the pages have links to the next page only, which is allowed")
    for label in tried:
        exchange = evidence.labelled(label)[0]
        bundle = exchange.resource("Bundle") if permitted(exchange).ok else None
        if bundle is None:
            yield exchange.finding(f"is where the link {label!r} leads, and answered {exchange.status}")
            continue
        wrong = set(_references(bundle)) ^ set(_references(right[label][1]))
        if wrong:
            yield exchange.finding(
                f"is where the link {label!r} leads: another page, by {some(sorted(wrong))}"
            )


@check("page-again")
def page_again(evidence: Evidence) -> Findings:
    """The second page of a search, asked for once more by its address, is the same page."""
    pages = complete(evidence, "page")
    again = evidence.labelled("second-again")
    if len(pages.bundles) < 2 or not again:  # noqa: PLR2004 - there is no second page
        raise NoData(f"{pages.first} gives all its matches on one page")
    bundle = again[0].resource("Bundle") if permitted(again[0]).ok else None
    if bundle is None:
        yield again[0].finding(f"was a page before, and answered {again[0].status} when asked for once more")
    elif _references(bundle) != _references(pages.bundles[1][1]):
        yield again[0].finding("holds other matches when it is asked for once more")


@check("links-without-secrets")
def links_without_secrets(evidence: Evidence, *, label: str = "page") -> Findings:
    """No link of a page carries a token or a password, which whoever logs or keeps addresses would keep."""
    pages = searched(evidence, label)
    links = [
        (exchange, relation, url)
        for exchange, bundle in pages.bundles
        for relation in ("self", *PAGE_LINKS)
        if (url := bundles.link(bundle, relation)) is not None
    ]
    if not links:
        raise NoData(f"{pages.first} has no links")
    told: set[str] = set()
    for exchange, relation, url in links:
        carried = _secret(url)
        if carried and relation not in told:
            told.add(relation)
            yield exchange.finding(f"has a link {relation!r} that carries {carried}")


def _secret(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if "@" in parts.netloc:
        return "a user name or password"
    names = {name.lower() for name, value in parse_qsl(parts.query) if value}
    named = sorted(names & SECRETS)
    return f"the parameter {named[0]!r}" if named else "a signed token" if JWT.search(url) else ""


def _references(bundle: Resource) -> list[str]:
    return [bundles.reference(resource) for resource in bundles.matches(bundle)]
