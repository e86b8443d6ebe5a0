"""What every answer goes through at last: its format, its length, and the headers that all answers have."""

import gzip
from email.utils import formatdate
from html import escape
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.behaviour.whole import HONEST
from conformance.reference.forms import xmltext
from conformance.reference.forms.jsontext import dump, parse
from conformance.reference.forms.outcomes import FHIR_JSON, RequestError, fhir_response, operation_outcome
from conformance.reference.supplier import Supplier

_YEAR = 31_536_000
_WORTH_PACKING = 1000
_FASTEST = 1
_FAILED = 400
_HEADERS_OF_BROWSERS = "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist"


def refused(supplier: Supplier, request: Request, error: RequestError) -> Response:
    """The answer to a request that was refused."""
    formats = supplier.behaviour.formats
    outcome = formats.error(operation_outcome(error.code, error.diagnostics))
    if formats.errors_name_patients and (name := _patient_named(supplier, request)):
        outcome["issue"][0]["diagnostics"] += f" (patient: {name})"
    if formats.errors_are_text:
        return Response(error.diagnostics, error.status, error.headers, "text/plain")
    if formats.errors_echo_markup:
        page = f"<!DOCTYPE html><html><body><p>Cannot carry out {unquote(str(request.url))}</p></body></html>"
        return Response(page, error.status, error.headers, "text/html")
    return fhir_response(outcome, error.status, error.headers, formats.error_media_type or FHIR_JSON)


def _patient_named(supplier: Supplier, request: Request) -> str:
    """The name of the patient whom an address is about."""
    path = request.url.path.removeprefix(supplier.settings.base_path).strip("/").split("/")
    if path[0] != "Patient" or len(path) == 1:
        return ""
    version = supplier.store.get("Patient", path[1])
    names = orjson.loads(version.text).get("name", []) if version and not version.deleted else []
    return " ".join(str(name.get("family", "")) for name in names)


def options(supplier: Supplier, request: Request, methods: list[str]) -> Response:
    """Answer OPTIONS: what can be done at an address, also to a browser that asks for somebody else's page."""
    headers = {"Allow": ", ".join(sorted({*methods, "OPTIONS"}))}
    if "origin" in request.headers and "access-control-request-method" in request.headers:
        headers["Access-Control-Allow-Methods"] = headers["Allow"]
        headers["Access-Control-Allow-Headers"] = _HEADERS_OF_BROWSERS
        headers["Access-Control-Max-Age"] = "600"
        return Response(status_code=204, headers=headers)
    return Response(status_code=supplier.behaviour.formats.options_status, headers=headers)


def finished(supplier: Supplier, request: Request, answer: Response) -> Response:
    """The answer in the format that was settled, compressed where the client takes that, with common headers."""
    _formatted(supplier, request, answer)
    formats, access = supplier.behaviour.formats, supplier.behaviour.access
    if formats.head_error_status and request.method == "HEAD" and answer.status_code >= _FAILED:
        answer.status_code = formats.head_error_status
    if formats.charset_heeded:
        _transcoded(request, answer)
    if formats.date_header:
        answer.headers["Date"] = formatdate(usegmt=True)
    if "etag" in answer.headers:
        answer.headers["ETag"] = formats.etag(answer.headers["ETag"])
    if access.hsts and supplier.settings.base_url.startswith("https:"):
        answer.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    if access.server:
        answer.headers["Server"] = access.server
    if "origin" in request.headers:
        shared = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Location"}
        origin = {"origin": request.headers["origin"]}
        answer.headers.update({n: v for n, v in access.cors(shared | origin).items() if n != "origin"})
    _packed(supplier, request, answer)
    return answer


def _formatted(supplier: Supplier, request: Request, answer: Response) -> None:
    media_type = answer.headers.get("content-type", "")
    if not media_type.startswith("application/fhir+json") or not getattr(answer, "body", b""):
        return
    chosen, formats = getattr(request.state, "format", "json"), supplier.behaviour.formats
    if chosen == "xml":
        resource = parse(bytes(answer.body), unique=False)
        _replace(answer, formats.xml_text(xmltext.dump(formats.xml(resource))), xmltext.FHIR_XML)
    elif chosen == "html":
        page = f"<!DOCTYPE html><html><body><pre>{escape(bytes(answer.body).decode())}</pre></body></html>"
        _replace(answer, page.encode(), "text/html; charset=utf-8")
    elif request.query_params.get("_pretty") == "true":
        indented = _indented(supplier, bytes(answer.body))
        _replace(answer, indented, media_type)
    label = getattr(request.state, "label", "")
    if label and chosen == "json" and answer.status_code < _FAILED:
        answer.headers["Content-Type"] = f"{label};charset=utf-8"


def _transcoded(request: Request, answer: Response) -> None:
    """The answer in the charset that the client asks for before all, where that is one of the usual ones."""
    wanted = request.headers.get("accept-charset", "").partition(",")[0].partition(";")[0].strip().lower()
    media_type, body = answer.headers.get("content-type", ""), getattr(answer, "body", b"")
    if wanted in {"iso-8859-1", "us-ascii"} and "charset=utf-8" in media_type and body:
        text = bytes(body).decode().encode(wanted, "replace")
        _replace(answer, text, media_type.replace("charset=utf-8", f"charset={wanted}"))


def _indented(supplier: Supplier, body: bytes) -> bytes:
    value: dict[str, Any] = parse(body, unique=False)
    if "_pretty" in supplier.behaviour.formats.unheeded:
        value = {name: member for name, member in value.items() if name not in {"text", "identifier"}}
    return dump(value, indented=True)


def _packed(supplier: Supplier, request: Request, answer: Response) -> None:
    formats = supplier.behaviour.formats
    body = getattr(answer, "body", b"")
    if len(body) < _WORTH_PACKING or "content-encoding" in answer.headers:
        return
    answer.headers.add_vary_header("Accept-Encoding")
    taken = request.headers.get("accept-encoding", "").replace(" ", "").lower().split(",")
    if not {"gzip", "*"} & set(taken) and "identity" not in formats.unheeded:
        return
    media_type = answer.headers.get("content-type", "")
    if "json" in media_type and formats.packed is not HONEST.formats.packed:
        body = dump(formats.packed(parse(bytes(body), unique=False)))
    _replace(answer, gzip.compress(bytes(body), _FASTEST, mtime=0), media_type)
    answer.headers["Content-Encoding"] = "gzip"


def _replace(answer: Response, body: bytes, media_type: str) -> None:
    answer.body = body
    answer.headers["Content-Length"] = str(len(body))
    answer.headers["Content-Type"] = media_type
