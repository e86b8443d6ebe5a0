"""What an AuditEvent tells: about which resource, done by whom, when, and whether it is about an export.

Source: https://hl7.org/fhir/R4/auditevent.html. Whatever somebody wrote into it is asked for its shape first.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from conformance.fhir.bundles import matches
from conformance.fhir.references import named
from conformance.model.base import Json
from conformance.model.evidence import Exchange

EXPORT_CODES = frozenset({"110106", "export", "$export", "bulk-export"})
"""The code of DICOM for an export (DCM 110106), and words that servers use."""


def events(page: Exchange) -> list[dict[str, Any]]:
    """The AuditEvents on a page of a search."""
    bundle = (page.resource("Bundle") if page.ok else None) or {}
    return [one for one in matches(bundle) if one.get("resourceType") == "AuditEvent"]


def is_about(event: dict[str, Any], name: str) -> bool:
    """Whether an entity of the event is this resource (`Patient/1`), in whatever version."""
    return any(
        isinstance(what := entity.get("what"), dict)
        and isinstance(what.get("reference"), str)
        and named(what["reference"]) == name
        for entity in _objects(event.get("entity"))
    )


def has_actor(event: dict[str, Any]) -> bool:
    """Whether an agent of the event is named: by a reference, an identifier, a display, or a name."""
    return any(any(True for _ in _names(agent)) for agent in _objects(event.get("agent")))


def _names(agent: dict[str, Any]) -> Iterator[str]:
    who = _object(agent.get("who"))
    identifier = _object(who.get("identifier"))
    for value in (
        who.get("reference"),
        who.get("display"),
        identifier.get("value"),
        agent.get("altId"),
        agent.get("name"),
    ):
        if (
            isinstance(value, str)
            and value.strip()
            and value.strip().lower() not in {"unknown", "anonymous", "system"}
        ):
            yield value


def about_export(event: dict[str, Any]) -> bool:
    """Whether the event says that it is about an export: by a code, or by the address in an entity."""
    codes = {
        str(coding.get(member, "")).strip().lower()
        for coding in (*_objects([event.get("type")]), *_objects(event.get("subtype")))
        for member in ("code", "display")
    }
    return bool(codes & EXPORT_CODES) or any("$export" in text for text in texts_of_entities(event))


def texts_of_entities(event: dict[str, Any]) -> list[str]:
    """What the event's entities say in words: names, descriptions, queries (which are base64), details."""
    found: list[str] = []
    for entity in _objects(event.get("entity")):
        found += [value for name in ("name", "description") if isinstance(value := entity.get(name), str)]
        found += [_decoded(value) for value in (entity.get("query"),) if isinstance(value, str)]
        what = entity.get("what")
        if isinstance(what, dict) and isinstance(what.get("reference"), str):
            found.append(what["reference"])
        for detail in _objects(entity.get("detail")):
            found += [value for value in detail.values() if isinstance(value, str)]
    return found


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def _object(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Json) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
