"""What files bear out, times and verdict, each in full: what it comes to, its exit code and words, and no more."""

import datetime as dt

import pytest
from signed_run import EXCHANGE, NOW, a_run, new_key, trusting
from told_steps import FAIL, OK, SKIPPED, WARN, honest, profile_said, says_nothing, told, wrapped

from conformance.errors import HarnessError
from conformance.model.attestation import Recomputation
from conformance.model.base import canonical, sha256
from conformance.model.report import Result, Runner, RunnerRole, Tool
from conformance.model.trust import TrustRole
from conformance.stages.sign import sign, statement
from conformance.stages.verify.brought import Brought

LAB = new_key()
KEY = trusting(LAB)
DAY = dt.timedelta(days=1)


@pytest.fixture
def run(tmp_path):
    return a_run(tmp_path / "run")


def mine(run):
    return sha256(run.suite.profile.canonical())


@pytest.mark.parametrize(
    ("known", "outcome", "code", "said"),
    [
        (lambda run: ("1.0.0", mine(run)), OK, 0, "it is the sample that comes with this harness"),
        (
            lambda _: ("1.0.0", "0" * 64),
            FAIL,
            3,
            f"it is not the sample@1.0.0 that comes with this harness, sha256 {'0' * 64}",
        ),
        (
            lambda _: ("2.0.0", "0" * 64),
            WARN,
            0,
            "sample 2.0.0 comes with this harness: what 1.0.0 asks was not compared",
        ),
    ],
)
def test_a_profile_beside_the_one_that_comes_with_the_harness_is_told_in_full(
    run, known, outcome, code, said
):
    data = run.signed(LAB)
    found = run.verified(data, KEY, brought=Brought(published={"sample": known(run)}.get))
    assert told(found) == honest(run, data, KEY) | {"profile": (outcome, code, profile_said(run, said))}
    assert found.exit_code == code


def pinning(run, *who):
    """Signed with another profile's digest in these."""
    other = "0" * 64
    if "the suite" in who:
        run.suite = run.suite.model_copy(update={"profile_digest": other})
        run.report = run.report.model_copy(update={"suite_digest": sha256(run.suite.canonical())})
    if "the report" in who:
        profile = run.report.profile.model_copy(update={"digest": other})
        run.report = run.report.model_copy(update={"profile": profile})
    run.write()
    value = run.statement().plain()
    digest = other if "the statement" in who else mine(run)
    value["predicate"]["profile"]["digest"] = digest
    return wrapped(canonical(value), LAB)


@pytest.mark.parametrize(
    "who",
    [("the suite",), ("the report",), ("the statement",), ("the suite", "the report", "the statement")],
)
def test_each_place_that_pins_another_profile_is_named(run, who):
    found = run.verified(pinning(run, *who), KEY)
    said = f"{', '.join(who)} pins another profile than suite.json holds, {mine(run)}"
    assert told(found)["profile"] == (FAIL, 1, said)
    assert told(found)["verdict"] == (SKIPPED, 0, "not reached, since the step `profile` failed")
    assert found.exit_code == 1
    assert says_nothing(found)


def again(run, **members):
    """What judging again gives, with some of it otherwise."""
    given = {"report": run.report, "judged": 1, "evidence": {EXCHANGE.id: EXCHANGE.sha256}} | members
    return lambda _suite: Recomputation(**given)


@pytest.mark.parametrize("evidence", [{}, {"x1": "b" * 64}, {"x2": "a" * 64}])
def test_evidence_that_does_not_hold_what_verdicts_name_is_told_in_full(run, evidence):
    data = run.signed(LAB)
    found = run.verified(data, KEY, recompute=again(run, evidence=evidence))
    said = "verdicts name exchanges that the evidence does not hold so: x1"
    verdict = (SKIPPED, 0, "not reached, since the step `evidence` failed")
    assert told(found) == honest(run, data, KEY) | {"evidence": (FAIL, 1, said), "verdict": verdict}
    assert says_nothing(found)


COUNTED = "4 verdicts recomputed from the evidence"


@pytest.mark.parametrize(
    ("counts", "outcome", "said"),
    [
        ({}, OK, f"{COUNTED}, none resting on the tester's word"),
        ({"on_word": 2}, WARN, f"{COUNTED}, 2 rest on the tester's word, 0 on plugins not run again"),
        ({"by_plugins": 3}, WARN, f"{COUNTED}, 0 rest on the tester's word, 3 on plugins not run again"),
        (
            {"by_packages": 5, "missing": ("a#1", "b#2")},
            WARN,
            (
                f"{COUNTED}, 0 rest on the tester's word, 0 on plugins not run again, "
                "5 on FHIR packages that are not here as pinned: a#1, b#2"
            ),
        ),
    ],
)
def test_what_was_judged_again_is_told_in_full(run, counts, outcome, said):
    data = run.signed(LAB)
    found = run.verified(data, KEY, recompute=again(run, judged=4, **counts))
    assert told(found) == honest(run, data, KEY) | {"recomputation": (outcome, 0, said)}
    numbers = {name: count for name, count in counts.items() if name != "missing"}
    whole = {"judged": 4, "on_word": 0, "by_plugins": 0, "by_packages": 0} | numbers
    assert {name: getattr(found, name) for name in whole} == whole


def broken(_suite):
    raise HarnessError("no such check")


OURS, THEIRS = (
    Tool(name="conformance", version="2.0.0", digest="c" * 64),
    Tool(name="conformance", version="1.0.0", digest="d" * 64),
)
FOREIGN = " by this version (2.0.0, source cccccccccccc; the report is by 1.0.0, source dddddddddddd)"
BARE = " by this version (2.0.0; the report is by 1.0.0)"


@pytest.mark.parametrize(
    ("theirs", "ours", "code", "by"),
    [
        (OURS, OURS, 1, ""),
        (THEIRS, OURS, 3, FOREIGN),
        (
            THEIRS.model_copy(update={"digest": ""}),
            OURS.model_copy(update={"digest": ""}),
            3,
            BARE,
        ),
    ],
)
def test_a_report_that_is_not_borne_out_is_told_with_whose_harness_says_so(
    tmp_path, run, theirs, ours, code, by
):
    data = run.signed(LAB, tool=theirs)
    brought = Brought(tool=ours)
    wanted = honest(run, data, KEY)
    if code == 1:
        wanted["verdict"] = (SKIPPED, 0, "not reached, since the step `recomputation` failed")
    found = run.verified(data, KEY, brought=brought, recompute=broken)
    unseen = (SKIPPED, 0, "not looked at, since the verdicts cannot be recomputed")
    said = f"the verdicts cannot be recomputed{by}: no such check"
    assert told(found) == wanted | {"evidence": unseen, "recomputation": (FAIL, code, said)}
    assert says_nothing(found) is (code == 1)
    failing = a_run(tmp_path / "again", result=Result.FAILED).report
    found = run.verified(data, KEY, brought=brought, recompute=again(run, report=failing))
    begins = f"authentic, judged differently now{by}" if by else "the evidence does not bear the report out"
    said = f"{begins}: result PASSED, recomputed FAILED, R-1 (pass, recomputed fail)"
    assert told(found) == wanted | {"recomputation": (FAIL, code, said)}
    assert (found.verified, found.judged) == (None, 0)
    assert says_nothing(found) is (code == 1)


def test_a_statement_that_is_not_of_its_files_is_told_member_by_member(run):
    value = run.statement().plain()
    value["predicate"] |= {"result": "FAILED", "finishedAt": "2026-11-22T11:00:01Z"}
    found = run.verified(wrapped(canonical(value), LAB), KEY, require="authentic")
    names = sorted(said.split(" ")[0] for said in told(found)["binding"][2].split("; "))
    assert names == ["finishedAt", "result"]
    assert told(found)["binding"][:2] == (FAIL, 1)
    assert "result is not that of report.json and run.json" in told(found)["binding"][2].split("; ")
    assert told(found)["verdict"] == (SKIPPED, 0, "not reached, since the step `binding` failed")


def elsewhere(run):
    other = run.report.target.model_copy(update={"endpoint": "https://other.example.org/r4"})
    run.report = run.report.model_copy(update={"target": other})


def another_suite(run):
    run.report = run.report.model_copy(update={"suite_digest": "0" * 64})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (elsewhere, "report and suite are about different targets"),
        (another_suite, "the report is of another suite than suite.json"),
    ],
)
def test_files_that_do_not_belong_together_are_told_in_full(run, change, said):
    change(run)
    run.write()
    found = run.verified(run.signed(LAB), KEY)
    assert told(found)["binding"] == (FAIL, 1, said)
    assert [s.name for s in found.steps if s.outcome is FAIL] == ["binding"]
    assert says_nothing(found)


@pytest.mark.parametrize(
    ("name", "run_id", "said"), [("report", "run-0", "run-0, run-1"), ("record", "run-2", "run-1, run-2")]
)
def test_files_of_different_runs_are_told_in_full(run, name, run_id, said):
    kept = run.report, run.record
    setattr(run, name, getattr(run, name).model_copy(update={"run_id": run_id}))
    subjects = run.write().subjects
    data = sign(statement(*kept, subjects), LAB).canonical()
    outcome, code, detail = told(run.verified(data, KEY))["binding"]
    assert (outcome, code) == (FAIL, 1)
    assert detail.split("; ")[-1] == f"the files are of different runs: {said}"


@pytest.mark.parametrize(
    ("role", "granted", "said"),
    [
        (RunnerRole.LAB, (TrustRole.BUYER, TrustRole.BODY), "buyer, standards-body"),
        (RunnerRole.BUYER, (TrustRole.LAB,), "independent-lab"),
        (RunnerRole.SUPPLIER, (TrustRole.LAB,), "independent-lab"),
    ],
)
def test_a_role_that_no_signer_has_is_told_in_full(tmp_path, role, granted, said):
    run = a_run(tmp_path / "run", runner=Runner(role=role))
    found = run.verified(run.signed(LAB), trusting(LAB, *granted))
    whole = f"it claims to be run by {role}, but its signer is trusted as {said}"
    assert told(found)["binding"] == (FAIL, 1, whole)
    assert says_nothing(found)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"nonce": "n"}, "nonce is '', not 'n'"),
        ({"procurement_ref": "p"}, "procurement reference is '', not 'p'"),
        (
            {"endpoint": "https://x.example/"},
            "endpoint is 'https://fhir.example.org/r4', not 'https://x.example'",
        ),
        ({"supplier": "S"}, "supplier is '', not 'S'"),
        ({"product": "P", "version": "9"}, "product is 'Example EPR', not 'P'; version is '', not '9'"),
    ],
)
def test_what_was_asked_for_and_is_not_so_is_told_in_full(run, asked, said):
    data = run.signed(LAB)
    found = run.verified(data, KEY, **asked)
    wanted = honest(run, data, KEY)
    both = f"{wanted['binding'][2]}; {said}"
    assert told(found) == wanted | {"binding": (FAIL, 3, both)}
    assert found.exit_code == 3
    assert found.verified is not None


FINISHED = "finished at 2026-11-22T11:00:00Z"
STAMP = f"signature by {LAB.keyid[:16]} time-stamped at"


@pytest.mark.parametrize(
    ("signed", "more", "outcome", "code", "said"),
    [
        ({"valid_until": "2027-01-01T00:00:00Z"}, {}, OK, 0, f"{FINISHED}, valid until 2027-01-01T00:00:00Z"),
        (
            {"valid_until": "2026-11-22T11:30:00Z"},
            {},
            FAIL,
            3,
            "expired: the report was valid until 2026-11-22T11:30:00Z",
        ),
        (
            {},
            {"now": NOW - 2 * DAY},
            FAIL,
            1,
            "the run finished at 2026-11-22T11:00:00Z, which is yet to come",
        ),
        (
            {"started_at": "2026-11-22T11:00:01Z"},
            {},
            FAIL,
            1,
            "the run finished at 2026-11-22T11:00:00Z, but started at 2026-11-22T11:00:01Z",
        ),
        (
            {},
            {"now": NOW + 9 * DAY, "max_age_days": 8},
            FAIL,
            3,
            f"the run is 9 days old, more than 8; {FINISHED}, no end of validity stated",
        ),
        (
            {},
            {"now": NOW + DAY, "brought": Brought(received=NOW)},
            OK,
            0,
            f"received at 2026-11-22T12:00:00+00:00; {FINISHED}, no end of validity stated",
        ),
        (
            {},
            {"brought": Brought(received=NOW + DAY)},
            FAIL,
            1,
            (
                "received at 2026-11-23T12:00:00+00:00, which is yet to come; "
                f"{FINISHED}, no end of validity stated"
            ),
        ),
        (
            {},
            {"brought": Brought(stamped={LAB.keyid: NOW - DAY})},
            FAIL,
            1,
            (
                f"{STAMP} 2026-11-21T12:00:00+00:00, which is before the run finished; "
                f"{FINISHED}, no end of validity stated"
            ),
        ),
        (
            {},
            {"brought": Brought(stamped={LAB.keyid: NOW})},
            OK,
            0,
            f"{STAMP} 2026-11-22T12:00:00+00:00; {FINISHED}, no end of validity stated",
        ),
    ],
)
def test_times_are_told_in_full(run, signed, more, outcome, code, said):
    run.record = run.record.model_copy(update=signed)
    run.write()
    data = run.signed(LAB)
    found = run.verified(data, KEY, **more)
    wanted = honest(run, data, KEY) | {"times": (outcome, code, said)}
    if code == 1:
        wanted["verdict"] = (SKIPPED, 0, "not reached, since the step `times` failed")
    assert told(found) == wanted
    assert found.exit_code == code
    assert says_nothing(found) is (code == 1)


def test_a_day_of_judging_that_is_not_the_runs_is_told_in_full(run):
    day = NOW.date() - 9 * DAY
    run.suite = run.suite.model_copy(update={"as_of": day})
    changed = {"as_of": day, "suite_digest": sha256(run.suite.canonical())}
    run.report = run.report.model_copy(update=changed)
    data = run.write().signed(LAB)
    said = f"{FINISHED}, no end of validity stated; but dates were judged as of 2026-11-13"
    assert told(run.verified(data, KEY)) == honest(run, data, KEY) | {"times": (WARN, 0, said)}


@pytest.mark.parametrize(
    ("result", "require", "outcome", "said"),
    [
        (Result.PASSED, "passed", OK, "the result is PASSED, and passed is asked"),
        (Result.PASSED, "authentic", OK, "the result is PASSED, and authentic is asked"),
        (Result.FAILED, "passed", FAIL, "the result is FAILED, not PASSED"),
        (Result.FAILED, "authentic", OK, "the result is FAILED, and authentic is asked"),
        (Result.FAILED, "partial", OK, "the result is FAILED, and partial is asked"),
    ],
)
def test_the_verdict_is_told_in_full(tmp_path, result, require, outcome, said):
    run = a_run(tmp_path / "run", result=result)
    data = run.signed(LAB)
    found = run.verified(data, KEY, require=require)
    code = 3 if outcome is FAIL else 0
    assert told(found) == honest(run, data, KEY) | {"verdict": (outcome, code, said)}
    assert (found.exit_code, found.result) == (code, result)


def test_what_is_judged_again_is_the_suite_that_was_signed(run):
    asked = []

    def noting(suite):
        asked.append(suite)
        return run.recomputed()

    assert run.verified(run.signed(LAB), KEY, recompute=noting).exit_code == 0
    assert asked == [run.suite]


def test_reports_that_differ_in_nothing_that_was_judged_are_told_in_full(run):
    data = run.signed(LAB)
    elsewhere = run.report.model_copy(update={"run_id": "run-2"})
    found = run.verified(data, KEY, recompute=again(run, report=elsewhere))
    said = (
        "the evidence does not bear the report out: "
        "the reports differ in what they say of run, suite or target"
    )
    assert told(found)["recomputation"] == (FAIL, 1, said)
