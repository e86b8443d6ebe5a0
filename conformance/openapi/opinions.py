"""A second opinion on an answer: what Schemathesis finds wrong with it."""

from collections.abc import Mapping

from conformance.openapi.drawing import DRAWING, NOWHERE
from conformance.openapi.examples import Drawn


def opinion(made: Drawn, status: int, headers: Mapping[str, str], content: bytes) -> list[str]:
    """What Schemathesis finds wrong with an answer, by the names of its findings; nothing where it was not asked."""
    if made.case is None or not status:
        return []
    import requests  # noqa: PLC0415 - comes with Schemathesis
    from schemathesis import Response  # noqa: PLC0415 - an extra
    from schemathesis.core.failures import Failure, FailureGroup  # noqa: PLC0415
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    asked = [
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    with DRAWING:
        try:
            request = requests.Request(**made.case.as_transport_kwargs(base_url=NOWHERE)).prepare()
            given = {name.lower(): [value] for name, value in headers.items()}
            answer = Response(status, given, content, request, elapsed=0.0, verify=True)
            made.case.validate_response(answer, checks=asked)
        except FailureGroup as group:
            return sorted({type(each).__name__ for each in group.exceptions})
        except Failure as one:
            return [type(one).__name__]
        except Exception as error:  # noqa: BLE001 - a second opinion that cannot be had is none
            return [f"none: {type(error).__name__}"]
    return []
