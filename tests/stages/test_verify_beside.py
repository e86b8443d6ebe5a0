"""What a reader brings to a verification: rules, replies, releases, pins, and when a report was received."""

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest
from signed_run import NOW, a_run, new_key, trusting

from conformance.model.base import sha256
from conformance.model.dsse import read_envelope
from conformance.model.release import Release, release_of
from conformance.model.replies import Acknowledgement, Dispute, Supersession, reply_statement
from conformance.model.report import Runner, RunnerRole, Waiver
from conformance.model.trust import ProfilePin, TrustRole
from conformance.model.trust_rules import RELEASE_RULE, REPORT_RULE, Rule, need, unmet
from conformance.model.waivers import WaiverList, read_waivers
from conformance.stages.sign import countersign, sign
from conformance.stages.verify import Given
from conformance.stages.verify.brought import Brought

LAB, BUYER, SUPPLIER, STRANGER, BODY, OTHER_BODY = (new_key() for _ in range(6))
TRUSTED = (
    trusting(LAB),
    trusting(BUYER, TrustRole.BUYER, name="Buyer"),
    trusting(SUPPLIER, TrustRole.SUPPLIER, name="Maker"),
    trusting(BODY, TrustRole.BODY, name="Body"),
    trusting(OTHER_BODY, TrustRole.BODY, name="Other body"),
)
SAID = {"report_id": "run-1", "name": "Jo", "at": "2026-11-22T11:30:00Z"}
RELEASE = Release(profile="p", version="1.0.0", digest="d" * 64, on=NOW.date())
REPORTS = Path(__file__).resolve().parents[2] / "reports"
NEW = {"by_report": "run-2", "by_digest": "b" * 64}


def step(verification, name):
    return next(step for step in verification.steps if step.name == name)


def digest_of(envelope: bytes) -> str:
    return sha256(read_envelope(envelope).content)


def given(reply, signer, envelope, digest=""):
    made = sign(reply_statement(reply, digest or digest_of(envelope)), signer)
    return Given("reply.dsse.json", made.canonical())


def rule(*needs, **more):
    return {REPORT_RULE: Rule(needs=tuple(need(text) for text in needs), **more)}


@pytest.fixture
def run(tmp_path):
    made = a_run(tmp_path / "run")
    return made, made.signed(LAB)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "0 buyer",
        "buyer or",
        "buyer and supplier",
        "buyer acknowledgements",
        "-1 buyer",
        "100 buyer",
    ],
)
def test_what_is_no_need_is_refused(text):
    with pytest.raises(ValueError, match=r"need|role"):
        need(text)


@pytest.mark.parametrize(
    ("needs", "signed", "met"),
    [
        (["buyer"], [{"buyer"}], True),
        (["independent-lab or buyer"], [{"buyer"}], True),
        (["2 standards-body"], [{"standards-body"}], False),
        (["2 standards-body"], [{"standards-body"}, {"standards-body"}], True),
        (["buyer", "independent-lab"], [{"buyer", "independent-lab"}], False),
        (["buyer or independent-lab", "buyer"], [{"buyer"}, {"independent-lab"}], True),
        (["buyer", "buyer or independent-lab"], [{"buyer", "independent-lab"}, {"buyer"}], True),
    ],
)
def test_a_key_fills_one_place_of_a_rule(needs, signed, met):
    keys = [frozenset(TrustRole(role) for role in roles) for roles in signed]
    assert (not unmet([need(text) for text in needs], keys, ())) is met


def test_a_rule_that_is_not_met_makes_an_authentic_report_not_accepted(run):
    verification = run[0].verified(run[1], *TRUSTED, rules=rule("independent-lab", "buyer"))
    assert verification.exit_code == 3
    assert "asks for more: buyer" in step(verification, "signatures").detail
    both = run[0].signed(LAB, BUYER)
    assert run[0].verified(both, *TRUSTED, rules=rule("independent-lab", "buyer")).exit_code == 0


def test_a_rule_says_who_may_have_run_the_test(tmp_path):
    made = a_run(tmp_path, runner=Runner(role=RunnerRole.SUPPLIER))
    key = trusting(SUPPLIER, TrustRole.SUPPLIER_TEST)
    envelope = made.signed(SUPPLIER)
    assert made.verified(envelope, key).exit_code == 0
    refused = made.verified(envelope, key, rules=rule(runners=(RunnerRole.LAB,)))
    assert refused.exit_code == 3
    assert "run by supplier-self-test" in step(refused, "signatures").detail


def test_the_shorter_of_two_ages_counts(run):
    later = NOW + dt.timedelta(days=20)
    assert run[0].verified(run[1], *TRUSTED, now=later, rules=rule(max_age_days=10)).exit_code == 3
    assert run[0].verified(run[1], *TRUSTED, now=later, rules=rule(max_age_days=30)).exit_code == 0
    assert (
        run[0].verified(run[1], *TRUSTED, now=later, rules=rule(max_age_days=30), max_age_days=10).exit_code
        == 3
    )


def test_a_suppliers_acknowledgement_is_shown_and_meets_a_rule(run):
    made, envelope = run
    asked = rule("independent-lab", "supplier acknowledgement")
    assert made.verified(envelope, *TRUSTED, rules=asked).exit_code == 3
    said = given(Acknowledgement(**SAID), SUPPLIER, envelope)
    heard = made.verified(envelope, *TRUSTED, rules=asked, brought=Brought(given=(said,)))
    assert heard.exit_code == 0
    (beside,) = heard.beside
    assert (beside.kind, beside.counts) == ("acknowledgement", True)
    assert "Maker as supplier" in beside.by


@pytest.mark.parametrize("signer", [LAB, BUYER, STRANGER])
def test_nobody_but_a_supplier_acknowledges(run, signer):
    said = given(Acknowledgement(**SAID), signer, run[1])
    asked = rule("supplier acknowledgement")
    heard = run[0].verified(run[1], *TRUSTED, rules=asked, brought=Brought(given=(said,)))
    assert (heard.exit_code, heard.beside[0].counts) == (3, False)


def test_a_suppliers_bare_second_signature_acknowledges_nothing(run):
    envelope = run[0].signed(LAB, SUPPLIER)
    assert run[0].verified(envelope, *TRUSTED, rules=rule("supplier acknowledgement")).exit_code == 3


def test_an_acknowledgement_of_another_report_is_told_and_counts_for_nothing(run):
    said = given(Acknowledgement(**SAID), SUPPLIER, run[1], digest="c" * 64)
    heard = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(said,)))
    assert heard.beside == ()
    assert heard.unread == ("reply.dsse.json: it is about another report",)


def test_a_dispute_stands_beside_the_result_and_does_not_change_it(run):
    said = given(Dispute(**SAID, reason="Wrong server.", requirements=("R-1",)), SUPPLIER, run[1])
    heard = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(said,)))
    assert heard.exit_code == 0
    assert (heard.beside[0].kind, heard.beside[0].counts) == ("dispute", True)
    assert "Wrong server. (R-1)" in heard.beside[0].said


def test_a_superseded_report_is_authentic_and_not_accepted(run):
    said = given(Supersession(**SAID, **NEW, reason="Wrong clock."), LAB, run[1])
    heard = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(said,)), require="authentic")
    assert (heard.exit_code, heard.verdict.exit_code) == (3, 3)
    assert "superseded by run-2: Wrong clock." in heard.verdict.detail


@pytest.mark.parametrize("signer", [SUPPLIER, BUYER, STRANGER])
def test_nobody_replaces_what_others_signed(run, signer):
    said = given(Supersession(**SAID, **NEW, reason="I do not like it."), signer, run[1])
    heard = run[0].verified(run[1], *TRUSTED, brought=Brought(given=(said,)))
    assert (heard.exit_code, heard.beside[0].counts) == (0, False)


def test_replies_may_lie_in_the_folder_and_other_statements_may_not(run):
    made, envelope = run
    place = made.root / "acknowledgement.dsse.json"
    place.write_bytes(given(Acknowledgement(**SAID), SUPPLIER, envelope).data)
    heard = made.verified(envelope, *TRUSTED)
    assert (heard.exit_code, heard.beside[0].counts) == (0, True)
    assert "acknowledgement.dsse.json" in step(heard, "files").detail
    place.write_bytes(given(Acknowledgement(**SAID), SUPPLIER, envelope, digest="c" * 64).data)
    assert "smuggled" in step(made.verified(envelope, *TRUSTED), "files").detail
    place.write_bytes(envelope)
    assert made.verified(envelope, *TRUSTED).exit_code == 1


def test_a_key_that_expired_after_receipt_does_not_undo_the_report(run):
    made, envelope = run
    old = trusting(LAB, valid_until=dt.date(2026, 12, 31))
    later = NOW + dt.timedelta(days=800)
    assert made.verified(envelope, old, now=later).exit_code == 1
    received = Brought(received=NOW + dt.timedelta(days=2))
    kept = made.verified(envelope, old, now=later, brought=received)
    assert kept.exit_code == 0
    assert "valid until 2026-12-31 only" in step(kept, "signatures").detail
    assert "received at 2026-11-24" in step(kept, "times").detail


@pytest.mark.parametrize(
    ("revoked", "code"), [(dt.date(2027, 3, 1), 0), (dt.date(2026, 11, 24), 1), (dt.date(2026, 11, 1), 1)]
)
def test_a_revoked_key_counts_for_what_was_received_before(run, revoked, code):
    key = trusting(LAB, revoked=revoked, reason="laptop stolen")
    received = Brought(received=NOW + dt.timedelta(days=2))
    verification = run[0].verified(run[1], key, now=NOW + dt.timedelta(days=800), brought=received)
    assert verification.exit_code == code
    assert "laptop stolen" in step(verification, "signatures").detail


@pytest.mark.parametrize("days", [-2, 900])
def test_a_report_is_not_received_before_it_was_made_or_in_the_future(run, days):
    received = Brought(received=NOW + dt.timedelta(days=days))
    key = trusting(LAB)
    assert run[0].verified(run[1], key, now=NOW + dt.timedelta(days=800), brought=received).exit_code == 1


def released(profile, *signers, **more):
    stated = release_of(profile, NOW.date(), publisher="Body", **more).statement()
    envelope = sign(stated, signers[0])
    for signer in signers[1:]:
        envelope = countersign(envelope, signer)
    return Given("release.dsse.json", envelope.canonical())


def with_releases(run, *releases, **more):
    return run[0].verified(run[1], *TRUSTED, brought=Brought(given=releases), **more)


def test_a_profile_that_a_body_released_is_the_published_one(run):
    verification = with_releases(run, released(run[0].suite.profile, BODY))
    assert verification.exit_code == 0
    assert "released by Body" in step(verification, "profile").detail


@pytest.mark.parametrize("signer", [LAB, SUPPLIER, STRANGER])
def test_nobody_but_a_body_releases_a_profile(run, signer):
    assert (
        "released by"
        not in step(with_releases(run, released(run[0].suite.profile, signer)), "profile").detail
    )


def test_an_altered_profile_of_a_released_name_is_refused(run):
    other = run[0].suite.profile.model_copy(update={"title": "Stricter"})
    verification = with_releases(run, released(other, BODY))
    assert verification.exit_code == 3
    assert "it is not the sample@1.0.0 that Body released" in step(verification, "profile").detail


def test_several_bodies_can_be_asked_for(run):
    asked = {RELEASE_RULE: Rule(needs=(need("2 standards-body"),))}
    profile = run[0].suite.profile
    assert with_releases(run, rules=asked).exit_code == 3
    one = with_releases(run, released(profile, BODY), rules=asked)
    assert one.exit_code == 3
    assert "Body released it" in step(one, "profile").detail
    assert with_releases(run, released(profile, BODY, BODY), rules=asked).exit_code == 3
    assert with_releases(run, released(profile, BODY, OTHER_BODY), rules=asked).exit_code == 0


def test_a_withdrawn_profile_is_refused_with_who_and_why(run):
    profile = run[0].suite.profile
    both = (released(profile, BODY), released(profile, OTHER_BODY, withdrawn="R-1 was wrong"))
    verification = with_releases(run, *both)
    assert verification.exit_code == 3
    assert (
        "Other body withdrew sample@1.0.0 on 2026-11-22: R-1 was wrong"
        in step(verification, "profile").detail
    )
    assert with_releases(run, released(profile, STRANGER, withdrawn="spite")).exit_code == 0


def test_a_withdrawal_stands_though_its_key_has_ended_since(run):
    gone = released(run[0].suite.profile, BODY, withdrawn="R-1 was wrong")
    ended = trusting(BODY, TrustRole.BODY, name="Body", valid_until=dt.date(2026, 11, 30))
    later = NOW + dt.timedelta(days=100)
    brought = Brought(given=(gone,))
    assert run[0].verified(run[1], trusting(LAB), ended, now=later, brought=brought).exit_code == 3
    revoked = trusting(BODY, TrustRole.BODY, name="Body", revoked=dt.date(2026, 11, 1))
    assert run[0].verified(run[1], trusting(LAB), revoked, now=later, brought=brought).exit_code == 0


def test_what_the_reader_pinned_goes_before_what_a_body_released(run):
    pin = ProfilePin(profile="sample", version="1.0.0", digest="d" * 64)
    assert with_releases(run, released(run[0].suite.profile, BODY), pins=(pin,)).exit_code == 3


def test_a_profile_with_a_successor_is_told(run):
    profile = run[0].suite.profile
    newer = profile.model_copy(update={"version": "1.1.0"})
    both = (released(profile, BODY), released(newer, BODY, supersedes="1.0.0"))
    verification = with_releases(run, *both)
    assert verification.exit_code == 0
    assert "sample@1.1.0 has taken its place" in step(verification, "profile").detail


@pytest.mark.parametrize(
    ("version", "digest", "code"), [("1.0.0", "", 0), ("1.0.0", "d" * 64, 3), ("2.0.0", "d" * 64, 0)]
)
def test_a_pinned_profile_is_the_only_one_of_its_name_and_version(run, version, digest, code):
    own = sha256(run[0].suite.profile.canonical())
    pin = ProfilePin(profile="sample", version=version, digest=digest or own)
    assert run[0].verified(run[1], *TRUSTED, pins=(pin,)).exit_code == code


@pytest.mark.parametrize(
    ("stated", "file"),
    [
        (Acknowledgement(**SAID).in_full(), "report-acknowledgement"),
        (Dispute(**SAID, reason="x").in_full(), "report-dispute"),
        (Supersession(**SAID, **NEW, reason="x").in_full(), "report-supersession"),
        (RELEASE.statement().predicate, "profile-release"),
    ],
)
def test_what_is_stated_has_the_published_form(stated, file):
    schema = json.loads((REPORTS / f"{file}-v1.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    checker.validate(stated)
    for member in stated:
        assert not checker.is_valid({name: value for name, value in stated.items() if name != member})
    assert not checker.is_valid(stated | {"formatVersion": "2"})


WAIVER = Waiver(requirement="R-1", reason="agreed", who="Jo", until=dt.date(2026, 12, 1))


@pytest.mark.parametrize(
    ("signer", "counts"), [(BUYER, True), (BODY, True), (SUPPLIER, False), (STRANGER, False), (None, False)]
)
def test_who_granted_a_waiver_is_told_with_whether_they_can(tmp_path, signer, counts):
    made = a_run(tmp_path / "run")
    (line,) = made.report.requirements
    waived = made.report.model_copy(update={"requirements": (line.model_copy(update={"waiver": WAIVER}),)})
    made.report = waived
    made.write()
    listed = WaiverList(waivers=(WAIVER,))
    if signer:
        data = sign(listed.statement(), signer).canonical()
        (made.root / "waivers.dsse.json").write_bytes(data)
        assert read_waivers("waivers.dsse.json", data) == listed
    (beside,) = made.verified(made.signed(LAB), *TRUSTED).beside
    assert (beside.kind, beside.counts) == ("waiver", counts)
    unsigned = "on the word of who ran the test: the list is not signed by who granted them"
    assert (beside.by == unsigned) is (signer in {None, STRANGER})
    later = made.verified(made.signed(LAB), *TRUSTED, now=NOW + dt.timedelta(days=30)).beside[0]
    assert later.said.endswith("and has run out")
