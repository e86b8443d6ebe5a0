"""What stands beside the FHIR interface: the buyer's configuration as a file, and a sandbox of the same version."""

from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.forms.negotiation import require_json
from conformance.reference.forms.outcomes import fhir_response, not_found
from conformance.reference.rest.capability import capability_statement
from conformance.reference.supplier import Supplier


def _configuration() -> dict[str, Any]:
    """What a buyer has set up: nothing of it is about a patient."""
    return {
        "users": [
            {"id": "u1", "name": "A. Kaur", "roles": ["ward-nurse"], "active": True},
            {"id": "u2", "name": "J. Osei", "roles": ["consultant"], "active": True},
        ],
        "roles": [
            {"id": "ward-nurse", "may": ["read-record", "record-observation"]},
            {"id": "consultant", "may": ["read-record", "prescribe", "sign-letter"]},
        ],
        "templates": [
            {"id": "discharge-letter", "body": "Dear {{gp}}, {{patient}} was discharged on {{date}}."}
        ],
        "codeLists": [{"id": "ward-names", "entries": [{"code": "W7", "display": "Ward 7"}]}],
        "workflows": [{"id": "discharge", "steps": ["letter", "medicines", "transport"]}],
        "forms": [{"id": "falls-risk", "fields": [{"name": "fell-before", "kind": "yes-no"}]}],
    }


async def configuration(supplier: Supplier, request: Request) -> Response:
    """Answer GET /configuration, to who may read everything."""
    supplier.authorise(request).require("r", "Organization")
    told = supplier.behaviour.exit.configuration(_configuration())
    if told is None:
        page = "<!DOCTYPE html><html><body><p>Please open a ticket with our service desk.</p></body></html>"
        return Response(page, media_type="text/html")
    return Response(orjson.dumps(told), media_type="application/json")


async def sandbox_metadata(supplier: Supplier, request: Request) -> Response:
    """Answer GET /sandbox/fhir/metadata: what the same product can do where others may try it out."""
    require_json(request)
    settings = replace(supplier.settings, base_url=f"{supplier.settings.origin}/sandbox/fhir")
    told = supplier.behaviour.exit.sandbox(capability_statement(settings, supplier.types))
    if told is None:
        raise not_found("There is no sandbox")
    return fhir_response(told)
