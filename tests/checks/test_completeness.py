"""The checks that an export is complete: each has an export that passes it and one that does not."""

import base64
import copy
import hashlib

import pytest
from evidence_builder import BASE, evidence, exchange, ndjson, step

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable, NotJudgeable

CATALOG = built_in()
PATIENTS = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(3)]
OBSERVATION = {"resourceType": "Observation", "id": "o1", "subject": {"reference": "Patient/p1"}}
NDJSON = {"Content-Type": "application/fhir+ndjson"}


def total(kind, number, when):
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": number}
    return exchange(url=f"/{kind}?_summary=count", body=bundle, label=f"total-{when}", about={"type": kind})


def exported(*files, manifest=None, name="step-1", before=None, after=None, more=(), again=False, **notes):
    """A bracketed export with these files (lists of resources)."""
    before = {"Patient": 3, "Observation": 1} if before is None else before
    after = before if after is None else after
    output = [
        {"type": lines[0]["resourceType"], "url": f"{BASE}/f{n}"} for n, lines in enumerate(files) if lines
    ]
    listing = {
        "transactionTime": "2026-11-22T10:00:00Z",
        "request": f"{BASE}/$export",
        "requiresAccessToken": True,
    }
    listing = manifest if manifest is not None else listing | {"output": output, "error": []}
    page = {
        "resourceType": "Bundle",
        "entry": [{"resource": patient, "search": {"mode": "match"}} for patient in PATIENTS],
    }
    return step(
        *(total(kind, number, "before") for kind, number in before.items()),
        *(() if again else (exchange(url="/Patient", body=page, label="patient-page"),)),
        exchange(url="/$export", status=202, label="kick-off", headers={"Content-Location": f"{BASE}/job"}),
        exchange(url="/job", body=listing, label="status", headers={"Content-Type": "application/json"}),
        *(
            exchange(
                url=f"/f{n}",
                body=ndjson(*lines),
                label="file",
                headers=NDJSON,
                about={"kind": "output", "index": str(n), "type": "", "count": ""},
            )
            for n, lines in enumerate(files)
        ),
        *more,
        *(total(kind, number, "after") for kind, number in after.items()),
        name=name,
        **notes,
    )


def run(name, *steps, **arguments):
    return list(CATALOG.find("check", name)(evidence(*steps), **arguments))


WHOLE = exported(PATIENTS, [OBSERVATION])
LOSSY = exported(PATIENTS[:2], [OBSERVATION])


@pytest.mark.parametrize(
    "name",
    [
        "export-completes",
        "export-counts-match",
        "export-has-patients",
        "export-references-resolve",
        "export-reports-errors",
        "export-unattended",
    ],
)
def test_a_whole_export_passes(name):
    assert run(name, WHOLE) == []


def test_a_lost_patient_is_counted_and_named():
    assert "with 2 resources of type Patient, but a search counts 3" in run("export-counts-match", LOSSY)[0]
    assert "p2" in run("export-has-patients", LOSSY)[0]


def test_a_type_that_is_missing_altogether_is_counted():
    assert "0 resources of type Observation" in run("export-counts-match", exported(PATIENTS))[0]


def test_of_a_type_that_is_exported_all_is():
    def found(*files):
        return run("export-counts-match", exported(*files), of="exported")

    assert found(PATIENTS, [OBSERVATION]) == found(PATIENTS) == []
    assert len(found(PATIENTS[:2])) == len(found([*PATIENTS, PATIENTS[0]])) == 1


def test_exports_of_a_group_are_not_compared_type_by_type():
    group = exported(PATIENTS, more=(exchange(url="/Group/g/$export", status=202, label="kick-off"),))
    with pytest.raises(NotApplicable):
        run("export-counts-match", group, of="exported")


def test_a_repeated_resource_is_counted_too():
    assert "4 resources" in run("export-counts-match", exported([*PATIENTS, PATIENTS[0]], [OBSERVATION]))[0]


def offering(*kinds, **bracketed):
    """Evidence of an export by a target that can be searched for these types."""
    types = [{"type": kind, "interaction": [{"code": "search-type"}]} for kind in kinds]
    statement = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": types}]}
    metadata = exchange(url="/metadata", body=statement, label="metadata")
    return evidence(exported(PATIENTS, [OBSERVATION], **bracketed), discovery=[metadata])


@pytest.mark.parametrize(
    ("offered", "before", "words"),
    [
        (["Patient", "Observation"], {"Patient": 3, "Observation": 1}, []),
        (["Patient"], {"Patient": 3, "Observation": 1}, ["declares no Observation that can be searched"]),
        (
            ["Patient", "Observation"],
            {"Patient": 4, "Observation": 1},
            ["with 3 resources of type Patient, but"],
        ),
        (["Patient", "Observation"], {"Patient": 3, "Observation": 2}, ["a search counts 2"]),
    ],
)
def test_types_that_a_buyer_cannot_do_without_are_exported(offered, before, words):
    check = CATALOG.find("check", "types-exported")
    findings = list(check(offering(*offered, before=before), types=["Patient", "Observation"]))
    assert all(word in finding for word, finding in zip(words, findings, strict=True))


@pytest.mark.parametrize(
    ("bracketed", "signal", "why"),
    [
        ({"before": {"Patient": 3, "Observation": 0}}, NoData, "holds no Observation"),
        ({"before": {"Patient": 3}}, NotJudgeable, "no total is stated for Observation"),
        ({"before": {"Patient": 4, "Observation": 1}, "after": {"Patient": 5, "Observation": 1}},
         NotJudgeable, "Patient changed meanwhile"),
    ],
)  # fmt: skip
def test_types_that_cannot_be_counted_are_not_judged(bracketed, signal, why):
    with pytest.raises(signal, match=why):
        list(
            CATALOG.find("check", "types-exported")(
                offering("Patient", "Observation", **bracketed), types=["Patient", "Observation"]
            )
        )


def test_what_changed_meanwhile_passes_inside_the_bracket_only():
    grown = {"Patient": 3, "Observation": 5}
    assert run("export-counts-match", exported(PATIENTS, [OBSERVATION], after=grown)) == []
    with pytest.raises(NotJudgeable, match="changed while"):
        run("export-counts-match", exported(PATIENTS, after=grown))


def test_more_types_than_declared_and_definitions_are_no_matter():
    more = exported(PATIENTS, [OBSERVATION], [{"resourceType": "Basic", "id": "b"}])
    assert run("export-counts-match", more) == []
    defined = {"Patient": 3, "Observation": 1, "StructureDefinition": 9}
    assert run("export-counts-match", exported(PATIENTS, [OBSERVATION], before=defined)) == []


def test_an_empty_export_of_an_empty_target_proves_nothing():
    empty = exported(before={"Patient": 0})
    with pytest.raises(NoData):
        run("export-counts-match", empty)
    with pytest.raises(NoData):
        run("export-completes", empty)


def test_files_that_we_left_alone_are_not_held_against_the_target():
    for name in ("export-counts-match", "export-completes", "export-references-resolve"):
        with pytest.raises(NotJudgeable, match="plain http"):
            run(name, exported(PATIENTS, **{"not-fetched": ["output[1]"]}))


def test_an_empty_export_of_a_full_target_fails():
    assert run("export-counts-match", exported())


def test_a_dangling_reference_is_named():
    lost = OBSERVATION | {"subject": {"reference": f"{BASE}/Patient/p9/_history/1"}}
    assert (
        "Observation/o1 refers to Patient/p9"
        in run("export-references-resolve", exported(PATIENTS, [lost]))[0]
    )
    elsewhere = {"reference": "https://other.example.org/fhir/Patient/x"}
    both = OBSERVATION | {"performer": [elsewhere, {"reference": "#inside"}, {"reference": "urn:uuid:1"}]}
    assert run("export-references-resolve", exported(PATIENTS, [both])) == []


def test_no_references_prove_nothing():
    with pytest.raises(NoData):
        run("export-references-resolve", exported(PATIENTS))


def test_a_manifest_without_a_list_of_errors_fails():
    assert "no list of error files" in run("export-reports-errors", exported(manifest={"output": []}))[0]


def test_a_failed_export_fails():
    failed = step(
        exchange(status=202, label="kick-off", headers={"Content-Location": f"{BASE}/job"}),
        exchange(url="/job", status=500, label="status"),
    )
    assert "with 500" in run("export-completes", failed)[0]
    with pytest.raises(NoData):
        run("export-counts-match", failed)


@pytest.mark.parametrize(
    "said",
    [
        "Waiting for approval: please open a support ticket with our service desk",
        "Your request has to be approved by an administrator",
        "Please contact our support to release the files",
    ],
)
def test_an_export_that_asks_for_somebody_fails(said):
    waiting = step(
        exchange(status=202, label="kick-off", headers={"Content-Location": f"{BASE}/job"}),
        exchange(url="/job", status=202, label="status", headers={"X-Progress": said}),
    )
    assert "asks for somebody to act" in run("export-unattended", waiting)[0]


@pytest.mark.parametrize("said", ["in-progress", "40 % done", "Exporting ServiceRequest: 3 of 9 written", ""])
def test_an_ordinary_progress_asks_for_nobody(said):
    running = step(
        exchange(status=202, label="kick-off", headers={"Content-Location": f"{BASE}/job"}),
        exchange(url="/job", status=202, label="status", headers={"X-Progress": said}),
    )
    with pytest.raises(NotJudgeable, match="did not end"):
        run("export-unattended", running)


def test_two_exports_of_the_same_data_agree():
    altered = copy.deepcopy(OBSERVATION) | {"status": "final"}
    ignore = "meta.versionId,meta.lastUpdated"
    twice = exported(PATIENTS, [OBSERVATION], name="step-2", again=True)
    assert run("exports-agree", WHOLE, twice, ignore=ignore) == []
    assert "Patient/p2" in run("exports-agree", WHOLE, LOSSY, ignore=ignore)[0]
    assert "differ in content" in run("exports-agree", WHOLE, exported(PATIENTS, [altered]), ignore=ignore)[0]
    with pytest.raises(NotJudgeable, match="changed between"):
        run(
            "exports-agree",
            WHOLE,
            exported(PATIENTS[:2], [OBSERVATION], before={"Patient": 2}),
            ignore=ignore,
        )
    with pytest.raises(NoData):
        run("exports-agree", WHOLE, ignore=ignore)


SENT = {"resourceType": "Observation", "status": "final", "note": [{"text": "long\n" * 100}], "active": True}


def canary_step(found, state="long-text", read=None):
    read = SENT | {"id": "c"} if read is None else read
    back = exchange(
        url="/Observation/c", body=read, label="canary-read", about={"reference": "Observation/c"}
    )
    notes = {"canaries": [{"reference": "Observation/c", "state": state, "sent": SENT}]}
    return exported(found, more=[back], **notes)


@pytest.mark.parametrize("part", ["everything", "texts"])
def test_canaries(part):
    whole, cut = SENT | {"id": "c"}, SENT | {"id": "c", "note": [{"text": "long\n"}]}
    assert run("canaries-exported", canary_step([whole]), part=part) == []
    assert (
        "note.0.text of Observation/c (long-text)"
        in run("canaries-exported", canary_step([cut]), part=part)[0]
    )


def test_what_the_target_altered_when_it_was_written_is_no_matter_of_the_export():
    cut = SENT | {"id": "c", "note": [{"text": "long\n"}]}
    assert run("canaries-exported", canary_step([cut], read=cut)) == []
    with pytest.raises(NoData):
        run("canaries-exported", canary_step([cut], read=cut), part="texts")


def test_a_hidden_canary_fails_and_none_proves_nothing():
    assert "without Observation/c" in run("canaries-exported", canary_step(PATIENTS))[0]
    with pytest.raises(NoData):
        run("canaries-exported", WHOLE)


PDF = {"resourceType": "Binary", "id": "b", "contentType": "application/pdf", "data": "JVBERi0xLjQ="}
DOCUMENT = {
    "resourceType": "DocumentReference",
    "id": "d",
    "content": [
        {
            "attachment": {
                "contentType": "application/pdf",
                "url": "Binary/b",
                "size": 8,
                "hash": "oOUZLG+O/qnQ/bzYOTlMcjZRGek=",
            }
        }
    ],
}


def test_attachments():
    content = base64.b64decode(PDF["data"])
    right = copy.deepcopy(DOCUMENT)
    right["content"][0]["attachment"]["hash"] = base64.b64encode(hashlib.sha1(content).digest()).decode()
    assert run("attachments-match", exported([right], [PDF])) == []
    assert "SHA-1" in run("attachments-match", exported([DOCUMENT], [PDF]))[0]
    longer = PDF | {"data": base64.b64encode(content + b"x").decode()}
    assert "has 9 bytes, not the 8" in run("attachments-match", exported([right], [longer]))[0]
    with pytest.raises(NoData):
        run("attachments-match", WHOLE)


def test_fetched_attachments():
    about = {"reference": "DocumentReference/d", "size": "3", "hash": "", "contentType": "text/plain"}
    for body, status, wrong in ((b"abc", 200, ""), (b"ab", 200, "2 bytes"), (b"", 404, "answered 404")):
        fetched = exchange(url="/Binary/x", body=body, status=status, label="attachment", about=about)
        found = run("attachments-match", exported(PATIENTS, more=[fetched]))
        assert wrong in " ".join(found)
        assert bool(found) is bool(wrong)


@pytest.mark.parametrize("status", [401, 404, 406])
def test_an_attachment_whose_binary_is_exported_need_not_be_fetched_as_well(status):
    about = {"reference": "DocumentReference/d", "size": "8", "hash": "", "contentType": "application/pdf"}
    plain = copy.deepcopy(DOCUMENT)
    plain["content"][0]["attachment"].pop("hash")
    for url, held, right in (
        ("Binary/b", PDF, True),
        (f"{BASE}/Binary/b", PDF, True),
        ("https://documents.example/Binary/b", PDF, False),
        ("Binary/c", PDF, False),
        ("Binary/b", {"resourceType": "Binary", "id": "b"}, False),
    ):
        fetched = exchange(url="/document", status=status, label="attachment", about=about | {"url": url})
        seen = exported([plain], [held], more=[fetched])
        if not right and status == 401:
            with pytest.raises(NotJudgeable):
                run("attachments-match", seen)
        else:
            assert (run("attachments-match", seen) == []) is right


@pytest.mark.parametrize(("held", "wrong"), [(b"abc", ""), (b"ab", "2 bytes")])
def test_an_attachment_may_be_fetched_as_a_binary_in_json(held, wrong):
    about = {"reference": "DocumentReference/d", "size": "3", "hash": "", "contentType": "text/plain"}
    body = {"resourceType": "Binary", "data": base64.b64encode(held).decode()}
    headers = {"Content-Type": "application/fhir+json"}
    fetched = exchange(url="/Binary/x", body=body, label="attachment", about=about, headers=headers)
    found = run("attachments-match", exported(PATIENTS, more=[fetched]))
    assert wrong in " ".join(found)
    assert bool(found) is bool(wrong)


def patient(**identifier):
    return {"resourceType": "Patient", "id": "p1", "identifier": [identifier]}


NHS = "https://fhir.nhs.uk/Id/nhs-number"
VERIFIED = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
CODED = {"resourceType": "Condition", "id": "c"}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        (
            "nhs-numbers-valid",
            patient(system=NHS, value="9912003888"),
            patient(system=NHS, value="9912003889"),
        ),
        (
            "nhs-numbers-verified",
            patient(system=NHS, value="9912003888", extension=[{"url": VERIFIED}]),
            patient(system=NHS, value="9912003888"),
        ),
        (
            "ods-codes",
            {
                "resourceType": "Organization",
                "id": "o",
                "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RX8"}],
            },
            {"resourceType": "Organization", "id": "o"},
        ),
        (
            "snomed-codes-valid",
            CODED | {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]}},
            CODED | {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054007"}]}},
        ),
        ("identifiers-have-systems", patient(system="urn:x", value="1"), patient(value="1")),
    ],
)
def test_identifiers_and_codes(name, right, wrong):
    assert run(name, exported([right])) == []
    assert run(name, exported([wrong]))
    with pytest.raises(NoData):
        run(name, exported([{"resourceType": "Basic", "id": "b"}]))
