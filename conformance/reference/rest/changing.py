"""Creating, updating, deleting and patching one resource that was checked, whoever asks for it.

See https://hl7.org/fhir/R4/http.html#create, #update and #delete.
"""

import uuid
from typing import Any

import orjson

from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.records.store import Version
from conformance.reference.rest.writing import ID_FORM, keep, require_version
from conformance.reference.supplier import Supplier


def created(supplier: Supplier, resource: dict[str, Any], identifier: str | None = None) -> Version:
    """Keep a checked resource under a new id: the given one or a random one."""
    behaviour = supplier.behaviour.rest
    given = resource.get("id") if behaviour.create_keeps_id else None
    body = {**behaviour.created(resource), "id": given or identifier or str(uuid.uuid4())}
    own_meta = supplier.behaviour.life.writing.client_meta_ignored
    with supplier.store.transaction():
        body = supplier.rules.before(supplier, body, None)
        version = keep(supplier.store, body, "POST", own_meta=own_meta)
        supplier.rules.after(supplier, body, None)
    supplier.log.note("C", f"{version.type}/{version.id}")
    return version


def updated(
    supplier: Supplier, resource: dict[str, Any], identifier: str, if_match: str | None
) -> tuple[Version, bool]:
    """Keep a checked resource under a known id; says also whether there was none before."""
    behaviour, writing = supplier.behaviour.rest, supplier.behaviour.life.writing
    if ID_FORM.fullmatch(identifier) is None and "id" not in supplier.behaviour.formats.unchecked:
        raise bad_request(f"{identifier!r} cannot be an id: 1 to 64 letters, digits, '-' or '.'", "value")
    told = resource.get("id")
    refused = writing.missing_id_refused if told is None else behaviour.mismatched_id_refused
    if refused and told != identifier:
        raise bad_request(f"The body's id is {told!r}; the address says {identifier!r}")
    with supplier.store.transaction():
        existing = supplier.store.get(resource["resourceType"], identifier)
        if behaviour.stale_update_refused:
            require_version(existing, if_match)
        if existing is None and not writing.update_creates:
            raise RequestError(405, "not-supported", "Clients cannot choose the id of a new resource")
        is_new = existing is None or existing.deleted
        if existing is not None and not is_new and not behaviour.update_kept:
            return existing, False
        body = {**resource, "id": identifier}
        if existing is not None:
            body = _by_seams(supplier, body, existing)
        replaced = orjson.loads(existing.text) if existing is not None and not existing.deleted else None
        body = supplier.rules.before(supplier, body, replaced)
        version = keep(supplier.store, body, own_meta=writing.update_meta_ignored)
        supplier.rules.after(supplier, body, replaced)
        supplier.log.note("C" if is_new else "U", f"{version.type}/{version.id}")
        return version, is_new


def _by_seams(supplier: Supplier, body: dict[str, Any], existing: Version) -> dict[str, Any]:
    writing = supplier.behaviour.life.writing
    last: Version | None = existing
    if existing.deleted:
        last = supplier.store.get_version(existing.type, existing.id, existing.version - 1)
    before: dict[str, Any] = orjson.loads(last.text) if last is not None and last.text else {}
    return (writing.recreated if existing.deleted else writing.updated)(body, before)


def deleted(supplier: Supplier, resource_type: str, identifier: str, if_match: str | None) -> Version | None:
    """Mark a resource as deleted, if there is one."""
    writing = supplier.behaviour.life.writing
    with supplier.store.transaction():
        existing = supplier.store.get(resource_type, identifier)
        if if_match is not None:
            require_version(existing, if_match)
        if existing is not None and existing.deleted and writing.second_delete_status != 204:  # noqa: PLR2004 - the honest one
            raise RequestError(writing.second_delete_status, "exception", "There is nothing to delete")
        version = supplier.store.delete(resource_type, identifier)
        if version is not None:
            supplier.log.note("D", f"{resource_type}/{identifier}")
        if writing.delete_erases_history:
            supplier.store.forget(resource_type, identifier)
        return version
