"""One entry of a batch or a transaction: what it asks for, and carrying it out.

See https://hl7.org/fhir/R4/bundle.html#BundleRequest and https://hl7.org/fhir/R4/http.html#transaction.
"""

from typing import Any
from urllib.parse import urlsplit

import orjson

from conformance.reference.access.tokens import Grant
from conformance.reference.forms import dates
from conformance.reference.forms.negotiation import pairs
from conformance.reference.forms.outcomes import RequestError, bad_request, not_found
from conformance.reference.records.store import Version
from conformance.reference.rest.changing import created, deleted, updated
from conformance.reference.rest.conditional import create_unless, delete_match, update_match
from conformance.reference.rest.versions import told, version_of
from conformance.reference.rest.writing import ID_FORM, check
from conformance.reference.search.handlers import find, shown
from conformance.reference.supplier import Supplier

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3, "HEAD": 3}
"""The methods that an entry may have, in the order in which a transaction carries them out."""

CHANGES = {"DELETE": "d", "POST": "c", "PUT": "u"}

Entry = dict[str, Any]


def asked(supplier: Supplier, entry: Entry) -> tuple[str, str]:
    """The method and the address, relative to the base, that an entry asks for; refuses (400) what is neither."""
    request = entry.get("request")
    if not isinstance(request, dict):
        raise bad_request("An entry has no request", "required")
    method, url = request.get("method"), request.get("url")
    if method not in ORDER or not isinstance(url, str):
        raise bad_request(
            f"An entry asks for {method!r} {url!r}, which cannot be carried out", "not-supported"
        )
    if method == supplier.behaviour.life.together.refused_in_batch:
        raise RequestError(501, "not-supported", f"{method} is not implemented here")
    return method, url.removeprefix(supplier.settings.base_url).strip("/")


def condition_of(entry: Entry) -> str:
    """The search of a conditional create, empty where the entry has none."""
    condition = entry["request"].get("ifNoneExist")
    return condition if isinstance(condition, str) else ""


def carry_out(supplier: Supplier, grant: Grant, entry: Entry, identifier: str | None) -> Entry:
    """The answer to an entry; a create takes the identifier, where one is given."""
    method, url = asked(supplier, entry)
    parts = urlsplit(url)
    resource_type, _, target = parts.path.partition("/")
    supplier.require_type(resource_type)
    if method in {"GET", "HEAD"}:
        return _fetched(supplier, grant, resource_type, target, parts.query)
    grant.require(CHANGES[method], resource_type)
    by_search = bool(parts.query) and method != "POST"
    if by_search:
        grant.require("s", resource_type)
    if bool(target) if method == "POST" or by_search else ID_FORM.fullmatch(target) is None:
        raise bad_request(f"{method} {url}: not an address for that method")
    if_match = entry["request"].get("ifMatch")
    if method == "DELETE" and by_search:
        delete_match(supplier, resource_type, parts.query, if_match)
        return {"response": {"status": "204"}}
    if method == "DELETE":
        deleted(supplier, resource_type, target, if_match)
        return {"response": {"status": "204"}}
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        raise bad_request(f"{method} {url}: the entry has no resource", "required")
    check(resource, resource_type)
    if method == "POST" and condition_of(entry):
        grant.require("s", resource_type)
        version, is_new = create_unless(supplier, resource, condition_of(entry), identifier)
    elif method == "POST":
        version, is_new = created(supplier, resource, identifier), True
    elif by_search:
        version, is_new = update_match(supplier, resource, parts.query, if_match)
    else:
        version, is_new = updated(supplier, resource, target, if_match)
    return _kept(supplier, version, is_new=is_new)


def _kept(supplier: Supplier, version: Version, *, is_new: bool) -> Entry:
    address = supplier.address(version.type, version.id)
    known = told(supplier, version)
    response = {
        "status": "201" if is_new else "200",
        "location": f"{address}/_history/{known.version}",
        "etag": known.etag,
        "lastModified": dates.written(version.updated),
    }
    return {
        "fullUrl": address,
        "resource": orjson.Fragment(shown(supplier, version).text),
        "response": response,
    }


def _fetched(supplier: Supplier, grant: Grant, resource_type: str, target: str, query: str) -> Entry:
    if not target:
        grant.require("s", resource_type)
        found = find(supplier, resource_type, pairs(query))
        return {"resource": orjson.Fragment(bytes(found.body)), "response": {"status": "200"}}
    grant.require("r", resource_type)
    identifier, slash, number = target.partition("/_history/")
    if "/" in identifier:
        raise not_found(f"There is no {resource_type}/{target}")
    version = (
        version_of(supplier, resource_type, identifier, number)
        if slash
        else supplier.store.get(resource_type, identifier)
    )
    if version is None:
        raise not_found(f"There is no {resource_type}/{target}")
    if version.deleted:
        raise RequestError(410, "deleted", f"{resource_type}/{target} was deleted")
    known = told(supplier, version)
    return {
        "fullUrl": supplier.address(resource_type, identifier),
        "resource": orjson.Fragment(shown(supplier, version).text),
        "response": {"status": "200", "etag": known.etag, "lastModified": dates.written(version.updated)},
    }
