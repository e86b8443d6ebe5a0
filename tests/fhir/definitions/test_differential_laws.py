"""Laws of laying a differential: nothing said, nothing changed; never wider; junk ends in a problem, not a crash."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_structures import URL, laid, profile, row

from conformance.fhir.definitions import DefinitionProblem, Definitions, r4
from conformance.fhir.packages.package import from_resources

TYPES = ["Patient", "Observation", "Extension", "Questionnaire", "Bundle", "HumanName", "Timing"]


@pytest.mark.parametrize("name", TYPES)
def test_an_empty_differential_is_the_base(name: str, core: Definitions):
    base = core.type(name)
    assert base is not None
    assert laid(profile(of=name)).root == base.root


names = st.sampled_from(
    ["name", "identifier", "extension", "value[x]", "valueString", "contact", "x", "given", "id"]
)
steps = st.builds(lambda name, part: name + part, names, st.sampled_from(["", "", "", ":a", ":a/b", ":b"]))
cardinality = st.sampled_from(["0", "1", "2", "7", "*"])
facts = st.fixed_dictionaries(
    {},
    optional={
        "min": st.integers(0, 3),
        "max": cardinality,
        "type": st.lists(st.fixed_dictionaries({"code": st.sampled_from(["string", "Quantity", "Nothing"])})),
        "slicing": st.just({"rules": "open"}),
        "fixedString": st.text(max_size=3),
        "sliceName": st.sampled_from(["a", "a/b"]),
        "binding": st.just({"strength": "required"}),
    },
)


def some_row(path: list[str], said: dict[str, Any]) -> dict[str, Any]:
    return row(".".join(["Patient", *path])) | said


some_rows = st.lists(
    st.builds(some_row, st.lists(steps, max_size=3), facts),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(rows=some_rows)
def test_no_differential_widens_its_base_or_ends_in_anything_but_a_problem(rows: list[dict[str, Any]]):
    try:
        made = laid(profile(*rows))
    except DefinitionProblem:
        return
    base = r4().type("Patient")
    assert base is not None
    for element in made.root.children:
        before = next(child for child in base.root.children if child.name == element.name)
        assert element.min >= before.min
        assert before.max is None or (element.max is not None and element.max <= before.max)
        for part in element.slices:
            assert element.max is None or (part.max is not None and part.max <= element.max)


names_of_facts = [
    "path",
    "id",
    "min",
    "max",
    "type",
    "slicing",
    "code",
    "binding",
    "constraint",
    "sliceName",
    "base",
]
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("Patient.name"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names_of_facts), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("place", ["differential", "snapshot"])
@settings(max_examples=100, deadline=None)
@given(elements=junk, version=junk)
def test_junk_in_place_of_elements_is_a_problem_or_a_structure(place: str, elements: Any, version: Any):
    rows = [{"path": "Patient"}, *elements] if isinstance(elements, list) else elements
    definitions = from_resources([profile(**{place: {"element": rows}}, fhirVersion=version)], base=r4())
    with suppress(DefinitionProblem):
        assert definitions.structure(URL) is not None
    assert {problem.structure for problem in definitions.problems} <= {URL}
