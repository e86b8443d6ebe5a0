"""What answers each address of the API of the notification service."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.open_api import rules
from conformance.reference.open_api.records import STATUSES
from conformance.reference.open_api.rules import Refused
from conformance.reference.open_api.service import (
    Service,
    as_json,
    going_away,
    listed,
    one_of,
    problem,
    shown,
)

Json = dict[str, Any]
_PAGE = 10


async def health(service: Service, _: Request) -> Response:
    """Answer GET /health."""
    return as_json(service, {"status": "up", "version": service.behaviour.service_version})


async def templates(service: Service, _: Request) -> Response:
    """Answer GET /templates."""
    return listed(service, "template", list(service.records.templates.values()))


async def template(service: Service, request: Request) -> Response:
    """Answer GET /templates/{id}."""
    return as_json(
        service,
        shown(service, "template", one_of(service, service.records.templates, request.path_params["id"])),
    )


async def messages(service: Service, request: Request) -> Response:
    """Answer GET /messages."""
    query, unchecked = request.query_params, service.behaviour.unchecked
    asked = query.getlist("limit")
    if service.behaviour.breaks_down and any(not each.isdigit() for each in asked):
        return problem(service, 500, "The service broke down")
    limit = _PAGE if "limit" in unchecked else rules.number(asked, "limit", 1, 100, _PAGE)
    start = rules.number(query.getlist("from"), "from", 0, 100_000, 0)
    wanted = "" if "status" in unchecked else rules.status(query.getlist("status"))
    found = [each for each in service.records.messages.values() if wanted in {"", each["status"]}]
    kept = f"&status={wanted}" if wanted else ""
    more = f"{service.origin}/v2/messages?from={start + limit}&limit={limit}{kept}"
    return listed(
        service, "message", found[start : start + limit], {"next": more} if len(found) > start + limit else {}
    )


async def send(service: Service, request: Request) -> Response:
    """Answer POST /messages."""
    body = rules.read(request.headers.get("content-type", ""), await request.body())
    records = service.records
    new = rules.message(body, records.templates, service.behaviour.unchecked)
    one = str(uuid.uuid4())
    made = {
        "id": one,
        **new,
        "status": "created",
        "createdAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    records.messages[one] = made
    records.events[one] = [{"id": str(uuid.uuid4()), "status": "created", "at": made["createdAt"]}]
    return _created(service, "message", made, f"/v2/messages/{one}")


def _created(service: Service, kind: str, made: Json, path: str) -> Response:
    headers = {"Location": f"{service.origin}{path}"}
    return as_json(service, shown(service, kind, made), service.behaviour.created_status, headers)


async def message(service: Service, request: Request) -> Response:
    """Answer GET /messages/{id}."""
    return as_json(
        service,
        shown(service, "message", one_of(service, service.records.messages, request.path_params["id"])),
    )


async def cancel(service: Service, request: Request) -> Response:
    """Answer DELETE /messages/{id}."""
    one = request.path_params["id"]
    one_of(service, service.records.messages, one)
    service.records.messages.pop(one, None)
    service.records.events.pop(one, None)
    return Response(status_code=204)


async def events(service: Service, request: Request) -> Response:
    """Answer GET /messages/{id}/events."""
    one = request.path_params["id"]
    one_of(service, service.records.messages, one)
    return listed(service, "event", service.records.events.get(one, []))


async def subscriptions(service: Service, _: Request) -> Response:
    """Answer GET /subscriptions."""
    return listed(service, "subscription", list(service.records.subscriptions.values()))


async def subscribe(service: Service, request: Request) -> Response:
    """Answer POST /subscriptions."""
    body = rules.read(request.headers.get("content-type", ""), await request.body())
    one = str(uuid.uuid4())
    made = {"id": one, **rules.subscription(body, service.behaviour.unchecked), "active": True}
    service.records.subscriptions[one] = made
    return _created(service, "subscription", made, f"/v2/subscriptions/{one}")


async def subscription(service: Service, request: Request) -> Response:
    """Answer GET /subscriptions/{id}."""
    held = service.records.subscriptions
    return as_json(service, shown(service, "subscription", one_of(service, held, request.path_params["id"])))


async def change(service: Service, request: Request) -> Response:
    """Answer PUT /subscriptions/{id}."""
    held, one = service.records.subscriptions, request.path_params["id"]
    old = one_of(service, held, one)
    body = rules.read(request.headers.get("content-type", ""), await request.body())
    held[one] = {**old, **rules.subscription(body, service.behaviour.unchecked)}
    return as_json(service, shown(service, "subscription", held[one]))


async def unsubscribe(service: Service, request: Request) -> Response:
    """Answer DELETE /subscriptions/{id}."""
    one = request.path_params["id"]
    one_of(service, service.records.subscriptions, one)
    service.records.subscriptions.pop(one, None)
    return Response(status_code=204)


async def statuses(service: Service, _: Request) -> Response:
    """Answer GET /message-statuses, which ends."""
    headers = service.behaviour.going_away(going_away(service))
    return as_json(service, {"statuses": list(STATUSES)}, headers=headers)


async def campaigns(service: Service, _: Request) -> Response:
    """Answer GET /campaigns, which nobody describes."""
    if not service.behaviour.hidden_links:
        raise Refused(404, "There is nothing here")
    return as_json(service, {"items": [], "links": {}})


async def export(service: Service, _: Request) -> Response:
    """Answer GET /export."""
    records = service.records
    kinds = {
        "template": records.templates.values(),
        "message": records.messages.values(),
        "event": [event for each in records.events.values() for event in each],
        "subscription": records.subscriptions.values(),
    }
    lines = []
    for kind, held in kinds.items():
        for number, item in enumerate(held):
            if service.behaviour.export_of_all or number % 5:
                lines.append(json.dumps({"kind": kind, **service.behaviour.exported(kind, dict(item))}))
    return Response("\n".join(lines) + "\n", media_type=service.behaviour.export_media_type)
