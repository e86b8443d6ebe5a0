"""The notification service as a web application: which handler answers which address."""

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from conformance.reference.access import TokenRegister
from conformance.reference.assertions import OAuthError, UsedIds, authenticate
from conformance.reference.behaviour import HONEST
from conformance.reference.faults import behaviour_of
from conformance.reference.open_api import rules
from conformance.reference.open_api.behaviour import OpenApiBehaviour
from conformance.reference.open_api.description import description, in_3_0
from conformance.reference.open_api.offer import PAGES, declaration, page
from conformance.reference.open_api.records import STATUSES, Records, made_up
from conformance.reference.open_api.rules import Refused
from conformance.reference.settings import Settings
from conformance.reference.store import Store

Json = dict[str, Any]
OPEN = frozenset({"/v2/health", "/v2/openapi.json", "/v2/openapi-3.0.json"})
_PAGE = 10
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


Handler = Callable[[Service, Request], Awaitable[Response]]


def create_app(settings: Settings, _store: Store) -> Starlette:
    """The service as an application; its API begins at /v2. Its declaration is written beside other documents."""
    behaviour = behaviour_of(settings.fault, settings.seed).open_api
    service = Service(settings, behaviour, TokenRegister(settings.static_tokens, settings.token_seconds))
    if settings.docs_dir:
        settings.docs_dir.mkdir(parents=True, exist_ok=True)
        told = behaviour.declaration(declaration(service.origin))
        (settings.docs_dir / "interface.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    one, of = "/v2/messages/{id}", "/v2/subscriptions/{id}"
    routes: dict[str, dict[str, Handler]] = {
        "/v2/openapi.json": {"GET": _described},
        "/v2/openapi-3.0.json": {"GET": _described},
        "/sandbox/openapi.json": {"GET": _sandbox},
        "/token": {"POST": _token},
        "/login": {"GET": _login},
        "/docs/{name}": {"GET": _page_of},
        "/v2/health": {"GET": _health},
        "/v2/templates": {"GET": _templates},
        "/v2/templates/{id}": {"GET": _template},
        "/v2/messages": {"GET": _messages, "POST": _send},
        one: {"GET": _message, "DELETE": _cancel},
        f"{one}/events": {"GET": _events},
        "/v2/subscriptions": {"GET": _subscriptions, "POST": _subscribe},
        of: {"GET": _subscription, "PUT": _change, "DELETE": _unsubscribe},
        "/v2/message-statuses": {"GET": _statuses},
        "/v2/campaigns": {"GET": _campaigns},
        "/v2/export": {"GET": _export},
    }

    def route(path: str, handlers: dict[str, Handler]) -> Route:
        async def answer(request: Request) -> Response:
            return await _answered(service, request, handlers)

        allowed = [*handlers, "OPTIONS"]
        return Route(path, answer, methods=allowed)

    async def refused(_: Request, error: Exception) -> Response:
        if isinstance(error, Refused):
            return _problem(service, error.status, error.detail, error.headers)
        if isinstance(error, HTTPException):
            return _problem(service, error.status_code, error.detail, dict(error.headers or {}))
        return _problem(service, 500, "The service broke down")

    kinds = (Refused, HTTPException, Exception)
    app = Starlette(
        routes=[route(path, handlers) for path, handlers in routes.items()],
        exception_handlers=dict.fromkeys(kinds, refused),
    )
    app.router.redirect_slashes = False
    return app


async def _answered(service: Service, request: Request, handlers: dict[str, Handler]) -> Response:
    behaviour = service.behaviour
    if request.method == "OPTIONS":
        allowed = [*handlers, "OPTIONS", *behaviour.extra_methods]
        return Response(status_code=204, headers={"Allow": ", ".join(allowed)})
    if request.url.path.startswith("/v2/") and request.url.path not in OPEN:
        _authorise(service, request)
    answer = await handlers["GET" if request.method == "HEAD" else request.method](service, request)
    if request.url.path.startswith("/v2/"):
        answer.headers["API-Version"] = behaviour.service_version
    if behaviour.others_go_away and request.url.path.endswith("/templates"):
        answer.headers.update(_going_away(service))
    return answer


def _authorise(service: Service, request: Request) -> None:
    unchecked = service.behaviour.unchecked
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    known = service.tokens.find(token) is not None or (token and "any-token" in unchecked)
    if service.settings.auth == "none" or (scheme.lower() == "bearer" and known):
        return
    if not token and ("token" in unchecked or ("token-to-write" in unchecked and request.method == "POST")):
        return
    headers = {"WWW-Authenticate": service.behaviour.challenge} if service.behaviour.challenge else {}
    raise Refused(401, "A valid bearer token is needed", headers)


def _problem(service: Service, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    title = _TITLES.get(status, "Refused")
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    made = service.behaviour.error(told)
    return Response(json.dumps(made), status, headers, service.behaviour.error_media_type)


def _json(service: Service, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(value), status, headers, service.behaviour.success_media_type)


def _shown(service: Service, kind: str, item: Json) -> Json:
    return service.behaviour.shown(kind, dict(item))


def _listed(service: Service, kind: str, found: list[Json], links: Json | None = None) -> Response:
    more = {"campaigns": f"{service.origin}/v2/campaigns"} if service.behaviour.hidden_links else {}
    items = [_shown(service, kind, item) for item in found]
    headers = {"Link": "".join(f'<{url}>; rel="{name}"' for name, url in more.items())} if more else None
    return _json(service, {"items": items, "links": links or {}}, headers=headers)


def _one(service: Service, held: dict[str, Json], identity: str) -> Json:
    if identity in held:
        return held[identity]
    if "unknown" in service.behaviour.unchecked and held:
        return {**next(iter(held.values())), "id": identity}
    raise Refused(404, "There is nothing of this id")


async def _described(service: Service, request: Request) -> Response:
    if not service.behaviour.description_open:
        _authorise(service, request)
    service.asked += 1
    whole = service.behaviour.description(description(service.origin))
    if service.behaviour.description_counts and service.asked % 2 == 0:
        whole["paths"].pop("/export", None)
    older = request.url.path.endswith("-3.0.json")
    return Response(json.dumps(in_3_0(whole) if older else whole), media_type="application/json")


async def _sandbox(service: Service, _: Request) -> Response:
    whole = service.behaviour.sandbox(service.behaviour.description(description(service.origin)))
    return Response(json.dumps(whole), media_type="application/json")


async def _token(service: Service, request: Request) -> Response:
    """Answer POST /token: client credentials with a signed assertion (RFC 6749 section 4.4, RFC 7523)."""
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
    headers = {"Cache-Control": "no-store"}
    try:
        _require_client_credentials(form)
        authenticate(form.get("client_assertion", ""), service.settings, service.used_ids, HONEST)
    except OAuthError as error:
        told = {"error": error.error, "error_description": error.description}
        return Response(json.dumps(told), 400, headers, "application/json")
    token = service.tokens.issue("")
    made = {"access_token": token, "token_type": "Bearer", "expires_in": service.tokens.lifetime}
    return Response(json.dumps(made), 200, headers, "application/json")


def _require_client_credentials(form: dict[str, str]) -> None:
    if form.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "only client_credentials is supported")


async def _login(_: Service, __: Request) -> Response:
    return HTMLResponse(
        "<!DOCTYPE html><title>Log in</title><form><input type='password' name='word'></form>"
    )


async def _page_of(service: Service, request: Request) -> Response:
    name = request.path_params["name"]
    if name in service.behaviour.closed:
        return RedirectResponse(f"{service.origin}/login", 302)
    if name == "interface.json":
        return _json(service, service.behaviour.declaration(declaration(service.origin)))
    if name not in PAGES or name in service.behaviour.missing:
        raise Refused(404, "There is no such page")
    return HTMLResponse(page(name))


async def _health(service: Service, _: Request) -> Response:
    return _json(service, {"status": "up", "version": service.behaviour.service_version})


async def _templates(service: Service, _: Request) -> Response:
    return _listed(service, "template", list(service.records.templates.values()))


async def _template(service: Service, request: Request) -> Response:
    return _json(
        service,
        _shown(service, "template", _one(service, service.records.templates, request.path_params["id"])),
    )


async def _messages(service: Service, request: Request) -> Response:
    query, unchecked = request.query_params, service.behaviour.unchecked
    asked = query.getlist("limit")
    if service.behaviour.breaks_down and any(not each.isdigit() for each in asked):
        return _problem(service, 500, "The service broke down")
    limit = _PAGE if "limit" in unchecked else rules.number(asked, "limit", 1, 100, _PAGE)
    start = rules.number(query.getlist("from"), "from", 0, 100_000, 0)
    wanted = "" if "status" in unchecked else rules.status(query.getlist("status"))
    found = [each for each in service.records.messages.values() if wanted in {"", each["status"]}]
    kept = f"&status={wanted}" if wanted else ""
    more = f"{service.origin}/v2/messages?from={start + limit}&limit={limit}{kept}"
    return _listed(
        service, "message", found[start : start + limit], {"next": more} if len(found) > start + limit else {}
    )


async def _send(service: Service, request: Request) -> Response:
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
    return _json(service, _shown(service, kind, made), service.behaviour.created_status, headers)


async def _message(service: Service, request: Request) -> Response:
    return _json(
        service,
        _shown(service, "message", _one(service, service.records.messages, request.path_params["id"])),
    )


async def _cancel(service: Service, request: Request) -> Response:
    one = request.path_params["id"]
    _one(service, service.records.messages, one)
    service.records.messages.pop(one, None)
    service.records.events.pop(one, None)
    return Response(status_code=204)


async def _events(service: Service, request: Request) -> Response:
    one = request.path_params["id"]
    _one(service, service.records.messages, one)
    return _listed(service, "event", service.records.events.get(one, []))


async def _subscriptions(service: Service, _: Request) -> Response:
    return _listed(service, "subscription", list(service.records.subscriptions.values()))


async def _subscribe(service: Service, request: Request) -> Response:
    body = rules.read(request.headers.get("content-type", ""), await request.body())
    one = str(uuid.uuid4())
    made = {"id": one, **rules.subscription(body, service.behaviour.unchecked), "active": True}
    service.records.subscriptions[one] = made
    return _created(service, "subscription", made, f"/v2/subscriptions/{one}")


async def _subscription(service: Service, request: Request) -> Response:
    held = service.records.subscriptions
    return _json(service, _shown(service, "subscription", _one(service, held, request.path_params["id"])))


async def _change(service: Service, request: Request) -> Response:
    held, one = service.records.subscriptions, request.path_params["id"]
    old = _one(service, held, one)
    body = rules.read(request.headers.get("content-type", ""), await request.body())
    held[one] = {**old, **rules.subscription(body, service.behaviour.unchecked)}
    return _json(service, _shown(service, "subscription", held[one]))


async def _unsubscribe(service: Service, request: Request) -> Response:
    one = request.path_params["id"]
    _one(service, service.records.subscriptions, one)
    service.records.subscriptions.pop(one, None)
    return Response(status_code=204)


async def _statuses(service: Service, _: Request) -> Response:
    headers = service.behaviour.going_away(_going_away(service))
    return _json(service, {"statuses": list(STATUSES)}, headers=headers)


def _going_away(service: Service) -> dict[str, str]:
    """The headers of an operation that ends: since when (RFC 9745), until when (RFC 8594), and where more is told."""
    today = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    ends = format_datetime(today + _ENDS_AFTER, usegmt=True)
    told = f'<{service.origin}/docs/lifecycle>; rel="deprecation"'
    return {"Deprecation": f"@{int((today - _DEPRECATED_BEFORE).timestamp())}", "Sunset": ends, "Link": told}


async def _campaigns(service: Service, _: Request) -> Response:
    if not service.behaviour.hidden_links:
        raise Refused(404, "There is nothing here")
    return _json(service, {"items": [], "links": {}})


async def _export(service: Service, _: Request) -> Response:
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
