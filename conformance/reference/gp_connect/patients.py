"""Finding a patient by NHS number, and the appointments of one."""

from datetime import UTC, date, datetime
from typing import Any

from conformance.reference.behaviour.gp_connect import DiaryBehaviour
from conformance.reference.gp_connect import terms
from conformance.reference.gp_connect.diary import Diary, moment, patient_of
from conformance.reference.gp_connect.outcomes import Refusal, no_patient, wrong_parameter
from conformance.reference.gp_connect.people import shown
from conformance.reference.population.people import nhs_check_digit

Json = dict[str, Any]

_NUMBER_DIGITS = 10
_DAY_LETTERS = len("2000-01-01")


def found_patients(identifier: str) -> Json:
    """The patients with that identifier. Raises Refusal."""
    system, _, number = identifier.rpartition("|")
    if system != terms.NHS_NUMBER:
        raise Refusal(400, "value", "INVALID_IDENTIFIER_SYSTEM", "The identifier is no NHS number")
    if not number.isdecimal() or len(number) != _NUMBER_DIGITS or nhs_check_digit(number[:-1]) != number[-1]:
        raise Refusal(400, "value", "INVALID_NHS_NUMBER", "The NHS number has not the right check digit")
    found = [one.resource for one in shown().values() if one.nhs_number == number]
    return _bundle(found)


def read_patient(identity: str) -> Json:
    """The patient with that id. Raises Refusal."""
    found = shown().get(identity)
    if found is None:
        raise no_patient("There is no such patient here")
    return found.resource


def appointments_of(patient: Json, diary: Diary, bounds: list[str], behaviour: DiaryBehaviour) -> Json:
    """The patient's appointments that start in the range. Raises Refusal."""
    lower = next((one[2:] for one in bounds if one.startswith("ge")), "")
    upper = next((one[2:] for one in bounds if one.startswith("le")), "")
    if behaviour.bounds_required and (len(bounds) != len(("ge", "le")) or not lower or not upper):
        raise wrong_parameter("start has to be there twice: with ge, and with le")
    today = datetime.now(UTC).date()
    try:
        first = _day(lower) if lower else today
        last = _day(upper) if upper else date.max
    except ValueError as error:
        raise wrong_parameter("start is no whole date without a time") from error
    if first < today and behaviour.past_refused:
        raise wrong_parameter("Appointments in the past cannot be asked for")
    if last < first:
        raise wrong_parameter("The range ends before it begins")
    found = [
        behaviour.shown(one)
        for one in diary.appointments.values()
        if first <= moment(one["start"]).date() <= last
        and (behaviour.listed_of_all or patient_of(one) == f"Patient/{patient['id']}")
        and (behaviour.cancelled_listed or one["status"] != "cancelled")
    ]
    return _bundle(found)


def _day(text: str) -> date:
    if len(text) != _DAY_LETTERS:
        raise ValueError(text)
    return date.fromisoformat(text)


def _bundle(found: list[Json]) -> Json:
    bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
    return bundle | ({"entry": [{"resource": one} for one in found]} if found else {})
