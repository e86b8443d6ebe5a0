"""Patient/$match: who somebody may be by what they say of themselves.

See https://hl7.org/fhir/R4/patient-operation-match.html. Everybody with the family name and the date of birth matches;
alone, such a match is probable, and otherwise possible.
"""

from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.forms.negotiation import read_resource, require_json
from conformance.reference.forms.outcomes import bad_request, fhir_response
from conformance.reference.rest.conditional import matching
from conformance.reference.search.handlers import shown
from conformance.reference.supplier import Supplier

DECLARED = {"name": "match", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-match"}
_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


async def match(supplier: Supplier, request: Request) -> Response:
    """Answer POST Patient/$match."""
    grant = supplier.authorise(request)
    grant.require("s", "Patient")
    require_json(request)
    asked = _asked(await read_resource(request))
    family = next((name["family"] for name in asked.get("name", ()) if "family" in name), None)
    if family is None or "birthDate" not in asked:
        raise bad_request("$match needs a family name and a date of birth", "required")
    query = urlencode({"family": family, "birthdate": asked["birthDate"]})
    found = matching(supplier, "Patient", query) if supplier.behaviour.vaccination.matches else []
    grade, score = ("probable", 0.9) if len(found) == 1 else ("possible", 0.5)
    entries = [
        {
            "fullUrl": supplier.address("Patient", version.id),
            "resource": orjson.Fragment(shown(supplier, version).text),
            "search": {
                "extension": [{"url": _GRADE, "valueCode": grade}],
                "mode": "match",
                "score": score,
            },
        }
        for version in found
    ]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return fhir_response(bundle | ({"entry": entries} if entries else {}))


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    """The patient that is asked about."""
    listed = body.get("parameter")
    for part in listed if isinstance(listed, list) else ():
        if (
            isinstance(part, dict)
            and part.get("name") == "resource"
            and isinstance(part.get("resource"), dict)
        ):
            found: dict[str, Any] = part["resource"]
            return found
    raise bad_request("$match needs a parameter 'resource' with a Patient", "required")
