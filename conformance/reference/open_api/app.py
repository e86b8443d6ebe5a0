"""The notification service as a web application: which handler answers which address."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from conformance.reference.access.assertions import OAuthError, authenticate
from conformance.reference.access.tokens import TokenRegister
from conformance.reference.behaviour.whole import HONEST
from conformance.reference.faults.table import behaviour_of
from conformance.reference.open_api import handlers
from conformance.reference.open_api.description import description, in_3_0
from conformance.reference.open_api.offer import PAGES, declaration, page
from conformance.reference.open_api.rules import Refused
from conformance.reference.open_api.service import Service, as_json, authorise, going_away, problem
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings

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
        "/v2/health": {"GET": handlers.health},
        "/v2/templates": {"GET": handlers.templates},
        "/v2/templates/{id}": {"GET": handlers.template},
        "/v2/messages": {"GET": handlers.messages, "POST": handlers.send},
        one: {"GET": handlers.message, "DELETE": handlers.cancel},
        f"{one}/events": {"GET": handlers.events},
        "/v2/subscriptions": {"GET": handlers.subscriptions, "POST": handlers.subscribe},
        of: {"GET": handlers.subscription, "PUT": handlers.change, "DELETE": handlers.unsubscribe},
        "/v2/message-statuses": {"GET": handlers.statuses},
        "/v2/campaigns": {"GET": handlers.campaigns},
        "/v2/export": {"GET": handlers.export},
    }

    def route(path: str, handlers: dict[str, Handler]) -> Route:
        async def answer(request: Request) -> Response:
            return await _answered(service, request, handlers)

        allowed = [*handlers, "OPTIONS"]
        return Route(path, answer, methods=allowed)

    async def refused(_: Request, error: Exception) -> Response:
        if isinstance(error, Refused):
            return problem(service, error.status, error.detail, error.headers)
        if isinstance(error, HTTPException):
            return problem(service, error.status_code, error.detail, dict(error.headers or {}))
        return problem(service, 500, "The service broke down")

    kinds = (Refused, HTTPException, Exception)
    app = Starlette(
        routes=[route(path, offered) for path, offered in routes.items()],
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
        authorise(service, request)
    answer = await handlers["GET" if request.method == "HEAD" else request.method](service, request)
    if request.url.path.startswith("/v2/"):
        answer.headers["API-Version"] = behaviour.service_version
    if behaviour.others_go_away and request.url.path.endswith("/templates"):
        answer.headers.update(going_away(service))
    return answer


async def _described(service: Service, request: Request) -> Response:
    if not service.behaviour.description_open:
        authorise(service, request)
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
        return as_json(service, service.behaviour.declaration(declaration(service.origin)))
    if name not in PAGES or name in service.behaviour.missing:
        raise Refused(404, "There is no such page")
    return HTMLResponse(page(name))
