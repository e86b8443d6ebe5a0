"""SMART Backend Services: discovery and the token endpoint.

See https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html, RFC 6749 (sections 4.4 and 5) and RFC 7523.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from conformance.reference.access.assertions import ALGORITHMS, OAuthError, authenticate
from conformance.reference.access.scopes import granted
from conformance.reference.forms.negotiation import read_form
from conformance.reference.forms.outcomes import RequestError, not_found
from conformance.reference.settings import Settings
from conformance.reference.supplier import Supplier

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def smart_configuration(settings: Settings) -> dict[str, Any]:
    """The document at /.well-known/smart-configuration."""
    return {
        "token_endpoint": settings.token_url,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": [
            "system/*.rs",
            "system/*.cruds",
            "system/*.read",
            "system/*.write",
            "system/*.*",
        ],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


async def discover(supplier: Supplier, request: Request) -> Response:
    """Answer GET [base]/.well-known/smart-configuration, in JSON whatever the client would like."""
    access = supplier.behaviour.access
    if supplier.settings.auth == "none":
        raise not_found("This server asks for no authorisation")
    if not access.configuration_open:
        supplier.authorise(request)
    told = access.configuration(smart_configuration(supplier.settings))
    return JSONResponse(told, media_type=access.configuration_media_type)


async def token(supplier: Supplier, request: Request) -> Response:
    """Answer POST /token."""
    access = supplier.behaviour.access
    try:
        scope = await _scope_for(supplier, request)
    except OAuthError as error:
        body = {"error": error.error, "error_description": error.description}
        return JSONResponse(access.token_error(body), 400, headers=_NOT_KEPT)
    answer = {
        "access_token": supplier.tokens.issue(scope),
        "token_type": "bearer",
        "expires_in": supplier.tokens.lifetime,
        "scope": scope,
    }
    headers = {} if access.token_may_be_stored else _NOT_KEPT
    return JSONResponse(access.token_answer(answer), headers=headers, media_type=access.given_as)


async def _scope_for(supplier: Supplier, request: Request) -> str:
    """The scope that a request is granted; raises OAuthError where it is granted none."""
    access = supplier.behaviour.access
    unchecked = access.unchecked
    form = await _form(request)
    if "grant_type" not in form:
        raise OAuthError("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials" and "grant-type" not in unchecked:
        raise OAuthError("unsupported_grant_type", "only client_credentials is supported")
    known = form.get("client_assertion_type") == ASSERTION_TYPE or "assertion-type" in unchecked
    if not known or not form.get("client_assertion"):
        raise OAuthError("invalid_client", f"a client_assertion of type {ASSERTION_TYPE} is needed")
    client = authenticate(form["client_assertion"], supplier.settings, supplier.used_ids, supplier.behaviour)
    if form.get("client_id", client.client_id) != client.client_id:
        raise OAuthError("invalid_client", "client_id is not the one of the assertion")
    asked = f"{form.get('scope', '')} {access.extra_scope}".strip()
    scope = asked if "scope" in unchecked else granted(asked, client.scopes)
    if not scope:
        raise OAuthError("invalid_scope", "none of the scopes asked for can be granted")
    return scope


async def _form(request: Request) -> dict[str, str]:
    try:
        given = await read_form(request)
    except RequestError as error:
        raise OAuthError("invalid_request", error.diagnostics) from error
    form = dict(given)
    if len(form) != len(given):
        raise OAuthError("invalid_request", "a parameter is given more than once")
    return form
