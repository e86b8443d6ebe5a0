"""What checks of reads and writes ask of an answer: whether it was accepted, which resource and version it holds."""

from typing import Any, TypeVar

from conformance.checks.picking import one, permitted, quoted
from conformance.fhir.bundles import matches, reference
from conformance.fhir.elements import texts, values
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, NoData, NotApplicable, NotJudgeable

T = TypeVar("T")

OK, CREATED, ACCEPTED, NO_CONTENT = 200, 201, 202, 204
NOT_MODIFIED = 304
BAD_REQUEST, NOT_FOUND, NOT_ALLOWED, GONE, PRECONDITION_FAILED = 400, 404, 405, 410, 412


def accepted(exchange: Exchange) -> Exchange:
    """The exchange. Raises NotJudgeable where the server refused it, as its own rules may lawfully have it."""
    if not permitted(exchange).ok:
        raise NotJudgeable(f"{exchange} answered {exchange.status}: the server did not accept it")
    if is_of_another(exchange):
        raise NotJudgeable(f"{exchange} answered another resource than the one that was asked for")
    return exchange


def is_of_another(exchange: Exchange) -> bool:
    """Whether a read answered another resource than its URL names: that is the matter of checks of reads."""
    asked = named(exchange.url.partition("?")[0])
    if exchange.method != "GET" or asked is None or not exchange.ok:
        return False
    resource = exchange.resource() or {}
    return resource.get("resourceType") == asked.partition("/")[0] and reference(resource) != asked


def finds_what_it_asks(search: Exchange) -> bool:
    """Whether a search by an identifier finds what has it, and nothing else.

    A server that does not heed the parameter shows whatever it holds: that tells nothing of what was asked for.
    """
    asked = dict(search.query).get("identifier", "")
    found = matches((search.resource("Bundle") if search.ok else None) or {})
    return bool(found) and all(asked in texts(resource, "identifier") for resource in found)


def finds_only(search: Exchange, own: str | None) -> bool:
    """Whether a search by an identifier that only the resource `own` (`Type/id`) has finds it.

    Raises NotJudgeable where it finds others: it does not heed the identifier, and tells nothing of who has it.
    """
    found = {reference(match) for match in matches(search.resource("Bundle") or {})}
    if found - {own}:
        raise NotJudgeable(f"{search} finds others than the one that has the identifier")
    return bool(found)


def answered(evidence: Evidence, label: str) -> Exchange:
    """The last exchange with this label. Raises NotJudgeable where there is none, or it was not accepted."""
    return accepted(one(evidence, label))


def resource_of(exchange: Exchange) -> dict[str, Any]:
    """The resource in an answer. Raises NotJudgeable where the answer is no success or holds none."""
    resource = accepted(exchange).resource() if permitted(exchange).ok else None
    if resource is None:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no resource")
    return resource


def meta(exchange: Exchange, name: str) -> str:
    """An element of the `meta` of the resource in an answer; empty where there is none."""
    resource = exchange.resource() if exchange.ok else None
    held = resource.get("meta") if resource is not None else None
    value = held.get(name) if isinstance(held, dict) else None
    return value if isinstance(value, str) else ""


def version(exchange: Exchange) -> str:
    """The version of the resource in an answer, by its `meta`; empty where it has none."""
    return meta(exchange, "versionId")


def tag_of(exchange: Exchange) -> str:
    """The version that the ETag of an answer names; empty where it has none."""
    return (exchange.header("etag") or "").strip().removeprefix("W/").strip('"')


def versioned(exchange: Exchange) -> str:
    """The version of what was read. Raises NotApplicable where the server states none."""
    found = version(exchange) or tag_of(exchange)
    resource_of(exchange)
    if not found:
        raise NotApplicable(f"{exchange} answered a resource without a version: the target keeps none")
    return found


def noted(evidence: Evidence, name: str, *within: str | int) -> Any:
    """What the probe noted under the name, or what stands within that. Raises NoData where it noted no such thing."""
    for step in evidence.steps:
        if name in step.notes:
            found = step.notes[name]
            try:
                for place in within:
                    found = found[place]
            except (LookupError, TypeError):
                break
            return found
    raise NoData(f"the probe noted no {name}")


def noted_as(evidence: Evidence, name: str, kind: type[T]) -> T:
    """What the probe noted under the name, of this type. Raises NoData where it noted nothing of the kind."""
    found = noted(evidence, name)
    if not isinstance(found, kind):
        raise NoData(f"the probe noted no {name} that can be read")
    return found


def may_be_stored(exchange: Exchange) -> bool:
    """Whether caches may keep an answer: its Cache-Control lacks `no-store` (RFC 9111 section 5.2.2.5)."""
    directives = (exchange.header("cache-control") or "").split(",")
    return "no-store" not in {directive.strip().lower() for directive in directives}


def says_unsupported(exchange: Exchange) -> bool:
    """Whether an OperationOutcome says that what was asked for is not supported."""
    outcome = exchange.resource("OperationOutcome") or {}
    return "not-supported" in values(outcome, "issue.code")


def same_content(one_: Exchange, other: Exchange) -> bool:
    """Whether two answers hold the same JSON."""
    return bool(one_.json_or_none() == other.json_or_none())


def said(value: Any) -> str:
    """A value of the server's, for a finding."""
    return quoted(value)
