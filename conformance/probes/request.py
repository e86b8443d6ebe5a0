"""One request, as a profile words it."""

from typing import Literal
from urllib.parse import quote, urlencode

from conformance.plugin import Credentials, Json, Wire, probe

FHIR_JSON = "application/fhir+json"


@probe("request")
def request(  # noqa: PLR0913 - a request has this many independent aspects
    wire: Wire,
    *,
    path: str,
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = "GET",
    params: dict[str, str | list[str]] | None = None,
    headers: dict[str, str] | None = None,
    content: Json = None,
    accept: str = FHIR_JSON,
    credentials: Credentials = "own",
    fresh: bool = False,
    label: str = "",
) -> None:
    """Send one request that changes nothing. `params` are encoded and put behind the path.

    POST is for operations that only read; `content` is sent as JSON. A GET may be answered from what another step
    was answered less than a minute ago, unless it calls an operation or is to be `fresh`.
    """
    wire.send(
        method,
        with_query(path, params or {}),
        label=label,
        headers=headers,
        json=content,
        accept=accept,
        credentials=credentials,
        shared=not fresh and "$" not in path,
    )


def with_query(path: str, params: dict[str, str | list[str]]) -> str:
    """The path with these parameters behind it, percent-encoded (RFC 3986)."""
    if not params:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(params, doseq=True, quote_via=quote)}"
