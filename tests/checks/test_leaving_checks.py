"""The checks of what an exit needs beside a whole export: each has evidence that passes it and some that does not."""

import dataclasses
import hashlib
import json

import pytest
from evidence_builder import BASE, evidence, exchange, ndjson, step
from plan_builder import changed, document, of_plan, plan
from test_completeness import OBSERVATION, PATIENTS, exported, run

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.target import DataClass
from conformance.probes.bracketed import fetch_attachments

JSON = {"Content-Type": "application/json"}


def judged(name, seen, **arguments):
    return list(built_in().find("check", name)(seen, **arguments))


def with_plan(value, *exchanges):
    return of_plan(value, exchanges=exchanges)


def at_once(*answers, plan_value=None):
    return with_plan(
        plan() if plan_value is None else plan_value,
        *(exchange(url=f"/$export?_since={n}", label="kick-off-at-once", **a) for n, a in enumerate(answers)),
    )


ACCEPTED = {"status": 202}
LATER = {"status": 429, "headers": {"Retry-After": "3"}}


def test_as_many_exports_as_declared_run_at_once():
    assert judged("exports-not-rationed", at_once(*[ACCEPTED] * 3)) == []
    assert "declares 3" in judged("exports-not-rationed", at_once(ACCEPTED, LATER))[0]
    silent = changed("export", "limits", removed=True)
    assert judged("exports-not-rationed", at_once(ACCEPTED, LATER, plan_value=silent)) == []
    for wrong, said in (({"status": 429}, "Retry-After"), ({"status": 403}, "not 429")):
        assert said in judged("exports-not-rationed", at_once(ACCEPTED, wrong, plan_value=silent))[0]
    with pytest.raises(NoData):
        judged("exports-not-rationed", at_once(LATER, plan_value=silent))


def reads(during, *, before=200, elapsed=10, running=True, wait=True):
    def read(label, status, milliseconds):
        told = {"Retry-After": "1"} if status == 429 and wait else {}
        return exchange(url="/Patient/1", status=status, label=label, elapsed_ms=milliseconds, headers=told)

    return evidence(
        step(
            *(read("read-before", before, 10) for _ in range(12)),
            exchange(
                url="/$export", status=202, label="kick-off", headers={"Content-Location": f"{BASE}/job"}
            ),
            *(read("read-during", status, elapsed) for status in during),
            exchange(
                url="/job", status=202 if running else 200, body={"output": []}, label="status", headers=JSON
            ),
        )
    )


def test_reads_while_an_export_runs():
    name = "export-leaves-service-alive"
    (remark,) = judged(name, reads([200] * 12))
    assert "10 ms" in remark
    assert "as did 1 of 12" in judged(name, reads([200] * 11 + [503]))[0]
    assert len(judged(name, reads([200] * 12, elapsed=90))) == 1, "no ratio is set"
    assert "more than 3 times" in judged(name, reads([200] * 12, elapsed=90), ratio_at_most=3)[1]
    with pytest.raises(NoData, match="too few"):
        judged(name, reads([200] * 12, running=False))
    with pytest.raises(NotJudgeable):
        judged(name, reads([503] * 12, before=503))


def test_who_is_asked_to_wait_now_and_then_is_served_all_the_same():
    name = "export-leaves-service-alive"
    assert len(judged(name, reads([200] * 11 + [429]))) == 1, "a remark on the times"
    assert "as did 1 of 12" in judged(name, reads([200] * 11 + [429], wait=False))[0]
    assert "as did 9 of 12" in judged(name, reads([200] * 3 + [429] * 9))[0]
    with pytest.raises(NotJudgeable):
        judged(name, reads([200] * 12, before=429))


def test_who_may_begin_an_export():
    def asked(anonymous, stranger):
        return evidence(
            step(
                exchange(url="/$export", status=anonymous, label="kick-off-anonymous"),
                exchange(url="/$export", status=stranger, label="kick-off-bad-token"),
            )
        )

    name = "export-kick-off-protected"
    assert judged(name, asked(401, 403)) == []
    assert "without credentials" in judged(name, asked(202, 401))[0]
    assert "nobody issued" in judged(name, asked(401, 202))[0]
    with pytest.raises(NotJudgeable):
        judged(name, asked(401, 500))
    opened = evidence(step(), auth="none")
    live = dataclasses.replace(opened, target=opened.target.model_copy(update={"data_class": DataClass.LIVE}))
    synthetic = dataclasses.replace(
        opened, target=opened.target.model_copy(update={"data_class": DataClass.SYNTHETIC})
    )
    assert "anybody can export" in judged(name, live)[0]
    with pytest.raises(NotJudgeable):
        judged(name, synthetic)


def listing(
    *, token=True, url="files/Zm9vYmFyYmF6cXV4MTIzNDU2", expires="Wed, 25 Nov 2026 10:00:00 GMT", **item
):
    body = {
        "output": [{"type": "Patient", "url": f"{BASE}/{url}", **item}],
        "error": [],
        "requiresAccessToken": token,
    }
    return step(
        exchange(url="/$export", status=202, label="kick-off", headers={"Content-Location": f"{BASE}/job"}),
        exchange(url="/job", body=body, label="status", headers=JSON | ({"Expires": expires} if expires else {})),
        exchange(
            url=f"/{url}", body=ndjson(*PATIENTS), label="file", about={"kind": "output", "index": "0"},
            headers={"Content-Type": "application/fhir+ndjson"},
        ),
    )  # fmt: skip


def test_links_that_need_no_token():
    assert run("export-links-expire", listing(token=False)) == []
    assert "expire" in run("export-links-expire", listing(token=False, expires=""))[0]
    assert "guessed" in run("export-links-expire", listing(token=False, url="files/1.Patient.ndjson"))[0]
    with pytest.raises(NotApplicable):
        run("export-links-expire", listing())


RIGHT = hashlib.sha256(ndjson(*PATIENTS)).hexdigest()


@pytest.mark.parametrize(
    "item",
    [
        {"sha256": RIGHT},
        {"extension": {"https://a.example/file-sha256": RIGHT}},
        {"extension": [{"url": "https://a.example/digest", "valueString": f"sha256:{RIGHT}"}]},
    ],
)
def test_digests_of_files(item):
    assert run("export-digests-match", listing(**item)) == []
    wrong = json.loads(json.dumps(item).replace(RIGHT, "0" * 64))
    assert "another digest" in run("export-digests-match", listing(**wrong))[0]
    assert "no digest" in run("export-digests-match", listing())[0]


def test_the_export_points_to_its_documentation():
    url = plan()["export"]["documentationUrl"]
    for member, right in (({"extension": {"docs": url}}, True), ({}, False), ({"request": url}, False)):
        one = exported(PATIENTS, manifest={"output": [], "error": [], **member})
        seen = evidence(one.model_copy(update={"documents": (document(plan()),)}))
        assert bool(judged("export-names-documentation", seen)) is not right


def failed(*issues, count=None, before=None):
    outcome = {"resourceType": "OperationOutcome", "issue": list(issues)}
    item = {"type": "OperationOutcome", "url": f"{BASE}/e", **({"count": count} if count else {})}
    files = [{"type": "Patient", "url": f"{BASE}/f0"}, {"type": "Observation", "url": f"{BASE}/f1"}]
    listing = {"output": files, "error": [item]}
    about = {"kind": "error", "index": "0"}
    more = [exchange(url="/e", body=ndjson(outcome), label="file", about=about)]
    return exported(PATIENTS[:2], [OBSERVATION], manifest=listing, more=more, before=before)


def test_what_is_missing_is_told_of():
    name = "export-errors-reconcile"
    assert run(name, exported(PATIENTS, [OBSERVATION])) == []
    assert "lists no error" in run(name, exported(PATIENTS[:2], [OBSERVATION]))[0]
    named = {"severity": "error", "code": "exception", "diagnostics": "Patient/p2. could not be read"}
    assert run(name, failed(named)) == []
    other = {"severity": "error", "code": "exception", "diagnostics": "Observation/zzz could not be read"}
    assert "do not account" in run(name, failed(other))[0]
    vague = {"severity": "error", "code": "exception", "diagnostics": "Something went wrong"}
    with pytest.raises(NotJudgeable, match="neither name nor count"):
        run(name, failed(vague))
    many = {"Patient": 5, "Observation": 1}
    assert "do not account for 3 of type Patient" in run(name, failed(vague, count=2, before=many))[0]
    for enough in (3, 4):
        with pytest.raises(NotJudgeable, match="neither name nor count"):
            run(name, failed(vague, count=enough, before=many))


def document_of(**attachment):
    return {"resourceType": "DocumentReference", "id": "d", "content": [{"attachment": attachment}]}


def test_linked_content():
    name = "linked-content-reachable"
    for right in ({"data": "QQ=="}, {"url": "Binary/b"}, {"url": "https://a.example/x"}):
        assert run(name, exported([document_of(contentType="a/b", **right)])) == []
    for wrong in ({}, {"url": "file://store/x"}, {"url": "\\\\store\\x"}, {"url": " "}):
        assert "names no route" in run(name, exported([document_of(contentType="a/b", **wrong)]))[0]
    lost = exchange(url="/x", status=404, label="attachment", about={"reference": "DocumentReference/d"})
    assert run(name, exported([document_of(url="https://a.example/x")], more=[lost]))
    for status, other in ((403, {}), (200, {}), (0, {"failure": "timed out"})):
        there = exchange(url="/x", status=status, label="attachment", about=lost.about, **other)
        assert not run(name, exported([document_of(url="https://a.example/x")], more=[there]))
    refused = exchange(url="/b", status=406, label="attachment", about=lost.about | {"url": "Binary/b"})
    held = {"resourceType": "Binary", "id": "b", "contentType": "a/b", "data": "QQ=="}
    assert not run(name, exported([document_of(url="Binary/b")], [held], more=[refused]))
    elsewhere = "https://documents.example/Binary/b"
    strange = exchange(url=elsewhere, status=404, label="attachment", about=lost.about | {"url": elsewhere})
    assert run(name, exported([document_of(url=elsewhere)], [held], more=[strange]))
    for missing in (held | {"id": "c"}, {"resourceType": "Binary", "id": "b"}):
        assert run(name, exported([document_of(url="Binary/b")], [missing], more=[refused]))
    study = {"resourceType": "ImagingStudy", "id": "i", "endpoint": [{"reference": "Endpoint/e"}]}
    endpoint = {"resourceType": "Endpoint", "id": "e", "address": "https://pacs.example/wado"}
    assert run(name, exported([study], [endpoint])) == []
    assert run(name, exported([study]))
    rows = [
        {"category": "images", "resourceTypes": ["ImagingStudy"], "retrievalRoute": "DICOM, see the guide"}
    ]
    seen = exported([study]).model_copy(update={"documents": (document(changed("dataInventory", to=rows)),)})
    assert judged(name, evidence(seen)) == []
    with pytest.raises(NoData):
        run(name, exported(PATIENTS))


def test_records_name_their_author():
    name = "records-name-author"
    visit = {"resourceType": "Encounter", "id": "v", "participant": [{"individual": {"reference": "Practitioner/d"}}],
             "serviceProvider": {"reference": "Organization/o"}, "period": {"start": "2026"}}  # fmt: skip
    whole = OBSERVATION | {
        "performer": [{"reference": "Practitioner/d"}],
        "encounter": {"reference": "Encounter/v"},
        "effectiveDateTime": "2026",
    }
    assert run(name, exported([whole], [visit])) == []
    assert "without organisation" in run(name, exported([whole]))[0]
    for gone, said in (("performer", "author"), ("effectiveDateTime", "time")):
        bare = {name: value for name, value in whole.items() if name != gone}
        assert f"without {said}" in run(name, exported([bare], [visit]))[0]
    assert run(name, exported([whole | {"performer": [{"display": "Unknown"}]}], [visit]))
    vouched = {
        "resourceType": "Provenance", "id": "p", "recorded": "2026-01-01T00:00:00Z",
        "target": [{"reference": "Observation/o1/_history/2"}],
        "agent": [{"who": {"reference": "Practitioner/d"}, "onBehalfOf": {"reference": "Organization/o"}}],
    }  # fmt: skip
    assert run(name, exported([OBSERVATION], [vouched])) == []
    with pytest.raises(NoData):
        run(name, exported(PATIENTS))


def alone(*resources, way="everything", status=200):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
    page = exchange(url="/Patient/p1/$everything", body=bundle, status=status, label="everything")
    return step(*([page] if way else []), name="step-2", way=way, patient="Patient/p1")


def test_a_patient_alone():
    name, whole = "single-patient-exported", exported(PATIENTS, [OBSERVATION])
    assert run(name, alone(PATIENTS[1], OBSERVATION), whole) == []
    assert "without 1 of the 2" in run(name, alone(PATIENTS[1]), whole)[0]
    assert "does not hold the patient" in run(name, alone(OBSERVATION), whole)[0]
    assert "answered 500" in run(name, alone(status=500), whole)[0]
    assert "declares no operation" in run(name, alone(way=""), whole)[0]


DONE = "Tue, 24 Nov 2026 10:00:00 GMT"
DATED = {"Date": DONE}


def logged(*events, log="x", label="audit"):
    entries = [
        {"resource": {"resourceType": "AuditEvent", **event}, "search": {"mode": "match"}} for event in events
    ]
    kick_off = exchange(
        url="/$export?_since=1970-01-01T05:00:00%2B00:00", status=202, label="kick-off", headers=DATED
    )
    return step(
        *(exchange(url="/Patient/1", label=each, headers=DATED) for each in ("create", "delete")),
        kick_off,
        exchange(url="/AuditEvent", body={"resourceType": "Bundle", "entry": entries}, label=label),
        log=log,
        patient="Patient/1",
    )


def event(action, **others):
    return {
        "action": action,
        "recorded": "2026-11-24T10:00:03Z",
        "agent": [{"who": {"identifier": {"value": "nurse-7"}}}],
        "entity": [{"what": {"reference": "Patient/1/_history/1"}}],
        **others,
    }


def test_the_audit_trail():
    name = "audit-trail-tells"
    assert run(name, logged(event("C"), event("D"))) == []
    assert "no delete" in run(name, logged(event("C")))[0]
    assert "who carried out" in run(name, logged(event("C", agent=[{"requestor": True}]), event("D")))[0]
    assert "another time" in run(name, logged(event("C", recorded="2020-01-01T00:00:00Z"), event("D")))[0]
    elsewhere = event("C", entity=[{"what": {"reference": "Patient/2"}}])
    assert "no create" in run(name, logged(elsewhere, event("D")))[0]
    assert "no audit trail" in run(name, logged(log=""))[0]
    with pytest.raises(NoData):
        run(name, step())


def test_an_export_is_logged():
    name = "export-logged"
    own = event("E", subtype=[{"code": "export"}], entity=[])
    assert run(name, logged(own)) == []
    assert run(name, logged(event("E"))), "an event of something else"
    assert run(name, logged(own | {"recorded": "2026-11-24T09:00:00Z"}))
    assert "not who began" in run(name, logged(own | {"agent": []}))[0]
    another = own | {"entity": [{"description": "$export?_since=1999-01-01T00:00:00Z"}]}
    assert run(name, logged(another)), "an export of somebody else"


def test_histories():
    def seen(*families, status=200, **notes):
        entries = [{"resource": {"resourceType": "Patient", "name": [{"family": f}]}} for f in families]
        body = {"resourceType": "Bundle", "entry": entries}
        answer = exchange(url="/Patient/1/_history", body=body, status=status, label="history")
        return step(answer, **({"families": ["A", "B", "C"]} | notes))

    assert run("history-kept", seen("C", "B", "A")) == []
    assert "1 of the 3" in run("history-kept", seen("C"))[0]
    with pytest.raises(NotApplicable):
        run("history-kept", seen(status=404))
    with pytest.raises(NoData):
        run("history-kept", seen("A", families=["A"]))


def entered(text, *files):
    one = exported(*files)
    return evidence(one.model_copy(update={"documents": (document(text, "canaries"),)}))


@pytest.mark.parametrize(
    "text",
    [
        b'{"resourceType": "Patient", "id": "x", "name": [{"given": ["Ada"]}], "birthDate": "1950-01"}\n',
        b'[{"resourceType": "Patient", "name": [{"given": ["Ada"]}], "birthDate": "1950-01"}]',
        b"- resourceType: Patient\n  name: [{given: [Ada]}]\n  birthDate: 1950-01\n",
    ],
)
def test_records_entered_by_hand_are_matched_by_content(text):
    name = "entered-canaries-exported"
    names = [{"given": ["B"]}, {"given": ["Ada", "M"], "family": "L"}]
    theirs = {"resourceType": "Patient", "id": "77", "birthDate": "1950-01", "name": names}
    assert judged(name, entered(text, [theirs])) == []
    altered = theirs | {"birthDate": "1950-01-01"}
    assert "has not its birthDate" in judged(name, entered(text, [altered]))[0]
    assert "without any Patient" in judged(name, entered(text, [OBSERVATION]))[0]
    with pytest.raises(NoData, match="fewer than the 25"):
        judged(name, entered(text, [theirs]), at_least=25)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff", "not in UTF-8"),
        (b"", "no resource"),
        (b"[]", "empty"),
        (b'{"resourceType": "Patient", "id": "1"}', "says nothing"),
        (b"- a: &a [1]\n  b: *a\n", "alias"),
        (b"- a: 1\n  a: 2\n", "stands twice"),
        (b'{"name": "x"}\n', "no resourceType"),
    ],
)
def test_a_file_of_entered_records_that_cannot_be_used_is_told_of(text, said):
    with pytest.raises(NoData, match=said):
        judged("entered-canaries-exported", entered(text, PATIENTS))


def test_data_that_is_said_to_be_erased():
    def asked(status, on="2026-11-20", label="erased", body=None):
        value = changed("deletion", "completedOn", to=on)
        return of_plan(value, exchanges=[exchange(url="/Patient/1", status=status, label=label, body=body)])

    name = "data-erased"
    for status in (404, 410, 401):
        assert judged(name, asked(status)) == []
    assert "still gives data" in judged(name, asked(200))[0]
    found = {"resourceType": "Bundle", "entry": [{"resource": PATIENTS[0], "search": {"mode": "match"}}]}
    assert judged(name, asked(200, label="erased-search", body=found))
    assert judged(name, asked(200, label="erased-search", body={"resourceType": "Bundle", "total": 0})) == []
    with pytest.raises(NotJudgeable):
        judged(name, asked(500))
    for undue in ("2030-01-01", "soon"):
        with pytest.raises(NoData, match="does not state"):
            judged(name, asked(404, on=undue))


def test_the_gates_of_canaries():
    def seen(**card):
        return dataclasses.replace(evidence(), target=evidence().target.model_copy(update=card))

    assert judged("may-write-or-lacks-canaries", seen()) == []
    assert judged("may-write-or-lacks-canaries", seen(may_write=True, canaries_entered=True)) == []
    assert judged("may-write-or-lacks-canaries", seen(canaries_entered=True))
    assert judged("canaries-entered", seen(canaries_entered=True)) == []
    assert judged("canaries-entered", seen())


def test_more_kinds_of_attachments():
    page = document_of(contentType="text/plain", data="PGh0bWw+bG9naW48L2h0bWw+")
    assert "is a web page" in run("attachments-match", exported([page]))[0]
    assert (
        run("attachments-match", exported([document_of(contentType="text/plain", data="QUJD", size=3)])) == []
    )
    assert (
        "not the 4"
        in run("attachments-match", exported([document_of(contentType="a/b", data="QUJD", size=4)]))[0]
    )
    assert "no base64" in run("attachments-match", exported([document_of(contentType="a/b", data="%%")]))[0]
    picture = {"resourceType": "Binary", "id": "b", "contentType": "image/png", "data": "QUJD"}
    assert "does not begin as image/png" in run("attachments-match", exported([picture]))[0]


def test_an_export_of_patients_is_compared_by_what_is_about_patients():
    one = exported(PATIENTS, [OBSERVATION], before={"Patient": 3, "Observation": 1, "Organization": 9})
    of_patients = one.model_copy(
        update={
            "exchanges": tuple(
                each.model_copy(update={"url": f"{BASE}/Patient/$export"}).connected(each._reader)
                if each.label == "kick-off"
                else each
                for each in one.exchanges
            )
        }
    )
    assert run("export-counts-match", one)
    assert run("export-counts-match", of_patients) == []


def test_changed_records_come_with_since():
    def seen(*patients):
        one = exported(list(patients))
        return one.model_copy(update={"notes": {"altered": {"Patient/p1": "1980-02-02"}}})

    name, right = "export-altered-complete", PATIENTS[1] | {"birthDate": "1980-02-02"}
    assert run(name, seen(right, PATIENTS[0])) == [], "more than asked for is no fault"
    assert "without Patient/p1" in run(name, seen(PATIENTS[0]))[0]
    assert "before it changed" in run(name, seen(PATIENTS[1] | {"birthDate": "1970-01-01"}))[0]
    with pytest.raises(NoData):
        run(name, exported(PATIENTS))


def statement(version="7.4.1", code="create"):
    kinds = [{"type": "Patient", "interaction": [{"code": "read"}, {"code": "search-type"}, {"code": code}]}]
    return {
        "resourceType": "CapabilityStatement",
        "software": {"version": version},
        "rest": [{"mode": "server", "resource": kinds, "operation": [{"name": "export", "definition": "x"}]}],
    }


def test_sandboxes():
    def seen(sandbox, value=None):
        answers = [
            exchange(
                url=f"/{name}/metadata",
                body=body,
                status=200 if body else 404,
                label="environment",
                about={"kind": name},
            )
            for name, body in (("production", statement()), ("sandbox", sandbox))
        ]
        return with_plan(plan() if value is None else value, *answers)

    name = "sandbox-like-production"
    assert judged(name, seen(statement())) == []
    assert "software.version" in judged(name, seen(statement("6")))[0]
    assert "Patient create" in judged(name, seen(statement(code="delete")))[0]
    assert "no CapabilityStatement" in judged(name, seen(None))[0]
    assert (
        "names no production"
        in judged(name, seen(statement(), changed("export", "environments", removed=True)))[0]
    )


def test_functions():
    def seen(*functions, status=200):
        value = changed("export", "functions", to=list(functions))
        tried = exchange(url="/Patient?_count=1", status=status, label="function", about={"number": "0"})
        return with_plan(value, exchange(url="/metadata", body=statement(), label="metadata"), tried)

    find = {"name": "find a patient", "resourceType": "Patient", "interaction": "search-type"}
    everything = {"name": "export", "interaction": "$export"}
    name = "functions-available"
    assert judged(name, seen(find, everything)) == []
    assert "has no interaction" in judged(name, seen(find, {"name": "print"}))[0]
    assert "not declared" in judged(name, seen(find | {"interaction": "patch"}))[0]
    assert "answered 501" in judged(name, seen(find, status=501))[0]
    assert "book a visit" in judged(name, seen(find), required="find a patient, book a visit")[0]
    assert "lists no functions" in judged(name, seen())[0]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("JSON Schema", {"$schema": "x", "properties": {}}, {"$schema": "x"}),
        ("OpenAPI", {"openapi": "3.1.0", "paths": {"/": {}}}, {"openapi": "3.1.0"}),
        (
            "StructureDefinition",
            {"entry": [{"resource": {"resourceType": "StructureDefinition"}}]},
            {"entry": 3},
        ),
        ("SQL DDL", b"CREATE TABLE a (b int);", b"select 1"),
        ("XML Schema", b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', b"<html/>"),
        ("Excel", None, {"a": 1}),
    ],
)
def test_schemas(kind, right, wrong):
    def seen(body, status=200):
        where = {"kind": kind, "url": "https://a.example/s"}
        return with_plan(plan(), exchange(url="/s", body=body, status=status, label="schema", about=where))

    if right is not None:
        assert judged("schemas-machine-readable", seen(right)) == []
        assert "answered 401" in judged("schemas-machine-readable", seen(right, 401))[0]
    assert "is no" in judged("schemas-machine-readable", seen(wrong))[0]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", {"roles": [{"id": "nurse"}]}, ""),
        ("application/json", {"roles": []}, "empty"),
        ("application/json", b"{", "no configuration that can be read"),
        ("text/csv", b"role,name\nnurse,Ada\n", ""),
        ("text/csv", b"role,name\n", "no rows"),
        ("application/x-ndjson", b'{"a":1}\n', ""),
        ("application/x-ndjson", b"a\n", "line 1 is no JSON"),
        ("text/html", b"<html>", "web page"),
    ],
)
def test_configurations(kind, body, said):
    row = {"category": "configuration", "exportable": True, "exportUrl": "https://a.example/c"}
    answer = exchange(
        url="/c", body=body, label="own-export", about={"number": "0"}, headers={"Content-Type": kind}
    )
    found = judged("configuration-exported", with_plan(changed("dataInventory", to=[row]), answer))
    assert said in "".join(found)
    assert bool(found) is bool(said)


def test_configuration_that_is_kept_back():
    rows = {"category": "configuration", "exportable": False, "exclusionReason": "secret"}
    assert (
        "does not export"
        in judged("configuration-exported", with_plan(changed("dataInventory", to=[rows])))[0]
    )
    assert "no category" in judged("configuration-exported", with_plan(changed("dataInventory", to=[])))[0]


class Asked:
    """A wire that only remembers what was to be fetched, and with how much room."""

    base = BASE

    def __init__(self):
        self.room = {}

    def note(self, *_):
        """Forget it."""

    def send(self, _method, url, *, file, **_others):
        self.room[url.rpartition("/")[2]] = file


def test_an_attachment_of_five_gigabytes_has_no_more_room_than_any_answer():
    documents = [
        document_of(contentType="a/b", url=f"https://a.example/{name}", **stated)
        for name, stated in (("small", {"size": 9}), ("huge", {"size": 5 * 2**30}), ("unknown", {}))
    ]
    wire = Asked()
    fetch_attachments(wire, list(exported(documents).exchanges))
    assert wire.room == {"small": True, "huge": False, "unknown": False}


LINES = [{"resourceType": "Patient", "id": "a"}, {"resourceType": "Patient", "id": "b", "gender": "female"}]
FITTING = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "required": ["id"],
    "properties": {"resourceType": {"enum": ["Patient"]}, "id": {"pattern": "^[a-z]$"}},
}


def held_against(*schemas, lines_of=LINES):
    published = [
        exchange(
            url=f"/{n}.json",
            body=json.dumps(schema).encode(),
            label="schema",
            about={"kind": "JSON Schema", "url": f"{BASE}/{n}.json"},
            headers=JSON,
        )
        for n, schema in enumerate(schemas)
    ]
    return judged("export-meets-schemas", evidence(exported(lines_of, more=published)))


def test_what_is_exported_keeps_to_one_of_the_published_schemas():
    assert held_against(FITTING) == []
    other = FITTING | {"properties": {"resourceType": {"const": "Observation"}}}
    assert held_against(other, FITTING) == []
    assert "line 1, a Patient, keeps to none" in held_against(other)[0]
    late = FITTING | {"properties": {"gender": {"const": "male"}}}
    assert "line 2, a Patient" in held_against(late)[0]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$schema": "x", "properties": {}}, "asks nothing"),
        ({"$schema": "x", "type": 7}, "no valid JSON Schema"),
        (["x"], "no JSON object"),
    ],
)
def test_a_schema_that_asks_nothing_of_a_line_is_none(schema, said):
    assert said in held_against(schema)[0]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"$ref": "https://elsewhere.example/schema"}, "nothing is fetched"),
        ({"$ref": "#"}, "without end"),
        ({"properties": {"id": {"pattern": "(a*)*(a*)*(a*)*c$"}}}, "took|long|slow"),
        ({"patternProperties": {"(i*)*d": {}}}, "names of members"),
        ({"allOf": [{"$ref": "#/$defs/a0"}]}, "more than 50,000 references"),
    ],
)
def test_a_schema_that_cannot_be_judged_by_safely_proves_nothing(part, said):
    doubling = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(30)}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "required": ["id"],
        "$defs": {**doubling, "a30": {}},
        **part,
    }
    with pytest.raises(NotJudgeable, match=said):
        held_against(schema, lines_of=[{"resourceType": "Patient", "id": "a" * 4000 + "cb"}])


def test_without_a_json_schema_or_without_lines_nothing_is_said():
    with pytest.raises(NotApplicable):
        held_against()
    with pytest.raises(NoData):
        held_against(FITTING, lines_of=[])
