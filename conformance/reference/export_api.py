"""The requests of the Bulk Data Access guide: kick-off, status, files, and the delete request.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from conformance.reference import dates
from conformance.reference.access import EVERYTHING, Grant, bearer_token
from conformance.reference.compartment import members
from conformance.reference.export_jobs import Job, expires_text
from conformance.reference.export_request import KickOff, parameters_of
from conformance.reference.negotiation import pairs, preference, read_resource, require_json
from conformance.reference.outcomes import (
    RequestError,
    bad_request,
    fhir_response,
    not_found,
    operation_outcome,
)
from conformance.reference.query import Reader
from conformance.reference.supplier import Supplier

_BLOCK = 2**18


async def kick_off(supplier: Supplier, request: Request) -> Response:
    """Answer GET or POST of $export on the system, on Patient or on one Group."""
    grant = supplier.authorise(request)
    behaviour = supplier.behaviour.export
    if behaviour.without_prefer_status and "respond-async" not in request.headers.get("prefer", ""):
        return Response(status_code=behaviour.without_prefer_status)
    try:
        require_json(request)
        job = supplier.jobs.start((await _asked(supplier, request, grant)).read())
    except RequestError as error:
        error.status = behaviour.kickoff_error_status or error.status
        if behaviour.kickoff_errors_are_outcomes:
            raise
        return Response(error.diagnostics, error.status, error.headers, media_type="text/plain")
    path = f"{supplier.settings.base_path}/export-jobs/{job.name}"
    location = f"{supplier.settings.origin}{path}" if behaviour.absolute_location else path
    told = operation_outcome("informational", "The export was accepted", "information")
    return fhir_response(told, behaviour.kickoff_status, {"Content-Location": location})


async def status(supplier: Supplier, request: Request) -> Response:
    """Answer GET of the polling address: 202 while the job runs, then the manifest or what went wrong."""
    needed = supplier.behaviour.security.status_needs_token
    grant = supplier.authorise(request) if needed else EVERYTHING
    job = supplier.jobs.find(request.path_params["job"])
    if job is None:
        return _no_job(has_outcome=supplier.behaviour.export.cancelled_has_outcome)
    _require_scopes(grant, job)
    behaviour = supplier.behaviour.export
    asked_before, job.asked = job.asked, True
    if not (job.ended.is_set() and asked_before):
        headers = {
            "X-Progress": behaviour.progress(job.progress),
            **({"Retry-After": "1"} if behaviour.retry_after else {}),
        }
        body = b"" if behaviour.running_status == 202 else b"{}"  # noqa: PLR2004 - accepted
        return Response(
            body, behaviour.running_status, headers, media_type="application/json" if body else None
        )
    if job.error:
        return fhir_response(operation_outcome("exception", job.error), 500)
    answer = Response(orjson.dumps(behaviour.manifest(_manifest(supplier, job))), behaviour.complete_status)
    answer.headers["Content-Type"] = behaviour.manifest_media_type
    if behaviour.expires:
        answer.headers["Expires"] = expires_text(job)
    return answer


async def cancel(supplier: Supplier, request: Request) -> Response:
    """Answer DELETE of the polling address: the job is stopped and its files are removed."""
    grant = supplier.authorise(request)
    job = supplier.jobs.find(request.path_params["job"])
    if job is None:
        return _no_job(has_outcome=supplier.behaviour.export.cancel_error_has_outcome)
    _require_scopes(grant, job)
    if supplier.behaviour.export.cancel_forgets:
        supplier.jobs.cancel(job)
    told = operation_outcome("informational", "The export was cancelled", "information")
    return fhir_response(told, supplier.behaviour.export.cancel_status)


async def download(supplier: Supplier, request: Request) -> Response:
    """Answer GET of one file, compressed if the client can take that."""
    grant = _file_grant(supplier, request)
    job = supplier.jobs.find(request.path_params["job"])
    if job is None:
        raise not_found("There is no such export: it may have been cancelled, or its time may be over")
    _require_scopes(grant, job)
    listed = [file.name for file in job.files]
    name = request.path_params["file"]
    behaviour = supplier.behaviour.export
    if (
        not job.ended.is_set()
        or name not in listed
        or behaviour.file_missing(listed.index(name), len(listed))
    ):
        raise not_found("This export has no such file")
    path = job.folder / name
    media_type = behaviour.file_media_type
    answer: Response
    if _takes_gzip(request) and request.method == "GET":
        stated = {"Content-Encoding": "gzip"} if behaviour.compression_stated else {}
        answer = StreamingResponse(_gzipped(path), headers=stated)
    else:
        answer = FileResponse(path)
    answer.headers["Content-Type"] = media_type
    answer.headers["Vary"] = "Accept-Encoding"
    answer.status_code = behaviour.file_status
    return answer


async def _asked(supplier: Supplier, request: Request, grant: Grant) -> KickOff:
    settings = supplier.settings
    posted = request.method == "POST"
    given = pairs(request.url.query)
    if posted and (request.headers.get("content-type") or request.headers.get("content-length", "0") != "0"):
        given = [*given, *parameters_of(await read_resource(request))]
    path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii").partition("?")[0]
    query = f"?{request.url.query}" if request.url.query else ""
    group = request.path_params.get("group")
    level = "group" if group else "patient" if "/Patient/" in request.url.path else "system"
    _check_patients(supplier, group, given if posted else [])
    return KickOff(
        f"{settings.origin}{path}{query}",
        level,
        group,
        given,
        posted=posted,
        lenient=preference(request, "handling") == "lenient",
        grant=grant,
        types=supplier.types,
        reader=lambda name: Reader(supplier.store, name, settings.base_url),
        behaviour=supplier.behaviour.export,
    )


def _check_patients(supplier: Supplier, group: str | None, given: list[tuple[str, str]]) -> None:
    inside: set[str] | None = None
    if group is not None:
        version = supplier.store.get("Group", group)
        if version is None or version.deleted:
            raise not_found(f"There is no Group/{group}")
        inside = members(orjson.loads(version.text))
    for value in (value for name, value in given if name == "patient"):
        identifier = value.rpartition("/")[2]
        found = supplier.store.get("Patient", identifier)
        if found is None or found.deleted or (inside is not None and identifier not in inside):
            raise bad_request(f"patient={value}: there is no such patient here", "not-found")


def _manifest(supplier: Supplier, job: Job) -> dict[str, Any]:
    settings, behaviour = supplier.settings, supplier.behaviour.export
    plain = settings.plain_http_origin if behaviour.files_over_http else None
    files = f"{plain or settings.origin}{settings.base_path}/export-files/{job.name}"
    sections: dict[str, list[dict[str, Any]]] = {"output": [], "deleted": [], "error": []}
    for file in job.files:
        item = {"type": file.resource_type, "url": f"{files}/{file.name}", "count": file.count}
        sections[file.section].append(item)
    return {
        "transactionTime": dates.written(job.transaction_time),
        "request": job.request.url,
        "requiresAccessToken": settings.auth == "smart",
        **sections,
    }


def _no_job(*, has_outcome: bool) -> Response:
    if not has_outcome:
        return Response("Not found", status_code=404, media_type="text/plain")
    raise not_found("There is no such export: it may have been cancelled, or its time may be over")


def _require_scopes(grant: Grant, job: Job) -> None:
    for resource_type in job.request.types:
        grant.require("r", resource_type)


def _file_grant(supplier: Supplier, request: Request) -> Grant:
    security = supplier.behaviour.security
    if not security.files_need_token:
        return EVERYTHING
    if not security.files_need_valid_token and bearer_token(request) is not None:
        return EVERYTHING
    return supplier.authorise(request)


def _takes_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = part.strip().lower().partition(";")
        if name.strip() in {"gzip", "*"} and weight.replace(" ", "") not in {
            "q=0",
            "q=0.0",
            "q=0.00",
            "q=0.000",
        }:
            return True
    return False


def _gzipped(path: Path) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if packed := packer.compress(block):
                yield packed
    yield packer.flush()
