"""YAML as what is declared and signed is read: by the core schema of YAML 1.2, with no fractions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks.exit_plan_schema import schema
from conformance.model.marked_yaml import read_yaml


def read(text):
    marked = read_yaml(text, "plan.yaml", core=True)
    assert not marked.problems
    return marked.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"), ("yes", "yes"), ("off", "off"), ("1:30", "1:30"), ("0750", "0750"), ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"), ("P30D", "P30D"), ("12", 12), ("-3", -3), ("0", 0), ("true", True),
        ("False", False), ("null", None), ("~", None), ('"750.00"', "750.00"), ("'12'", "12"), ("0x10", "0x10"),
    ],
)  # fmt: skip
def test_plain_words_are_what_they_look_like(written, value):
    found = read(f"a: {written}\n")["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("written", ["750.00", ".5", "1.", "-0.1", "1.5e3", ".inf", "-.inf", ".nan"])
def test_numbers_with_a_fraction_are_refused(written):
    (problem,) = read_yaml(f"a:\n  b: {written}\n", "plan.yaml", core=True).problems
    assert (problem.line, problem.column) == (2, 6)
    assert "write it in quotes" in problem.message


def test_numbers_too_large_for_every_reader_are_refused():
    (problem,) = read_yaml("a: 12345678901234567\n", "plan.yaml", core=True).problems
    assert "too large" in problem.message


@pytest.mark.parametrize("text", ["!!set {a}", "!own [1]", "!!python/tuple [1]"])
def test_tags_are_refused(text):
    assert "is not accepted" in read_yaml(text, "plan.yaml", core=True).problems[0].message


plain = st.none() | st.booleans() | st.integers(-999, 999) | st.text(st.characters(codec="ascii"))
names = st.from_regex("[a-z]{1,4}", fullmatch=True)


@given(
    st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
)
def test_json_without_fractions_reads_alike(value):
    assert read(json.dumps({"a": value})) == {"a": value}


@pytest.mark.parametrize("name", ["exit-plan", "contract"])
def test_every_member_of_the_published_schemas_is_described_and_none_is_left_open(name):
    waiting = [schema(name)]
    while waiting:
        node = waiting.pop()
        for member, inner in node.get("properties", {}).items():
            if set(inner) != {"const"}:
                assert inner.get("description"), member
        if node.get("type") == "object":
            assert "additionalProperties" in node, node.get("description")
        for holder in ("properties", "$defs"):
            waiting += node.get(holder, {}).values()
        waiting += [node["items"]] if isinstance(node.get("items"), dict) else []
