"""docs/verify.html says the same of a signed run as `verify` does of its bytes, in a real browser and offline."""

import re
import shutil
from pathlib import Path

import pytest
from chromium import NEEDED, chromium
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conformance.model.attestation import Statement
from conformance.model.base import strict_json
from conformance.model.dsse import read_envelope
from conformance.outside import keys
from conformance.stages.sign import sign

pytestmark = NEEDED
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "verify.html"
EXAMPLE = ROOT / "reports" / "example"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def run(tmp_path):
    return shutil.copytree(EXAMPLE, tmp_path / "run")


@pytest.fixture
def p256(tmp_path):
    """A P-256 key pair: the signer and the file of the public half."""
    private = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "p256"
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)
    public = tmp_path / "p256.pub.pem"
    public.write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return path, public


def example_key(folder):
    """The public key of the example, from the trust file beside it."""
    text = (ROOT / "reports" / "example.trust.toml").read_text("utf-8")
    begin, end = (
        text.index("-----BEGIN"),
        text.index("-----END PUBLIC KEY-----") + len("-----END PUBLIC KEY-----"),
    )
    path = folder / "tester.pub.pem"
    path.write_text(text[begin:end] + "\n", "utf-8")
    return path


def said(browser, key, run):
    """The verdict and the steps that the page shows."""
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(PAGE.as_uri())
    tab.set_input_files("#key", key)
    tab.set_input_files("#files", run)
    tab.click("button")
    tab.locator("#verdict", has_text=re.compile("authentic|unchanged")).wait_for()
    found = tab.text_content("#verdict"), tab.locator("#steps li").all_text_contents()
    context.close()
    return found


def test_a_signed_run_is_found_signed_and_unchanged(browser, run, tmp_path):
    verdict, steps = said(browser, example_key(tmp_path), run)
    assert verdict.startswith("Signed and unchanged. It says PASSED for Harbour EPR"), steps
    assert "not judged anew" in verdict


def test_a_p256_signature_is_understood(browser, run, p256):
    private, public = p256
    content = strict_json(read_envelope((run / "report.dsse.json").read_bytes()).content)
    signer = keys.load(str(private), lambda: pytest.fail("no password is needed"), allow_unencrypted=True)
    for _ in range(4):  # signatures differ each time, in length as well
        (run / "report.dsse.json").write_bytes(sign(Statement.model_validate(content), signer).canonical())
        verdict, steps = said(browser, public, run)
        assert verdict.startswith("Signed and unchanged"), steps


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda run: (run / "report.json").write_bytes((run / "report.json").read_bytes() + b" "),
            "report.json was",
        ),
        (lambda run: (run / "evidence.jsonl").unlink(), "evidence.jsonl is missing"),
        (lambda run: (run / "bodies" / "more").write_text("x"), "bodies/more was added"),
        (lambda run: (run / "report.dsse.json").unlink(), "not signed"),
        (lambda run: (run / "report.dsse.json").write_text("{}"), "something else"),
    ],
)
def test_a_run_that_was_changed_is_not_authentic(browser, run, tmp_path, change, told):
    change(run)
    verdict, steps = said(browser, example_key(tmp_path), run)
    assert verdict.startswith("Not authentic")
    assert any(told in step for step in steps), steps


def test_another_key_is_not_that_of_the_signer(browser, run, p256):
    verdict, steps = said(browser, p256[1], run)
    assert verdict.startswith("Not authentic")
    assert any("NOT signed with this key" in step for step in steps)


def test_views_may_be_changed(browser, run, tmp_path):
    (run / "views" / "report.html").write_text("anything", "utf-8")
    assert said(browser, example_key(tmp_path), run)[0].startswith("Signed and unchanged")
