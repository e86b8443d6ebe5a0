"""What the probes of the RESTful API send: all of it is marked, told at once, and removed again."""

import pytest

from conformance.fhir.bundles import entries
from conformance.generators.choosing import Choices
from conformance.generators.resources import made, written
from conformance.probes.rest_reads import everything, held_version, reads, type_interactions, validate
from conformance.probes.write_answers import create_answers, update_answers
from conformance.probes.write_bundles import (
    batch,
    conditional_references,
    transaction_duplicates,
    transaction_links,
    transaction_methods,
)
from conformance.probes.write_conditional import conditional_create, conditional_delete, conditional_update
from conformance.probes.write_freshness import freshness
from conformance.probes.write_patch import conditional_patch, patch
from conformance.probes.write_round_trip import lifetime, round_trip, update_round_trip
from conformance.probes.write_versions import deleted_versions, endings, versions

BORN = {"family": "HTEST-Ω", "birth_date": "1980-05-05"}
OTHER = BORN | {"other_id": "htest-nobody"}


def statuses(opened, *labels):
    seen = opened.evidence()
    return [[exchange.status for exchange in seen.labelled(label)] for label in labels]


def left(opened):
    """What was created and not removed again, and whether anything was created at all."""
    created = {reference for event, reference in opened.journal if event == "created"}
    deleted = {reference for event, reference in opened.journal if event == "deleted"}
    return created - deleted, bool(created)


WRITING = [
    (versions, BORN, {"update": [200, 200], "vread": [200] * 3, "vread-unknown": [404], "history": [200]}),
    (versions, BORN, {"history-count": [200], "type-history": [200], "system-history": [200]}),
    (deleted_versions, BORN, {"history": [200], "vread-after-delete": [200], "vread-deleted": [410]}),
    (
        endings,
        OTHER | {"limit": 5},
        {"delete": [204], "delete-again": [204], "delete-unknown": [204], "recreate": [201]},
    ),
    (create_answers, BORN, {"prefer-minimal": [201], "create-with-meta": [201]}),
    (update_answers, BORN, {"update": [200], "update-without-id": [400], "update-create": [201]}),
    (patch, BORN, {"patch": [200], "patch-test": [422], "patch-half": [422], "patch-stale": [412]}),
    (conditional_patch, BORN, {"conditional-patch": [200], "read-after-patch": [200]}),
    (conditional_create, BORN, {"if-none": [201], "if-one": [200], "if-two": [412]}),
    (conditional_update, BORN, {"if-none": [201], "if-one": [200], "if-two": [412]}),
    (conditional_delete, BORN, {"if-none": [204], "if-one": [204], "if-two": [412]}),
    (batch, OTHER, {"batch": [200], "updated": [200], "deleted": [410]}),
    (transaction_links, BORN, {"links": [200], "linked": [200, 200]}),
    (transaction_methods, BORN, {"methods": [200], "updated": [200], "deleted": [410]}),
    (transaction_duplicates, BORN, {"single": [200], "twice": [400]}),
    (conditional_references, BORN, {"resolved": [200], "read-resolved": [200], "unresolved": [412]}),
    (
        freshness,
        BORN | {"limit": 5},
        {"read-created": [200], "search-created": [200], "search-deleted": [200]},
    ),
]


@pytest.mark.parametrize(
    ("probe", "given", "wanted"), WRITING, ids=lambda value: getattr(value, "__name__", "")
)
def test_what_is_written_is_removed(reference, probe, given, wanted):
    probe(reference.wire, **given)
    assert dict(zip(wanted, statuses(reference, *wanted), strict=True)) == wanted
    assert left(reference) == (set(), True)


def test_what_refers_to_each_other_is_removed_where_nothing_may_be_that_is_referred_to(serve):
    linked = {"a": True, "b": True}

    def answer(method, path):
        identity = path.rpartition("/")[2]
        if method == "POST" and path == "/Patient":
            return 201, {"resourceType": "Patient", "id": "outside"}
        if method == "POST":
            response = [
                {"response": {"status": "201", "location": f"Patient/{one}/_history/1"}} for one in linked
            ]
            return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": response}
        if method == "PUT":
            linked[identity] = False
        refused = method == "DELETE" and any(kept for one, kept in linked.items() if one != identity)
        return 409 if refused else 200, {"resourceType": "Patient", "id": identity}

    opened = serve(answer)
    transaction_links(opened.wire, **BORN)
    assert left(opened) == (set(), True)


def test_an_update_that_states_metadata_changes_the_content_as_well(reference):
    update_answers(reference.wire, **BORN)
    notes = reference.evidence().notes
    before, stated = notes["sent-update"], notes["sent-update-with-meta"]
    assert {name for name in stated if stated[name] != before.get(name)} == {"meta", "gender"}
    [read] = reference.evidence().labelled("read-update-with-meta")
    assert read.resource()["gender"] == stated["gender"]


@pytest.mark.parametrize("probe", [round_trip, lifetime])
def test_a_drawn_resource_names_the_test_patient_and_its_run(reference, probe):
    text = written(made("Condition", Choices(bytes(range(200))), "maximal"))
    probe(reference.wire, type="Condition", resource=text)
    sent = reference.evidence().notes["sent"]
    assert reference.wire.tag in sent
    assert "htest-subject" not in sent
    assert left(reference) == (set(), True)


def test_an_update_brings_other_content_and_leaves_nothing_behind(reference):
    first, other = (written(made("Condition", Choices(b""), shape)) for shape in ("minimal", "maximal"))
    update_round_trip(reference.wire, type="Condition", first=first, resource=other)
    assert statuses(reference, "create", "update", "read-back") == [[201], [200], [200]]
    assert "htest-subject" not in reference.evidence().notes["sent"]
    assert left(reference) == (set(), True)


def test_a_lifetime_has_every_interaction(reference):
    lifetime(
        reference.wire, type="Organization", resource=written(made("Organization", Choices(b""), "minimal"))
    )
    labels = ["create", "read", "vread", "update", "patch", "history-instance", "delete"]
    assert [one for [one] in statuses(reference, *labels)] == [201, 200, 200, 200, 200, 200, 204]


def test_what_a_server_refuses_is_not_read(serve):
    opened = serve(lambda _method, _path: (422, {}))
    round_trip(opened.wire, type="Device", resource=written(made("Device", Choices(b""), "minimal")))
    assert statuses(opened, "create", "read-back") == [[422], []]
    assert left(opened) == (set(), False)


def patient_of(opened):
    bundle = opened.wire.send("GET", "/Patient?_count=1").resource()
    return entries(bundle)[0]["resource"]["id"]


def test_reads(reference):
    reads(reference.wire, resource="Patient", id=patient_of(reference))
    labels = ["read", "head", "same-tag", "other-tag", "not-since", "long-ago", "pretty", "summary", "again"]
    assert [one for [one] in statuses(reference, *labels)] == [200, 200, 304, 200, 304, 200, 200, 200, 200]


def test_interactions_that_are_not_declared_are_left_alone(reference):
    identity = patient_of(reference)
    type_interactions(reference.wire, resource="Patient", id=identity, interactions=["vread", "search-type"])
    labels = ["read", "vread", "search-type", "history-type", "history-instance"]
    assert statuses(reference, *labels) == [[200], [200], [200], [], []]


@pytest.mark.parametrize(
    ("entry", "version"),
    [
        ({"resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "7"}}}, "7"),
        ({"response": {"status": "200", "etag": 'W/"8"'}}, "8"),
        ({}, None),
    ],
)
def test_a_version_that_no_read_tells_is_taken_from_the_history(serve, entry, version):
    history = {"resourceType": "Bundle", "type": "history", "entry": [entry]}
    plain = {"resourceType": "Patient", "id": "1"}
    opened = serve(lambda _method, path: (200, history if "_count" in path else plain))
    type_interactions(opened.wire, resource="Patient", id="1", interactions=["vread", "history-instance"])
    asked = [exchange.url.rpartition("/fhir")[2] for exchange in opened.evidence().labelled("vread")]
    assert [url.rpartition("/")[2] for url in asked] == ([version] if version else [])


@pytest.mark.parametrize(("by", "label"), [("vread", "vread"), ("history-instance", "history")])
def test_what_is_held_is_read_once_more_by_its_version_or_its_history(reference, by, label):
    held_version(reference.wire, resource="Patient", id=patient_of(reference), by=by)
    assert statuses(reference, "version", label) == [[200], [200]]
    assert reference.evidence().notes.get("ended-history", "complete") == "complete"


def test_operations(reference):
    everything(reference.wire, id=patient_of(reference))
    validate(reference.wire, family="HTEST", birth_date="1970-01-01")
    assert statuses(reference, "everything", "valid", "invalid") == [[200], [200], [200]]
    assert reference.evidence().notes["ended-everything"] == "complete"


def test_a_search_that_never_tells_is_given_up(serve):
    answers = {
        "POST": (201, {"resourceType": "Patient", "id": "1"}),
        "GET": (200, {"resourceType": "Bundle"}),
    }
    opened = serve(lambda method, _path: answers.get(method, (204, {})))
    freshness(opened.wire, limit=0, **BORN)
    assert [len(found) for found in statuses(opened, "search-created", "search-updated")] == [1, 1]
    assert opened.evidence().notes["waited-search-created"] >= 0
