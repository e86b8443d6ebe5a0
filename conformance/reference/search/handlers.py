"""Searches of a type, of all types and of a patient's compartment, by GET and by POST.

See https://hl7.org/fhir/R4/http.html#search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.access.tokens import EVERYTHING, Grant
from conformance.reference.answering import refused
from conformance.reference.forms.negotiation import pairs, preference, read_form, require_json
from conformance.reference.forms.outcomes import RequestError, bad_request, not_found
from conformance.reference.records.compartment import COMPARTMENT_TYPES
from conformance.reference.search.bundling import Found, bundled, shown
from conformance.reference.search.clauses import Clause
from conformance.reference.search.matching import match
from conformance.reference.search.pages import Result
from conformance.reference.search.query import Query, Reader
from conformance.reference.supplier import Supplier

__all__ = ["find", "posted_search", "search", "shown"]

_PAGE = "_page"
_HTML = "<html><body><h1>Error</h1></body></html>"

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Ask:
    """What a client asks for: the types to search, `path` behind the base, and the parameters.

    `stated` are parameters that were taken in already, `patient` the id of whose compartment is searched.
    """

    path: str
    types: tuple[str, ...]
    address: Pairs
    body: Pairs = ()
    stated: Pairs = ()
    patient: str = ""
    strict: bool = False
    posted: bool = False
    grant: Grant = EVERYTHING


async def search(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]?..."""
    grant = _admitted(supplier, request)
    resource_type = request.path_params["type"]
    address = pairs(request.url.query)
    if resource_type not in supplier.types and supplier.behaviour.rest.unknown_type_is_empty:
        return bundled(supplier, Found(resource_type, Query(resource_type), [], 0))
    supplier.require_type(resource_type, "search-type")
    grant.require("s", resource_type)
    ask = Ask(resource_type, (resource_type,), address, grant=grant)
    return answer(supplier, request, ask)


async def posted_search(supplier: Supplier, request: Request) -> Response:
    """Answer POST [type]/_search, whose parameters are those of the form and of the address together."""
    grant = _admitted(supplier, request)
    resource_type = request.path_params["type"]
    supplier.require_type(resource_type, "search-type")
    grant.require("s", resource_type)
    body = await _form(supplier, request)
    ask = Ask(resource_type, (resource_type,), pairs(request.url.query), body, posted=True, grant=grant)
    return answer(supplier, request, ask)


async def search_everywhere(supplier: Supplier, request: Request) -> Response:
    """Answer GET [base]?..., a search of all types or of those that `_type` names."""
    grant = _admitted(supplier, request)
    return answer(supplier, request, _everywhere(supplier, grant, pairs(request.url.query)))


async def posted_search_everywhere(supplier: Supplier, request: Request) -> Response:
    """Answer POST [base]/_search."""
    grant = _admitted(supplier, request)
    given = [*pairs(request.url.query), *(await _form(supplier, request))]
    return answer(supplier, request, replace(_everywhere(supplier, grant, given), posted=True))


async def compartment_search(supplier: Supplier, request: Request) -> Response:
    """Answer GET Patient/[id]/[type]?..., a search of what is about one patient."""
    grant = _admitted(supplier, request)
    patient, resource_type = request.path_params["id"], request.path_params["type"]
    held = supplier.store.get("Patient", patient)
    if held is None or held.deleted:
        raise not_found(f"There is no Patient/{patient}")
    if resource_type not in COMPARTMENT_TYPES & supplier.types:
        raise not_found(f"There are no resources of type {resource_type!r} about patients here")
    grant.require("s", resource_type)
    path = f"Patient/{patient}/{resource_type}"
    ask = Ask(path, (resource_type,), pairs(request.url.query), patient=patient, grant=grant)
    return answer(supplier, request, ask)


def find(supplier: Supplier, resource_type: str, given: Pairs) -> Response:
    """The first page of a search of one type, or the page that a `next` link asked for."""
    return _answer(supplier, Ask(resource_type, (resource_type,), given))


def answer(supplier: Supplier, request: Request, ask: Ask) -> Response:
    """The first page of a search, or the page that a link asked for."""
    reading = supplier.behaviour.results.reading
    try:
        strict = preference(request, "handling") == "strict" and supplier.behaviour.search.strict_is_heeded
        if reading.format_refused and any(name == "_format" for name, _ in ask.address):
            raise bad_request("The parameter '_format' is not supported", "not-supported")
        return _answer(supplier, replace(ask, strict=strict or reading.lenient_refuses))
    except RequestError as error:
        status = reading.error_status(error.status)
        if not reading.errors_are_outcomes:
            return Response(_HTML, status, media_type="text/html")
        return refused(supplier, request, RequestError(status, error.code, error.diagnostics, error.headers))


def _answer(supplier: Supplier, ask: Ask) -> Response:
    page = next((value for name, value in ask.address if name == _PAGE), None)
    if page is not None:
        return _kept_page(supplier, ask, page)
    queries = _queries(supplier, ask)
    shape = queries[0].shape
    keys = [key for query in queries for key in _match(supplier, query)]
    if ask.posted:
        keys = _without_lost(supplier, keys)
    behaviour = supplier.behaviour
    size = behaviour.search.page_size(shape.count)
    if shape.only_count or (not size and behaviour.results.pages.zero_is_count):
        counted = behaviour.search.counted(len(keys))
        return bundled(supplier, Found(ask.path, queries[0], [], counted))
    query = replace(queries[0], shape=replace(shape, count=size or 1))
    keys = behaviour.results.pages.found(keys, query.shape.count)
    if behaviour.results.pages.flickers and supplier.pages.times(f"{ask.path}?{query.heeded}") % 2 == 0:
        keys = keys[:-1]
    total = behaviour.results.pages.total(None if shape.total == "none" else len(keys), shape.total)
    result = Result(ask.path, query, keys, total)
    word = supplier.pages.keep(result) if result.last > 1 else ""
    status = behaviour.search.empty_status if not keys else 200
    return bundled(
        supplier, Found(ask.path, query, result.page(1), total, word, 1, result.last, ask.grant), status
    )


def _match(supplier: Supplier, query: Query) -> list[int]:
    behaviour = supplier.behaviour
    keys = match(supplier.store, query, sort=behaviour.search.sort_heeded, order=behaviour.results.order)
    return behaviour.life.writing.found(supplier.store, query, keys)


def _queries(supplier: Supplier, ask: Ask) -> list[Query]:
    """What is asked of each type; the first says how the results are shown."""
    reading = supplier.behaviour.results.reading
    honest = [*ask.address, *ask.body]
    given = reading.given(ask.address, ask.body)
    found = []
    for resource_type in ask.types:
        reader = Reader(
            supplier.store, resource_type, supplier.settings.base_url, supplier.behaviour.search, reading
        )
        query = reader.read(given, strict=ask.strict)
        heeded = query.heeded if given == honest else reader.read(honest, strict=ask.strict).heeded
        stated = (*ask.stated, *reading.stated(heeded, honest))
        clauses = (*query.clauses, *_within(supplier, ask))
        found.append(replace(query, heeded=stated, clauses=clauses))
    return found


def _within(supplier: Supplier, ask: Ask) -> list[Clause]:
    if not ask.patient:
        return []
    context = supplier.behaviour.results.context
    whose = "patient >= ?" if context.compartment_leaks else "patient = ?"
    clauses = [Clause(f"pk IN (SELECT pk FROM compartment WHERE {whose})", (ask.patient,))]  # noqa: S608
    if context.compartment_loses:
        clauses.append(Clause("pk % 3 > ?", (0,)))
    return clauses


def _kept_page(supplier: Supplier, ask: Ask, page: str) -> Response:
    word, _, place = page.rpartition(".")
    result = supplier.pages.find(word)
    if not (place.isascii() and place.isdigit()) or int(place) < 1:
        raise bad_request("That is not a page of a search")
    pages = supplier.behaviour.results.pages
    spent = not pages.page_kept and supplier.pages.times(page) > 1
    if result is None or result.path != ask.path or spent:
        raise RequestError(410, "not-found", "That search is no longer kept: search again")
    number, last = int(place), result.last
    if number > last and not pages.first_page_forever:
        raise not_found("That search has no such page")
    keys = result.page(1 if pages.first_page_forever else number)
    if number > 1 and pages.unfiltered_later:
        every = _match(supplier, Query(result.query.resource_type, shape=result.query.shape))
        keys = replace(result, keys=every).page(number)
    if number > 1:
        versions = supplier.store.fetch(keys)
        lost = supplier.behaviour.search.lost_on_later_pages([version.id for version in versions])
        keys = [version.pk for version in versions if version.id not in lost]
    if pages.first_page_forever:
        last = number + 1
    return bundled(supplier, Found(ask.path, result.query, keys, result.total, word, number, last, ask.grant))


def _without_lost(supplier: Supplier, keys: list[int]) -> list[int]:
    found = supplier.store.fetch(keys)
    lost = supplier.behaviour.search.lost_when_posted([version.id for version in found])
    return [version.pk for version in found if version.id not in lost]


def _admitted(supplier: Supplier, request: Request) -> Grant:
    grant = supplier.authorise(request)
    require_json(request)
    return grant


async def _form(supplier: Supplier, request: Request) -> Pairs:
    content_type = request.headers.get("content-type", "")
    if supplier.behaviour.results.reading.form_parameters_refused and ";" in content_type:
        raise RequestError(415, "not-supported", f"Content-Type is {content_type!r}")
    is_form = content_type or request.headers.get("content-length", "0") != "0"
    return await read_form(request) if is_form else []


def _everywhere(supplier: Supplier, grant: Grant, given: Pairs) -> Ask:
    named = [value for name, value in given if name == "_type" and value]
    rest = [pair for pair in given if pair[0] != "_type"]
    wanted = {kind for value in named for kind in value.split(",")} or supplier.types
    unknown = sorted(wanted - supplier.types)
    if unknown:
        raise bad_request(f"_type={','.join(unknown)}: there are no resources of that type here")
    if not supplier.behaviour.results.context.types_heeded:
        wanted = supplier.types
    types = tuple(sorted(kind for kind in wanted if grant.allows("s", kind)))
    if not types:
        raise RequestError(403, "forbidden", "The token's scopes do not allow to search any of these types")
    return Ask("", types, rest, stated=[("_type", value) for value in named], grant=grant)
