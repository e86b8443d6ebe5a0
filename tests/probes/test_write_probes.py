"""What is written is marked, told at once, and removed again."""

import pytest

from conformance.errors import Untestable
from conformance.probes.transaction import transaction
from conformance.probes.write import create, create_with_id, delete, update

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
    assert [seen.labelled(label)[0].status for label in ("update", "stale-update", "mismatched-update")] == [
        200,
        412,
        400,
    ]
    assert gone(reference)


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
