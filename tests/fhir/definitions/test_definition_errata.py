"""R4's errata: each concerns something that R4 publishes, and is applied wherever the faulty text stands."""

import pytest

from conformance.fhir.definitions import Definitions, r4
from conformance.fhir.definitions.errata import ERRATA, Erratum
from conformance.fhir.definitions.shipped import Shipped
from conformance.fhir.definitions.table import Element
from conformance.fhir.fhirpath.parser import parse
from conformance.fhir.packages.package import from_resources

ELSEWHERE = {"pd-1", "us-core-13", "obs-7-stu3", "ras-2-stu3"}
"""Those of US Core and of other releases."""
RULES = [entry for entry in ERRATA.entries if entry.constraints]


def rules(element: Element) -> set[tuple[str, str]]:
    found = {(rule.key, rule.expression) for rule in element.constraints}
    return found.union(*(rules(below) for below in (*element.children, *element.slices)))


def all_rules(definitions: Definitions) -> set[tuple[str, str]]:
    return set().union(
        *(rules(found.root) for url in definitions.canonicals() if (found := definitions.structure(url)))
    )


@pytest.fixture(scope="module")
def published() -> set[tuple[str, str]]:
    return all_rules(Definitions((Shipped(),), amend=False))


@pytest.fixture(scope="module")
def used() -> set[tuple[str, str]]:
    return all_rules(r4())


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry.id)
def test_each_corrects_what_is_published(
    entry: Erratum, published: set[tuple[str, str]], used: set[tuple[str, str]]
):
    for key in entry.constraints:
        assert ((key, entry.published) in published) is (entry.id not in ELSEWHERE)
        assert (key, entry.published) not in used
        assert ((key, entry.used) in used) is (entry.id not in ELSEWHERE)


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry.id)
def test_each_is_an_expression_that_can_be_read(entry: Erratum):
    assert parse(entry.used) != parse(entry.published)


@pytest.mark.parametrize("entry", ERRATA.entries, ids=lambda entry: entry.id)
def test_each_says_why_and_who_says_so(entry: Erratum):
    assert entry.element
    assert entry.why.endswith(".")
    assert entry.sources
    assert all(source.startswith("https://") for source in entry.sources)


def test_nothing_else_is_changed(published: set[tuple[str, str]], used: set[tuple[str, str]]):
    assert published - used == {
        (k, e.published) for e in RULES for k in e.constraints if e.id not in ELSEWHERE
    }


def test_a_profile_that_repeats_a_faulty_rule_is_judged_by_the_corrected_one():
    rule = {"key": "bdl-8", "severity": "error", "expression": "fullUrl.contains('/_history/').not()"}
    for version in ("4.0.1", "5.0.0"):
        resource = {
            "resourceType": "StructureDefinition",
            "url": "http://example.org/s",
            "fhirVersion": version,
            "type": "Bundle",
            "snapshot": {"element": [{"id": "Bundle", "path": "Bundle", "constraint": [rule]}]},
        }
        found = from_resources([resource], base=r4()).structure("http://example.org/s")
        assert found is not None
        assert found.root.constraints[0].expression.startswith("fullUrl.exists() implies")


def test_the_ids_of_elements_are_strings_where_a_release_says_otherwise():
    parts = [
        {"id": "Period", "path": "Period"},
        {"id": "Period.id", "path": "Period.id", "representation": ["xmlAttr"], "type": [{"code": "id"}]},
    ]
    resource = {
        "resourceType": "StructureDefinition",
        "url": "http://example.org/s",
        "fhirVersion": "4.3.0",
        "kind": "complex-type",
        "type": "Period",
        "snapshot": {"element": parts},
    }
    found = from_resources([resource]).structure("http://example.org/s")
    assert found is not None
    assert [kind.code for kind in found.root.children[0].types] == ["string"]


def test_ids_of_resources_are_ids_and_those_of_elements_are_strings(core: Definitions):
    for url in core.canonicals():
        found = core.structure(url)
        assert found is not None
        first = [kind.code for child in found.root.children if child.name == "id" for kind in child.types]
        resource = any(child.name == "implicitRules" for child in found.root.children)
        assert first in ([], ["id"] if resource else ["string"]), url


def test_the_version_and_digest_stand_in_what_is_recorded(core: Definitions):
    assert core.errata.version
    assert len(core.errata.digest) == 64
