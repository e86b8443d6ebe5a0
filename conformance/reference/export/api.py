"""The requests of the Bulk Data Access guide: kick-off, and the files. Status and delete: `export_status`.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from conformance.reference.access.tokens import EVERYTHING, Grant, bearer_token
from conformance.reference.behaviour.export import ExportBehaviour
from conformance.reference.export.jobs import Job
from conformance.reference.export.parameters import parameters_of
from conformance.reference.export.request import KickOff
from conformance.reference.export.status import SEPARATE, require_scopes
from conformance.reference.forms.negotiation import pairs, preference, read_resource, require_json
from conformance.reference.forms.outcomes import (
    RequestError,
    bad_request,
    fhir_response,
    not_found,
    operation_outcome,
)
from conformance.reference.records.compartment import members
from conformance.reference.search.query import Reader
from conformance.reference.supplier import Supplier

_BLOCK = 2**18


async def kick_off(supplier: Supplier, request: Request) -> Response:
    """Answer GET or POST of $export on the system, on Patient or on one Group."""
    grant = _kick_off_grant(supplier, request)
    behaviour = supplier.behaviour.export
    if early := _early(supplier, request, behaviour):
        return early
    try:
        require_json(request)
        asked = (await _asked(supplier, request, grant)).read()
        _require_room(supplier, asked.types)
        if behaviour.parameters.options_status and asked.options:
            return Response(status_code=behaviour.parameters.options_status)
        job = supplier.jobs.start(asked)
    except RequestError as error:
        error.status = behaviour.kickoff_error_status or error.status
        if behaviour.kickoff_errors_are_outcomes:
            raise
        return Response(error.diagnostics, error.status, error.headers, media_type="text/plain")
    supplier.log.note("E", asked.url)
    path = f"{supplier.settings.base_path}/export-jobs/{job.name}"
    location = f"{supplier.settings.origin}{path}" if behaviour.absolute_location else path
    told = operation_outcome("informational", "The export was accepted", "information")
    headers = {"Content-Location": location}
    if asked.separate and behaviour.status.preference_applied:
        headers["Preference-Applied"] = f"respond-async, {SEPARATE}"
    return fhir_response(told, behaviour.kickoff_status, headers)


def _early(supplier: Supplier, request: Request, behaviour: ExportBehaviour) -> Response | None:
    """What a faulty supplier answers without looking at what is asked."""
    without = (
        (behaviour.without_prefer_status, "respond-async" not in request.headers.get("prefer", "")),
        (behaviour.without_accept_status, request.headers.get("accept", "*/*") in {"", "*/*"}),
        (behaviour.parameters.lenient_status, preference(request, "handling") == "lenient"),
    )
    for status, holds in without:
        if status is not None and holds:
            return Response(status_code=status)
    if behaviour.answers_at_once and not request.url.query:
        found = supplier.store.select(
            "SELECT v.text FROM current c JOIN versions v ON v.pk = c.pk WHERE c.type = 'Patient' AND c.deleted = 0",
            (),
        )
        entries = [{"resource": orjson.loads(text)} for (text,) in found]
        return fhir_response({"resourceType": "Bundle", "type": "searchset", "entry": entries})
    return None


def _require_room(supplier: Supplier, types: tuple[str, ...]) -> None:
    """Refuse an export of practitioners while another runs, as a faulty supplier does, not saying when to come back."""
    most = supplier.behaviour.exit.most_jobs
    if most is not None and supplier.jobs.running >= most:
        headers = {"Retry-After": "1"} if supplier.behaviour.exit.refusal_says_when else {}
        raise RequestError(429, "throttled", f"{most} exports are running already", headers)
    status = supplier.behaviour.export.second_job_status
    if status and types == ("Practitioner",) and supplier.jobs.is_busy:
        raise RequestError(status, "throttled", "One export is running already")


async def download(supplier: Supplier, request: Request) -> Response:
    """Answer GET of one file, compressed if the client can take that."""
    grant = _file_grant(supplier, request)
    behaviour = supplier.behaviour.export
    job = supplier.jobs.find(request.path_params["job"])
    if job is None:
        if behaviour.gone_file_status != 404:  # noqa: PLR2004 - what the honest supplier answers
            return Response(status_code=behaviour.gone_file_status, media_type="application/fhir+ndjson")
        raise not_found("There is no such export: it may have been cancelled, or its time may be over")
    require_scopes(supplier, grant, job)
    listed = [file.name for file in job.files]
    name = request.path_params["file"]
    if (
        not job.written.is_set()
        or name not in listed
        or behaviour.file_missing(listed.index(name), len(listed))
    ):
        raise not_found("This export has no such file")
    if supplier.behaviour.exit.files_given_once and name in job.fetched:
        raise RequestError(410, "not-found", "This file was given out already")
    if job.request.in_pages and not job.told and not behaviour.organised.early_files_ready:
        raise not_found("This file is not ready")
    if supplier.behaviour.exit.part_is_wrong and "range" in request.headers:
        return Response(b"{" * 100, 206, media_type="application/fhir+ndjson")
    try:
        return _file(job, job.folder / name, request, behaviour)
    except FileNotFoundError:  # the job was removed while this was asked for
        raise not_found("This export has no such file any more") from None


def _file(job: Job, path: Path, request: Request, behaviour: ExportBehaviour) -> Response:
    answer: Response
    if not behaviour.files_kept and path.name in job.fetched:
        answer = Response(path.read_bytes() + b"\n")
    elif behaviour.file_encoding:
        answer = Response(path.read_bytes()[::-1], headers={"Content-Encoding": behaviour.file_encoding})
    elif _takes_gzip(request) and request.method == "GET":
        stated = {"Content-Encoding": "gzip"} if behaviour.compression_stated else {}
        answer = StreamingResponse(_gzipped(path.open("rb")), headers=stated)
    else:
        answer = FileResponse(path, stat_result=path.stat())
    job.fetched.add(path.name)
    label = job.request.label if behaviour.label_as_asked else behaviour.file_media_type
    answer.headers["Content-Type"] = label
    answer.headers["Vary"] = "Accept-Encoding"
    answer.status_code = behaviour.file_status
    return answer


async def _asked(supplier: Supplier, request: Request, grant: Grant) -> KickOff:
    settings = supplier.settings
    posted = request.method == "POST"
    given = pairs(request.url.query)
    if posted and (request.headers.get("content-type") or request.headers.get("content-length", "0") != "0"):
        body = parameters_of(await read_resource(request))
        given = [*given, *(body if supplier.behaviour.export.parameters.read_when_posted else ())]
    path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii").partition("?")[0]
    query = f"?{request.url.query}" if request.url.query else ""
    group = request.path_params.get("group")
    level = "group" if group else "patient" if "/Patient/" in request.url.path else "system"
    if group is not None:
        grant.require("r", "Group")
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
        separate=SEPARATE in request.headers.get("prefer", ""),
        by_post_only=settings.bulk_edition == "STU4-ballot",
    )


def _check_patients(supplier: Supplier, group: str | None, given: list[tuple[str, str]]) -> None:
    inside: set[str] | None = None
    if group is not None:
        version = supplier.store.get("Group", group)
        if version is None or version.deleted:
            raise not_found(f"There is no Group/{group}")
        inside = members(orjson.loads(version.text))
    if not supplier.behaviour.export.parameters.unknown_patients_refused:
        return
    for value in (value for name, value in given if name == "patient"):
        identifier = value.rpartition("/")[2]
        found = supplier.store.get("Patient", identifier)
        if found is None or found.deleted or (inside is not None and identifier not in inside):
            raise bad_request(f"patient={value}: there is no such patient here", "not-found")


def _kick_off_grant(supplier: Supplier, request: Request) -> Grant:
    leaving, token = supplier.behaviour.exit, bearer_token(request)
    if leaving.kick_off_open if token is None else leaving.kick_off_takes_any_token:
        return EVERYTHING
    return supplier.authorise(request)


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


def _gzipped(opened: BinaryIO) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with opened as file:
        while block := file.read(_BLOCK):
            if packed := packer.compress(block):
                yield packed
    yield packer.flush()
