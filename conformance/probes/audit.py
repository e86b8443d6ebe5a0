"""What is left behind by what was done: the versions of a record, and the log of who did what.

Sources: https://hl7.org/fhir/R4/auditevent.html, https://hl7.org/fhir/R4/http.html#history and, for a log that is kept
apart from the records, IHE ITI RESTful ATNA (ITI-81).
"""

import datetime as dt
from collections.abc import Callable

from conformance.analysis.audit import about_export, events, is_about
from conformance.analysis.instants import http_date
from conformance.fhir.addresses import led_to
from conformance.fhir.bundles import link
from conformance.fhir.capability import interactions
from conformance.model.base import Json
from conformance.model.evidence import Exchange
from conformance.plugin import Wire, probe
from conformance.probes.export_job import clear_away, send, status_url
from conformance.probes.export_sequence import own_kick_off
from conformance.probes.patients import needed_patient, remove, test_patient
from conformance.probes.plan_reading import plan_value, web_address

PAUSES = (0.0, 0.1, 0.4, 1.0, 1.5)
"""A log may lag: it is asked so often, with these pauses in seconds before."""
MOST_PAGES = 20
UPDATES = 3
DOUBT = dt.timedelta(seconds=2)


@probe("audited-record", writes=True)
def audited_record(wire: Wire) -> None:
    """Create a patient, read it, change it three times, ask for its history, delete it, and look for it in the log.

    Labels: `create`, `read`, `update`, `history`, `delete`, `audit` (pages of the log). The note `families` has the
    names under which the patient was known, in order; `patient` names it.
    """
    log = _log_of(wire)
    person = test_patient(wire.tag, "HTEST-Audited-0", "1980-01-01")
    identity = needed_patient(wire, person)
    wire.note("patient", f"Patient/{identity}")
    families = ["HTEST-Audited-0"]
    wire.send("GET", f"/Patient/{identity}", label="read")
    for number in range(1, UPDATES + 1):
        family = f"HTEST-Audited-{number}"
        changed = {**test_patient(wire.tag, family, "1980-01-01"), "id": identity}
        if wire.send("PUT", f"/Patient/{identity}", label="update", json=changed).ok:
            families.append(family)
    wire.note("families", families)
    wire.send("GET", f"/Patient/{identity}/_history?_count=50", label="history")
    remove(wire, identity, "delete")
    if log:
        wanted = f"Patient/{identity}"
        _ask(
            wire,
            f"{log}?entity={wanted}&_count=100",
            lambda event: is_about(event, wanted) and event.get("action") == "D",
        )


@probe("logged-export")
def logged_export(wire: Wire) -> None:
    """Begin an export and look in the log for it; the kick-off is labelled `kick-off`, the pages of the log `audit`."""
    log = _log_of(wire)
    request = own_kick_off(wire, "logged", {"_type": "Patient"})
    answer = send(wire, request)
    where = status_url(answer, request.url)
    if log:
        told = http_date(answer.header("date") or "") or dt.datetime.now(dt.UTC)
        since = (told - DOUBT).strftime("%Y-%m-%dT%H:%M:%SZ")
        _ask(wire, f"{log}?date=ge{since}&_count=100", about_export)
    if where:
        clear_away(wire, where)


def _log_of(wire: Wire) -> str:
    """The address at which AuditEvents are searched: that of the plan, else the target's own; empty for none."""
    stated = web_address(plan_value(wire, "export.auditTrail.baseUrl"))
    if not stated:
        answer = wire.send("GET", "/metadata", label="declared-types", shared=True)
        statement = (answer.resource("CapabilityStatement") if answer.ok else None) or {}
        stated = wire.base if "search-type" in interactions(statement, "AuditEvent") else ""
    log = f"{stated.rstrip('/')}/AuditEvent" if stated else ""
    wire.note("log", log)
    return log


def _ask(wire: Wire, url: str, wanted: Callable[[dict[str, Json]], bool]) -> None:
    """Ask for the events, several times with growing pauses, until one is wanted or time is over."""
    for pause in PAUSES:
        if pause:
            wire.pause(pause)
        if any(wanted(event) for page in _pages(wire, url) for event in events(page)):
            return


def _pages(wire: Wire, url: str) -> list[Exchange]:
    found: list[Exchange] = []
    onward: str | None = url
    while onward and len(found) < MOST_PAGES:
        page = wire.send("GET", onward, label="audit")
        found.append(page)
        bundle = page.resource("Bundle") if page.ok else None
        following = link(bundle, "next") if bundle is not None else None
        onward = led_to(page.url, following) if following else None
    return found
