"""POST [base]: batches, whose entries stand alone, and transactions, which are kept as a whole or not at all.

See https://hl7.org/fhir/R4/http.html#transaction. Conditional references, creates and updates are refused.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import dates
from conformance.reference.access import Grant
from conformance.reference.crud import created, deleted, updated
from conformance.reference.negotiation import pairs, read_resource, require_json
from conformance.reference.outcomes import (
    RequestError,
    bad_request,
    fhir_response,
    not_found,
    operation_outcome,
)
from conformance.reference.search import find, shown
from conformance.reference.store import Version
from conformance.reference.supplier import Supplier
from conformance.reference.writing import ID_FORM, check

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3, "HEAD": 3}
_LETTERS = {"DELETE": "d", "POST": "c", "PUT": "u"}
_CONDITIONAL = re.compile(r"[A-Z][A-Za-z]+\?")
_LINKING = frozenset({"reference", "url", "uri"})

Entry = dict[str, Any]


async def bundle(supplier: Supplier, request: Request) -> Response:
    """Answer POST [base]."""
    grant = supplier.authorise(request)
    require_json(request)
    body = await read_resource(request)
    kind, entries = body.get("type"), body.get("entry", [])
    if body.get("resourceType") != "Bundle" or kind not in {"batch", "transaction"}:
        raise bad_request("Expected a Bundle of type batch or transaction")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise bad_request("Bundle.entry is not a list of objects", "structure")
    if kind == "batch":
        answers = [_alone(supplier, grant, entry) for entry in entries]
    elif supplier.behaviour.rest.transaction_is_atomic:
        with supplier.store.transaction():
            answers = _together(supplier, grant, entries)
    else:
        answers = _together(supplier, grant, entries)
    answer: dict[str, Any] = {"resourceType": "Bundle", "type": f"{kind}-response"}
    if answers:
        answer["entry"] = answers
    return fhir_response(answer)


def _alone(supplier: Supplier, grant: Grant, entry: Entry) -> Entry:
    try:
        return _carry_out(supplier, grant, entry, None)
    except RequestError as error:
        outcome = operation_outcome(error.code, error.diagnostics)
        return {"response": {"status": str(error.status), "outcome": outcome}}


def _together(supplier: Supplier, grant: Grant, entries: list[Entry]) -> list[Entry]:
    identities: dict[str, str] = {}
    new_ids: dict[int, str] = {}
    touched: set[str] = set()
    for index, entry in enumerate(entries):
        method, path = _request(supplier, entry)
        if method == "POST":
            new_ids[index] = str(uuid.uuid4())
            path = f"{path}/{new_ids[index]}"
        if method in _LETTERS:
            if path in touched:
                raise bad_request(f"The transaction changes {path} more than once")
            touched.add(path)
        if method in {"POST", "PUT"} and isinstance(entry.get("fullUrl"), str):
            identities[entry["fullUrl"]] = path
    answers: dict[int, Entry] = {}
    for index in sorted(range(len(entries)), key=lambda index: _ORDER[_request(supplier, entries[index])[0]]):
        entry = entries[index]
        if "resource" in entry:
            entry = {**entry, "resource": _linked(entry["resource"], identities)}
        try:
            answers[index] = _carry_out(supplier, grant, entry, new_ids.get(index))
        except RequestError as error:
            told = f"Entry {index}: {error.diagnostics}"
            raise RequestError(error.status, error.code, told) from error
    return [answers[index] for index in range(len(entries))]


def _request(supplier: Supplier, entry: Entry) -> tuple[str, str]:
    request = entry.get("request")
    if not isinstance(request, dict):
        raise bad_request("An entry has no request", "required")
    method, url = request.get("method"), request.get("url")
    if method not in _ORDER or not isinstance(url, str):
        raise bad_request(
            f"An entry asks for {method!r} {url!r}, which cannot be carried out", "not-supported"
        )
    return method, url.removeprefix(supplier.settings.base_url).strip("/")


def _carry_out(supplier: Supplier, grant: Grant, entry: Entry, identifier: str | None) -> Entry:
    method, url = _request(supplier, entry)
    parts = urlsplit(url)
    resource_type, _, target = parts.path.partition("/")
    supplier.require_type(resource_type)
    if method in {"GET", "HEAD"}:
        return _fetched(supplier, grant, resource_type, target, parts.query)
    grant.require(_LETTERS[method], resource_type)
    if parts.query or entry["request"].get("ifNoneExist"):
        raise bad_request(f"{method} {url}: conditional interactions are not supported", "not-supported")
    if (method == "POST") == bool(target) or (target and ID_FORM.fullmatch(target) is None):
        raise bad_request(f"{method} {url}: not an address for that method")
    if_match = entry["request"].get("ifMatch")
    if method == "DELETE":
        deleted(supplier, resource_type, target, if_match)
        return {"response": {"status": "204"}}
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        raise bad_request(f"{method} {url}: the entry has no resource", "required")
    check(resource, resource_type)
    _refuse_conditional(resource)
    if method == "POST":
        return _kept(supplier, created(supplier, resource, identifier), is_new=True)
    version, is_new = updated(supplier, resource, target, if_match)
    return _kept(supplier, version, is_new=is_new)


def _kept(supplier: Supplier, version: Version, *, is_new: bool) -> Entry:
    address = supplier.address(version.type, version.id)
    response = {
        "status": "201" if is_new else "200",
        "location": f"{address}/_history/{version.version}",
        "etag": version.etag,
        "lastModified": dates.written(version.updated),
    }
    return {"fullUrl": address, "resource": orjson.Fragment(version.text), "response": response}


def _fetched(supplier: Supplier, grant: Grant, resource_type: str, target: str, query: str) -> Entry:
    if not target:
        grant.require("s", resource_type)
        found = find(supplier, resource_type, pairs(query))
        return {"resource": orjson.Fragment(bytes(found.body)), "response": {"status": "200"}}
    grant.require("r", resource_type)
    identifier, _, number = target.partition("/_history/")
    version = supplier.store.get(resource_type, identifier)
    if number.isascii() and number.isdigit():
        version = supplier.store.get_version(resource_type, identifier, int(number))
    if version is None or "/" in identifier:
        raise not_found(f"There is no {resource_type}/{target}")
    if version.deleted:
        raise RequestError(410, "deleted", f"{resource_type}/{target} was deleted")
    return {
        "fullUrl": supplier.address(resource_type, identifier),
        "resource": orjson.Fragment(shown(supplier, version).text),
        "response": {"status": "200", "etag": version.etag, "lastModified": dates.written(version.updated)},
    }


def _linked(value: Any, identities: Mapping[str, str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {member: _linked(item, identities, member) for member, item in value.items()}
    if isinstance(value, list):
        return [_linked(item, identities, name) for item in value]
    return identities.get(value, value) if name in _LINKING and isinstance(value, str) else value


def _refuse_conditional(value: Any) -> None:
    if isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and _CONDITIONAL.match(reference):
            raise bad_request(f"The conditional reference {reference!r} is not supported", "not-supported")
        for item in value.values():
            _refuse_conditional(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_conditional(item)
