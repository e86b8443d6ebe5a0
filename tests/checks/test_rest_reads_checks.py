"""Reads in all their forms, versions and histories: what is right, what is wrong, and what shows nothing."""

import pytest
from saw import bundle, declared, evidence, exchange, patient, step

from conformance.checks.rest_declared import (
    declared_interactions,
    declares_conditional,
    operation_works,
    what_is_given_is_declared,
)
from conformance.checks.rest_reads import (
    case_matters,
    etag_agrees,
    harmless,
    head_is_get,
    head_of_error,
    last_modified,
    last_updated,
    not_modified,
)
from conformance.checks.rest_versions import (
    deleted_version,
    history_count,
    history_entries,
    history_is_complete,
    history_of,
    history_order,
    history_outlives,
    history_since,
    history_tells_deletions,
    new_versions,
    unknown_version,
    vreads_agree,
)
from conformance.errors import NoData, NotApplicable, NotJudgeable

UPDATED = "2026-03-01T10:00:00.250Z"
MODIFIED = "Sun, 01 Mar 2026 10:00:00 GMT"
NOW = "Sun, 01 Mar 2026 10:00:30 GMT"


def read(number=1, label="read", status=200, version="1", updated=UPDATED, **more):
    headers = {name: more.pop(name) for name in ("date", "etag", "last_modified") if name in more}
    body = patient(number, meta={"versionId": version, "lastUpdated": updated}, **more)
    return exchange(f"/Patient/{number}", status=status, body=body, label=label, **headers)


@pytest.mark.parametrize(
    ("stated", "findings"), [(MODIFIED, 0), ("Sun, 01 Mar 2026 10:00:09 GMT", 1), ("yesterday", 1), ("", 1)]
)
def test_last_modified(stated, findings):
    assert len(list(last_modified(evidence(read(last_modified=stated))))) == findings


def test_last_modified_needs_a_time_to_compare_with():
    with pytest.raises(NoData):
        list(last_modified(evidence(exchange(body=patient(1), label="read"))))


@pytest.mark.parametrize(
    ("updated", "now", "findings"),
    [
        (UPDATED, False, 0),
        ("2026-03-01T10:01:30Z", False, 0),
        ("2026-03-02T10:00:00Z", False, 1),
        ("2026-03-01", False, 1),
        ("2020-01-01T00:00:00Z", False, 0),
        ("2020-01-01T00:00:00Z", True, 1),
        (UPDATED, True, 0),
    ],
)
def test_last_updated(updated, now, findings):
    seen = evidence(read(updated=updated, date=NOW), read(2, date=NOW))
    assert len(list(last_updated(seen, label="read", written_now=now))) == findings


@pytest.mark.parametrize(("updated", "findings"), [("2026-03-01T10:30:00Z", 0), ("2026-03-01T12:00:00Z", 1)])
def test_where_the_server_tells_no_time_ours_counts(updated, findings):
    answer = read(updated=updated)
    seen = evidence(answer.model_copy(update={"at": "2026-03-01T10:00:00.000Z"}).connected(answer._reader))
    assert len(list(last_updated(seen, label="read"))) == findings


@pytest.mark.parametrize(
    ("date", "judged"),
    [
        ("Mon, 02 Mar 2026 09:00:00 GMT", True),
        ("Tue, 03 Mar 2026 10:00:00 GMT", False),
        ("Sat, 28 Feb 2026 11:00:00 GMT", True),
        ("Fri, 27 Feb 2026 10:00:00 GMT", False),
    ],
)
def test_where_the_clocks_are_far_apart_one_is_wrong(date, judged):
    answer = read(date=date, updated="2026-01-01T10:00:00Z")
    seen = evidence(answer.model_copy(update={"at": "2026-03-01T10:00:00.000Z"}).connected(answer._reader))
    if judged:
        assert list(last_updated(seen, label="read")) == []
        return
    with pytest.raises(NotJudgeable, match="one of the two clocks is wrong"):
        list(last_updated(seen, label="read"))


def test_without_a_date_nothing_is_known_of_the_time():
    with pytest.raises(NoData):
        list(last_updated(evidence(read()), label="read"))


def conditional(same=304, other=200, again="1", body=None, other_version="1"):
    return evidence(
        read(),
        exchange("/Patient/1", status=same, body=body, label="same-tag"),
        read(label="other-tag", status=other, version=other_version),
        read(label="again", version=again),
    )


@pytest.mark.parametrize(
    ("changed", "findings"),
    [
        ({}, 0),
        ({"same": 200}, 1),
        ({"body": {"resourceType": "Patient"}}, 1),
        ({"other": 304}, 1),
        ({"other": 412}, 1),
        ({"other_version": "2"}, 1),
    ],
)
def test_not_modified(changed, findings):
    assert len(list(not_modified(conditional(**changed), same="same-tag", other="other-tag"))) == findings


def test_what_changes_meanwhile_shows_nothing_of_conditions():
    with pytest.raises(NotJudgeable):
        list(not_modified(conditional(again="2"), same="same-tag", other="other-tag"))
    with pytest.raises(NoData):
        list(not_modified(evidence(read(), read(label="again")), same="same-tag", other="other-tag"))


@pytest.mark.parametrize(("status", "etag", "findings"), [(200, "a", 0), (404, "a", 1), (200, "b", 1)])
def test_head(status, etag, findings):
    seen = evidence(
        read(etag="a"), exchange("/Patient/1", method="HEAD", status=status, label="head", etag=etag)
    )
    assert len(list(head_is_get(seen))) == findings


def test_head_need_not_be_taken():
    with pytest.raises(NotApplicable):
        list(head_is_get(evidence(read(), exchange(status=405, label="head"))))


def missing(get=404, head=404):
    return evidence(
        exchange("/Patient/x", status=get, label="get"),
        exchange("/Patient/x", method="HEAD", status=head, label="head"),
    )


@pytest.mark.parametrize(("head", "findings"), [(404, 0), (200, 1), (500, 1), (400, 1)])
def test_a_head_request_for_nothing(head, findings):
    assert len(list(head_of_error(missing(head=head)))) == findings


def test_what_head_requests_for_nothing_do_not_show():
    for status in (405, 501):
        with pytest.raises(NotApplicable):
            list(head_of_error(missing(head=status)))
    with pytest.raises(NotJudgeable):
        list(head_of_error(missing(get=200, head=200)))


def parts(**changed):
    answers = {
        "pretty": read(label="pretty", gender="male"),
        "summary": read(label="summary", gender="male"),
        "elements": read(label="elements"),
    } | changed
    return evidence(read(gender="male"), *answers.values(), read(label="again", gender="male"))


@pytest.mark.parametrize(
    ("changed", "findings"),
    [
        ({}, 0),
        ({"summary": exchange("/Patient/1", status=400, label="summary")}, 0),
        ({"pretty": exchange("/Patient/1", status=400, label="pretty")}, 1),
        ({"elements": exchange("/Patient/1", status=500, label="elements")}, 1),
        ({"elements": exchange("/Patient/1", body=bundle(), label="elements")}, 1),
        ({"summary": read(2, label="summary")}, 1),
        ({"summary": read(label="summary", gender="female")}, 1),
    ],
)
def test_harmless(changed, findings):
    assert len(list(harmless(parts(**changed)))) == findings


WITH_NAME = {"name": [{"family": "Adams", "given": ["Ann", "Bea"]}], "maritalStatus": {"text": "x"}}


@pytest.mark.parametrize(
    ("shown", "findings"),
    [
        ({"name": [{"family": "Adams"}]}, 0),
        ({"name": [{"given": ["Bea"]}], "maritalStatus": {}}, 0),
        ({"name": [{"family": "Baker"}]}, 1),
        ({"name": [{"family": "Adams", "use": "old"}]}, 1),
        ({"maritalStatus": {"text": "y"}}, 1),
        ({"maritalStatus": {"text": "x", "coding": []}}, 1),
        ({"gender": "male"}, 1),
    ],
)
def test_a_part_has_nothing_that_the_whole_lacks(shown, findings):
    whole = read(**WITH_NAME)
    rest = [read(label=label, **WITH_NAME) for label in ("pretty", "elements", "again")]
    assert len(list(harmless(evidence(whole, read(label="summary", **shown), *rest)))) == findings


@pytest.mark.parametrize(
    ("headers", "findings"),
    [
        ({"etag": 'W/"1"', "last_modified": MODIFIED}, 0),
        ({"etag": 'W/"2"', "last_modified": MODIFIED}, 1),
        ({"last_modified": MODIFIED}, 1),
        ({}, 2),
    ],
)
def test_headers_of_writes(headers, findings):
    assert len(list(etag_agrees(evidence(read(label="update", **headers)), label="update"))) == findings


@pytest.mark.parametrize(
    ("told", "after", "findings"), [("2", "2", 0), ("1", "2", 1), ("1", "1", 0), ("3", "2", 0)]
)
def test_an_update_tells_a_version_that_was_not_there_before(told, after, findings):
    def seen(label, number, **more):
        whole = patient(1, meta={"versionId": number})
        return exchange("/Patient/1", body=whole, label=label, etag=f'W/"{number}"', **more)

    steps = evidence(
        seen("read-back", "1"),
        seen("update", told, method="PUT", last_modified=MODIFIED),
        seen("read-after-update", after),
    )
    found = list(etag_agrees(steps, label="update", before="read-back", after="read-after-update"))
    assert len(found) == findings


def test_who_keeps_no_versions_has_no_etag():
    whole = patient(1)
    update = exchange("/Patient/1", method="PUT", body=whole, label="update", last_modified=MODIFIED)
    seen = evidence(update, discovery=declared(versioning="no-version"))
    assert list(etag_agrees(seen, label="update")) == []
    assert len(list(etag_agrees(evidence(update, discovery=declared()), label="update"))) == 1


# ------------------------------------------------------------------ versions


def lifes(*, last=3, **changed):
    """A patient with three versions, as the probe sees it."""
    genders = ["unknown", "other", "male"]
    reads = [
        exchange("/Patient/1", body=at(n), label="version", about={"number": str(n)})
        for n in range(1, last + 1)
    ]
    updates = [exchange("/Patient/1", method="PUT", label="update") for _ in genders[1:]]
    told = {
        "vread": [
            exchange(f"/Patient/1/_history/{n}", body=at(n), label="vread", about={"number": str(n)})
            for n in range(1, last + 1)
        ],
        "vread-unknown": [exchange(status=404, label="vread-unknown")],
        "history": [history(None, at(3), at(2), at(1))],
        "history-count": [history(at(3), label="history-count")],
        "history-since": [history(at(3), at(2), label="history-since")],
        "delete": [exchange(status=204, method="DELETE", label="delete")],
        "vread-after-delete": [exchange(body=at(1), label="vread-after-delete")],
        "vread-deleted": [exchange(status=410, label="vread-deleted")],
    } | changed
    discovery = declared(readHistory=True)
    ends = {"ended-history": "complete"}
    return evidence(
        step(*reads, *updates, *(one for many in told.values() for one in many), **ends), discovery=discovery
    )


def at(number, **changed):
    gender = ["unknown", "other", "male"][number - 1]
    meta = {"versionId": str(number), "lastUpdated": f"2026-03-01T10:00:0{number}Z"}
    return patient(1, gender=gender, meta=meta) | changed


def history(*resources, label="history", requests=True, kind="history", **links):
    entries = []
    for resource in resources:
        entry = {"resource": resource} if resource else {}
        method = "PUT" if resource else "DELETE"
        asked = {"request": {"method": method, "url": "Patient/1"}, "response": {"status": "200"}}
        entries.append(entry | (asked if requests else {}))
    link = [{"relation": name, "url": url} for name, url in links.items()]
    body = {"resourceType": "Bundle", "type": kind, "link": link, "entry": entries}
    return exchange("/Patient/1/_history", body=body, label=label)


def count(check, seen, **arguments):
    return len(list(check(seen, **arguments)))


VERSIONS = [
    vreads_agree, unknown_version, deleted_version, new_versions, history_is_complete, history_order, history_entries,
    history_count, history_since, history_tells_deletions, history_outlives,
]  # fmt: skip


@pytest.mark.parametrize("check", VERSIONS, ids=lambda check: check.__name__)
def test_an_honest_life_is_without_fault(check):
    assert list(check(lifes())) == []


def vread(number, **changed):
    shown = {"body": at(number)} | changed
    return exchange(f"/Patient/1/_history/{number}", label="vread", about={"number": str(number)}, **shown)


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        (vreads_agree, {"vread": [vread(1, body=at(3))]}),
        (vreads_agree, {"vread": [vread(1, body=at(1, gender="female"))]}),
        (vreads_agree, {"vread": [vread(1, body=None, status=404)]}),
        (vreads_agree, {"vread": [vread(3, body=None, status=404)]}),
        (unknown_version, {"vread-unknown": [exchange(body=at(3), label="vread-unknown")]}),
        (
            vreads_agree,
            {"vread-unknown": [exchange("/Patient/1/_history/99", body=at(3), label="vread-unknown")]},
        ),
        (deleted_version, {"vread-deleted": [exchange(body=at(3), label="vread-deleted")]}),
        (history_is_complete, {"history": [history(at(3), at(1))]}),
        (history_is_complete, {"history": [history(at(3), at(2, gender="male"), at(1))]}),
        (history_is_complete, {"history": [history(at(3), at(2), at(1), kind="searchset")]}),
        (history_order, {"history": [history(at(1), at(2), at(3))]}),
        (history_count, {"history-count": [history(at(3), at(2), label="history-count")]}),
        (history_since, {"history-since": [history(at(3), at(2), at(1), label="history-since")]}),
        (history_since, {"history-since": [history(at(3), label="history-since")]}),
        (history_tells_deletions, {"history": [history(at(3), at(2), label="history")]}),
        (history_outlives, {"history": [history(None, label="history")]}),
        (history_outlives, {"history": [history(None, at(3), at(2), label="history")]}),
        (history_outlives, {"history": [exchange(status=404, label="history")]}),
        (history_outlives, {"vread-after-delete": [exchange(body=at(3), label="vread-after-delete")]}),
    ],
)
def test_one_fault_of_a_life_is_found(check, changed):
    assert count(check, lifes(**changed)) == 1


def test_older_versions_need_not_be_kept_where_that_is_not_declared():
    seen = lifes(vread=[vread(1, body=None, status=404), vread(3)])
    without = evidence(*seen.steps, discovery=declared())
    assert list(vreads_agree(without)) == []


def test_entries_of_a_history():
    assert (
        count(
            history_entries,
            lifes(history=[history(at(1), label="history", requests=False)]),
        )
        == 2
    )
    nothing = {"resourceType": "Bundle", "type": "history", "entry": [{"request": {"method": "PUT"}}]}
    seen = lifes(history=[exchange(body=nothing, label="history")])
    assert count(history_entries, seen) == 2
    with pytest.raises(NoData):
        list(history_entries(lifes(history=[history(label="history")])))


@pytest.mark.parametrize(("method", "findings"), [("PUT", 0), ("PATCH", 0), ("POST", 2), ("DELETE", 2)])
def test_a_history_tells_updates_as_what_they_were(method, findings):
    told = history(at(3), at(2), at(1)).json_or_none()
    for entry in told["entry"]:
        entry["request"]["method"] = method if entry["resource"]["meta"]["versionId"] != "1" else "POST"
    other = {
        "resource": patient(2, meta={"versionId": "2"}),
        "request": {"method": "POST"},
        "response": {"status": "201"},
    }
    told["entry"].append(other)
    assert count(history_entries, lifes(history=[exchange(body=told, label="history")])) == findings


def test_a_deletion_with_a_resource():
    gone = history(None, at(3), label="history")
    body = gone.json_or_none()
    body["entry"][0]["resource"] = at(3)
    assert count(history_tells_deletions, lifes(history=[exchange(body=body, label="history")])) == 1


def test_a_history_of_everything_may_hold_another_type_with_the_same_id_and_version():
    alike = {"resourceType": "Observation", "id": "1", "meta": {"versionId": "1"}}
    for order in ((at(1), alike), (alike, at(1))):
        assert count(history_is_complete, lifes(history=[history(None, at(3), at(2), *order)])) == 0
    assert count(history_is_complete, lifes(history=[history(None, at(3), at(2), alike)])) == 1


def test_pages_that_were_not_followed_to_the_end_show_nothing():
    seen = lifes(history=[history(at(3))])
    broken = evidence(seen.steps[0].model_copy(update={"notes": {"ended-history": "limit"}}))
    with pytest.raises(NotJudgeable):
        list(history_is_complete(broken))


def test_what_stands_on_a_later_page_is_not_missed():
    page = history(at(3), label="history-since", next="https://fhir.example.org/r4/Patient/1/_history?p=2")
    assert count(history_since, lifes(**{"history-since": [page]})) == 0


def test_versions_that_stay_the_same():
    same = [exchange("/Patient/1", body=at(1), label="version", about={"number": str(n)}) for n in (1, 2)]
    seen = evidence(*same, exchange(method="PUT", label="update"))
    assert count(new_versions, seen) == 1
    without = exchange("/Patient/1", body=patient(1), label="version")
    with pytest.raises(NotApplicable):
        list(new_versions(evidence(without, exchange(method="PUT", label="update"))))


@pytest.mark.parametrize(
    ("entries", "findings"),
    [
        ([{"resource": patient(1)}], 0),
        ([{"resource": {"resourceType": "Group"}}], 1),
        ([{"request": {"method": "DELETE", "url": "Patient/1"}}], 0),
        ([{"request": {"method": "DELETE", "url": "Group/1"}}], 1),
    ],
)
def test_history_of_a_type(entries, findings):
    body = {"resourceType": "Bundle", "type": "history", "entry": entries}
    seen = evidence(exchange("/Patient/_history", body=body, label="type-history"))
    assert count(history_of, seen, label="type-history", type="Patient") == findings
    assert count(history_of, seen, label="type-history") == 0


# ------------------------------------------------------------------ declarations


@pytest.mark.parametrize(
    ("stated", "what", "findings"),
    [
        ({"conditionalRead": "full-support"}, "read-tag", 0),
        ({"conditionalRead": "modified-since"}, "read-tag", 1),
        ({"conditionalCreate": True}, "create", 0),
        ({"conditionalDelete": "single"}, "delete", 0),
        ({"conditionalDelete": "single"}, "delete-many", 1),
        ({"conditionalDelete": ["single"]}, "delete", 1),
        ({}, "update", 1),
    ],
)
def test_conditional_interactions_that_are_declared(stated, what, findings):
    seen = evidence(discovery=declared(**stated))
    assert count(declares_conditional, seen, resource="Patient", what=what) == findings


def tried(**statuses):
    codes = [{"code": code} for code in ("read", "vread", "search-type")]
    answers = [exchange(status=status, label=label.replace("_", "-")) for label, status in statuses.items()]
    return evidence(*answers, discovery=declared(interaction=codes))


@pytest.mark.parametrize(
    ("statuses", "findings"),
    [
        ({"read": 200, "vread": 200}, 0),
        ({"read": 200, "vread": 501}, 1),
        ({"read": 405, "search_type": 404}, 2),
        ({"read": 200, "history_type": 501}, 0),
        ({"read": 200, "search_type": 400}, 0),
    ],
)
def test_declared_interactions(statuses, findings):
    names = ["read", "vread", "search-type", "history-type"]
    seen = tried(**statuses)
    assert len([*_findings(declared_interactions, seen, interactions=names, resource="Patient")]) == findings


def _findings(check, seen, **arguments):
    try:
        yield from check(seen, **arguments)
    except NoData:
        return


def test_what_is_declared_and_could_not_be_tried_was_not_seen_to_work():
    names = ["read", "vread"]
    with pytest.raises(NoData, match="vread of Patient could not be tried, though declared"):
        list(declared_interactions(tried(read=200), interactions=names, resource="Patient"))
    assert (
        list(declared_interactions(tried(read=200, vread=200), interactions=names, resource="Patient")) == []
    )


@pytest.mark.parametrize(
    ("answers", "findings"),
    [
        ({"vread": (200, patient(1))}, 0),
        ({"history-type": (200, bundle() | {"type": "history"})}, 1),
        ({"history-instance": (200, bundle() | {"type": "history"}), "history-type": (405, None)}, 1),
        ({"history-instance": (404, None), "history-type": (501, None)}, 0),
        ({"history-instance": (200, bundle())}, 0),
        ({"history-instance": (200, None)}, 0),
    ],
)
def test_what_is_given_is_declared(answers, findings):
    seen = evidence(
        *(exchange(status=status, label=label, body=body) for label, (status, body) in answers.items()),
        discovery=declared(interaction=[{"code": "vread"}]),
    )
    assert count(what_is_given_is_declared, seen, resource="Patient") == findings


def test_a_version_that_is_given_is_declared_too():
    seen = evidence(exchange(body=patient(1), label="vread"), discovery=declared(interaction=[]))
    assert count(what_is_given_is_declared, seen, resource="Patient") == 1
    with pytest.raises(NoData):
        list(what_is_given_is_declared(evidence(discovery=declared()), resource="Patient"))


def test_interactions_that_show_nothing():
    with pytest.raises(NoData):
        list(declared_interactions(tried(read=422), interactions=["read"], resource="Patient"))
    with pytest.raises(NotApplicable):
        list(declared_interactions(tried(create=200), interactions=["create"], resource="Patient"))


@pytest.mark.parametrize(
    ("status", "body", "findings"), [(200, patient(1), 0), (501, None, 1), (200, None, 1)]
)
def test_operations_that_are_declared(status, body, findings):
    assert (
        count(operation_works, evidence(exchange(status=status, body=body, label="x")), label="x") == findings
    )


def in_case(label, status=404, identity="aB", kind="Patient", path="/Patient/Ab"):
    return exchange(path, status=status, body={"resourceType": kind, "id": identity}, label=label)


@pytest.mark.parametrize(
    ("answers", "findings"),
    [
        ([in_case("other-id"), in_case("other-type")], 0),
        ([in_case("other-id", 200), in_case("other-type")], 1),
        ([in_case("other-id", 200), in_case("other-type", 200)], 2),
        ([in_case("other-id", 200, "Ab")], 0),
        ([in_case("other-type", 200, kind="Bundle")], 0),
    ],
)
def test_what_is_read_by_an_id_in_the_other_case_is_another_resource(answers, findings):
    seen = evidence(in_case("read", 200, path="/Patient/aB"), *answers)
    assert len(list(case_matters(seen, resource="Patient", id="aB"))) == findings


def test_what_cannot_be_read_shows_nothing_about_the_case_of_its_id():
    with pytest.raises((NoData, NotJudgeable)):
        list(case_matters(evidence(in_case("read", 404)), resource="Patient", id="aB"))
