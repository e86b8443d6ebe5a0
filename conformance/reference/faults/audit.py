"""The faults of what is left behind: an audit trail that does not tell, versions that cannot be taken along."""

from typing import Any

from conformance.reference.faults.fault import Change, Fault, fault, leaving, reading

Json = dict[str, Any]


def _without(action: str) -> Change:
    return leaving(event=lambda event: None if event["action"] == action else event)


def _nobody(event: Json) -> Json:
    return {**event, "agent": [{"requestor": True}]}


AUDIT_FAULTS: tuple[Fault, ...] = (
    fault(
        "audit-forgets-deletions", "EXIT-CMP-08", "The audit trail does not tell of deletions.", _without("D")
    ),
    fault(
        "audit-forgets-reads",
        "EXIT-CMP-08",
        "The audit trail does not tell who has seen a record.",
        _without("R"),
    ),
    fault(
        "audit-names-nobody",
        "EXIT-CMP-08",
        "The audit trail does not say who did what.",
        leaving(event=_nobody),
        also=("EXIT-SEC-04",),
    ),
    fault(
        "audit-tells-no-time",
        "EXIT-CMP-08",
        "All events of the audit trail have the time of the day on which it was set up.",
        leaving(event=lambda event: {**event, "recorded": "2020-01-01T00:00:00Z"}),
        also=("EXIT-SEC-04",),
    ),
    fault(
        "audit-trail-is-empty",
        "EXIT-CMP-08",
        "The audit trail answers every search, and has no events.",
        leaving(events_found=False),
        also=("EXIT-SEC-04",),
    ),
    fault(
        "export-not-logged",
        "EXIT-SEC-04",
        "Exports leave no trace in the audit trail.",
        _without("E"),
        "SHOULD",
    ),
    fault(
        "history-is-latest-only",
        "EXIT-CMP-10",
        "The history of a record shows its latest version only.",
        reading(history=lambda versions: versions[:1]),
        "SHOULD",
    ),
)
