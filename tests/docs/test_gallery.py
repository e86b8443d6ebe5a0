"""The gallery has a page for each shipped profile, and none for what is there no longer."""

from pathlib import Path

import pytest

from conformance.catalog import built_in
from conformance.cli.main import run
from conformance.model.gallery import Gallery
from conformance.outside.places import ProfileLibrary
from conformance.session.gallery import gallery
from conformance.session.suites import profile_named

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_each_profile_has_a_page_that_the_gallery_leads_to_and_no_other_page_is_there():
    pages = {path.stem for path in (DOCS / "profiles-gallery").iterdir()}
    assert pages == set(ProfileLibrary().names())
    index = (DOCS / "gallery.md").read_text("utf-8")
    assert [name for name in pages if f"(profiles-gallery/{name}.md)" not in index] == []


@pytest.mark.parametrize("name", ["open-api", "gp-connect-like", "nhs-vaccination-record"])
def test_a_page_says_what_is_proved_what_is_not_and_each_requirement_with_its_source(name):
    page = (DOCS / "profiles-gallery" / f"{name}.md").read_text("utf-8")
    assert "It does not say:" in page
    assert f"conformance demo --profile {name}" in page
    for requirement in profile_named(name, built_in()).requirements:
        (line,) = [line for line in page.splitlines() if line.startswith(f"- **{requirement.id}** ")]
        assert line.partition(" Source: ")[2]


def test_a_gallery_that_names_a_profile_twice_is_refused():
    shown = gallery().plain()
    shown["audiences"][1]["profiles"].append(shown["audiences"][0]["profiles"][0])
    with pytest.raises(ValueError, match="gp-connect-like stands twice"):
        Gallery.model_validate(shown)


EXAMPLES = sorted((DOCS.parent / "reports" / "gallery").glob("*.conformance.zip"))


@pytest.mark.parametrize("bundle", EXAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_an_example_report_is_authentic_passed_and_judged_alike_today(bundle, capsys):
    code = run(["verify", str(bundle), "--trust", str(DOCS.parent / "reports" / "gallery.trust.toml")])
    assert code == 0, f"{capsys.readouterr().out}\nmake it anew: python docs/example_reports.py"


def test_each_page_links_to_the_example_that_there_is():
    assert {path.name.partition(".")[0] for path in EXAMPLES} == {
        page.stem
        for page in (DOCS / "profiles-gallery").iterdir()
        if f"reports/gallery/{page.stem}.conformance.zip" in page.read_text("utf-8")
    }
