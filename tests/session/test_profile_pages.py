"""The page of a profile tells all that it asks, how each is tested, what it proves and what it cannot."""

import re
import shutil

import pytest
from whole_runs import command

HOUSE = """\
profile: house
version: 0.2.0
title: House <rules> & more
publisher: Example | Trust
description: What we ask.
extends:
  - {profile: smart-backend-services, version: ">=0.1,<1", only: ["SBS-TOK-0[12]"]}
parameters:
  page: {default: 5, unit: resources, basis: habit}
presets:
  - {preset: slow, title: Slow wards, basis: habit, values: {page: 9}}
overrides:
  - {requirement: SBS-TOK-02, level: MAY, reason: old clients, derogation: OLD-7}
requirements:
  - id: H-PAGE
    level: SHALL
    text: No page <script>alert(1)</script> holds more.
    source: https://example.org/rules.html#pages
    requiredFrom: 2027-04-01
    when: [{declares: {resource: Patient, interaction: search-type}}]
    tests:
      - probe: {paging: {path: /Patient, count: "${page}"}}
        expect: [{count-ceiling: {count: "${page}"}}]
  - id: H-READ
    level: SHALL
    text: A patient can be read.
    source: house rules, 2
    tests:
      - probe: {request: {path: "/Patient/{p.id}"}}
        slots: {p: Patient.id}
        examples: 4
        expect: [{status: {code: 200}}]
      - each: {resource-type: {interaction: read}}
        probe: {request: {path: "/{source}"}}
        expect: [{status: {code: 200}}]
  - {id: H-DESK, level: SHALL, text: They answer., source: s 3, method: out-of-scope, outOfScope: nobody can see it}
  - {id: H-LATER, level: SHALL, text: Later., source: s 4, untested: no probe can do it yet}
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "house.yaml").write_text(HOUSE)
    assert command("profiles", "docs", folder / "house.yaml", "--out", folder / "out") == 0
    return folder / "out"


def told(pages, kind):
    text = (pages / f"house.{kind}").read_text("utf-8")
    for number, character in re.findall(r"(&#(\d+);)", text):
        text = text.replace(number, chr(int(character)))
    text = re.sub(r"<[a-z/!][^>]*>", " ", text) if kind == "html" else text
    return " ".join(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").split())


@pytest.mark.parametrize("kind", ["html", "md"])
@pytest.mark.parametrize(
    "said",
    [
        "House <rules> & more",
        "house@0.2.0",
        "habit",
        "Slow wards",
        "smart-backend-services@0.1.0",
        "SBS-TOK-02 of smart-backend-services@0.1.0: lowered from",
        "derogation OLD-7",
        "takes over 2 of its 52 requirements",
        "before 2027-04-01: required from 2027-04-01",
        "4 cases; filled from the target's own data: {p} from Patient.id",
        "a case for each of what `resource-type` finds",
        "nobody can see it",
        "no probe can do it yet",
        "1 binding requirement has no test: while that is so, no run can pass",
        "2 statements cannot be seen from outside",
        "Tests are samples",
        "resource: Patient, interaction: search-type",
        "H-LATER (SHALL, not tested)",
    ],
)
def test_both_pages_tell_all_of_it(pages, kind, said):
    said = said.replace("(SHALL, not tested)", "SHALL not tested") if kind == "html" else said
    assert said in told(pages, kind)


def test_nothing_that_a_profile_says_is_taken_for_markup(pages):
    for kind in ("html", "md"):
        assert "<script" not in (pages / f"house.{kind}").read_text("utf-8")
    rows = [line for line in (pages / "house.md").read_text("utf-8").splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} <= {5, 6}


def test_a_profile_that_decides_nothing_proves_nothing(tmp_path):
    (tmp_path / "soft.yaml").write_text(HOUSE.partition("extends:")[0].replace("house", "soft"))
    assert command("profiles", "docs", tmp_path / "soft.yaml", "--out", tmp_path) == 0
    assert "every run against it ends as NOT TESTED" in (tmp_path / "soft.md").read_text("utf-8")


def test_a_folder_that_cannot_be_written_ends_with_2(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert command("profiles", "docs", "exit-core", "--out", tmp_path / "file" / "x") == 2
    assert "cannot be written" in capsys.readouterr().err


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_nobody_is_kept_out_of_the_page(pages, scheme, width):
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the extra [browser]")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
        tab = browser.new_context(**look).new_page()
        tab.goto((pages / "house.html").as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        assert axe.Axe().run(tab, options=rules).response["violations"] == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
