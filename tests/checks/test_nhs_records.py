"""Checks of vaccinations, look-ups and patients' lists, by the ways in which a product might pass undeservedly."""

import pytest
from saw import bundle, evidence, exchange, pages, patient, step

from conformance.checks.eligibility import nobody_looked_up, patient_looked_up
from conformance.checks.patient_lists import list_is_the_patients, list_is_whole, nobodys_list_is_empty
from conformance.checks.surfacing import attachments_open, surfaceable, surfaced_within, titles_impersonal
from conformance.checks.vaccinations import (
    correction_refused,
    duplicate_kept_once,
    vaccinations,
    verification_as_told,
    withdrawn_not_shown,
)
from conformance.errors import NoData, NotJudgeable
from conformance.model.evidence import Remark
from conformance.probes.nhs_records import NOT_TRACED, VERIFIED, nhs_patient, not_given, vaccination
from conformance.probes.surfacing import made

WHOLE = vaccination("t", "p1") | {"id": "i"}
ORGANISATION = {
    "resourceType": "Organization",
    "id": "o",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "ZT1"}],
}


def told(check, *given, **arguments):
    return [str(each) for each in check(*given, **arguments) if not isinstance(each, Remark)]


def of_record(rule, record, *discovered):
    sample = exchange(
        "/Organization", body=bundle(*discovered), label="sample", about={"type": "Organization"}
    )
    seen = evidence(exchange("/Immunization", body=bundle(record), label="sampled"), discovery=(sample,))
    return told(vaccinations, seen, rule=rule)


RULES = [
    "identifier",
    "product",
    "procedure",
    "disease",
    "dates",
    "organisation",
    "location",
    "batch",
    "dose",
]


@pytest.mark.parametrize("rule", RULES)
def test_a_whole_vaccination_keeps_every_rule(rule):
    assert of_record(rule, WHOLE) == []


@pytest.mark.parametrize(
    ("rule", "change", "said"),
    [
        ("identifier", {"identifier": [{"value": "1"}]}, "without a system"),
        ("identifier", {"identifier": WHOLE["identifier"] * 2}, "has 2 identifiers"),
        ("product", {"vaccineCode": {"text": "Flu jab"}}, "by no code of SNOMED CT"),
        (
            "product",
            {"vaccineCode": {"coding": [{"system": "http://snomed.info/sct", "code": "39566211000001104"}]}},
            "by no code of SNOMED CT",
        ),
        ("procedure", {"extension": []}, "no SNOMED CT code of the procedure"),
        (
            "disease",
            {"protocolApplied": [{"targetDisease": [{"text": "flu"}], "doseNumberPositiveInt": 1}]},
            "which disease",
        ),
        ("disease", {"protocolApplied": [{"targetDisease": []}]}, "which dose of the course"),
        ("dates", {"occurrenceDateTime": "2025-11"}, "which says no day"),
        ("dates", {"occurrenceDateTime": "2025-11-12T10:30:00"}, "without its time zone"),
        ("dates", {"recorded": "yesterday"}, "no recorded that is a date"),
        ("dates", {"primarySource": None}, "primarySource"),
        ("organisation", {"performer": [{"actor": {"display": "A nurse"}}]}, "no code of an organisation"),
        (
            "location",
            {"location": {"identifier": {"system": "urn:own", "value": "ZT1"}}},
            "no code of an organisation",
        ),
        ("batch", {"lotNumber": "  "}, "no lotNumber"),
        ("dose", {"doseQuantity": {"value": 1}}, "no dose with its unit"),
    ],
)
def test_a_vaccination_that_lacks_something_is_told(rule, change, said):
    (finding,) = of_record(rule, WHOLE | change)
    assert said in finding


def test_an_unknown_product_may_be_said_to_be_unknown():
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}
    assert of_record("product", WHOLE | {"vaccineCode": {"coding": [coding]}}) == []


def test_who_gave_it_may_stand_in_the_organisation_that_is_referred_to():
    referring = WHOLE | {"performer": [{"actor": {"reference": "Organization/o"}}]}
    assert of_record("organisation", referring, ORGANISATION) == []
    (finding,) = of_record("organisation", referring, {**ORGANISATION, "identifier": []})
    assert "no code of an organisation" in finding


def test_a_record_whose_organisation_was_not_seen_is_not_judged():
    with pytest.raises(NoData):
        of_record("organisation", WHOLE | {"performer": [{"actor": {"reference": "Organization/x"}}]})


def test_records_that_were_not_given_prove_nothing_about_batches():
    with pytest.raises(NoData):
        of_record("batch", not_given("t", "p1") | {"id": "i"})


def test_an_answer_of_nothing_proves_nothing_of_duplicates():
    create, again = (exchange("/Immunization", status=201, label=name) for name in ("create", "create-again"))
    nothing = exchange("/Immunization", body=bundle(), label="same-identifier")
    with pytest.raises(NotJudgeable):
        told(duplicate_kept_once, evidence(create, again, nothing))


def test_a_refused_duplicate_that_is_kept_all_the_same_is_told():
    create = exchange("/Immunization", status=201, label="create")
    again = exchange("/Immunization", status=422, label="create-again")
    both = exchange("/Immunization", body=bundle(WHOLE, WHOLE | {"id": "j"}), label="same-identifier")
    (finding,) = told(duplicate_kept_once, evidence(create, again, both))
    assert "finds 2 vaccinations" in finding


def correction(status, kept):
    wrong = exchange("/Immunization/i", status=status, label="correct-identifier", method="PUT")
    return evidence(
        exchange("/Immunization/i", label="correct", method="PUT"),
        exchange("/Immunization/i", body=WHOLE, label="read-corrected"),
        wrong,
        exchange("/Immunization/i", body=kept, label="read-unchanged"),
    )


def test_a_correction_that_is_refused_and_carried_out_is_told():
    kept = WHOLE | {"identifier": [{"system": "urn:x", "value": "2"}]}
    (finding,) = told(correction_refused, correction(400, kept), label="correct-identifier")
    assert "and yet identifier changed" in finding
    assert told(correction_refused, correction(400, WHOLE), label="correct-identifier") == []


def test_an_error_of_the_server_is_no_refusal():
    with pytest.raises(NotJudgeable):
        told(correction_refused, correction(500, WHOLE), label="correct-identifier")


def test_a_withdrawn_vaccination_may_be_gone_or_marked_but_not_completed():
    def after(read, *found):
        return evidence(
            exchange("/Immunization", status=201, label="create"),
            exchange("/Immunization/i", body=WHOLE, label="read-back"),
            exchange("/Immunization/i", label="withdraw", method="PUT"),
            exchange("/Immunization?patient=p", body=bundle(*found), label="after-withdrawal"),
            read,
        )

    gone = exchange("/Immunization/i", status=404, label="read-withdrawn")
    marked = WHOLE | {"status": "entered-in-error"}
    assert told(withdrawn_not_shown, after(gone)) == []
    assert told(withdrawn_not_shown, after(exchange("/x", body=marked, label="read-withdrawn"), marked)) == []
    assert len(told(withdrawn_not_shown, after(gone, WHOLE))) == 1


@pytest.mark.parametrize(
    ("shown", "findings"), [(NOT_TRACED, 0), (("06", "Trace in progress"), 0), (VERIFIED, 1), (("", ""), 1)]
)
def test_a_number_that_is_not_traced_is_not_shown_as_verified(shown, findings):
    sent = nhs_patient("t", NOT_TRACED)
    seen = evidence(
        step(
            exchange("/Patient", status=201, label="patient", method="POST"),
            exchange("/Patient/1", body=nhs_patient("t", shown) | {"id": "1"}, label="read-patient"),
            sent_patient=sent,
        )
    )
    assert len(told(verification_as_told, seen)) == findings


def looked_up(by_number, other):
    return evidence(
        step(
            exchange("/Patient?identifier=n", body=bundle(*by_number), label="by-number"),
            other,
            patient="Patient/1",
        )
    )


def test_finding_nobody_proves_nothing_where_nobody_is_ever_found():
    nothing = exchange("/Patient?identifier=x", body=bundle(), label="unknown-number")
    with pytest.raises(NotJudgeable):
        told(nobody_looked_up, looked_up([], nothing), label="unknown-number")
    assert told(nobody_looked_up, looked_up([patient(1)], nothing), label="unknown-number") == []


def test_a_number_that_finds_two_is_told():
    seen = looked_up([patient(1), patient(2)], exchange("/x", label="y"))
    (finding,) = told(patient_looked_up, seen, label="by-number", alone=True)
    assert "Patient/2" in finding


def report(number, whose):
    return {
        "resourceType": "DiagnosticReport",
        "id": str(number),
        "subject": {"reference": f"Patient/{whose}"},
    }


def lists(*, by_id=(), by_number=(), discovered=(), nobody=()):
    about = {"type": "DiagnosticReport"}
    sample = exchange("/DiagnosticReport", body=bundle(*discovered), label="sample", about=about)
    return evidence(
        step(patient="Patient/1", resource="DiagnosticReport"),
        pages(bundle(*by_id), label="by-id"),
        pages(bundle(*by_number), label="by-number"),
        pages(bundle(*nobody), label="of-nobody"),
        discovery=(sample,),
    )


def test_a_list_of_nothing_proves_nothing():
    for check in (list_is_the_patients, list_is_whole):
        with pytest.raises(NoData):
            told(check, lists())
    with pytest.raises(NotJudgeable):
        told(nobodys_list_is_empty, lists())


def test_an_empty_list_of_a_patient_with_records_is_told():
    (finding,) = told(list_is_whole, lists(discovered=[report(1, 1), report(2, 2)]))
    assert "lacks DiagnosticReport/1" in finding


def test_what_is_anothers_is_told_whichever_search_gives_it():
    (finding,) = told(
        list_is_the_patients, lists(by_id=[report(1, 1)], by_number=[report(1, 1), report(2, 2)])
    )
    assert "DiagnosticReport/2" in finding


def test_records_that_do_not_say_whose_they_are_are_neither_the_patients_nor_anothers():
    unnamed = {"resourceType": "DiagnosticReport", "id": "2", "subject": {"display": "Somebody"}}
    assert told(list_is_the_patients, lists(by_id=[report(1, 1), unnamed])) == []
    with pytest.raises(NotJudgeable, match="whose"):
        told(list_is_the_patients, lists(by_id=[unnamed]))


def test_everybodys_records_for_a_number_of_nobody_are_told():
    seen = lists(by_number=[report(1, 1)], nobody=[report(1, 1), report(2, 2)])
    (finding,) = told(nobodys_list_is_empty, seen)
    assert "for an NHS number that nobody has" in finding


def test_pages_that_did_not_come_leave_it_open():
    seen = evidence(
        step(patient="Patient/1", resource="DiagnosticReport"),
        pages(bundle(report(1, 1)), label="by-id", ended="loop"),
        pages(bundle(report(1, 1)), label="by-number"),
    )
    with pytest.raises(NotJudgeable):
        told(list_is_whole, seen)


@pytest.mark.parametrize(
    ("kind", "rule", "change", "said"),
    [
        ("Appointment", "appointment", {"start": "2031-03-04T09:30:00"}, "without its time zone"),
        ("Appointment", "appointment", {"status": "arrived"}, "which the app does not know"),
        ("DiagnosticReport", "result", {"issued": "2025"}, "which says no day"),
        ("DiagnosticReport", "result", {"conclusion": None}, "says nothing of what was found"),
        ("DocumentReference", "document", {"date": None}, "has no date"),
        ("MedicationRequest", "prescription", {"courseOfTherapyType": None}, "whether it is a repeat"),
        ("Appointment", "appointment-link", {}, "no link to its page"),
    ],
)
def test_what_an_app_cannot_show_is_told(kind, rule, change, said):
    resource = made(kind, "t", "Patient/1") | change | {"id": "r"}
    findings = told(surfaceable, evidence(exchange("/x", body=bundle(resource), label="sampled")), rule=rule)
    assert said in " ".join(findings)


def test_a_title_with_the_patients_name_in_any_case_is_told():
    letter = made("DocumentReference", "t", "Patient/1") | {"id": "d", "description": "Letter about MARLOWE"}
    who = patient(1, name=[{"family": "Marlowe"}])
    sample = exchange("/Patient", body=bundle(who), label="sample", about={"type": "Patient"})
    seen = evidence(exchange("/x", body=bundle(letter), label="sampled"), discovery=(sample,))
    (finding,) = told(titles_impersonal, seen)
    assert "'marlowe'" in finding


def test_a_word_that_is_in_others_titles_too_is_no_name():
    who = [patient(1, name=[{"family": "Ward"}]), patient(2, name=[{"family": "Marlowe"}])]
    letters = [
        made("DocumentReference", "t", f"Patient/{n}") | {"id": f"d{n}", "description": "Ward round"}
        for n in (1, 2)
    ]
    sample = exchange("/Patient", body=bundle(*who), label="sample", about={"type": "Patient"})
    seen = evidence(exchange("/x", body=bundle(*letters), label="sampled"), discovery=(sample,))
    assert told(titles_impersonal, seen) == []


def test_an_attachment_that_answers_with_a_page_of_another_kind_is_told():
    about = {"source": "DocumentReference/1", "contentType": "application/pdf", "size": "9"}
    page = exchange("/login", body=b"<html/>", label="attached", about=about, media_type="text/html")
    (finding,) = told(attachments_open, evidence(page))
    assert "text/html" in finding


def test_what_the_target_refuses_to_take_is_neither_fresh_nor_stale():
    refused = exchange("/Appointment", status=422, label="create", method="POST")
    with pytest.raises(NotJudgeable):
        told(surfaced_within, evidence(refused), limit=3)
