"""Bodies that are wrong in one point; what a server makes of them is looked for and removed."""

from typing import get_args
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from conformance.probes.bad_bodies import DEPTH, BodyName, body
from conformance.probes.bad_body import write_body, write_to_illegal_id, wrong_method
from conformance.probes.patients import test_patient as patient_of

WRONG = [name for name in get_args(BodyName) if name != "right"]
NO_JSON = {"no-json", "truncated", "empty", "not-utf-8", "null-byte", "plain-text", "form"}


def patient():
    return patient_of("run-step", "HTEST-Wrong", "1970-01-31")


def test_the_right_body_is_right():
    assert orjson.loads(body("right", patient()).content) == patient()


@pytest.mark.parametrize("name", WRONG)
def test_each_other_body_is_wrong_in_its_point_and_keeps_who_it_is(name):
    right, made = body("right", patient()), body(name, patient())
    assert (made.content, made.media_type) != (right.content, right.media_type)
    assert made.kind
    assert made.media_type == "application/fhir+json" or name in {"plain-text", "form"}
    if name not in {"no-json", "empty", "text", "number"}:
        assert b"run-step" in made.content


@pytest.mark.parametrize("name", sorted(NO_JSON - {"plain-text", "form"}))
def test_what_is_no_json_cannot_be_read(name):
    with pytest.raises(ValueError, match=r".*"):
        orjson.loads(body(name, patient()).content)


def test_deep_bodies_are_deep():
    assert body("deep", patient()).content.count(b'"extension":[') == DEPTH + 1


@pytest.mark.parametrize("name", ["right", *WRONG])
def test_nothing_stays_of_it(reference, name):
    write_body(reference.wire, name=name)
    seen = reference.evidence()
    label = "control" if name == "right" else "bad"
    assert seen.labelled(label)[0].status == (201 if name == "right" else seen.labelled(label)[0].status)
    assert seen.labelled(label)[0].ok is (name == "right")
    assert seen.labelled(f"after-{label}")[0].resource("Bundle")["total"] == int(name == "right")
    assert {event for event, _ in reference.journal} == ({"created", "deleted"} if name == "right" else set())


def test_what_a_lenient_server_made_of_it_is_removed_wherever_it_is(serve):
    held = {"/Basic/b7", "/Patient/p9", "/Patient/p8"}

    def answer(method, path):
        if method == "POST":
            return 201, {"resourceType": "Basic", "id": "b7"}
        if method == "DELETE":
            held.discard(path)
            return 204, {}
        system, value = parse_qs(urlsplit(path).query)["identifier"][0].split("|")
        found = {"resourceType": "Patient", "id": "p9", "identifier": [{"system": system, "value": value}]}
        other = {"resourceType": "Patient", "id": "p8"}  # a server may show what was not searched for
        entry = [{"resource": other}, {"resource": found}]
        return 200, {"resourceType": "Bundle", "type": "searchset", "entry": entry}

    opened = serve(answer)
    write_body(opened.wire, name="other-type")
    assert held & {"/Patient/p8", "/Patient/p9"} == {"/Patient/p8"}
    assert ("created", "Patient/p9") in opened.journal


def test_what_has_no_other_trace_is_removed_by_its_own_id(serve):
    gone = []

    def answer(method, path):
        if method == "DELETE":
            gone.append(path)
        made = {"resourceType": "Basic", "id": "b7"} if method == "POST" else {"resourceType": "Bundle"}
        return 200, made

    opened = serve(answer)
    write_body(opened.wire, name="other-type")
    assert gone == ["/Basic/b7"]
    assert opened.journal == [("created", "Basic/b7"), ("deleted", "Basic/b7")]


@pytest.mark.parametrize("kind", ["too-long", "illegal-character"])
def test_illegal_ids(reference, kind):
    write_to_illegal_id(reference.wire, kind=kind)
    assert reference.evidence().labelled("bad")[0].status == 400
    assert reference.journal == []


def test_wrong_method(reference):
    wrong_method(reference.wire)
    (sent,) = reference.evidence().exchanges
    assert (sent.method, sent.status, sent.request_body) == ("PUT", 405, None)
