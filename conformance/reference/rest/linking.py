"""References within a transaction: to resources that it creates, and by a search to those that there are.

See https://hl7.org/fhir/R4/http.html#trules and #condref.
"""

import re
from collections.abc import Mapping
from typing import Any

from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.rest.conditional import matching
from conformance.reference.supplier import Supplier

_CONDITIONAL = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?(?P<query>.+)", re.DOTALL)
_LINKING = frozenset({"reference", "url", "uri"})
_RESTFUL = re.compile(r"https?://.+/(?P<local>[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})")


def identities_of(full_url: str, path: str) -> Mapping[str, str]:
    """The ways in which others in the bundle may refer to a resource that is going to stand at that path."""
    restful = _RESTFUL.fullmatch(full_url)
    return {full_url: path} | ({restful["local"]: path} if restful else {})


def linked(value: Any, identities: Mapping[str, str], name: str = "") -> Any:
    """A resource in which each link to one of these is replaced by where that one is going to stand."""
    if isinstance(value, dict):
        return {member: linked(item, identities, member) for member, item in value.items()}
    if isinstance(value, list):
        return [linked(item, identities, name) for item in value]
    if name == "div" and isinstance(value, str):
        for link, path in identities.items():
            value = value.replace(f'"{link}"', f'"{path}"')
        return value
    return identities.get(value, value) if name in _LINKING and isinstance(value, str) else value


def has_conditional(value: Any) -> bool:
    """Whether a resource refers to another by a search."""
    if isinstance(value, dict):
        return _conditional(value) is not None or any(map(has_conditional, value.values()))
    return isinstance(value, list) and any(map(has_conditional, value))


def resolved(supplier: Supplier, value: Any) -> Any:
    """A resource in which each reference by a search is one to what it finds; refuses (412) none and several."""
    if isinstance(value, list):
        return [resolved(supplier, item) for item in value]
    if not isinstance(value, dict):
        return value
    search = _conditional(value)
    if search is None:
        return {member: resolved(supplier, item) for member, item in value.items()}
    found = matching(supplier, search["type"], search["query"])
    if len(found) != 1:
        told = f"The reference {search[0]!r} finds {len(found) or 'no'} resources, where one is needed"
        raise RequestError(412, "multiple-matches" if found else "not-found", told)
    return {**value, "reference": f"{found[0].type}/{found[0].id}"}


def refuse_conditional(value: Any) -> None:
    """Refuse (400) a reference by a search, which stands in transactions only."""
    if has_conditional(value):
        raise bad_request("A conditional reference can stand in a transaction only", "not-supported")


def _conditional(value: dict[str, Any]) -> re.Match[str] | None:
    reference = value.get("reference")
    return _CONDITIONAL.fullmatch(reference) if isinstance(reference, str) else None
