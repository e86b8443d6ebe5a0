"""The polling address of an export: how far the job is, its manifest, what went wrong, and its end.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-status-request and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-delete-request.
"""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.access.tokens import EVERYTHING, Grant
from conformance.reference.export.jobs import Job, expires_text
from conformance.reference.export.manifest import FIRST, SECOND, manifest
from conformance.reference.forms.outcomes import FHIR_JSON, fhir_response, operation_outcome
from conformance.reference.supplier import Supplier

SEPARATE = "separate-export-status"
ACCEPTED, OK, NOT_FOUND = 202, 200, 404


async def status(supplier: Supplier, request: Request) -> Response:
    """Answer GET of the polling address: 202 while the job runs, then the manifest or what went wrong."""
    needed = supplier.behaviour.security.status_needs_token
    grant = supplier.authorise(request) if needed else EVERYTHING
    job = supplier.jobs.find(request.path_params["job"])
    if job is None:
        export = supplier.behaviour.export
        return _no_job(has_outcome=export.cancelled_has_outcome, media_type=export.cancelled_media_type)
    require_scopes(supplier, grant, job)
    if job.is_polled_too_often(supplier.settings.polls_a_second):
        return _throttled(supplier)
    asked_before, job.asked = job.asked, True
    is_shown = job.shown_early or not job.request.in_pages or not job.files
    if not (job.ended.is_set() and asked_before and is_shown):
        return _running(supplier, job)
    if job.error:
        return _failed(supplier, job)
    page = FIRST if job.request.in_pages else ""
    return _complete(supplier, job, page)


async def next_page(supplier: Supplier, request: Request) -> Response:
    """Answer GET of the second page of a manifest."""
    grant = supplier.authorise(request)
    job = supplier.jobs.find(request.path_params["job"])
    if (
        job is None
        or not job.request.in_pages
        or not job.ended.is_set()
        or request.path_params["page"] != SECOND
    ):
        return _no_job(has_outcome=True)
    require_scopes(supplier, grant, job)
    return _complete(supplier, job, SECOND)


async def cancel(supplier: Supplier, request: Request) -> Response:
    """Answer DELETE of the polling address: the job is stopped and its files are removed."""
    grant = supplier.authorise(request)
    job = supplier.jobs.find(request.path_params["job"])
    if job is None:
        return _no_job(has_outcome=supplier.behaviour.export.cancel_error_has_outcome)
    require_scopes(supplier, grant, job)
    if supplier.behaviour.export.cancel_forgets:
        supplier.jobs.cancel(job)
    told = operation_outcome("informational", "The export was cancelled", "information")
    return fhir_response(told, supplier.behaviour.export.cancel_status)


def require_scopes(supplier: Supplier, grant: Grant, job: Job) -> None:
    """Refuse (403) a token that does not cover everything that a job exports."""
    for resource_type in job.request.types if supplier.behaviour.export.scopes_limit else ():
        grant.require("r", resource_type)


def _throttled(supplier: Supplier) -> Response:
    behaviour = supplier.behaviour.export.status
    headers = {"Retry-After": "1"} if behaviour.throttled_says_when else {}
    told = operation_outcome(behaviour.throttled_code, "The status is asked for too often")
    return fhir_response(told, 429, headers)


def _running(supplier: Supplier, job: Job) -> Response:
    behaviour = supplier.behaviour.export
    headers = {
        "X-Progress": behaviour.progress(job.progress),
        **({"Retry-After": behaviour.status.retry_after_text()} if behaviour.retry_after else {}),
    }
    body = b"" if behaviour.running_status == ACCEPTED else b"{}"
    code = behaviour.running_status
    if job.request.in_pages and job.written.is_set() and job.files:
        job.shown_early = True
        body = orjson.dumps(manifest(supplier, job, FIRST, is_running=True))
    if job.request.separate:
        code = behaviour.status.separate_status
        if behaviour.status.export_status:
            headers["X-Export-Status"] = str(ACCEPTED)
    label = behaviour.organised.early_media_type if job.request.in_pages else "application/json"
    return Response(body, code, headers, media_type=label if body else None)


def _failed(supplier: Supplier, job: Job) -> Response:
    behaviour = supplier.behaviour.export.status
    if not behaviour.failure_is_outcome:
        return Response(f"<h1>{job.error}</h1>", behaviour.failure_status, media_type="text/html")
    code, headers = behaviour.failure_status, {}
    if job.request.separate:
        code, headers = OK, {"X-Export-Status": str(behaviour.failure_status)}
    told = operation_outcome("exception", job.error or "")
    return fhir_response(told, code, headers, media_type=behaviour.failure_media_type)


def _complete(supplier: Supplier, job: Job, page: str) -> Response:
    behaviour = supplier.behaviour.export
    job.told = True
    answer = Response(orjson.dumps(manifest(supplier, job, page)), behaviour.complete_status)
    answer.headers["Content-Type"] = behaviour.manifest_media_type
    if behaviour.expires:
        answer.headers["Expires"] = expires_text(job)
    if job.request.separate and behaviour.status.export_status:
        answer.headers["X-Export-Status"] = str(OK)
    return answer


def _no_job(*, has_outcome: bool, media_type: str = FHIR_JSON) -> Response:
    if not has_outcome:
        return Response("Not found", status_code=NOT_FOUND, media_type="text/plain")
    said = "There is no such export: it may have been cancelled, or its time may be over"
    return fhir_response(operation_outcome("not-found", said), NOT_FOUND, media_type=media_type)
