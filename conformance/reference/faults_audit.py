"""The faults of what is left behind: an audit trail that does not tell, versions that cannot be taken along."""

from typing import Any

from conformance.reference.fault import Change, Fault, leaving, reading

_PROFILE = "exit-core"

Json = dict[str, Any]


def _without(action: str) -> Change:
    return leaving(event=lambda event: None if event["action"] == action else event)


def _nobody(event: Json) -> Json:
    return {**event, "agent": [{"requestor": True}]}


def _fault(name: str, requirement: str, summary: str, change: Change, also: tuple[str, ...] = ()) -> Fault:
    return Fault(name, _PROFILE, f"EXIT-{requirement}", "SHALL", 1, summary, also, change=change)


def _warning(name: str, requirement: str, summary: str, change: Change) -> Fault:
    return Fault(name, _PROFILE, f"EXIT-{requirement}", "SHOULD", 0, summary, change=change)


AUDIT_FAULTS: tuple[Fault, ...] = (
    _fault("audit-forgets-deletions", "CMP-08", "The audit trail does not tell of deletions.", _without("D")),
    _fault(
        "audit-forgets-reads", "CMP-08", "The audit trail does not tell who has seen a record.", _without("R")
    ),
    _fault(
        "audit-names-nobody",
        "CMP-08",
        "The audit trail does not say who did what.",
        leaving(event=_nobody),
        also=("EXIT-SEC-04",),
    ),
    _fault(
        "audit-tells-no-time",
        "CMP-08",
        "All events of the audit trail have the time of the day on which it was set up.",
        leaving(event=lambda event: {**event, "recorded": "2020-01-01T00:00:00Z"}),
        also=("EXIT-SEC-04",),
    ),
    _fault(
        "audit-trail-is-empty",
        "CMP-08",
        "The audit trail answers every search, and has no events.",
        leaving(events_found=False),
        also=("EXIT-SEC-04",),
    ),
    _warning("export-not-logged", "SEC-04", "Exports leave no trace in the audit trail.", _without("E")),
    _warning(
        "history-is-latest-only",
        "CMP-10",
        "The history of a record shows its latest version only.",
        reading(history=lambda versions: versions[:1]),
    ),
)
