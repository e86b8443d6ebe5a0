"""Every change between two versions of a profile has an effect, and the number that it deserves is told."""

import json
import textwrap

import pytest
from whole_runs import command

from conformance.catalog import built_in
from conformance.model.difference import Effect, deserved
from conformance.session.authoring.difference import compared
from conformance.session.suites import profile_named

OLD = textwrap.dedent("""\
    profile: house
    version: 1.2.3
    title: House rules
    parameters:
      page: {default: 5, unit: resources, basis: habit}
    advisories:
      - {requirements: [H-2], until: 2027-01-01, reason: not yet}
    presets:
      - {preset: slow, title: Slow, basis: habit, values: {page: 9}}
    requirements:
      - id: H-1
        level: SHALL
        text: A patient that was found can be read.
        source: https://example.org/rules.html#reads
        when: [{declares: {resource: Patient, interaction: read}}]
        tests:
          - probe: {request: {path: "/Patient/{p.id}"}}
            slots: {p: Patient.id}
            examples: 3
            expect: [{status: {code: 200}}, {resource: {type: Patient}}]
      - {id: H-2, level: SHALL, text: Second., source: s 2, untested: nobody can see it}
      - {id: H-3, level: SHOULD, text: Third., source: s 3, method: documented, untested: no clause yet}
    """)


@pytest.fixture
def differ(tmp_path):
    """The differences between the old profile and one with these replacements."""

    def differ(*changes):
        text = OLD
        for was, now in changes:
            assert was in text, was
            text = text.replace(was, now, 1)
        files = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
        for file, content in zip(files, (OLD, text), strict=True):
            file.write_text(content)
        return compared(*(profile_named(str(file), built_in()) for file in files))

    return differ


B, S, R, E = Effect


@pytest.mark.parametrize(
    ("was", "now", "effects"),
    [
        ("title: House rules", "title: Our rules", [E]),
        ("profile: house", "profile: mansion", [B]),
        ("title: House rules", "title: House rules\nfhirVersion: 4.0.1", [B]),
        ("level: SHALL\n", "level: SHOULD\n", [R]),
        ("level: SHALL\n", "level: SHALL NOT\n", [B]),
        ("level: SHOULD", "level: SHALL", [S, S]),
        ("level: SHOULD", "level: MAY", [R]),
        ("id: H-3", "id: H-9", [B, S]),
        ("Third.", "The third.", [E]),
        ("#reads", "#reading", [E]),
        ("method: documented", "method: attested", [B]),
        ("method: documented, untested: ", "method: out-of-scope, outOfScope: ", [R]),
        ("text: Second.", "text: Second., phase: exit", [R]),
        ("text: Second.", "text: Second., requiredFrom: 2028-01-01", [R]),
        ("    when: [{declares: {resource: Patient, interaction: read}}]\n", "", [S]),
        ("interaction: read}}]", "interaction: vread}}]", [B]),
        ("        examples: 3\n", "        examples: 5\n", [S]),
        ("        examples: 3\n", "", [R]),
        ("{status: {code: 200}}, ", "", [R]),
        ("{status: {code: 200}}, ", "{status: {code: 200}}, {no-matches: {}}, ", [S]),
        ("{code: 200}", "{code: 404}", [B]),
        ('"/Patient/{p.id}"', '"/Patient/{p.id}?x=y"', [B]),
        ("default: 5,", "default: 6,", [B]),
        ("basis: habit}\nadv", "basis: custom}\nadv", [E]),
        ("basis: habit}\nadv", "basis: habit, buyerOnly: true}\nadv", [B]),
        ("until: 2027-01-01", "until: 2028-01-01", [S, R]),
        ("{page: 9}", "{page: 10}", [B]),
        ("title: Slow", "title: Slower", [E]),
        ("presets:\n  - {preset: slow, title: Slow, basis: habit, values: {page: 9}}\n", "", [B]),
    ],
)  # fmt: skip
def test_every_change_has_its_effect(differ, was, now, effects):
    assert [one.effect for one in differ((was, now)).differences] == effects


def test_a_test_that_comes_or_goes_is_told(differ):
    more = """
          - probe: {request: {path: /metadata}}
            expect: [{status: {code: 200}}]
      - {id: H-2,"""
    added = differ(
        ("\n  - {id: H-2,", textwrap.dedent(more).replace("\n", "\n  ").replace("    - {id", "- {id"))
    )
    assert [one.effect for one in added.differences] == [S]


def test_nothing_changed_deserves_no_new_number(differ):
    assert differ().differences == ()
    assert differ().deserved == "1.2.3"


@pytest.mark.parametrize(
    ("old", "effects", "least"),
    [
        ("1.2.3", {B, S, E}, "2.0.0"),
        ("1.2.3", {S, E}, "1.3.0"),
        ("1.2.3", {R}, "1.3.0"),
        ("1.2.3", {E}, "1.2.4"),
        ("1.2.3", set(), "1.2.3"),
        ("0.2.3", {B}, "0.3.0"),
        ("0.2.3", {R}, "0.3.0"),
        ("0.2.3", {E}, "0.2.4"),
        ("2.0.0-draft", {B}, "2.0.0"),
        ("1.1.0-draft", {B}, "2.0.0"),
        ("1.1.0-draft", {S}, "1.1.0"),
        ("1.1.1-draft", {S}, "1.2.0"),
        ("1.1.1-draft", {E}, "1.1.1"),
    ],
)
def test_the_number_follows_from_the_gravest_effect(old, effects, least):
    assert deserved(old, frozenset(effects)) == least


@pytest.mark.parametrize(
    ("version", "code"),
    [("1.2.3", 1), ("1.2.4", 1), ("1.3.0", 0), ("2.0.0", 0), ("1.3.0-draft", 1), ("1.1.0", 1)],
)
def test_check_fails_where_the_stated_number_is_too_low(tmp_path, capsys, version, code):
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(OLD)
    new.write_text(OLD.replace("SHOULD", "SHALL").replace("1.2.3", version))
    assert command("profiles", "diff", old, new, "--check") == code
    told = capsys.readouterr().out
    assert "H-3: was SHOULD, is SHALL" in told
    assert ("deserve 1.3.0 at the least" in told) is bool(code)
    assert command("profiles", "diff", old, new, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["deserved"], found["tooLow"]) == ("1.3.0", bool(code))


def test_the_changes_of_a_base_show_as_what_they_do(tmp_path):
    base = OLD.replace("house", "base")
    mine = "profile: it\nversion: 1.0.0\ntitle: T\nextends: [base]\n"
    for folder, text in {"old": base, "new": base.replace("level: SHALL\n", "level: SHOULD\n")}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "base.yaml").write_text(text)
        (tmp_path / folder / "it.yaml").write_text(mine)
    files = [str(tmp_path / folder / "it.yaml") for folder in ("old", "new")]
    found = compared(*(profile_named(file, built_in()) for file in files))
    assert [(one.where, one.effect) for one in found.differences] == [("H-1", R)]
