"""A share of a run in full: every step, its code and words, and what is told of the report."""

import datetime as dt

import pytest
from signed_run import NOW, Folder, a_run, new_key, trusting
from told_steps import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    honest,
    profile_said,
    refused_at,
    says_nothing,
    signed_by_all,
    told,
)

from conformance.model.attestation import Beside, Expectations, SignerInfo
from conformance.model.base import sha256
from conformance.model.dsse import read_envelope
from conformance.model.names import is_view
from conformance.model.release import release_of
from conformance.model.replies import Acknowledgement, Supersession, reply_statement
from conformance.model.report import Result, Waiver
from conformance.model.trust import Trust, TrustRole
from conformance.model.trust_rules import REPORT_RULE, Rule, need
from conformance.model.verdict import EvidenceRef, Outcome
from conformance.model.waivers import WaiverList
from conformance.stages.sign import sign
from conformance.stages.verify import Given
from conformance.stages.verify.brought import NOTHING, Brought
from conformance.stages.verify.partial import verify_partial

LAB, MAKER, BUYER, BODY, STRANGER = (new_key() for _ in range(5))
KEY = trusting(LAB)
TRUSTED = (
    KEY,
    trusting(MAKER, TrustRole.SUPPLIER, name="Maker"),
    trusting(BUYER, TrustRole.BUYER, name="Buyer"),
    trusting(BODY, TrustRole.BODY, name="Body"),
)
RECORDS = tuple(f'{{"id":"x{number}"}}'.encode() for number in range(7))
NAMED = tuple(EvidenceRef(id=f"x{number}", sha256=sha256(record)) for number, record in enumerate(RECORDS))
DAY = dt.timedelta(days=1)
ANEW = "a share is part of a run: nothing was judged anew, which takes the whole run"
SAID = {"report_id": "run-1", "name": "Jo", "at": "2026-11-22T11:30:00Z"}


@pytest.fixture
def run(tmp_path):
    return failing_on(tmp_path / "run", *NAMED[:2])


def failing_on(root, *references):
    run = a_run(root, result=Result.FAILED)
    (requirement,) = run.report.requirements
    verdict = requirement.verdicts[0].model_copy(update={"evidence": references})
    changed = requirement.model_copy(update={"verdicts": (verdict,)})
    run.report = run.report.model_copy(update={"requirements": (changed,)})
    return run.write()


def shared(run, data=None) -> bytes:
    """The run's folder made a share of it; gives the envelope."""
    data = run.signed(LAB) if data is None else data
    for name in ("bodies/b1", "evidence.jsonl"):
        (run.root / name).unlink()
    (run.root / "records.jsonl").write_bytes(b"\n".join(RECORDS[:2]))
    (run.root / "share.json").write_bytes(b"{}")
    return data


def after(run, data, records=RECORDS[:2], keys=TRUSTED, now=NOW, rules=None, brought=NOTHING, **asked):
    return verify_partial(
        data,
        Folder(run.root),
        records,
        Trust(keys=keys, rules=rules or {}),
        now,
        expectations=Expectations(**{"require": "partial"} | asked),
        brought=brought,
    )


def whole(run, data):
    """What the share of the honest run is told as."""
    return honest(run, data, KEY) | {
        "files": (WARN, 0, "a share: 3 of the 5 files that were signed are here, all as they were signed"),
        "evidence": (
            OK,
            0,
            "2 of the 2 records that failures rest on are here, each as the signed report names it",
        ),
        "recomputation": (SKIPPED, 0, ANEW),
        "verdict": (OK, 0, "the result is FAILED, and partial is asked"),
    }


def test_an_honest_share_is_told_step_by_step_and_in_full(run):
    data = shared(run)
    found = after(run, data)
    assert told(found) == whole(run, data)
    assert found.exit_code == 0
    assert (
        found.partial
        == "3 of the 5 files that were signed are here, and 2 of the 2 records that failures rest on"
    )
    assert found.signers == (SignerInfo(keyid=LAB.keyid, name="Lab", roles=(TrustRole.LAB,)),)
    assert (found.result, found.methods) == (Result.FAILED, run.report.methods)
    assert (found.runner, found.target) == (run.record.runner, run.report.target)
    assert (found.beside, found.unread, found.judged, found.verified) == ((), (), 0, None)


@pytest.mark.parametrize(
    ("require", "verdict"),
    [
        ("authentic", (OK, 0, "the result is FAILED, and authentic is asked")),
        ("passed", (FAIL, 3, "the result is FAILED, not PASSED")),
    ],
)
def test_a_share_where_a_run_is_asked_for_is_told_in_full(run, require, verdict):
    data = shared(run)
    found = after(run, data, require=require)
    assert told(found) == whole(run, data) | {"recomputation": (FAIL, 3, ANEW), "verdict": verdict}
    assert (found.exit_code, found.result) == (3, Result.FAILED)


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (0, "0 of the 7 records that failures rest on are here; not here: x0, x1, x2, x3, x4, and 2 more"),
        (2, "2 of the 7 records that failures rest on are here; not here: x2, x3, x4, x5, x6"),
        (6, "6 of the 7 records that failures rest on are here; not here: x6"),
        (7, "7 of the 7 records that failures rest on are here, each as the signed report names it"),
    ],
)
def test_records_that_are_not_here_are_counted_and_named(tmp_path, here, said):
    run = failing_on(tmp_path / "run", *NAMED)
    data = shared(run)
    found = after(run, data, RECORDS[:here])
    assert told(found) == whole(run, data) | {"evidence": (OK if here == 7 else WARN, 0, said)}
    assert found.exit_code == 0
    assert found.partial.endswith(f", and {here} of the 7 records that failures rest on")


@pytest.mark.parametrize("strange", [1, 2])
def test_records_of_no_exchange_are_counted(run, strange):
    data = shared(run)
    found = after(run, data, (*RECORDS[:2], *RECORDS[5 : 5 + strange], RECORDS[5]))
    said = f"{strange} records are of no exchange that the signed report names"
    unreached = {"profile": (SKIPPED, 0, "not reached, since the step `evidence` failed")}
    assert told(found) == refused_at("evidence", said, whole(run, data)) | unreached
    assert found.exit_code == 1
    assert says_nothing(found)


def test_records_of_other_verdicts_are_named_and_not_wanted(tmp_path):
    run = failing_on(tmp_path / "run", *NAMED[:2])
    (requirement,) = run.report.requirements
    (failed,) = requirement.verdicts
    passed = failed.model_copy(update={"case": "R-1/2", "outcome": Outcome.PASS, "evidence": NAMED[2:4]})
    both = requirement.model_copy(update={"verdicts": (passed, failed)})
    run.report = run.report.model_copy(update={"requirements": (both,)})
    run.write()
    data = shared(run)
    assert told(after(run, data)) == whole(run, data)
    assert told(after(run, data, RECORDS[:4])) == whole(run, data)


def write(name, data=b"{}"):
    return lambda root: (root / name).write_bytes(data)


def remove(*names):
    def change(root):
        for name in names:
            (root / name).unlink()

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (write("other.json"), "smuggled in, there but not signed: other.json"),
        (write("bodies/b2"), "smuggled in, there but not signed: bodies/b2"),
        (remove("report.json", "run.json"), "a share needs report.json, run.json"),
        (remove("suite.json", "records.jsonl"), "a share needs suite.json, records.jsonl"),
        (write("a b"), "'a b' is no plain relative file name; smuggled in, there but not signed: a b"),
        (write("bodies/b1"), "changed since they were signed: bodies/b1"),
        (write("evidence.jsonl"), "changed since they were signed: evidence.jsonl"),
        (write("suite.json"), "changed since they were signed: suite.json"),
    ],
)
def test_files_that_make_no_share_are_told_in_full(run, change, said):
    data = shared(run)
    change(run.root)
    found = after(run, data)
    assert told(found) == refused_at("files", said, whole(run, data))
    assert found.exit_code == 1
    assert says_nothing(found)


@pytest.mark.parametrize("name", ["suite.json", "report.json", "run.json"])
def test_a_file_of_a_share_in_another_form_is_told_by_its_name(run, name):
    run.statement()
    path = run.root / name
    path.write_bytes(path.read_bytes() + b"\n")
    subjects = run.subjects
    plain = run.statement()
    path.write_bytes(run_file := path.read_bytes() if name != "run.json" else run.record.canonical() + b"\n")
    assert sha256(run_file) == subjects[name]
    signed = tuple(s.model_copy(update={"digests": {"sha256": subjects[s.name]}}) for s in plain.subject)
    data = shared(run, sign(plain.model_copy(update={"subject": signed}), LAB).canonical())
    said = f"{name} is not in its canonical form, as it is written"
    assert told(after(run, data)) == refused_at("files", said, whole(run, data))


def test_a_subject_without_the_digest_that_is_read_here_matches_no_file_of_a_share(run):
    plain = run.statement()
    bare = tuple(s.model_copy(update={"digests": {"sha512": "0" * 128}}) for s in plain.subject)
    data = shared(run, sign(plain.model_copy(update={"subject": bare}), LAB).canonical())
    said = "changed since they were signed: report.json, run.json, suite.json"
    assert told(after(run, data)) == refused_at("files", said, whole(run, data))


def test_a_file_of_a_share_that_is_none_is_refused(run, tmp_path):
    data = shared(run)
    (run.root / "run.json").rename(tmp_path / "run.json")
    (run.root / "run.json").symlink_to(tmp_path / "run.json")
    said = "run.json is no regular file"
    assert told(after(run, data)) == refused_at("files", said, whole(run, data))


def test_views_may_lie_in_a_share(run):
    data = shared(run)
    assert is_view("report.html")
    write("report.html")(run.root)
    assert told(after(run, data)) == whole(run, data)


@pytest.mark.parametrize(
    ("known", "outcome", "code", "said"),
    [
        ("own", OK, 0, "it is the sample that comes with this harness"),
        ("0" * 64, FAIL, 3, f"it is not the sample@1.0.0 that comes with this harness, sha256 {'0' * 64}"),
    ],
)
def test_the_profile_of_a_share_is_held_against_the_one_of_the_harness(run, known, outcome, code, said):
    data = shared(run)
    digest = sha256(run.suite.profile.canonical()) if known == "own" else known
    found = after(run, data, brought=Brought(published={"sample": ("1.0.0", digest)}.get))
    assert told(found) == whole(run, data) | {"profile": (outcome, code, profile_said(run, said))}
    assert found.exit_code == code


@pytest.mark.parametrize(
    ("withdrawn", "outcome", "said"),
    [
        ("", OK, "released by Body on 2026-11-22"),
        ("R-1", FAIL, "Body withdrew sample@1.0.0 on 2026-11-22: R-1"),
    ],
)
def test_releases_hold_for_shares_too(run, withdrawn, outcome, said):
    data = shared(run)
    release = signed_by_all(release_of(run.suite.profile, NOW.date(), withdrawn=withdrawn).statement(), BODY)
    found = after(run, data, brought=Brought(given=(Given("r", release),)))
    code = 3 if withdrawn else 0
    assert told(found) == whole(run, data) | {"profile": (outcome, code, profile_said(run, said))}


def reply(data, content, *signers):
    stated = reply_statement(content, sha256(read_envelope(data).content))
    return Given("r.dsse.json", signed_by_all(stated, *signers))


def test_replies_to_a_share_are_heard_given_or_lying_there(run):
    data = shared(run)
    rules = {REPORT_RULE: Rule(needs=(need("supplier acknowledgement"),))}
    assert after(run, data, rules=rules).exit_code == 3
    seen = reply(data, Acknowledgement(**SAID), MAKER)
    said = f"seen, not disputed: Jo, at {SAID['at']}"
    beside = Beside(kind="acknowledgement", said=said, by="signed by Maker as supplier", counts=True)
    unread = Given("bad", b"")
    brought = Brought(given=(seen, unread), unread=("stamp.tsr: of another report",))
    found = after(run, data, rules=rules, brought=brought)
    assert found.beside == (beside,)
    assert found.unread[0].startswith("bad: ")
    assert found.unread[1:] == ("stamp.tsr: of another report",)
    assert found.exit_code == 0
    (run.root / seen.name).write_bytes(seen.data)
    lying = after(run, data, rules=rules)
    assert told(lying) == whole(run, data)
    assert lying.beside == (beside,)


def test_a_share_of_a_superseded_report_is_told_as_one(run):
    data = shared(run)
    gone = Supersession(**SAID, by_report="run-2", by_digest="b" * 64, reason="Wrong clock.")
    found = after(run, data, brought=Brought(given=(reply(data, gone, LAB),)))
    wanted = whole(run, data)
    said = f"this report was superseded by run-2: Wrong clock.; {wanted['verdict'][2]}"
    assert told(found) == wanted | {"verdict": (FAIL, 3, said)}


@pytest.mark.parametrize(
    ("step", "more", "outcome", "code", "said"),
    [
        (
            "signatures",
            {"rules": {REPORT_RULE: Rule(needs=(need("buyer"),))}},
            FAIL,
            3,
            "; your rule for reports asks for more: buyer",
        ),
        ("binding", {"nonce": "n"}, FAIL, 3, "; nonce is '', not 'n'"),
        ("times", {"now": NOW + 9 * DAY, "max_age_days": 8}, FAIL, 3, "the run is 9 days old, more than 8; "),
        (
            "times",
            {"now": NOW + 9 * DAY, "rules": {REPORT_RULE: Rule(max_age_days=7)}},
            FAIL,
            3,
            "the run is 9 days old, more than 7; ",
        ),
        (
            "times",
            {"now": NOW + DAY, "brought": Brought(received=NOW)},
            OK,
            0,
            "received at 2026-11-22T12:00:00+00:00; ",
        ),
        pytest.param(
            "times",
            {"now": NOW + DAY, "brought": Brought(stamped={LAB.keyid: NOW})},
            OK,
            0,
            f"signature by {LAB.keyid[:16]} time-stamped at 2026-11-22T12:00:00+00:00; ",
            id="time-stamped",
        ),
    ],
)
def test_what_is_asked_of_a_run_is_asked_of_its_share(run, step, more, outcome, code, said):
    data = shared(run)
    found = after(run, data, **more)
    wanted = whole(run, data)
    plain = wanted[step][2]
    text = f"{said}{plain}" if said.endswith("; ") else f"{plain}{said}"
    assert told(found) == wanted | {step: (outcome, code, text)}
    assert (found.exit_code, found.result) == (code, Result.FAILED)


def test_a_share_from_the_future_says_nothing(run):
    data = shared(run)
    found = after(run, data, now=NOW - 2 * DAY)
    assert told(found)["times"][:2] == (FAIL, 1)
    assert told(found)["verdict"] == (SKIPPED, 0, "not reached, since the step `times` failed")
    assert found.exit_code == 1
    assert says_nothing(found)


@pytest.mark.parametrize(
    ("data", "step", "code"),
    [
        (lambda _: None, "envelope", 1),
        (lambda _: b"{}", "envelope", 2),
        (lambda run: sign(run.statement(), STRANGER).canonical(), "signatures", 1),
        (
            lambda run: sign(run.statement().model_copy(update={"predicate_type": "x"}), LAB).canonical(),
            "statement",
            1,
        ),
        (lambda run: sign(run.statement(), MAKER).canonical(), "signatures", 1),
    ],
)
def test_a_share_of_what_nobody_states_is_refused_where_a_run_is(run, data, step, code):
    made = data(run)
    run.signed(LAB)
    shared(run, b"")
    found = after(run, made)
    assert [s.name for s in found.steps if s.outcome is FAIL] == [step]
    assert found.exit_code == code
    assert says_nothing(found)


UNTIL = dt.date(2026, 12, 1)
WAIVER = Waiver(requirement="R-1", reason="agreed", who="Jo", until=UNTIL)
OTHER = WAIVER.model_copy(update={"reason": "else"})


@pytest.mark.parametrize(("granted", "counts"), [(WAIVER, True), (OTHER, False), (None, False)])
def test_a_waiver_in_a_share_counts_where_the_signed_list_that_is_here_has_it(run, granted, counts):
    (line,) = run.report.requirements
    lines = (line.model_copy(update={"waiver": WAIVER}),)
    run.report = run.report.model_copy(update={"requirements": lines})
    run.write()
    listed = signed_by_all(WaiverList(waivers=(granted or WAIVER,)).statement(), BUYER)
    (run.root / "waivers.dsse.json").write_bytes(listed)
    data = shared(run)
    if granted is None:
        (run.root / "waivers.dsse.json").unlink()
    found = after(run, data)
    assert found.exit_code == 0
    assert [(each.kind, each.counts) for each in found.beside] == [("waiver", counts)]
