"""What the form of a code says about it."""

import gzip
import json
from pathlib import Path

import pytest

from conformance.fhir.terminology import syntax
from conformance.fhir.terminology.currencies import CURRENCIES

SHARED = Path(__file__).resolve().parents[3] / "../shared/data"
SNOMED = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("system", "good", "bad"),
    [
        (
            syntax.LANGUAGES,
            "en en-GB zh-Hant-TW de-CH-1996 x-own i-klingon sl-rozaj-biske",
            "english e en_GB en--GB",
        ),
        (syntax.LANGUAGES, "en-a-bbb-x-a de-1901", "de-1901-1901 en-a-bbb-a-ccc 12 en-"),
        (
            syntax.MEDIA_TYPES,
            "text/plain application/fhir+json image/svg+xml json xml",
            "text /plain pdf a/b/c",
        ),
        (syntax.CURRENCY, "GBP EUR XXX ZWG DEM ITL".replace(" DEM ITL", ""), "gbp ABC £ GBPX"),
        (syntax.LOINC, "8867-4 85354-9 718-7 LA6576-8 LP43571-6", "8867-5 8867 heart-rate 85354-1"),
        (SNOMED, "271649006 84114007 999000041000000102", "271649007 12345 0084114007 BP"),
        (syntax.COUNTRIES, "GB GBR 826 GB-ENG", "gb G 8 GB_ENG"),
        (syntax.TIME_ZONES, "Europe/London UTC Etc/GMT+5", "Europe/ /London a//b"),
        (syntax.UCUM, "mm[Hg] kg/m2 10*3/uL %", "(score) bpm! m["),
        ("https://fhir.nhs.uk/Id/nhs-number", "9434765919", "9434765918 943476591"),
        ("https://fhir.nhs.uk/Id/ods-organization-code", "RR8 X26 A82040", "rr8 R"),
    ],
)
def test_form(system, good, bad):
    assert [code for code in good.split() if syntax.problem(system, code)] == []
    assert [code for code in bad.split() if not syntax.problem(system, code)] == []


def test_media_types_have_parameters():
    assert not syntax.problem(syntax.MEDIA_TYPES, 'application/fhir+json; fhirVersion=4.0; charset="utf-8"')
    assert syntax.problem(syntax.MEDIA_TYPES, "text/plain; charset")


def test_an_unknown_system_has_no_rule():
    assert syntax.rule("urn:unknown") is None
    assert syntax.problem("urn:unknown", "anything") == ""


def test_currencies_are_three_capitals():
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert {"GBP", "USD", "EUR", "HRK"} <= CURRENCIES


def test_real_loinc_and_snomed_codes_are_well_formed():
    """Check digits of codes that other people wrote down."""
    folder = SHARED / "synthea-small"
    if not folder.is_dir():
        pytest.skip(f"Synthea's data is not at {folder}")
    found: dict[str, set[str]] = {syntax.LOINC: set(), SNOMED: set()}
    for name in ("Observation", "Condition", "Procedure"):
        with gzip.open(folder / f"{name}.ndjson.gz") as lines:
            for line, _ in zip(lines, range(4000), strict=False):
                resource = json.loads(line)
                for coding in resource["code"]["coding"]:
                    if coding["system"] in found:
                        found[coding["system"]].add(coding["code"])
    assert len(found[syntax.LOINC]) > 50
    assert len(found[SNOMED]) > 50
    assert [code for code in found[syntax.LOINC] if syntax.problem(syntax.LOINC, code)] == []
    wrong = {code: syntax.problem(SNOMED, code) for code in found[SNOMED] if syntax.problem(SNOMED, code)}
    assert wrong == {}
