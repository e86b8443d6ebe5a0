"""GET [base]/metadata: what the supplier can do, as a CapabilityStatement.

See https://hl7.org/fhir/R4/capabilitystatement.html and, for exports,
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#server-capability-documentation.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.fhir.definitions import r4
from conformance.reference.forms.negotiation import require_json
from conformance.reference.forms.outcomes import fhir_response
from conformance.reference.records.parameters import parameters_of
from conformance.reference.search.including import declared_includes, declared_reverse_includes
from conformance.reference.settings import Settings
from conformance.reference.supplier import Supplier

_PUBLISHED = "2026-01-15"
_BULK_DATA = "http://hl7.org/fhir/uv/bulkdata"
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SECURITY_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_PATIENT_COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/patient"
_EVERYWHERE = (("_id", "token"), ("_lastUpdated", "date"))
_INTERACTIONS = (
    *("read", "vread", "history-instance", "history-type"),
    *("create", "update", "patch", "delete", "search-type"),
)
_SYSTEM = ("transaction", "batch", "history-system", "search-system")
_VALIDATE = {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"}
_EVERYTHING = {
    "name": "everything",
    "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
}
_META = {"name": "meta", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-meta"}
_EXPORTS = {"Patient": "patient-export", "Group": "group-export"}


async def metadata(supplier: Supplier, request: Request) -> Response:
    """Answer GET [base]/metadata, which needs no token."""
    require_json(request)
    if not supplier.behaviour.rest.metadata_open:
        supplier.authorise(request)
    statement = supplier.declares(capability_statement(supplier.settings, supplier.types))
    return fhir_response(supplier.behaviour.rest.capability(statement))


def capability_statement(settings: Settings, types: Iterable[str]) -> dict[str, Any]:
    """Everything that the honest supplier does, and nothing that it does not."""
    rest: dict[str, Any] = {
        "mode": "server",
        "resource": [_resource(name, types) for name in sorted(types)],
        "interaction": [{"code": code} for code in _SYSTEM],
        "searchParam": [{"name": name, "type": kind} for name, kind in _EVERYWHERE],
        "compartment": [_PATIENT_COMPARTMENT],
        "operation": [_export("export")],
    }
    if settings.auth == "smart":
        rest["security"] = _security(settings)
    return {
        "resourceType": "CapabilityStatement",
        "id": "harbour-epr",
        "name": "HarbourEPR",
        "title": f"{settings.product_name} FHIR API",
        "status": "active",
        "date": _PUBLISHED,
        "publisher": settings.supplier,
        "kind": "instance",
        "instantiates": [f"{_BULK_DATA}/CapabilityStatement/bulk-data"],
        "software": {"name": settings.product_name, "version": settings.product_version},
        "implementation": {"description": f"{settings.product_name} FHIR API", "url": settings.base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json", "application/fhir+xml", "xml"],
        "rest": [rest],
    }


def _resource(resource_type: str, types: Iterable[str]) -> dict[str, Any]:
    known = [*_EVERYWHERE, *((one.name, one.kind) for one in parameters_of(resource_type))]
    defined = _defined(resource_type)
    searches = [
        {"name": name, "type": kind} | ({"definition": defined[name]} if name in defined else {})
        for name, kind in known
    ]
    resource: dict[str, Any] = {
        "type": resource_type,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal"],
        "searchInclude": declared_includes(resource_type),
        "searchRevInclude": declared_reverse_includes(resource_type, types),
        "searchParam": searches,
    }
    if not resource["searchInclude"]:
        del resource["searchInclude"]
    resource["operation"] = [
        *([_export(_EXPORTS[resource_type])] if resource_type in _EXPORTS else []),
        *([_EVERYTHING, _META] if resource_type == "Patient" else []),
        _VALIDATE,
    ]
    return resource


@lru_cache
def _defined(resource_type: str) -> Mapping[str, str]:
    """Where R4 defines the search parameters of a type, by their names."""
    # R4 also publishes an example of a definition, which has the name of another: the first one is meant.
    return {row.code: row.url for row in reversed(r4().search_parameters(resource_type))}


def _export(name: str) -> dict[str, str]:
    return {"name": "export", "definition": f"{_BULK_DATA}/OperationDefinition/{name}"}


def _security(settings: Settings) -> dict[str, Any]:
    token = {"url": "token", "valueUri": settings.token_url}
    return {
        "extension": [{"url": _OAUTH_URIS, "extension": [token]}],
        "cors": True,
        "service": [
            {"coding": [{"system": _SECURITY_SERVICE, "code": "SMART-on-FHIR"}], "text": "SMART on FHIR"}
        ],
        "description": "SMART Backend Services (client credentials with a signed assertion)",
    }
