"""Each check of what exports with options, pages, parts and sequences bring: evidence that passes, and that fails."""

import pytest
from any_export import exchanges, notes
from evidence_builder import BASE, evidence, exchange, step
from export_evidence import (
    FHIR_JSON,
    JOB,
    NDJSON,
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
from conformance.model.evidence import REFUSED, UNREADABLE, Remark

META = {"lastUpdated": "2026-01-05T00:00:00Z"}
ENCOUNTERS = [
    {
        "resourceType": "Encounter",
        "id": f"e{n}",
        "meta": META,
        "status": "finished",
        "class": {"code": "AMB"},
        "identifier": [{"value": str(n)}],
        "subject": {"reference": f"Patient/p{n}"},
        "period": {"start": "2026-01-01"},
    }
    for n in range(1, 5)
]
PROVENANCE = [
    {
        "resourceType": "Provenance",
        "id": f"v{n}",
        "recorded": f"2026-01-0{n}T00:00:00Z",
        "meta": META,
        "target": [{"reference": f"Patient/{who}"}],
    }
    for n, who in ((1, "p1"), (2, "p1"), (3, "p2"))
]
WOMEN = [one for one in PATIENTS if one["gender"] == "female"]
MEN = [one for one in PATIENTS if one["gender"] == "male"]
GROUP = {"resourceType": "Group", "id": "g", "member": [{"entity": {"reference": "Patient/p1"}}]}
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "rest": [
        {
            "resource": [
                {"type": "Patient", "searchParam": [{"name": "gender", "type": "token"}]},
                {"type": "Observation"},
            ]
        }
    ],
}


def run(name, given, /, **arguments):
    return [f for f in built_in().find("check", name)(given, **arguments) if not isinstance(f, Remark)]


def types(*resources):
    """Files of these resources, one a type."""
    kinds = dict.fromkeys(one["resourceType"] for one in resources)
    return [
        file(index, [one for one in resources if one["resourceType"] == kind], type=kind)
        for index, kind in enumerate(kinds)
    ]


def listed(files, **changed):
    items = [{"type": one.about["type"], "url": one.url} for one in files if one.about["kind"] == "output"]
    return done(manifest(output=items, **changed))


def whole(*resources, **others):
    given = types(*resources)
    return export(*given, end=listed(given), **others)


def part(query, *resources, path="/$export", **others):
    given = types(*resources) if resources else [file(0, [])]
    others = {"end": listed(given), "name": path + query} | others
    return export(*given, path=path, query=query, **others)


def posted(patients, *resources):
    return part("", *resources, path="/Patient/$export", parameters={"patient": patients})


def refused(query, status=400):
    return step(kick_off(query=query, status=status, headers=FHIR_JSON, body=OUTCOME), name=f"refused{query}")


def metadata(statement=STATEMENT, **samples):
    asked = [exchange(url="/metadata", body=statement, headers=FHIR_JSON, label="metadata")]
    for kind, resources in samples.items():
        bundle = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": one} for one in resources],
        }
        asked.append(
            exchange(url=f"/{kind}", body=bundle, headers=FHIR_JSON, label="sample", about={"type": kind})
        )
    return {"discovery": asked}


def act(action, number, status=200, method="GET", body=b"", **others):
    about = {"action": action, "number": str(number)}
    return exchange(
        method, JOB, status, {"Content-Type": "application/json"}, body, "action", about, **others
    )


def sequence(*actions):
    return saw(step(kick_off(), *actions))


def burst(headers, body=b""):
    return saw(
        step(
            kick_off(),
            exchange(url="/j", status=202, label="burst"),
            exchange(url="/j", status=429, headers=headers, body=body, label="burst"),
        )
    )


def second(status=202, headers=None, first_type="Patient", second_type="Practitioner"):
    given = headers if headers is not None else {"Content-Location": f"{BASE}/export-jobs/2"}
    ends = [
        done(manifest(output=[{"type": first_type, "url": "x"}])),
        exchange(url="/2", body=manifest(output=[{"type": second_type, "url": "y"}]), label="status-second"),
    ]
    return saw(
        step(
            kick_off(), exchange(url="/$export", status=status, headers=given, label="kick-off-second"), *ends
        )
    )


def trimmed(resource, *names, tag=True):
    kept = {name: value for name, value in resource.items() if name in {"resourceType", "id", "meta", *names}}
    return {**kept, "meta": {**META, **({"tag": [{"code": "SUBSETTED"}]} if tag else {})}}


def elements(*names, tag=True):
    query = "?_type=Encounter&_elements=Encounter.period,identifier"
    return saw(part(query, *(trimmed(one, *names, tag=tag) for one in ENCOUNTERS)), whole(*ENCOUNTERS))


ALL = ("period", "identifier", "status", "class")
ORGANISED = "?organizeOutputBy=Patient"


def header(who):
    value = {"name": "header", "valueReference": {"reference": f"Patient/{who}"}}
    return {"resourceType": "Parameters", "parameter": [value]}


def organised(*contents, full=True, items=None, **changed):
    files = [file(index, content, type="") for index, content in enumerate(contents)]
    given = items or [{"url": one.url} for one in files]
    end = done(manifest(output=given, outputOrganizedBy="Patient") | changed)
    steps = [export(*files, path="/Patient/$export", query=ORGANISED, end=end, name="organised")]
    return saw(*steps, *([whole(*PATIENTS[:2], *ENCOUNTERS[:2])] if full else []))


BLOCKS = [header("p1"), PATIENTS[0], ENCOUNTERS[0], header("p2"), PATIENTS[1], ENCOUNTERS[1]]
ONE, TWO = [header("p1"), PATIENTS[0]], [header("p1"), ENCOUNTERS[0]]
LINKED = [{"url": f"{BASE}/files/1", "continuesInFile": f"{BASE}/files/2"}, {"url": f"{BASE}/files/2"}]
PARTIAL = "?allowPartialManifests=true"
JSON = {"Content-Type": "application/json"}


def in_parts(early=None, *more, end=None, **notes):
    polls = [running(body=manifest(), headers=JSON) if early is None else early]
    return saw(
        export(query=PARTIAL, polls=polls, end=end or done(manifest()), more=more, name="parts", **notes)
    )


def page(**changed):
    return exchange(url="/job/2", body=manifest(**changed), headers=JSON, label="manifest-page")


def first(**changed):
    return done(manifest(link=[{"relation": "next", "url": f"{BASE}/job/2"}], **changed))


SEPARATE = {"Content-Location": JOB, "Preference-Applied": "respond-async, separate-export-status"}


def separately(start=SEPARATE, poll=None):
    asked = poll or exchange(url=JOB, status=200, headers={"X-Export-Status": "202"}, label="status")
    end = done(headers={"Content-Type": "application/json", "X-Export-Status": "200"})
    return saw(export(start=kick_off(headers=start), polls=[asked], end=end))


def narrow(*resources, scope="system/Patient.rs", **notes):
    told = {"access_token": "x"} | ({"scope": scope} if scope else {})
    token = exchange("POST", "/token", body=told, label="token-narrow")
    return saw(whole(*resources, more=[token], **notes))


def failed(status=500, body=OUTCOME, headers=FHIR_JSON):
    return saw(export(end=done(body, status=status, headers=headers), polls=[]))


def also(label, status=200, **others):
    return saw(export(more=[exchange(url=others.pop("url", "/x"), status=status, label=label, **others)]))


def attached(**attachment):
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "content": [{"attachment": {"hash": "x", **attachment}}],
    }
    return saw(whole(document))


def changes(*resources, told=("Patient/gone",), until="2026-02-01T00:00:00Z", **bundle):
    entries = [{"request": {"method": "DELETE", "url": name}} for name in told]
    deletion = {"resourceType": "Bundle", "type": "transaction", "entry": entries} | bundle
    files = [*types(*resources), *([file(0, [deletion], "deleted")] if told or bundle else [])]
    read = exchange(url="/Patient/kept", body={"resourceType": "Patient", "meta": META}, label="read")
    notes = {"kept": "Patient/kept", "gone": "Patient/gone"}
    return saw(
        export(
            *files,
            query="?_since=2026-01-01T00:00:00Z",
            end=listed(files, transactionTime=until),
            more=[read],
            **notes,
        )
    )


def named(url):
    """An export whose one file is at an address that was not asked."""
    about = {"kind": "output", "index": "0"}
    refused = exchange("GET", url, 0, label="file", about=about, failure=f"{REFUSED}it is not to be asked")
    return saw(export(refused, end=done(manifest(output=[{"type": "Patient", "url": url}]))))


def person(identity):
    return {"resourceType": "Patient", "id": identity, "meta": META}


def binary(*, described=True):
    content = {"resourceType": "Binary", "id": "b", "securityContext": {"reference": "Patient/p1"}}
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "content": [{"attachment": {"contentType": "a/b", "url": f"{BASE}/Binary/b"}}],
    }
    return saw(whole(content, *([document] if described else [])))


def associated(value, *records):
    return saw(
        part(f"?_type=Patient&includeAssociatedData={value}", *PATIENTS, *records),
        whole(*PATIENTS, *PROVENANCE),
    )


def filters(*resources):
    query = "?_type=Patient&_typeFilter=Patient%3Fgender%3Dfemale&_typeFilter=Patient%3Fgender%3Dmale"
    return saw(part(query, *resources), whole(*PATIENTS))


def combined(*resources):
    query = "?_type=Patient&_since=2026-01-02T00:00:00Z&_typeFilter=Patient%3Fgender%3Dfemale"
    return saw(part(query, *resources), whole(*PATIENTS, *OBSERVATIONS))


JOINED = "?_typeFilter=Patient%3Fgender%3Dfemale,Patient%3Fgender%3Dmale"
REPEATED = "?_typeFilter=Patient%3Fgender%3Dfemale&_typeFilter=Patient%3Fgender%3Dmale"
SINCE, UNTIL = "?_since=2026-01-02T00:00:00Z", "?_until=2026-01-03T00:00:00Z"
LATEST, RELEVANT = "LatestProvenanceResources", "RelevantProvenanceResources"
BROTLI = {**NDJSON, "Content-Encoding": "br"}

TABLE = [
    ("export-asynchronous", {}, saw(), saw(export(start=kick_off(status=200, headers={}, body=PATIENTS[0])))),
    (
        "export-protocol",
        {},
        sequence(
            act("poll", 0, 202),
            act("poll", 1, body=manifest()),
            act("cancel", 2, 202, "DELETE"),
            act("poll", 3, 404),
        ),
        sequence(act("poll", 0, body=manifest()), act("poll", 1, 202)),
    ),
    (
        "export-protocol",
        {},
        sequence(act("cancel", 0, 202, "DELETE"), act("poll", 1, 404)),
        sequence(act("cancel", 0, 202, "DELETE"), act("poll", 1, body=manifest())),
    ),
    ("export-jobs-apart", {}, second(), second(second_type="Patient")),
    ("export-jobs-apart", {}, second(), second(headers={"Content-Location": JOB})),
    ("export-busy-refusal", {}, second(429, {"Retry-After": "1"}), second(503, {})),
    ("export-busy-refusal", {}, None, second(429, {})),
    ("export-throttled", {}, burst({"Retry-After": "1"}), burst({})),
    (
        "export-transient-code",
        {},
        burst(FHIR_JSON, {**OUTCOME, "issue": [{"code": "throttled"}]}),
        burst(FHIR_JSON, OUTCOME),
    ),
    (
        "export-since-supported",
        {},
        saw(part(SINCE, *PATIENTS[2:]), whole(*PATIENTS)),
        saw(part(SINCE, *PATIENTS), whole(*PATIENTS)),
    ),
    ("export-since-supported", {}, None, saw(refused(SINCE), whole(*PATIENTS))),
    (
        "export-until-heeded",
        {},
        saw(part(UNTIL, *PATIENTS[:2]), whole(*PATIENTS)),
        saw(part(UNTIL, *PATIENTS), whole(*PATIENTS)),
    ),
    ("export-until-heeded", {}, None, saw(part(UNTIL, PATIENTS[0]), whole(*PATIENTS))),
    (
        "export-without-type-whole",
        {},
        saw(part("?_type=Encounter", *ENCOUNTERS), whole(*PATIENTS, *ENCOUNTERS)),
        saw(part("?_type=Encounter", *ENCOUNTERS), whole(*PATIENTS)),
    ),
    (
        "export-option-heeded",
        {"option": "_type"},
        saw(part("?_type=Patient", *PATIENTS)),
        saw(part("?_type=Patient", *PATIENTS, *ENCOUNTERS)),
    ),
    (
        "export-option-heeded",
        {"option": "patient"},
        saw(posted(["Patient/p1"], PATIENTS[0])),
        saw(posted(["Patient/p1"], *PATIENTS)),
    ),
    (
        "export-patients-only",
        {},
        saw(posted(["Patient/p1"], PATIENTS[0], ENCOUNTERS[0])),
        saw(posted(["Patient/p1"], PATIENTS[0], ENCOUNTERS[1])),
    ),
    ("export-filters-alternative", {}, filters(*PATIENTS), filters(*WOMEN)),
    (
        "export-filters-joined",
        {},
        saw(part(JOINED, *PATIENTS), part(REPEATED, *PATIENTS)),
        saw(part(JOINED, *PATIENTS), part(REPEATED, *WOMEN)),
    ),
    ("export-parameters-heeded", {}, combined(WOMEN[1]), combined(*WOMEN[1:], MEN[1])),
    ("export-parameters-heeded", {}, None, combined(OBSERVATIONS[0], WOMEN[1])),
    ("export-parameters-heeded", {}, None, combined()),
    ("export-elements-heeded", {"aspect": "trimmed"}, elements(*ALL), elements(*ALL, "subject")),
    (
        "export-elements-heeded",
        {"aspect": "typed"},
        elements(*ALL),
        elements("identifier", "status", "class"),
    ),
    ("export-elements-heeded", {"aspect": "untyped"}, elements(*ALL), elements("period", "status", "class")),
    ("export-elements-heeded", {"aspect": "mandatory"}, elements(*ALL), elements("period", "identifier")),
    ("export-elements-heeded", {"aspect": "tagged"}, elements(*ALL), elements(*ALL, tag=False)),
    ("export-option-heeded", {"option": "_elements"}, elements(*ALL), elements(*ALL, "subject")),
    ("export-organised", {"aspect": "blocks"}, organised(BLOCKS), organised(BLOCKS[1:3])),
    (
        "export-organised",
        {"aspect": "blocks"},
        organised(ONE, TWO, items=LINKED),
        organised([header("p1"), ENCOUNTERS[0]]),
    ),
    ("export-organised", {"aspect": "blocks"}, None, organised([*ONE, ENCOUNTERS[1]])),
    (
        "export-organised",
        {"aspect": "untyped"},
        organised(BLOCKS),
        organised(BLOCKS, items=[{"url": f"{BASE}/files/1", "type": "Patient"}]),
    ),
    (
        "export-organised",
        {"aspect": "whole"},
        organised(BLOCKS[:3], BLOCKS[3:]),
        organised(ONE, TWO, items=LINKED),
    ),
    (
        "export-organised",
        {"aspect": "header-repeated"},
        organised(ONE, TWO, items=LINKED),
        organised(ONE, TWO[1:], items=LINKED),
    ),
    ("export-organised", {"aspect": "continuation"}, organised(ONE, TWO, items=LINKED), organised(ONE, TWO)),
    ("export-organised", {"aspect": "compartment"}, organised(BLOCKS), organised(BLOCKS[:5])),
    ("manifest-organised-by", {}, organised(BLOCKS), organised(BLOCKS, outputOrganizedBy="Encounter")),
    ("export-partial-taken", {}, in_parts(), in_parts(running(body=manifest(), headers=FHIR_JSON))),
    (
        "export-partial-ready",
        {},
        in_parts(None, file(0, label="file-early")),
        in_parts(None, file(0, status=404, label="file-early")),
    ),
    (
        "export-pages-agree",
        {},
        in_parts(None, page(), end=first()),
        in_parts(None, page(request="other"), end=first()),
    ),
    (
        "export-pages-end",
        {},
        in_parts(None, page(), end=first()),
        in_parts(None, page(), end=done(manifest(link={"relation": "next"}))),
    ),
    ("export-pages-end", {}, None, in_parts(None, page(), end=first(), **{"pages-ended": "loop"})),
    ("export-pages-end", {}, None, in_parts(None, page(), end=first(), **{"pages-ended": "limit"})),
    ("manifest-kept", {}, in_parts(end=first()), in_parts(running(body=manifest(output=[]), headers=JSON))),
    (
        "manifest-kept",
        {},
        also("manifest-again", body=manifest()),
        also("manifest-again", body=manifest(transactionTime="2026-03-01T00:00:00Z")),
    ),
    (
        "export-files-kept",
        {},
        saw(export(more=[file(0, label="file-again")])),
        saw(export(more=[file(0, PATIENTS[1:], label="file-again")])),
    ),
    (
        "export-files-kept",
        {},
        saw(export(more=[file(0, b'{"resourceType"', label="file-part", status=206)])),
        saw(export(more=[file(0, b'{"id"', label="file-part", status=206)])),
    ),
    (
        "export-file-given-again",
        {},
        saw(export(more=[file(0, label="file-again")])),
        saw(export(more=[file(0, label="file-again"), file(1, label="file-again", status=404)])),
    ),
    ("export-separate-applied", {}, separately(), separately({"Content-Location": JOB})),
    ("export-separate-status", {"shown_by": "polls"}, separately(), separately(poll=running())),
    (
        "export-separate-status",
        {"shown_by": "header"},
        separately(),
        separately(poll=exchange(url=JOB, status=200, label="status")),
    ),
    (
        "export-group-found",
        {"label": "g"},
        saw(export(path="/Group/g/$export", more=[exchange(url="/Group/g", body=GROUP, label="g")])),
        saw(export(path="/Group/g/$export", more=[exchange(url="/Group/g", status=501, label="g")])),
    ),
    (
        "export-compartment-complete",
        {},
        saw(part("", *PATIENTS, *ENCOUNTERS, path="/Patient/$export"), whole(*PATIENTS, *ENCOUNTERS)),
        saw(part("", *PATIENTS, path="/Patient/$export"), whole(*PATIENTS, *ENCOUNTERS)),
    ),
    (
        "export-holds-patients",
        {},
        saw(part("", *PATIENTS, path="/Patient/$export"), whole(*PATIENTS)),
        saw(part("", *ENCOUNTERS, path="/Patient/$export"), whole(*PATIENTS)),
    ),
    ("export-binaries-described", {}, binary(), binary(described=False)),
    ("export-within-scope", {}, narrow(*PATIENTS), narrow(*PATIENTS, *ENCOUNTERS)),
    (
        "export-within-scope",
        {},
        narrow(*PATIENTS, scope="", asked="system/Patient.rs"),
        narrow(*PATIENTS, *ENCOUNTERS, scope="", asked="system/Patient.rs"),
    ),
    (
        "export-not-lagging",
        {},
        saw(whole(*PATIENTS), **metadata(Patient=PATIENTS)),
        saw(whole(*PATIENTS[:2]), **metadata(Patient=PATIENTS)),
    ),
    (
        "export-provenance",
        {"rule": "relevant"},
        associated(RELEVANT, *PROVENANCE),
        associated(RELEVANT, *PROVENANCE[:1]),
    ),
    (
        "export-provenance",
        {"rule": "latest"},
        associated(LATEST, *PROVENANCE[1:]),
        associated(LATEST, *PROVENANCE),
    ),
    (
        "export-provenance",
        {"rule": "widest"},
        associated(f"{LATEST},{RELEVANT}", *PROVENANCE),
        associated(f"{LATEST},{RELEVANT}", *PROVENANCE[1:]),
    ),
    (
        "export-provenance",
        {"rule": "available"},
        saw(whole(*PROVENANCE), **metadata(Provenance=PROVENANCE)),
        saw(whole(*PATIENTS), **metadata(Provenance=PROVENANCE)),
    ),
    ("export-types-declared", {}, saw(whole(*PATIENTS), **metadata()), saw(whole(*ENCOUNTERS), **metadata())),
    (
        "export-filters-declared",
        {},
        saw(part(REPEATED, *PATIENTS), **metadata()),
        saw(part("?_typeFilter=Patient%3Fname%3Dx", *PATIENTS), **metadata()),
    ),
    (
        "export-unsupported-marked",
        {},
        saw(
            whole(*PATIENTS),
            **metadata(
                {
                    **STATEMENT,
                    "rest": [
                        {
                            "resource": [
                                {
                                    "type": "Encounter",
                                    "extension": [
                                        {
                                            "url": "http://hl7.org/fhir/uv/bulkdata/StructureDefinition/operation-not-supported"
                                        }
                                    ],
                                }
                            ]
                        }
                    ],
                },
                Encounter=ENCOUNTERS,
            ),
        ),
        saw(whole(*PATIENTS), **metadata(Encounter=ENCOUNTERS)),
    ),
    (
        "export-failure-status",
        {},
        failed(),
        saw(export(polls=[exchange(url=JOB, body=OUTCOME, headers=FHIR_JSON, label="status")], end=...)),
    ),
    ("export-failure-outcome", {}, failed(), failed(body=b"<h1>no</h1>")),
    ("export-partial-success", {}, saw(), failed(body=manifest())),
    ("export-file-coding", {}, saw(), saw(export(file(headers=BROTLI, failure=f"{UNREADABLE}x")))),
    ("export-file-error", {}, also("file-unknown", 404), also("file-unknown", 200)),
    (
        "export-file-error",
        {},
        saw(export(more=[file(0, label="file-after-delete")])),
        saw(export(more=[file(0, [], label="file-after-delete")])),
    ),
    (
        "export-open-files",
        {},
        saw(export(end=done(manifest(requiresAccessToken=False)))),
        saw(export(file(status=401), end=done(manifest(requiresAccessToken=False)))),
    ),
    (
        "manifest-token-flag",
        {},
        saw(),
        saw(export(file(status=401), end=done(manifest(requiresAccessToken=False)))),
    ),
    ("export-attachments-filled", {"member": "contentType"}, attached(contentType="a/b"), attached(url="x")),
    (
        "export-attachments-filled",
        {"member": "content"},
        attached(contentType="a/b", url="x"),
        attached(contentType="a/b"),
    ),
    ("export-attachments-open", {"to": "anybody"}, also("attachment"), also("attachment", 404)),
    ("export-attachments-open", {"to": "same-credentials"}, also("attachment"), also("attachment", 401)),
    (
        "export-file-size",
        {},
        saw(part("?_maximumFileSize=100000", *PATIENTS)),
        saw(part("?_maximumFileSize=10", *PATIENTS)),
    ),
    (
        "manifest-empty-output",
        {},
        saw(export(file(0, []), end=done(manifest(output=[])))),
        saw(export(file(0, []), end=done(manifest(output=...)))),
    ),
    ("manifest-messages-apart", {}, saw(), saw(whole(OUTCOME))),
    (
        "export-ignored-told",
        {"name": "x-odd"},
        saw(
            export(
                file(),
                file(0, [{**OUTCOME, "issue": [{"diagnostics": "x-odd was ignored"}]}], "error"),
                query="?x-odd=1",
            )
        ),
        saw(export(query="?x-odd=1")),
    ),
    (
        "export-format-as-asked",
        {},
        saw(export(query="?_outputFormat=ndjson")),
        saw(export(file(headers={"Content-Type": "ndjson"}), query="?_outputFormat=ndjson")),
    ),
    ("export-deleted-told", {}, changes(person("kept")), changes(person("kept"), told=())),
    ("export-deleted-apart", {}, changes(person("kept")), changes(person("kept"), person("gone"))),
    ("export-change-included", {}, changes(person("kept")), changes(person("other"))),
    (
        "manifest-deleted-files",
        {"aspect": "bundle"},
        changes(person("kept")),
        changes(person("kept"), type="batch"),
    ),
    (
        "manifest-deleted-files",
        {"aspect": "entries"},
        changes(person("kept")),
        changes(person("kept"), entry=[]),
    ),
    (
        "manifest-deleted-files",
        {"aspect": "requests"},
        changes(person("kept")),
        changes(person("kept"), entry=[{"request": {"method": "PUT", "url": "Patient/gone"}}]),
    ),
    (
        "export-capability-true",
        {"level": "patient"},
        None,
        saw(part("", *PATIENTS, path="/Patient/$export"), **metadata()),
    ),
    ("export-retry-after", {}, saw(), saw(export(polls=[running(headers={"Retry-After": "1795670400"})]))),
    ("export-files-accessible", {}, saw(), named("file:///etc/passwd")),
    ("export-files-accessible", {}, None, named("https://169.254.169.254/x")),
    (
        "manifest-extensions",
        {"shape": "array"},
        saw(export(end=done(manifest(extension=[])))),
        saw(export(end=done(manifest(extension={})))),
    ),
]


@pytest.mark.parametrize(("name", "arguments", "good", "bad"), TABLE, ids=[row[0] for row in TABLE])
def test_each_check_passes_what_is_right_and_finds_what_is_wrong(name, arguments, good, bad):
    if good is not None:
        assert run(name, good, **arguments) == []
    if bad is not None:
        assert run(name, bad, **arguments)


LINK = [{"other": {"reference": "Patient/p9"}}]


@pytest.mark.parametrize(
    ("name", "arguments", "given", "signal"),
    [
        ("export-protocol", {}, sequence(), NoData),
        ("export-busy-refusal", {}, second(), NotApplicable),
        (
            "export-throttled",
            {},
            saw(step(kick_off(), exchange(url="/j", status=202, label="burst"))),
            NotApplicable,
        ),
        ("export-since-supported", {}, saw(part(SINCE, *PATIENTS[2:]), whole(*PATIENTS[2:])), NoData),
        ("export-until-heeded", {}, saw(refused(UNTIL), whole(*PATIENTS)), NotApplicable),
        ("export-until-heeded", {}, saw(part(UNTIL), whole(*PATIENTS[2:])), NoData),
        (
            "export-elements-heeded",
            {"aspect": "trimmed"},
            saw(refused("?_elements=id"), whole(*PATIENTS)),
            NotApplicable,
        ),
        (
            "export-elements-heeded",
            {"aspect": "trimmed"},
            saw(part("?_elements=id"), whole(*PATIENTS)),
            NoData,
        ),
        ("export-organised", {"aspect": "header-repeated"}, organised(BLOCKS), NotApplicable),
        ("export-partial-ready", {}, in_parts(running()), NotApplicable),
        ("export-pages-agree", {}, in_parts(), NotApplicable),
        ("export-separate-applied", {}, saw(), NotApplicable),
        ("export-within-scope", {}, narrow(*PATIENTS, scope="system/*.rs"), NotJudgeable),
        ("export-within-scope", {}, narrow(*PATIENTS, scope=""), NotJudgeable),
        ("export-provenance", {"rule": "latest"}, associated(LATEST, PROVENANCE[2]), None),
        (
            "export-provenance",
            {"rule": "latest"},
            saw(
                part(f"?_type=Patient&includeAssociatedData={LATEST}", *PATIENTS[1:], PROVENANCE[2]),
                whole(*PATIENTS, *PROVENANCE),
            ),
            NotApplicable,
        ),
        ("export-since-supported", {}, saw(part(SINCE, *PATIENTS[1:]), whole(*PATIENTS[1:])), None),
        ("export-unsupported-marked", {}, saw(whole(*PATIENTS), **metadata(Patient=PATIENTS)), NotApplicable),
        ("export-failure-status", {}, saw(), NotApplicable),
        ("export-open-files", {}, saw(), NotApplicable),
        ("export-deleted-apart", {}, saw(), NotApplicable),
        ("export-change-included", {}, changes(person("x"), until="2026-01-01T00:00:00Z"), NotApplicable),
        ("manifest-empty-output", {}, saw(), NoData),
        ("export-file-given-again", {}, saw(), NoData),
        ("export-files-accessible", {}, named("https://10.0.0.1/x"), NotJudgeable),
        ("export-patients-only", {}, saw(posted(["Patient/p1"])), NoData),
    ],
)
def test_what_cannot_be_judged_is_said_and_never_passed(name, arguments, given, signal):
    if signal is None:
        assert run(name, given, **arguments)
        return
    with pytest.raises(signal):
        run(name, given, **arguments)


def test_what_is_about_an_asked_for_patient_and_another_is_remarked_and_no_leak():
    linked = {**PATIENTS[0], "link": LINK}
    found = list(built_in().find("check", "export-patients-only")(saw(posted(["Patient/p1"], linked))))
    assert [isinstance(each, Remark) for each in found] == [True]


@pytest.mark.parametrize(
    ("claimed", "profile"), [("2.0.0", "bulk-data-export-stu2"), ("4.0.0-ballot", "bulk-data-export-ballot")]
)
def test_who_claims_another_edition_is_told_which_profile_fits(claimed, profile):
    guide = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
    statement = {**STATEMENT, "instantiates": [f"{guide}|{claimed}"]}
    check = built_in().find("check", "export-guide-instantiated")
    (told,) = check(saw(**metadata(statement)), edition="STU3")
    assert isinstance(told, Remark)
    assert profile in told
    assert not list(check(saw(**metadata({**statement, "instantiates": [f"{guide}|3.0.0"]})), edition="STU3"))


def test_who_may_not_write_is_not_asked_to():
    check = built_in().find("check", "may-write")
    assert list(check(evidence()))


NAMES = sorted({(row[0], tuple(row[1].items())) for row in TABLE})


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.lists(exchanges, max_size=6), max_size=3), st.lists(exchanges, max_size=2), notes)
def test_every_check_survives_any_evidence(steps, discovery, noted):
    for number, (name, arguments) in enumerate(NAMES):
        made = [step(*each, name=f"{number}-{index}", **noted) for index, each in enumerate(steps)]
        try:
            findings = run(name, saw(*made, discovery=discovery) if made else saw(), **dict(arguments))
        except NotJudgeable:
            continue
        assert all(isinstance(finding, str) and finding for finding in findings)


def nonsense(option, value, status):
    body, headers = (OUTCOME, FHIR_JSON) if status >= 400 else (None, {"Content-Location": JOB})
    return step(
        kick_off(query=f"?{option}={value}", status=status, headers=headers, body=body), name="nonsense"
    )


def passed_over(**changed):
    """A job whose files are by type, though they were to be by patient."""
    listing = manifest(output=[{"type": "Patient", "url": f"{BASE}/files/1"}]) | changed
    files = file(0, PATIENTS[:2])
    return export(files, path="/Patient/$export", query=ORGANISED, end=done(listing), name="organised")


@pytest.mark.parametrize("name", ["export-organised", "manifest-organised-by"])
def test_who_takes_any_organiser_and_heeds_none_does_not_support_it(name):
    check = built_in().find("check", name)
    arguments = {"aspect": "blocks"} if name == "export-organised" else {}
    anything, choosy = (nonsense("organizeOutputBy", "NoSuchType", status) for status in (202, 400))
    with pytest.raises(NotApplicable, match="does not support it"):
        list(check(saw(passed_over(), anything), **arguments))
    assert list(check(saw(passed_over(), choosy), **arguments))
    assert list(check(saw(passed_over(outputOrganizedBy="Encounter"), anything), **arguments))


@pytest.mark.parametrize("rule", ["relevant", "latest"])
def test_who_takes_any_association_and_brings_none_does_not_support_it(rule):
    check = built_in().find("check", "export-provenance")
    value = {"relevant": RELEVANT, "latest": LATEST}[rule]
    without = part(f"?_type=Patient&includeAssociatedData={value}", *PATIENTS)
    some = part(f"?_type=Patient&includeAssociatedData={value}", *PATIENTS, PROVENANCE[0])
    full = whole(*PATIENTS, *PROVENANCE)
    anything, choosy = (nonsense("includeAssociatedData", "NoSuchData", status) for status in (202, 400))
    with pytest.raises(NotApplicable, match="does not support it"):
        list(check(saw(without, full, anything), rule=rule))
    assert list(check(saw(without, full, choosy), rule=rule))
    assert list(check(saw(some, full, anything), rule=rule))
