"""What errors say and give away, and what becomes of bodies that are wrong."""

import pytest
from saw import evidence, exchange, identified, looked_for, patient

from conformance.checks.errors import (
    markup_escaped,
    no_leaks,
    outcome_severity,
    outcome_valid,
    tells_nothing_of,
)
from conformance.checks.refusals import body_refused, leaves_no_trace, media_type_refused, no_server_error
from conformance.errors import NoData, NotApplicable, NotJudgeable

JAVA = "java.lang.NullPointerException\n\tat ca.uhn.fhir.Rest.read(Rest.java:214)"
PYTHON = 'Traceback (most recent call last):\n  File "/srv/app/x.py", line 3, in read'
NET = "   at Firely.Server.Read(String id) in C:\\build\\Read.cs:line 12"


def outcome(*issues):
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def error(body, status=404, **more):
    return exchange(status=status, body=body, **more)


def found(check, *exchanges, **arguments):
    return list(check(evidence(*exchanges), **arguments))


@pytest.mark.parametrize(
    ("issues", "findings"),
    [
        ([{"severity": "error", "code": "not-found"}], 0),
        ([{"severity": "fatal", "code": "processing"}, {"severity": "warning", "code": "security"}], 0),
        ([{"severity": "error", "code": "oops"}], 1),
        ([{"severity": "bad", "code": "oops"}], 2),
        ([{"severity": "error"}], 1),
        ([{"severity": "error", "code": 4}], 1),
        (["not-found"], 2),
        ([], 1),
    ],
)
def test_outcome_valid(issues, findings):
    assert len(found(outcome_valid, error(outcome(*issues)))) == findings


def test_an_error_without_an_outcome_is_another_matter():
    for check in (outcome_valid, outcome_severity):
        with pytest.raises(NotApplicable):
            found(check, error(b"gone"))
        with pytest.raises(NoData):
            found(check, exchange(body=outcome()))


def test_outcome_severity():
    mild, grave = ({"severity": name, "code": "processing"} for name in ("information", "error"))
    assert found(outcome_severity, error(outcome(mild, grave))) == []
    assert len(found(outcome_severity, error(outcome(mild)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        JAVA,
        PYTHON,
        NET,
        "Error: x\n    at read (/usr/src/app/read.js:10:5)",
        "/srv/epr/lib/read.rb:12:in `read'",
        "#0 /var/www/html/read.php(12): read()",
        "goroutine 1 [running]:\nmain.read()",
        "could not execute query: SELECT p.id FROM patient p WHERE id = ?",
        "INSERT INTO patient (id) VALUES (?)",
        "ORA-00942: table or view does not exist",
        'near "htest": syntax error',
        "cannot open /var/lib/epr/records.db",
        "cannot open C:\\epr\\data\\records.mdb",
    ],
)
@pytest.mark.parametrize(
    "wrap", [lambda text: text.encode(), lambda text: outcome({"severity": "error", "diagnostics": text})]
)
def test_what_gives_the_server_away(text, wrap):
    assert found(no_leaks, error(wrap(text), status=500))


@pytest.mark.parametrize(
    "text",
    [
        "HAPI-2001: Resource Patient/htest is not known",
        'Invalid date/time format: "htest"',
        'Unknown search parameter "name" for resource type "Patient". Valid search parameters are: [_id, name]',
        "Please select a patient from the list.",
        "See https://hl7.org/fhir/R4/http.html or /Patient/1",
        "There is no Patient/1 at /r4/Patient/1",
        "Update the resource and set its id",
        "at 12:30:15 the service (v1) was busy",
        "You may delete from the basket",
    ],
)
def test_what_does_not(text):
    assert found(no_leaks, error(outcome({"severity": "error", "diagnostics": text}))) == []


def test_a_path_that_was_asked_for_may_be_repeated():
    assert found(no_leaks, error(b"nothing at /app/fhir/x/1", path="/app/fhir/x/1")) == []


def test_tells_nothing_of():
    told = error(outcome({"diagnostics": "Patient SMITH has no such version"}))
    assert len(found(tells_nothing_of, told, values=["Smith"])) == 1
    assert found(tells_nothing_of, told, values=["Jones"]) == []
    with pytest.raises(NoData):
        found(tells_nothing_of, told, values=["Li"])
    with pytest.raises(NoData):
        found(tells_nothing_of, exchange(body=patient(1)), values=["Smith"])


@pytest.mark.parametrize(
    ("media_type", "body", "fine"),
    [
        ("text/html", b"<p>no <htest></p>", False),
        ("", b"<p>no <htest></p>", False),
        ("text/html", b"<p>no &lt;htest&gt;</p>", True),
        ("application/fhir+json", b'{"diagnostics":"<htest>"}', True),
    ],
)
def test_markup_escaped(media_type, body, fine):
    assert (not found(markup_escaped, error(body, media_type=media_type), markup="<htest>")) is fine


RIGHT = (identified("right"),)


def wrote(status, *, control=201, kept=(), right=RIGHT):
    """Evidence of a wrong body that was answered so, beside a right one."""
    return (
        exchange("/Patient", method="POST", status=control, label="control"),
        looked_for("right", *right, label="after-control"),
        exchange(
            "/Patient", method="POST", status=status, label="bad", about={"kind": "a text that is no JSON"}
        ),
        looked_for("wrong", *kept, label="after-bad"),
    )


@pytest.mark.parametrize(
    ("status", "fine"), [(400, True), (422, True), (415, True), (201, False), (200, False), (500, False)]
)
def test_body_refused(status, fine):
    findings = found(body_refused, *wrote(status))
    assert (not findings) is fine
    assert all("a text that is no JSON" in finding for finding in findings)


@pytest.mark.parametrize("check", [body_refused, media_type_refused, leaves_no_trace])
@pytest.mark.parametrize("control", [400, 403, 500])
def test_refusing_everything_shows_nothing(check, control):
    with pytest.raises(NotJudgeable):
        found(check, *wrote(400, control=control))


@pytest.mark.parametrize("check", [body_refused, media_type_refused, leaves_no_trace, no_server_error])
def test_nor_does_a_lack_of_permission(check):
    with pytest.raises(NotJudgeable):
        found(check, *wrote(403))


@pytest.mark.parametrize(("status", "fine"), [(415, True), (400, False), (201, False)])
def test_media_type_refused(status, fine):
    assert (not found(media_type_refused, *wrote(status))) is fine


@pytest.mark.parametrize(
    ("status", "fine"), [(400, True), (201, True), (501, True), (500, False), (502, False)]
)
def test_no_server_error(status, fine):
    assert (not found(no_server_error, *wrote(status))) is fine


def test_leaves_no_trace():
    assert found(leaves_no_trace, *wrote(400)) == []
    assert len(found(leaves_no_trace, *wrote(400, kept=(patient("wrong"),)))) == 1
    with pytest.raises(NotApplicable):
        found(leaves_no_trace, *wrote(201, kept=(patient("wrong"),)))
    with pytest.raises(NotJudgeable):
        found(leaves_no_trace, *wrote(400, right=()))
    with pytest.raises(NotJudgeable):
        found(leaves_no_trace, *wrote(400, right=(patient(1),), kept=(patient(1),)))
    *others, after = wrote(400)
    with pytest.raises(NotJudgeable):
        found(leaves_no_trace, *others, after.model_copy(update={"status": 500}))
