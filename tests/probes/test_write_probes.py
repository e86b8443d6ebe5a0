"""What is written is marked, told at once, and removed again."""

import pytest

from conformance.errors import Untestable
from conformance.fhir.definitions import r4
from conformance.fhir.documents import read_xml
from conformance.probes.patients import test_patient as a_patient
from conformance.probes.transaction import transaction
from conformance.probes.write import create, create_with_id, delete, update
from conformance.probes.write_xml import patient_xml, write_xml

BORN = {"family": "HTEST-Ω", "birth_date": "1980-05-05"}


def gone(opened):
    """What was created was removed, and nothing else."""
    created = [reference for event, reference in opened.journal if event == "created"]
    deleted = [reference for event, reference in opened.journal if event == "deleted"]
    return bool(created) and set(created) == set(deleted)


def labels(opened):
    return [exchange.label for exchange in opened.evidence().exchanges]


def test_create(reference):
    create(reference.wire, **BORN)
    assert labels(reference) == ["create", "read-back", "clean-up"]
    assert gone(reference)
    read = reference.evidence().labelled("read-back")[0].resource("Patient")
    assert read["meta"]["tag"][0]["code"] == "HTEST"
    assert read["identifier"][0]["value"] == reference.wire.tag
    assert reference.evidence().notes["sent-create"]["name"][0]["family"] == "HTEST-Ω"


def test_create_with_id(reference):
    create_with_id(reference.wire, identity="htest-mine", **BORN)
    assert labels(reference) == ["create", "clean-up", "create-with-id", "clean-up"]
    assert gone(reference)


def test_update(reference):
    update(reference.wire, other_id="htest-other", **BORN)
    seen = reference.evidence()
    wanted = {"update": 200, "stale-update": 412, "current-update": 200, "mismatched-update": 400}
    assert {label: seen.labelled(label)[0].status for label in wanted} == wanted
    sent = seen.notes["sent-mismatched-update"]["gender"]
    assert seen.labelled("read-after-mismatched")[0].resource("Patient")["gender"] not in {sent, None}
    assert gone(reference)


def test_xml(reference):
    write_xml(reference.wire, **BORN)
    seen = reference.evidence()
    wanted = {"create": 201, "create-xml": 201, "read-xml": 200, "update-xml": 200, "read-after-xml": 200}
    assert {label: seen.labelled(label)[0].status for label in wanted} == wanted
    for sent, read in (("create-xml", "read-xml"), ("update-xml", "read-after-xml")):
        kept = seen.labelled(read)[0].resource("Patient")
        assert kept["extension"] == seen.notes[f"sent-{sent}"]["extension"]
        assert kept["name"][0]["family"] == "HTEST-Ω"
    assert gone(reference)


@pytest.mark.parametrize("identity", ["", "p1"])
def test_a_patient_in_xml_is_the_patient(identity):
    patient = a_patient('a<&"', "HTEST-Ω & <Co>", "1980-05-05") | ({"id": identity} if identity else {})
    document = read_xml(patient_xml(patient), r4())
    assert document.problems == ()
    assert document.value == patient


def test_delete(reference):
    delete(reference.wire, **BORN)
    assert labels(reference) == ["create", "read-back", "delete", "read-after-delete"]
    assert gone(reference)


def test_transaction(reference):
    transaction(reference.wire, other_id="htest-other", **BORN)
    seen = reference.evidence()
    assert not seen.labelled("transaction")[-1].ok
    assert seen.labelled("control")[0].resource("Bundle")["entry"]
    assert gone(reference)


@pytest.mark.parametrize("probe", [update, transaction])
def test_without_a_patient_there_is_nothing_to_test(serve, probe):
    opened = serve(lambda _method, _path: (422, {}))
    with pytest.raises(Untestable, match="answered 422"):
        probe(opened.wire, other_id="htest-other", **BORN)


def test_a_server_that_takes_everything_is_cleaned_up(serve):
    def answer(method, path):
        if method == "POST":
            return 201, {"resourceType": "Patient", "id": "1"}
        return (200, {"resourceType": "Patient", "id": "1"})

    opened = serve(answer)
    update(opened.wire, other_id="htest-other", **BORN)
    assert ("deleted", "Patient/htest-other") in opened.journal
    assert gone(opened)
