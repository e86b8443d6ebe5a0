import base64
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from signed_run import EXCHANGE, NOW, Folder, a_run, new_key, trusting

from conformance.errors import HarnessError
from conformance.model.attestation import Recomputation, StepOutcome, Verified
from conformance.model.base import canonical, sha256
from conformance.model.dsse import Envelope, Signature, base64_text
from conformance.model.report import Result, Runner, RunnerRole
from conformance.model.target import TargetCard
from conformance.model.trust import Trust, TrustRole
from conformance.stages.sign import sign
from conformance.stages.verify import STEPS, verify

LAB, SUPPLIER, STRANGER = new_key(), new_key(), new_key()
TRUSTED = trusting(LAB)
EMBEDDED = TargetCard(endpoint="http://127.0.0.1:8080", embedded=True)


def step(verification, name):
    return next(step for step in verification.steps if step.name == name)


def failed(verification):
    done = (*verification.steps, verification.verdict)
    return [step.name for step in done if step.outcome is StepOutcome.FAIL]


def altered(data: bytes, change) -> bytes:
    """The envelope's bytes after `change` was made to the object that they hold."""
    value = json.loads(data)
    change(value)
    return canonical(value)


def signed_payload(payload: bytes, *signers) -> bytes:
    """An envelope around a payload that its signers did sign, however wrong it is."""
    envelope = Envelope(
        payload_type="application/vnd.in-toto+json", payload=base64_text(payload), signatures=()
    )
    made = tuple(Signature(keyid=s.keyid, sig=base64_text(s.sign(envelope.pae()))) for s in signers)
    return envelope.model_copy(update={"signatures": made}).canonical()


def restated(run, change) -> bytes:
    """The run's statement, changed and then properly signed by the lab."""
    value = run.statement().plain()
    change(value)
    return signed_payload(canonical(value), LAB)


def test_an_honest_run_is_verified(tmp_path):
    run = a_run(tmp_path)
    verification = run.verified(run.signed(LAB), TRUSTED)
    assert [s.name for s in verification.steps] == list(STEPS)
    assert failed(verification) == []
    assert verification.exit_code == 0
    assert verification.result is Result.PASSED
    assert verification.runner.role is RunnerRole.LAB
    assert [signer.name for signer in verification.signers] == ["Lab"]
    assert verification.verified.report == run.report
    assert "none resting on the tester's word" in step(verification, "recomputation").detail
    assert "no profile sample comes with this harness" in step(verification, "profile").detail


def test_an_unsigned_run_is_marked_so(tmp_path):
    verification = a_run(tmp_path).verified(None, TRUSTED)
    assert verification.exit_code == 1
    assert step(verification, "envelope").detail.startswith("UNSIGNED")
    assert {s.outcome for s in verification.steps[1:]} == {StepOutcome.SKIPPED}
    assert (verification.result, verification.verified) == (None, None)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    run = a_run(tmp_path_factory.mktemp("run"))
    return run, run.signed(LAB)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_byte_of_the_envelope_can_be_changed(stored, data):
    run, envelope = stored
    place = data.draw(st.integers(0, len(envelope) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != envelope[place]))
    forged = envelope[:place] + bytes([byte]) + envelope[place + 1 :]
    verification = run.verified(forged, TRUSTED)
    assert verification.exit_code in {1, 2}
    assert verification.result is None


@pytest.mark.parametrize("bit", [0x01, 0x06, 0x20])
def test_no_bit_around_the_payload_can_be_changed(stored, bit):
    """0x06 makes the URL-safe `-` of a `+`; 0x20 changes case."""
    run, envelope = stored
    for place in range(envelope.index(b'"payloadType"'), len(envelope)):
        forged = envelope[:place] + bytes([envelope[place] ^ bit]) + envelope[place + 1 :]
        assert run.verified(forged, TRUSTED).exit_code in {1, 2}, forged[place - 20 : place + 20]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_byte_of_a_subject_can_be_changed(stored, data):
    run, envelope = stored
    path = run.root / data.draw(st.sampled_from(sorted(run.subjects)))
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != before[place]))
    try:
        path.write_bytes(before[:place] + bytes([byte]) + before[place + 1 :])
        verification = run.verified(envelope, TRUSTED)
    finally:
        path.write_bytes(before)
    assert failed(verification) == ["files"]
    assert verification.exit_code == 1


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_refused_and_none_break_it(stored, data):
    run, _ = stored
    assert run.verified(data, TRUSTED).exit_code in {1, 2}


def test_an_unknown_key_is_refused_with_its_fingerprint_and_what_to_do(tmp_path):
    run = a_run(tmp_path)
    verification = run.verified(run.signed(STRANGER), TRUSTED)
    assert verification.exit_code == 1
    assert STRANGER.keyid in step(verification, "signatures").detail
    assert "conformance trust add" in step(verification, "signatures").detail


def test_an_unknown_signature_beside_a_good_one_is_told_and_counts_for_nothing(tmp_path):
    run = a_run(tmp_path)
    verification = run.verified(run.signed(LAB, STRANGER), TRUSTED)
    assert verification.exit_code == 0
    assert step(verification, "signatures").outcome is StepOutcome.WARN
    assert STRANGER.keyid in step(verification, "signatures").detail
    assert [signer.keyid for signer in verification.signers] == [LAB.keyid]


def test_a_bad_signature_in_a_trusted_name_is_refused_beside_a_good_one(tmp_path):
    run = a_run(tmp_path)
    data = altered(run.signed(LAB, SUPPLIER), lambda e: e["signatures"][1].update(sig=base64_text(bytes(64))))
    supplier = trusting(SUPPLIER, TrustRole.SUPPLIER, name="Supplier")
    assert failed(run.verified(data, TRUSTED, supplier)) == ["signatures"]


def test_one_key_under_two_ids_is_refused(tmp_path):
    run = a_run(tmp_path)

    def under_another_name(envelope):
        envelope["signatures"].append(envelope["signatures"][0] | {"keyid": "b" * 64})

    verification = run.verified(altered(run.signed(LAB), under_another_name), TRUSTED)
    assert failed(verification) == ["signatures"]


def test_one_key_that_signs_twice_is_one_signer(tmp_path):
    run = a_run(tmp_path)
    data = altered(run.signed(LAB), lambda e: e["signatures"].append(e["signatures"][0]))
    assert len(run.verified(data, TRUSTED).signers) == 1


def test_a_signature_without_key_id_is_tried_with_every_key(tmp_path):
    run = a_run(tmp_path)
    data = altered(run.signed(LAB), lambda e: e["signatures"][0].pop("keyid"))
    assert run.verified(data, TRUSTED).exit_code == 0
    assert "an unnamed key" in step(run.verified(data), "signatures").detail


def test_a_stripped_signature_leaves_an_unsigned_run(tmp_path):
    run = a_run(tmp_path)
    verification = run.verified(altered(run.signed(LAB), lambda e: e["signatures"].clear()), TRUSTED)
    assert "UNSIGNED" in step(verification, "signatures").detail
    assert verification.exit_code == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "strict JSON"),
        (b"[]", "an object"),
        (b'{"payload":"","payload":"","payloadType":"x","signatures":[]}', "stands twice"),
        (b'{"payload":NaN,"payloadType":"x","signatures":[]}', "NaN"),
        (b'{"payload":"YQ=","payloadType":"x","signatures":[]}', "base64"),
        (b'{"payload":"YR==","payloadType":"x","signatures":[]}', "canonical"),
        (b'{"payload":"_w==","payloadType":"x","signatures":[]}', "base64"),
        (b'{"payload":"","payloadType":"x","signatures":[],"extra":1}', "extra"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_what_is_no_envelope_is_unreadable(tmp_path, data, said):
    verification = a_run(tmp_path).verified(data, TRUSTED)
    assert said in step(verification, "envelope").detail
    assert verification.exit_code == 2


def test_an_envelope_of_another_type_is_refused_before_its_signatures(tmp_path):
    run = a_run(tmp_path)
    data = altered(run.signed(LAB), lambda e: e.update(payloadType="application/json"))
    verification = run.verified(data, TRUSTED)
    assert (failed(verification), verification.exit_code) == (["envelope"], 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"), "_type"),
        (lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"), "predicateType"),
        (lambda s: s["predicate"].update(formatVersion="2"), "format '2'"),
        (lambda s: s["predicate"].update(surprise=1), "surprise"),
        (lambda s: s["predicate"].pop("runner"), "runner"),
        (lambda s: s["predicate"].update(finishedAt="2026-11-22T11:00:00"), "offset"),
        (lambda s: s["predicate"].update(result="BRILLIANT"), "result"),
        (lambda s: s.update(subject=[]), "subject"),
        (lambda s: s.pop("predicate"), "predicate"),
        (lambda s: s.update(extra=1), "extra"),
    ],
)
def test_a_statement_of_another_kind_or_shape_is_refused_though_signed(tmp_path, change, said):
    run = a_run(tmp_path)
    verification = run.verified(restated(run, change), TRUSTED)
    assert failed(verification) == ["statement"]
    assert said in step(verification, "statement").detail


def test_duplicate_members_in_a_signed_payload_are_refused(tmp_path):
    run = a_run(tmp_path)
    payload = canonical(run.statement().plain())
    twice = payload.replace(b'"result":"PASSED"', b'"result":"FAILED","result":"PASSED"', 1)
    assert twice != payload
    verification = run.verified(signed_payload(twice, LAB), TRUSTED)
    assert "stands twice" in step(verification, "statement").detail


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"valid_until": dt.date(2026, 11, 21)}, "when it was made"),
        ({"valid_from": dt.date(2026, 11, 23)}, "when it was made"),
        ({"revoked": dt.date(2026, 11, 22)}, "revoked"),
        ({"revoked": dt.date(2026, 1, 1)}, "revoked"),
        ({"only_embedded": True}, "embedded reference supplier only"),
    ],
)
def test_a_key_outside_what_it_is_trusted_for_is_refused(tmp_path, limits, said):
    run = a_run(tmp_path)
    verification = run.verified(run.signed(LAB), trusting(LAB, **limits))
    assert (failed(verification), verification.exit_code) == (["signatures"], 1)
    assert said in step(verification, "signatures").detail


@pytest.mark.parametrize("limits", [{"valid_until": dt.date(2026, 12, 1)}, {"revoked": dt.date(2026, 12, 1)}])
def test_a_key_must_still_count_when_the_reader_reads(tmp_path, limits):
    run = a_run(tmp_path)
    key, data = trusting(LAB, **limits), run.signed(LAB)
    assert run.verified(data, key).exit_code == 0
    assert failed(run.verified(data, key, now=NOW + dt.timedelta(days=30))) == ["signatures"]


def test_an_expired_key_beside_a_good_one_is_told(tmp_path):
    run = a_run(tmp_path)
    old = trusting(SUPPLIER, TrustRole.SUPPLIER, name="Supplier", valid_until=dt.date(2026, 1, 1))
    verification = run.verified(run.signed(LAB, SUPPLIER), TRUSTED, old)
    assert verification.exit_code == 0
    assert "Supplier: the key is valid until 2026-01-01" in step(verification, "signatures").detail
    assert [signer.name for signer in verification.signers] == ["Lab"]


def test_a_supplier_alone_carries_no_report_but_may_sign_beside(tmp_path):
    run = a_run(tmp_path)
    supplier = trusting(SUPPLIER, TrustRole.SUPPLIER, name="Supplier")
    assert failed(run.verified(run.signed(SUPPLIER), supplier)) == ["signatures"]
    both = run.verified(run.signed(LAB, SUPPLIER), TRUSTED, supplier)
    assert (both.exit_code, len(both.signers)) == (0, 2)


@pytest.mark.parametrize(
    ("target", "counts"),
    [
        (EMBEDDED, True),
        (EMBEDDED.model_copy(update={"endpoint": "http://localhost:1"}), True),
        (EMBEDDED.model_copy(update={"endpoint": "http://[::1]:1"}), True),
        (EMBEDDED.model_copy(update={"endpoint": "https://fhir.example.org"}), False),
        (EMBEDDED.model_copy(update={"endpoint": "http://127.0.0.1.example.org"}), False),
        (EMBEDDED.model_copy(update={"embedded": False}), False),
    ],
)
def test_the_demo_key_counts_for_the_embedded_supplier_only(tmp_path, target, counts):
    run = a_run(tmp_path, target=target, runner=Runner())
    key = trusting(LAB, TrustRole.SELF, only_embedded=True)
    verification = run.verified(run.signed(LAB), key)
    assert failed(verification) == ([] if counts else ["signatures"])
    assert "embedded" in step(verification, "signatures").detail


def test_nobody_lends_himself_a_role(tmp_path):
    run = a_run(tmp_path)
    verification = run.verified(run.signed(LAB), trusting(LAB, TrustRole.SUPPLIER_TEST))
    assert failed(verification) == ["binding"]
    assert "independent-lab" in step(verification, "binding").detail


def test_withheld_and_smuggled_files_are_told_apart(tmp_path):
    run = a_run(tmp_path)
    data = run.signed(LAB)
    (tmp_path / "bodies" / "b1").rename(tmp_path / "bodies" / "b2")
    detail = step(run.verified(data, TRUSTED), "files").detail
    assert "withheld, signed but not there: bodies/b1" in detail
    assert "smuggled in, there but not signed: bodies/b2" in detail


def test_views_may_lie_beside_and_are_called_unsigned(tmp_path):
    run = a_run(tmp_path)
    data = run.signed(LAB)
    for name in ("report.html", "junit.xml", "run-1.zip"):
        (tmp_path / name).write_text("a view")
    verification = run.verified(data, TRUSTED)
    assert verification.exit_code == 0
    assert "unsigned views, which prove nothing: junit.xml, report.html" in step(verification, "files").detail
    (tmp_path / "bodies" / "b2.html").write_text("no view: it lies among the evidence")
    assert failed(run.verified(data, TRUSTED)) == ["files"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "a/../../b",
        "bodies\\b1",
        "C:evil",
        "re\u0440ort.json",
        "a//b",
        "./a",
        "",
        "a\n",
    ],
)
def test_a_name_that_leads_astray_is_refused_though_signed(tmp_path, name):
    run = a_run(tmp_path)

    def add(statement):
        statement["subject"].append({"name": name, "digest": {"sha256": "0" * 64}})

    verification = run.verified(restated(run, add), TRUSTED)
    assert failed(verification) == ["files"]
    assert "no plain relative file name" in step(verification, "files").detail


def test_a_file_whose_name_looks_like_another_is_refused(tmp_path):
    run = a_run(tmp_path)
    data = run.signed(LAB)
    (tmp_path / "r\u0435port.html").write_text("with a Cyrillic e")
    assert "'r\\u0435port.html'" in step(run.verified(data, TRUSTED), "files").detail


def test_names_that_differ_in_case_only_are_refused(tmp_path):
    run = a_run(tmp_path)
    data = run.signed(LAB)
    (tmp_path / "Report.html").write_text("one")
    (tmp_path / "report.html").write_text("other")
    assert "differ in case only" in step(run.verified(data, TRUSTED), "files").detail


def test_a_subject_twice_is_refused(tmp_path):
    run = a_run(tmp_path)
    data = restated(run, lambda s: s["subject"].append(s["subject"][0]))
    assert "stands twice" in step(run.verified(data, TRUSTED), "files").detail


def test_a_symbolic_link_is_no_file(tmp_path):
    run = a_run(tmp_path / "run")
    data = run.signed(LAB)
    outside = tmp_path / "b1"
    (run.root / "bodies" / "b1").rename(outside)
    (run.root / "bodies" / "b1").symlink_to(outside)
    verification = run.verified(data, TRUSTED)
    assert failed(verification) == ["files"]
    assert "no regular file" in step(verification, "files").detail


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    run = a_run(tmp_path)
    data, honest = run.signed(LAB), run.subjects

    class Changing(Folder):
        def digest(self, name):
            return honest[name]

    (tmp_path / "report.json").write_bytes(run.report.canonical().replace(b"PASSED", b"FAILED"))
    verification = verify(data, Changing(tmp_path), Trust(keys=(TRUSTED,)), NOW, recompute=run.recomputed)
    assert "report.json changed while" in step(verification, "files").detail


def test_another_profile_than_the_pinned_one_is_refused(tmp_path):
    run = a_run(tmp_path)
    run.suite = run.suite.model_copy(update={"profile_digest": "0" * 64})
    run.report = run.report.model_copy(update={"suite_digest": sha256(run.suite.canonical())})
    run.write()
    assert failed(run.verified(run.signed(LAB), TRUSTED)) == ["profile"]


def test_a_report_of_another_suite_is_refused(tmp_path):
    run = a_run(tmp_path)
    run.suite = run.suite.model_copy(update={"seed": 2})
    run.write()
    assert failed(run.verified(run.signed(LAB), TRUSTED)) == ["binding"]


@pytest.mark.parametrize("evidence", [{}, {EXCHANGE.id: "b" * 64}])
def test_a_verdict_on_evidence_that_is_not_there_is_refused(tmp_path, evidence):
    run = a_run(tmp_path)
    verification = run.verified(
        run.signed(LAB),
        TRUSTED,
        recompute=lambda _suite: Recomputation(run.report, judged=1, evidence=evidence),
    )
    assert failed(verification) == ["evidence"]
    assert verification.exit_code == 1


def honest_failure(run, tmp_path):
    """What judging the evidence of a run that was signed as passed really gives."""
    failing = a_run(tmp_path / "again", result=Result.FAILED).report
    return lambda _suite: Recomputation(failing, judged=1, evidence=run.recomputed().evidence)


def test_a_lie_that_both_parties_sign_is_refused(tmp_path):
    run = a_run(tmp_path / "run")
    supplier = trusting(SUPPLIER, TrustRole.SUPPLIER, name="Supplier")
    verification = run.verified(
        run.signed(LAB, SUPPLIER), TRUSTED, supplier, recompute=honest_failure(run, tmp_path)
    )
    assert (failed(verification), verification.exit_code) == (["recomputation"], 1)
    assert "R-1 (pass, recomputed fail)" in step(verification, "recomputation").detail
    assert verification.result is None


def test_another_version_that_judges_differently_is_no_forgery_yet_not_verified(tmp_path):
    run = a_run(tmp_path / "run", version="0.0.1")
    verification = run.verified(run.signed(LAB), TRUSTED, recompute=honest_failure(run, tmp_path))
    assert (failed(verification), verification.exit_code) == (["recomputation"], 3)
    assert "judged differently now by this version" in step(verification, "recomputation").detail
    assert verification.authentic
    assert verification.verified is None
    assert verification.judged == 0


@pytest.mark.parametrize(("version", "code"), [("0.0.1", 3), (None, 1)])
def test_evidence_that_cannot_be_judged_here_is_not_taken_on_trust(tmp_path, version, code):
    run = a_run(tmp_path, **({"version": version} if version else {}))

    def broken(_suite):
        raise HarnessError("there is no check named 'novel'")

    verification = run.verified(run.signed(LAB), TRUSTED, recompute=broken)
    assert failed(verification) == ["recomputation"]
    assert verification.exit_code == code
    assert "'novel'" in step(verification, "recomputation").detail


def test_what_rests_on_the_testers_word_is_counted(tmp_path):
    run = a_run(tmp_path)

    def partly(_suite):
        return Recomputation(
            run.report, judged=7, on_word=2, by_plugins=3, evidence={EXCHANGE.id: EXCHANGE.sha256}
        )

    verification = run.verified(run.signed(LAB), TRUSTED, recompute=partly)
    assert verification.exit_code == 0
    assert (verification.judged, verification.on_word, verification.by_plugins) == (7, 2, 3)
    assert step(verification, "recomputation").outcome is StepOutcome.WARN
    assert "2 rest on the tester's word" in step(verification, "recomputation").detail


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("result", "FAILED"),
        ("runner", {"role": "independent-lab", "name": "Somebody else", "organisation": ""}),
        ("requirements", []),
        ("methods", []),
        ("startedAt", "2026-11-22T09:00:00Z"),
        ("reportDigest", "0" * 64),
    ],
)
def test_a_statement_that_says_something_else_than_the_files_is_refused(tmp_path, member, value):
    run = a_run(tmp_path)
    verification = run.verified(
        restated(run, lambda s: s["predicate"].update({member: value})), TRUSTED, require="authentic"
    )
    assert failed(verification) == ["binding"]
    assert verification.exit_code == 1


def test_a_run_that_ends_in_the_future_is_refused(tmp_path):
    run = a_run(tmp_path, finished_at="2026-11-22T12:06:00Z")
    assert failed(run.verified(run.signed(LAB), TRUSTED)) == ["times"]


def test_a_run_that_ends_before_it_starts_is_refused(tmp_path):
    run = a_run(tmp_path, finished_at="2026-11-22T09:00:00Z")
    assert run.verified(run.signed(LAB), TRUSTED).exit_code == 1


def test_an_expired_report_is_authentic_and_of_no_use(tmp_path):
    run = a_run(tmp_path)
    data = run.signed(LAB, valid_until="2026-11-23T00:00:00Z")
    assert run.verified(data, TRUSTED).exit_code == 0
    verification = run.verified(data, TRUSTED, now=NOW + dt.timedelta(days=1))
    assert (failed(verification), verification.exit_code) == (["times"], 3)
    assert verification.result is Result.PASSED


def test_a_failed_run_is_authentic_yet_not_what_is_asked(tmp_path):
    run = a_run(tmp_path, result=Result.FAILED)
    data = run.signed(LAB)
    verification = run.verified(data, TRUSTED)
    assert (failed(verification), verification.exit_code) == (["verdict"], 3)
    assert (verification.result, verification.authentic) == (Result.FAILED, True)
    assert run.verified(data, TRUSTED, require="authentic").exit_code == 0


@pytest.mark.parametrize(
    ("expected", "where"),
    [
        ({"nonce": "n-1"}, "binding"),
        ({"procurement_ref": "ocds-1"}, "binding"),
        ({"endpoint": "https://other.example.org"}, "binding"),
        ({"supplier": "Other"}, "binding"),
        ({"product": "Other"}, "binding"),
        ({"version": "9"}, "binding"),
        ({"max_age_days": 0}, "times"),
    ],
)
def test_a_report_about_something_else_or_too_old_is_not_what_is_asked(tmp_path, expected, where):
    run = a_run(tmp_path)
    verification = run.verified(run.signed(LAB), TRUSTED, **expected)
    assert (failed(verification), verification.exit_code) == ([where], 3)


def test_what_a_stranger_writes_reaches_no_terminal_raw(tmp_path):
    run = a_run(tmp_path)
    data = altered(run.signed(STRANGER), lambda e: e["signatures"][0].update(keyid="\x1b[2J\u202e"))
    assert step(run.verified(data), "signatures").detail.isprintable()


def test_nothing_is_verified_without_the_steps(tmp_path):
    run = a_run(tmp_path)
    verified = run.verified(run.signed(LAB), TRUSTED).verified
    members = {name: getattr(verified, name) for name in Verified.model_fields}
    assert Verified(**members) == verified
    with pytest.raises(ValidationError, match="every step"):
        Verified(**members | {"steps": verified.steps[:3]})
    refused = run.verified(None).steps
    with pytest.raises(ValidationError):
        Verified(**members | {"steps": refused})


def test_the_envelope_is_plain_dsse(tmp_path):
    run = a_run(tmp_path)
    value = json.loads(sign(run.statement(), LAB).canonical())
    assert set(value) == {"payload", "payloadType", "signatures"}
    assert len(base64.b64decode(value["signatures"][0]["sig"])) == 64
