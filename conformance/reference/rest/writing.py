"""What a resource must be before it is kept: the rules of FHIR's JSON form and of ids.

See https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/datatypes.html#id. Codes, cardinalities and
invariants are looked at in a Patient only, profiles not at all.
"""

import re
from typing import Any

from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.records.store import Store, Version
from conformance.reference.rest.patient_shape import check_patient

ID_FORM = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def check(resource: dict[str, Any], resource_type: str, unchecked: frozenset[str] = frozenset()) -> None:
    """Refuse (400) what is not a resource of that type in well-formed FHIR JSON; a Patient also for its shape.

    `unchecked` holds rules that are not kept: see `FormatsBehaviour`.
    """
    found = resource.get("resourceType")
    if found != resource_type and "type" not in unchecked:
        raise bad_request(f"The body's resourceType is {found!r}; this address takes {resource_type}")
    identifier = resource.get("id")
    formed = isinstance(identifier, str) and ("id" in unchecked or ID_FORM.fullmatch(identifier))
    if identifier is not None and not formed:
        raise bad_request(f"id {identifier!r} is not 1 to 64 letters, digits, '-' or '.'", "value")
    if not isinstance(resource.get("meta", {}), dict):
        raise bad_request("meta is not an object", "structure")
    _check_value(resource, resource_type)
    if found == "Patient" and "shape" not in unchecked:
        check_patient(resource)


def keep(store: Store, resource: dict[str, Any], method: str = "PUT", *, own_meta: bool = True) -> Version:
    """Keep a resource that was checked; refuses (400) one whose elements have the wrong shape."""
    try:
        return store.put(resource, method, own_meta=own_meta)
    except ValueError as error:
        raise bad_request(str(error), "value") from error
    except (TypeError, AttributeError, KeyError) as error:
        raise bad_request("An element has a value of the wrong type", "structure") from error


def _check_value(value: Any, place: str) -> None:
    if isinstance(value, dict):
        if not value:
            raise bad_request(f"{place} is an empty object", "structure")
        for name, member in value.items():
            if not name:
                raise bad_request(f"{place} has a member without a name", "structure")
            _check_member(value, name, member, f"{place}.{name}")
    elif isinstance(value, str):
        if not value.strip():
            raise bad_request(f"{place} is an empty string", "value")
    elif value is None:
        raise bad_request(f"{place} is null", "structure")


def _check_member(owner: dict[str, Any], name: str, member: Any, place: str) -> None:
    if not isinstance(member, list):
        _check_value(member, place)
        return
    if not member:
        raise bad_request(f"{place} is an empty array", "structure")
    twin = owner.get(name[1:] if name.startswith("_") else f"_{name}")
    for index, item in enumerate(member):
        # A null keeps a place for the extensions, or for the value, of a primitive in the twin array.
        if item is None and isinstance(twin, list) and index < len(twin) and twin[index] is not None:
            continue
        if isinstance(item, list):
            raise bad_request(f"{place}[{index}] is an array in an array", "structure")
        _check_value(item, f"{place}[{index}]")


def require_version(existing: Version | None, if_match: str | None) -> None:
    """Refuse (412) a change to another version than the one the client names."""
    if if_match is None or if_match.strip() == "*":
        return
    current = existing.etag if existing and not existing.deleted else None
    if current is None or current.removeprefix("W/") not in {
        tag.strip().removeprefix("W/") for tag in if_match.split(",")
    }:
        told = f"the current version is {current}" if current else "there is no such resource"
        raise RequestError(412, "conflict", f"If-Match is {if_match}, but {told}")
