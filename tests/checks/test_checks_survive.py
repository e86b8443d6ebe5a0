"""Every check of the FHIR base survives any evidence: it finds fault, is content, or says that it cannot judge."""

import pytest
from any_evidence import any_evidence
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.checks import (
    capability,
    http,
    must_support,
    references,
    resource,
    search,
    search_laws,
    structures,
    write,
)
from conformance.errors import NotJudgeable
from conformance.plugin import MARK

LABELS = (
    "", "page", "get", "post", "count", "strict", "declared", "create", "create-with-id", "read-back", "update",
    "read-after-update", "stale-update", "read-after-stale", "mismatched-update", "delete", "read-after-delete",
    "control", "transaction", "after-transaction", "sampled", "holding", "referred",
)  # fmt: skip
ARGUMENTS = {
    "code": ["4xx", 200], "media": "a/b", "name": "ETag", "type": "Patient", "version": "4.0", "count": 1,
    "label": "page", "one": "get", "other": "post", "source": "Patient/1", "id": "1", "path": "birthDate",
    "value": "1980-05-05", "parameter": "birthdate", "aspect": "content", "resource": "Patient",
    "structure": "http://hl7.org/fhir/StructureDefinition/Patient",
}  # fmt: skip
CHECKS = [
    part
    for module in (
        capability,
        http,
        must_support,
        references,
        resource,
        search,
        search_laws,
        structures,
        write,
    )
    for value in vars(module).values()
    if (part := getattr(value, MARK, None)) is not None and value.__module__ == module.__name__
]


@pytest.mark.parametrize("part", CHECKS, ids=lambda part: part.name)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_survives(part, data):
    seen = data.draw(any_evidence(LABELS, ("page", "get", "post")))
    given_arguments = {n: ARGUMENTS[n] for n, f in part.arguments.model_fields.items() if f.is_required()}
    try:
        findings = list(part(seen, **given_arguments))
    except NotJudgeable:
        return
    assert all(isinstance(finding, str) and finding for finding in findings)
