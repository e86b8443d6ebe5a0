"""Attacks on the envelope, on who signed it, and on what was signed."""

import base64
import datetime as dt
import json

from attack_stage import BUYER, LAB, SELF_TEST, STRANGER, SUPPLIER, Stage, new_key, signed
from attacks import attack

from conformance.model.base import canonical
from conformance.model.replies import Acknowledgement
from conformance.model.report import RunnerRole

SAID = {"name": "Jo", "at": "2026-11-22T11:30:00Z"}
DAY = dt.timedelta(days=1)


def acknowledgement(stage: Stage) -> Acknowledgement:
    return Acknowledgement(report_id=stage.folder.report().run_id, **SAID)


def raw(stage: Stage, old: bytes, new: bytes) -> None:
    data = stage.envelope.read_bytes()
    assert old in data
    stage.envelope.write_bytes(data.replace(old, new, 1))


@attack("envelope", 1)
def no_envelope(stage):
    """The signed statement is taken away"""
    stage.envelope.unlink()


@attack("envelope", 2)
def envelope_with_more(stage):
    """A member is added to the envelope, which no signature covers"""
    raw(stage, b'{"payload"', b'{"note":"PASSED","payload"')


@attack("envelope", 2)
def envelope_member_twice(stage):
    """The envelope names a payload twice: readers would differ on which one was signed"""
    raw(stage, b'{"payload"', b'{"payload":"e30=","payload"')


@attack("envelope", 2)
def envelope_with_nan(stage):
    """A number that is none stands in the envelope"""
    raw(stage, b'{"payload"', b'{"x":NaN,"payload"')


@attack("envelope", 2)
def envelope_with_byte_order_mark(stage):
    """A byte order mark stands before the envelope"""
    stage.envelope.write_bytes(b"\xef\xbb\xbf" + stage.envelope.read_bytes())


@attack("envelope", 2)
def envelope_url_safe_base64(stage):
    """A signature is written in the other alphabet of base64: the same bytes in a second form"""
    while True:
        key = new_key()
        signed(stage.folder, key)
        sig = json.loads(stage.envelope.read_bytes())["signatures"][0]["sig"]
        if set("+/") & set(sig):
            break
    stage.edit(
        "report.dsse.json", lambda e: e["signatures"][0].update(sig=sig.translate(str.maketrans("+/", "-_")))
    )


@attack("envelope", 2)
def envelope_loose_base64(stage):
    """Unused bits at the end of a signature's base64 are set"""

    def loosen(envelope):
        sig = envelope["signatures"][0]["sig"]
        assert sig.endswith("==")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        last = alphabet[alphabet.index(sig[-3]) ^ 1]
        assert base64.b64decode(sig) == base64.b64decode(f"{sig[:-3]}{last}==")
        envelope["signatures"][0]["sig"] = f"{sig[:-3]}{last}=="

    stage.edit("report.dsse.json", loosen)


@attack("envelope", 2)
def envelope_oversized(stage):
    """The envelope is made so large that reading it would exhaust the reader"""
    with stage.envelope.open("ab") as stream:
        stream.truncate(65 * 2**20)


@attack("envelope", 2)
def envelope_of_many_signatures(stage):
    """A hundred signatures keep the reader busy"""
    stage.edit("report.dsse.json", lambda e: e.update(signatures=e["signatures"] * 100))


@attack("envelope", 1)
def envelope_of_another_type(stage):
    """A document of another type, properly signed, is passed off as a report"""
    stage.put(stage.payload(), LAB, kind="application/json")


@attack("signatures", 1)
def stripped_signature(stage):
    """The signatures are stripped"""
    stage.edit("report.dsse.json", lambda e: e.update(signatures=[]))


@attack("signatures", 1)
def payload_exchanged(stage):
    """Another statement is put under the signature"""
    payload = base64.b64encode(stage.payload().replace(b'"nonce":"n-1"', b'"nonce":"n-2"')).decode()
    stage.edit("report.dsse.json", lambda e: e.update(payload=payload))


@attack("signatures", 1)
def signed_by_a_stranger(stage):
    """Somebody whom the reader does not know signs"""
    signed(stage.folder, STRANGER)


@attack("signatures", 1)
def borrowed_key_id(stage):
    """A stranger signs under the laboratory's key id"""
    signed(stage.folder, STRANGER)
    stage.edit("report.dsse.json", lambda e: e["signatures"][0].update(keyid=LAB.keyid))


@attack("signatures", 1)
def one_key_under_two_ids(stage):
    """One key signs under two ids, to look like two signers"""

    def doubled(envelope):
        first = envelope["signatures"][0]
        envelope["signatures"].append(first | {"keyid": STRANGER.keyid})

    stage.edit("report.dsse.json", doubled)


@attack("signatures", 3)
def one_key_twice(stage):
    """One key signs twice where the reader asks for two laboratories"""
    stage.rule("report", "2 independent-lab")
    stage.edit("report.dsse.json", lambda e: e.update(signatures=[*e["signatures"], *e["signatures"]]))


@attack("trust file", 2)
def trusted_under_two_ids(stage):
    """The reader is talked into entering one key a second time under another id"""
    stage.trust_file = stage.root.parent / "trust.toml"
    pem = LAB.public_pem
    entry = '[[key]]\nid = "{}"\nname = "Lab"\nroles = ["independent-lab"]\npem = """\n{}"""\n'
    stage.trust_file.write_text(entry.format(LAB.keyid, pem) + entry.format("0" * 64, pem), "ascii")
    stage.trust_file.chmod(0o600)


@attack("trust file", 2)
def trust_file_of_everybody(stage):
    """The trust file may be changed by others"""
    stage.trust_file = stage.root.parent / "trust.toml"
    stage.trust_file.write_text("", "ascii")
    stage.trust_file.chmod(0o666)


@attack("signatures", 1)
def supplier_alone(stage):
    """The supplier alone signs the report on its product"""
    signed(stage.folder, SUPPLIER)


@attack("signatures", 1)
def expired_key(stage):
    """The key had expired before the run"""
    stage.limit(LAB, valid_until=(stage.finished - 2 * DAY).date())


@attack("signatures", 1)
def key_not_yet_valid(stage):
    """The key was to count from a later day on"""
    stage.limit(LAB, valid_from=(stage.now + 2 * DAY).date())


@attack("signatures", 1)
def revoked_key(stage):
    """The key was revoked before the run"""
    stage.limit(LAB, revoked=(stage.finished - 2 * DAY).date(), reason="stolen")


@attack("signatures", 1)
def back_dated_with_a_revoked_key(stage):
    """Who stole a key that is revoked by now dates a report before that day"""
    stage.now += 20 * DAY
    stage.limit(LAB, revoked=(stage.now - 2 * DAY).date(), reason="stolen")


@attack("signatures", 1)
def expired_before_receipt(stage):
    """A key that had expired when the report was received is used all the same"""
    stage.now += 20 * DAY
    stage.limit(LAB, valid_until=(stage.finished + DAY).date())
    stage.received = stage.finished + 5 * DAY


@attack("signatures", 1)
def demo_key_for_a_product(stage):
    """A key that is trusted for the embedded supplier signs a report on a product"""
    stage.limit(LAB, only_embedded=True)
    stage.rewrite(
        suite=lambda suite: suite["target"].pop("embedded"),
        report=lambda report: report["target"].pop("embedded"),
    )


@attack("signatures", 3)
def acknowledged_by_a_stranger(stage):
    """Somebody else acknowledges in the supplier's place"""
    stage.rule("report", "supplier acknowledgement")
    stage.reply(acknowledgement(stage), STRANGER)


@attack("signatures", 3)
def acknowledged_by_the_tester(stage):
    """The tester acknowledges in the supplier's place"""
    stage.rule("report", "supplier acknowledgement")
    stage.reply(acknowledgement(stage), LAB)


@attack("signatures", 3)
def acknowledgement_of_another_report(stage):
    """The supplier's acknowledgement of an earlier report is shown again"""
    stage.rule("report", "supplier acknowledgement")
    stage.reply(acknowledgement(stage), SUPPLIER, digest="e" * 64)


@attack("signatures", 3)
def bare_second_signature(stage):
    """The supplier signs the report itself, which says nothing of what it meant"""
    stage.rule("report", "supplier acknowledgement")
    signed(stage.folder, LAB, SUPPLIER)


@attack("signatures", 3)
def self_test_for_a_laboratory(stage):
    """A supplier's self-test is handed in where the reader takes tests by laboratories"""
    stage.rule("report", runners=(RunnerRole.LAB,))
    stage.rewrite(SELF_TEST, run=lambda record: record["runner"].update(role="supplier-self-test"))


@attack("signatures", 3)
def wrong_role_signs(stage):
    """A buyer signs where the reader asks for a laboratory"""
    stage.rule("report", "independent-lab")
    stage.rewrite(BUYER, run=lambda record: record["runner"].update(role="buyer"))


@attack("statement", 1)
def other_predicate(stage):
    """A statement of another kind, properly signed, is passed off as a report"""
    stage.restate(
        lambda s: s.update(predicateType="https://conformance-harness.org/attestation/profile-release/v1")
    )


@attack("statement", 1)
def other_statement(stage):
    """The statement is of an older in-toto form"""
    stage.restate(lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"))


@attack("statement", 1)
def result_twice(stage):
    """The signed statement names its result twice: FAILED for one reader, PASSED for another"""
    stage.put(stage.payload().replace(b'"result":"PASSED"', b'"result":"FAILED","result":"PASSED"', 1), LAB)


@attack("statement", 1)
def nan_in_the_statement(stage):
    """A number that is none stands in the signed statement"""
    stage.put(stage.payload().replace(b'"formatVersion"', b'"x":NaN,"formatVersion"', 1), LAB)


@attack("statement", 1)
def number_without_end(stage):
    """A number too large to be read alike stands in the signed statement"""
    stage.put(stage.payload().replace(b'"formatVersion"', b'"x":1e999,"formatVersion"', 1), LAB)


@attack("statement", 1)
def unknown_major_version(stage):
    """The report is of a format that this reader does not know"""
    stage.restate(lambda s: s["predicate"].update(formatVersion="2"))


@attack("statement", 1)
def statement_with_more(stage):
    """A member that means something to other readers only is added and signed"""
    stage.restate(lambda s: s["predicate"].update(certified=True))


@attack("statement", 1)
def nested_without_end(stage):
    """The signed statement is nested so deeply that reading it would break the reader"""
    stage.put(canonical({}).replace(b"{}", b"[" * 100_000 + b"]" * 100_000), LAB)
