"""The committed scores hold: what docs/correctness.md says is measured again, as far as that is quick."""

from pathlib import Path

import pytest

from benchmarks.correctness import examples, hl7
from benchmarks.correctness.__main__ import kept
from benchmarks.correctness.data import Data
from benchmarks.correctness.explained import load
from benchmarks.correctness.page import counted, page

ROOT = Path(__file__).resolve().parents[2]
DATA = Data(ROOT / "../shared/data")
DAY = "2026-01-01"


def needs(name):
    return pytest.mark.skipif(name in DATA.missing(), reason=f"the test data {name} are not here")


@pytest.fixture(scope="module")
def cases():
    return {figure.row: figure for figure in hl7.measure(DATA, DAY).figures}


@needs("fhir-validator-cases")
@pytest.mark.parametrize(
    ("row", "percent", "total"),
    [
        ("hl7-base", 97, 165),
        ("hl7-base-theirs", 98, 165),
        ("hl7-base-plain", 95, 165),
        ("hl7-profile", 91, 67),
        ("hl7-faults", 80, 90),
    ],
)
def test_agreement_with_the_reference_validator(cases, row, percent, total):
    assert cases[row].total >= total
    assert cases[row].percent >= percent


@needs("fhir-validator-cases")
def test_every_disagreement_with_the_reference_validator_is_explained(cases):
    assert load().missing(cases.values()) == []


@needs("uk-core")
def test_uk_core_loads_and_its_examples_are_accepted_or_really_wrong():
    structures, accepted = examples.measure_uk_core(DATA, DAY).figures
    assert (structures.good, structures.total) == (153, 153)
    good, wrong = counted(accepted, load())
    assert (good, accepted.total) == (215, 215)
    assert wrong <= 10


@needs("us-core")
@pytest.mark.nightly
def test_us_core_loads_and_its_examples_are_accepted_or_really_wrong():
    structures, accepted = examples.measure_us_core(DATA, DAY).figures
    assert structures.good == structures.total > 50
    good, wrong = counted(accepted, load())
    assert (good, accepted.total) == (183, 183)
    assert wrong <= 2


def test_the_page_is_what_was_measured_last():
    assert (ROOT / "docs" / "correctness.md").read_text("utf-8") == page(kept(), load())
