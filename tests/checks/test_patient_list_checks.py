"""Lists of one patient: each check with what passes, what fails, and what shows nothing."""

import pytest
from export_evidence import done, export, file, manifest
from saw import bundle, evidence, exchange, pages, step

from conformance.checks import patient_lists
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.evidence import Remark


def told(check, *given, notes=None, **arguments):
    seen = [each if hasattr(each, "exchanges") else step(each) for each in given]
    found = check(evidence(step(**(notes or {})), *seen), **arguments)
    return [str(each) for each in found if not isinstance(each, Remark)]


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


def report(name, whose="p1"):
    subject = {"reference": f"Patient/{whose}"}
    return {"resourceType": "DiagnosticReport", "id": name, "subject": subject}


def listed(label, *found, ended="complete"):
    return pages(bundle(*found), label=label, ended=ended, path=f"/DiagnosticReport?{label}")


NOTES = {"patient": "Patient/p1", "resource": "DiagnosticReport"}
A, B = report("a"), report("b")


@pytest.mark.parametrize(
    ("by_id", "by_number", "words"),
    [
        ([A, B], [A, B], []),
        ([A], [A, B], []),
        ([A, B], [A], ["lacks DiagnosticReport/b, which a search by id finds"]),
        ([A, B], [], ["lacks DiagnosticReport/a, DiagnosticReport/b"]),
    ],
)
def test_a_search_by_number_finds_what_a_search_by_id_finds(by_id, by_number, words):
    seen = listed("by-id", *by_id), listed("by-number", *by_number)
    assert fits(told(patient_lists.lists_agree, *seen), words)


def test_a_search_by_id_that_finds_nothing_shows_nothing():
    with pytest.raises(NoData, match="by the patient's id"):
        told(patient_lists.lists_agree, listed("by-id"), listed("by-number", A))


@pytest.mark.parametrize("label", ["by-id", "by-number"])
def test_a_list_that_was_refused_or_broken_off_is_not_judged(label):
    whole = {"by-id": listed("by-id", A), "by-number": listed("by-number", A)}
    broken = whole | {label: exchange("/x", label=label, status=500)}
    with pytest.raises(NotJudgeable, match="answered 500"):
        told(patient_lists.lists_agree, *broken.values())
    with pytest.raises(NotJudgeable, match="not all pages"):
        told(patient_lists.lists_agree, *(whole | {label: listed(label, A, ended="limit")}).values())


@pytest.mark.parametrize(
    ("by_id", "others", "words"),
    [
        (
            [A, B],
            {"by-number": [A, B], "everything": [A, B, report("c", "p2") | {"resourceType": "Basic"}]},
            [],
        ),
        (
            [A],
            {"by-number": [A, B]},
            ["lacks DiagnosticReport/b, which the search by NHS number gives of Patient/p1"],
        ),
        (
            [A],
            {"by-number": [A], "everything": [A, B]},
            ["lacks DiagnosticReport/b, which $everything gives"],
        ),
        ([], {"by-number": [A]}, ["lacks DiagnosticReport/a"]),
    ],
)
def test_a_list_has_all_that_other_ways_show(by_id, others, words):
    seen = listed("by-id", *by_id), *(listed(label, *found) for label, found in others.items())
    assert fits(told(patient_lists.list_is_whole, *seen, notes=NOTES), words)


@pytest.mark.parametrize(
    ("status", "found", "words"),
    [
        (200, [], []),
        (404, [], ["answered 404, not 200"]),
        (200, [A, B], ["finds DiagnosticReport/a, DiagnosticReport/b for an NHS number that nobody has"]),
    ],
)
def test_a_number_that_nobody_has_finds_nothing(status, found, words):
    nobody = exchange("/x", label="of-nobody", status=status, body=bundle(*found))
    assert fits(told(patient_lists.nobodys_list_is_empty, listed("by-number", A), nobody), words)


def exported(*resources, kind="DiagnosticReport"):
    return export(file(0, list(resources), type=kind), end=done(manifest(output=[
        {"type": kind, "url": "https://ehr.example.org/fhir/files/1"}])))  # fmt: skip


@pytest.mark.parametrize(
    ("held", "found", "words"),
    [
        ([A, B, report("c", "p2")], [A, B], []),
        ([A, B], [A], ["lacks DiagnosticReport/b, which the export has about Patient/p1"]),
        ([A], [A, B], ["gives DiagnosticReport/b, which the export does not have about Patient/p1"]),
        ([report("c", "p2")], [A], ["gives DiagnosticReport/a"]),
        ([A], [], ["lacks DiagnosticReport/a"]),
    ],
)
def test_a_list_is_what_the_export_has_of_the_patient(held, found, words):
    seen = exported(*held), listed("by-id", *found)
    assert fits(told(patient_lists.list_agrees_with_export, *seen, notes=NOTES), words)


def test_a_type_that_is_not_exported_is_none_of_the_patients():
    other = exported({"resourceType": "Patient", "id": "p1"}, kind="Patient")
    (finding,) = told(patient_lists.list_agrees_with_export, other, listed("by-id", A), notes=NOTES)
    assert "gives DiagnosticReport/a" in finding
    with pytest.raises(NoData, match="neither the search nor the export"):
        told(patient_lists.list_agrees_with_export, other, listed("by-id"), notes=NOTES)


def referred(resource, status=200, source="DiagnosticReport/a"):
    path = f"/{resource['resourceType']}/{resource['id']}"
    return exchange(path, label="referred", status=status, body=resource, about={"source": source})


SPECIMEN = {"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/p1"}}
STRANGE = SPECIMEN | {"subject": {"reference": "Patient/p2"}}


@pytest.mark.parametrize(("resource", "number"), [(SPECIMEN, 0), (STRANGE, 1)])
def test_what_a_record_refers_to_is_about_the_same_patient(resource, number):
    seen = exchange("/x", label="holding", body=bundle(A)), referred(resource)
    assert len(told(patient_lists.referred_are_the_patients, *seen)) == number


@pytest.mark.parametrize(
    "answer",
    [
        referred(STRANGE, status=404),
        referred(STRANGE, source="DiagnosticReport/z"),
        referred({"resourceType": "Patient", "id": "p2"}),
        referred({"resourceType": "Organization", "id": "o"}),
    ],
)
def test_what_is_about_nobody_or_was_not_given_shows_nothing(answer):
    with pytest.raises(NotApplicable):
        told(patient_lists.referred_are_the_patients, exchange("/x", label="holding", body=bundle(A)), answer)
