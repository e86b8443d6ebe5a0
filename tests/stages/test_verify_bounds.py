"""Where a verification turns: at the second, at the day, at the member that differs."""

import datetime as dt

import pytest
from signed_run import EXCHANGE, NOW, a_run, new_key, trusting

from conformance import __version__
from conformance.errors import HarnessError
from conformance.model.attestation import Recomputation, StepOutcome
from conformance.model.base import sha256
from conformance.model.report import Result, Runner, RunnerRole, Tool
from conformance.model.target import TargetCard
from conformance.model.trust import TrustRole
from conformance.model.trust_rules import Rule
from conformance.stages.verify.brought import Brought
from conformance.stages.verify.steps import STEPS, Refused, Steps, few

LAB, SUPPLIER = new_key(), new_key()
TRUSTED = trusting(LAB)
SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
ENDED = dt.datetime(2026, 11, 22, 11, tzinfo=dt.UTC)


def step(found, name):
    return next(step for step in (*found.steps, found.verdict) if step.name == name)


def failed(found):
    return [s.name for s in (*found.steps, found.verdict) if s.outcome is StepOutcome.FAIL]


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    run = a_run(tmp_path_factory.mktemp("run"))
    return run, run.signed(LAB)


@pytest.mark.parametrize(
    ("asked", "ruled", "after", "fails"),
    [
        (2, None, 2 * DAY, False),
        (2, None, 2 * DAY + SECOND, True),
        (None, 2, 2 * DAY, False),
        (None, 2, 2 * DAY + SECOND, True),
        (5, 2, 3 * DAY, True),
        (2, 5, 3 * DAY, True),
        (None, None, 900 * DAY, False),
        (0, None, SECOND, True),
    ],
)
def test_a_run_is_too_old_by_the_stricter_of_what_is_asked_and_ruled(honest, asked, ruled, after, fails):
    run, data = honest
    rules = {} if ruled is None else {"report": Rule(max_age_days=ruled)}
    found = run.verified(data, TRUSTED, now=ENDED + after, rules=rules, max_age_days=asked)
    assert failed(found) == (["times"] if fails else [])
    assert found.exit_code == (3 if fails else 0)


@pytest.mark.parametrize(("ahead", "code"), [(5 * MINUTE, 0), (5 * MINUTE + SECOND, 1)])
def test_a_clock_may_be_five_minutes_off_and_no_more(honest, ahead, code):
    run, data = honest
    assert run.verified(data, TRUSTED, now=ENDED - ahead).exit_code == code


@pytest.mark.parametrize(("at", "code"), [(NOW, 0), (NOW + SECOND, 3)])
def test_a_report_is_valid_until_the_second_that_it_states(tmp_path, at, code):
    run = a_run(tmp_path)
    data = run.signed(LAB, valid_until=NOW.isoformat().replace("+00:00", "Z"))
    assert run.verified(data, TRUSTED, now=at).exit_code == code


def test_a_run_may_end_in_the_second_that_it_began(tmp_path):
    run = a_run(tmp_path, finished_at="2026-11-22T10:00:00Z")
    assert run.verified(run.signed(LAB), TRUSTED).exit_code == 0


@pytest.mark.parametrize(("as_of", "outcome"), [(-2, "warn"), (-1, "ok"), (0, "ok"), (1, "ok"), (2, "warn")])
def test_a_run_judged_as_of_another_day_is_told(tmp_path, as_of, outcome):
    run = a_run(tmp_path)
    day = NOW.date() + as_of * DAY
    run.suite = run.suite.model_copy(update={"as_of": day})
    suite_digest = sha256(run.suite.canonical())
    run.report = run.report.model_copy(update={"as_of": day, "suite_digest": suite_digest})
    found = run.write().verified(run.signed(LAB), TRUSTED)
    assert found.exit_code == 0
    assert step(found, "times").outcome is StepOutcome(outcome)


@pytest.mark.parametrize(
    ("received", "code"),
    [
        (ENDED - 5 * MINUTE, 0),
        (ENDED - 5 * MINUTE - SECOND, 1),
        (NOW + 5 * MINUTE, 0),
        (NOW + 5 * MINUTE + SECOND, 1),
    ],
)
def test_a_report_is_received_between_its_end_and_now(honest, received, code):
    run, data = honest
    for brought in (Brought(received=received), Brought(stamped={LAB.keyid: received})):
        assert run.verified(data, TRUSTED, brought=brought).exit_code == code


def test_what_is_asked_for_and_so_is_refuses_nothing(tmp_path):
    card = TargetCard(
        endpoint="https://fhir.example.org/r4", supplier="Maker", product="Example EPR", version="4"
    )
    run = a_run(tmp_path, target=card)
    asked = {"endpoint": card.endpoint + "/", "supplier": "Maker", "product": "Example EPR", "version": "4"}
    assert run.verified(run.signed(LAB), TRUSTED, **asked).exit_code == 0


@pytest.mark.parametrize(
    ("version", "theirs", "ours", "code"),
    [
        (__version__, "a" * 64, "a" * 64, 1),
        (__version__, "a" * 64, "b" * 64, 3),
        (__version__, "", "b" * 64, 1),
        (__version__, "a" * 64, "", 1),
        ("0.0.1", "a" * 64, "a" * 64, 3),
    ],
)
def test_only_the_very_harness_that_made_a_report_can_call_it_forged(tmp_path, version, theirs, ours, code):
    run = a_run(tmp_path / "run")
    data = run.signed(LAB, tool=Tool(name="conformance", version=version, digest=theirs))
    failing = a_run(tmp_path / "again", result=Result.FAILED).report

    def otherwise(_suite):
        return Recomputation(failing, judged=1, evidence=run.recomputed().evidence)

    brought = Brought(tool=Tool(name="conformance", version=__version__, digest=ours))
    found = run.verified(data, TRUSTED, recompute=otherwise, brought=brought)
    assert (failed(found), found.exit_code) == (["recomputation"], code)
    said = step(found, "recomputation").detail
    assert f"result {Result.PASSED}, recomputed {Result.FAILED}" in said
    assert "R-1 (pass, recomputed fail)" in said


def test_a_requirement_that_judging_again_does_not_know_is_told(tmp_path):
    run = a_run(tmp_path)
    bare = run.report.model_copy(update={"requirements": ()})
    again = Recomputation(bare, judged=0, evidence=run.recomputed().evidence)
    found = run.verified(run.signed(LAB), TRUSTED, recompute=lambda _suite: again)
    assert "R-1 (pass, recomputed absent)" in step(found, "recomputation").detail
    assert found.exit_code == 1


def test_evidence_that_cannot_be_judged_is_not_looked_at(honest):
    run, data = honest

    def broken(_suite):
        raise HarnessError("no such check")

    found = run.verified(data, TRUSTED, recompute=broken)
    assert step(found, "evidence").outcome is StepOutcome.SKIPPED
    assert step(found, "evidence").detail.startswith("not looked at")


@pytest.mark.parametrize(
    ("counts", "warns"),
    [({}, False), ({"on_word": 1}, True), ({"by_plugins": 1}, True), ({"by_packages": 1}, True)],
)
def test_verdicts_that_were_not_judged_again_are_told(honest, counts, warns):
    run, data = honest
    again = Recomputation(
        run.report,
        judged=4,
        evidence={EXCHANGE.id: EXCHANGE.sha256},
        missing=("some.package#1",) if "by_packages" in counts else (),
        **counts,
    )
    found = run.verified(data, TRUSTED, recompute=lambda _suite: again)
    assert found.exit_code == 0
    assert step(found, "recomputation").outcome is (StepOutcome.WARN if warns else StepOutcome.OK)
    assert {name: getattr(found, name) for name in counts} == counts
    assert found.judged == 4
    assert ("some.package#1" in step(found, "recomputation").detail) == ("by_packages" in counts)


def test_a_suite_of_another_run_is_refused(tmp_path):
    run = a_run(tmp_path)
    run.suite = run.suite.model_copy(update={"run_id": "run-2"})
    digest = sha256(run.suite.canonical())
    run.report = run.report.model_copy(update={"suite_digest": digest})
    found = run.write().verified(run.signed(LAB), TRUSTED)
    assert (failed(found), found.exit_code) == (["binding"], 1)
    assert "of different runs: run-1, run-2" in step(found, "binding").detail


def test_a_report_on_another_target_than_its_suite_is_refused(tmp_path):
    run = a_run(tmp_path)
    other = TargetCard(endpoint="https://other.example.org/r4", product="Example EPR")
    run.report = run.report.model_copy(update={"target": other})
    found = run.write().verified(run.signed(LAB), TRUSTED)
    assert (failed(found), found.exit_code) == (["binding"], 1)
    assert "about different targets" in step(found, "binding").detail


def test_whoever_tests_himself_needs_no_role_for_it(tmp_path):
    run = a_run(tmp_path, runner=Runner(role=RunnerRole.SELF))
    found = run.verified(run.signed(LAB), trusting(LAB, TrustRole.SELF))
    assert found.exit_code == 0


def test_a_role_of_any_signer_is_one_that_may_be_claimed(tmp_path):
    run = a_run(tmp_path)
    keys = (TRUSTED, trusting(SUPPLIER, TrustRole.SUPPLIER, name="Supplier"))
    assert run.verified(run.signed(SUPPLIER, LAB), *keys).exit_code == 0


OK, WARN, FAIL, SKIPPED = StepOutcome.OK, StepOutcome.WARN, StepOutcome.FAIL, StepOutcome.SKIPPED


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [(OK, WARN, WARN), (WARN, FAIL, FAIL), (FAIL, OK, FAIL), (SKIPPED, OK, OK), (WARN, OK, WARN)],
)
def test_a_step_that_looked_at_two_things_is_as_good_as_the_worse(first, second, both):
    done = Steps()
    done.add("files", first, "one", 3 if first is FAIL else 0)
    done.add("files", second, "other", 3 if second is FAIL else 0)
    entered = done.in_order()[STEPS.index("files")]
    assert (entered.outcome, entered.detail) == (both, "one; other")
    assert entered.exit_code == done.exit_code == (3 if FAIL in {first, second} else 0)


@pytest.mark.parametrize(
    ("codes", "heaviest", "authentic"),
    [((3, 1), 1, False), ((1, 2), 2, False), ((3, 2), 2, False), ((3, 3), 3, True), ((), 0, True)],
)
def test_the_heaviest_of_several_failures_is_the_exit_code(codes, heaviest, authentic):
    done = Steps()
    for name, code in zip(STEPS, codes, strict=False):
        done.fail(name, "wrong", code)
    assert (done.exit_code, done.authentic) == (heaviest, authentic)


def test_steps_that_were_not_reached_name_the_one_that_failed():
    done = Steps()
    done.ok("envelope", "there")
    with pytest.raises(Refused):
        done.refuse("signatures", "nobody signed")
    rest = done.in_order()[2:]
    assert {(s.outcome, s.detail) for s in rest} == {
        (SKIPPED, "not reached, since the step `signatures` failed")
    }
    assert done.verdict.outcome is SKIPPED
    assert done.exit_code == 1


def test_the_first_five_are_told_and_the_rest_counted():
    assert few("abcde") == "a, b, c, d, e"
    assert few("abcdefg", "; ") == "a; b; c; d; e; and 2 more"
    assert few(()) == ""


def test_signers_whose_keys_still_count_are_warned_of_in_no_way(honest):
    run, data = honest
    found = run.verified(data, TRUSTED)
    assert step(found, "signatures").outcome is StepOutcome.OK
    assert "1 verdicts recomputed" in step(found, "recomputation").detail


def test_a_key_that_had_ended_before_receipt_is_told_as_of_then(tmp_path):
    run = a_run(tmp_path)
    ended = trusting(LAB, valid_until=dt.date(2026, 11, 23))
    received = NOW + 5 * DAY
    found = run.verified(run.signed(LAB), ended, now=received + DAY, brought=Brought(received=received))
    assert "signatures" in failed(found)
    assert "when it was received" in step(found, "signatures").detail


def test_reports_that_differ_in_nothing_that_was_judged_differ_in_the_rest(tmp_path):
    run = a_run(tmp_path)
    elsewhere = run.report.model_copy(update={"run_id": "run-2"})
    again = Recomputation(elsewhere, judged=1, evidence=run.recomputed().evidence)
    found = run.verified(run.signed(LAB), TRUSTED, recompute=lambda _suite: again)
    assert (failed(found), found.exit_code) == (["recomputation"], 1)
    assert (
        "the reports differ in what they say of run, suite or target" in step(found, "recomputation").detail
    )
