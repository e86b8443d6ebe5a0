"""Read, vread, create, update and delete. See https://hl7.org/fhir/R4/http.html."""

import base64
import binascii
import uuid
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import dates
from conformance.reference.negotiation import asks_for_fhir, preference, read_resource, require_json
from conformance.reference.outcomes import (
    RequestError,
    bad_request,
    fhir_response,
    not_found,
    operation_outcome,
)
from conformance.reference.search import shown
from conformance.reference.store import Version
from conformance.reference.supplier import Supplier
from conformance.reference.writing import ID_FORM, check, keep, require_version


async def read(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]/[id]; a Binary goes out in its own format unless FHIR is asked for."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type)
    grant.require("r", resource_type)
    raw = resource_type == "Binary" and not asks_for_fhir(request)
    if not raw:
        require_json(request)
    require_id(supplier, identifier)
    version = supplier.store.get(resource_type, identifier)
    behaviour = supplier.behaviour.rest
    if version is not None and version.deleted and behaviour.deleted_still_read:
        version = supplier.store.get_version(resource_type, identifier, version.version - 1)
    if version is None or version.deleted:
        return _nothing(supplier, resource_type, identifier, version)
    if behaviour.reads_other(identifier):
        version = _another(supplier, version)
    if request.headers.get("if-none-match") and _matches(version, request.headers["if-none-match"]):
        return Response(status_code=304, headers=_validators(supplier, version))
    return _binary(supplier, version) if raw else _resource(supplier, version)


def require_id(supplier: Supplier, identifier: str) -> None:
    """Refuse an address whose id can be none."""
    if ID_FORM.fullmatch(identifier) is None:
        told = f"There is nothing with the id {identifier!r}, which can be none"
        raise RequestError(supplier.behaviour.formats.illegal_id_status, "not-found", told)


async def vread(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]/[id]/_history/[vid]."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type)
    grant.require("r", resource_type)
    require_json(request)
    number = request.path_params["vid"]
    known = number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004 - fits the column
    version = supplier.store.get_version(resource_type, identifier, int(number)) if known else None
    if version is None:
        raise not_found(f"{resource_type}/{identifier} has no version {number}")
    if version.deleted:
        raise RequestError(410, "deleted", f"{resource_type}/{identifier} was deleted with version {number}")
    return _resource(supplier, version)


async def create(supplier: Supplier, request: Request) -> Response:
    """Answer POST [type]: keep the resource under a new id."""
    grant = supplier.authorise(request)
    resource_type = request.path_params["type"]
    supplier.require_type(resource_type)
    grant.require("c", resource_type)
    require_json(request)
    if "if-none-exist" in request.headers:
        raise bad_request("Conditional create is not supported", "not-supported")
    resource = await read_resource(request)
    try:
        check(resource, resource_type, supplier.behaviour.formats.unchecked)
    except RequestError:
        keeps = supplier.behaviour.formats.refused_create_is_kept
        if keeps and resource.get("resourceType") == resource_type:
            created(supplier, resource)
        raise
    version = created(supplier, resource)
    return _written(supplier, request, version, 201)


async def update(supplier: Supplier, request: Request) -> Response:
    """Answer PUT [type]/[id]: keep the resource as the next version, or as the first one under that id."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type)
    grant.require("u", resource_type)
    require_json(request)
    resource = await read_resource(request)
    check(resource, resource_type, supplier.behaviour.formats.unchecked)
    version, is_new = updated(supplier, resource, identifier, request.headers.get("if-match"))
    return _written(supplier, request, version, 201 if is_new else 200)


async def delete(supplier: Supplier, request: Request) -> Response:
    """Answer DELETE [type]/[id]: 204, whether or not there was anything to delete."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type)
    grant.require("d", resource_type)
    version = deleted(supplier, resource_type, identifier, request.headers.get("if-match"))
    return Response(status_code=204, headers={"ETag": version.etag} if version else {})


def created(supplier: Supplier, resource: dict[str, Any], identifier: str | None = None) -> Version:
    """Keep a checked resource under a new id: the given one or a random one."""
    behaviour = supplier.behaviour.rest
    given = resource.get("id") if behaviour.create_keeps_id else None
    body = {**behaviour.created(resource), "id": given or identifier or str(uuid.uuid4())}
    return keep(supplier.store, body)


def updated(
    supplier: Supplier, resource: dict[str, Any], identifier: str, if_match: str | None
) -> tuple[Version, bool]:
    """Keep a checked resource under a known id; says also whether there was none before."""
    behaviour = supplier.behaviour.rest
    if ID_FORM.fullmatch(identifier) is None and "id" not in supplier.behaviour.formats.unchecked:
        raise bad_request(f"{identifier!r} cannot be an id: 1 to 64 letters, digits, '-' or '.'", "value")
    if behaviour.mismatched_id_refused and resource.get("id") != identifier:
        raise bad_request(f"The body's id is {resource.get('id')!r}; the address says {identifier!r}")
    with supplier.store.transaction():
        existing = supplier.store.get(resource["resourceType"], identifier)
        if behaviour.stale_update_refused:
            require_version(existing, if_match)
        is_new = existing is None or existing.deleted
        if existing is not None and not is_new and not behaviour.update_kept:
            return existing, False
        return keep(supplier.store, {**resource, "id": identifier}), is_new


def deleted(supplier: Supplier, resource_type: str, identifier: str, if_match: str | None) -> Version | None:
    """Mark a resource as deleted, if there is one."""
    with supplier.store.transaction():
        if if_match is not None:
            require_version(supplier.store.get(resource_type, identifier), if_match)
        return supplier.store.delete(resource_type, identifier)


def _nothing(supplier: Supplier, resource_type: str, identifier: str, version: Version | None) -> Response:
    behaviour = supplier.behaviour.rest
    name = f"{resource_type}/{identifier}"
    if version is not None:
        status, code, told = 410, "deleted", f"{name} was deleted"
    else:
        status, code, told = behaviour.unknown_id_status, "not-found", f"There is no {name}"
    if behaviour.read_errors_as_html:
        page = (
            f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Not found</h1></body></html>"
        )
        return Response(page, status_code=status, media_type="text/html")
    raise RequestError(status, code, told)


def _another(supplier: Supplier, version: Version) -> Version:
    rows = supplier.store.select(
        "SELECT pk FROM current WHERE type = ? AND id <> ? AND deleted = 0 ORDER BY id > ? DESC, id LIMIT 1",
        (version.type, version.id, version.id),
    )
    return supplier.store.fetch([rows[0][0]])[0] if rows else version


def _matches(version: Version, tags: str) -> bool:
    wanted = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return "*" in wanted or version.etag.removeprefix("W/") in wanted


def _validators(supplier: Supplier, version: Version) -> dict[str, str]:
    headers = {"Last-Modified": dates.http_date(version.updated)}
    if supplier.behaviour.rest.etag_on_read:
        headers["ETag"] = version.etag
    return headers


def _resource(supplier: Supplier, version: Version) -> Response:
    return fhir_response(
        shown(supplier, version).text,
        headers=_validators(supplier, version),
        media_type=supplier.behaviour.rest.media_type,
    )


def _binary(supplier: Supplier, version: Version) -> Response:
    resource = orjson.loads(shown(supplier, version).text)
    try:
        content = base64.b64decode(resource.get("data", ""))
    except binascii.Error as error:
        raise RequestError(500, "exception", "The content of this Binary is not base64") from error
    answer = Response(content, headers=_validators(supplier, version))
    answer.headers["Content-Type"] = resource.get("contentType", "application/octet-stream")
    return answer


def _written(supplier: Supplier, request: Request, version: Version, status: int) -> Response:
    headers = {"ETag": version.etag, "Last-Modified": dates.http_date(version.updated)}
    if status == 201 and supplier.behaviour.rest.location_on_create:  # noqa: PLR2004 - created
        headers["Location"] = f"{supplier.address(version.type, version.id)}/_history/{version.version}"
    wanted = preference(request, "return")
    if wanted == "minimal":
        return Response(status_code=status, headers=headers)
    if wanted == "operationoutcome":
        return fhir_response(operation_outcome("informational", "Kept", "information"), status, headers)
    return fhir_response(version.text, status, headers)
