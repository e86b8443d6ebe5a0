"""What a reader is told by name: which step failed and why, and what was given and could not be taken."""

import datetime as dt
import json

import pytest
from signed_run import NOW, a_run, new_key, trusting

from conformance.model.attestation import StepOutcome
from conformance.model.base import sha256
from conformance.model.dsse import Envelope, base64_text, read_envelope
from conformance.model.replies import Acknowledgement, reply_statement
from conformance.model.report import Runner, RunnerRole
from conformance.model.trust import ProfilePin, TrustRole
from conformance.stages.sign import countersign, sign
from conformance.stages.verify import Given
from conformance.stages.verify.brought import Brought
from conformance.stages.verify.signed import When

LAB, SUPPLIER = new_key(), new_key()
TRUSTED = trusting(LAB), trusting(SUPPLIER, TrustRole.SUPPLIER, name="Maker")
DAY = dt.timedelta(days=1)
PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"


def step(found, name):
    return next(step for step in found.steps if step.name == name)


def failed(found):
    return [each.name for each in found.steps if each.outcome is StepOutcome.FAIL]


@pytest.fixture
def run(tmp_path):
    made = a_run(tmp_path / "run")
    return made, made.signed(LAB)


@pytest.mark.parametrize("days", [-2, 2])
@pytest.mark.parametrize("how", ["received", "time-stamped"])
def test_a_moment_that_cannot_be_is_a_fault_of_times(run, days, how):
    moment = NOW + days * DAY
    brought = Brought(received=moment) if how == "received" else Brought(stamped={LAB.keyid: moment})
    found = run[0].verified(run[1], *TRUSTED, brought=brought)
    assert (failed(found), found.exit_code) == (["times"], 1)
    assert how in step(found, "times").detail


def test_a_pinned_profile_is_told_as_the_one_that_was_pinned(run):
    pin = ProfilePin(profile="sample", version="1.0.0", digest=sha256(run[0].suite.profile.canonical()))
    found = step(run[0].verified(run[1], *TRUSTED, pins=(pin,)), "profile")
    assert found.outcome is StepOutcome.OK
    assert found.detail.endswith("; it is the one that you pinned")


@pytest.mark.parametrize(
    ("runner", "said"),
    [
        (Runner(role=RunnerRole.SELF), "run by self"),
        (Runner(role=RunnerRole.SELF, name="Jo"), "run by self (Jo)"),
        (Runner(role=RunnerRole.SELF, name="Jo", organisation="Lab"), "run by self (Jo, Lab)"),
    ],
)
def test_who_ran_it_is_told(tmp_path, runner, said):
    made = a_run(tmp_path, runner=runner)
    detail = step(made.verified(made.signed(LAB), *TRUSTED), "binding").detail
    assert detail == f"statement, report, suite and run record agree; {said}"


@pytest.mark.parametrize(
    ("ends", "counts"), [({}, ""), ({"valid_until": NOW.date() - 2 * DAY}, "when it was time-stamped")]
)
def test_a_stamped_key_is_judged_by_the_stamp_on_the_report_alone(ends, counts):
    key = trusting(LAB, **ends)
    when = When(NOW, stamped={key.id: NOW - DAY})
    made = NOW - 2 * DAY
    assert counts in when.objection(key, made, on_report=True)
    assert bool(when.objection(key, made, on_report=True)) is bool(counts)
    assert ("today" in when.objection(key, made)) is bool(counts)


def wrapped(content, payload_type=PAYLOAD):
    """An envelope, signed by the supplier, around any bytes."""
    bare = Envelope(payload_type=payload_type, payload=base64_text(content), signatures=())
    return countersign(bare, SUPPLIER).canonical()


def altered(run, **changed):
    """An acknowledgement of the report with other members in its statement."""
    stated = reply_statement(
        Acknowledgement(report_id="run-1", name="Jo", at="2026-11-22T11:30:00Z"),
        sha256(read_envelope(run[1]).content),
    )
    return wrapped(json.dumps(stated.plain() | changed).encode())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[]", "the payload is no in-toto Statement v1"),
        (b'"text"', "the payload is no in-toto Statement v1"),
        (b"{}", "the payload is no in-toto Statement v1"),
        (b'{"_type":1,"_type":2}', "_type"),
        (json.dumps({"_type": STATEMENT}).encode(), "subject"),
    ],
)
def test_a_reply_that_states_nothing_is_told_with_why_it_cannot_be_taken(run, content, why):
    found = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(Given("reply", wrapped(content)),)))
    assert (found.beside, found.exit_code) == ((), 0)
    (told,) = found.unread
    assert told.startswith("reply: ")
    assert why in told


def test_a_reply_of_another_type_of_statement_or_payload_is_not_taken(run):
    assert run[0].verified(run[1], *TRUSTED, brought=Brought(given=(Given("r", altered(run)),))).beside
    older = altered(run, _type="https://in-toto.io/Statement/v0.1")
    told = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(Given("r", older),)))
    assert (told.beside, told.unread) == ((), ("r: the payload is no in-toto Statement v1",))
    other = wrapped(read_envelope(altered(run)).content, "text/plain")
    told = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(Given("r", other),)))
    assert told.beside == ()
    assert "the payload type is 'text/plain'" in told.unread[0]


@pytest.mark.parametrize(
    ("place", "taken"),
    [
        ("reply.dsse.json", True),
        ("reply.json", False),
        ("bodies/reply.dsse.json", False),
    ],
)
def test_a_reply_lies_beside_the_report_under_its_own_ending(run, place, taken):
    stated = reply_statement(
        Acknowledgement(report_id="run-1", name="Jo", at="2026-11-22T11:30:00Z"),
        sha256(read_envelope(run[1]).content),
    )
    (run[0].root / place).write_bytes(sign(stated, SUPPLIER).canonical())
    found = run[0].verified(run[1], *TRUSTED)
    assert bool(found.beside) is taken
    assert failed(found) == ([] if taken else ["files"])


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"nonce": "other"}, "nonce"),
        ({"procurement_ref": "other"}, "procurement reference"),
        ({"endpoint": "https://other.example"}, "endpoint"),
        ({"supplier": "other"}, "supplier"),
        ({"product": "other"}, "product"),
        ({"version": "other"}, "version"),
    ],
)
def test_what_is_not_as_it_was_asked_for_is_named(run, asked, what):
    found = run[0].verified(run[1], *TRUSTED, **asked)
    assert (failed(found), found.exit_code) == (["binding"], 3)
    assert f"; {what} is " in step(found, "binding").detail


def test_a_report_without_an_end_is_told_as_one(run):
    assert step(run[0].verified(run[1], *TRUSTED), "times").detail.endswith(", no end of validity stated")
