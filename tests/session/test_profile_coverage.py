"""What is said of source documents is true both ways: of the requirements that are named, and of those that are not."""

import json
import textwrap

import pytest
from whole_runs import command

from conformance.catalog import built_in
from conformance.errors import ProfileError
from conformance.model.coverage import Treatment
from conformance.session.authoring.coverage import coverage, documents, of_profiles

PROFILE = textwrap.dedent("""\
    profile: house
    version: 0.1.0
    title: House rules
    requirements:
      - id: H-1
        level: SHALL
        text: It answers.
        source: house rules, 1
        tests: [{probe: {request: {path: /metadata}}, expect: [{status: {code: 200}}]}]
      - {id: H-2, level: SHALL, text: Second., source: "house rules, 2", method: documented, untested: no form yet}
      - {id: H-3, level: MAY, text: Third., source: "house rules, 3", method: out-of-scope, outOfScope: binds others}
      - {id: X-1, level: MAY, text: Other., source: elsewhere, untested: no need}
    """)
DOCUMENT = textwrap.dedent("""\
    document: rules
    title: House rules
    version: "1"
    extent: all of it
    profiles: [./house.yaml]
    sources: ["house rules, *"]
    statements:
      - {id: S-1, clause: "1", level: SHALL, says: It answers., by: [H-2, H-1]}
      - {id: S-2, clause: "2", level: SHALL, says: Second., by: [H-2]}
      - {id: S-3, clause: "3", level: MAY, says: Third., by: [H-3]}
      - {id: S-4, clause: "4", level: SHALL, says: Fourth., because: nobody has written it yet}
      - {id: S-5, clause: "5", level: SHALL, says: Fifth., notTestable: it binds clients}
    """)


@pytest.fixture
def listed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "house.yaml").write_text(PROFILE)

    def listed(*change):
        (tmp_path / "rules.yaml").write_text(DOCUMENT.replace(*change) if change else DOCUMENT)
        return "rules.yaml"

    return listed


@pytest.mark.parametrize("name", documents())
def test_what_is_said_of_a_shipped_document_is_true_both_ways(name):
    found = coverage(name, built_in())
    assert sum(found.counted().values()) == len(found.statements)


def test_every_statement_has_the_treatment_that_its_requirements_give_it(listed):
    found = coverage(listed(), built_in())
    assert [(one.treatment.value, one.why) for one in found.statements] == [
        ("tested", ""),
        ("untested", "no form yet"),
        ("not testable", "binds others"),
        ("not covered", "nobody has written it yet"),
        ("not testable", "it binds clients"),
    ]
    assert found.counted(binding=True)[Treatment.NOT_COVERED] == 1


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("by: [H-2]", "by: [H-22]", "S-2 names the requirement 'H-22', which none of the profiles has; did you mean"),
        ("by: [H-3]", "because: not now", "H-3 comes from house rules, 3, and no statement names it"),
        ("id: S-2", "id: S-1", "the statement 'S-1' stands twice"),
        ("because: nobody has written it yet", "by: []", "one of `by: requirements`"),
        ("by: [H-2]", "by: [H-2], because: so", "one of `by: requirements`"),
        ("level: MAY, says: Third.", "level: MIGHT, says: Third.", "level"),
        ("profiles: [./house.yaml]", "profiles: []", "profiles"),
    ],
)  # fmt: skip
def test_what_is_not_true_is_told_at_its_place(listed, was, now, said):
    with pytest.raises(ProfileError) as caught:
        coverage(listed(was, now), built_in())
    assert any(said in str(problem) and "rules.yaml:" in str(problem) for problem in caught.value.problems)


def test_the_command_shows_totals_and_each_statement_with_the_reason(listed, capsys):
    assert command("profiles", "coverage", listed()) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "Read: all of it 4 binding statements: 1 tested, documented or attested, 1 untested, 1 not testable"
        in told
    )
    assert "nobody has written it yet" in told
    assert command("profiles", "coverage", listed(), "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["counted"] == {
        "tested": 1, "documented": 0, "attested": 0, "untested": 1, "not testable": 2, "not covered": 1,
    }  # fmt: skip


def test_the_totals_of_all_documents_are_shown_and_an_unknown_one_ends_with_2(capsys):
    assert command("profiles", "coverage") == 0
    assert "exit-catalogue" in capsys.readouterr().out
    assert command("profiles", "coverage", "exit-catalog") == 2
    assert "did you mean 'exit-catalogue'?" in capsys.readouterr().err


def test_the_documents_of_profiles_are_found():
    found = {one.document for one in of_profiles(["fhir-r4-base", "exit-core"], built_in())}
    assert found == {"fhir-r4-http", "fhir-r4-search", "exit-catalogue"}
