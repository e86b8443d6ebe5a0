"""The faults of a supplier whose records are to be shown in the NHS App."""

from collections.abc import Callable
from typing import Any

from conformance.reference.faults.fault import Change, Fault, fault, rest, values, writing
from conformance.reference.faults.record_changes import (
    Keys,
    found_by_patient,
    lacking,
    left_out_of_exports,
    not_offered,
    of_anybody,
    shown_as,
    updated_as,
)
from conformance.reference.forms import dates
from conformance.reference.forms.jsontext import parse
from conformance.reference.population.app import PORTAL_LINK, STATUS_HISTORY

Json = dict[str, Any]
_OWN_CODES = "https://harbour-epr.example/CodeSystem/medicine"
_LATE = 3_600_000_000
"""What is younger than this (microseconds) is not found yet by a supplier whose lists are made up once an hour."""


def _found(kind: str, keep: Callable[[Json], bool]) -> Change:
    """A search of the type finds only what is to be kept."""

    def found(store: Any, query: Any, keys: Keys) -> Keys:
        if query.resource_type != kind:
            return keys
        return [version.pk for version in store.fetch(keys) if keep(parse(version.text))]

    return writing(found=found)


def _all_but_first(_: Any, keys: Keys) -> Keys:
    return keys[1:] if len(keys) > 1 else keys


def _old_enough(store: Any, keys: Keys) -> Keys:
    now = dates.now()
    return [version.pk for version in store.fetch(keys) if now - version.updated > _LATE]


def _first_seen(store: Any, keys: Keys) -> Keys:
    """The first version of each, whatever became of it."""
    found = [store.get_version(version.type, version.id, 1) for version in store.fetch(keys)]
    return [version.pk for version in found if version is not None]


def _by_number(change: Callable[[Keys], Keys]) -> Change:
    def found(_: Any, query: Any, keys: Keys) -> Keys:
        asked = any(name == "patient.identifier" for name, _ in query.heeded)
        return change(keys) if asked else keys

    return writing(found=found)


def _status_stays(sent: Json, before: Json) -> Json:
    return {**sent, "status": before["status"]}


def _without_zone(appointment: Json) -> None:
    appointment["start"] = appointment["start"][: len("2026-01-01T00:00:00")]


def _without_extension(url: str) -> Callable[[Json], None]:
    def change(resource: Json) -> None:
        kept = [one for one in resource.get("extension", []) if one["url"] != url]
        resource.pop("extension", None)
        if kept:
            resource["extension"] = kept

    return change


def _leads_nowhere(appointment: Json) -> None:
    for one in appointment.get("extension", []):
        if one["url"] == PORTAL_LINK:
            one["valueUrl"] += "-gone"


def _to_gone_results(report: Json) -> None:
    report["result"] = [{"reference": f"{one['reference']}-gone"} for one in report.get("result", [])]


def _of_somebody_else(result: Json) -> None:
    result["subject"] = {"reference": "Patient/mixed-up"}


def _content_elsewhere(letter: Json) -> None:
    for one in letter["content"]:
        if "url" in one["attachment"]:
            one["attachment"]["url"] += "-gone"


def _number_in_title(letter: Json) -> None:
    number = letter["subject"].get("identifier", {}).get("value", "unknown")
    letter["description"] = f"Letter about NHS number {number}"


def _in_own_codes(prescription: Json) -> None:
    coding = {"system": _OWN_CODES, "code": "ASP75", "display": "Aspirin"}
    prescription["medicationCodeableConcept"] = {"coding": [coding]}


def _created(kind: str, change: Callable[[Json], Json]) -> Change:
    return rest(created=lambda sent: change(sent) if sent["resourceType"] == kind else sent)


def _an_order(request: Json) -> Json:
    return {**request, "intent": "order"}


def _without_end(appointment: Json) -> Json:
    return {name: value for name, value in appointment.items() if name != "end"}


APP_FAULTS: tuple[Fault, ...] = (
    fault(
        "appointments-not-offered", "APP-APT-01", "Appointments are not declared.", not_offered("Appointment")
    ),
    fault(
        "results-not-offered",
        "APP-RES-01",
        "Reports of results are not declared.",
        not_offered("DiagnosticReport"),
    ),
    fault("letters-not-offered", "APP-DOC-01", "Letters are not declared.", not_offered("DocumentReference")),
    fault(
        "prescriptions-not-offered",
        "APP-RX-01",
        "Prescriptions are not declared.",
        not_offered("MedicationRequest"),
    ),
    fault(
        "list-lacks-an-appointment",
        "APP-LIST-01",
        "A patient's list lacks one of several appointments.",
        found_by_patient("Appointment", _all_but_first),
        also=("APP-LIST-04",),
    ),
    fault(
        "results-of-another-listed",
        "APP-LIST-02",
        "A patient's list of results has one of another patient.",
        of_anybody("DiagnosticReport"),
        also=("APP-LIST-04",),
    ),
    fault(
        "letters-of-another-listed",
        "APP-LIST-02",
        "A patient's list of letters has one of another patient.",
        of_anybody("DocumentReference"),
        also=("APP-LIST-04",),
    ),
    fault(
        "list-by-nhs-number-is-empty",
        "APP-LIST-03",
        "A search by NHS number finds nothing.",
        _by_number(lambda _: []),
    ),
    fault(
        "prescriptions-not-in-export",
        "APP-LIST-04",
        "The export leaves out prescriptions.",
        left_out_of_exports("MedicationRequest"),
    ),
    fault(
        "any-nhs-number-lists-all",
        "APP-LIST-05",
        "A search by an NHS number lists what all patients have.",
        values(chain_heeded=False),
        also=("APP-LIST-01", "APP-LIST-02"),
    ),
    fault(
        "reported-results-of-another",
        "APP-LIST-06",
        "The results that a report refers to are told of another patient.",
        shown_as("Observation", _of_somebody_else),
    ),
    fault(
        "appointment-times-without-zone",
        "APP-APT-02",
        "Appointments tell their start without the time zone.",
        shown_as("Appointment", _without_zone),
        also=("APP-APT-03",),
    ),
    fault(
        "results-without-issue-date",
        "APP-RES-02",
        "Results do not tell when they were issued.",
        shown_as("DiagnosticReport", lacking("issued")),
    ),
    fault(
        "letters-without-date",
        "APP-DOC-02",
        "Letters have no date.",
        shown_as("DocumentReference", lacking("date")),
    ),
    fault(
        "nhs-number-in-title",
        "APP-DOC-03",
        "The description of a letter tells the patient's NHS number.",
        shown_as("DocumentReference", _number_in_title),
    ),
    fault(
        "prescriptions-without-therapy",
        "APP-RX-02",
        "Prescriptions do not say whether they are repeats.",
        shown_as("MedicationRequest", lacking("courseOfTherapyType")),
    ),
    fault(
        "medicines-in-own-codes",
        "APP-RX-03",
        "Medicines are coded in a system of the supplier's own.",
        shown_as("MedicationRequest", _in_own_codes),
    ),
    fault(
        "prescriptions-without-tracking",
        "APP-RX-04",
        "Prescriptions do not say how their item stands.",
        shown_as("MedicationRequest", _without_extension(STATUS_HISTORY)),
        "SHOULD",
    ),
    fault(
        "reports-refer-to-gone-results",
        "APP-LINK-01",
        "Reports refer to results that are not there.",
        shown_as("DiagnosticReport", _to_gone_results),
    ),
    fault(
        "appointments-without-link",
        "APP-LINK-02",
        "Appointments have no link to the portal.",
        shown_as("Appointment", _without_extension(PORTAL_LINK)),
    ),
    fault(
        "portal-links-lead-nowhere",
        "APP-LINK-03",
        "The links of appointments lead to no page.",
        shown_as("Appointment", _leads_nowhere),
    ),
    fault(
        "letters-cannot-be-opened",
        "APP-LINK-04",
        "The content of letters is not where they say.",
        shown_as("DocumentReference", _content_elsewhere),
    ),
    fault(
        "results-listed-late",
        "APP-FRESH-01",
        "New results are on the list after an hour only.",
        found_by_patient("DiagnosticReport", _old_enough),
    ),
    fault(
        "prescription-status-stuck",
        "APP-FRESH-02",
        "A prescription stays active, whatever is written.",
        updated_as("MedicationRequest", _status_stays),
    ),
    fault(
        "list-shows-first-state",
        "APP-FRESH-02",
        "A patient's list of results shows each as it first was.",
        found_by_patient("DiagnosticReport", _first_seen),
    ),
    fault(
        "booking-loses-its-end",
        "APP-APT-03",
        "A booking is kept without its end.",
        _created("Appointment", _without_end),
    ),
    fault(
        "cancelled-appointment-vanishes",
        "APP-APT-04",
        "Appointments that were cancelled are found no more.",
        _found("Appointment", lambda one: one["status"] != "cancelled"),
    ),
    fault(
        "repeat-request-becomes-an-order",
        "APP-RX-05",
        "A request for a repeat is kept as an order.",
        _created("MedicationRequest", _an_order),
        "SHOULD",
    ),
)
