"""The register in a real browser, opened from the disk without a server."""

import shutil

import pytest
from made_runs import lying

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)"),
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory, handing_in):
    """A register of three products and one report that does not verify."""
    handing = handing_in(tmp_path_factory.mktemp("register"))
    handing.hand_in("north", product="North Records", supplier="Polar Ltd")
    handing.hand_in("south", product="South Records", server=lying)
    handing.hand_in("west", product="<script>document.title='owned'</script>")
    (handing.hand_in("bad", product="Bad") / "suite.json").unlink()
    handing.build()
    return handing.site


def opened(browser, page, **options):
    tab = browser.new_context(**options).new_page()
    tab.goto(page.as_uri())
    return tab


def shown(tab):
    return tab.locator("#products tbody tr").filter(visible=True)


def test_searching_narrows_the_list_down_and_says_so(browser, site):
    tab = opened(browser, site / "index.html")
    assert shown(tab).count() == 3
    tab.get_by_role("searchbox").fill("polar RECORDS")
    assert shown(tab).count() == 1
    assert tab.get_by_role("status").inner_text() == "1 of 3 products"
    tab.reload()
    assert tab.get_by_role("searchbox").input_value() == "polar RECORDS"
    assert shown(tab).count() == 1
    shown(tab).get_by_role("link").click()
    assert tab.get_by_role("heading", level=1).inner_text() == "North Records"
    assert "owned" not in tab.title()


def test_without_a_script_everything_is_there_to_be_read(browser, site):
    tab = opened(browser, site / "index.html", java_script_enabled=False)
    assert shown(tab).count() == 3
    assert tab.locator("#search").is_hidden()
    assert "FAILED" in tab.locator("tr", has_text="South Records").inner_text()
    tab.get_by_role("link", name="not verified").click()
    assert "withheld" in tab.locator("main").inner_text()


def test_no_page_runs_anything_of_a_stranger(browser, site):
    tab = opened(browser, site / "index.html")
    troubles = []
    tab.on("console", lambda message: troubles.append(message.text))
    for page in (site / "index.html", *(site / "products").iterdir()):
        tab.goto(page.as_uri())
        assert "owned" not in (tab.title(), tab.evaluate("document.title"))
    assert troubles == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_nobody_is_kept_out_of_the_register(browser, site, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra [browser]")
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    pages = [site / "index.html", site / "not-verified.html", *sorted((site / "products").iterdir())[:2]]
    for page in pages:
        tab = opened(browser, page, **options)
        found = axe.Axe().run(tab, options=RULES).response
        told = [(it["id"], [node["html"][:200] for node in it["nodes"]]) for it in found["violations"]]
        assert told == []
        assert len(found["passes"]) > 12
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_is_enough_for_the_register(browser, site):
    tab = opened(browser, site / "index.html")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Tab")
    tab.keyboard.type("south")
    assert shown(tab).count() == 1
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.get_by_role("heading", level=1).inner_text() == "South Records"


def test_a_badge_is_an_image_with_words(browser, site):
    badge = min((site / "badges").iterdir())
    tab = opened(browser, badge)
    assert "conformance: 1.0: passed" in tab.locator("title").text_content()
    assert tab.evaluate("document.documentElement.getBoundingClientRect().width") > 100
