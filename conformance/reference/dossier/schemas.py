"""The demo supplier's descriptions of its data and interface for machines: a JSON Schema and an OpenAPI document.

See https://json-schema.org/draft/2020-12 and https://spec.openapis.org/oas/v3.1.0.
"""

from collections.abc import Sequence
from typing import Any

from conformance.reference.settings import PRODUCT_NAME


def resources_schema(docs_url: str, types: Sequence[str]) -> dict[str, Any]:
    """What each line of an exported file is: a resource of FHIR R4 of one of these types, with its id."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{docs_url}/resources.schema.json",
        "title": f"{PRODUCT_NAME}: a line of an exported file",
        "type": "object",
        "required": ["resourceType", "id"],
        "properties": {
            "resourceType": {"enum": list(types)},
            "id": {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"},
            "meta": {"type": "object"},
        },
    }


def open_api(base_url: str, version: str, types: Sequence[str]) -> dict[str, Any]:
    """The requests by which data is read and exported."""
    answer = {"200": {"description": "A Bundle"}}
    searches = {f"/{name}": {"get": {"summary": f"Search {name}", "responses": answer}} for name in types}
    export = {"get": {"summary": "Export everything", "responses": {"202": {"description": "Accepted"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{PRODUCT_NAME} FHIR API", "version": version},
        "servers": [{"url": base_url}],
        "paths": {"/$export": export, **searches},
    }
