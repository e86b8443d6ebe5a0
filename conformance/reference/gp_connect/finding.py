"""Searching for free slots, as "Search for free slots" of GP Connect 1.2.x has it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from conformance.reference.behaviour.gp_connect import DiaryBehaviour
from conformance.reference.gp_connect.diary import Diary, moment
from conformance.reference.gp_connect.outcomes import wrong_parameter
from conformance.reference.gp_connect.people import DOCTOR, NURSE, PRACTICE, SURGERY

Json = dict[str, Any]

LONGEST = timedelta(days=14)
_PRACTITIONERS = {one["id"]: one for one in (DOCTOR, NURSE)}
_KNOWN_FILTERS = (
    "https://fhir.nhs.uk/Id/ods-organization-code|",
    "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1|",
)


def free_slots(diary: Diary, query: Iterable[tuple[str, str]], behaviour: DiaryBehaviour) -> Json:
    """The free slots wholly within the range, with what the search asks to be included. Raises Refusal."""
    given: dict[str, list[str]] = {}
    for name, value in query:
        given.setdefault(name, []).append(value)
    begin, end = _range(given, behaviour)
    if given.get("status") != ["free"] and behaviour.status_required:
        raise wrong_parameter("The parameter status has to be there, and to be free")
    if "Slot:schedule" not in given.get("_include", []) and behaviour.include_required:
        raise wrong_parameter("The parameter _include=Slot:schedule has to be there")
    for value in given.get("searchFilter", []):
        if not behaviour.filters_ignored and not value.startswith(_KNOWN_FILTERS):
            raise wrong_parameter(f"The search filter {value} is not known")
    slots = [
        slot
        for slot in diary.offered(busy=not behaviour.busy_left_out)
        if not behaviour.range_heeded or _within(slot, begin, end)
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": _entries(diary, slots, given, behaviour),
    }
    return bundle if bundle["entry"] else {"resourceType": "Bundle", "type": "searchset"}


def _within(slot: Json, begin: datetime, end: datetime) -> bool:
    return begin <= moment(slot["start"]) and moment(slot["end"]) <= end


def _range(given: dict[str, list[str]], behaviour: DiaryBehaviour) -> tuple[datetime, datetime]:
    starts, ends = given.get("start", []), given.get("end", [])
    if len(starts) != 1 or len(ends) != 1 or starts[0][:2] != "ge" or ends[0][:2] != "le":
        raise wrong_parameter("There have to be one start with ge, and one end with le")
    begin, end = _bound(starts[0][2:], "start"), _bound(ends[0][2:], "end")
    if end < begin:
        raise wrong_parameter("The end is before the start")
    if end - begin > LONGEST + timedelta(days=1) and behaviour.longest_range_checked:
        raise wrong_parameter("The time from start to end is longer than two weeks")
    return begin, end


def _bound(text: str, name: str) -> datetime:
    """The moment at which a range begins or ends; a day ends with its last moment."""
    try:
        if len(text) == len("2000-01-01"):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return day + timedelta(days=1, seconds=-1) if name == "end" else day
        return moment(text)
    except ValueError as error:
        raise wrong_parameter(f"{name} is neither a whole date nor a time with its offset") from error


def _entries(
    diary: Diary, slots: list[Json], given: dict[str, list[str]], behaviour: DiaryBehaviour
) -> list[Json]:
    found: dict[str, Json] = {}
    schedules = [diary.schedules[slot["schedule"]["reference"].removeprefix("Schedule/")] for slot in slots]
    wanted = given.get("_include:recurse", [])
    if behaviour.schedules_included:
        found |= {one["id"]: one for one in schedules}
    for schedule in schedules:
        for actor in schedule["actor"]:
            kind, _, identity = actor["reference"].partition("/")
            if kind == "Practitioner" and "Schedule:actor:Practitioner" in wanted:
                found[identity] = _PRACTITIONERS[identity]
            if kind == "Location" and "Schedule:actor:Location" in wanted:
                found[identity] = SURGERY
    if slots:
        found[PRACTICE["id"]] = PRACTICE
    return [{"resource": one} for one in (*map(behaviour.slot_shown, slots), *found.values())]
