"""The page in a real browser: accessible, usable by keyboard, on a small screen, in the dark and on paper."""

import time

import pytest
from beside_samples import comparison, explanation
from chromium import NEEDED, chromium
from report_samples import RECORD, SIGNED, of_every_kind, report, result

from conformance.model.profile import Level
from conformance.model.report import Result
from conformance.model.verdict import Outcome
from conformance.views.comparison_page import comparison_page
from conformance.views.explanation_page import explanation_page
from conformance.views.html import html
from conformance.views.signature import UNSIGNED

pytestmark = NEEDED
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def many():
    """A report of 2,000 requirements, as a page."""
    every = [
        result(n, list(Outcome)[n % 5], said=f"reason {n % 40}", level=Level.SHALL if n % 3 else Level.SHOULD)
        for n in range(2000)
    ]
    return html(report(*every, overall=Result.FAILED), RECORD, SIGNED)


def opened(browser, page, tmp_path, **options):
    (tmp_path / "report.html").write_text(page, "utf-8")
    tab = browser.new_context(**options).new_page()
    tab.goto((tmp_path / "report.html").as_uri())
    return tab


@pytest.mark.parametrize(
    ("signature", "scheme", "width"),
    [(SIGNED, "light", 1280), (SIGNED, "dark", 320), (UNSIGNED, "dark", 1280), (UNSIGNED, "light", 320)],
)
def test_nobody_is_kept_out(browser, tmp_path, scheme, width, signature):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra [browser]")
    page = html(of_every_kind(), RECORD, signature)
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    tab = opened(browser, page, tmp_path, **options)
    tab.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    found = axe.Axe().run(tab, options=RULES).response
    told = [(it["id"], [node["html"][:200] for node in it["nodes"]]) for it in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize(
    ("page", "scheme", "width"),
    [
        (page, scheme, width)
        for page in (comparison_page(comparison()), explanation_page(explanation("x")))
        for scheme, width in (("light", 1280), ("dark", 320))
    ],
    ids=["comparison-light", "comparison-dark", "explanation-light", "explanation-dark"],
)
def test_nobody_is_kept_out_of_the_other_pages(browser, tmp_path, page, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra [browser]")
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    tab = opened(browser, page, tmp_path, **options)
    tab.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    found = axe.Axe().run(tab, options=RULES).response
    assert [(it["id"], [node["html"][:200] for node in it["nodes"]]) for it in found["violations"]] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_runs_over_the_edge_of_a_small_screen(browser, tmp_path, width):
    page = html(of_every_kind(), RECORD, SIGNED)
    tab = opened(browser, page, tmp_path, viewport={"width": width, "height": 640})
    tab.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_is_enough(browser, tmp_path):
    tab = opened(browser, html(of_every_kind(), RECORD, SIGNED), tmp_path)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#result")
    tab.locator("details > summary").first.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("details").first.get_attribute("open") is not None


def test_requirements_are_narrowed_down_without_a_script(browser, tmp_path):
    tab = opened(browser, html(of_every_kind(), RECORD, SIGNED), tmp_path, java_script_enabled=False)
    rows = tab.locator("#all tbody tr")
    assert rows.filter(visible=True).count() == 10
    tab.get_by_label("fail", exact=True).check()
    assert rows.filter(visible=True).count() == 4
    assert tab.locator("#all .origin").filter(visible=True).count() == 3
    tab.get_by_label("SHALL", exact=True).check()
    assert rows.filter(visible=True).count() == 2
    tab.get_by_label("documented", exact=True).check()
    assert rows.filter(visible=True).all_inner_texts()[0].startswith("REQ-3")
    assert rows.filter(visible=True).count() == 1
    assert tab.locator("#all .origin").filter(visible=True).count() == 1


def test_paper_holds_every_requirement_and_the_evidence(browser, tmp_path):
    tab = opened(browser, html(of_every_kind(), RECORD, SIGNED), tmp_path)
    tab.get_by_label("fail", exact=True).check()
    tab.emulate_media(media="print")
    assert tab.locator("#all tbody tr").filter(visible=True).count() == 10
    assert tab.locator(".filters").is_hidden()
    assert tab.get_by_text("conformance replay run-1 --only REQ-2/1").first.is_visible()
    assert tab.pdf().startswith(b"%PDF-")


def test_a_report_on_two_thousand_requirements_opens_at_once(browser, tmp_path, many):
    begun = time.monotonic()
    tab = opened(browser, many, tmp_path)
    tab.locator("#limits").wait_for()
    assert tab.locator("#all tbody tr").count() == 2000
    assert time.monotonic() - begun < 20  # generous: benchmarks/views.py measures it
