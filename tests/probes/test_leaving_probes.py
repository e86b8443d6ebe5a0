"""The probes of what an exit needs, against the honest reference supplier."""

import json
import shutil

import pytest
import yaml
from conftest import Opened

from conformance.catalog import built_in
from conformance.errors import Untestable
from conformance.outside.target_file import read_target


def carried_out(reference, name, **arguments):
    built_in().find("probe", name)(reference.wire, **arguments)
    return reference.evidence()


def some_patient(reference):
    found = reference.wire.send("GET", "/Patient?_count=1").resource("Bundle")
    return found["entry"][0]["resource"]["id"]


def test_three_exports_at_once_are_followed_to_their_end(reference):
    step = carried_out(reference, "exports-at-once")
    assert [each.status for each in step.labelled("kick-off-at-once")] == [202] * 3
    ends = {each.url: each.status for each in step.labelled("status-at-once")}
    assert list(ends.values()) == [200] * 3
    assert len(step.labelled("cleanup")) == 3


def test_a_record_leaves_its_trace(reference):
    step = carried_out(reference, "audited-record")
    bundle = step.labelled("audit")[-1].resource("Bundle")
    assert {entry["resource"]["action"] for entry in bundle["entry"]} == {"C", "R", "U", "D"}
    assert len(step.labelled("history")[0].resource("Bundle")["entry"]) == len(step.notes["families"]) == 4
    assert reference.journal[-1][0] == "deleted"


def test_a_patient_alone_and_reads_meanwhile(reference):
    identity = some_patient(reference)
    built_in().find("probe", "single-patient-export")(reference.wire, id=identity)
    step = carried_out(reference, "reads-during-export", id=identity)
    assert step.notes["way"] == "everything"
    assert step.labelled("everything")[0].ok
    assert len(step.labelled("read-during")) >= 12


def test_what_the_plan_declares_is_asked_for(reference):
    for name in ("environments", "schemas", "own-exports", "declared-functions", "export-uninvited"):
        built_in().find("probe", name)(reference.wire)
    step = reference.evidence()
    for label in ("environment", "schema", "own-export", "function"):
        assert step.labelled(label), label
        assert all(each.ok for each in step.labelled(label)), label
    assert {each.status for each in step.exchanges if each.label.startswith("kick-off-")} == {401}


def test_changed_patients_are_exported_and_all_are_removed(reference):
    step = carried_out(reference, "export-altered")
    assert len(step.notes["altered"]) == 2
    made, gone = (
        [one for event, one in reference.journal if event == which] for which in ("created", "deleted")
    )
    assert sorted(made) == sorted(gone)


def test_records_entered_by_hand_are_asked_for_again(supplier, tmp_path):
    folder = tmp_path / "supplier"
    shutil.copytree(
        supplier.target_file.parent, folder, ignore=shutil.ignore_patterns("*.sqlite*", "exports")
    )
    known = {"resourceType": "Patient", "id": "nobody", "identifier": [{"system": "urn:x", "value": "1"}]}
    (folder / "entered.ndjson").write_text(json.dumps(known) + "\n")
    stated = yaml.safe_load(supplier.target_file.read_text())
    stated["documents"]["canaries"] = "entered.ndjson"
    (folder / "target.yaml").write_text(yaml.safe_dump(stated))
    target = read_target(folder / "target.yaml")
    assert target.card().canaries_entered
    opened = Opened(target, folder)
    with opened.client:
        step = carried_out(opened, "erased-records")
    assert [each.status for each in step.labelled("erased")] == [404]
    assert step.labelled("erased-search")[0].resource("Bundle")["total"] == 0


def test_without_known_records_nothing_is_asked_for(reference):
    with pytest.raises(Untestable, match="no known records"):
        carried_out(reference, "erased-records")
