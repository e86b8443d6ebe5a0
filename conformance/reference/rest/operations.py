"""Operations on resources: $validate, and $everything and $meta of a patient.

See https://hl7.org/fhir/R4/resource-operation-validate.html, https://hl7.org/fhir/R4/patient-operation-everything.html
and https://hl7.org/fhir/R4/resource-operation-meta.html. Validation is a simple reading: the form of JSON, of ids
and dates, the type, and a few elements that must be there. Codes and profiles are not looked at.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.forms.jsontext import parse
from conformance.reference.forms.negotiation import read_resource, require_json
from conformance.reference.forms.outcomes import (
    RequestError,
    bad_request,
    fhir_response,
    not_found,
    operation_outcome,
)
from conformance.reference.records.indexing import rows
from conformance.reference.records.store import Version
from conformance.reference.rest.writing import check
from conformance.reference.search.handlers import shown
from conformance.reference.supplier import Supplier

_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AllergyIntolerance": ("patient",),
        "Appointment": ("status", "participant"),
        "Condition": ("subject",),
        "Encounter": ("status", "class"),
        "Immunization": ("status", "vaccineCode", "patient"),
        "MedicationRequest": ("status", "intent", "subject"),
        "Observation": ("status", "code"),
        "Procedure": ("status", "subject"),
        "ServiceRequest": ("status", "intent", "subject"),
    }
)
_ABOUT = (
    "SELECT pk FROM compartment WHERE patient = ?"
    " INTERSECT SELECT pk FROM current WHERE deleted = 0 ORDER BY pk"
)


async def validate(supplier: Supplier, request: Request) -> Response:
    """Answer [type]/$validate and [type]/[id]/$validate: what is wrong with the resource, as far as is looked."""
    grant = supplier.authorise(request)
    resource_type, identifier = request.path_params["type"], request.path_params.get("id")
    supplier.require_type(resource_type)
    grant.require("r", resource_type)
    require_json(request)
    behaviour = supplier.behaviour.life.together
    if behaviour.validate_status != 200:  # noqa: PLR2004 - the honest one
        raise RequestError(behaviour.validate_status, "not-supported", "$validate is not implemented")
    resource = await _given(request) if request.method == "POST" else None
    if resource is None and identifier:
        resource = parse(_current(supplier, resource_type, identifier).text)
    if resource is None:
        raise bad_request("There is no resource to validate", "required")
    problem = _problem(supplier, resource, resource_type)
    if behaviour.validates(problem is None):
        told = "Nothing was found to be wrong in form; codes and profiles were not looked at"
        return fhir_response(operation_outcome("informational", told, "information"))
    return fhir_response(operation_outcome("invalid", problem or "The resource is not valid"))


async def _given(request: Request) -> dict[str, Any] | None:
    body = await read_resource(request)
    if body.get("resourceType") != "Parameters":
        return body
    listed = body.get("parameter", [])
    parameters = listed if isinstance(listed, list) else []
    named = (part for part in parameters if isinstance(part, dict) and part.get("name") == "resource")
    found = next(named, {}).get("resource")
    return found if isinstance(found, dict) else None


def _problem(supplier: Supplier, resource: dict[str, Any], resource_type: str) -> str | None:
    try:
        check(resource, resource_type)
        list(rows({"id": "x", **resource}, supplier.settings.base_url))
    except RequestError as error:
        return error.diagnostics
    except ValueError as error:
        return str(error)
    except (TypeError, AttributeError, KeyError):
        return "An element has a value of the wrong type"
    missing = [name for name in _NEEDED.get(resource_type, ()) if name not in resource]
    return f"{resource_type}.{missing[0]} is missing" if missing else None


async def everything(supplier: Supplier, request: Request) -> Response:
    """Answer Patient/[id]/$everything: the patient, and all that is about them, in one Bundle."""
    grant = supplier.authorise(request)
    identifier = request.path_params["id"]
    grant.require("r", "Patient")
    require_json(request)
    patient = _current(supplier, "Patient", identifier)
    keys = [row[0] for row in supplier.store.select(_ABOUT, (identifier,))]
    if supplier.behaviour.life.together.everything_leaks:
        others = "SELECT min(pk) FROM current WHERE type = 'Patient' AND deleted = 0 AND id <> ?"
        keys += [row[0] for row in supplier.store.select(others, (identifier,)) if row[0] is not None]
    found = [version for version in supplier.store.fetch(keys) if version.pk != patient.pk]
    left_out = supplier.behaviour.exit.everything_left_out
    found = [version for version in found if not left_out(version.type)]
    versions = [patient, *(version for version in found if grant.allows("r", version.type))]
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(versions),
        "link": [{"relation": "self", "url": f"{supplier.address('Patient', identifier)}/$everything"}],
        "entry": [
            {
                "fullUrl": supplier.address(version.type, version.id),
                "resource": orjson.Fragment(shown(supplier, version).text),
                "search": {"mode": "match"},
            }
            for version in versions
        ],
    }
    return fhir_response(bundle, media_type=supplier.behaviour.rest.media_type)


async def meta(supplier: Supplier, request: Request) -> Response:
    """Answer Patient/[id]/$meta: the metadata of the patient's current version."""
    grant = supplier.authorise(request)
    grant.require("r", "Patient")
    require_json(request)
    version = _current(supplier, "Patient", request.path_params["id"])
    held = parse(shown(supplier, version).text)["meta"]
    given = [{"name": "return", "valueMeta": held}] if supplier.behaviour.life.together.meta_is_given else []
    body = {"resourceType": "Parameters"} | ({"parameter": given} if given else {})
    return fhir_response(body, media_type=supplier.behaviour.rest.media_type)


def _current(supplier: Supplier, resource_type: str, identifier: str) -> Version:
    version = supplier.store.get(resource_type, identifier)
    if version is None:
        raise not_found(f"There is no {resource_type}/{identifier}")
    if version.deleted:
        raise RequestError(410, "deleted", f"{resource_type}/{identifier} was deleted")
    return version
