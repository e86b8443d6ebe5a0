"""GP Connect: asking for the structured record of a patient, rightly and wrongly."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal

from conformance.plugin import Wire, probe
from conformance.probes.gp_connect_consumer import NHS_NUMBER, STRUCTURED_RECORD, Consumer, asking

Json = dict[str, Any]
Wrong = Literal["number", "patient", "parameters"]

PATH = "/Patient/$gpc.getstructuredrecord"
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
    asked = [_number(patient)]
    if allergies != "none":
        asked.append(_allergies(resolved=allergies == "all"))
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
    _ask(desk, [_number(patient), _allergies(resolved=True)], GOOD, "")
    for variant, asked in _wrong(patient, nobody, wrong):
        _ask(desk, asked, BAD, variant)


def _ask(desk: Consumer, asked: list[Json], label: str, variant: str) -> None:
    sent = {"resourceType": "Parameters", "parameter": asked}
    about = {"variant": variant} if variant else {}
    desk.send("POST", PATH, STRUCTURED_RECORD, SCOPE, label=label, json=sent, about=about)


def _wrong(patient: str, nobody: str, wrong: Wrong) -> Iterator[tuple[str, list[Json]]]:
    allergies = _allergies(resolved=True)
    if wrong == "number":
        last = (int(patient[-1:]) + 1) % 10 if patient[-1:].isdecimal() else 0
        yield "another check digit", [_number(f"{patient[:-1]}{last}"), allergies]
        yield "nine digits", [_number(patient[:-1]), allergies]
    elif wrong == "patient":
        yield "a patient who is not to be told of", [_number(nobody), allergies]
    else:
        yield "no NHS number", [allergies]
        yield "no parameter that is known", [{"name": "nothing", "valueString": "nothing"}]
        yield "allergies without saying which", [_number(patient), {"name": "includeAllergies"}]
        today = dt.datetime.now(dt.UTC).date()
        later = (today + dt.timedelta(days=30)).isoformat()
        for variant, day in (
            ("a search date of a month only", later[:7]),
            ("a search date in the future", later),
        ):
            since = {"name": "medicationSearchFromDate", "valueDate": day}
            yield variant, [_number(patient), {"name": "includeMedication", "part": [since]}]


def _number(nhs_number: str) -> Json:
    return {"name": "patientNHSNumber", "valueIdentifier": {"system": NHS_NUMBER, "value": nhs_number}}


def _allergies(*, resolved: bool) -> Json:
    part = {"name": "includeResolvedAllergies", "valueBoolean": resolved}
    return {"name": "includeAllergies", "part": [part]}
