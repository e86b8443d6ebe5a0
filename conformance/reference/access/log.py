"""The access log: who read, changed, erased or exported what. The newest events are kept.

See https://hl7.org/fhir/R4/auditevent.html and https://hl7.org/fhir/R4/valueset-audit-event-action.html.
"""

import base64
import threading
import uuid
from collections import deque
from collections.abc import Mapping
from typing import Any

from conformance.reference.forms import dates
from conformance.reference.settings import Settings

_KEPT = 20_000
_REST = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
_EXPORT = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110106", "display": "Export"}
_RESTFUL = "http://hl7.org/fhir/restful-interaction"
_INTERACTIONS: Mapping[str, str] = {"C": "create", "R": "read", "U": "update", "D": "delete"}


class AccessLog:
    """The newest events. Each is kept as what it is made of, and written out when it is asked for."""

    def __init__(self, settings: Settings) -> None:
        clients = [client.client_id for client in settings.clients]
        self._who = clients[0] if len(clients) == 1 else "a registered client"
        self._observer = settings.product_name
        self._events: deque[tuple[str, int, str, str]] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def note(self, action: str, what: str) -> None:
        """Keep that this was done with the resource `what`, or exported by that address (action `E`)."""
        with self._lock:
            self._events.append((action, dates.now(), what, str(uuid.uuid4())))

    def newest_first(self) -> list[dict[str, Any]]:
        """All events, as AuditEvents."""
        with self._lock:
            kept = list(self._events)
        return [self._event(*event) for event in reversed(kept)]

    def _event(self, action: str, when: int, what: str, identifier: str) -> dict[str, Any]:
        export = action == "E"
        entity: dict[str, Any] = (
            {"name": "$export", "query": base64.b64encode(what.encode()).decode("ascii")}
            if export
            else {"what": {"reference": what}}
        )
        return {
            "resourceType": "AuditEvent",
            "id": identifier,
            "type": _EXPORT if export else _REST,
            "subtype": [{"system": _RESTFUL, "code": "operation" if export else _INTERACTIONS[action]}],
            "action": action,
            "recorded": dates.written(when),
            "outcome": "0",
            "agent": [{"who": {"identifier": {"value": self._who}, "display": self._who}, "requestor": True}],
            "source": {"observer": {"display": self._observer}},
            "entity": [entity],
        }
