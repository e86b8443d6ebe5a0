"""Read, create, update, patch and delete, by id or by a search. See https://hl7.org/fhir/R4/http.html."""

import base64
import binascii
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.forms import dates
from conformance.reference.forms.jsontext import parse
from conformance.reference.forms.negotiation import (
    asks_for_fhir,
    preference,
    read_body,
    read_resource,
    require_json,
)
from conformance.reference.forms.outcomes import (
    RequestError,
    bad_request,
    fhir_response,
    operation_outcome,
)
from conformance.reference.records.store import Version
from conformance.reference.rest.changing import created, deleted, updated
from conformance.reference.rest.conditional import create_unless, delete_match, only_match, update_match
from conformance.reference.rest.patching import MEDIA_TYPE, PatchFailed, patched
from conformance.reference.rest.versions import resource_response, told, validators
from conformance.reference.rest.writing import ID_FORM, check, keep, require_version
from conformance.reference.search.handlers import shown
from conformance.reference.supplier import Supplier

_SUBSETS = frozenset({"_summary", "_elements"})
_SECOND = 1_000_000


async def read(supplier: Supplier, request: Request) -> Response:
    """Answer GET [type]/[id]; a Binary goes out in its own format unless FHIR is asked for."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type, "read")
    grant.require("r", resource_type)
    raw = resource_type == "Binary" and not asks_for_fhir(request)
    if not raw:
        require_json(request)
    elif not supplier.behaviour.export.attachments_open:
        raise RequestError(401, "login", "Documents are shown to who has logged in with a password")
    require_id(supplier, identifier)
    if (
        supplier.behaviour.exit.reads_fail_meanwhile
        and resource_type == "Patient"
        and supplier.jobs.is_catching_up
    ):
        raise RequestError(503, "transient", "The service is not available while data is exported")
    behaviour, reading = supplier.behaviour.rest, supplier.behaviour.life.reading
    version = _current(supplier, resource_type, identifier)
    if request.method == "HEAD" and reading.head_status is not None:
        return Response(status_code=reading.head_status)
    if version is not None and version.deleted and behaviour.deleted_still_read:
        version = supplier.store.get_version(resource_type, identifier, version.version - 1)
    if version is None or version.deleted:
        return _nothing(supplier, resource_type, identifier, version)
    if behaviour.reads_other(identifier):
        version = _another(supplier, version)
    supplier.log.note("R", f"{version.type}/{version.id}")
    if _not_modified(supplier, request, version):
        return Response(status_code=304, headers=validators(supplier, version))
    if reading.subset_is_bundle and _SUBSETS.intersection(request.query_params):
        return fhir_response({"resourceType": "Bundle", "type": "searchset"})
    return _binary(supplier, version) if raw else resource_response(supplier, version)


def require_id(supplier: Supplier, identifier: str) -> None:
    """Refuse an address whose id can be none."""
    if ID_FORM.fullmatch(identifier) is None:
        told_ = f"There is nothing with the id {identifier!r}, which can be none"
        raise RequestError(supplier.behaviour.formats.illegal_id_status, "not-found", told_)


async def create(supplier: Supplier, request: Request) -> Response:
    """Answer POST [type]: keep the resource under a new id, unless If-None-Exist finds one."""
    resource_type = request.path_params["type"]
    try:
        grant = supplier.authorise(request)
        supplier.require_type(resource_type, "create")
        grant.require("c", resource_type)
    except RequestError:
        if supplier.behaviour.access.refused_creates_are_kept:
            created(supplier, await read_resource(request))
        raise
    require_json(request)
    resource = await read_resource(request)
    try:
        check(resource, resource_type, supplier.behaviour.formats.unchecked)
    except RequestError:
        keeps = supplier.behaviour.formats.refused_create_is_kept
        if keeps and resource.get("resourceType") == resource_type:
            created(supplier, resource)
        raise
    condition = request.headers.get("if-none-exist")
    if condition is None:
        version, is_new = created(supplier, resource), True
    else:
        grant.require("s", resource_type)
        version, is_new = create_unless(supplier, resource, condition.partition("?")[2] or condition)
    return _written(supplier, request, version, 201 if is_new else 200)


async def update(supplier: Supplier, request: Request) -> Response:
    """Answer PUT [type]/[id]: keep the resource as the next version, or as the first one under that id."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type, "update")
    grant.require("u", resource_type)
    require_json(request)
    resource = await _resource_for(supplier, request, resource_type)
    try:
        version, is_new = updated(supplier, resource, identifier, request.headers.get("if-match"))
    except RequestError as refusal:
        if supplier.behaviour.life.writing.refused_update_is_kept(resource, identifier, refusal.status):
            keep(supplier.store, {**resource, "id": identifier})
        raise
    return _written(supplier, request, version, 201 if is_new else 200)


async def update_by_search(supplier: Supplier, request: Request) -> Response:
    """Answer PUT [type]?…: update the one resource that the search finds, or create one."""
    grant = supplier.authorise(request)
    resource_type = request.path_params["type"]
    supplier.require_type(resource_type, "update")
    for letter in "us":
        grant.require(letter, resource_type)
    require_json(request)
    resource = await _resource_for(supplier, request, resource_type)
    version, is_new = update_match(supplier, resource, request.url.query, request.headers.get("if-match"))
    return _written(supplier, request, version, 201 if is_new else 200)


async def patch(supplier: Supplier, request: Request) -> Response:
    """Answer PATCH [type]/[id] with a JSON Patch."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type, "patch")
    grant.require("u", resource_type)
    require_json(request)
    version = supplier.store.get(resource_type, identifier)
    if version is None or version.deleted:
        return _nothing(supplier, resource_type, identifier, version)
    return await _patched(supplier, request, version)


async def patch_by_search(supplier: Supplier, request: Request) -> Response:
    """Answer PATCH [type]?…: patch the one resource that the search finds."""
    grant = supplier.authorise(request)
    resource_type = request.path_params["type"]
    supplier.require_type(resource_type, "patch")
    for letter in "us":
        grant.require(letter, resource_type)
    require_json(request)
    if not supplier.behaviour.life.writing.conditional_patch:
        raise RequestError(400, "not-supported", "Conditional patch is not supported")
    return await _patched(supplier, request, only_match(supplier, resource_type, request.url.query))


async def delete(supplier: Supplier, request: Request) -> Response:
    """Answer DELETE [type]/[id]: 204, whether or not there was anything to delete."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params["id"]
    supplier.require_type(resource_type, "delete")
    grant.require("d", resource_type)
    version = deleted(supplier, resource_type, identifier, request.headers.get("if-match"))
    return Response(status_code=204, headers={"ETag": told(supplier, version).etag} if version else {})


async def delete_by_search(supplier: Supplier, request: Request) -> Response:
    """Answer DELETE [type]?…: delete the one resource that the search finds, if there is one."""
    grant = supplier.authorise(request)
    resource_type = request.path_params["type"]
    supplier.require_type(resource_type, "delete")
    for letter in "ds":
        grant.require(letter, resource_type)
    delete_match(supplier, resource_type, request.url.query, request.headers.get("if-match"))
    return Response(status_code=204)


async def _resource_for(supplier: Supplier, request: Request, resource_type: str) -> dict[str, Any]:
    resource = await read_resource(request)
    check(resource, resource_type, supplier.behaviour.formats.unchecked)
    return resource


async def _patched(supplier: Supplier, request: Request, version: Version) -> Response:
    writing = supplier.behaviour.life.writing
    body = await read_body(request, MEDIA_TYPE)
    if_match = request.headers.get("if-match")
    if writing.stale_patch_refused:
        require_version(version, if_match)
    try:
        operations = parse(body)
    except ValueError as error:
        raise bad_request(f"The body is not JSON: {error}", "structure") from error
    try:
        resource = patched(parse(version.text), operations, heed_tests=writing.patch_tests_heeded)
    except PatchFailed as failure:
        if not writing.patch_is_atomic:
            updated(supplier, failure.half, version.id, None)
        raise
    if not isinstance(resource, dict):
        raise RequestError(422, "processing", "The patch leaves no resource")
    check(resource, version.type)
    kept = updated(supplier, resource, version.id, None)[0] if writing.patch_kept else version
    return _written(supplier, request, kept, 200)


def _nothing(supplier: Supplier, resource_type: str, identifier: str, version: Version | None) -> Response:
    behaviour = supplier.behaviour.rest
    name = f"{resource_type}/{identifier}"
    if version is not None:
        status, code, told_ = 410, "deleted", f"{name} was deleted"
    else:
        status, code, told_ = behaviour.unknown_id_status, "not-found", f"There is no {name}"
    if behaviour.read_errors_as_html:
        page = (
            f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Not found</h1></body></html>"
        )
        return Response(page, status_code=status, media_type="text/html")
    raise RequestError(status, code, told_)


def _another(supplier: Supplier, version: Version) -> Version:
    rows = supplier.store.select(
        "SELECT pk FROM current WHERE type = ? AND id <> ? AND deleted = 0 ORDER BY id > ? DESC, id LIMIT 1",
        (version.type, version.id, version.id),
    )
    return supplier.store.fetch([rows[0][0]])[0] if rows else version


def _current(supplier: Supplier, resource_type: str, identifier: str) -> Version | None:
    version = supplier.store.get(resource_type, identifier)
    if version is not None or supplier.behaviour.life.reading.case_of_ids_heeded:
        return version
    asked = "SELECT pk FROM current WHERE type = ? AND lower(id) = lower(?) LIMIT 1"
    keys = [row[0] for row in supplier.store.select(asked, (resource_type, identifier))]
    return next(iter(supplier.store.fetch(keys)), None)


def _not_modified(supplier: Supplier, request: Request, version: Version) -> bool:
    """Whether the client has this version already (RFC 9110 section 13.2.2: the tag outweighs the date)."""
    reading = supplier.behaviour.life.reading
    tags = request.headers.get("if-none-match")
    if tags is not None:
        wanted = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        known = reading.any_tag_matches or "*" in wanted
        return reading.if_none_match_heeded and (
            known or told(supplier, version).etag.removeprefix("W/") in wanted
        )
    since = request.headers.get("if-modified-since")
    if since is None or not reading.if_modified_since_heeded:
        return False
    try:
        moment = dates.interval(parsedate_to_datetime(since).isoformat())[0]
    except ValueError:
        return False  # a date that cannot be read is left out of account (RFC 9110 section 13.1.3)
    return version.updated // _SECOND * _SECOND <= moment


def _binary(supplier: Supplier, version: Version) -> Response:
    resource = orjson.loads(shown(supplier, version).text)
    try:
        content = base64.b64decode(resource.get("data", ""))
    except binascii.Error as error:
        raise RequestError(500, "exception", "The content of this Binary is not base64") from error
    answer = Response(content, headers=validators(supplier, version))
    answer.headers["Content-Type"] = resource.get("contentType", "application/octet-stream")
    return answer


def _written(supplier: Supplier, request: Request, version: Version, status: int) -> Response:
    writing = supplier.behaviour.life.writing
    if status == 200:  # noqa: PLR2004 - updated
        version = writing.answered(version)
    known = told(supplier, version)
    headers = {"Last-Modified": dates.http_date(version.updated)}
    if writing.etag_on_write:
        headers["ETag"] = known.etag
    if status == 201 and supplier.behaviour.rest.location_on_create:  # noqa: PLR2004 - created
        address = supplier.address(version.type, version.id)
        headers["Location"] = (
            f"{address}/_history/{known.version}" if writing.location_has_version else address
        )
    wanted = preference(request, "return") if writing.prefer_heeded else None
    if wanted == "minimal":
        return Response(status_code=status, headers=headers)
    if wanted == "operationoutcome":
        return fhir_response(operation_outcome("informational", "Kept", "information"), status, headers)
    return fhir_response(shown(supplier, version).text, status, headers)
