"""What became of what was created, changed and deleted."""

import pytest
from saw import bundle, declared, evidence, exchange, identified, looked_for, patient, step

from conformance.checks.write import (
    created,
    deleted_is_gone,
    ignores_client_id,
    keeps_content,
    refuses_mismatched_id,
    refuses_stale_update,
    transaction_is_whole,
    update_is_kept,
    xml_taken,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable

SENT = {
    "resourceType": "Patient",
    "meta": {"tag": [{"code": "HTEST"}]},
    "extension": [{"url": "u", "valueString": "x"}],
    "name": [{"family": "A", "given": ["B"]}],
    "gender": "unknown",
}
HERE = "https://fhir.example.org/r4/Patient/1/_history/1"


@pytest.mark.parametrize(
    ("status", "location", "findings"),
    [(201, HERE, 0), (201, "Patient/1", 0), (201, "", 1), (200, HERE, 1), (201, "/elsewhere", 1)],
)
def test_created(status, location, findings):
    assert (
        len(list(created(evidence(exchange(status=status, label="create", location=location))))) == findings
    )


@pytest.mark.parametrize("status", [403, 422, 500])
def test_a_refused_create_cannot_be_judged(status):
    with pytest.raises(NotJudgeable):
        list(created(evidence(exchange(status=status, label="create"))))


def read_back(**changed):
    read = SENT | {"id": "1", "meta": {"versionId": "1", "tag": [{"code": "HTEST"}, {"code": "x"}]}} | changed
    answers = exchange(status=201, label="create"), exchange(body=read, label="read-back")
    return evidence(step(*answers, sent_create=SENT))


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({}, []),
        ({"text": {"status": "generated"}}, []),
        ({"name": [{"use": "old"}, {"family": "A", "given": ["B"], "use": "official"}]}, []),
        ({"extension": []}, ["extension[0]"]),
        ({"name": [{"family": "A"}]}, ["name[0]"]),
        ({"gender": "other"}, ["gender"]),
        ({"meta": "odd"}, ["meta"]),
    ],
)
def test_keeps_content(changed, places):
    findings = list(keeps_content(read_back(**changed)))
    assert [finding.rsplit(" ", 1)[1] for finding in findings] == places


@pytest.mark.parametrize(("status", "findings"), [(201, 0), (200, 0), (415, 1), (400, 1), (500, 1)])
def test_a_write_in_xml(status, findings):
    plain = exchange(status=201, label="create")
    assert len(list(xml_taken(evidence(plain, exchange(status=status, label="x")), label="x"))) == findings


def test_who_takes_no_write_at_all_is_not_judged_by_xml():
    refused = evidence(exchange(status=422, label="create"), exchange(status=415, label="x"))
    with pytest.raises(NotJudgeable):
        list(xml_taken(refused, label="x"))


def test_keeps_content_needs_what_was_sent():
    with pytest.raises(NoData):
        list(keeps_content(evidence(exchange(status=201, label="create"))))


@pytest.mark.parametrize(
    ("status", "location", "findings"),
    [(201, "Patient/9", 0), (201, "Patient/mine", 1), (400, "", 1), (500, "", 1)],
)
def test_ignores_client_id(status, location, findings):
    seen = evidence(exchange(status=status, label="create-with-id", location=location))
    assert len(list(ignores_client_id(seen, id="mine"))) == findings


def test_an_id_that_is_not_told_cannot_be_judged():
    with pytest.raises(NotJudgeable):
        list(ignores_client_id(evidence(exchange(status=201, label="create-with-id")), id="mine"))


def updated(
    after="other",
    stale=412,
    mismatched=400,
    last="other",
    version="2",
    end="other",
    current=200,
    discovery=(),
):
    exchanges = [
        exchange(status=201, label="create"),
        exchange(body=patient(1, gender="unknown"), label="read-back", etag='W/"1"'),
        exchange(status=200, label="update", method="PUT"),
        exchange(body=patient(1, gender=after), label="read-after-update", etag=f'W/"{version}"'),
        exchange(body=patient(1, gender=last), label="read-after-stale"),
        exchange(status=mismatched, label="mismatched-update", method="PUT"),
        exchange(body=patient(1, gender=end), label="read-after-mismatched"),
    ]
    if current:
        exchanges.append(exchange(status=current, label="current-update", method="PUT"))
    if stale:
        exchanges.append(exchange(status=stale, label="stale-update", method="PUT"))
    notes = {"sent_create": SENT, "sent_update": SENT | {"gender": "other"}}
    notes["sent_mismatched_update"] = SENT | {"gender": "female", "id": "2"}
    return evidence(step(*exchanges, **notes), discovery=discovery)


def test_update_is_kept():
    assert list(update_is_kept(updated(), path="gender")) == []
    assert len(list(update_is_kept(updated(after="unknown"), path="gender"))) == 1
    with pytest.raises(NotJudgeable):
        list(update_is_kept(updated(), path="name"))


@pytest.mark.parametrize(
    ("stale", "last", "findings"),
    [(412, "other", 0), (409, "other", 0), (200, "male", 1), (500, "other", 1), (412, "male", 1)],
)
def test_stale_update(stale, last, findings):
    assert len(list(refuses_stale_update(updated(stale=stale, last=last)))) == findings


def test_servers_without_versions_have_none_to_match():
    with pytest.raises(NotApplicable):
        list(refuses_stale_update(updated(stale=0)))
    with pytest.raises(NotApplicable):
        list(refuses_stale_update(updated(discovery=declared(versioning="no-version"))))
    with pytest.raises(NotJudgeable):
        list(refuses_stale_update(updated(version="1")))


def test_who_refuses_every_version_does_not_show_that_it_tells_old_from_new():
    for status in (412, 409):
        with pytest.raises(NotJudgeable, match="current version"):
            list(refuses_stale_update(updated(current=status)))
    for status in (0, 422):
        assert list(refuses_stale_update(updated(current=status))) == []


@pytest.mark.parametrize(
    ("status", "end", "findings"),
    [
        (400, "other", 0),
        (400, "female", 1),
        (400, "male", 0),
        (422, "female", 2),
        (200, "female", 1),
        (500, "other", 1),
    ],
)
def test_mismatched_id(status, end, findings):
    assert len(list(refuses_mismatched_id(updated(mismatched=status, end=end)))) == findings


def deleted(status, read):
    return evidence(
        exchange(body=patient(1), label="read-back"),
        exchange(status=status, label="delete", method="DELETE"),
        exchange(status=read, label="read-after-delete"),
    )


@pytest.mark.parametrize(
    ("status", "read", "findings"), [(204, 410, 0), (200, 404, 0), (204, 200, 1), (204, 500, 1)]
)
def test_deleted_is_gone(status, read, findings):
    assert len(list(deleted_is_gone(deleted(status, read)))) == findings


@pytest.mark.parametrize("status", [202, 405, 409])
def test_a_delete_that_is_not_done_cannot_be_judged(status):
    with pytest.raises(NotJudgeable):
        list(deleted_is_gone(deleted(status, 200)))


CONTROL = (identified("0"),)


def transacted(status, after, control=CONTROL, body=None, whole=200, more=()):
    return evidence(
        looked_for("0", *control, label="control"),
        exchange("", status=whole, label="whole", method="POST"),
        looked_for("5", identified("5"), label="after-whole"),
        exchange("", status=status, body=body, label="transaction", method="POST"),
        looked_for("1", *after, label="after-transaction"),
        *more,
    )


HALF = {
    "resourceType": "Bundle",
    "type": "transaction-response",
    "entry": [{"response": {"status": "201 Created"}}, {"response": {"status": "400"}}],
}


def test_transaction():
    assert list(transaction_is_whole(transacted(400, ()))) == []
    assert len(list(transaction_is_whole(transacted(400, (patient(1),))))) == 1
    assert len(list(transaction_is_whole(transacted(200, (patient(1),), body=HALF)))) == 2


def test_transactions_that_show_nothing():
    with pytest.raises(NotJudgeable):
        list(transaction_is_whole(transacted(400, (), control=())))
    with pytest.raises(NotJudgeable):
        list(transaction_is_whole(transacted(400, (patient(1),), control=(patient(1),))))
    with pytest.raises(NotJudgeable):
        list(transaction_is_whole(transacted(200, (patient(1),), body=bundle())))


@pytest.mark.parametrize("status", [400, 404, 405, 500, 501])
def test_a_server_that_refuses_every_transaction_shows_nothing(status):
    with pytest.raises(NotJudgeable, match="without fault"):
        list(transaction_is_whole(transacted(status, (), whole=status)))


def test_half_of_the_first_transaction_is_not_forgiven_for_refusing_the_second():
    second = (
        exchange("", status=412, label="transaction", method="POST"),
        looked_for("2", label="after-transaction"),
    )
    seen = transacted(200, (patient(1),), body=HALF, more=second)
    assert len(list(transaction_is_whole(seen))) == 2
