"""Whatever valid resource is drawn, the supplier keeps it to the letter."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conformance.fhir.sameness import losses
from conformance.generators.choosing import Choices
from conformance.generators.resources import made, written
from conformance.reference.records.parameters import SUPPORTED_TYPES

FHIR = {"Content-Type": "application/fhir+json"}
TYPES = (
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Condition", "Device", "DiagnosticReport",
    "DocumentReference", "Encounter", "Goal", "Immunization", "Location", "Medication", "MedicationRequest",
    "Observation", "Organization", "Patient", "Practitioner", "PractitionerRole", "Procedure", "RelatedPerson",
    "ServiceRequest", "Specimen",
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(TYPES),
    drawn=st.binary(min_size=0, max_size=1500),
    shape=st.sampled_from(["minimal", "mixed", "maximal"]),
)
def test_what_is_created_is_read(supplier, kind, drawn, shape):
    assume(kind in SUPPORTED_TYPES)
    text = written(made(kind, Choices(drawn), shape)).encode()
    answer = supplier.post(f"/{kind}", content=text, headers=FHIR)
    assert answer.status_code == 201, answer.text
    read = supplier.get(f"/{kind}/{answer.json()['id']}").content
    assert losses(text, read) == []
    assert losses(text, answer.content) == []


@pytest.mark.nightly
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(TYPES),
    drawn=st.binary(min_size=200, max_size=1500),
    later=st.binary(min_size=200, max_size=1500),
)
def test_what_is_written_a_second_time_replaces_what_was_there(supplier, kind, drawn, later):
    assume(kind in SUPPORTED_TYPES)
    first, second = (written(made(kind, Choices(data))) for data in (drawn, later))
    identity = supplier.post(f"/{kind}", content=first.encode(), headers=FHIR).json()["id"]
    body = f'{{"id":"{identity}",{second[1:]}'.encode()
    assert supplier.put(f"/{kind}/{identity}", content=body, headers=FHIR).status_code == 200
    assert losses(body, supplier.get(f"/{kind}/{identity}").content) == []
    assert losses(first.encode(), supplier.get(f"/{kind}/{identity}/_history/1").content) == []
