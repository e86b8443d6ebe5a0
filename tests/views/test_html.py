"""The page that a procurement team reads: complete, safe, and the same in every copy."""

import html as entities
import json
import re
import shutil
import subprocess
from base64 import b64encode
from html.parser import HTMLParser
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from report_samples import RECORD, SIGNED, of_every_kind, report, result
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner
from strategies import HOSTILE, reports, run_records

from conformance.model.profile import Level
from conformance.model.report import Result, RunRecord
from conformance.model.target import DataClass, TargetCard
from conformance.model.verdict import Outcome
from conformance.views import selection, text
from conformance.views.html import TOLD_IN_FULL, html
from conformance.views.signature import UNSIGNED

VOID = {"meta", "br", "rect", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, text, and whether all is well nested."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.open = []
        self.pieces = []
        self.feed(page)
        self.close()
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.pieces.append(data)

    def every(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def assert_harmless(page):
    names = {tag for tag, _ in page.elements}
    assert not names & {"script", "iframe", "object", "embed", "img", "link", "form", "base", "foreignobject"}
    for _, attributes in page.elements:
        assert not [
            name for name in attributes if name.startswith("on") or name in {"style", "srcdoc", "action"}
        ]
        address = attributes.get("href", "#")
        assert address.startswith(("#", "https://", "http://"))
    assert page.open == []
    assert len(page.every("style")) == 1


def test_every_failure_is_told_with_all_that_defends_it():
    page = Page(html(of_every_kind(), RECORD, SIGNED))
    for requirement in of_every_kind().at(Outcome.FAIL):
        case = requirement.verdicts[0]
        for fact in (
            requirement.id,
            requirement.text,
            case.findings[0],
            case.expected,
            case.curl,
            case.evidence[0].id,
            case.evidence[0].sha256,
            f"conformance replay run-1 --only {case.case}",
        ):
            assert fact in page.text
        assert {"href": requirement.source, "rel": "noreferrer noopener"} in page.every("a")


def test_reasons_are_given_for_all_that_is_not_known():
    page = Page(html(of_every_kind(), RECORD, SIGNED))
    assert "no answer within 60 s 1 requirement: REQ-6 SHALL" in page.text
    assert "no permission to write 2 requirements: REQ-7 SHALL, REQ-8 SHALL" in page.text
    assert "binds the client" in page.text
    assert "Of those that fail, 2 do not bind (SHOULD, MAY) and decide nothing." in page.text


@pytest.mark.parametrize("overall", list(Result))
def test_the_result_stands_in_words_in_title_and_banner(overall):
    page = Page(html(report(result(1, Outcome.PASS), overall=overall), RECORD, SIGNED))
    assert f"{overall.value}: Acme Records 4.2 against Leaving a supplier" in page.text
    assert f" {overall.value.capitalize()} " in page.text


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_explained_by_word_and_symbol_not_by_colour_alone(outcome):
    page = html(of_every_kind(), RECORD, SIGNED)
    badge = (
        rf'<span class="badge {outcome.value}"><span aria-hidden="true">[^<\s]</span> {outcome.value}</span>'
    )
    assert re.search(badge, page)


def test_an_unsigned_report_says_so_in_title_band_and_foot():
    page = html(of_every_kind(), RECORD, UNSIGNED)
    assert '<div class="band unsigned" role="note"><strong>UNSIGNED</strong>' in page
    assert Page(page).text.count("UNSIGNED") == 4
    signed = Page(html(of_every_kind(), RECORD, SIGNED)).text
    assert "UNSIGNED" not in signed
    assert SIGNED.key_id in signed


def test_the_page_forbids_itself_everything_but_its_own_style():
    page = Page(html(of_every_kind(), RECORD, SIGNED))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert {"http-equiv": "Content-Security-Policy", "content": policy} in page.every("meta")
    assert "url(" not in html(of_every_kind(), RECORD, SIGNED)


def test_charts_have_a_title_a_role_and_a_table_beside_them():
    page = Page(html(of_every_kind(), RECORD, SIGNED))
    charts = page.every("svg")
    assert len(charts) == 3
    titles = [attributes.get("id") for attributes in page.every("title")]
    for chart in charts:
        assert chart["role"] == "img"
        assert chart["aria-labelledby"] in titles
    assert "Tested: 1 pass, 3 fail, 1 inconclusive, 1 untested, 1 inapplicable" in page.text
    assert sum(table.get("class") == "counts" for table in page.every("table")) == 3


def test_ids_are_unique_and_links_within_the_page_lead_somewhere():
    page = Page(html(of_every_kind(), RECORD, UNSIGNED))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = {a["href"][1:] for a in page.every("a") if a["href"].startswith("#")}
    named = {
        name
        for _, attributes in page.elements
        for key in ("aria-labelledby",)
        for name in attributes.get(key, "").split()
    }
    assert inner | named <= set(ids)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "Schedule 7", "http://[", "//x.example"]
)
def test_only_web_addresses_become_links(address):
    requirement = result(1, Outcome.FAIL).model_copy(update={"source": address})
    page = Page(html(report(requirement), RECORD, SIGNED))
    assert address in page.text
    assert all(a["href"].startswith("#") for a in page.every("a"))


def test_profile_suite_and_tool_are_pinned_by_their_digests():
    tool = RECORD.tool.model_copy(update={"digest": "77aa" * 16})
    page = Page(html(of_every_kind(), RECORD.model_copy(update={"tool": tool}), SIGNED))
    for digest in ("9f2c" * 16, "ab12" * 16, "77aa" * 16):
        assert digest in page.text


def test_parameters_say_who_set_them():
    page = Page(html(of_every_kind(), RECORD, SIGNED))
    assert "notice.days 30 set for this run" in page.text
    assert "export.maxHours 24 the profile (default)" in page.text


def test_a_report_without_any_requirement_is_still_a_page():
    assert_harmless(Page(html(report(parameters={}, overrides=(), sub_results=()), RECORD, UNSIGNED)))


def test_data_that_could_not_be_kept_is_told():
    card = TargetCard(endpoint="https://x.example", data_class=DataClass.LIVE, embedded=True)
    page = Page(html(report(result(1, Outcome.PASS), target=card), RECORD, SIGNED))
    assert "stand on the tester's word" in page.text
    assert "says nothing about any product" in page.text


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(reports, run_records)
def test_no_string_of_a_server_becomes_anything_but_text(given_report, record):
    raw = html(given_report, record, UNSIGNED)
    assert text.clean(raw) == raw
    page = Page(raw)
    assert_harmless(page)
    for requirement in given_report.at(Outcome.FAIL):
        for case in selection.decisive(requirement)[:1]:
            for finding in case.findings:
                assert " ".join(text.clean(finding).split()) in page.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_in_every_place_are_text(hostile):
    requirement = result(1, Outcome.FAIL, said=hostile).model_copy(
        update={"text": hostile, "source": hostile, "origin": hostile, "because": hostile, "id": hostile}
    )
    card = TargetCard(supplier=hostile, product=hostile, version=hostile, endpoint=hostile)
    record = RunRecord.model_validate(RECORD.plain() | {"startedAt": hostile, "leftBehind": [hostile]})
    hostile_report = report(
        requirement, target=card, parameters={hostile: hostile}, overrides=(hostile,), run_id=hostile
    )
    page = Page(html(hostile_report, record, UNSIGNED))
    assert_harmless(page)
    assert " ".join(text.clean(hostile).split()) in page.text


def test_the_same_report_gives_the_same_page():
    assert html(of_every_kind(), RECORD, SIGNED) == html(of_every_kind(), RECORD, SIGNED)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.FAIL, Outcome.UNTESTED])
def test_a_report_on_two_thousand_requirements_can_still_be_mailed(outcome):
    many = [
        result(n, outcome, said=f"reason {n}", level=Level.SHALL if n % 2 else Level.SHOULD)
        for n in range(2000)
    ]
    page = html(report(*many), RECORD, SIGNED)
    assert len(page.encode()) < 5_000_000
    assert all(f"REQ-{n}<" in page for n in range(2000))
    if outcome is Outcome.FAIL:
        assert f"The first {TOLD_IN_FULL} are told with their evidence" in page
        assert all(f"reason {n}<" in page for n in range(2000))


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_text_can_be_read_in_light_dark_and_print():
    palettes = re.findall(r":root \{(.*?)\n\s*\}", html(of_every_kind(), RECORD, SIGNED), re.DOTALL)
    assert len(palettes) == 3
    tones = ["pass", "fail", "inconclusive", "untested", "inapplicable"]
    for palette in palettes:
        colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", palette))
        pairs = [
            *product(("ink", "muted", "accent"), ("ground", "paper", "code")),
            ("on-band", "band"),
            *((tone, ground) for tone in tones for ground in ("paper", f"on-{tone}")),
            *((word, f"on-{tone}") for tone in tones for word in ("ink", "muted")),
        ]
        for front, back in pairs:
            assert contrast(colour[front], colour[back]) >= 4.5, (front, back)


@pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("sh", "jq", "base64", "openssl")),
    reason="needs sh, jq, base64, openssl",
)
def test_the_commands_that_verify_a_signature_without_this_tool_work(tmp_path):
    key = Ed25519PrivateKey.generate()
    envelope = Envelope(b'{"_type": "x"}', "application/vnd.in-toto+json", {})
    envelope.sign(CryptoSigner(key))
    (tmp_path / "report.dsse.json").write_bytes(json_of(envelope))
    (tmp_path / "signer.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    page = html(of_every_kind(), RECORD, SIGNED)
    commands = entities.unescape(re.search(r"<pre>\n?(jq .*?)</pre>", page, re.DOTALL)[1])
    assert run(commands, tmp_path).stdout == "Signature Verified Successfully\n"
    forged = Envelope(b'{"_type": "y"}', envelope.payload_type, envelope.signatures)
    (tmp_path / "report.dsse.json").write_bytes(json_of(forged))
    assert run(commands, tmp_path).returncode != 0


def json_of(envelope):
    members = envelope.to_dict()
    assert members["payload"] == b64encode(envelope.payload).decode()
    return json.dumps(members).encode()


def run(commands, folder):
    return subprocess.run(["sh", "-c", commands], cwd=folder, capture_output=True, text=True, check=False)
