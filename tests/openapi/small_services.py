"""Small services with a description, each odd in one way, as applications in this process."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.catalog import built_in
from conformance.model.report import Report
from conformance.outside.in_process import HOST, in_process
from conformance.session.conduct import Order, conduct
from conformance.views.progress import SilentProgress

JSON = "application/json"
PROBLEM = "application/problem+json"
THING = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "size": {"type": "integer"}},
}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}
HELD = {"a": {"id": "a", "size": 1}, "b": {"id": "b", "size": 2}}


def answer(schema: Any, media_type: str = JSON) -> dict[str, Any]:
    """A response as a description describes it."""
    return {"description": "An answer", "content": {media_type: {"schema": schema}}}


def described(**changed: Any) -> dict[str, Any]:
    """The description of the small service; `changed` are members of the whole."""
    refused = answer({"type": "object"}, PROBLEM)
    things = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    new = {
        "required": True,
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"id": "n"}}},
    }
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "servers": [{"url": "/"}],
        "paths": {
            "/things": {
                "get": {
                    "summary": "All",
                    "parameters": [LIMIT],
                    "responses": {"200": answer(things), "400": refused},
                },
                "post": {
                    "summary": "Make one",
                    "requestBody": new,
                    "responses": {"201": answer({"$ref": "#/components/schemas/Thing"}), "400": refused},
                },
            },
            "/things/{id}": {
                "parameters": [one],
                "get": {
                    "summary": "One",
                    "responses": {"200": answer({"$ref": "#/components/schemas/Thing"}), "404": refused},
                },
            },
        },
        "components": {"schemas": {"Thing": THING}},
    }
    return {**whole, **changed}


def service(description: Any, status: int = 0) -> Starlette:
    """A service that does what the small description says, or answers everything with one status."""

    async def describe(_: Request) -> Response:
        text = description if isinstance(description, str) else json.dumps(description)
        return Response(text, media_type=JSON)

    async def things(request: Request) -> Response:
        if status:
            return said(status, {"title": "No"})
        if request.method == "POST":
            return await made(request)
        limit = request.query_params.getlist("limit")
        if limit and (
            len(limit) > 1 or not limit[0].isascii() or not limit[0].isdigit() or int(limit[0]) < 1
        ):
            return said(400, {"title": "No"})
        return said(200, list(HELD.values()))

    async def made(request: Request) -> Response:
        try:
            value = json.loads(await request.body())
        except ValueError:
            return said(400, {"title": "No"})
        right = (
            isinstance(value, dict) and isinstance(value.get("id"), str) and type(value.get("size", 1)) is int
        )
        return said(201, value) if right else said(400, {"title": "No"})

    async def thing(request: Request) -> Response:
        held = HELD.get(request.path_params["id"])
        return said(status or (200 if held else 404), held or {"title": "No"})

    def said(code: int, value: Any) -> Response:
        return Response(json.dumps(value), code, media_type=JSON if code < 400 else PROBLEM)

    return Starlette(
        routes=[
            Route("/openapi.json", describe),
            Route("/things", things, methods=["GET", "POST"]),
            Route("/things/{id}", thing),
        ]
    )


def report_on_service(app: Starlette, out: Path, *only: str, **changed: Any) -> Report:
    """The report on a service in this process; `changed` are members of the target."""
    there = in_process(httpx.ASGITransport(app), write=True, data_class="synthetic")
    order = Order(
        profile="open-api",
        target=there.target.model_copy(update=changed),
        folder=out.parent,
        out=out,
        as_of=dt.date(2026, 11, 26),
        only=only,
        transport=there.transport if HOST in changed.get("endpoint", HOST) else None,
    )
    with there.transport:
        return conduct(order, built_in(), SilentProgress()).report
