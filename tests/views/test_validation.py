"""The words and lines of `validate`: one style, no effects, no folding where it would harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.summary import Summary
from conformance.views.validation_sarif import sarif
from conformance.views.validation_table import plain, summary_lines
from conformance.views.validation_words import is_base, said, sentence, utf8

BASE = "http://hl7.org/fhir/StructureDefinition/"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the value must be 1", "The value must be 1."),
        ("The value must be 1.", "The value must be 1."),
        ("resourceType names a resource", "resourceType names a resource."),
        ("'a' is no code", "'a' is no code."),
        ("Patient.name is missing", "Patient.name is missing."),
        ("two\nlines\x1b[31m and colour…", "Two lines and colour…"),
        ("why?", "why?"),
        ("", ""),
    ],
)
def test_findings_read_alike(text, shown):
    assert sentence(text) == shown


@given(st.text())
def test_a_sentence_is_one_line_without_effects_and_stays_as_it_is(text):
    shown = sentence(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert sentence(shown) == shown


@given(st.text(st.characters(codec=None)))
def test_every_text_can_be_written(text):
    assert utf8(text).encode("utf-8").decode("utf-8") == utf8(text)


@pytest.mark.parametrize(
    ("structure", "base"),
    [
        ("", True),
        (f"{BASE}Patient", True),
        (f"{BASE}date|4.0.1", True),
        (f"{BASE}vitalsigns", False),
        (f"{BASE}patient-birthPlace", False),
        ("https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient", False),
    ],
)
def test_the_base_definition_of_a_type_is_known(structure, base):
    assert is_base(structure) is base


def finding(**more):
    told = {"severity": Severity.ERROR, "code": "value", "message_id": "x-y", "text": "it is wrong"}
    return Issue(**{**told, **more})


def test_the_structure_is_told_apart_from_the_words():
    profile = "http://x.test/p"
    assert said(finding(text=f"it is wrong (by {profile})", structure=profile)) == "It is wrong."
    assert said(finding(text="it is wrong (by hand)", structure=profile)) == "It is wrong (by hand)."


def shown(summary):
    return plain(summary_lines(summary, files=1, passed_over=0, seconds=1.0)).splitlines()


def test_only_a_structure_that_is_no_base_definition_is_shown():
    summary = Summary()
    summary.add("a.json", 0, "Patient/1", [finding(structure=f"{BASE}Patient", expression="Patient.id")])
    summary.add("b.json", 0, "Patient/2", [finding(structure="http://x.test/p", expression="Patient.name")])
    assert [line for line in shown(summary) if line.startswith("  by ")] == ["  by http://x.test/p"]


def test_a_summary_that_hides_kinds_says_how_many():
    summary = Summary()
    for number in range(60):
        summary.add("a.json", 0, "", [finding(message_id=f"x-{number}")])
    assert "… and 10 more kinds of finding: --format json shows them." in shown(summary)
    assert shown(summary)[-1] == "60 errors in 60 resources: 60 resources in 1 file, 1.0 s."


def test_sarif_names_any_file_by_a_uri():
    summary = Summary()
    for file in ("a b#c.json", "x\udcff.json", "a:b.json", "é.json"):
        summary.add(file, 1, "", [finding(expression=file)])
    (run,) = sarif(summary, "1")["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    uris = {place["artifactLocation"]["uri"] for place in places}
    assert uris == {"a%20b%23c.json", "x%FF.json", "a%3Ab.json", "%C3%A9.json"}
