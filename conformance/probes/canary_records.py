"""What canaries hold: made-up records whose content is known to the last character.

All carry the tag HTEST, an identifier that no other run uses, and a family name that says what they are.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count as count_from
from typing import Any

RUN_SYSTEM = "https://conformance-harness.org/run"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_TAG = {"system": f"{_TERMINOLOGY}/v3-ActReason", "code": "HTEST"}
_RESTRICTED = {"system": f"{_TERMINOLOGY}/v3-Confidentiality", "code": "R"}
_MAIDEN_NAME = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"
_FIRST_STATES = (
    "inactive",
    "deceased",
    "restricted",
    "merged",
    "long-text",
    "non-latin",
    "partial-date",
    "plain",
)
_NON_LATIN = "Ὀδυσσεύς · Жанна · 李小龍 · محمد · नेहा · Þórður · ‎עִבְרִית‎ · 🩺"
_LINE = "The patient reports that the pain comes on after meals and eases when sitting upright.\n"
_LONG = 1500
_MEASURES = (
    ("Body weight", "29463-7", "kg", "kg"),
    ("Body temperature", "8310-5", "degrees Celsius", "Cel"),
    ("Heart rate", "8867-4", "beats/min", "/min"),
    ("Systolic blood pressure", "8480-6", "mmHg", "mm[Hg]"),
    ("Potassium [Moles/volume] in Serum or Plasma", "2823-3", "mmol/L", "mmol/L"),
)
"""What is measured, its LOINC code, and the unit in words and in UCUM."""


@dataclass(frozen=True)
class Canary:
    """One record: its name in this run, the state that it stands for, its content, and whom it points to by name.

    `points` gives for an element of the content the name of the canary that its reference leads to.
    """

    name: str
    state: str
    content: dict[str, Any]
    points: tuple[tuple[str, str], ...] = ()

    def content_with(self, ids: Mapping[str, str]) -> dict[str, Any] | None:
        """The content with references to the resources that those names have become; None where one is missing."""
        content = dict(self.content)
        for element, name in self.points:
            if name not in ids:
                return None
            reference = {"reference": ids[name]}
            content[element] = (
                [{"other": reference, "type": "replaced-by"}] if element == "link" else reference
            )
        return content


def canaries(tag: str, count: int) -> Iterator[Canary]:
    """So many records, and at least a patient of each state with a measurement, and a document.

    What is asked for beyond these are further patients with measurements.
    """
    made = 0
    for number in count_from(0):
        if number >= len(_FIRST_STATES) and made >= count - 1:
            break
        state = _FIRST_STATES[number] if number < len(_FIRST_STATES) else "plain"
        name = f"patient-{number}"
        if state == "merged":
            yield Canary(f"{name}-survivor", "merged", _patient(tag, f"{number}s", "plain"))
            made += 1
            points: tuple[tuple[str, str], ...] = (("link", f"{name}-survivor"),)
        else:
            points = ()
        yield Canary(name, state, _patient(tag, str(number), state), points)
        yield Canary(f"measurement-{number}", state, _measurement(tag, number, state), (("subject", name),))
        made += 2
    last = f"patient-{len(_FIRST_STATES) - 1}"
    yield Canary("document", "attachment", _document(tag), (("subject", last),))


def long_text() -> str:
    """A text of more than 1,500 characters with line breaks and letters of several scripts at its end."""
    lines = _LINE * (_LONG // len(_LINE) + 1)
    return f"{lines}{_NON_LATIN}"


def _patient(tag: str, number: str, state: str) -> dict[str, Any]:
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "meta": {"tag": [_TAG]},
        "extension": [{"url": _MAIDEN_NAME, "valueString": f"HTEST-Maiden-{number}"}],
        "identifier": [{"system": RUN_SYSTEM, "value": f"{tag}-{number}"}],
        "active": state not in {"inactive", "merged"},
        "name": [{"use": "official", "family": f"HTEST-Canary-{number}", "given": ["Probe", "Test"]}],
        "gender": "unknown",
        "birthDate": "1953-07-09",
    }
    if state == "deceased":
        patient["deceasedDateTime"] = "2021-03-04T05:06:07+01:00"
    if state == "restricted":
        patient["meta"] = {"tag": [_TAG], "security": [_RESTRICTED]}
    if state == "partial-date":
        patient["birthDate"] = "1953-07"
    if state == "non-latin":
        patient["name"] = [{"use": "official", "family": "HTEST-Λευκωσία", "given": ["Жанна", "小龍"]}]
        patient["address"] = [{"use": "home", "text": _NON_LATIN, "city": "Ἀθῆναι"}]
    return patient


def _measurement(tag: str, number: int, state: str) -> dict[str, Any]:
    display, loinc, unit, ucum = _MEASURES[number % len(_MEASURES)]
    measurement: dict[str, Any] = {
        "resourceType": "Observation",
        "meta": {"tag": [_TAG]},
        "identifier": [{"system": RUN_SYSTEM, "value": f"{tag}-m{number}"}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc, "display": display}]},
        "effectiveDateTime": "2019-11" if state == "partial-date" else "2019-11-30T23:59:58+05:30",
        "valueQuantity": {
            "value": 61.5 + number,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": ucum,
        },
    }
    if state in {"long-text", "non-latin"}:
        measurement["note"] = [{"text": long_text()}]
    return measurement


def _document(tag: str) -> dict[str, Any]:
    """A letter with its bytes in it, and their size and SHA-1 (https://hl7.org/fhir/R4/datatypes.html#Attachment)."""
    content = f"Test letter {tag}\n\n{long_text()}\n".encode()
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    attachment = {
        "contentType": "text/plain;charset=utf-8",
        "data": base64.b64encode(content).decode("ascii"),
        "size": len(content),
        "hash": base64.b64encode(digest).decode("ascii"),
        "title": "HTEST letter",
    }
    return {
        "resourceType": "DocumentReference",
        "meta": {"tag": [_TAG]},
        "identifier": [{"system": RUN_SYSTEM, "value": f"{tag}-d"}],
        "status": "current",
        "type": {
            "coding": [
                {"system": "http://loinc.org", "code": "34133-9", "display": "Summarization of Episode Note"}
            ]
        },
        "content": [{"attachment": attachment}],
    }
