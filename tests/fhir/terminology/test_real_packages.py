"""How much of real packages is decided without a server: R4, UK Core and US Core."""

import time
from collections import Counter

from conformance.fhir.terminology.facade import Terminology

FINITE_UK = 58
FINITE_US = 14
UNKNOWN = ("urn:no-such-system", "no-such-code")


def required(structures) -> set[tuple[str, str]]:
    """Path and value set of every required binding of the types and resources themselves."""
    return {
        (element["path"], element["binding"]["valueSet"])
        for structure in structures
        if structure["kind"] in {"resource", "complex-type"} and structure.get("derivation") != "constraint"
        for element in structure["snapshot"]["element"]
        if element.get("binding", {}).get("strength") == "required" and "valueSet" in element["binding"]
    }


def test_required_bindings_of_r4(r4):
    bindings = required(r4.structures)
    terminology = Terminology(r4)
    began = time.process_time()
    expanded = {binding: terminology.codes(binding[1]) for binding in bindings}
    assert time.process_time() - began < 1
    assert len(bindings) == 366
    assert sum(1 for codes in expanded.values() if codes) == 349
    left = Counter(value_set.rpartition("/")[2] for (_, value_set), codes in expanded.items() if not codes)
    assert left == {"mimetypes|4.0.1": 12, "ucum-units|4.0.1": 3, "currencies|4.0.1": 1, "LL379-9|4.0.1": 1}
    undecided = {
        value_set for _, value_set in bindings if terminology.validate(value_set, "no such code").cannot_tell
    }
    assert undecided == {"http://loinc.org/vs/LL379-9|4.0.1"}


def test_what_r4_decides_by_rule(r4):
    terminology = Terminology(r4)
    base = "http://hl7.org/fhir/ValueSet/"
    assert terminology.validate(base + "mimetypes|4.0.1", "application/pdf").is_member
    assert terminology.validate(base + "mimetypes", "pdf").is_not_member
    assert terminology.validate(base + "currencies", "GBP").is_member
    assert terminology.validate(base + "currencies", "GPB").is_not_member
    assert terminology.validate(base + "ucum-units", "mm[Hg]").is_member
    assert terminology.validate(base + "all-languages", "cy-GB").is_member
    assert terminology.validate(base + "administrative-gender", "female").is_member
    assert terminology.validate(base + "administrative-gender", "FEMALE").is_not_member
    assert terminology.code_in_system("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB") is True
    assert terminology.code_in_system("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMBU") is False


def test_hierarchies_of_r4_that_have_several_parents(r4):
    """TWINSIS is a twin by a `child` property only; a sister is a sibling by nesting."""
    terminology = Terminology(r4)
    system = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
    siblings = terminology.codes("http://hl7.org/fhir/ValueSet/sibling-relationship-codes")
    assert {"SIB", "SIS", "TWIN", "TWINSIS", "HBRO"} <= siblings
    assert terminology.subsumes(system, "TWIN", "TWINSIS") is True
    contact = terminology.codes("http://hl7.org/fhir/ValueSet/patient-contactrelationship")
    assert "O" not in contact
    assert "N" in contact


def test_uk_core(uk_core, r4):
    terminology = Terminology(uk_core.over(r4))
    finite, undecided = [], Counter()
    for url in uk_core.value_sets:
        if terminology.expansion(url):
            finite.append(url)
        else:
            undecided[
                terminology.validate(url, {"system": "http://snomed.info/sct", "code": "138875005"}).reason
            ] += 1
        assert terminology.validate(url, {"system": UNKNOWN[0], "code": UNKNOWN[1]}).is_not_member
    assert (len(uk_core.value_sets), len(uk_core.code_systems)) == (134, 88)
    assert len(finite) == FINITE_UK, undecided
    assert undecided["needs SNOMED CT (http://snomed.info/sct)"] >= 64


def test_us_core(us_core, r4):
    terminology = Terminology(us_core.over(r4))
    undecided = {
        url.rpartition("/")[2]: terminology.validate(url, "271649006").reason
        for url in us_core.value_sets
        if terminology.expansion(url) is None
    }
    assert len(us_core.value_sets) - len(undecided) == FINITE_US, undecided
    assert all(undecided.values())
