"""What another server keeps of an export: what it gives back, refuses, loses, or is silent about."""

import pytest
from evidence_builder import exchange
from export_evidence import OUTCOME, PATIENTS, done, export, file, manifest, saw

from conformance.catalog import built_in
from conformance.errors import NoData, NotJudgeable
from conformance.model.evidence import Remark

HELD = PATIENTS[:2]
FHIR = {"Content-Type": "application/fhir+json"}


def put(resource, status=201, to="a", body=b"", **others):
    reference = f"{resource['resourceType']}/{resource['id']}"
    about = {"destination": to, "reference": reference}
    return exchange("PUT", f"/{reference}", status, FHIR, body, "destination-put", about, **others)


def back(*resources, status=200, source="a"):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}
    return exchange("GET", "/Patient", status, FHIR, bundle, "destination-read", {"destination": source})


def loaded(*answers, held=HELD, destinations=("a",), lines=None, **notes):
    listing = manifest(output=[{"type": "Patient", "url": "https://ehr.example.org/fhir/files/1"}])
    step = export(file(0, held if lines is None else lines), end=done(listing), more=answers)
    noted = step.notes | {"destinations": list(destinations)} | notes
    return saw(step.model_copy(update={"notes": noted}))


def told(seen, ignore="meta.lastUpdated", **arguments):
    found = built_in().find("check", "destination-keeps")(seen, ignore=ignore, **arguments)
    return [each for each in found if not isinstance(each, Remark)]


TAKEN = [put(each) for each in HELD]
DULL = [{**each, "gender": "unknown"} for each in HELD]
SAYS = {"resourceType": "OperationOutcome", "issue": [{"code": "invalid", "diagnostics": "no such gender"}]}


def test_what_is_taken_and_given_back_is_kept():
    assert told(loaded(*TAKEN, back(*HELD))) == []
    assert told(loaded(*TAKEN, back(*({**each, "active": True} for each in HELD)))) == []


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([*TAKEN, back(*DULL)], ["of the destination a"]),
        (
            [TAKEN[0], put(HELD[1], 422, body=SAYS), back(HELD[0])],
            ["answered 422 to Patient/p2: no such gender"],
        ),
        ([TAKEN[0], put(HELD[1], 400), back(HELD[0])], ["answered 400 to Patient/p2: without saying why"]),
        (
            [put(each, 422, body=OUTCOME) for each in HELD],
            ["to Patient/p1: invalid", "to Patient/p2: invalid"],
        ),
    ],
)
def test_what_is_lost_or_refused_is_told(answers, words):
    assert all(word in finding for word, finding in zip(words, told(loaded(*answers)), strict=True))


def test_elements_that_may_differ_are_left_alone():
    assert told(loaded(*TAKEN, back(*DULL)), ignore="gender") == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([*TAKEN, back(HELD[0])], "did not take or give back 1 resources: Patient/p2"),
        ([TAKEN[0], put(HELD[1], 503), back(HELD[0])], "did not take or give back 1 resources: Patient/p2"),
        ([TAKEN[0], put(HELD[1], 422, failure="reset"), back(HELD[0])], "1 resources: Patient/p2"),
        ([TAKEN[0], put(HELD[1], 422, to="b"), back(HELD[0])], "1 resources: Patient/p2"),
        ([*TAKEN, back(*HELD, status=500)], "took nothing of the export"),
        ([*TAKEN, back(*HELD, source="b")], "took nothing of the export"),
        ([], "took nothing of the export"),
    ],
)
def test_what_nobody_can_tell_is_not_judged(answers, why):
    with pytest.raises(NotJudgeable, match=why):
        told(loaded(*answers))


def test_empty_lines_are_nothing_and_unreadable_ones_are_not_judged():
    whole = b'{"resourceType":"Patient","id":"p1"}\n'
    one = {"resourceType": "Patient", "id": "p1"}
    assert told(loaded(put(one), back(one), lines=whole + b"\n")) == []
    with pytest.raises(NotJudgeable, match="1 lines of the export hold no JSON object"):
        told(loaded(put(one), back(one), lines=whole + b"no json\n"))


def test_as_many_servers_as_are_asked_for():
    both = [*TAKEN, back(*HELD), *(put(each, to="b") for each in HELD), back(*DULL, source="b")]
    assert told(loaded(*both, destinations=("a", "b"))) == []
    assert "of the destination b" in told(loaded(*both, destinations=("a", "b")), servers=2)[0]
    with pytest.raises(NoData, match="names 1 destination, and 2 are asked for"):
        told(loaded(*both), servers=2)
    with pytest.raises(NoData, match="names no destination"):
        told(loaded(*both, destinations=()))


def test_a_destination_that_held_something_before_is_not_judged():
    with pytest.raises(NotJudgeable, match="it held patients"):
        told(loaded(*TAKEN, back(*HELD), **{"destinations-held": {"a": "it held patients before"}}))


def test_twenty_refusals_are_named_and_the_rest_is_counted():
    many = [{"resourceType": "Patient", "id": f"m{number}"} for number in range(23)]
    findings = told(loaded(*(put(each, 422) for each in many), held=many))
    assert len(findings) == 21
    assert "3 more resources were refused" in findings[-1]
