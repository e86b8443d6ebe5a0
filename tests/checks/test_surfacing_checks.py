"""What an app shows of a record: each check with what passes, what fails, and what shows nothing."""

import pytest
from saw import bundle, evidence, exchange, step

from conformance.checks import surfacing
from conformance.errors import NoData, NotJudgeable
from conformance.model.evidence import Remark
from conformance.probes.surfacing import made


def told(check, *exchanges, notes=None, **arguments):
    found = check(evidence(step(*exchanges, **(notes or {}))), **arguments)
    return [str(each) for each in found if not isinstance(each, Remark)]


def fits(findings, words):
    return all(word in finding for word, finding in zip(words, findings, strict=True))


MADE = {
    "created": "Appointment/n",
    "status": "status",
    "wanted": "cancelled",
    "waited-seen": 4,
    "waited-seen-changed": 6,
}
BOOKED = made("Appointment", "t", "Patient/p1") | {"id": "n"}
GONE = BOOKED | {"status": "cancelled"}
BESIDE = BOOKED | {"id": "z"}


def sent(label, status=200):
    return exchange("/Appointment/n", method="PUT", status=status, label=label)


def shown(label, *found):
    return exchange("/Appointment?patient=p", label=label, body=bundle(*found))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([BESIDE, BOOKED], []),
        (
            [BESIDE],
            [
                "does not have what PUT /r4/Appointment/n",
            ],
        ),
    ],
)
def test_what_is_written_is_shown_in_time(found, words):
    seen = sent("create", 201), shown("seen", *found)
    findings = told(surfacing.surfaced_within, *seen, notes=MADE, limit=3)
    assert fits(findings, words)
    assert all("4 s before; the limit is 3 s" in each for each in findings)


@pytest.mark.parametrize(("status", "why"), [(422, "refused what was to be shown"), (500, "answered 500")])
def test_what_was_not_written_need_not_be_shown(status, why):
    with pytest.raises(NotJudgeable, match=why):
        told(surfacing.surfaced_within, sent("create", status), shown("seen"), notes=MADE, limit=3)


@pytest.mark.parametrize(
    ("read", "found", "words"),
    [
        (GONE, [GONE], []),
        (GONE, [], []),
        (GONE, [BESIDE, GONE], []),
        (
            BOOKED,
            [GONE],
            [
                "gives the status 'booked' after",
            ],
        ),
        (GONE, [BOOKED], ["gives the status 'booked' 6 s after"]),
        (BOOKED, [BOOKED], ["gives the status 'booked' after", "6 s after"]),
    ],
)
def test_a_change_is_read_and_shown(read, found, words):
    body = exchange("/Appointment/n", label="read-changed", body=read)
    seen = sent("change"), body, shown("seen-changed", *found)
    assert fits(told(surfacing.change_surfaced, *seen, notes=MADE, limit=5), words)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([BESIDE, GONE], []),
        ([BESIDE], ["does not have the appointment any more"]),
        ([BOOKED], ["gives the appointment as 'booked'"]),
    ],
)
def test_what_is_cancelled_is_still_listed(found, words):
    seen = sent("change"), shown("seen", BOOKED), shown("seen-changed", *found)
    assert fits(told(surfacing.cancelled_still_listed, *seen, notes=MADE), words)


def test_what_was_never_listed_is_not_missed():
    with pytest.raises(NotJudgeable, match="before it was cancelled either"):
        told(
            surfacing.cancelled_still_listed, sent("change"), shown("seen"), shown("seen-changed"), notes=MADE
        )
    odd = exchange("/x", label="seen", body=BOOKED)
    with pytest.raises(NotJudgeable, match="no Bundle"):
        told(surfacing.cancelled_still_listed, sent("change"), odd, shown("seen-changed"), notes=MADE)


REPEAT = {"resourceType": "MedicationRequest", "id": "m", "intent": "plan",
          "basedOn": [{"reference": "MedicationRequest/p"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, []),
        ({"basedOn": [{"reference": "https://fhir.example.org/r4/MedicationRequest/p"}]}, []),
        ({"intent": "order"}, ["gives the intent 'order', not 'plan'"]),
        ({"basedOn": [{"reference": "MedicationRequest/q"}]}, ["does not say which prescription"]),
        ({"basedOn": None}, ["does not say which prescription"]),
    ],
)
def test_a_request_for_a_repeat_is_kept_as_one(changed, words):
    read = exchange("/MedicationRequest/m", label="read-back", body=REPEAT | changed)
    assert fits(
        told(surfacing.repeat_requested, sent("create", 201), read, notes={"sent-create": REPEAT}), words
    )
    with pytest.raises(NotJudgeable, match="refused what was to be shown"):
        told(surfacing.repeat_requested, sent("create", 422), read, notes={"sent-create": REPEAT})


@pytest.mark.parametrize(
    ("status", "number"), [(200, 0), (302, 0), (401, 0), (403, 0), (404, 1), (410, 1), (500, 1), (503, 1)]
)
def test_a_link_leads_on(status, number):
    link = exchange("/portal", label="linked", status=status, about={"source": "Appointment/n"})
    findings = told(surfacing.links_lead_on, link)
    assert len(findings) == number
    assert all("and Appointment/n leads patients there" in each for each in findings)


def test_links_that_were_not_there_or_did_not_answer_show_nothing():
    with pytest.raises(NoData):
        told(surfacing.links_lead_on, exchange("/x", label="else"))
    failed = exchange("/x", label="linked", status=0).model_copy(update={"failure": "timed out"})
    with pytest.raises(NotJudgeable, match="timed out"):
        told(surfacing.links_lead_on, failed)


@pytest.mark.parametrize(
    ("answer", "size", "words"),
    [
        ({}, "4", []),
        ({}, "", []),
        ({"media_type": "application/octet-stream"}, "4", []),
        ({"media_type": "text/html"}, "4", ["answered 'text/html'"]),
        ({}, "5", ["answered 4 bytes, and DocumentReference/d says 5"]),
        ({"body": b""}, "0", ["answered nothing"]),
        ({"status": 404}, "4", ["answered 404"]),
    ],
)
def test_an_attachment_opens(answer, size, words):
    about = {"source": "DocumentReference/d", "contentType": "Application/PDF", "size": size}
    whole = {"body": b"%PDF", "media_type": "application/pdf"} | answer
    seen = exchange("/Binary/b", label="attached", about=about, **whole)
    assert fits(told(surfacing.attachments_open, seen), words)


HISTORY = "https://fhir.nhs.uk/StructureDefinition/Extension-DM-PrescriptionStatusHistory"


def prescription(code="0001", when="2026-01-01"):
    parts = [{"url": "status", "valueCoding": {"code": code}}, {"url": "statusDate", "valueDateTime": when}]
    return {"extension": [{"url": HISTORY, "extension": parts}]}


WHERE = "https://fhir.nhs.uk/StructureDefinition/Extension-Portal-Link"
HOW = "https://fhir.nhs.uk/StructureDefinition/Extension-Consultation-Medium"
ATTACHED = {"contentType": "application/pdf", "url": "Binary/b"}
RULES = [
    ("MedicationRequest", "prescription-status", prescription(), []),
    ("MedicationRequest", "prescription-status", prescription(code=""), ["how the item stands"]),
    ("MedicationRequest", "prescription-status", prescription(when="soon"), ["since when the item stands so"]),
    ("MedicationRequest", "prescription-status", {}, ["how the item stands"]),
    ("MedicationRequest", "prescription", {"groupIdentifier": {"value": "1"}}, []),
    ("MedicationRequest", "prescription", {}, ["has no groupIdentifier"]),
    ("Appointment", "appointment-link", {"extension": [{"url": WHERE, "valueUrl": "https://x"}]}, []),
    ("Appointment", "appointment-link", {"extension": [{"url": WHERE, "valueUrl": "http://x"}]}, ["no https address"]),
    ("Appointment", "appointment-link", {"extension": [{"url": "x", "valueUrl": "https://x"}]}, ["no link to"]),
    ("Appointment", "appointment", {"specialty": [{"text": "x"}],
                                    "extension": [{"url": HOW, "valueCode": "TELEPHONE"}]}, []),
    ("Appointment", "appointment", {"specialty": [{"text": "x"}],
                                    "extension": [{"url": HOW, "valueCode": "POST"}]}, ["face to face"]),
    ("Appointment", "appointment", {"extension": [{"url": HOW, "valueCode": "TELEPHONE"}]}, ["has no specialty"]),
    ("DiagnosticReport", "result", {}, []),
    ("DiagnosticReport", "result", {"code": {"coding": [{"display": "x"}]}}, []),
    ("DiagnosticReport", "result", {"code": {"text": "x"}}, []),
    ("DiagnosticReport", "result", {"code": {"coding": [{"code": "x"}]}}, ["has no code in words"]),
    ("DiagnosticReport", "result", {"issued": None}, ["has no issued that is a date"]),
    ("DiagnosticReport", "result", {"issued": None, "status": "registered"}, []),
    ("DiagnosticReport", "result", {"issued": "2026-01-01T10:00:00"}, ["without its time zone"]),
    ("DiagnosticReport", "result", {"conclusion": "", "presentedForm": [{}]}, []),
    ("DocumentReference", "document", {}, []),
    ("DocumentReference", "document", {"description": " "}, ["has no description"]),
    ("DocumentReference", "document", {"content": [{"attachment": ATTACHED}]}, []),
    ("DocumentReference", "document", {"content": [{"attachment": {"url": "Binary/b"}}]}, ["(contentType)"]),
    ("DocumentReference", "document", {"content": [{"attachment": {"contentType": "a/b"}}]}, ["without content"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "rule", "change", "words"), RULES)
def test_each_rule_of_what_an_app_shows(kind, rule, change, words):
    resource = made(kind, "t", "Patient/p1") | {"id": "r"} | change
    assert fits(
        told(surfacing.surfaceable, exchange("/x", body=bundle(resource), label="sampled"), rule=rule), words
    )


def test_what_was_entered_in_error_is_not_looked_at():
    withdrawn = made("Appointment", "t", "Patient/p1") | {"id": "r", "status": "entered-in-error"}
    with pytest.raises(NoData, match="no Appointment"):
        told(
            surfacing.surfaceable, exchange(body=bundle(withdrawn), label="sampled"), rule="appointment-link"
        )


def test_five_records_that_cannot_be_shown_are_named_and_the_rest_is_counted():
    wrong = [made("Appointment", "t", "Patient/p1") | {"id": f"r{number}"} for number in range(6)]
    seen = exchange(body=bundle(*wrong), label="sampled")
    findings = told(surfacing.surfaceable, seen, rule="appointment-link")
    assert len(findings) == 6
    assert "gave 6 of 6 records that are wrong" in findings[-1]
