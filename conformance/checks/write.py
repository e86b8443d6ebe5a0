"""Checks of what became of a resource that was created, changed or deleted (https://hl7.org/fhir/R4/http.html)."""

from typing import Any

from conformance.checks.exchanged import finds_what_it_asks
from conformance.checks.picking import one, permitted, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS, SERVER_ERRORS
from conformance.fhir import bundles, capability
from conformance.fhir.references import id_in
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotApplicable, NotJudgeable, check

CREATED, ACCEPTED, BAD_REQUEST = 201, 202, 400
CONFLICTS = (409, 412)
GONE = (404, 410)
SERVERS_OWN = ("versionId", "lastUpdated")


@check("created")
def created(evidence: Evidence, *, label: str = "create", resource: str = "Patient") -> Findings:
    """A create answers 201 and a Location that names the new resource."""
    exchange = _accepted(one(evidence, label))
    if exchange.status != CREATED:
        yield exchange.finding(f"answered {exchange.status}, not 201")
    location = exchange.header("location")
    if location is None:
        yield exchange.finding("has no Location header that says where the new resource is")
    elif id_in(location, resource) is None:
        yield exchange.finding(f"has the Location {quoted(location)}, which names no {resource} by its id")


@check("keeps-content")
def keeps_content(evidence: Evidence, *, sent: str = "create", read: str = "read-back") -> Findings:
    """What is read is what was sent: nothing of it is lost. The server may add to it."""
    _accepted(one(evidence, sent))
    content = _sent(evidence, sent)
    exchange, resource = _read(evidence, read)
    for place in _lost("", _without_servers_own(content), resource):
        yield exchange.finding(f"lacks what was sent as {place}")


@check("xml-taken")
def xml_taken(evidence: Evidence, *, label: str) -> Findings:
    """A write in XML succeeds, where a create in JSON does."""
    _accepted(one(evidence, "create"))
    exchange = permitted(one(evidence, label))
    if not exchange.ok:
        yield exchange.finding(
            f"answered {exchange.status} to a resource in XML, though the target declares that format"
        )


@check("ignores-client-id")
def ignores_client_id(evidence: Evidence, *, id: str, label: str = "create-with-id") -> Findings:  # noqa: A002 - FHIR's word
    """A create whose body has an id is carried out, and the id is not taken over."""
    exchange = permitted(one(evidence, label))
    if exchange.status in SERVER_ERRORS or exchange.status in CLIENT_ERRORS:
        yield exchange.finding(f"answered {exchange.status}, though without an id in its body it is accepted")
        return
    body = (exchange.resource("Patient") or {}).get("id")
    given = id_in(exchange.header("location"), "Patient") or (body if isinstance(body, str) else "")
    if given == id:
        yield exchange.finding(f"took over the id {id!r} of the body instead of giving one of its own")
    elif not given:
        raise NotJudgeable(f"{exchange} does not say which id the new resource has")


@check("update-is-kept")
def update_is_kept(evidence: Evidence, *, path: str) -> Findings:
    """After a successful update, a read gives the new value of an element that was kept when it was created."""
    exchange = _accepted(one(evidence, "update"))
    _, before = _read(evidence, "read-back")
    first, wanted = _sent(evidence, "create").get(path), _sent(evidence, "update").get(path)
    if before.get(path) != first:
        raise NotJudgeable(f"{path} was not kept when the resource was created either")
    read, after = _read(evidence, "read-after-update")
    if after.get(path) != wanted:
        seen = f"gives {path} {quoted(after.get(path))}, not {quoted(wanted)}"
        yield read.finding(f"{seen}, though {exchange} answered {exchange.status}")


@check("refuses-stale-update")
def refuses_stale_update(evidence: Evidence) -> Findings:
    """An update with If-Match for a version that is not the current one is refused, and changes nothing.

    Where one for the current version is refused as well, refusing the other shows nothing.
    """
    statement = evidence.capability_statement
    if statement is not None and capability.versioning(statement, "Patient") == "no-version":
        raise NotApplicable("the target declares that it keeps no versions of Patient")
    if not evidence.labelled("stale-update"):
        raise NotApplicable("the target states no versions: there is none to match")
    _accepted(one(evidence, "update"))
    before, after = _version(evidence, "read-back"), _version(evidence, "read-after-update")
    if before and before == after:
        raise NotJudgeable("the update before this gave the resource no new version")
    exchange = permitted(one(evidence, "stale-update"))
    if exchange.status not in CONFLICTS:
        yield exchange.finding(f"answered {exchange.status}, not 412, to an If-Match for an outdated version")
    else:
        read, resource = _read(evidence, "read-after-stale")
        _, unchanged = _read(evidence, "read-after-update")
        if resource.get("gender") != unchanged.get("gender"):
            yield read.finding(f"shows the change, though the update was refused with {exchange.status}")
        for current in evidence.labelled("current-update"):
            if permitted(current).status in CONFLICTS:
                raise NotJudgeable(
                    f"{current} answered {current.status} to an If-Match for the current version"
                )


@check("refuses-mismatched-id")
def refuses_mismatched_id(evidence: Evidence) -> Findings:
    """An update whose body has another id than its URL is refused with 400, and changes nothing."""
    _accepted(one(evidence, "update"))
    exchange = permitted(one(evidence, "mismatched-update"))
    if exchange.status != BAD_REQUEST:
        yield exchange.finding(f"answered {exchange.status}, not 400, though body and URL name different ids")
    if not exchange.ok:
        read, resource = _read(evidence, "read-after-mismatched")
        if resource.get("gender") == _sent(evidence, "mismatched-update").get("gender"):
            yield read.finding(f"shows the change, though the update was refused with {exchange.status}")


@check("deleted-is-gone")
def deleted_is_gone(evidence: Evidence) -> Findings:
    """After a successful delete, a read answers 410, or 404 where the server keeps no trace."""
    _read(evidence, "read-back")
    exchange = _accepted(one(evidence, "delete"))
    if exchange.status == ACCEPTED:
        raise NotJudgeable(f"{exchange} answered 202: the server may still be about to delete")
    read = permitted(one(evidence, "read-after-delete"))
    if read.status not in GONE:
        yield read.finding(
            f"answered {read.status}, not 410 or 404, after {exchange} answered {exchange.status}"
        )


@check("transaction-is-whole")
def transaction_is_whole(evidence: Evidence) -> Findings:
    """A transaction with an entry that fails is refused as a whole: nothing of it is kept.

    One without fault is carried out; where it is not, refusing the others shows nothing.
    """
    control = permitted(one(evidence, "control"))
    if not finds_what_it_asks(control):
        raise NotJudgeable(
            f"{control} does not find what was just created and no more, so that it cannot show what is kept"
        )
    whole, after = permitted(one(evidence, "whole")), permitted(one(evidence, "after-whole"))
    if not whole.ok or _failed_entries(whole):
        raise NotJudgeable(
            f"{whole} answered {whole.status} to a transaction without fault: refusing all others shows nothing"
        )
    if after.ok and not bundles.matches(after.resource("Bundle") or {}):
        yield after.finding(f"does not find what {whole} answered {whole.status} to create")
    tried = list(zip(picked(evidence, "transaction"), picked(evidence, "after-transaction"), strict=False))
    failed = [(exchange, left) for exchange, left in tried if not exchange.ok or _failed_entries(exchange)]
    if not failed:
        raise NotJudgeable(
            f"{tried[0][0]} was accepted as a whole: no entry was found that the server refuses"
        )
    for exchange, left in failed:
        yield from _kept(permitted(exchange), permitted(left))


def _kept(exchange: Exchange, left: Exchange) -> Findings:
    """What is wrong with a transaction that failed, given what a search finds of it afterwards."""
    found = left.resource("Bundle") if left.ok else {} if left.status in GONE else None
    if found is None:
        raise NotJudgeable(f"{left} answered {left.status} and no Bundle")
    if exchange.ok:
        yield exchange.finding(f"answered {exchange.status}, though one of its entries failed")
    if bundles.matches(found):
        kept = ", ".join(bundles.reference(resource) for resource in bundles.matches(found)[:3])
        yield left.finding(f"finds {kept}, kept from a transaction that failed ({exchange.status})")


def _accepted(exchange: Exchange) -> Exchange:
    """The exchange. Raises NotJudgeable where the server refused it, as its own rules may lawfully have it."""
    if not permitted(exchange).ok:
        raise NotJudgeable(f"{exchange} answered {exchange.status}: the server did not accept it")
    return exchange


def _read(evidence: Evidence, label: str) -> tuple[Exchange, dict[str, Any]]:
    exchange = permitted(one(evidence, label))
    resource = exchange.resource() if exchange.ok else None
    if resource is None:
        raise NotJudgeable(f"{exchange} ({label}) answered {exchange.status} and no resource")
    if resource.get("id") != id_in(exchange.url, "Patient"):
        raise NotJudgeable(f"{exchange} answered another resource: {quoted(resource.get('id'))}")
    return exchange, resource


def _sent(evidence: Evidence, label: str) -> dict[str, Any]:
    for step in evidence.steps:
        sent = step.notes.get(f"sent-{label}")
        if isinstance(sent, dict):
            return sent
    raise NoData(f"what was sent as {label} was not recorded")


def _version(evidence: Evidence, label: str) -> str:
    exchange, resource = _read(evidence, label)
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return exchange.header("etag") or (version if isinstance(version, str) else "")


def _without_servers_own(content: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in content.items() if name not in {"id", "meta", "resourceType"}}
    meta = content.get("meta")
    if isinstance(meta, dict):
        kept["meta"] = {name: value for name, value in meta.items() if name not in SERVERS_OWN}
    return kept


def _lost(place: str, sent: Json, read: Json) -> list[str]:
    """The places at which something of what was sent is not in what is read, each array item anywhere in it."""
    if isinstance(sent, dict):
        if not isinstance(read, dict):
            return [place]
        return [
            p
            for name, value in sent.items()
            for p in _lost(f"{place}.{name}".lstrip("."), value, read.get(name))
        ]
    if isinstance(sent, list):
        held = read if isinstance(read, list) else []
        return [
            f"{place}[{n}]" for n, item in enumerate(sent) if not any(not _lost("x", item, h) for h in held)
        ]
    return [] if sent == read else [place]


def _failed_entries(exchange: Exchange) -> list[str]:
    """The statuses in the response to a transaction that are errors."""
    bundle = exchange.resource("Bundle") or {}
    responses = [entry.get("response") for entry in bundles.entries(bundle)]
    statuses = [str(response.get("status", "")) for response in responses if isinstance(response, dict)]
    return [status for status in statuses if status[:1] in {"4", "5"}]
