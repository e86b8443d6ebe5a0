"""Recording vaccinations of a test patient: one through its whole life, and such as must be refused.

Sources: NHS England, Immunisation FHIR API, `POST /Immunization`, `PUT` and `GET /Immunization/{id}`;
https://hl7.org/fhir/R4/http.html#update.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote

from conformance.fhir import bundles
from conformance.fhir.nhs import NHS_NUMBER_SYSTEM
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.nhs_records import (
    NOT_TRACED,
    Resource,
    nhs_patient,
    not_given,
    test_number,
    vaccination,
)
from conformance.probes.patients import RUN_SYSTEM
from conformance.probes.records import needed, posted, put, removed, seen_within

Lacking = Literal[
    "identifier",
    "date",
    "recorded",
    "primary-source",
    "procedure",
    "disease",
    "organisation",
    "location",
    "batch",
    "reason",
]
ELEMENTS: Mapping[Lacking, str] = MappingProxyType(
    {
        "identifier": "identifier",
        "date": "occurrenceDateTime",
        "recorded": "recorded",
        "primary-source": "primarySource",
        "procedure": "extension",
        "disease": "protocolApplied",
        "organisation": "performer",
        "location": "location",
        "batch": "lotNumber",
        "reason": "statusReason",
    }
)
"""The element that a record lacks which must be refused for it."""
CORRECTED = {"lotNumber": "HTEST-BATCH-2", "doseQuantity": {"value": 0.25, "unit": "ml"}}


@probe("vaccination", writes=True)
def vaccination_life(wire: Wire, *, limit: int) -> None:
    """Record a vaccination of a test patient, twice; find, correct and withdraw it; record one that was not given.

    The patient has the NHS number as not traced (`patient`, `read-patient`). Labels: `create`, `read-back`,
    `by-patient` and `by-number` (searches, repeated for `limit` seconds), `create-again`, `same-identifier`,
    `correct` (with If-Match), `read-corrected`, `history`, `vread`, `correct-outdated`, `correct-identifier`,
    `read-unchanged`, `not-given`, `read-not-given`, `withdraw`, `read-withdrawn`, `after-withdrawal`.
    """
    patient = needed(wire, nhs_patient(wire.tag, NOT_TRACED), "patient")
    wire.send("GET", f"/Patient/{patient}", label="read-patient")
    record = vaccination(f"{wire.tag}-given", patient)
    wire.note("sent", json.dumps(record))
    wire.note("patient", f"Patient/{patient}")
    _, identity = posted(wire, record, "create")
    made = [f"Immunization/{identity}"]
    if identity:
        before = wire.send("GET", f"/Immunization/{identity}", label="read-back")
        for label, query in (
            ("by-patient", f"patient=Patient/{patient}"),
            (
                "by-number",
                f"patient.identifier={quote(f'{NHS_NUMBER_SYSTEM}|{test_number(wire.tag)}', safe='')}",
            ),
        ):
            look = partial(wire.send, "GET", f"/Immunization?{query}", label=label)
            seen_within(wire, look, _holds(identity), label, limit)
        made += _again(wire, record)
        _corrected(wire, record, identity, before)
        made += _not_given(wire, not_given(f"{wire.tag}-not-given", patient))
        put(wire, record | CORRECTED | {"status": "entered-in-error"}, identity, "withdraw")
        wire.send("GET", f"/Immunization/{identity}", label="read-withdrawn")
        wire.send("GET", f"/Immunization?patient=Patient/{patient}", label="after-withdrawal")
    removed(wire, *made, f"Patient/{patient}")


@probe("vaccinations-lacking", writes=True)
def vaccinations_lacking(wire: Wire, *, lacking: list[Lacking]) -> None:
    """Record a whole vaccination (`control`), then such as lack an element each (`bad`), and look what is kept.

    `reason` is lacking in one that was not given.
    """
    patient = needed(wire, nhs_patient(wire.tag), "patient")
    made = [f"Immunization/{_tried(wire, vaccination(f'{wire.tag}-whole', patient), 'control', '')}"]
    for name in lacking:
        make = not_given if name == "reason" else vaccination
        record = make(f"{wire.tag}-{name}", patient)
        del record[ELEMENTS[name]]
        made.append(f"Immunization/{_tried(wire, record, 'bad', f'a vaccination without {ELEMENTS[name]}')}")
    removed(wire, *made, f"Patient/{patient}")


@probe("nhs-number-wrong", writes=True)
def nhs_number_wrong(wire: Wire) -> None:
    """Create a patient with a right NHS number (`control`), and one whose check digit is another (`bad`)."""
    number = test_number(f"{wire.tag}-bad")
    wrong = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    made = []
    for label, tried in (("control", ""), ("bad", wrong)):
        patient = nhs_patient(f"{wire.tag}-{label}", number=tried)
        about = {"kind": "a patient whose NHS number has a wrong check digit"} if label == "bad" else {}
        made.append(f"Patient/{posted(wire, patient, label, about)[1]}")
    removed(wire, *made)


def _again(wire: Wire, record: Resource) -> list[str]:
    """Record the same once more; what was made of it."""
    _, twin = posted(wire, record, "create-again")
    value = quote(f"{RUN_SYSTEM}|{record['identifier'][0]['value']}", safe="")
    wire.send("GET", f"/Immunization?identifier={value}", label="same-identifier")
    return [f"Immunization/{twin}"]


def _corrected(wire: Wire, record: Resource, identity: str, before: Exchange) -> None:
    path = f"/Immunization/{identity}"
    put(wire, record | CORRECTED, identity, "correct", before)
    wire.send("GET", path, label="read-corrected")
    wire.send("GET", f"{path}/_history", label="history")
    meta = (before.resource() or {}).get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    if isinstance(version, str):
        wire.send("GET", f"{path}/_history/{quote(version, safe='')}", label="vread")
    put(wire, record | {"lotNumber": "HTEST-OUTDATED"}, identity, "correct-outdated", before)
    other = [{"system": RUN_SYSTEM, "value": f"{record['identifier'][0]['value']}-other"}]
    put(wire, record | CORRECTED | {"identifier": other}, identity, "correct-identifier")
    wire.send("GET", path, label="read-unchanged")
    put(wire, record | CORRECTED, identity, "restored")


def _not_given(wire: Wire, record: Resource) -> list[str]:
    _, identity = posted(wire, record, "not-given")
    if identity:
        wire.send("GET", f"/Immunization/{identity}", label="read-not-given")
    return [f"Immunization/{identity}"]


def _tried(wire: Wire, record: Resource, label: str, kind: str) -> str:
    """Record what may have to be refused; the id that it got, if any."""
    return posted(wire, record, label, {"kind": kind} if kind else None)[1]


def _holds(identity: str) -> Callable[[Exchange], bool]:
    """Whether an answer is a search that finds the vaccination."""

    def holds(answer: Exchange) -> bool:
        bundle = answer.resource("Bundle") if answer.ok else None
        return any(found.get("id") == identity for found in bundles.matches(bundle or {}))

    return holds
