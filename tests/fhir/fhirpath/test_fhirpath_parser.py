"""The parser: what is FHIRPath becomes the tree that it means, everything else one clear error."""

import pytest
from fhirpath_trees import trees, written
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.fhirpath import ExpressionSyntaxError, FhirPathError, compile_expression, parse
from conformance.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Literal,
    Member,
    Path,
    Polarity,
    TypeName,
    TypeOperation,
)

a, b, c = Member("a"), Member("b"), Member("c")


@given(trees)
def test_what_a_tree_is_written_as_is_read_as_that_tree(tree):
    assert parse(written(tree)) == tree


@given(st.text(max_size=40) | st.text(st.sampled_from("ab.()[]'`@%$1T:-+*/|&=!~<>{} \n\\\""), max_size=40))
def test_any_text_is_read_or_refused_with_its_place(text):
    wrong = None
    try:
        compile_expression(text)
    except FhirPathError as error:
        wrong = error
    if isinstance(wrong, ExpressionSyntaxError):
        assert 0 <= wrong.offset <= len(text)
        assert f"line {wrong.line} column {wrong.column}" in wrong.message


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a or b and c", Binary("or", a, Binary("and", b, c))),
        ("a implies b or c", Binary("implies", a, Binary("or", b, c))),
        ("a = b | c", Binary("=", a, Binary("|", b, c))),
        ("a | b is c", Binary("|", a, TypeOperation("is", b, TypeName("c")))),
        ("a is x.c", TypeOperation("is", a, TypeName("c", "x"))),
        ("a < b in c", Binary("in", Binary("<", a, b), c)),
        ("a - b - c", Binary("-", Binary("-", a, b), c)),
        ("a & b * c", Binary("&", a, Binary("*", b, c))),
        ("-a.b", Polarity("-", Path(a, b))),
        ("-a * b", Binary("*", Polarity("-", a), b)),
        ("a.contains(b)", Path(a, Call("contains", (b,)))),
        ("a contains b", Binary("contains", a, b)),
        ("is.as", Path(Member("is"), Member("as"))),
        ("day", Member("day")),
        ("1.a()", Path(Literal(1), Call("a"))),
        (r"'\u0041\p\n'", Literal("Ap\n")),
    ],
)
def test_precedence_and_words(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "line 1 column 1", "the expression is empty"),
        ("a +", "line 1 column 4", "not the end"),
        ("a\n  ..b", "line 2 column 4", "not '.'"),
        ("a b", "line 1 column 3", "'b' does not belong here"),
        ("'abc", "line 1 column 1", "string does not end"),
        ("/* x", "line 1 column 1", "comment does not end"),
        ("a.div", "line 1 column 3", "`div` in backticks"),
        ("@2015-02-30", "line 1 column 1", "no date or time that exists"),
        ("@T25:00", "line 1 column 1", "no date or time that exists"),
        ('"a"', "line 1 column 1", "single quotes"),
        ("$that", "line 1 column 1", "$this, $index and $total"),
        ("a.frist()", "line 1 column 3", "did you mean 'first'"),
        ("a.where()", "line 1 column 3", "where() takes 1 argument(s), not 0"),
        ("a.ofType(1)", "", "takes the name of a type"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, place, words):
    with pytest.raises(FhirPathError) as raised:
        compile_expression(text)
    assert place in raised.value.message
    assert words in raised.value.message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "-" * 10_000 + "1",
        "a[" * 10_000 + "1" + "]" * 10_000,
        "not(" * 10_000 + ")" * 10_000,
        "1" + " + 1" * 100_000,
        "a" + ".a" * 60_000,
        "'" + "a" * 1_000_000 + "'",
        "/*" * 50_000,
        "1" * 5_000,
        "1." + "1" * 5_000,
    ],
    ids=[
        "parentheses",
        "signs",
        "indexes",
        "calls",
        "operators",
        "steps",
        "length",
        "comments",
        "digits",
        "decimals",
    ],
)
def test_what_was_made_to_hurt_is_refused(text):
    with pytest.raises(ExpressionSyntaxError):
        parse(text)


@pytest.mark.parametrize("operator", ["or", "and", "|", "+", "implies"])
def test_long_rows_of_operators_are_read_and_run(operator):
    found = compile_expression(f" {operator} ".join(["1"] * 300)).evaluate(None)
    assert found == [300 if operator == "+" else 1 if operator == "|" else True]
