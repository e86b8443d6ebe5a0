"""What was sent and what came back, as an HTTP Archive (HAR 1.2), for tools that read those.

It holds what the evidence holds: secrets were replaced when it was recorded, and bodies that may not be stored are not
there. What HAR has no member for stands in members that begin with an underscore, as HAR 1.2 provides.
"""

import base64
from collections.abc import Iterable
from http import HTTPStatus

from conformance.model.base import Json, compact, sha256
from conformance.model.evidence import Body, BodyReader, Exchange, StepEvidence
from conformance.model.report import Tool

HAR_VERSION = "1.2"
LARGEST_BODY = 4 * 2**20
UNKNOWN = -1
NEVER = "1970-01-01T00:00:00.000Z"


def har(steps: Iterable[StepEvidence], tool: Tool, read: BodyReader) -> Json:
    """The archive as plain data: one entry an exchange, in the order in which they were sent. `read` reads bodies."""
    entries = [_entry(step.step, exchange, read) for step in steps for exchange in step.exchanges]
    return {
        "log": {
            "version": HAR_VERSION,
            "creator": {"name": tool.name, "version": tool.version},
            "entries": sorted(entries, key=lambda entry: entry["startedDateTime"]),
        }
    }


def _entry(step: str, exchange: Exchange, read: BodyReader) -> dict[str, Json]:
    own = {
        "_step": step,
        "_exchange": exchange.id,
        "_sha256": sha256(compact(exchange.plain())),
        "_failure": exchange.failure,
        "_answeredBy": exchange.answered_by,
    }
    return {
        "startedDateTime": exchange.at or NEVER,
        "time": exchange.elapsed_ms,
        "request": _request(exchange, read),
        "response": _response(exchange, read),
        "cache": {},
        "timings": {"send": 0, "wait": exchange.elapsed_ms, "receive": 0},
        **{name: value for name, value in own.items() if value},
    }


def _request(exchange: Exchange, read: BodyReader) -> dict[str, Json]:
    body = exchange.request_body
    asked: dict[str, Json] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.request_headers.items()),
        "queryString": _pairs(exchange.query),
        "headersSize": UNKNOWN,
        "bodySize": body.size if body else 0,
    }
    if body:
        asked["postData"] = _content(body, read)
    return asked


def _response(exchange: Exchange, read: BodyReader) -> dict[str, Json]:
    return {
        "status": exchange.status,
        "statusText": HTTPStatus(exchange.status).phrase if exchange.status in set(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.headers),
        "content": {"size": 0, "mimeType": ""} if exchange.body is None else _content(exchange.body, read),
        "redirectURL": exchange.header("location") or "",
        "headersSize": UNKNOWN,
        "bodySize": exchange.body.size if exchange.body else 0,
    }


def _content(body: Body, read: BodyReader) -> dict[str, Json]:
    held: dict[str, Json] = {
        "size": body.size,
        "mimeType": body.media_type,
        "text": "",
        "_sha256": body.sha256,
    }
    if body.size > LARGEST_BODY:
        return {**held, "comment": "left out: larger than 4 MiB; it is in the run's folder under its digest"}
    try:
        data = b"".join(read(body.sha256))
    except KeyError:
        return {**held, "comment": "not kept"}
    try:
        return {**held, "text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {**held, "text": base64.b64encode(data).decode("ascii"), "encoding": "base64"}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
