"""A share of a run: what of it is there must be what was signed, and what is not there is counted."""

import datetime as dt

import pytest
from signed_run import EXCHANGE, NOW, Folder, a_run, new_key, trusting

from conformance.model.attestation import Expectations, StepOutcome
from conformance.model.base import sha256
from conformance.model.report import Result
from conformance.model.trust import Trust
from conformance.model.verdict import EvidenceRef, Outcome
from conformance.stages.sign import sign, statement
from conformance.stages.verify.brought import NOTHING, Brought
from conformance.stages.verify.partial import records_of_failures, verify_partial

LAB = new_key()
RECORD = b'{"id":"x1"}'
NAMED = EvidenceRef(id="x1", sha256=sha256(RECORD))
OTHER = EvidenceRef(id="x0", sha256="b" * 64)


def resting_on(run, outcome, *references):
    """The run, with the verdict of its one case at this outcome and resting on these."""
    requirement = run.report.requirements[0]
    verdict = requirement.verdicts[0].model_copy(update={"outcome": outcome, "evidence": references})
    changed = requirement.model_copy(update={"verdicts": (verdict,)})
    run.report = run.report.model_copy(update={"requirements": (changed,)})
    return run.write()


@pytest.fixture
def run(tmp_path):
    return resting_on(a_run(tmp_path / "run", result=Result.FAILED), Outcome.FAIL, NAMED)


def share(run, *records, require="partial", brought=NOTHING, signed=True, keys=None):
    """What a reader finds who is given this much of the run."""
    envelope = run.signed(LAB) if signed else None
    (run.root / "bodies" / "b1").unlink()
    (run.root / "evidence.jsonl").unlink()
    (run.root / "records.jsonl").write_bytes(b"\n".join(records))
    return after(run, envelope, records, require=require, brought=brought, keys=keys)


def after(run, envelope, records, require="partial", brought=NOTHING, keys=None):
    keys = (trusting(LAB),) if keys is None else keys
    return verify_partial(
        envelope,
        Folder(run.root),
        records,
        Trust(keys=keys),
        NOW,
        expectations=Expectations(require=require),
        brought=brought,
    )


def step(found, name):
    return next(step for step in found.steps if step.name == name)


def test_a_share_shows_that_its_parts_are_signed_and_no_more(run):
    found = share(run, RECORD, brought=Brought(unread=("stamp.tsr: of another report",)))
    assert found.exit_code == 0
    assert step(found, "files").outcome is StepOutcome.WARN
    assert step(found, "evidence").outcome is StepOutcome.OK
    assert step(found, "recomputation").outcome is StepOutcome.SKIPPED
    assert found.partial == (
        "3 of the 5 files that were signed are here, and 1 of the 1 records that failures rest on"
    )
    assert (found.result, found.methods, found.target) == (
        Result.FAILED,
        run.report.methods,
        run.report.target,
    )
    assert found.runner == run.record.runner
    assert [signer.name for signer in found.signers] == ["Lab"]
    assert found.unread == ("stamp.tsr: of another report",)
    assert found.verified is None


@pytest.mark.parametrize("require", ["passed", "authentic"])
def test_a_share_is_no_run_where_one_is_asked_for(run, require):
    found = share(run, RECORD, require=require)
    assert found.exit_code == 3
    assert step(found, "recomputation").outcome is StepOutcome.FAIL
    assert "nothing was judged anew" in step(found, "recomputation").detail


def test_records_that_are_left_out_are_named(run):
    found = share(run)
    assert found.exit_code == 0
    assert step(found, "evidence").outcome is StepOutcome.WARN
    assert "0 of the 1 records" in step(found, "evidence").detail
    assert "not here: x1" in step(found, "evidence").detail


def test_a_record_that_the_report_does_not_name_is_refused(run):
    found = share(run, RECORD, b'{"id":"x1","status":200}')
    assert (found.exit_code, found.result) == (1, None)
    assert step(found, "evidence").outcome is StepOutcome.FAIL


def test_a_record_of_a_pass_may_be_there_and_is_not_counted(tmp_path):
    passed = resting_on(a_run(tmp_path / "run"), Outcome.PASS, NAMED)
    found = share(passed, RECORD)
    assert found.exit_code == 0
    assert found.partial.endswith("0 of the 0 records that failures rest on")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (
            "report.json",
            lambda data: data.replace(b"R-1", b"R-2"),
            "changed since they were signed: report.json",
        ),
        ("suite.json", None, "a share needs suite.json"),
        ("report.json", None, "a share needs report.json"),
        ("run.json", None, "a share needs run.json"),
        ("records.jsonl", None, "a share needs records.jsonl"),
        ("bodies/b9", lambda _: b"{}", "smuggled in, there but not signed: bodies/b9"),
        ("Report.json", lambda _: b"{}", "differ in case only"),
    ],
)
def test_what_was_not_signed_so_is_refused(run, name, change, said):
    envelope = run.signed(LAB)
    share(run, RECORD)
    path = run.root / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes() if path.exists() else b""))
    found = after(run, envelope, [RECORD])
    assert (found.exit_code, found.result) == (1, None)
    assert said in step(found, "files").detail


def test_a_body_that_is_there_must_be_the_signed_one(run):
    envelope = run.signed(LAB)
    share(run, RECORD)
    (run.root / "bodies" / "b1").write_bytes(b'{"resourceType":"Patient"}')
    assert "4 of the 5 files" in after(run, envelope, [RECORD]).partial
    (run.root / "bodies" / "b1").write_bytes(b'{"resourceType":"Group"}')
    assert after(run, envelope, [RECORD]).exit_code == 1


def test_views_and_what_a_share_has_of_its_own_may_lie_there(run):
    envelope = run.signed(LAB)
    share(run, RECORD)
    for name in ("share.json", "report.html"):
        (run.root / name).write_bytes(b"{}")
    assert after(run, envelope, [RECORD]).exit_code == 0


def test_a_share_that_nobody_signed_or_a_stranger_did_says_nothing(run):
    assert share(run, RECORD, keys=()).exit_code == 1


def test_a_share_without_an_envelope_is_unsigned(run):
    found = share(run, RECORD, signed=False)
    assert (found.exit_code, found.result) == (1, None)
    assert "UNSIGNED" in step(found, "envelope").detail


def test_a_statement_that_its_files_do_not_bear_out_is_no_share(run):
    run.suite = run.suite.model_copy(update={"seed": 2})
    run.write()
    found = share(run, RECORD)
    assert (found.exit_code, found.result) == (1, None)
    assert step(found, "binding").outcome is StepOutcome.FAIL


def test_the_records_of_failures_are_each_named_once_in_order(tmp_path):
    run = resting_on(a_run(tmp_path, result=Result.FAILED), Outcome.FAIL, NAMED, OTHER, NAMED)
    assert records_of_failures(run.report) == (OTHER, NAMED)
    again = resting_on(a_run(tmp_path, result=Result.FAILED), Outcome.PASS, EXCHANGE)
    assert records_of_failures(again.report) == ()


def test_a_share_of_a_statement_that_names_a_file_twice_is_refused(run):
    stated = statement(run.report, run.record, run.subjects)
    first = next(subject for subject in stated.subject if subject.name == "bodies/b1")
    other = first.model_copy(update={"digests": {"sha256": "0" * 64}})
    twice = stated.model_copy(update={"subject": (other, *stated.subject)})
    share(run, RECORD)
    found = after(run, sign(twice, LAB).canonical(), [RECORD])
    assert (found.exit_code, found.result) == (1, None)
    assert "a file stands twice among the subjects" in step(found, "files").detail


def test_a_share_that_was_received_in_time_outlives_its_key(run):
    ended = trusting(LAB, valid_until=NOW.date())
    late = NOW + dt.timedelta(days=30)
    envelope = run.signed(LAB)
    share(run, RECORD)
    asked = {"expectations": Expectations(require="partial")}
    trust = Trust(keys=(ended,))
    codes = [
        verify_partial(envelope, Folder(run.root), [RECORD], trust, late, brought=brought, **asked).exit_code
        for brought in (NOTHING, Brought(received=NOW))
    ]
    assert codes == [1, 0]
