"""Writes, patches, conditional interactions, bundles and operations: what is right, wrong, and what shows nothing."""

import json

import pytest
from saw import bundle, declared, evidence, exchange, patient, step

from conformance.checks.rest_bundles import (
    answers_in_order,
    batch_entries_stand_alone,
    links_are_rewritten,
    refuses_duplicates,
    searches_are_resolved,
    transaction_carries_out,
)
from conformance.checks.rest_conditional import (
    conditional_create,
    conditional_create_many,
    conditional_delete,
    conditional_delete_many,
    conditional_update,
    conditional_update_many,
    conditional_update_other_id,
)
from conformance.checks.rest_freshness import found_within, read_at_once, shows_the_new_value
from conformance.checks.rest_operations import everything_is_the_patients, validates
from conformance.checks.rest_patch import patch_is_kept, patch_is_refused
from conformance.checks.rest_writes import (
    comes_back,
    deleted_is_not_found,
    deletes_again,
    ignores_client_meta,
    location_has_version,
    new_version_when_back,
    prefers,
    refuses_missing_id,
    update_creates,
    update_replaces,
)
from conformance.checks.write_round_trip import keeps_decimals, keeps_letters, keeps_narrative, round_trip
from conformance.errors import NoData, NotApplicable, NotJudgeable

PLAIN = "https://fhir.example.org/r4/Patient/1"
HERE = f"{PLAIN}/_history/1"
FULL = patient(1, gender="unknown", extension=[{"url": "u", "valueBoolean": True}])
LESS = patient(1, birthDate="1970-01-01")


def said(status=200, body=None, label="x", path="/Patient/1", **more):
    return exchange(path, status=status, body=body, label=label, **more)


def found(label, *resources):
    return said(body=bundle(*resources), label=label, path="/Patient?identifier=x")


OTHERS = (patient(7), patient(8))
"""What a search shows that does not heed the identifier."""


def count(check, seen, **arguments):
    return len(list(check(seen, **arguments)))


def changed(answers, **others):
    """These answers by label, some of them replaced by others."""
    return answers | {name.replace("_", "-"): value for name, value in others.items()}


def judged(answers, discovery=(), **notes):
    named = [one.model_copy(update={"label": label}).connected(one._reader) for label, one in answers.items()]
    return evidence(step(*named, **notes), discovery=discovery)


# ------------------------------------------------------------------ creates and updates


@pytest.mark.parametrize(
    ("location", "etag", "findings"),
    [(HERE, 'W/"1"', 0), (HERE, 'W/"2"', 1), ("https://fhir.example.org/r4/Patient/1", "", 1)],
)
def test_location(location, etag, findings):
    seen = evidence(said(201, label="create", location=location, etag=etag))
    assert count(location_has_version, seen) == findings


def test_a_location_without_version_where_there_are_none():
    with pytest.raises(NotApplicable):
        list(
            location_has_version(
                evidence(
                    said(201, label="create", location=HERE), discovery=declared(versioning="no-version")
                )
            )
        )
    with pytest.raises(NoData):
        list(location_has_version(evidence(said(201, label="create"))))


def test_preferences():
    outcome = {"resourceType": "OperationOutcome"}
    good = {
        "prefer-minimal": said(201),
        "prefer-representation": said(201, patient(1)),
        "prefer-OperationOutcome": said(201, outcome),
    }
    assert count(prefers, judged(good)) == 0
    ignored = {label: said(201, patient(1)) for label in good}
    assert count(prefers, judged(ignored)) == 2
    assert count(prefers, judged(good | {"prefer-representation": said(201)})) == 1


@pytest.mark.parametrize("by", ["create", "update"])
@pytest.mark.parametrize(
    ("meta", "findings"),
    [({"versionId": "1", "lastUpdated": "2026"}, 0), ({"versionId": "7", "lastUpdated": "2001"}, 2)],
)
def test_meta_of_clients(by, meta, findings):
    sent = {f"sent_{by}_with_meta": {"meta": {"versionId": "7", "lastUpdated": "2001"}}}
    answers = {f"{by}-with-meta": said(201), f"read-{by}-with-meta": said(body=patient(1, meta=meta))}
    assert count(ignores_client_meta, judged(answers, **sent), by=by) == findings


def updates(discovery=(), **others):
    answers = {
        "read-back": said(body=FULL),
        "update": said(200),
        "read-after-update": said(body=LESS),
        "update-without-id": said(400),
        "read-update-without-id": said(body=LESS),
        "update-create": said(201, path="/Patient/mine"),
        "read-update-create": said(body=patient("mine"), path="/Patient/mine"),
    }
    sent = {"sent_create": FULL, "sent_update": LESS, "sent_update_without_id": {"gender": "male"}}
    return judged(changed(answers, **others), discovery, **sent)


@pytest.mark.parametrize(
    ("read", "findings"),
    [(LESS, 0), (FULL, 3), (LESS | {"gender": "unknown"}, 1), (LESS | {"active": True}, 0)],
)
def test_updates_replace(read, findings):
    assert count(update_replaces, updates(read_after_update=said(body=read))) == findings


def test_what_an_update_says_of_meta_may_be_altered():
    tagged = LESS | {"meta": {"tag": [{"code": "HTEST"}]}}
    seen = judged(
        {"read-back": said(body=FULL), "update": said(200), "read-after-update": said(body=LESS)},
        sent_create=FULL,
        sent_update=tagged,
    )
    assert count(update_replaces, seen) == 0


@pytest.mark.parametrize(
    ("status", "read", "findings"),
    [
        (400, LESS, 0),
        (400, LESS | {"gender": "other"}, 0),
        (400, LESS | {"gender": "male"}, 1),
        (422, LESS | {"gender": "male"}, 2),
        (200, LESS | {"gender": "male"}, 1),
        (500, LESS, 1),
    ],
)
def test_updates_without_id(status, read, findings):
    seen = updates(update_without_id=said(status), read_update_without_id=said(body=read))
    assert count(refuses_missing_id, seen) == findings


@pytest.mark.parametrize(
    ("stated", "status", "findings"),
    [
        (True, 201, 0),
        (True, 200, 1),
        (True, 405, 1),
        (False, 405, 0),
        (False, 201, 1),
        (None, 404, 0),
        (None, 500, 1),
    ],
)
def test_updates_that_create(stated, status, findings):
    discovery = declared(**({} if stated is None else {"updateCreate": stated}))
    there = status if status < 300 else 404
    read = said(there, patient("mine") if there != 404 else None, path="/Patient/mine")
    seen = updates(discovery, update_create=said(status, path="/Patient/mine"), read_update_create=read)
    assert count(update_creates, seen) == findings


@pytest.mark.parametrize("stated", [True, False, None])
@pytest.mark.parametrize(
    ("read", "findings"),
    [
        (said(404, path="/Patient/mine"), 0),
        (said(403, path="/Patient/mine"), 0),
        (said(body=patient(1), path="/Patient/mine"), 0),
        (said(body=patient("mine"), path="/Patient/mine"), 1),
    ],
)
def test_what_an_update_was_refused_to_create_is_not_there(stated, read, findings):
    discovery = declared(**({} if stated is None else {"updateCreate": stated}))
    seen = updates(discovery, update_create=said(405, path="/Patient/mine"), read_update_create=read)
    assert count(update_creates, seen) == findings + (stated is True)


def test_updates_that_create_what_is_not_there():
    seen = updates(declared(updateCreate=True), read_update_create=said(404, path="/Patient/mine"))
    assert count(update_creates, seen) == 1
    with pytest.raises(NotApplicable):
        list(update_creates(updates(declared())))


# ------------------------------------------------------------------ deletes


def endings(**others):
    answers = {
        "create": said(201, location=HERE, etag='W/"1"'),
        "search-before": found("", FULL),
        "delete": said(204),
        "delete-again": said(204),
        "delete-unknown": said(200),
        "search-after": found(""),
        "recreate": said(201),
        "read-recreated": said(body=LESS | {"meta": {"versionId": "3"}}),
    }
    return judged(changed(answers, **others), sent_create=FULL, sent_recreate=LESS)


ENDINGS = [deletes_again, deleted_is_not_found, comes_back, new_version_when_back]


@pytest.mark.parametrize("check", ENDINGS, ids=lambda check: check.__name__)
def test_an_honest_end(check):
    assert list(check(endings())) == []


@pytest.mark.parametrize(
    ("check", "others"),
    [
        (deletes_again, {"delete_again": said(500)}),
        (deletes_again, {"delete_unknown": said(404)}),
        (deleted_is_not_found, {"search_after": found("", FULL)}),
        (comes_back, {"recreate": said(500)}),
        (comes_back, {"read_recreated": said(410)}),
        (comes_back, {"read_recreated": said(body=LESS | {"gender": "unknown"})}),
        (new_version_when_back, {"read_recreated": said(body=LESS | {"meta": {"versionId": "1"}})}),
    ],
)
def test_an_end_with_a_fault(check, others):
    assert count(check, endings(**others)) == 1


@pytest.mark.parametrize(
    "create",
    [
        said(201, location=PLAIN + "/_history/3"),
        said(201, location=PLAIN, etag='W/"3"'),
        said(201, body=FULL | {"meta": {"versionId": "3"}}),
    ],
)
def test_a_version_is_no_new_one_however_the_old_one_was_told(create):
    assert count(new_version_when_back, endings(create=create)) == 1


def test_a_version_is_neither_new_nor_old_where_none_was_told_before():
    with pytest.raises(NoData, match="told no version"):
        list(new_version_when_back(endings(create=said(201, location=PLAIN))))
    with pytest.raises(NotApplicable):
        list(new_version_when_back(endings(create=said(201, location=PLAIN), read_recreated=said(body=LESS))))


def test_ends_that_show_nothing():
    with pytest.raises(NotJudgeable):
        list(deleted_is_not_found(endings(search_before=found(""))))
    with pytest.raises(NotJudgeable, match="finds others"):
        list(
            deleted_is_not_found(
                endings(search_before=found("", FULL, *OTHERS), search_after=found("", *OTHERS))
            )
        )
    with pytest.raises(NotApplicable):
        list(comes_back(endings(recreate=said(410))))
    with pytest.raises(NotJudgeable):
        list(deletes_again(endings(delete=said(405))))


# ------------------------------------------------------------------ round trips


def trip(sent, read, status=201, read_status=200, label="create"):
    answers = {label: said(status)}
    if read is not None:
        answers["read-back"] = exchange("/Observation/1", status=read_status, body=read)
    return judged(answers, sent=sent)


SENT = '{"resourceType":"Observation","id":"1","status":"final","v":1.50}'


@pytest.mark.parametrize(
    ("read", "lost", "altered"),
    [
        (SENT.encode(), 0, 0),
        (SENT.replace("1.50", "1.5").encode(), 0, 1),
        (SENT.replace("final", "amended").encode(), 1, 0),
        (b'{"resourceType":"Observation","id":"1","status":"final"}', 1, 0),
    ],
)
def test_round_trip(read, lost, altered):
    assert count(round_trip, trip(SENT, read)) == lost
    assert count(keeps_decimals, trip(SENT, read)) == altered


def named(family):
    return f'{{"resourceType":"Patient","id":"1","name":[{{"family":"{family}"}}]}}'


@pytest.mark.parametrize(
    ("sent", "read", "wrong"),
    [
        ("Zoë", "Zoë", 0),
        ("Zoë", "ZoÃ«", 1),
        ("Zoë", "Zo?", 1),
        ("Zoë", "Zo\N{REPLACEMENT CHARACTER}", 1),
        ("Łukasz Жук", "?ukasz ???", 1),
        ("Zoë", "ZOË", 0),
        ("Zoë", "Zoe", 0),
        ("Who? Zoë", "Who? Zoë", 0),
    ],
)
def test_letters_beyond_ascii_come_back_or_are_altered_by_a_rule_but_are_not_misread(sent, read, wrong):
    answer = named(read).encode()
    assert count(keeps_letters, trip(named(sent), answer)) == wrong


def narrated(words):
    text = {"status": "additional", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}
    return json.dumps({"resourceType": "Patient", "id": "1", "text": text})


@pytest.mark.parametrize(
    ("read", "findings"),
    [
        (narrated("Brought by a <b>neighbour</b> &amp; friend"), 0),
        (narrated("<p>Patient</p><p>Brought by a neighbour &#38; friend</p>"), 0),
        (narrated("Brought by a friend"), 1),
        (narrated("Patient 1"), 1),
        ('{"resourceType":"Patient","id":"1"}', 1),
        ('{"resourceType":"Patient","id":"1","text":"Brought by a neighbour &amp; friend"}', 1),
    ],
)
def test_a_narrative_is_kept_in_its_words(read, findings):
    seen = trip(narrated("Brought by a <b>neighbour</b> &amp; friend"), read.encode())
    assert count(keeps_narrative, seen) == findings


@pytest.mark.parametrize(
    ("read", "findings"),
    [
        ("Brought by a neighbour, who measured &lt;5 and &gt;3 (un<i>clear</i>ly)", 0),
        ("Brought by a neighbour, who measured &#60;5 and &#62;3 unclearly", 0),
        ("<p>Brought by a <i>neighbour</i></p><p>who measured &lt;5 and &gt;3</p><p>un clear ly</p>", 0),
        ("Brought by a neighbour, who measured 5 and &gt;3 (unclearly)", 1),
        ("Brought by a neighbour, who measured &lt;5 and &gt;3 (clearly)", 1),
        ("Brought by a, who measured &lt;5 and &gt;3 (unclearly)", 1),
    ],
)
def test_words_of_a_narrative_are_the_same_wherever_its_tags_stand(read, findings):
    sent = "Brought by a <b>neighbour</b>, who measured &lt;5 and &gt;3 (un<i>clear</i>ly)"
    assert count(keeps_narrative, trip(narrated(sent), narrated(read).encode())) == findings


def test_what_has_no_narrative_shows_nothing_of_it():
    with pytest.raises(NoData):
        list(keeps_narrative(trip(named("Zoe"), named("Zoe").encode())))


def test_a_text_in_ascii_shows_nothing_about_letters():
    with pytest.raises(NoData):
        list(keeps_letters(trip(named("Zoe"), named("Zoe").encode())))


@pytest.mark.parametrize("status", [200, 201])
def test_an_update_is_read_back_like_a_create(status):
    altered = SENT.replace("final", "amended").encode()
    for read, lost in ((SENT.encode(), 0), (altered, 1)):
        assert count(round_trip, trip(SENT, read, status, label="update"), by="update") == lost
    with pytest.raises(NotJudgeable):
        list(round_trip(trip(SENT, SENT.encode(), 202, label="update"), by="update"))


def test_what_is_refused_shows_nothing_but_an_error_of_the_server_does():
    for status in (400, 422):
        with pytest.raises(NotJudgeable):
            list(round_trip(trip(SENT, None, status)))
    assert count(round_trip, trip(SENT, None, 500)) == 1
    with pytest.raises(NotJudgeable):
        list(round_trip(trip(SENT, b"", read_status=404)))
    with pytest.raises(NotJudgeable, match="another resource"):
        list(round_trip(trip(SENT, SENT.replace('"1"', '"2"').encode())))
    with pytest.raises(NoData):
        list(keeps_decimals(trip('{"resourceType":"Patient"}', b"{}")))


# ------------------------------------------------------------------ patches


def at(version, gender, **more):
    return said(body=patient(1, gender=gender, birthDate="1970-01-31", meta={"versionId": version}, **more))


def patches_by_label(**others):
    answers = {
        "read-back": at("1", "unknown"),
        "patch": said(200),
        "read-after-patch": at("2", "other"),
        "patch-test": said(422),
        "read-patch-test": at("2", "other"),
        "patch-half": said(400),
        "read-patch-half": at("2", "other"),
        "patch-stale": said(412),
        "read-patch-stale": at("2", "other"),
        "patch-malformed": said(400),
        "read-patch-malformed": at("2", "other"),
    }
    return changed(answers, **others)


def patches(**others):
    return judged(patches_by_label(**others))


def capabilities(more):
    return (exchange("/metadata", body={"resourceType": "CapabilityStatement"} | more, label="metadata"),)


LABELS = ["patch-test", "patch-half", "patch-stale", "patch-malformed"]


@pytest.mark.parametrize("label", LABELS)
def test_patches_that_fail(label):
    name = label.replace("-", "_")
    assert count(patch_is_refused, patches(), label=label) == 0
    assert count(patch_is_refused, patches(**{name: said(200)}), label=label) == 1
    assert count(patch_is_refused, patches(**{f"read_{name}": at("3", "male")}), label=label) == 1


def test_patches_that_are_carried_out():
    assert count(patch_is_kept, patches()) == 0
    assert count(patch_is_kept, patches(patch=said(500))) == 1
    assert count(patch_is_kept, patches(read_after_patch=at("1", "unknown"))) == 1
    assert count(patch_is_kept, patches(read_after_patch=said(body=patient(1, gender="other")))) == 1


def test_patches_that_show_nothing():
    with pytest.raises(NotJudgeable):
        list(patch_is_refused(patches(patch=said(400)), label="patch-test"))
    with pytest.raises(NotJudgeable):
        list(patch_is_refused(patches(read_patch_half=at("1", "other")), label="patch-stale"))


def test_no_patch_can_be_outdated_where_there_are_no_versions():
    with pytest.raises(NotApplicable):
        list(patch_is_refused(judged({"patch": said(200)}), label="patch-stale"))
    with pytest.raises(NoData):
        list(patch_is_refused(judged({"patch": said(200)}), label="patch-half"))


def test_json_patch_is_asked_of_who_declares_it():
    formats = {"patchFormat": ["application/fhir+json", "application/xml-patch+xml"]}
    for discovery in ((), capabilities(formats)):
        seen = judged(patches_by_label(patch=said(415)), discovery=discovery)
        with pytest.raises(NotApplicable):
            list(patch_is_kept(seen))
        with pytest.raises(NotApplicable):
            list(patch_is_refused(seen, label="patch-half"))
    formats = {"patchFormat": ["application/json-patch+json"]}
    seen = judged(patches_by_label(patch=said(415)), discovery=capabilities(formats))
    assert count(patch_is_kept, seen) == 1


@pytest.mark.parametrize(
    ("status", "gender", "findings"), [(200, "other", 0), (400, "other", 1), (200, "unknown", 1)]
)
def test_patches_by_a_search(status, gender, findings):
    answers = {
        "control": found("", FULL),
        "conditional-patch": said(status),
        "read-after-patch": at("2", gender),
    }
    assert count(patch_is_kept, judged(answers), label="conditional-patch") == findings
    with pytest.raises(NotJudgeable):
        list(patch_is_kept(judged(answers | {"control": found("")}), label="conditional-patch"))


# ------------------------------------------------------------------ conditional interactions

ONE, TWO = (patient(1, gender="other"),), (patient(1), patient(2))


def conditionals(**others):
    answers = {
        "if-none": said(201),
        "after-none": found("", *ONE),
        "if-one": said(200),
        "read-one": said(body=ONE[0]),
        "after-one": found("", *ONE),
        "if-other": said(400),
        "read-other": said(body=ONE[0]),
        "control-two": found("", *TWO),
        "if-two": said(412),
        "after-two": found("", *TWO),
    }
    return judged(changed(answers, **others))


@pytest.mark.parametrize(
    ("check", "others", "findings"),
    [
        (conditional_create, {}, 0),
        (conditional_create, {"if_none": said(200)}, 1),
        (conditional_create, {"if_one": said(201)}, 1),
        (conditional_create, {"after_one": found("", *TWO)}, 1),
        (conditional_create_many, {}, 0),
        (conditional_create_many, {"if_two": said(200)}, 1),
        (conditional_create_many, {"after_two": found("", *TWO, patient(3))}, 1),
        (conditional_update, {}, 0),
        (conditional_update, {"if_none": said(404)}, 1),
        (conditional_update, {"if_one": said(201)}, 1),
        (conditional_update, {"read_one": said(body=patient(1, gender="unknown"))}, 1),
        (conditional_update, {"after_one": found("", *TWO)}, 1),
        (conditional_update_other_id, {}, 0),
        (conditional_update_other_id, {"if_other": said(200)}, 1),
        (conditional_update_other_id, {"if_other": said(412)}, 1),
        (conditional_update_other_id, {"read_other": said(body=patient(1, gender="male"))}, 1),
        (conditional_update_many, {}, 0),
        (conditional_update_many, {"if_two": said(200)}, 1),
        (conditional_update_many, {"after_two": found("", patient(1, gender="male"), patient(2))}, 1),
    ],
)
def test_conditional_writes(check, others, findings):
    assert count(check, conditionals(**others)) == findings


def deletes(**others):
    answers = {
        "if-none": said(204),
        "control-one": found("", *ONE),
        "if-one": said(204),
        "after-one": found(""),
        "control-two": found("", *TWO),
        "if-two": said(412),
        "after-two": found("", *TWO),
    }
    return judged(changed(answers, **others))


@pytest.mark.parametrize(
    ("others", "findings"),
    [
        ({}, 0),
        ({"if_none": said(404)}, 0),
        ({"if_none": said(500)}, 1),
        ({"if_one": said(400)}, 1),
        ({"after_one": found("", *ONE)}, 1),
    ],
)
def test_conditional_deletes(others, findings):
    assert count(conditional_delete, deletes(**others)) == findings


@pytest.mark.parametrize(
    ("all_", "status", "left", "findings"),
    [
        (False, 412, TWO, 0),
        (False, 204, (), 1),
        (False, 204, ONE, 1),
        (False, 412, ONE, 1),
        (False, 500, TWO, 1),
        (True, 204, (), 0),
        (True, 204, ONE, 1),
        (True, 412, TWO, 1),
    ],
)
def test_conditional_deletes_of_several(all_, status, left, findings):
    seen = deletes(if_two=said(status), after_two=found("", *left))
    assert count(conditional_delete_many, seen, all=all_) == findings


def test_conditional_interactions_that_show_nothing():
    with pytest.raises(NotJudgeable):
        list(conditional_create(conditionals(after_none=found(""))))
    with pytest.raises(NotJudgeable):
        list(conditional_update(conditionals(after_none=found(""))))
    for check in (conditional_create_many, conditional_update_many):
        with pytest.raises(NotJudgeable):
            list(check(conditionals(control_two=found("", *ONE))))
    for check in (conditional_create_many, conditional_update_many):
        with pytest.raises(NotJudgeable):
            list(check(conditionals(if_none=said(412))))
        assert count(check, conditionals(if_none=said(500), if_two=said(200))) == 1
    with pytest.raises(NotJudgeable):
        list(conditional_delete(deletes(control_one=found(""))))
    with pytest.raises(NotJudgeable):
        list(conditional_delete_many(deletes(if_one=said(412)), all=False))
    with pytest.raises(NotJudgeable):
        list(conditional_delete_many(deletes(control_two=found("", *ONE)), all=False))


# ------------------------------------------------------------------ bundles

ASKED = [
    "POST Patient",
    "GET Patient/none",
    "PUT Patient/1",
    "DELETE Patient/2",
    "GET Patient/1",
    "GET Patient?_id=1",
]
WANTED = [True, False, True, True, True, True]
NEW = {"identifier": [{"system": "urn:x", "value": "new"}]}


def answer(status, resource=None, location=None):
    response = {"status": status} | ({"location": location} if location else {})
    return {"response": response} | ({"resource": resource} if resource else {})


def response(entries, kind="batch-response"):
    return said(body={"resourceType": "Bundle", "type": kind, "entry": entries})


GOOD = [
    answer("201 Created", location="Patient/9/_history/1"),
    answer("404"),
    answer("200 OK", location="Patient/1/_history/2"),
    answer("204"),
    answer("200", patient(1)),
    answer("200", bundle(patient(1))),
]


def batches(entries=GOOD, **others):
    answers = {
        "batch": response(entries),
        "created": said(body=patient(9, **NEW), path="/Patient/9"),
        "updated": said(body=patient(1, gender="other")),
        "deleted": said(410),
    }
    answers = {label: one for label, one in changed(answers, **others).items() if one is not None}
    return judged(answers, asked=ASKED, wanted=WANTED, new=NEW)


@pytest.mark.parametrize(
    ("entries", "findings"),
    [
        (GOOD, 0),
        (GOOD[:-1], 1),
        ([GOOD[1], GOOD[0], *GOOD[2:]], 1),
        ([*GOOD[:2], GOOD[4], GOOD[3], GOOD[2], GOOD[5]], 1),
        ([*GOOD[:2], answer("200", location="Patient/7"), *GOOD[3:]], 1),
        ([*GOOD[:4], answer("200", patient(2)), GOOD[5]], 1),
        ([*GOOD[:5], answer("200", patient(1))], 1),
        ([*GOOD[:5], {}], 1),
    ],
)
def test_order_of_answers(entries, findings):
    assert count(answers_in_order, batches(entries), label="batch", kind="batch-response") == findings


def test_answers_that_are_no_bundle_of_their_kind():
    assert (
        count(answers_in_order, batches(batch=said(body=patient(1))), label="batch", kind="batch-response")
        == 1
    )
    with pytest.raises(NotJudgeable):
        list(answers_in_order(batches(batch=said(400)), label="batch", kind="batch-response"))


@pytest.mark.parametrize(
    ("others", "findings"),
    [
        ({}, 0),
        ({"batch": said(400)}, 1),
        ({"entries": [*GOOD[:3], answer("501"), *GOOD[4:]]}, 1),
        ({"entries": [GOOD[0], answer("200", patient("none")), *GOOD[2:]]}, 1),
        ({"created": said(404, path="/Patient/9")}, 1),
        ({"created": said(body=patient(9), path="/Patient/9")}, 1),
        ({"created": said(body=patient(9, identifier=[{"value": "old"}]), path="/Patient/9")}, 1),
        ({"created": None, "entries": [answer("501"), *GOOD[1:]]}, 1),
        ({"updated": said(body=patient(1, gender="unknown"))}, 1),
        ({"deleted": said(body=patient(2))}, 1),
    ],
)
def test_batches(others, findings):
    assert count(batch_entries_stand_alone, batches(**others)) == findings


def test_a_bundle_that_does_not_say_where_it_created_something_shows_nothing():
    unplaced = [answer("201"), *GOOD[1:]]
    with pytest.raises(NotJudgeable, match="where what it created is"):
        list(batch_entries_stand_alone(batches(unplaced, created=None)))
    with pytest.raises(NotJudgeable, match="where what it created is"):
        list(transaction_carries_out(methods(patient(1, gender="other"), created=None)))


def methods(shown, status=200, created=patient(9, **NEW)):  # noqa: B008 - read only
    entries = [answer("200", shown), answer("200", patient(1, gender="other")), answer("201"), answer("204")]
    answers = {
        **({"created": said(body=created, path="/Patient/9")} if created else {}),
        "methods": said(status, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}),
        "updated": said(body=patient(1, gender="other")),
        "deleted": said(404),
    }
    asked = ["GET Patient/1", "PUT Patient/1", "POST Patient", "DELETE Patient/2"]
    return judged(answers, asked=asked, new=NEW)


def test_methods_of_a_transaction():
    assert count(transaction_carries_out, methods(patient(1, gender="other"))) == 0
    assert count(transaction_carries_out, methods(patient(1, gender="unknown"))) == 1
    assert count(transaction_carries_out, methods(patient(1, gender="other"), created=patient(9))) == 1
    with pytest.raises(NotJudgeable):
        list(transaction_carries_out(methods(patient(1), 400)))


def linked(first, second, outside="Patient/0"):
    reads = [
        said(
            body=patient(number, link=[{"other": {"reference": target}} for target in targets]),
            label="linked",
            about={"step": str(n)},
            path=f"/Patient/{number}",
        )
        for n, (number, targets) in enumerate(((1, first), (2, second)))
    ]
    return evidence(step(said(label="links"), *reads, outside=outside))


@pytest.mark.parametrize(
    ("first", "second", "findings"),
    [
        (["Patient/2", "Patient/0"], ["https://x.example/fhir/Patient/1/_history/1"], 0),
        (["urn:uuid:1", "Patient/0"], ["Patient/1"], 1),
        (["Patient/2", "Patient/5"], ["Patient/2"], 2),
    ],
)
def test_links(first, second, findings):
    assert count(links_are_rewritten, linked(first, second)) == findings


@pytest.mark.parametrize(
    ("status", "after", "findings"),
    [(400, "other", 0), (500, "other", 0), (200, "other", 1), (200, "male", 2)],
)
def test_duplicates(status, after, findings):
    answers = {
        "single": response([answer("200")]),
        "twice": said(status),
        "read-before": at("2", "other"),
        "read-after": at("3", after),
    }
    assert count(refuses_duplicates, judged(answers)) == findings
    with pytest.raises(NotJudgeable):
        list(refuses_duplicates(judged(answers | {"single": response([answer("400")])})))


def references(resolved=200, target="Patient/0", unresolved=412, left=()):
    answers = {
        "control": found("", patient(0)),
        "resolved": said(resolved),
        "read-resolved": said(body=patient(1, link=[{"other": {"reference": target}}])),
        "unresolved": said(unresolved),
        "after-unresolved": found("", *left),
    }
    return judged(answers, outside="Patient/0")


@pytest.mark.parametrize(
    ("others", "findings"),
    [
        ({}, 0),
        ({"resolved": 400}, 1),
        ({"target": "Patient?x=1"}, 1),
        ({"unresolved": 200}, 1),
        ({"left": ONE}, 1),
    ],
)
def test_references_by_a_search(others, findings):
    assert count(searches_are_resolved, references(**others)) == findings


# ------------------------------------------------------------------ freshness


def fresh(**others):
    old, new = ([{"value": value}] for value in ("a", "b"))
    answers = {
        "create": said(201),
        "read-created": said(body=patient(1, identifier=old)),
        "search-created": found("", *ONE),
        "update": said(200),
        "read-updated": said(body=patient(1, identifier=new)),
        "search-updated": found("", *ONE),
        "search-outdated": found(""),
        "delete": said(204),
        "search-deleted": found(""),
    }
    waited = {f"waited_search_{name}": 0.5 for name in ("created", "updated", "outdated", "deleted")}
    return judged(changed(answers, **others), sent_update={"identifier": new}, **waited)


@pytest.mark.parametrize(
    ("others", "findings"),
    [
        ({}, 0),
        ({"read_created": said(404)}, 1),
        ({"read_updated": said(500)}, 1),
        ({"read_updated": said(body=patient(1, identifier=[{"value": "a"}]))}, 1),
    ],
)
def test_reads_at_once(others, findings):
    assert count(read_at_once, fresh(**others)) == findings


@pytest.mark.parametrize(
    ("label", "late"),
    [("search-created", ()), ("search-updated", ()), ("search-outdated", ONE), ("search-deleted", ONE)],
)
def test_searches_within_a_limit(label, late):
    assert count(found_within, fresh(), label=label, limit=10) == 0
    assert (
        count(found_within, fresh(**{label.replace("-", "_"): found("", *late)}), label=label, limit=10) == 1
    )


@pytest.mark.parametrize("label", ["search-created", "search-updated", "search-outdated", "search-deleted"])
@pytest.mark.parametrize("shown", [OTHERS, (*ONE, *OTHERS)])
def test_a_search_that_heeds_no_identifier_tells_of_no_write(label, shown):
    seen = fresh(**{label.replace("-", "_"): found("", *shown)})
    with pytest.raises(NotJudgeable, match="finds others"):
        list(found_within(seen, label=label, limit=10))


def test_what_was_never_found_shows_nothing_by_not_being_found():
    with pytest.raises(NotJudgeable):
        list(found_within(fresh(search_created=found("")), label="search-outdated", limit=10))
    with pytest.raises(NotJudgeable):
        list(found_within(fresh(search_updated=found("")), label="search-deleted", limit=10))


@pytest.mark.parametrize(
    ("shown", "findings"), [("b", 0), ("a", 1), (None, 1), ({"value": "b"}, 0), (["b", "a"], 0), (7, 1)]
)
def test_a_search_shows_the_value_by_which_it_found(shown, findings):
    told = [{"value": one} for one in shown] if isinstance(shown, list) else [{"value": shown}]
    seen = fresh(search_updated=found("", patient(1, identifier=shown if isinstance(shown, dict) else told)))
    assert count(shows_the_new_value, seen) == findings


def test_what_was_not_found_is_not_shown():
    with pytest.raises(NotJudgeable):
        list(shows_the_new_value(fresh(search_updated=found(""))))


# ------------------------------------------------------------------ operations


def outcome(severity):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "invalid"}]}


@pytest.mark.parametrize(
    ("invalid", "findings"),
    [
        (said(body=outcome("error")), 0),
        (said(400, outcome("error")), 0),
        (said(body=outcome("information")), 1),
        (said(500), 1),
    ],
)
def test_validates(invalid, findings):
    assert (
        count(validates, judged({"valid": said(body=outcome("information")), "invalid": invalid})) == findings
    )


def test_a_server_with_rules_of_its_own_may_find_fault_with_anything():
    with pytest.raises(NotJudgeable):
        list(
            validates(judged({"valid": said(body=outcome("error")), "invalid": said(body=outcome("error"))}))
        )
    assert count(validates, judged({"valid": said(501), "invalid": said(501)})) == 1


def about(kind, number, subject):
    return {"resourceType": kind, "id": str(number), "subject": {"reference": f"Patient/{subject}"}}


@pytest.mark.parametrize(
    ("more", "findings"),
    [
        ([patient(1), about("Condition", 5, 1)], 0),
        ([about("Condition", 5, 1)], 1),
        ([patient(1), patient(2)], 1),
        ([patient(1), about("Condition", 5, 2)], 1),
        ([patient(1, link=[{"other": {"reference": "Patient/2"}}]), patient(2)], 0),
        ([patient(1), {"resourceType": "Organization", "id": "9"}], 0),
    ],
)
def test_everything(more, findings):
    seen = evidence(said(body=bundle(*more), label="everything", path="/Patient/1/$everything"))
    assert count(everything_is_the_patients, seen, id="1") == findings


def test_everything_that_is_nothing():
    with pytest.raises(NoData):
        list(everything_is_the_patients(evidence(said(body=bundle(), label="everything")), id="1"))
    assert count(everything_is_the_patients, evidence(said(501, label="everything")), id="1") == 1
