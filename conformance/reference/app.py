"""The supplier as a web application: which handler answers which address.

The handlers run on the event loop and are short; exports run in threads of their own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.reference.access import audit, smart
from conformance.reference.access.assertions import UsedIds
from conformance.reference.access.log import AccessLog
from conformance.reference.access.tokens import TokenRegister
from conformance.reference.answering import finished, options, refused
from conformance.reference.export import api as export_api
from conformance.reference.export import status as export_status
from conformance.reference.export.jobs import Jobs
from conformance.reference.faults.table import behaviour_of
from conformance.reference.forms.outcomes import RequestError, not_found
from conformance.reference.records.parameters import SUPPORTED_TYPES
from conformance.reference.records.store import Store
from conformance.reference.rest import crud, documentation, neighbours, operations, transaction, versions
from conformance.reference.rest.capability import metadata
from conformance.reference.search import handlers as search
from conformance.reference.search.pages import Pages
from conformance.reference.settings import Settings
from conformance.reference.supplier import Supplier
from conformance.reference.worlds.table import WORLDS, World


class _Kind(Convertor[str]):
    """A name of the form of a resource type, so that `metadata` is none."""

    regex = "[A-Z][A-Za-z]*"

    def convert(self, value: str) -> str:
        """The name as it stands in the address."""
        return value

    def to_string(self, value: str) -> str:
        """The name as it is written in an address."""
        return value


register_url_convertor("kind", _Kind())

Handler = Callable[[Supplier, Request], Awaitable[Response]]

_SWEEP_SECONDS = 30.0


def create_app(settings: Settings, store: Store) -> Starlette:
    """The supplier at `settings.base_url`, answering from the store. The caller closes the store."""
    world = WORLDS[settings.world]
    return world.create_app(settings, store) if world.create_app else _record_system(settings, store, world)


def _record_system(settings: Settings, store: Store, world: World) -> Starlette:
    behaviour = behaviour_of(settings.fault, settings.seed)
    supplier = Supplier(
        settings,
        store,
        behaviour,
        frozenset({*SUPPORTED_TYPES, *world.types, *store.types()}),
        TokenRegister(settings.static_tokens, settings.token_seconds),
        UsedIds(),
        Pages(),
        Jobs(settings, store, behaviour.export),
        AccessLog(settings),
        world.rules,
        world.declares,
    )

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep(supplier.jobs, settings.job_lifetime))
        yield
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        supplier.jobs.close()

    app = Starlette(
        routes=_routes(supplier, world),
        lifespan=running,
        exception_handlers={
            RequestError: partial(_refused, supplier),
            HTTPException: partial(_unrouted, supplier),
            Exception: partial(_failed, supplier),
        },
    )
    app.state.supplier = supplier
    app.router.redirect_slashes = False
    return app


def _routes(supplier: Supplier, world: World) -> list[Route]:
    base = supplier.settings.base_path

    def route(path: str, **handlers: Handler) -> Route:
        return Route(path, partial(_dispatch, supplier, handlers), methods=sorted({*handlers, "OPTIONS"}))

    one = f"{base}/{{type:kind}}/{{id}}"
    return [
        route("/token", POST=smart.token),
        route("/docs/{path:path}", GET=documentation.document),
        route("/login", GET=documentation.login),
        route("/audit/AuditEvent", GET=audit.search),
        route("/configuration", GET=neighbours.configuration),
        route("/sandbox/fhir/metadata", GET=neighbours.sandbox_metadata),
        *(route(f"{base}{path}", **handlers) for path, handlers in world.routes.items()),
        route(f"{base}/metadata", GET=metadata),
        route(f"{base}/.well-known/smart-configuration", GET=smart.discover),
        route(f"{base}/$export", GET=export_api.kick_off, POST=export_api.kick_off),
        route(f"{base}/Patient/$export", GET=export_api.kick_off, POST=export_api.kick_off),
        route(f"{base}/Group/{{group}}/$export", GET=export_api.kick_off, POST=export_api.kick_off),
        route(f"{base}/export-jobs/{{job}}", GET=export_status.status, DELETE=export_status.cancel),
        route(f"{base}/export-jobs/{{job}}/{{page}}", GET=export_status.next_page),
        route(f"{base}/export-files/{{job}}/{{file}}", GET=export_api.download),
        route(f"{base}/_search", POST=search.posted_search_everywhere),
        route(f"{base}/{{type:kind}}/_search", POST=search.posted_search),
        route(f"{base}/_history", GET=versions.history),
        route(f"{base}/{{type:kind}}/_history", GET=versions.history),
        route(f"{base}/{{type:kind}}/$validate", POST=operations.validate),
        route(f"{one}/$validate", GET=operations.validate, POST=operations.validate),
        route(f"{base}/Patient/{{id}}/$everything", GET=operations.everything),
        route(f"{base}/Patient/{{id}}/$meta", GET=operations.meta, POST=operations.meta),
        route(one, GET=crud.read, PUT=crud.update, PATCH=crud.patch, DELETE=crud.delete),
        route(f"{one}/_history", GET=versions.history),
        route(f"{one}/_history/{{vid}}", GET=versions.vread),
        route(
            f"{base}/{{type:kind}}",
            GET=search.search,
            POST=crud.create,
            PUT=crud.update_by_search,
            PATCH=crud.patch_by_search,
            DELETE=crud.delete_by_search,
        ),
        route(f"{base}/Patient/{{id}}/{{type:kind}}", GET=search.compartment_search),
        route(base or "/", GET=search.search_everywhere, POST=transaction.bundle),
        *([route(f"{base}/", GET=search.search_everywhere, POST=transaction.bundle)] if base else []),
    ]


async def _dispatch(supplier: Supplier, handlers: dict[str, Handler], request: Request) -> Response:
    if request.method == "OPTIONS":
        return finished(supplier, request, options(supplier, request, list(handlers)))
    # A HEAD request is a GET whose body the server leaves out.
    answer = await handlers["GET" if request.method == "HEAD" else request.method](supplier, request)
    return finished(supplier, request, answer)


async def _refused(supplier: Supplier, request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return finished(supplier, request, refused(supplier, request, error))


async def _unrouted(supplier: Supplier, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    formats = supplier.behaviour.formats
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = error.headers if formats.allow_header else None
        wrong = RequestError(formats.wrong_method_status, "not-supported", error.detail, headers)
        return await _refused(supplier, request, wrong)
    if error.status_code != HTTPStatus.NOT_FOUND:
        other = RequestError(error.status_code, "not-supported", error.detail, error.headers)
        return await _refused(supplier, request, other)
    try:
        supplier.authorise(request)
    except RequestError as stranger:
        return await _refused(supplier, request, stranger)
    nothing = not_found("There is nothing at this address")
    nothing.status = formats.unknown_path_status
    return await _refused(supplier, request, nothing)


async def _failed(supplier: Supplier, request: Request, error: Exception) -> Response:
    broken = RequestError(500, "exception", f"Internal error ({type(error).__name__})")
    return await _refused(supplier, request, broken)


async def _sweep(jobs: Jobs, lifetime: float) -> None:
    while True:
        await asyncio.sleep(min(_SWEEP_SECONDS, max(lifetime / 4, 0.1)))
        jobs.sweep()
