"""A running notification service, and what all of its answers have in common."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.access.assertions import UsedIds
from conformance.reference.access.tokens import TokenRegister
from conformance.reference.behaviour.open_api import OpenApiBehaviour
from conformance.reference.open_api.records import Records, made_up
from conformance.reference.open_api.rules import Refused
from conformance.reference.settings import Settings

Json = dict[str, Any]
_DEPRECATED_BEFORE = timedelta(days=90)
_ENDS_AFTER = timedelta(days=275)
_TITLES = {
    400: "Bad request",
    401: "Not authorised",
    404: "Not found",
    415: "Unsupported media type",
    422: "Unprocessable",
}


@dataclass
class Service:
    """A running service: where it is, how it behaves, what it holds, who may use it."""

    settings: Settings
    behaviour: OpenApiBehaviour
    tokens: TokenRegister
    used_ids: UsedIds = field(default_factory=UsedIds)
    records: Records = field(default_factory=made_up)
    asked: int = 0

    @property
    def origin(self) -> str:
        """Scheme, host and port of the service."""
        return self.settings.origin


def authorise(service: Service, request: Request) -> None:
    """Refuse who shows no valid token."""
    unchecked = service.behaviour.unchecked
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    known = service.tokens.find(token) is not None or (token and "any-token" in unchecked)
    if service.settings.auth == "none" or (scheme.lower() == "bearer" and known):
        return
    if not token and ("token" in unchecked or ("token-to-write" in unchecked and request.method == "POST")):
        return
    headers = {"WWW-Authenticate": service.behaviour.challenge} if service.behaviour.challenge else {}
    raise Refused(401, "A valid bearer token is needed", headers)


def problem(service: Service, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal, as a problem document (RFC 9457)."""
    title = _TITLES.get(status, "Refused")
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    made = service.behaviour.error(told)
    return Response(json.dumps(made), status, headers, service.behaviour.error_media_type)


def as_json(
    service: Service, value: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(value), status, headers, service.behaviour.success_media_type)


def shown(service: Service, kind: str, item: Json) -> Json:
    """A record as it is shown."""
    return service.behaviour.shown(kind, dict(item))


def listed(service: Service, kind: str, found: list[Json], links: Json | None = None) -> Response:
    """A list of records."""
    more = {"campaigns": f"{service.origin}/v2/campaigns"} if service.behaviour.hidden_links else {}
    items = [shown(service, kind, item) for item in found]
    headers = {"Link": "".join(f'<{url}>; rel="{name}"' for name, url in more.items())} if more else None
    return as_json(service, {"items": items, "links": links or {}}, headers=headers)


def one_of(service: Service, held: dict[str, Json], identity: str) -> Json:
    """The record of this id; refuses where there is none."""
    if identity in held:
        return held[identity]
    if "unknown" in service.behaviour.unchecked and held:
        return {**next(iter(held.values())), "id": identity}
    raise Refused(404, "There is nothing of this id")


def going_away(service: Service) -> dict[str, str]:
    """The headers of an operation that ends: since when (RFC 9745), until when (RFC 8594), and where more is told."""
    today = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    ends = format_datetime(today + _ENDS_AFTER, usegmt=True)
    told = f'<{service.origin}/docs/lifecycle>; rel="deprecation"'
    return {"Deprecation": f"@{int((today - _DEPRECATED_BEFORE).timestamp())}", "Sunset": ends, "Link": told}
