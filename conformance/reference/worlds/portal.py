"""The patients' portal of the supplier: pages to which the NHS App leads, behind a login that is somebody else's."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from conformance.reference.forms.outcomes import not_found
from conformance.reference.population.app import PORTAL_LINK
from conformance.reference.supplier import Supplier

PATH = "/portal/appointments/{id}"
_LOGIN = "https://login.example/authorize"


async def appointment(supplier: Supplier, request: Request) -> Response:
    """Answer GET portal/appointments/[id]: to who has not logged in, the way to do so."""
    version = supplier.store.get("Appointment", request.path_params["id"])
    if version is None or version.deleted:
        raise not_found("There is no such appointment")
    return RedirectResponse(_LOGIN, status_code=302)


def linked(resource: dict[str, Any], base_url: str) -> dict[str, Any]:
    """An appointment with the address of its page below the FHIR base; anything else as it is."""
    if resource["resourceType"] != "Appointment":
        return resource
    link = {"url": PORTAL_LINK, "valueUrl": base_url + PATH.format(id=resource["id"])}
    return {**resource, "extension": [*resource["extension"], link]}
