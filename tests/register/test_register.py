"""A register shows what was verified, and never more than that."""

import gzip
import hashlib
import json
import shutil
import xml.etree.ElementTree as ET

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from made_runs import a_key, lying

from conformance.cli.main import run
from conformance.model.replies import Supersession
from conformance.model.report import RunnerRole
from conformance.session.register import entering
from conformance.session.replying import reply, signed_report

ATOM = "{http://www.w3.org/2005/Atom}"


def only(index):
    (product,) = index["products"]
    (version,) = product["versions"]
    return version


def known(monkeypatch, *, digest=None):
    """Let the tiny profile be one that comes with the harness."""
    from conformance.session import verifying

    def published(name):
        return ("1.0.0", digest) if name == "tiny" else None

    monkeypatch.setattr(verifying, "published", published)


@pytest.fixture
def published(handing, monkeypatch):
    """The tiny profile as one whose publisher is known."""
    probe = handing.hand_in("first")
    suite = json.loads((probe / "suite.json").read_bytes())
    shutil.rmtree(probe)
    known(monkeypatch, digest=suite["profileDigest"])


def test_a_pass_by_a_laboratory_is_shown_with_who_tested_what(handing, published):
    handing.hand_in("run")
    index = handing.build("--title", "Of the North")
    (line,) = only(index)["profiles"]
    assert (line["passed"], line["result"], line["by"]) == (True, "PASSED", ["independent-lab"])
    (report,) = only(index)["reports"]
    assert report["counts"]
    product = index["products"][0]["id"]
    page = handing.page(f"products/{product}.html")
    for said in (
        "Records",
        "Acme",
        "an independent laboratory (A. Tester)",
        "Example Laboratory",
        "Counts as passed",
    ):
        assert said in page
    assert "Of the North" in handing.page()
    assert "1.0: passed 1 of 1 profile" in handing.page(f"badges/{product}.svg")
    statement = f"statements/{report['entry']['id']}.dsse.json"
    assert (handing.site / statement).read_bytes() == (
        handing.reports / "run" / "report.dsse.json"
    ).read_bytes()


def test_a_profile_that_nobody_knows_is_passed_and_does_not_count(handing):
    handing.hand_in("run")
    index = handing.build()
    (line,) = only(index)["profiles"]
    assert not line["passed"]
    assert "nobody whom you trust released it" in only(index)["reports"][0]["caveats"][0]
    assert "passed 0 of 1" in handing.page(f"badges/{index['products'][0]['id']}.svg")


def test_an_altered_profile_under_a_known_name_is_refused(handing, monkeypatch):
    known(monkeypatch, digest="0" * 64)
    handing.hand_in("run")
    index = handing.build(expected=5)
    assert not index["products"]
    assert "it is not the tiny@1.0.0 that comes with this harness" in index["refused"][0]["why"]


def test_a_failure_is_shown_as_one_with_what_is_not_met(handing, published):
    handing.hand_in("run", server=lying)
    index = handing.build()
    assert only(index)["profiles"][0]["result"] == "FAILED"
    assert "T-UNKNOWN" in handing.page(f"products/{index['products'][0]['id']}.html")


def test_the_supplier_s_own_pass_does_not_outweigh_the_laboratory_s_failure(handing, published):
    handing.hand_in("lab", server=lying)
    handing.hand_in("own", handing.vendor, role=RunnerRole.SUPPLIER)
    (line,) = only(handing.build())["profiles"]
    assert (line["result"], line["passed"]) == ("FAILED", False)
    assert line["by"] == ["independent-lab", "supplier-self-test"]


@pytest.mark.parametrize("spelling", ["RECORDS", " Records ", "Records"])
def test_another_spelling_of_the_product_leaves_no_failure_behind(handing, published, spelling):
    handing.hand_in("old", handing.vendor, role=RunnerRole.SUPPLIER, server=lying)
    handing.hand_in("new", product=spelling)
    index = handing.build()
    assert len(index["products"]) == 1
    assert only(index)["profiles"][0]["result"] == "FAILED"


def test_what_the_same_tester_measures_again_takes_the_place_of_the_earlier(handing, published):
    handing.hand_in("a", server=lying)
    handing.hand_in("b")
    version = only(handing.build())
    assert [report["standing"] for report in version["reports"]] == ["current", "earlier"]
    assert version["profiles"][0]["passed"]
    assert version["reports"][1]["successor"] == version["reports"][0]["entry"]["id"]


def test_a_pass_with_other_limits_neither_counts_nor_hides_a_failure(handing, published):
    handing.hand_in("strict", server=lying)
    handing.hand_in("lax", server=lying, overrides={"wanted": "200"})
    version = only(handing.build())
    assert version["profiles"][0]["result"] == "FAILED"
    (lax,) = [report for report in version["reports"] if report["entry"]["result"] == "PASSED"]
    assert not lax.get("counts")
    assert "wanted" in lax["caveats"][0]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda run: (run / "report.json").write_bytes(b"{}"), "changed since they were signed: report.json"),
        (lambda run: (run / "more.txt").write_text("x"), "smuggled in"),
        (lambda run: (run / "report.dsse.json").unlink(), "UNSIGNED"),
        (lambda run: (run / "report.dsse.json").write_bytes(b"{"), "no envelope"),
        (lambda run: (run / "evidence.jsonl").unlink(), "withheld"),
    ],
    ids=["changed", "smuggled", "unsigned", "torn", "withheld"],
)
def test_what_does_not_verify_is_listed_apart_with_the_reason(handing, damage, why):
    handing.hand_in("good")
    damage(handing.hand_in("bad", product="Better Records"))
    index = handing.build()
    assert [refusal["place"] for refusal in index["refused"]] == ["bad"]
    assert why in index["refused"][0]["why"]
    assert "Better Records" not in handing.page() + handing.page("index.json")
    assert why in handing.page("not-verified.html")


def test_what_makes_the_harness_fail_keeps_no_other_report_out(handing, monkeypatch):
    handing.hand_in("good")
    handing.hand_in("bad", product="Better Records")
    real = entering.check

    def failing(path, *rest):
        if path.name == "bad":
            raise ZeroDivisionError(f"in {path}/report.json")
        return real(path, *rest)

    monkeypatch.setattr(entering, "check", failing)
    index = handing.build()
    assert [product["product"] for product in index["products"]] == ["Records"]
    (refusal,) = index["refused"]
    assert refusal["why"].endswith("a fault of the harness: ZeroDivisionError: in bad/report.json")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no zip", b"PK\x05\x06" + bytes(18)], ids=["empty", "torn", "hollow"]
)
def test_a_bundle_that_is_none_keeps_no_other_report_out(handing, content):
    handing.hand_in("good")
    (handing.reports / "bad.conformance.zip").write_bytes(content)
    (refusal,) = handing.build()["refused"]
    assert refusal["place"] == "bad.conformance.zip"
    assert str(handing.place) not in refusal["why"]


def test_a_report_by_a_stranger_is_no_report(handing):
    handing.hand_in("run", a_key())
    assert "no trusted key" in handing.build(expected=5)["refused"][0]["why"]


def test_a_tester_claims_no_role_that_the_register_denies(handing):
    handing.hand_in("run", handing.vendor, role=RunnerRole.LAB)
    assert "claims to be run by independent-lab" in handing.build(expected=5)["refused"][0]["why"]


def test_a_bundle_is_as_good_as_a_folder_and_counts_once(handing):
    place = handing.hand_in("run")
    shutil.copy(place / "run.conformance.zip", handing.reports / "copy.conformance.zip")
    index = handing.build()
    assert len(only(index)["reports"]) == 1
    shutil.rmtree(place)
    assert only(handing.build())["reports"][0]["entry"]["place"] == "copy.conformance.zip"


def test_one_report_more_verifies_that_one_only(handing, monkeypatch):
    handing.hand_in("first")
    handing.build()
    verified = []
    real = entering.check
    monkeypatch.setattr(entering, "check", lambda path, *rest: verified.append(path) or real(path, *rest))
    handing.hand_in("second", product="Other")
    assert len(handing.build()["products"]) == 2
    assert [path.name for path in verified] == ["second"]


def damaged_envelope(handing):
    (statement,) = (handing.site / "statements").iterdir()
    statement.write_bytes(statement.read_bytes() + b" ")


def changed_body(handing):
    body = next((handing.reports / "run" / "bodies").iterdir())
    body.write_bytes(gzip.compress(b"{}"))


def revoked_key(handing):
    text = handing.trust_file.read_text()
    handing.trust_file.write_text(text.replace("pem =", "revoked = 2020-01-01\npem =", 1))


def stamped(handing):
    (handing.reports / "run" / "report.0.tsr").write_bytes(b"no time stamp")


def other_trust(handing):
    from conformance.model.trust import TrustRole
    from conformance.outside import trust

    trust.append(handing.trust_file, trust.trusted_key(a_key().public_pem, "Another", (TrustRole.BUYER,)))


@pytest.mark.parametrize(
    ("change", "code"),
    [(damaged_envelope, 0), (changed_body, 5), (revoked_key, 5), (other_trust, 0), (stamped, 0)],
)
def test_nothing_kept_is_believed_once_what_it_rests_on_changed(handing, monkeypatch, change, code):
    handing.hand_in("run")
    handing.build()
    change(handing)
    verified = []
    real = entering.check
    monkeypatch.setattr(entering, "check", lambda path, *rest: verified.append(path) or real(path, *rest))
    index = handing.build(expected=code)
    assert len(verified) == 1
    assert len(index["products"]) == (1 if code == 0 else 0)
    if code == 0:
        (statement,) = (handing.site / "statements").iterdir()
        assert statement.read_bytes() == (handing.reports / "run" / "report.dsse.json").read_bytes()


def test_what_others_could_have_changed_is_not_believed(handing, home, capsys):
    handing.hand_in("run")
    handing.build()
    name = hashlib.sha256(str(handing.site).encode()).hexdigest()
    kept = home / "XDG_CACHE_HOME" / "conformance" / "register" / f"{name}.db"
    kept.chmod(0o666)
    assert run(["register", "build", str(handing.reports), "--out", str(handing.site)]) == 3
    assert "cannot be believed" in capsys.readouterr().err
    kept.unlink()


def test_a_report_taken_back_leaves_the_site(handing):
    handing.hand_in("kept")
    gone = handing.hand_in("gone", product="Gone")
    handing.build()
    assert len(list((handing.site / "products").iterdir())) == 2
    shutil.rmtree(gone)
    assert len(handing.build()["products"]) == 1
    for folder in ("products", "badges", "statements"):
        assert len(list((handing.site / folder).iterdir())) == 1


def test_index_and_feed_are_what_they_are_described_to_be(handing):
    handing.hand_in("run", product="<b>&\x1b[31mRecords\u202e")
    handing.hand_in("bad").joinpath("suite.json").unlink()
    index = handing.build("--url", "https://register.example.org")
    schema = json.loads(handing.page("register-v1.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(index)
    assert not jsonschema.Draft202012Validator(schema).is_valid(index | {"format": "2"})
    feed = ET.fromstring(handing.page("feed.atom"))
    for needed in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{needed}") is not None
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text.startswith("<b>&Records 1.0: PASSED")
    assert entry.find(f"{ATOM}link").get("href").startswith("https://register.example.org/products/")
    for name in ("index.html", f"products/{index['products'][0]['id']}.html"):
        assert "<b>&" not in handing.page(name)
        assert "\x1b" not in handing.page(name)


def test_two_builds_of_the_same_are_the_same_but_for_the_moment(handing):
    handing.hand_in("run")
    first = handing.build()
    pages = {path: path.stat().st_mtime_ns for path in (handing.site / "products").iterdir()}
    assert first | {"builtAt": ""} == handing.build() | {"builtAt": ""}
    assert {path: path.stat().st_mtime_ns for path in pages} == pages


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{empty}", "--out", "{place}/new"], "holds no run"),
        (["{place}/nowhere", "--out", "{place}/new"], "nowhere cannot be read"),
        (["{reports}", "--out", "{place}"], "is not empty"),
        (["{reports}", "--out", "{reports}/site"], "lies within"),
        (["{reports}", "--out", "{place}/new", "--url", "register"], "no address"),
    ],
    ids=["empty", "absent", "foreign", "within", "address"],
)
def test_mistakes_are_told_and_nothing_is_written(handing, capsys, arguments, said):
    handing.hand_in("run")
    (handing.place / "empty").mkdir()
    named = {"place": handing.place, "reports": handing.reports, "empty": handing.place / "empty"}
    assert run(["register", "build", *(argument.format(**named) for argument in arguments)]) == 2
    assert said in capsys.readouterr().err
    assert not (handing.place / "new").exists()


def as_pem(monkeypatch, signer_name, private):
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    monkeypatch.setenv(signer_name, pem)
    return f"env:{signer_name}"


def stated(handing, kind, *paths, by, reason="the data set was not ours"):
    said = ["--name", "Jo Bloggs", "--key", by, "--reason", reason]
    assert run([kind, *map(str, paths), *said]) == 0


@pytest.mark.parametrize("as_bundle", [False, True], ids=["folder", "bundle"])
def test_a_pass_that_somebody_trusted_disputes_is_told_so_and_does_not_count(
    handing, published, monkeypatch, as_bundle
):
    place = handing.hand_in("run")
    if as_bundle:
        bundle = shutil.copy(place / "run.conformance.zip", handing.reports / "run.conformance.zip")
        shutil.rmtree(place)
        place = bundle
    assert only(handing.build())["profiles"][0]["passed"]
    stated(handing, "dispute", place, by=as_pem(monkeypatch, "VENDOR", handing.vendor_private))
    index = handing.build()
    (line,) = only(index)["profiles"]
    assert (line["result"], line["passed"], line["disputed"]) == ("PASSED", False, True)
    page = handing.page(f"products/{index['products'][0]['id']}.html")
    assert "PASSED, disputed" in page
    assert "the data set was not ours" in page
    assert "disputed" in handing.page(f"badges/{index['products'][0]['id']}.svg")
    assert "PASSED against A tiny profile, disputed" in handing.page("feed.atom")


def test_a_stranger_s_dispute_changes_nothing(handing, published, monkeypatch):
    place = handing.hand_in("run")
    stated(handing, "dispute", place, by=as_pem(monkeypatch, "STRANGER", Ed25519PrivateKey.generate()))
    version = only(handing.build())
    assert version["profiles"][0]["passed"]
    assert not version["reports"][0]["entry"]["beside"][0]["counts"]


@pytest.mark.parametrize(("who", "standing"), [("lab", "superseded"), ("vendor", "current")])
def test_only_who_signed_a_report_takes_it_back(handing, published, who, standing):
    old, new = handing.hand_in("old", server=lying), handing.hand_in("new", product="Other")
    successor = signed_report(new)

    def said(report, at):
        replaced = {
            "report_id": report.stated.report_id,
            "name": "Jo Bloggs",
            "at": at,
            "reason": "a better one",
        }
        return Supersession(**replaced, by_report=successor.stated.report_id, by_digest=successor.digest)

    reply(old, None, "supersede", said, getattr(handing, who))
    index = handing.build()
    (product,) = [each for each in index["products"] if each["product"] == "Records"]
    (report,) = product["versions"][0]["reports"]
    assert report["standing"] == standing
    assert bool(product["versions"][0]["profiles"]) is (standing == "current")
    assert "FAILED" in handing.page(f"products/{product['id']}.html")


def test_a_statement_that_belongs_to_no_report_is_listed_apart(handing, monkeypatch):
    handing.hand_in("run")
    gone = handing.hand_in("gone")
    out = handing.reports / "said.dsse.json"
    key = as_pem(monkeypatch, "VENDOR", handing.vendor_private)
    stated(handing, "dispute", gone, "--out", out, by=key)
    shutil.rmtree(gone)
    (handing.reports / "torn.dsse.json").write_bytes(b"{")
    refused = {one["place"]: one["why"] for one in handing.build()["refused"]}
    assert set(refused) == {"said.dsse.json", "torn.dsse.json"}
    assert refused["said.dsse.json"] == "it is about no report in this register"


def test_the_reference_supplier_is_a_demonstration_and_no_product(handing, published):
    handing.hand_in("run", embedded=True)
    handing.hand_in("real")
    index = handing.build()
    demonstration = index["products"][-1]
    assert demonstration["demonstration"]
    assert not demonstration["versions"][0]["profiles"][0]["passed"]
    assert index["products"][0]["versions"][0]["profiles"][0]["passed"]
    assert "demonstration, no product" in handing.page(f"badges/{demonstration['id']}.svg")
