"""The structured record of a patient: allergies and medication, as "Retrieve a patient's structured record" asks."""

from datetime import UTC, date, datetime
from typing import Any

from conformance.reference.behaviour.gp_connect import RecordBehaviour
from conformance.reference.gp_connect import terms
from conformance.reference.gp_connect.clinical import allergies, medication
from conformance.reference.gp_connect.outcomes import Refusal, no_patient, wrong_parameter, wrong_resource
from conformance.reference.gp_connect.people import (
    DOCTOR,
    DOCTORS_ROLE,
    PATIENTS,
    PRACTICE,
    Registered,
    by_nhs_number,
)
from conformance.reference.population.people import nhs_check_digit

Json = dict[str, Any]

_KNOWN = ("patientNHSNumber", "includeAllergies", "includeMedication")
_NUMBER_DIGITS = 10
_DAY_LETTERS = len("2000-01-01")


def structured_record(sent: Json, behaviour: RecordBehaviour) -> Json:
    """The bundle that the Parameters ask for. Raises Refusal."""
    asked = _asked(sent)
    patient = _patient(asked, behaviour)
    entries = [patient.resource, PRACTICE, DOCTOR, DOCTORS_ROLE]
    entries += _allergies(asked.get("includeAllergies"), patient, behaviour)
    entries += _medication(asked.get("includeMedication"), patient, behaviour)
    bundle = {
        "resourceType": "Bundle",
        "meta": {"profile": [terms.BUNDLE]},
        "type": "collection",
        "entry": [{"resource": one} for one in entries],
    }
    return behaviour.bundle(bundle)


def _asked(sent: Json) -> dict[str, Json]:
    if sent.get("resourceType") != "Parameters" or not isinstance(sent.get("parameter", []), list):
        raise wrong_resource("The body is no Parameters resource")
    asked = {str(one.get("name")): one for one in sent.get("parameter", []) if isinstance(one, dict)}
    if not any(name in asked for name in _KNOWN):
        raise wrong_parameter("There is no parameter that this operation knows")
    return asked


def _patient(asked: dict[str, Json], behaviour: RecordBehaviour) -> Registered:
    given = asked.get("patientNHSNumber", {}).get("valueIdentifier")
    if not isinstance(given, dict):
        if behaviour.number_required:
            raise wrong_parameter("The parameter patientNHSNumber is missing")
        return PATIENTS[0]
    if given.get("system") != terms.NHS_NUMBER:
        raise Refusal(400, "value", "INVALID_IDENTIFIER_SYSTEM", "The identifier is no NHS number")
    number = str(given.get("value", ""))
    if not _is_nhs_number(number) and behaviour.number_checked:
        raise Refusal(400, "value", "INVALID_NHS_NUMBER", "The NHS number has not the right check digit")
    found = by_nhs_number(number)
    if found is None or (found.sensitive and behaviour.sensitivity_heeded):
        raise no_patient("There is no such patient here")
    if not found.consents and behaviour.dissent_heeded:
        raise Refusal(403, "forbidden", "NO_PATIENT_CONSENT", "The patient does not share their record")
    if behaviour.of_another:
        return next(one for one in PATIENTS if one is not found)
    return found


def _is_nhs_number(text: str) -> bool:
    return text.isdecimal() and len(text) == _NUMBER_DIGITS and nhs_check_digit(text[:-1]) == text[-1]


def _part(parameter: Json, name: str) -> Json | None:
    return next((one for one in parameter.get("part", []) if one.get("name") == name), None)


def _flag(parameter: Json, name: str) -> bool | None:
    part = _part(parameter, name)
    if part is None:
        return None
    value = part.get("valueBoolean")
    if not isinstance(value, bool):
        raise wrong_parameter(f"{name} has no value")
    return value


def _allergies(parameter: Json | None, patient: Registered, behaviour: RecordBehaviour) -> list[Json]:
    if parameter is None:
        return [] if behaviour.unasked_left_out else allergies(patient, resolved=True)
    resolved = _flag(parameter, "includeResolvedAllergies")
    if resolved is None and behaviour.parts_checked:
        raise wrong_parameter("includeResolvedAllergies is missing")
    return allergies(patient, resolved=bool(resolved) or not behaviour.resolved_left_out)


def _medication(parameter: Json | None, patient: Registered, behaviour: RecordBehaviour) -> list[Json]:
    if parameter is None:
        return []
    issues = _flag(parameter, "includePrescriptionIssues")
    since = _since(_part(parameter, "medicationSearchFromDate"), behaviour)
    return medication(
        patient,
        since=since if behaviour.search_date_heeded else None,
        issues=issues is not False or not behaviour.issues_left_out,
    )


def _since(part: Json | None, behaviour: RecordBehaviour) -> date | None:
    if part is None:
        return None
    text = str(part.get("valueDate", ""))
    try:
        if len(text) != _DAY_LETTERS:
            raise ValueError(text)  # noqa: TRY301 - a partial date, or one with a time, is no whole date either
        day = date.fromisoformat(text)
    except ValueError as error:
        if not behaviour.search_date_checked:
            return None
        raise wrong_parameter("medicationSearchFromDate is no whole date") from error
    if day > datetime.now(UTC).date() and behaviour.search_date_checked:
        raise wrong_parameter("medicationSearchFromDate is in the future")
    return day
