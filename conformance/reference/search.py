"""GET [type] and POST [type]/_search: a searchset Bundle, page by page.

See https://hl7.org/fhir/R4/http.html#search and https://hl7.org/fhir/R4/bundle.html#searchset.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.matching import count, match
from conformance.reference.negotiation import pairs, preference, read_form, require_json
from conformance.reference.outcomes import RequestError, bad_request, fhir_response, not_found
from conformance.reference.pages import Result
from conformance.reference.query import Query, Reader
from conformance.reference.store import Version
from conformance.reference.supplier import Supplier

_PAGE = "_page"


async def search(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]?..."""
    grant = supplier.authorise(request)
    require_json(request)
    resource_type = request.path_params["type"]
    if resource_type not in supplier.types and supplier.behaviour.rest.unknown_type_is_empty:
        return _answer(supplier, Query(resource_type), (), 0)
    supplier.require_type(resource_type)
    grant.require("s", resource_type)
    given = pairs(request.url.query)
    return find(supplier, resource_type, given, strict=is_strict(supplier, request))


async def posted_search(supplier: Supplier, request: Request) -> Response:
    """Answer POST [type]/_search, whose parameters are those of the form and of the address together."""
    grant = supplier.authorise(request)
    require_json(request)
    resource_type = request.path_params["type"]
    supplier.require_type(resource_type)
    grant.require("s", resource_type)
    is_form = "content-type" in request.headers or request.headers.get("content-length", "0") != "0"
    given = [*pairs(request.url.query), *(await read_form(request) if is_form else [])]
    return find(supplier, resource_type, given, strict=is_strict(supplier, request), posted=True)


def is_strict(supplier: Supplier, request: Request) -> bool:
    """Whether the client wants unknown parameters refused."""
    return preference(request, "handling") == "strict" and supplier.behaviour.search.strict_is_heeded


def find(
    supplier: Supplier,
    resource_type: str,
    given: Sequence[tuple[str, str]],
    *,
    strict: bool = False,
    posted: bool = False,
) -> Response:
    """The first page of a search, or the page that a `next` link asked for."""
    page = next((value for name, value in given if name == _PAGE), None)
    if page is not None:
        return _later_page(supplier, resource_type, page)
    behaviour = supplier.behaviour.search
    reader = Reader(supplier.store, resource_type, supplier.settings.base_url, behaviour)
    query = reader.read(given, strict=strict)
    if query.only_count:
        return _answer(supplier, query, (), behaviour.counted(count(supplier.store, query)))
    keys = match(supplier.store, query, sort=behaviour.sort_heeded)
    keys = supplier.behaviour.life.writing.found(supplier.store, query, keys)
    if posted:
        keys = _without_lost(supplier, keys)
    size = behaviour.page_size(query.count)
    total = len(keys) if query.with_total else None
    next_link = None
    if len(keys) > size:
        word = supplier.pages.keep(Result(resource_type, keys, total, size, query.heeded))
        next_link = _link(supplier, query, f"{word}.2")
    status = behaviour.empty_status if not keys else 200
    return _answer(
        supplier, query, supplier.store.fetch(keys[:size]), total, next_link=next_link, status=status
    )


def _later_page(supplier: Supplier, resource_type: str, page: str) -> Response:
    word, _, place = page.rpartition(".")
    result = supplier.pages.find(word)
    if not (place.isascii() and place.isdigit()) or int(place) < 1:
        raise bad_request("That is not a page of a search")
    if result is None or result.resource_type != resource_type:
        raise RequestError(410, "not-found", "That search is no longer kept: search again")
    number = int(place)
    start = (number - 1) * result.page_size
    if start >= len(result.keys):
        raise not_found("That search has no such page")
    versions = supplier.store.fetch(result.keys[start : start + result.page_size])
    query = Query(resource_type, heeded=result.heeded)
    if number > 1:
        lost = supplier.behaviour.search.lost_on_later_pages([version.id for version in versions])
        versions = [version for version in versions if version.id not in lost]
    more = start + result.page_size < len(result.keys)
    next_link = _link(supplier, query, f"{word}.{number + 1}") if more else None
    return _answer(supplier, query, versions, result.total, page=page, next_link=next_link)


def _without_lost(supplier: Supplier, keys: list[int]) -> list[int]:
    found = supplier.store.fetch(keys)
    lost = supplier.behaviour.search.lost_when_posted([version.id for version in found])
    return [version.pk for version in found if version.id not in lost]


def _link(supplier: Supplier, query: Query, page: str | None = None) -> str:
    words = [*query.heeded, *([(_PAGE, page)] if page else [])]
    address = f"{supplier.settings.base_url}/{query.resource_type}"
    return f"{address}?{urlencode(words)}" if words else address


def _answer(  # noqa: PLR0913 - the parts of a Bundle
    supplier: Supplier,
    query: Query,
    versions: Sequence[Version],
    total: int | None,
    *,
    page: str | None = None,
    next_link: str | None = None,
    status: int = 200,
) -> Response:
    behaviour = supplier.behaviour
    links = [{"relation": "self", "url": _link(supplier, query, page)}] if behaviour.search.self_link else []
    if next_link:
        links.append({"relation": "next", "url": next_link})
    if behaviour.search.total_is_page_size and not query.only_count:
        total = len(versions)
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": behaviour.search.bundle_type}
    if total is not None:
        bundle["total"] = total
    if links:
        bundle["link"] = links
    if versions:
        bundle["entry"] = [_entry(supplier, version) for version in versions]
    return fhir_response(bundle, status, media_type=behaviour.rest.media_type)


def _entry(supplier: Supplier, version: Version) -> dict[str, Any]:
    return {
        "fullUrl": supplier.address(version.type, version.id),
        "resource": orjson.Fragment(shown(supplier, version).text),
        "search": {"mode": "match"},
    }


def shown(supplier: Supplier, version: Version) -> Version:
    """A version as it goes out to readers and searchers."""
    return replace(version, text=supplier.behaviour.rest.shown(f"{version.type}/{version.id}", version.text))
