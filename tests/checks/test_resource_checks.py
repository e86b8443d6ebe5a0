"""The resources in answers."""

import pytest
from saw import evidence, exchange, patient

from conformance.checks.resource import fhir_json, outcome, resource
from conformance.errors import NoData, NotJudgeable

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (patient(1), 0),
        (patient(2), 1),
        (OUTCOME, 1),
        ({"id": "1"}, 1),
        ([patient(1)], 1),
        (b"<html>", 1),
    ],
)
def test_resource(body, findings):
    assert len(list(resource(evidence(exchange(body=body)), type="Patient", id="1"))) == findings


def test_resource_needs_a_success():
    with pytest.raises(NoData):
        list(resource(evidence(exchange(status=404)), type="Patient"))
    with pytest.raises(NotJudgeable):
        list(resource(evidence(exchange(status=401)), type="Patient"))


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (OUTCOME, 0),
        ({"resourceType": "OperationOutcome", "issue": []}, 1),
        ({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}, 1),
        ({"resourceType": "OperationOutcome", "issue": ["?"]}, 1),
        (b"<html>not found</html>", 1),
        (b"", 1),
    ],
)
def test_outcome(body, findings):
    assert len(list(outcome(evidence(exchange(status=404, body=body))))) == findings


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (patient(1, name=[{"given": ["A", None], "_given": [None, {"id": "x"}]}], active=False), 0),
        (patient(1, name=[]), 1),
        (patient(1, name=[{}]), 1),
        (patient(1, birthDate=None), 1),
        (patient(1, gender=""), 1),
        (patient(1, name=[None, {"family": "A"}]), 1),
        (patient(1, name=[{"given": [None]}]), 1),
        (b'{"resourceType": "Patient", "id": "1", "id": "2"}', 1),
        (b'{"resourceType": "Patient", "x": NaN}', 1),
    ],
)
def test_fhir_json(body, findings):
    assert len(list(fhir_json(evidence(exchange(body=body))))) == findings


def test_fhir_json_walks_deep_trees():
    body = b'{"a":' * 400 + b"[]" + b"}" * 400
    assert len(list(fhir_json(evidence(exchange(body=body))))) == 1
