"""GP Connect: asking for the structured record of a patient, rightly and wrongly."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal

from conformance.plugin import Wire, probe
from conformance.probes.gp_connect_consumer import RECORD_PATH, STRUCTURED_RECORD, Consumer, asking, number
from conformance.probes.gp_connect_consumer import allergies as allergies_of

Json = dict[str, Any]
Wrong = Literal["number", "patient", "parameters"]

SCOPE = "patient/*.read"
RECORD, BAD, GOOD = "record", "bad", "good"


@probe("gp-connect-record")
def record(  # noqa: PLR0913 - a request for a record has this many independent aspects
    wire: Wire,
    *,
    consumer: dict[str, str],
    structured: str,
    patient: str,
    allergies: Literal["none", "active", "all"] = "none",
    medication: Literal["none", "summary", "issues"] = "none",
    since: str = "",
) -> None:
    """Ask for the structured record of the patient with this NHS number (`record`).

    `allergies` are left out, or those that stand, or all; `medication` is left out, or without the single issues of
    prescriptions, or with them; `since` is the day from which on medication is wanted. `consumer` and
    `structured` are those of `gp-connect-discover`.
    """
    asked = [number(patient)]
    if allergies != "none":
        asked.append(allergies_of(resolved=allergies == "all"))
    if medication != "none":
        parts: list[Json] = [{"name": "includePrescriptionIssues", "valueBoolean": medication == "issues"}]
        parts += [{"name": "medicationSearchFromDate", "valueDate": since}] if since else []
        asked.append({"name": "includeMedication", "part": parts})
    _ask(asking(wire, consumer, structured), asked, RECORD, "")


@probe("gp-connect-record-refusals")
def record_refusals(
    wire: Wire,
    *,
    consumer: dict[str, str],
    structured: str,
    patient: str,
    wrong: Wrong,
    nobody: str = "",
) -> None:
    """Ask for a record rightly (`good`), then with each thing wrong of one kind (`bad`, told in `variant`).

    `number` spoils the patient's NHS number, `patient` asks for `nobody`, `parameters` for what cannot be asked.
    """
    desk = asking(wire, consumer, structured)
    _ask(desk, [number(patient), allergies_of(resolved=True)], GOOD, "")
    for variant, asked in _wrong(patient, nobody, wrong):
        _ask(desk, asked, BAD, variant)


def _ask(desk: Consumer, asked: list[Json], label: str, variant: str) -> None:
    sent = {"resourceType": "Parameters", "parameter": asked}
    about = {"variant": variant} if variant else {}
    desk.send("POST", RECORD_PATH, STRUCTURED_RECORD, SCOPE, label=label, json=sent, about=about)


def _wrong(patient: str, nobody: str, wrong: Wrong) -> Iterator[tuple[str, list[Json]]]:
    allergies = allergies_of(resolved=True)
    if wrong == "number":
        last = (int(patient[-1:]) + 1) % 10 if patient[-1:].isdecimal() else 0
        yield "another check digit", [number(f"{patient[:-1]}{last}"), allergies]
        yield "nine digits", [number(patient[:-1]), allergies]
    elif wrong == "patient":
        yield "a patient who is not to be told of", [number(nobody), allergies]
    else:
        yield "no NHS number", [allergies]
        yield "no parameter that is known", [{"name": "nothing", "valueString": "nothing"}]
        yield "allergies without saying which", [number(patient), {"name": "includeAllergies"}]
        today = dt.datetime.now(dt.UTC).date()
        later = (today + dt.timedelta(days=30)).isoformat()
        for variant, day in (
            ("a search date of a month only", later[:7]),
            ("a search date in the future", later),
        ):
            since = {"name": "medicationSearchFromDate", "valueDate": day}
            yield variant, [number(patient), {"name": "includeMedication", "part": [since]}]
