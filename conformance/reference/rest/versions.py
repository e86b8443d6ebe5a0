"""Versions: how one is told in headers, vread, and the history of a resource, a type, or everything.

See https://hl7.org/fhir/R4/http.html#versioning, #vread and #history.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.forms import dates
from conformance.reference.forms.negotiation import pairs, require_json
from conformance.reference.forms.outcomes import RequestError, bad_request, fhir_response, not_found
from conformance.reference.records.store import Version
from conformance.reference.search.handlers import shown
from conformance.reference.supplier import Supplier

_COUNT, _MOST = 100, 1_000
_BEFORE = "_before"


def told(supplier: Supplier, version: Version) -> Version:
    """A version with the number by which clients know it."""
    return version._replace(version=supplier.behaviour.life.reading.version_told(version.version))


def validators(supplier: Supplier, version: Version) -> dict[str, str]:
    """The headers by which a client knows a version again."""
    headers = {}
    if supplier.behaviour.life.reading.last_modified:
        headers["Last-Modified"] = dates.http_date(version.updated)
    if supplier.behaviour.rest.etag_on_read:
        headers["ETag"] = told(supplier, version).etag
    return headers


def resource_response(supplier: Supplier, version: Version) -> Response:
    """A version as the answer to a read."""
    return fhir_response(
        shown(supplier, version).text,
        headers=validators(supplier, version),
        media_type=supplier.behaviour.rest.media_type,
    )


async def vread(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]/[id]/_history/[vid]."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type, "vread")
    grant.require("r", resource_type)
    require_json(request)
    return resource_response(
        supplier, version_of(supplier, resource_type, identifier, request.path_params["vid"])
    )


def version_of(supplier: Supplier, resource_type: str, identifier: str, number: str) -> Version:
    """That version of a resource; refuses (404) one that there is not, and (410) one that is a deletion."""
    behaviour = supplier.behaviour.life.reading
    known = number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 - fits the column
    version = supplier.store.get_version(resource_type, identifier, int(number)) if known else None
    current = supplier.store.get(resource_type, identifier)
    if (
        current is not None
        and not current.deleted
        and (behaviour.unknown_version_is_current if version is None else behaviour.vread_gives_current)
    ):
        return current
    if version is None:
        raise not_found(f"{resource_type}/{identifier} has no version {number}")
    if version.deleted and not behaviour.deleted_version_is_gone:
        return supplier.store.get_version(resource_type, identifier, version.version - 1) or version
    if version.deleted:
        raise RequestError(410, "deleted", f"{resource_type}/{identifier} was deleted with version {number}")
    return version


async def history(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]/[id]/_history, [type]/_history and _history."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params.get("type", ""), request.path_params.get("id", "")
    if resource_type:
        supplier.require_type(resource_type, "history-instance" if identifier else "history-type")
        grant.require("r", resource_type)
    require_json(request)
    given = dict(pairs(request.url.query))
    keys = _asked_for(supplier, resource_type, identifier, given)
    if identifier and supplier.store.get(resource_type, identifier) is None:
        raise not_found(f"There never was a {resource_type}/{identifier}")
    versions = supplier.store.fetch(keys) if identifier else []
    if identifier:
        versions = supplier.behaviour.life.reading.history(versions)
        keys = [version.pk for version in versions]
    size = _size(supplier, given.get("_count"))
    place = keys.index(int(given[_BEFORE])) + 1 if given.get(_BEFORE, "").isdigit() else 0
    page = supplier.store.fetch(keys[place : place + size])
    if not identifier:
        page = supplier.behaviour.life.reading.history(page)
    allowed = [version for version in page if grant.allows("r", version.type)]
    path = "/".join(filter(None, [supplier.settings.base_url, resource_type, identifier, "_history"]))
    asked = {name: value for name, value in given.items() if name in {"_since", "_count"}}
    links = [{"relation": "self", "url": _address(path, given)}]
    if place + size < len(keys):
        links.append(
            {"relation": "next", "url": _address(path, asked | {_BEFORE: str(keys[place + size - 1])})}
        )
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "history", "total": len(keys), "link": links}
    if allowed:
        bundle["entry"] = [_entry(supplier, version) for version in allowed]
    return fhir_response(bundle, media_type=supplier.behaviour.rest.media_type)


def _asked_for(
    supplier: Supplier, resource_type: str, identifier: str, given: dict[str, str]
) -> Sequence[int]:
    since = dates.EARLIEST
    if "_since" in given and supplier.behaviour.life.reading.history_since_heeded:
        try:
            since = dates.instant(given["_since"].replace(" ", "+"))
        except ValueError as error:
            raise bad_request(str(error), "value") from error
    return supplier.store.history(resource_type, identifier, since=since)


def _size(supplier: Supplier, count: str | None) -> int:
    if count is None or not supplier.behaviour.life.reading.history_count_heeded:
        return _COUNT
    if not (count.isascii() and count.isdigit()) or int(count) < 1:
        raise bad_request(f"_count={count}: expected a whole number above zero")
    return min(int(count), _MOST)


def _address(path: str, words: dict[str, str]) -> str:
    return f"{path}?{urlencode(words)}" if words else path


def _entry(supplier: Supplier, version: Version) -> dict[str, Any]:
    behaviour = supplier.behaviour.life.reading
    name = f"{version.type}/{version.id}"
    entry: dict[str, Any] = {"fullUrl": supplier.address(version.type, version.id)}
    if not version.deleted:
        entry["resource"] = orjson.Fragment(shown(supplier, version).text)
    elif not behaviour.history_deletions_are_empty:
        entry["resource"] = {"resourceType": version.type, "id": version.id}
    if behaviour.history_tells_requests:
        method = behaviour.history_method(version.method)
        entry["request"] = {"method": method, "url": version.type if method == "POST" else name}
        status = {"POST": "201", "DELETE": "204"}.get(method, "200")
        modified = dates.written(version.updated)
        entry["response"] = {"status": status, "etag": told(supplier, version).etag, "lastModified": modified}
    return entry
