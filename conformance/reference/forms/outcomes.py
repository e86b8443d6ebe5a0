"""How the supplier says no: one exception for a refused request, and the OperationOutcome that goes out for it.

See https://hl7.org/fhir/R4/operationoutcome.html and https://hl7.org/fhir/R4/http.html#Status-Codes.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

FHIR_JSON = "application/fhir+json;charset=utf-8"


class RequestError(Exception):
    """A request that the supplier refuses, with the HTTP status and the issue to answer."""

    def __init__(
        self, status: int, code: str, diagnostics: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.code = code
        self.diagnostics = diagnostics
        self.headers = dict(headers or {})


def operation_outcome(code: str, diagnostics: str, severity: str = "error") -> dict[str, Any]:
    """An OperationOutcome with one issue; `code` is from the value set issue-type."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": diagnostics}],
    }


def fhir_response(
    body: dict[str, Any] | bytes,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = FHIR_JSON,
) -> Response:
    """An HTTP answer whose body is one FHIR resource in JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    answer = Response(content, status_code=status, headers=dict(headers or {}))
    answer.headers["Content-Type"] = media_type
    return answer


def bad_request(diagnostics: str, code: str = "invalid") -> RequestError:
    """A request that can never succeed as it was written (400)."""
    return RequestError(400, code, diagnostics)


def not_found(diagnostics: str) -> RequestError:
    """There is nothing at that address (404)."""
    return RequestError(404, "not-found", diagnostics)
