"""STU3, R4B and R5 by their real core packages: realistic resources, good ones and the same ones spoilt."""

import copy
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.core_packages import RELEASES, jar_of, make
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents import read_json
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept import Acceptor
from conformance.fhir.validation.validator import Validator
from conformance.outside.packages import load_definitions

pytestmark = pytest.mark.nightly
SYNTHEA = Path(__file__).resolve().parents[2] / "../shared/data/synthea-small"
Json = dict[str, Any]
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
STU3, R4B, R5 = (release.version for release in RELEASES)


@pytest.fixture(scope="module")
def definitions(tmp_path_factory) -> Callable[[str], Definitions]:
    """The definitions of a release, from the jars in the local Maven repository."""
    folder, kept = tmp_path_factory.mktemp("packages"), {}

    def load(version: str) -> Definitions:
        release = next(one for one in RELEASES if one.version == version)
        if jar_of(release) is None:
            pytest.skip(f"the jar {release.jar} is not in the local Maven repository")
        if version not in kept:
            sources = [str(path) for path in make(release, folder)]
            kept[version] = load_definitions(sources, fhir_version=version)
        return kept[version]

    return load


PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "active": True,
    "name": [{"use": "official", "family": "Example", "given": ["Jo"], "prefix": ["Mx"]}],
    "telecom": [{"system": "phone", "value": "01632 960000", "use": "home"}],
    "gender": "female",
    "birthDate": "1970-01-31",
    "address": [{"use": "home", "line": ["1 Test Street"], "city": "Testville", "postalCode": "ZZ99 9ZZ"}],
    "generalPractitioner": [{"reference": "Practitioner/g"}],
    "managingOrganization": {"reference": "Organization/o"},
}
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "a",
    "status": "booked",
    "description": "Review",
    "start": "2026-02-02T09:00:00Z",
    "end": "2026-02-02T09:10:00Z",
    "slot": [{"reference": "Slot/s"}],
    "created": "2026-02-01T09:00:00Z",
    "participant": [
        {"actor": {"reference": "Patient/p"}, "status": "accepted"},
        {"actor": {"reference": "Location/l"}, "status": "accepted"},
    ],
}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}], "text": "Haemoglobin"},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2026-02-02T09:00:00Z",
    "valueQuantity": {"value": 141, "unit": "g/L", "system": "http://unitsofmeasure.org", "code": "g/L"},
}
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "finished",
    "class": {"system": ACT, "code": "AMB"},
    "subject": {"reference": "Patient/p"},
    "period": {"start": "2026-02-02T09:00:00Z", "end": "2026-02-02T09:10:00Z"},
}
ENCOUNTER_R5 = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "completed",
    "class": [{"coding": [{"system": ACT, "code": "AMB"}]}],
    "subject": {"reference": "Patient/p"},
    "actualPeriod": {"start": "2026-02-02T09:00:00Z", "end": "2026-02-02T09:10:00Z"},
}
MEDICATION_STU3 = {
    "resourceType": "MedicationStatement",
    "id": "m",
    "status": "active",
    "taken": "unk",
    "medicationReference": {"reference": "Medication/m"},
    "subject": {"reference": "Patient/p"},
    "effectivePeriod": {"start": "2026-01-01"},
    "dosage": [{"text": "one a day"}],
}
MEDICATION_R5 = {
    "resourceType": "MedicationRequest",
    "id": "m",
    "status": "active",
    "intent": "order",
    "medication": {"reference": {"reference": "Medication/m"}},
    "subject": {"reference": "Patient/p"},
}
PERIOD = {"start": "2026-02-02", "end": "2026-01-01"}

GOOD = [
    *((version, resource) for version in (STU3, R4B, R5) for resource in (PATIENT, APPOINTMENT, OBSERVATION)),
    (STU3, ENCOUNTER),
    (R4B, ENCOUNTER),
    (R5, ENCOUNTER_R5),
    (STU3, MEDICATION_STU3),
    (R5, MEDICATION_R5),
]
BAD = [
    (STU3, PATIENT, {"gender": "f"}, "code-not-in-required"),
    (STU3, PATIENT, {"birthDate": "1970-02-30"}, "primitive-date"),
    (STU3, PATIENT, {"link": [{"other": {"reference": "Patient/q"}}]}, "missing"),
    (STU3, PATIENT, {"deceasedBoolean": False, "deceasedDateTime": "2020-01-01"}, "choice-repeated"),
    (STU3, APPOINTMENT, {"end": None}, "invariant"),  # app-2 or app-3
    (STU3, APPOINTMENT, {"status": "waitlist"}, "code-not-in-required"),
    (STU3, OBSERVATION, {"dataAbsentReason": {"text": "unknown"}}, "invariant"),  # obs-6
    (STU3, ENCOUNTER, {"status": "completed"}, "code-not-in-required"),
    (STU3, ENCOUNTER, {"period": PERIOD}, "invariant"),  # per-1
    (STU3, MEDICATION_STU3, {"taken": None}, "missing"),
    (STU3, MEDICATION_STU3, {"medicationReference": {"reference": "Patient/m"}}, "reference-target-type"),
    (R4B, PATIENT, {"contact": [{"gender": "male"}]}, "invariant"),  # pat-1
    (R4B, APPOINTMENT, {"participant": None}, "missing"),
    (R4B, ENCOUNTER, {"class": [ENCOUNTER["class"]]}, "array-not-allowed"),
    (R4B, ENCOUNTER, {"actualPeriod": PERIOD}, "property-unknown"),
    (R4B, OBSERVATION, {"status": "done"}, "code-not-in-required"),
    (R5, ENCOUNTER_R5, {"status": "finished"}, "code-not-in-required"),
    (R5, ENCOUNTER_R5, {"period": PERIOD}, "property-unknown"),
    (R5, ENCOUNTER_R5, {"actualPeriod": PERIOD}, "invariant"),
    (R5, MEDICATION_R5, {"medication": {"concept": "x"}}, "object-expected"),
    (R5, MEDICATION_R5, {"medicationReference": {"reference": "Medication/m"}}, "property-unknown"),
    (R5, OBSERVATION, {"instantiatesCanonical": "http://x.test/a", "value": 1}, "property-unknown"),
]


def spoilt(resource: Json, change: Json) -> Json:
    return {name: value for name, value in {**resource, **change}.items() if value is not None}


def judged(loaded: Definitions, resource: Json) -> tuple[bool, set[str]]:
    """Whether the quick path accepts, and the kinds of errors that the precise one finds."""
    terminology = Terminology(loaded)
    outcome = Validator(loaded, terminology).explain(copy.deepcopy(resource))
    accepted = Acceptor(loaded, terminology).accepts(resource)
    return accepted, {issue.message_id for issue in outcome.issues if issue.is_error}


@pytest.mark.parametrize(
    ("version", "resource"), GOOD, ids=lambda one: one if isinstance(one, str) else one["id"]
)
def test_a_good_resource_has_no_error(definitions, version, resource):
    accepted, errors = judged(definitions(version), resource)
    assert errors == set()
    assert accepted


@pytest.mark.parametrize(("version", "resource", "change", "kind"), BAD)
def test_a_spoilt_resource_has_this_error(definitions, version, resource, change, kind):
    accepted, errors = judged(definitions(version), spoilt(resource, change))
    assert kind in errors
    assert not accepted


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
def test_every_structure_of_a_release_can_be_used(definitions, release):
    loaded = definitions(release.version)
    assert loaded.fhir_version == release.version
    assert len([structure for url in loaded.canonicals() if (structure := loaded.structure(url))]) > 300
    assert loaded.problems == ()


def test_resources_of_synthea_are_right_by_r4b_as_they_are_by_r4(definitions):
    if not SYNTHEA.is_dir():
        pytest.skip("Synthea's data is not there")
    loaded = definitions(R4B)
    validator = Validator(loaded, Terminology(loaded))
    wrong = []
    for path in sorted(SYNTHEA.glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            for _, line in zip(range(10), lines, strict=False):
                outcome = validator.explain(read_json(line))
                wrong += [issue.message_id for issue in outcome.issues if issue.is_error]
    assert set(wrong) <= {"attachment-size"}  # explained in docs/correctness.md
