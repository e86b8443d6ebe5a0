"""Replies to a report in full: who said what, in which words, and what follows from it."""

import pytest
from signed_run import NOW, Folder, a_run, new_key, trusting
from told_steps import (
    AT,
    BENCH,
    BODY,
    BUYER,
    DAY,
    FAIL,
    KEY,
    LAB,
    MAKER,
    OK,
    STRANGER,
    TRUSTED,
    honest,
    refused_at,
    signed_by_all,
    told,
    wrapped,
)

from conformance.model.attestation import Beside, Expectations, Subject
from conformance.model.base import canonical, sha256
from conformance.model.dsse import Signature, read_envelope
from conformance.model.replies import Acknowledgement, Dispute, Supersession, reply_statement
from conformance.model.report import Runner, RunnerRole
from conformance.model.trust import Trust, TrustRole
from conformance.model.trust_rules import REPORT_RULE, Rule, need
from conformance.stages.verify import Given
from conformance.stages.verify.brought import Brought
from conformance.stages.verify.partial import verify_partial

SAID = {"report_id": "run-1", "name": "Jo", "at": AT}
AWAY = {"by_report": "run-2", "by_digest": "b" * 64, "reason": "Wrong clock."}
SEEN = Acknowledgement(**SAID)
ASKED = {REPORT_RULE: Rule(needs=(need("supplier acknowledgement"),))}
RULE_TEXT = "your rule for reports asks for more: supplier acknowledgement"


@pytest.fixture
def run(tmp_path):
    made = a_run(tmp_path / "run")
    return made, made.signed(LAB)


def about(data: bytes, reply, *signers, digest="") -> bytes:
    stated = reply_statement(reply, digest or sha256(read_envelope(data).content))
    return signed_by_all(stated, *signers)


def with_given(run, *data: bytes, keys=TRUSTED, **more):
    given = tuple(Given(f"r{number}", each) for number, each in enumerate(data, 1))
    return run[0].verified(run[1], *keys, **{"brought": Brought(given=given)} | more)


NO_KEY = "by no key that counts"


@pytest.mark.parametrize(
    ("signers", "by", "counts"),
    [
        ((MAKER,), "signed by Maker as supplier", True),
        ((BENCH,), "signed by Bench as independent-lab, supplier-self-test", True),
        ((LAB,), "signed by Lab as independent-lab", False),
        ((LAB, MAKER), "signed by Lab as independent-lab, Maker as supplier", True),
        pytest.param((STRANGER,), f"{NO_KEY} ({STRANGER.keyid})", False, id="stranger"),
        ((STRANGER, MAKER), "signed by Maker as supplier", True),
        ((), f"{NO_KEY} (nobody signed it)", False),
    ],
)
def test_an_acknowledgement_is_told_with_who_signed_it(run, signers, by, counts):
    found = with_given(run, about(run[1], SEEN, *signers), rules=ASKED)
    assert found.beside == (
        Beside(kind="acknowledgement", said=f"seen, not disputed: Jo, at {AT}", by=by, counts=counts),
    )
    assert found.unread == ()
    wanted = honest(*run, KEY)
    meets = MAKER in signers
    if not meets:
        wanted["signatures"] = (FAIL, 3, f"{wanted['signatures'][2]}; {RULE_TEXT}")
    assert told(found) == wanted
    assert found.exit_code == (0 if meets else 3)


@pytest.mark.parametrize(
    ("asks", "signers", "met"),
    [
        ("supplier acknowledgement", (MAKER,), True),
        ("supplier acknowledgement", (LAB, MAKER), True),
        ("independent-lab acknowledgement", (LAB, MAKER), False),
        ("independent-lab acknowledgement", (LAB,), False),
        ("buyer acknowledgement", (BUYER, MAKER), False),
        ("supplier-self-test acknowledgement", (MAKER,), False),
        ("supplier-self-test acknowledgement", (BENCH,), True),
        ("supplier or supplier-self-test acknowledgement", (BENCH,), True),
        ("supplier acknowledgement", (BENCH,), False),
    ],
)
def test_of_who_acknowledges_together_only_suppliers_meet_a_rule_each_in_its_role(run, asks, signers, met):
    rules = {REPORT_RULE: Rule(needs=(need(asks),))}
    assert with_given(run, about(run[1], SEEN, *signers), rules=rules).exit_code == (0 if met else 3)


@pytest.mark.parametrize(
    ("limits", "more", "by"),
    [
        ({"valid_until": NOW.date()}, {}, "signed by Maker as supplier"),
        ({"valid_until": NOW.date() - DAY}, {}, f"{NO_KEY} (Maker)"),
        ({"valid_from": NOW.date() + DAY}, {}, f"{NO_KEY} (Maker)"),
        ({"revoked": NOW.date() + DAY}, {}, "signed by Maker as supplier"),
        ({"revoked": NOW.date() + DAY}, {"now": NOW + DAY}, f"{NO_KEY} (Maker)"),
        (
            {"revoked": NOW.date() + DAY},
            {"now": NOW + DAY, "received": NOW},
            "signed by Maker as supplier",
        ),
        (
            {"revoked": NOW.date() + DAY},
            {"now": NOW + DAY, "stamped": {LAB.keyid: NOW, MAKER.keyid: NOW}},
            f"{NO_KEY} (Maker)",
        ),
    ],
)
def test_the_key_of_a_reply_counts_when_it_was_made_and_when_it_is_judged(run, limits, more, by):
    keys = (KEY, trusting(MAKER, TrustRole.SUPPLIER, name="Maker", **limits))
    now = more.pop("now", NOW) if more else NOW
    given = (Given("r", about(run[1], SEEN, MAKER)),)
    found = run[0].verified(run[1], *keys, now=now, rules=ASKED, brought=Brought(given=given, **more))
    (beside,) = found.beside
    assert (beside.by, beside.counts) == (by, NO_KEY not in by)
    assert found.exit_code == (3 if NO_KEY in by else 0)


def test_each_supplier_acknowledges_once(run):
    maker, bench = about(run[1], SEEN, MAKER), about(run[1], SEEN, BENCH)
    rules = {REPORT_RULE: Rule(needs=(need("supplier acknowledgement"), need("supplier acknowledgement")))}
    codes = {
        which: with_given(run, *data, rules=rules).exit_code
        for which, data in {"none": (), "one": (maker,), "twice": (maker, maker)}.items()
    }
    assert codes == {"none": 3, "one": 3, "twice": 3}
    keys = (*TRUSTED[:3], trusting(BENCH, TrustRole.SUPPLIER, name="Bench"))
    assert with_given(run, maker, bench, rules=rules, keys=keys).exit_code == 0
    assert with_given(run, about(run[1], SEEN, MAKER, BENCH), rules=rules, keys=keys).exit_code == 0


@pytest.mark.parametrize(
    ("signers", "more", "said", "by", "counts"),
    [
        ((MAKER,), {}, "Wrong server.", "signed by Maker as supplier", True),
        (
            (BUYER, BODY),
            {"requirements": ("R-1", "R-2"), "organisation": "Trust"},
            "Wrong server. (R-1, R-2)",
            "signed by Buyer as buyer, Body as standards-body",
            True,
        ),
        pytest.param((STRANGER,), {}, "Wrong server.", f"{NO_KEY} ({STRANGER.keyid})", False, id="stranger"),
    ],
)
def test_a_dispute_is_told_in_full_and_changes_nothing(run, signers, more, said, by, counts):
    found = with_given(run, about(run[1], Dispute(**SAID, reason="Wrong server.", **more), *signers))
    who = "Jo, Trust" if more else "Jo"
    assert found.beside == (Beside(kind="dispute", said=f"{who}, at {AT}: {said}", by=by, counts=counts),)
    assert told(found) == honest(*run, KEY)
    assert found.exit_code == 0


@pytest.mark.parametrize("require", ["passed", "authentic"])
@pytest.mark.parametrize(
    ("signer", "by", "counts"),
    [
        (LAB, "signed by Lab as independent-lab", True),
        (BENCH, "signed by Bench as independent-lab, supplier-self-test", False),
        pytest.param(STRANGER, f"{NO_KEY} ({STRANGER.keyid})", False, id="stranger"),
    ],
)
def test_a_report_that_is_superseded_is_told_in_full(run, signer, by, counts, require):
    found = with_given(run, about(run[1], Supersession(**SAID, **AWAY), signer), require=require)
    said = f"by run-2, Jo, at {AT}: Wrong clock."
    assert found.beside == (Beside(kind="supersession", said=said, by=by, counts=counts),)
    wanted = f"the result is PASSED, and {require} is asked"
    verdict = (OK, 0, wanted)
    if counts:
        verdict = (FAIL, 3, f"this report was superseded by run-2: Wrong clock.; {wanted}")
    assert told(found) == honest(*run, KEY) | {"verdict": verdict}
    assert found.exit_code == (3 if counts else 0)
    assert found.result is run[0].report.result


def test_a_supersession_holds_though_others_follow_it(run):
    last = about(run[1], Supersession(**SAID, **AWAY | {"by_report": "run-9"}), STRANGER)
    found = with_given(
        run, about(run[1], Supersession(**SAID, **AWAY), LAB), about(run[1], SEEN, MAKER), last
    )
    assert [(each.kind, each.counts) for each in found.beside] == [
        ("supersession", True),
        ("acknowledgement", True),
        ("supersession", False),
    ]
    assert found.exit_code == 3
    assert "run-2" in found.verdict.detail


SELF_TEST = new_key()
ALL = (*TRUSTED, trusting(SELF_TEST, TrustRole.SUPPLIER_TEST, name="Self-test"))


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize(
    ("role", "signers", "by", "counts"),
    [
        (RunnerRole.LAB, (LAB,), LAB, True),
        (RunnerRole.LAB, (LAB, MAKER), LAB, True),
        (RunnerRole.LAB, (LAB, MAKER), MAKER, False),
        (RunnerRole.LAB, (LAB, SELF_TEST), SELF_TEST, False),
        (RunnerRole.LAB, (LAB, BUYER), BUYER, False),
        (RunnerRole.LAB, (LAB, BENCH), BENCH, True),
        (RunnerRole.SUPPLIER, (SELF_TEST,), SELF_TEST, True),
        (RunnerRole.SUPPLIER, (SELF_TEST, LAB), LAB, False),
        (RunnerRole.SUPPLIER, (SELF_TEST, MAKER), MAKER, False),
        (RunnerRole.BUYER, (BUYER, LAB), BUYER, True),
        (RunnerRole.SELF, (LAB,), LAB, True),
        (RunnerRole.SELF, (LAB, MAKER), MAKER, False),
        (RunnerRole.SELF, (LAB,), BENCH, False),
    ],
)
def test_whoever_adds_a_signature_to_anothers_report_replaces_nothing(
    tmp_path, role, signers, by, counts, share
):
    made = a_run(tmp_path / "run", runner=Runner(role=role))
    data = made.signed(*signers)
    brought = Brought(given=(Given("r", about(data, Supersession(**SAID, **AWAY), by)),))
    if share:
        (made.root / "records.jsonl").write_bytes(b"")
        trust, asked = Trust(keys=ALL), Expectations(require="partial")
        found = verify_partial(data, Folder(made.root), (), trust, NOW, expectations=asked, brought=brought)
    else:
        found = made.verified(data, *ALL, brought=brought)
    assert [(each.kind, each.counts) for each in found.beside] == [("supersession", counts)]
    assert found.exit_code == (3 if counts else 0)


def other_kind(data: bytes) -> bytes:
    stated = reply_statement(SEEN, sha256(read_envelope(data).content))
    return signed_by_all(stated.model_copy(update={"predicate_type": "https://example.org/v1"}), MAKER)


def of_two(data: bytes) -> bytes:
    """A reply about this report and another."""
    stated = reply_statement(SEEN, sha256(read_envelope(data).content))
    both = (*stated.subject, Subject(name="run-2", digests={"sha256": "b" * 64}))
    return signed_by_all(stated.model_copy(update={"subject": both}), MAKER)


def without_digest(data: bytes) -> bytes:
    stated = reply_statement(SEEN, sha256(read_envelope(data).content))
    bare = (Subject(name="run-1", digests={"sha512": "b" * 128}),)
    return signed_by_all(stated.model_copy(update={"subject": bare}), MAKER)


def predicated(data: bytes, **members) -> bytes:
    stated = reply_statement(SEEN, sha256(read_envelope(data).content))
    return signed_by_all(stated.model_copy(update={"predicate": stated.predicate | members}), MAKER)


def payload_of(data: bytes) -> str:
    return sha256(read_envelope(data).content)


def falsely(data: bytes) -> bytes:
    envelope = read_envelope(about(data, SEEN, STRANGER))
    (made,) = envelope.signatures
    named = (Signature(keyid=MAKER.keyid, sig=made.sig),)
    return envelope.model_copy(update={"signatures": named}).canonical()


def restated(data: bytes, **members) -> bytes:
    value = reply_statement(SEEN, sha256(read_envelope(data).content)).plain()
    return wrapped(canonical(value | members), MAKER)


MALFORMED = "what it states is malformed: "


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda data: about(data, SEEN, MAKER, digest="c" * 64), "it is about another report"),
        (of_two, "it is about another report"),
        (without_digest, "it is about another report"),
        (other_kind, "it states 'https://example.org/v1', which says nothing about a report"),
        (lambda data: predicated(data, novel=1), f"{MALFORMED}Extra inputs are not permitted"),
        (lambda data: predicated(data, report_id="run-1"), f"{MALFORMED}Extra inputs are not permitted"),
        (
            lambda data: predicated(data, name=""),
            f"{MALFORMED}String should have at least 1 character",
        ),
        (lambda data: predicated(data, formatVersion="2"), f"{MALFORMED}Input should be '1'"),
        (falsely, f"the signature beside {MAKER.keyid} is not by that key"),
        (lambda _: wrapped(b"{}", MAKER), "the payload is no in-toto Statement v1"),
        (
            lambda data: wrapped(read_envelope(about(data, SEEN, MAKER)).content, MAKER, kind="text/plain"),
            "the payload type is 'text/plain', not 'application/vnd.in-toto+json'",
        ),
        (lambda data: restated(data, predicate_type="x"), "predicate_type: Extra inputs are not permitted"),
        (
            lambda data: restated(data, subject=[{"name": "run-1", "digests": {"sha256": payload_of(data)}}]),
            "subject.0.digest: Field required",
        ),
        (lambda data: restated(data, predicate=[]), "predicate: Input should be an object"),
        (lambda _: b"", None),
        (lambda _: wrapped(b"{", MAKER), None),
    ],
)
def test_what_says_nothing_of_the_report_is_told_if_it_was_given_and_refused_if_it_lies_there(
    run, make, said
):
    made, data = run
    other = make(data)
    found = with_given(run, about(data, SEEN, MAKER), other)
    assert [each.kind for each in found.beside] == ["acknowledgement"]
    (unread,) = found.unread
    assert unread.startswith("r2: ")
    assert len(unread) > len("r2: ")
    if said:
        assert unread == f"r2: {said}"
    assert told(found) == honest(*run, KEY)
    (made.root / "other.dsse.json").write_bytes(other)
    lying = made.verified(data, *TRUSTED)
    smuggled = "smuggled in, there but not signed: other.dsse.json"
    assert told(lying) == refused_at("files", smuggled, honest(*run, KEY))
    assert (lying.unread, lying.exit_code) == ((), 1)


def test_replies_that_lie_there_are_named_with_what_was_signed(run):
    made, data = run
    for name in ("b.dsse.json", "a.dsse.json"):
        (made.root / name).write_bytes(about(data, SEEN, MAKER))
    found = made.verified(data, *TRUSTED, rules=ASKED)
    said = "5 files, all as they were signed; signed statements beside the report: a.dsse.json, b.dsse.json"
    assert told(found) == honest(*run, KEY) | {"files": (OK, 0, said)}
    assert (len(found.beside), found.unread, found.exit_code) == (2, (), 0)
    (made.root / "x.pdf").write_bytes(b"")
    shown = told(made.verified(data, *TRUSTED))["files"][2]
    assert shown == said.replace("; ", "; unsigned views, which prove nothing: x.pdf; ")


def test_a_reply_among_the_signed_files_is_a_file_and_no_reply(run):
    made, data = run
    (made.root / "a.dsse.json").write_bytes(about(data, SEEN, MAKER))
    found = made.verified(made.signed(LAB), *TRUSTED, rules=ASKED)
    assert (found.beside, found.exit_code) == ((), 3)


def test_of_what_lies_there_a_hundred_replies_are_read_and_none_that_is_too_large(run):
    made, data = run
    reply = about(data, SEEN, MAKER)
    large = made.root / "large.dsse.json"
    large.write_bytes(b" " * (2**20 - len(reply)) + reply)
    assert made.verified(data, *TRUSTED).exit_code == 0
    large.write_bytes(b" " * (2**20 - len(reply) + 1) + reply)
    assert told(made.verified(data, *TRUSTED))["files"][:2] == (FAIL, 1)
    large.unlink()
    for number in range(100):
        (made.root / f"r{number}.dsse.json").write_bytes(reply)
    assert len(made.verified(data, *TRUSTED).beside) == 100
    (made.root / "one-more.dsse.json").write_bytes(reply)
    assert told(made.verified(data, *TRUSTED))["files"][:2] == (FAIL, 1)
