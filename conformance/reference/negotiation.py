"""What a client asks for beside the request itself: formats, preferences, the body.

See https://hl7.org/fhir/R4/http.html#mime-type and https://hl7.org/fhir/R4/http.html#ops.
"""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from conformance.reference.jsontext import parse
from conformance.reference.outcomes import RequestError, bad_request

JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "text/json"})
_JSON_RANGES = JSON_FORMATS | {"*/*", "application/*", "text/*"}
_BODY_LIMIT = 32 * 2**20
_FHIR_VERSION = "4.0"


def media_ranges(accept: str) -> list[str]:
    """The media ranges of an Accept header that have a weight above zero, in lower case, parameters left out.

    A range that asks for another version of FHIR is left out too.
    """
    ranges = []
    for part in accept.split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        given = dict(option.split("=", 1) for option in options if "=" in option)
        if (
            name
            and _weight(given.get("q", "1")) > 0
            and given.get("fhirversion", _FHIR_VERSION) == _FHIR_VERSION
        ):
            ranges.append(name)
    return ranges


def require_json(request: Request) -> None:
    """Refuse (406) a client that will not take FHIR JSON."""
    wanted = request.query_params.get("_format")
    if wanted is not None:
        # An unescaped plus sign in a query string reads as a blank.
        name = wanted.split(";")[0].strip().lower().replace(" ", "+")
        if name not in JSON_FORMATS:
            raise RequestError(406, "not-supported", f"_format={wanted}: this server speaks FHIR JSON only")
        return
    accept = request.headers.get("accept")
    if accept and not _JSON_RANGES.intersection(media_ranges(accept)):
        raise RequestError(
            406, "not-supported", f"Accept: {accept}: this server speaks application/fhir+json only"
        )


def asks_for_fhir(request: Request) -> bool:
    """Whether a client names a FHIR format, rather than taking anything; decides how a Binary is answered."""
    named = JSON_FORMATS - {"text/json"}
    return "_format" in request.query_params or bool(
        named.intersection(media_ranges(request.headers.get("accept", "")))
    )


def preference(request: Request, name: str) -> str | None:
    """The value of one preference in the Prefer headers (RFC 7240)."""
    for header in request.headers.getlist("prefer"):
        for part in header.replace(",", ";").split(";"):
            key, _, value = part.strip().partition("=")
            if key.strip().lower() == name:
                return value.strip().strip('"').lower()
    return None


async def read_body(request: Request, media_types: frozenset[str] = JSON_FORMATS) -> bytes:
    """The body of a request; refuses one of another type (415) or one that is too large (413)."""
    content_type = request.headers.get("content-type", "")
    name, *options = (piece.strip().lower() for piece in content_type.split(";"))
    if name not in media_types:
        expected = ", ".join(sorted(media_types))
        told = repr(content_type) if content_type else "missing"
        raise RequestError(415, "not-supported", f"Content-Type is {told}; expected one of {expected}")
    charset = next(
        (option.partition("=")[2].strip('"') for option in options if option.startswith("charset=")), "utf-8"
    )
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise RequestError(415, "not-supported", f"Charset {charset!r}: FHIR JSON is UTF-8")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise RequestError(413, "too-long", f"The body is larger than {_BODY_LIMIT} bytes")
    return body


async def read_resource(request: Request) -> dict[str, Any]:
    """The body of a request as a JSON object; refuses what is none (400)."""
    body = await read_body(request)
    try:
        resource = parse(body)
    except ValueError as error:
        raise bad_request(f"The body is not JSON: {error}", "structure") from error
    if not isinstance(resource, dict):
        raise bad_request("The body is not a JSON object", "structure")
    return resource


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The pairs of an HTML form body; refuses other types (415) and what is not UTF-8 (400)."""
    body = await read_body(request, frozenset({"application/x-www-form-urlencoded"}))
    return pairs(body.decode("latin-1"))


def pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string in their order; refuses what is not UTF-8 (400)."""
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise bad_request(f"The parameters cannot be read: {error}") from error


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
