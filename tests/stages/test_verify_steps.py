"""The first four steps in full: outcome, exit code and words, and that no other step says anything else."""

import datetime as dt

import pytest
from signed_run import NOW, a_run, new_key, trusting
from told_steps import (
    FAIL,
    KIND,
    OK,
    WARN,
    honest,
    refused_at,
    says_nothing,
    told,
    wrapped,
)

from conformance.model.attestation import SignerInfo
from conformance.model.base import canonical
from conformance.model.dsse import Envelope, Signature, base64_text
from conformance.model.report import Result, RunnerRole
from conformance.model.trust import TrustRole
from conformance.model.trust_rules import REPORT_RULE, Rule, need
from conformance.stages.sign import sign, statement
from conformance.stages.verify.brought import Brought

LAB, MAKER, STRANGER = new_key(), new_key(), new_key()
KEY = trusting(LAB)
MADE = trusting(MAKER, TrustRole.SUPPLIER, name="Maker")
DAY = dt.timedelta(days=1)


@pytest.fixture
def run(tmp_path):
    return a_run(tmp_path / "run")


def with_signatures(data: bytes, *signatures: Signature) -> bytes:
    return Envelope.read(data).model_copy(update={"signatures": signatures}).canonical()


def made_by(signer, data: bytes, keyid: str | None = None) -> Signature:
    """A signature on what the envelope holds, under its own name or another."""
    return Signature(
        keyid=signer.keyid if keyid is None else keyid,
        sig=base64_text(signer.sign(Envelope.read(data).pae())),
    )


def test_an_honest_run_is_told_step_by_step_and_in_full(run):
    data = run.signed(LAB)
    found = run.verified(data, KEY)
    assert told(found) == honest(run, data, KEY)
    assert found.exit_code == 0
    assert found.signers == (SignerInfo(keyid=LAB.keyid, name="Lab", roles=(TrustRole.LAB,)),)
    assert (found.result, found.methods) == (Result.PASSED, run.report.methods)
    assert (found.runner, found.target) == (run.record.runner, run.report.target)
    assert (found.judged, found.on_word, found.by_plugins, found.by_packages) == (1, 0, 0, 0)
    assert (found.beside, found.unread, found.partial) == ((), (), "")
    verified = found.verified
    assert (verified.report, verified.record) == (run.report, run.record)
    assert (verified.statement, verified.signers) == (run.statement(), found.signers)
    assert verified.predicate.in_full() == run.statement().predicate
    assert verified.steps == found.steps


UNREADABLE = "this is no envelope that can be read: "


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (None, 1, "UNSIGNED: there is no report.dsse.json, so nobody answers for this run"),
        (b"[]", 2, UNREADABLE),
        (b"", 2, UNREADABLE),
        (wrapped(b"{}", LAB, kind="text/plain"), 1, f"the payload type is 'text/plain', not '{KIND}'"),
    ],
)
def test_what_is_no_envelope_of_ours_is_told_in_full(run, data, code, said):
    found = run.verified(data, KEY)
    wanted = refused_at("envelope", said, {}, code)
    if said == UNREADABLE:
        assert len(found.steps[0].detail) > len(UNREADABLE)
        assert found.steps[0].detail.startswith(UNREADABLE)
        wanted["envelope"] = (FAIL, 2, found.steps[0].detail)
    assert told(found) == wanted
    assert found.exit_code == code
    assert says_nothing(found)


def stranger_alone(data):
    return with_signatures(data, made_by(STRANGER, data))


WHAT_TO_DO = (
    ". If you know whose key that is and have checked this fingerprint with them by another way than these files: "
    "`conformance trust add KEY.pub.pem --name NAME --role ROLE`"
)
BY_NOBODY = "no trusted key made the signature by "


@pytest.mark.parametrize(
    ("change", "keys", "said"),
    [
        (with_signatures, (KEY,), "UNSIGNED: the envelope has no signature"),
        (stranger_alone, (KEY,), f"{BY_NOBODY}{STRANGER.keyid}{WHAT_TO_DO}"),
        (
            lambda data: with_signatures(data, made_by(STRANGER, data, "")),
            (KEY,),
            f"{BY_NOBODY}an unnamed key{WHAT_TO_DO}",
        ),
        (
            lambda data: with_signatures(data, made_by(STRANGER, data, "x" * 65)),
            (KEY,),
            f"{BY_NOBODY}{'x' * 64}{WHAT_TO_DO}",
        ),
        (
            lambda data: with_signatures(data, made_by(LAB, data, "b" * 64)),
            (KEY,),
            f"the signature beside {'b' * 64} is not by that key",
        ),
        (
            lambda data: with_signatures(data, made_by(LAB, data), made_by(STRANGER, data, MAKER.keyid)),
            (KEY, MADE),
            f"the signature beside {MAKER.keyid} is not by that key",
        ),
        (
            lambda data: data,
            (KEY.model_copy(update={"id": "b" * 64}),),
            f"the trusted key 'Lab' does not have the id {'b' * 64}",
        ),
        (
            lambda data: data,
            (KEY, MADE.model_copy(update={"pem": "none"})),
            "the trusted key 'Maker' cannot be used: ",
        ),
    ],
)
def test_signatures_that_show_nothing_are_told_in_full(run, change, keys, said):
    data = change(run.signed(LAB))
    found = run.verified(data, *keys)
    detail = found.steps[1].detail
    wanted = refused_at("signatures", detail if said.endswith(": ") else said, honest(run, data, KEY))
    assert detail.startswith(said)
    assert detail != "the trusted key 'Maker' cannot be used: "
    assert told(found) == wanted
    assert found.exit_code == 1
    assert says_nothing(found)


ONLY_UNTIL = "the key is valid until 2026-01-01 only, so not when it was made (2026-11-22)"


@pytest.mark.parametrize(
    ("signers", "keys", "said"),
    [
        (
            (LAB,),
            (trusting(LAB, valid_until=dt.date(2026, 1, 1)),),
            f"signed by Lab ({LAB.keyid}); no signature counts. Lab: {ONLY_UNTIL}",
        ),
        (
            (MAKER,),
            (MADE,),
            (
                f"signed by Maker ({MAKER.keyid}); "
                "no signature counts. Maker: trusted as supplier only, which carries no report"
            ),
        ),
        (
            (LAB, MAKER),
            (trusting(LAB, valid_until=dt.date(2026, 1, 1)), MADE),
            (
                f"signed by Lab ({LAB.keyid}), Maker ({MAKER.keyid}); no signature counts. Lab: {ONLY_UNTIL}; "
                "Maker: trusted as supplier only, which carries no report"
            ),
        ),
    ],
)
def test_keys_that_do_not_count_are_told_each_with_why(run, signers, keys, said):
    data = run.signed(*signers)
    found = run.verified(data, *keys)
    before = honest(run, data, KEY)
    wanted = refused_at("signatures", said, before) | {"statement": before["statement"]}
    assert told(found) == wanted
    assert found.exit_code == 1
    assert says_nothing(found)


def lent(**limits):
    return trusting(LAB, **limits), MADE


@pytest.mark.parametrize(
    ("signers", "more", "keys", "outcome", "code", "said"),
    [
        ((LAB, MAKER), {}, (KEY, MADE), OK, 0, "Lab as independent-lab, Maker as supplier"),
        (
            (LAB, MAKER),
            {},
            (KEY, trusting(MAKER, TrustRole.SUPPLIER, name="Maker", valid_until=dt.date(2026, 1, 1))),
            WARN,
            0,
            f"Lab as independent-lab; does not count: Maker: {ONLY_UNTIL}",
        ),
        (
            (LAB,),
            {},
            (trusting(LAB, TrustRole.LAB, TrustRole.BODY),),
            OK,
            0,
            "Lab as independent-lab, standards-body",
        ),
        (
            (LAB,),
            {"rules": {REPORT_RULE: Rule(needs=(need("buyer"), need("2 standards-body")))}},
            (KEY,),
            FAIL,
            3,
            "Lab as independent-lab; your rule for reports asks for more: buyer, 2 standards-body",
        ),
        (
            (LAB,),
            {"rules": {REPORT_RULE: Rule(runners=(RunnerRole.BUYER, RunnerRole.SUPPLIER))}},
            (KEY,),
            FAIL,
            3,
            (
                "Lab as independent-lab; your rule for reports takes those run by buyer, supplier-self-test, "
                "and this was run by independent-lab"
            ),
        ),
        (
            (LAB,),
            {"rules": {REPORT_RULE: Rule(needs=(need("independent-lab"),), runners=(RunnerRole.LAB,))}},
            (KEY,),
            OK,
            0,
            "Lab as independent-lab",
        ),
        (
            (LAB,),
            {"now": NOW + 9 * DAY, "brought": Brought(received=NOW)},
            (trusting(LAB, valid_until=NOW.date()),),
            WARN,
            0,
            (
                "Lab as independent-lab; Lab: the key is valid until 2026-11-22 only, so not today (2026-12-01), "
                "after it was received"
            ),
        ),
        (
            (LAB,),
            {"now": NOW + 9 * DAY, "brought": Brought(stamped={LAB.keyid: NOW})},
            (trusting(LAB, revoked=NOW.date() + DAY, reason="lost"),),
            WARN,
            0,
            "Lab as independent-lab; Lab: the key was revoked on 2026-11-23 (lost), after it was time-stamped",
        ),
    ],
)
def test_keys_that_count_are_told_with_roles_rules_and_what_became_of_them(
    run, signers, more, keys, outcome, code, said
):
    data = run.signed(*signers)
    found = run.verified(data, *keys, **more)
    by = ", ".join(f"{'Lab' if s is LAB else 'Maker'} ({s.keyid})" for s in signers)
    wanted = honest(run, data, KEY) | {"signatures": (outcome, code, f"signed by {by}; {said}")}
    shown = told(found)
    if "brought" in more:
        wanted.pop("times")
        shown.pop("times")
    assert shown == wanted
    assert found.exit_code == code
    assert found.result is Result.PASSED


def test_a_stranger_beside_a_signer_is_told_and_counts_for_nothing(run):
    data = run.signed(LAB, STRANGER)
    found = run.verified(data, KEY)
    said = f"signed by Lab ({LAB.keyid}); {BY_NOBODY}{STRANGER.keyid}, which counts for nothing; Lab as independent-lab"
    assert told(found) == honest(run, data, KEY) | {"signatures": (WARN, 0, said)}


def stated(run, **members):
    return canonical(run.statement().plain() | members)


def predicated(run, **members):
    return stated(run, predicate=run.statement().predicate | members)


def named_otherwise(run):
    """The subjects' digests under the name that they have in this program."""
    subjects = [{"name": s.name, "digests": s.digests} for s in run.statement().subject]
    return stated(run, subject=subjects)


def counted(run, number):
    """A number of outcomes that is written in another way."""
    (method,) = run.statement().predicate["methods"]
    (outcome,) = (name for name, count in method["totals"].items() if count == 1)
    return predicated(run, methods=[method | {"totals": method["totals"] | {outcome: number}}])


NO_STATEMENT = "the payload is no in-toto Statement with a predicate"
REPORT = "https://conformance-harness.org/attestation/conformance-report/v1"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (lambda _: b"{", "the payload is not strict JSON: "),
        (lambda _: b"[]", NO_STATEMENT),
        (lambda _: b'"predicate"', NO_STATEMENT),
        (lambda run: stated(run, predicate=[]), NO_STATEMENT),
        (lambda run: stated(run, predicate=None), NO_STATEMENT),
        (lambda run: stated(run, _type="v0"), "_type is 'v0', not 'https://in-toto.io/Statement/v1'"),
        (lambda run: stated(run, predicateType="other"), f"predicateType is 'other', not '{REPORT}'"),
        (lambda run: predicated(run, formatVersion="2"), "the report has format '2'; '1' is read here"),
        (lambda run: predicated(run, formatVersion=None), "the report has format None; '1' is read here"),
        (lambda run: predicated(run, novel=1), "the statement is malformed: "),
        (lambda run: stated(run, novel=1), "the statement is malformed: "),
        (lambda run: stated(run, subject=[]), "the statement is malformed: "),
        (lambda run: stated(run, subject={}), "the statement is malformed: "),
        (lambda run: stated(run, predicate_type=REPORT), "the statement is malformed: "),
        (lambda run: predicated(run, result=1), "the statement is malformed: "),
        (named_otherwise, "the statement is malformed: "),
        (lambda run: counted(run, "1"), "the statement is malformed: "),
        (lambda run: counted(run, True), "the statement is malformed: "),
        (lambda run: predicated(run, report_id="run-1"), "the statement is malformed: "),
    ],
)
def test_a_payload_that_states_no_report_is_told_in_full(run, payload, said):
    run.signed(LAB)
    data = wrapped(payload(run), LAB)
    found = run.verified(data, KEY)
    before = honest(run, data, KEY)
    before["signatures"] = (OK, 0, f"signed by Lab ({LAB.keyid})")
    detail = found.steps[2].detail
    assert detail.startswith(said)
    assert detail != "the payload is not strict JSON: "
    assert detail != "the statement is malformed: "
    assert told(found) == refused_at("statement", detail if said.endswith(": ") else said, before)
    assert found.exit_code == 1
    assert says_nothing(found)


def write(name, data=b"{}"):
    def change(root):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)

    return change


def remove(name):
    return lambda root: (root / name).unlink()


def moved(root):
    for name in ("suite.json", "report.json"):
        (root / name).rename(root / f"other-{name}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove("bodies/b1"), "withheld, signed but not there: bodies/b1"),
        (write("bodies/b2"), "smuggled in, there but not signed: bodies/b2"),
        (write("sub/report.html"), "smuggled in, there but not signed: sub/report.html"),
        (
            moved,
            (
                "withheld, signed but not there: report.json, suite.json; "
                "smuggled in, there but not signed: other-report.json, other-suite.json"
            ),
        ),
        (write("bodies/b1"), "changed since they were signed: bodies/b1"),
        (write("run.json"), "changed since they were signed: run.json"),
        (write("a b"), "'a b' is no plain relative file name; smuggled in, there but not signed: a b"),
        (
            write("Report.json"),
            "'Report.json' and 'report.json' differ in case only; smuggled in, there but not signed: Report.json",
        ),
    ],
)
def test_files_that_are_not_those_that_were_signed_are_told_in_full(run, change, said):
    data = run.signed(LAB)
    change(run.root)
    found = run.verified(data, KEY)
    said = said.replace("'Report.json' and 'report.json'", "'report.json' and 'Report.json'")
    assert told(found) == refused_at("files", said, honest(run, data, KEY))
    assert found.exit_code == 1
    assert says_nothing(found)


@pytest.mark.parametrize("name", ["suite.json", "evidence.jsonl", "report.json", "run.json"])
def test_a_file_that_has_to_be_signed_and_is_not_is_named(run, name):
    whole = run.statement()
    kept = tuple(subject for subject in whole.subject if subject.name != name)
    data = sign(whole.model_copy(update={"subject": kept}), LAB).canonical()
    found = run.verified(data, KEY)
    said = f"not signed: {name}; smuggled in, there but not signed: {name}"
    assert told(found) == refused_at("files", said, honest(run, data, KEY))
    (run.root / name).unlink()
    assert told(run.verified(data, KEY))["files"] == (FAIL, 1, f"not signed: {name}")


def test_views_are_told_as_views_and_a_subject_may_end_like_one(run):
    write("views/report.html")(run.root)
    data = run.signed(LAB)
    for name in ("views/report.csv", "a.pdf"):
        write(name)(run.root)
    wanted = honest(run, data, KEY)
    said = "6 files, all as they were signed; unsigned views, which prove nothing: a.pdf, views/report.csv"
    assert told(run.verified(data, KEY)) == wanted | {"files": (OK, 0, said)}


FORMS = ("suite.json", "report.json", "run.json")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data + b"\n", "{} is not in its canonical form, as it is written"),
        (lambda data: data[:-1], "{} is not strict JSON: "),
        (lambda data: data.replace(b"{", b'{"runId":"run-1",', 1), "{} is not strict JSON: "),
        (lambda data: data.replace(b'"runId"', b'"novel"', 1), "{} is malformed: "),
        (lambda data: data.replace(b'"runId"', b'"run_id"', 1), "{} is malformed: "),
        (lambda _: b"[]", "{} is malformed: "),
    ],
)
def test_each_file_has_one_form_and_is_told_by_its_name(run, name, change, said):
    path = run.root / name
    run.statement()
    path.write_bytes(change(path.read_bytes()))
    data = sign(statement(run.report, run.record, run.subjects), LAB).canonical()
    found = run.verified(data, KEY)
    detail = found.steps[3].detail
    assert detail.startswith(said.format(name))
    assert detail != said.format(name) or not said.endswith(": ")
    assert told(found) == refused_at("files", detail, honest(run, data, KEY))
    assert says_nothing(found)


@pytest.mark.parametrize("name", ["suite", "report"])
@pytest.mark.parametrize("version", ["2", "1.0", ""])
def test_a_file_of_another_format_is_refused_though_in_its_one_form(run, name, version):
    plain = run.statement()
    path = run.root / f"{name}.json"
    path.write_bytes(getattr(run, name).model_copy(update={"format": version}).canonical())
    subjects = run.subjects
    signed = tuple(s.model_copy(update={"digests": {"sha256": subjects[s.name]}}) for s in plain.subject)
    data = sign(plain.model_copy(update={"subject": signed}), LAB).canonical()
    said = f"{name}.json has format {version!r}; '1' is read here"
    found = run.verified(data, KEY)
    assert told(found) == refused_at("files", said, honest(run, data, KEY))
    assert says_nothing(found)
