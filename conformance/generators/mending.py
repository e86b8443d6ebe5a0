"""What rules among the elements of a resource ask for, done to a resource that was put together element by element.

The rules are the invariants of R4, by their keys: https://hl7.org/fhir/R4/profilelist.html names the page of each type.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Made = dict[str, Any]
Mend = Callable[[Made], None]

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def _status(system: str, code: str) -> Made:
    return {"coding": [{"system": f"{_TERMINOLOGY}/{system}", "code": code}]}


def _drop(made: Made, *names: str) -> None:
    for name in [name for name in made if name.lstrip("_").startswith(names)]:
        del made[name]


def _patient(made: Made) -> None:
    for contact in made.get("contact", ()):
        contact.setdefault("name", {"text": "HTEST"})  # pat-1


def _observation(made: Made) -> None:
    if any(name.lstrip("_").startswith("value") for name in made):
        _drop(made, "dataAbsentReason")  # obs-6
    for component in made.get("component", ()):
        component["code"] = {"text": "HTEST component"}  # obs-7: not that of the whole
        if any(name.lstrip("_").startswith("value") for name in component):
            _drop(component, "dataAbsentReason")
    for spans in (made, *made.get("component", ())):
        for span in spans.get("referenceRange", ()):
            span.setdefault("text", "HTEST")  # obs-3


def _condition(made: Made) -> None:
    ended = any(name.lstrip("_").startswith("abatement") for name in made)
    made["clinicalStatus"] = _status("condition-clinical", "resolved" if ended else "active")  # con-4
    made["verificationStatus"] = _status("condition-ver-status", "confirmed")  # con-5
    for stage in made.get("stage", ()):
        stage.setdefault("summary", {"text": "HTEST"})  # con-1
    for evidence in made.get("evidence", ()):
        evidence.setdefault("code", [{"text": "HTEST"}])  # con-2


def _allergy(made: Made) -> None:
    made["clinicalStatus"] = _status("allergyintolerance-clinical", "active")  # ait-1
    made["verificationStatus"] = _status("allergyintolerance-verification", "confirmed")  # ait-2


def _immunization(made: Made) -> None:
    for education in made.get("education", ()):
        education.setdefault("documentType", "HTEST")  # imm-1


def _appointment(made: Made) -> None:
    made["start"], made["end"] = "2020-06-15T12:30:00Z", "2020-06-15T13:00:00Z"  # app-2, app-3
    _drop(made, "_start", "_end", "cancelationReason", "requestedPeriod")  # app-4
    if made["status"] in {"cancelled", "noshow"}:
        made["status"] = "booked"
    for participant in made["participant"]:
        participant.setdefault("actor", {"display": "HTEST"})  # app-1


def _service_request(made: Made) -> None:
    if "orderDetail" in made:
        made.setdefault("code", {"text": "HTEST"})  # prr-1


def _organization(made: Made) -> None:
    made.setdefault("name", "HTEST")  # org-1


def _care_plan(made: Made) -> None:
    for activity in made.get("activity", ()):
        if "detail" in activity:
            _drop(activity, "reference")  # cpl-3


def _care_team(made: Made) -> None:
    for participant in made.get("participant", ()):
        _drop(participant, "onBehalfOf")  # ctm-1
        if not participant:
            participant["member"] = {"display": "HTEST"}


def _goal(made: Made) -> None:
    for target in made.get("target", ()):
        target.setdefault("measure", {"text": "HTEST"})  # gol-1


MENDS: Mapping[str, Mend] = MappingProxyType(
    {
        "AllergyIntolerance": _allergy,
        "Appointment": _appointment,
        "CarePlan": _care_plan,
        "CareTeam": _care_team,
        "Condition": _condition,
        "Goal": _goal,
        "Immunization": _immunization,
        "Observation": _observation,
        "Organization": _organization,
        "Patient": _patient,
        "ServiceRequest": _service_request,
    }
)
"""By resource type; types that are not named have no rule that could be broken here."""
