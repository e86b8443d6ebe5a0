"""Each check of an export: evidence that passes it, and evidence that it finds fault with."""

import pytest
from any_export import exchanges, notes
from evidence_builder import BASE, exchange, step
from export_evidence import (
    FHIR_JSON,
    JOB,
    OBSERVATIONS,
    OUTCOME,
    PATIENTS,
    done,
    export,
    file,
    kick_off,
    manifest,
    running,
    saw,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable, NotJudgeable

STATEMENT = {
    "resourceType": "CapabilityStatement",
    "instantiates": ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"],
    "rest": [{"operation": [{"name": "export"}], "resource": [{"type": "Patient", "operation": []}]}],
}
GROUP = {"resourceType": "Group", "id": "g", "member": [{"entity": {"reference": "Patient/p1"}}]}
DELETION = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [{"request": {"method": "DELETE", "url": "Patient/p9"}}],
}


def run(name, evidence, /, **arguments):
    return list(built_in().find("check", name)(evidence, **arguments))


def metadata(statement=STATEMENT):
    return {"discovery": [exchange(url="/metadata", body=statement, headers=FHIR_JSON, label="metadata")]}


def refused(query="", status=400, body=OUTCOME, **changed):
    given = {"status": status, "headers": FHIR_JSON, "body": body} | changed
    return step(kick_off(query=query, **given), name=f"refused{query}")


def ends(**changed):
    return saw(export(end=done(manifest(**changed))))


def cancelled(status=202, after=404, after_body=OUTCOME, again=404, again_body=OUTCOME):
    return saw(
        step(
            kick_off(),
            exchange("DELETE", JOB, status, label="cancel"),
            exchange("GET", JOB, after, FHIR_JSON, after_body, label="status-after-cancel"),
            exchange("DELETE", JOB, again, FHIR_JSON, again_body, label="cancel-again"),
        )
    )


def part(query, *files, **changed):
    return export(*files, query=query, end=done(manifest(query, **changed)), name=query)


def protected(label, status):
    return saw(export(more=[exchange(url="/x", status=status, label=label)]))


def group(*files):
    step_of_group = export(*files, path="/Group/g/$export", name="group")
    return saw(step_of_group, step(exchange(url="/Group/g", body=GROUP, headers=FHIR_JSON), name="read"))


SINCE = "?_since=2026-01-02T00:00:00Z"
FILTER = "?_type=Patient&_typeFilter=Patient%3Fgender%3Dfemale"
FEMALE = {"type": "Patient", "element": "gender", "value": "female"}
WOMEN = [patient for patient in PATIENTS if patient["gender"] == "female"]
REPEATED, JOINED = "?_type=Patient&_type=Observation", "?_type=Patient,Observation"
FHIR_TYPED_DONE = done(headers={"Content-Type": "application/fhir+json", "Expires": "tomorrow"})


def by_another_name(definition):
    """A statement that declares an operation of a name of its own, by this definition."""
    url = f"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/{definition}"
    return {**STATEMENT, "rest": [{"mode": "server", "operation": [{"name": "own", "definition": url}]}]}


TABLE = [
    ("export-get-supported", {}, saw(), saw(refused(status=405))),
    ("export-accepted", {}, saw(), saw(export(start=kick_off(status=200)))),
    ("export-offered", {}, saw(), saw(refused())),
    (
        "export-format-accepted",
        {},
        saw(export(query="?_outputFormat=ndjson", name="f"), export()),
        saw(refused("?_outputFormat=ndjson"), export()),
    ),
    (
        "export-status-location",
        {},
        saw(),
        saw(export(start=kick_off(headers={"Content-Location": "/jobs/1"}))),
    ),
    ("export-status-location", {}, saw(), saw(export(start=kick_off(headers={})))),
    ("export-refusal-status", {}, saw(refused()), saw(refused(status=200))),
    ("export-refusal-outcome", {}, saw(refused()), saw(refused(body=b"no"))),
    ("export-refused-or-accepted", {}, saw(refused()), saw(refused(status=204, body=b""))),
    ("export-refused-or-accepted", {}, saw(), saw(refused(status=200))),
    ("export-refused", {}, saw(refused()), saw()),
    ("export-in-progress-status", {}, saw(), saw(export(polls=[running(status=200, body={})]))),
    ("export-retry-after", {}, saw(), saw(export(polls=[running(headers={})]))),
    (
        "export-retry-after",
        {},
        saw(export(polls=[running(headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})])),
        saw(export(polls=[running(headers={"Retry-After": "soon"})])),
    ),
    ("export-progress-text", {}, saw(), saw(export(polls=[running(headers={"X-Progress": "x" * 100})]))),
    ("export-complete-status", {}, saw(), saw(export(end=done(status=201)))),
    ("export-complete-media-type", {}, saw(), saw(export(end=FHIR_TYPED_DONE))),
    ("export-expires", {}, saw(), saw(export(end=FHIR_TYPED_DONE))),
    (
        "export-failure-outcome-type",
        {},
        saw(export(end=done(OUTCOME, status=500, headers=FHIR_JSON))),
        saw(export(end=done(OUTCOME, status=500))),
    ),
    ("export-failure-outcome-type", {}, None, saw(export(end=done(OUTCOME, status=500, headers={})))),
    ("export-cancel-status", {}, cancelled(), cancelled(status=200)),
    ("export-cancelled-gone", {}, cancelled(), cancelled(after=202)),
    ("export-cancelled-outcome", {}, cancelled(), cancelled(after_body=b"gone")),
    ("export-cancel-error", {}, cancelled(), cancelled(again_body=b"gone")),
    ("export-cancel-error", {}, cancelled(), cancelled(again=200)),
    ("manifest-transaction-time", {}, saw(), ends(transactionTime="2026-02-01")),
    ("manifest-transaction-time", {}, saw(), ends(transactionTime=...)),
    (
        "manifest-request",
        {},
        ends(request=f"{BASE}/%24export"),
        ends(request="https://other.example/$export"),
    ),
    ("manifest-request", {}, None, ends(request=f"{BASE}/$export?_type=Patient")),
    (
        "manifest-request",
        {},
        saw(export(query="?_type=Patient&_since=x", end=done(manifest("?_since=x&_type=Patient")))),
        saw(export(query="?_type=Patient", end=done(manifest("?_type=Group")))),
    ),
    ("manifest-requires-access-token", {}, saw(), ends(requiresAccessToken="true")),
    ("manifest-array", {"name": "error"}, saw(), ends(error=...)),
    ("manifest-array", {"name": "output"}, saw(), ends(output={})),
    ("manifest-array", {"name": "output"}, saw(), ends(output=["x"])),
    ("manifest-file-types", {}, saw(), ends(output=[{"url": "https://x.example/1"}])),
    ("manifest-file-urls", {}, saw(), ends(output=[{"type": "Patient", "url": "/files/1"}])),
    ("manifest-counts", {}, saw(), ends(output=[{"type": "Patient", "url": f"{BASE}/files/1", "count": 5}])),
    (
        "manifest-counts",
        {},
        saw(),
        ends(output=[{"type": "Patient", "url": f"{BASE}/files/1", "count": "4"}]),
    ),
    ("manifest-lists-no-empty-file", {}, saw(), saw(export(file(resources=[])))),
    ("manifest-no-empty-messages", {}, saw(), saw(export(file(), file(0, [], "error")))),
    (
        "manifest-error-files",
        {},
        saw(export(file(), file(0, [OUTCOME], "error"))),
        saw(export(file(), file(0, PATIENTS, "error"))),
    ),
    (
        "manifest-deleted-files",
        {"aspect": "requests"},
        saw(export(file(), file(0, [DELETION], "deleted"))),
        saw(export(file(), file(0, [{**DELETION, "entry": [{"request": {"method": "GET"}}]}], "deleted"))),
    ),
    ("manifest-nothing-newer", {}, saw(), ends(transactionTime="2026-01-01T00:00:00Z")),
    ("manifest-extensions", {}, ends(extension={}), ends(extension=[])),
    ("export-files-accessible", {}, saw(), saw(export(file(), file(1, [], status=404)))),
    ("export-file-status", {}, saw(), saw(export(file(status=206)))),
    ("export-file-media-type", {}, saw(), saw(export(file(headers={"Content-Type": "application/json"})))),
    ("export-ndjson", {}, saw(), saw(export(file(resources=b'{"resourceType": "Pat\n')))),
    ("export-ndjson", {}, saw(), saw(export(file(resources=b'\xef\xbb\xbf{"resourceType": "Patient"}')))),
    ("export-one-type-per-file", {}, saw(), saw(export(file(resources=[*PATIENTS, OBSERVATIONS[0]])))),
    ("export-no-repeats", {}, saw(), saw(export(file(resources=[*PATIENTS, PATIENTS[0]])))),
    ("export-encoding-stated", {}, saw(), saw(export(file(resources=b"\x1f\x8b\x08\x00")))),
    (
        "export-reference-forms",
        {},
        saw(),
        saw(export(file(resources=[{"resourceType": "Group", "x": {"reference": "urn:uuid:1"}}]))),
    ),
    (
        "export-attachments",
        {},
        saw(
            export(file(resources=[{"resourceType": "X", "c": {"contentType": "a/b", "url": f"{BASE}/B/1"}}]))
        ),
        saw(export(file(resources=[{"resourceType": "X", "c": {"contentType": "a/b", "url": "Binary/1"}}]))),
    ),
    (
        "export-since-complete",
        {},
        saw(part(SINCE, file(resources=PATIENTS[2:]), output=[{}]), export()),
        None,
    ),
    (
        "export-since-complete",
        {},
        None,
        saw(part(SINCE, file(resources=PATIENTS[3:]), output=[{}]), export()),
    ),
    ("export-since-complete", {}, None, saw(refused(SINCE), export())),
    ("export-types-heeded", {}, saw(part("?_type=Patient", file())), saw(part("?_type=Patient"))),
    (
        "export-type-filter-heeded",
        FEMALE,
        saw(part(FILTER, file(resources=WOMEN)), export()),
        saw(part(FILTER, file()), export()),
    ),
    (
        "export-repeated-as-comma",
        {},
        saw(part(REPEATED), part(JOINED)),
        saw(part(REPEATED, file()), part(JOINED)),
    ),
    ("export-group-members-only", {}, group(file(resources=PATIENTS[:1])), group(file())),
    (
        "export-group-members-only",
        {},
        group(file(resources=OBSERVATIONS[:1])),
        group(file(resources=OBSERVATIONS[:2])),
    ),
    ("export-tls", {}, saw(), saw(export(file(tls="TLSv1.1")))),
    ("export-tls", {}, saw(), ends(output=[{"type": "Patient", "url": "http://x.example/1"}])),
    (
        "export-status-protected",
        {},
        saw(export(more=[exchange(status=401, label=f"status-{who}") for who in ("anonymous", "bad-token")])),
        saw(export(more=[exchange(status=200, label=f"status-{who}") for who in ("anonymous", "bad-token")])),
    ),
    (
        "export-files-protected",
        {"credentials": "none"},
        protected("file-anonymous", 401),
        protected("file-anonymous", 200),
    ),
    (
        "export-files-protected",
        {"credentials": "bad"},
        protected("file-bad-token", 403),
        protected("file-bad-token", 200),
    ),
    ("export-guide-instantiated", {}, saw(**metadata()), saw(**metadata({**STATEMENT, "instantiates": 3}))),
    ("export-operation-declared", {}, saw(**metadata()), saw(**metadata({**STATEMENT, "rest": []}))),
    (
        "export-operation-declared",
        {"level": "patient"},
        None,
        saw(export(path="/Patient/$export"), **metadata()),
    ),
    ("export-capability-true", {}, saw(**metadata()), saw(refused(), **metadata())),
    ("export-capability-true", {}, saw(**metadata()), saw(**metadata({**STATEMENT, "rest": [None]}))),
    ("export-capability-true", {}, saw(**metadata(by_another_name("export|3.0.0"))), None),
    ("export-capability-true", {}, None, saw(**metadata(by_another_name("other")))),
]


@pytest.mark.parametrize(("name", "arguments", "good", "bad"), TABLE, ids=[row[0] for row in TABLE])
def test_each_check_passes_what_is_right_and_finds_what_is_wrong(name, arguments, good, bad):
    if good is not None:
        assert run(name, good, **arguments) == []
    if bad is not None:
        assert run(name, bad, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "evidence", "signal"),
    [
        ("export-accepted", {}, saw(refused()), NoData),
        ("export-refusal-outcome", {}, saw(), NoData),
        ("export-expires", {}, saw(export(end=..., polls=[running()])), NoData),
        ("export-expires", {}, saw(export(end=done(OUTCOME, status=500))), NoData),
        ("export-retry-after", {}, saw(export(polls=[])), NotApplicable),
        ("export-types-heeded", {}, saw(refused("?_type=Patient")), NotApplicable),
        ("export-types-heeded", {}, saw(refused("?_type=Patient", status=500)), NoData),
        ("export-types-heeded", {}, saw(part("?_type=Patient", file(resources=[]))), NoData),
        (
            "export-type-filter-heeded",
            FEMALE,
            saw(part(FILTER, file()), export(file(resources=WOMEN))),
            NoData,
        ),
        ("export-since-complete", {}, saw(part(SINCE), export(file(resources=PATIENTS[:1]))), NoData),
        ("export-no-repeats", {}, saw(export(file(resources=[]))), NoData),
        ("manifest-counts", {}, ends(output=[{"type": "Patient"}]), NotApplicable),
        ("export-status-protected", {}, saw(auth="none"), NotApplicable),
        ("export-files-protected", {"credentials": "bad"}, ends(requiresAccessToken=False), NotApplicable),
        ("export-tls", {}, saw(export(file(tls="?"))), NotJudgeable),
        ("export-cancelled-outcome", {}, cancelled(after=202), NoData),
    ],
)
def test_what_cannot_be_judged_is_said_and_never_passed(name, arguments, evidence, signal):
    with pytest.raises(signal):
        run(name, evidence, **arguments)


NAMES = [row[:2] for row in TABLE]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.lists(exchanges, max_size=6), max_size=3), st.lists(exchanges, max_size=1), notes)
def test_every_check_survives_any_evidence(steps, discovery, noted):
    for number, (name, arguments) in enumerate(NAMES):
        made = [step(*each, name=f"{number}-{index}", **noted) for index, each in enumerate(steps)]
        try:
            findings = run(name, saw(*made, discovery=discovery) if made else saw(), **arguments)
        except NotJudgeable:
            continue
        assert all(isinstance(finding, str) and finding for finding in findings)


@pytest.mark.parametrize("status", [429, 503])
def test_a_cancelled_job_that_is_only_ever_busy_is_neither_gone_nor_still_there(status):
    for name in ("export-cancelled-gone", "export-cancelled-outcome"):
        with pytest.raises(NotJudgeable, match="come back later"):
            run(name, cancelled(after=status))
