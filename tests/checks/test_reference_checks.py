"""References that were followed: what is there, what is not, and what cannot be told."""

import pytest
from saw import bundle, declared, evidence, exchange, patient, step

from conformance.checks.references import references_resolve
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.evidence import Remark

HOLDING = exchange("/Condition?_count=50", body=bundle(patient(1)), label="holding")


def followed(reference="Practitioner/a", status=200, body=None, holding=HOLDING, **declares):
    about = {"source": "Condition/c", "path": "Condition.recorder", "reference": reference}
    answer = exchange(f"/{reference}", status=status, body=body, label="referred", about=about)
    whole = step(holding, answer, references={"here": 1, "contained": 2})
    return evidence(whole, discovery=declared(**declares) if declares else ())


def doctor(identity="a", **more):
    return {"resourceType": "Practitioner", "id": identity, **more}


def told(seen):
    return [str(each) for each in references_resolve(seen) if not isinstance(each, Remark)]


def test_a_reference_that_leads_to_what_it_names_is_well():
    assert told(followed(body=doctor())) == []
    (remark,) = references_resolve(followed(body=doctor()))
    assert remark == "literal references in the sample: 2 contained, 1 here; 1 were followed"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 404}, "answered 404: there is no such resource"),
        ({"status": 410}, "answered 410: the resource was deleted"),
        ({"status": 400}, "answered 400 and no FHIR resource"),
        ({"body": patient("a")}, "answered a resource of the type 'Patient'"),
        ({"body": doctor("b")}, "answered a resource of the id 'b'"),
        ({"body": [1]}, "answered 200 and no FHIR resource"),
    ],
)
def test_a_reference_that_leads_astray_is_told_with_the_place_where_it_stands(answer, said):
    (finding,) = told(followed(**answer))
    assert said in finding
    assert finding.endswith("and Condition/c at Condition.recorder refers to it")


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_what_the_server_does_not_show_is_not_judged(status):
    with pytest.raises(NotJudgeable, match=str(status)):
        told(followed(status=status))


def test_a_version_counts_where_versions_can_be_read():
    versioned = "Practitioner/a/_history/2"
    with pytest.raises(NotJudgeable, match="does not declare"):
        told(followed(versioned, status=404))
    first = doctor(meta={"versionId": "1"})
    (finding,) = told(followed(versioned, body=first))
    assert "of the version '1'" in finding
    assert told(followed(versioned, body=doctor(meta={"versionId": "2"}))) == []
    seen = followed(versioned, status=404, type="Practitioner", interaction=[{"code": "vread"}])
    assert "answered 404" in told(seen)[0]


def test_without_references_the_requirement_does_not_apply_and_without_resources_it_is_untested():
    with pytest.raises(NotApplicable):
        told(evidence(step(HOLDING)))
    with pytest.raises(NoData):
        told(evidence(step(exchange("/Condition?_count=50", body=bundle(), label="holding"))))
