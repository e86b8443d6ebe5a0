"""GET /audit/AuditEvent: the access log, as AuditEvents that can be searched for.

It is kept apart from the records, as an audit record repository is (IHE ITI TF-2, RESTful ATNA, ITI-81): reading it
leaves no trace in it, and what happens here does not change the number of records. The newest events are kept.
See https://hl7.org/fhir/R4/auditevent.html and https://hl7.org/fhir/R4/valueset-audit-event-action.html.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.forms import dates
from conformance.reference.forms.negotiation import pairs, require_json
from conformance.reference.forms.outcomes import bad_request, fhir_response
from conformance.reference.supplier import Supplier

_PAGE, _MOST = 50, 500


async def search(supplier: Supplier, request: Request) -> Response:
    """Answer GET /audit/AuditEvent?entity=…&date=ge…: the events that match, the newest first."""
    supplier.authorise(request).require("s", "AuditEvent")
    require_json(request)
    given = dict(pairs(request.url.query))
    leaving = supplier.behaviour.exit
    told = [kept for event in supplier.log.newest_first() if (kept := leaving.event(event)) is not None]
    found = [event for event in told if leaving.events_found and _matches(event, given)]
    size, place = _number(given, "_count", _PAGE), _number(given, "_offset", 0)
    page = found[place : place + min(size, _MOST)]
    links = [{"relation": "self", "url": str(request.url)}]
    if place + len(page) < len(found):
        onward = request.url.include_query_params(_offset=place + len(page))
        links.append({"relation": "next", "url": f"{supplier.settings.origin}{onward.path}?{onward.query}"})
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "link": links,
    }
    if page:
        bundle["entry"] = [{"resource": event, "search": {"mode": "match"}} for event in page]
    return fhir_response(bundle)


def _matches(event: dict[str, Any], given: Mapping[str, str]) -> bool:
    entity = given.get("entity")
    if entity and event["entity"][0].get("what", {}).get("reference") != entity:
        return False
    since = given.get("date", "").replace(" ", "+")
    if not since:
        return True
    try:
        moment = dates.instant(since.removeprefix("ge"))
    except ValueError as error:
        raise bad_request(str(error), "value") from error
    return dates.instant(event["recorded"]) >= moment


def _number(given: Mapping[str, str], name: str, otherwise: int) -> int:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise  # noqa: PLR2004
