"""The measuring itself: locations, repetitions, explanations, changes, the page."""

import json

import pytest

from benchmarks.correctness.__main__ import main, report
from benchmarks.correctness.examples import uk_structures
from benchmarks.correctness.explained import Explanation, Explanations, draft, load
from benchmarks.correctness.faults import faults
from benchmarks.correctness.figures import Deviation, Figure, Measured, as_json, from_json
from benchmarks.correctness.locations import location
from benchmarks.correctness.mutants import mutants
from benchmarks.correctness.page import counted, page
from benchmarks.correctness.rows import ROWS

GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"
UK = "https://fhir.hl7.org.uk/StructureDefinition/"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "active": True,
    "name": [{"family": "Chalmers", "given": ["Peter", "James"]}],
    "deceasedBoolean": False,
}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Bundle.entry[1].resource/*Patient/pat2*/.gender", "Bundle.entry[1].resource.gender"),
        ("Bundle.entry[0].resource/*Composition/456*/", "Bundle.entry[0].resource"),
        ("Observation.value.ofType(Quantity)", "Observation.value"),
        ("/f:Bundle/f:entry", "Bundle.entry"),
        ("Patient", "Patient"),
        ("", ""),
    ],
)
def test_locations_of_both_validators_are_read_alike(theirs, ours):
    assert location(theirs) == ours


def test_a_code_outside_a_required_value_set_is_one_fault():
    told = (
        (
            "Patient.gender",
            f"The System URI could not be determined for the code 'x' in the ValueSet '{GENDER}'",
        ),
        (
            "Patient.gender",
            f"The value provided ('x') was not found in the value set 'AdministrativeGender' ({GENDER})",
        ),
    )
    assert faults(told) == told[1:]


def test_what_a_profile_and_its_base_both_miss_is_one_fault():
    words = "Encounter.class: minimum required = 1, but only found 0"
    told = (
        ("Encounter", f"{words} (from urn:oid:1.2|4.0.0)"),
        ("Encounter", f"{words} (from http://hl7.org/x|4.0.1)"),
    )
    assert faults(told) == told[:1]


def test_different_faults_at_one_place_stay_two():
    words = "minimum required = 1, but only found 0 (from http://hl7.org/x|4.0.1)"
    told = (("Patient", f"Patient.name: {words}"), ("Patient", f"Patient.gender: {words}"))
    assert faults(told) == told


def test_what_is_told_of_reachability_counts_entries_from_one():
    told = (("Bundle.entry[3]", "Entry 'urn:x' isn't reachable by traversing links from the Composition"),)
    assert [place for place, _ in faults(told)] == ["Bundle.entry[2]"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("UKCore-Patient-BabyPatient-Example", ("UKCore-Patient",)),
        ("UKCore-Observation-Lab-Albumin-Example", ("UKCore-Observation-Lab",)),
        ("UKCore-Observation-Smoking-Example", ("UKCore-Observation",)),
        ("Extension-UKCore-BirthSex-Example", ()),
        (
            "UKCore-VitalSigns-Observation-OxygenSaturation-Example",
            ("UKCore-Observation-VitalSigns-OxygenSaturation",),
        ),
    ],
)
def test_an_example_names_its_structure(name, found):
    known = ["UKCore-Patient", "UKCore-Observation", "UKCore-Observation-Lab", "Extension-UKCore-BirthSex"]
    urls = [UK + one for one in (*known, "UKCore-Observation-VitalSigns-OxygenSaturation")]
    assert uk_structures(name, urls) == tuple(UK + one for one in found)


def test_changes_are_the_same_for_the_same_seed_and_differ_from_the_original():
    made = list(mutants(PATIENT, "seed", 20))
    assert made == list(mutants(PATIENT, "seed", 20))
    assert made != list(mutants(PATIENT, "another", 20))
    texts = {json.dumps(one, sort_keys=True) for one in (*made, PATIENT)}
    assert len(texts) == 21


def deviating(*ours, theirs=()):
    return Deviation("case/base", tuple(ours), tuple(theirs))


def explained(**more):
    given = {"rows": ("hl7-*",), "case": "case/base", "right": "ours", "why": "Because."}
    return Explanations([Explanation(**(given | more))])


def test_an_explanation_holds_for_what_it_explains_only():
    one = deviating("Patient.name: missing: a")
    assert explained(ours=("Patient.name",)).of("hl7-base", one)
    assert explained(ours=("Patient.active",)).of("hl7-base", one) is None
    assert explained(theirs=("Patient",)).of("hl7-base", one) is None
    assert explained().of("synthea-small", one) is None
    assert explained(case="other/*").of("hl7-base", one) is None


def test_an_explanation_that_is_used_no_more_is_told():
    known = explained()
    assert known.missing([Figure("hl7-base", 1, 1)]) == []
    assert [entry.case for entry in known.unused] == ["case/base"]
    assert known.missing([Figure("hl7-base", 0, 1, (deviating(),)), Figure("x", 0, 1, (deviating(),))]) == [
        ("x", deviating())
    ]
    assert known.unused == []


@pytest.mark.parametrize("without", ["why", "right", "case"])
def test_a_draft_is_no_explanation_yet(tmp_path, without):
    import yaml

    row = draft("hl7-base", deviating()) | {"right": "ours", "why": "Because."}
    del row[without]
    (tmp_path / "x.yaml").write_text(yaml.safe_dump([row]))
    with pytest.raises(ValueError, match="an explanation needs"):
        load(tmp_path / "x.yaml")


def test_every_committed_explanation_is_about_a_row():
    rows = {row.key for row in ROWS}
    assert load().entries
    for entry in load().entries:
        assert all(any(row.startswith(pattern.rstrip("*")) for row in rows) for pattern in entry.rows), (
            entry.case
        )


def suite(*figures):
    return Measured("hl7", "2026-01-02", figures, {"binding": 3})


def test_the_page_says_what_is_not_explained():
    text = page(
        {"hl7": suite(Figure("hl7-base", 9, 10, (deviating("Patient: missing: x"),)))}, Explanations([])
    )
    assert "**90.0 %** (9 of 10); 1 unexplained" in text
    assert "- `case/base` · **unexplained**" in text
    assert "| hl7 | 3 |" in text
    assert "not measured" in text


def test_the_page_says_who_is_right():
    figure = Figure("hl7-base", 9, 10, (deviating("Patient: missing: x"),))
    text = page({"hl7": suite(figure)}, explained(clause="https://hl7.org/fhir/R4/patient.html", rank=1))
    assert "unexplained" not in text
    assert text.count("Because. (https://hl7.org/fhir/R4/patient.html)") == 2
    assert "1. **`case/base`** · Ours is right. Because." in text


def test_what_one_explanation_explains_stands_together():
    many = tuple(Deviation(f"case/{number}", (f"Patient: missing: {number}",)) for number in range(5))
    text = page({"hl7": suite(Figure("hl7-base", 5, 10, many))}, explained(case="case/*"))
    assert text.count("Because.") == 1
    assert "- `case/0`, `case/1`, `case/2`, `case/3`, `case/4` · Ours is right. Because." in text
    assert "  - and 2 more of the same kind" in text


@pytest.mark.parametrize(("right", "good"), [("data", (10, 1)), ("theirs", (9, 0))])
def test_an_example_that_is_really_wrong_counts_as_rightly_refused(right, good):
    figure = Figure("uk-core-examples", 9, 10, (deviating(),))
    assert counted(figure, explained(rows=("uk-core-*",), right=right)) == good


def test_the_command_ends_with_1_where_something_is_not_explained(tmp_path, capsys):
    known = {"hl7": suite(Figure("hl7-base", 9, 10, (deviating("Patient: missing: x"),)))}
    assert report(known, explained(), drafts=None) == 0
    assert report(known, Explanations([]), drafts=tmp_path / "draft.yaml") == 1
    assert "unexplained: hl7-base: case/base" in capsys.readouterr().err
    assert "case: case/base" in (tmp_path / "draft.yaml").read_text()


def test_the_command_ends_with_2_where_the_data_are_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["correctness", "--data", str(tmp_path)])
    assert main() == 2
    assert "does not have fhir-validator-cases, uk-core" in capsys.readouterr().err


def test_what_was_measured_is_kept_whole():
    measured = Measured(
        "x", "2026-01-02", (Figure("r", 1, 2, (deviating("a", theirs="b"),), "n"),), {"a": 1}, {"l": ("x",)}
    )
    assert from_json(json.loads(json.dumps(as_json(measured)))) == measured
