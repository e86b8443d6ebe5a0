"""When an answer is the value that a condition names, by type; and what of an answer cannot be told."""

import pytest
from test_response import UCUM, answered, condition, question, response, text


def quantity(value, **unit) -> dict:
    return {"value": value, **unit}


KG = {"unit": "kg", "system": UCUM, "code": "kg"}
G = {"unit": "g", "system": UCUM, "code": "g"}
CM = {"unit": "cm", "system": UCUM, "code": "cm"}
STONE = {"unit": "stone", "system": "http://s.test/units", "code": "stone"}
RED = {"system": "http://s.test/colours", "code": "red"}


@pytest.mark.parametrize(
    ("kind", "name", "wanted", "given", "same"),
    [
        ("quantity", "Quantity", quantity(5, **KG), quantity(5, **KG), True),
        ("quantity", "Quantity", quantity(5, **KG), quantity(5.0, **KG), True),
        ("quantity", "Quantity", quantity(5, **KG), quantity(6, **KG), False),
        ("quantity", "Quantity", quantity(5, **KG), quantity(5000, **G), True),
        ("quantity", "Quantity", quantity(5, **KG), quantity(5, **G), False),
        ("quantity", "Quantity", quantity(5, **STONE), quantity(5, **STONE), True),
        ("quantity", "Quantity", quantity(5, **STONE), quantity(5, **{**STONE, "code": "st"}), None),
        ("quantity", "Quantity", quantity(5, **KG), quantity(5, **STONE), None),
        ("quantity", "Quantity", quantity(5, **KG), quantity(5, **CM), None),
        ("quantity", "Quantity", quantity(5, **KG), quantity(5, comparator="<", **KG), None),
        ("quantity", "Quantity", quantity(5, comparator="<", **KG), quantity(4, **KG), None),
        ("quantity", "Quantity", quantity(5, unit="kg"), quantity(5, unit="kg"), True),
        ("quantity", "Quantity", quantity(5, unit="kg"), quantity(6, unit="kg"), None),
        ("quantity", "Quantity", quantity(5, **KG), {"unit": "kg", "system": UCUM, "code": "kg"}, None),
        ("choice", "Coding", RED, {**RED, "display": "Red"}, True),
        ("choice", "Coding", {**RED, "display": "Rot"}, RED, True),
        ("choice", "Coding", RED, {**RED, "code": "blue"}, False),
        ("choice", "Coding", RED, {**RED, "system": "http://s.test/other"}, False),
        ("choice", "Coding", RED, {"system": RED["system"], "display": "red"}, False),
        ("choice", "Coding", {"system": RED["system"], "display": "red"}, RED, False),
        (
            "reference",
            "Reference",
            {"reference": "Patient/1"},
            {"reference": "Patient/1", "display": "x"},
            True,
        ),
        ("reference", "Reference", {"reference": "Patient/1"}, {"reference": "Patient/2"}, False),
        ("reference", "Reference", {"reference": "Patient/1"}, {"display": "x"}, False),
        ("boolean", "Boolean", True, True, True),
        ("boolean", "Boolean", True, False, False),
        ("decimal", "Decimal", 1, 1.0, True),
        ("decimal", "Decimal", 1, 1.5, False),
        ("string", "String", "a", "a", True),
        ("string", "String", "a", "A", False),
    ],
)
def test_whether_an_answer_is_the_one_that_a_condition_names(told, kind, name, wanted, given, same):
    for operator, enabled in (("=", same), ("!=", None if same is None else not same)):
        when = condition(operator, **{f"answer{name}": wanted})
        asked = [question("c", kind), question("q", enableWhen=[when], required=True)]
        before = answered("c", {f"value{name}": given})
        answer = told("response-not-enabled", response(asked, [before, answered("q", text("a"))]))
        absent = told("response-required", response(asked, [before]))
        assert (answer != [], absent != []) == (enabled is False, enabled is True), operator


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "enabled"),
    [
        (">", KG, quantity(5001, **G), True),
        (">", KG, quantity(5, **KG), False),
        (">=", KG, quantity(5000, **G), True),
        ("<", KG, quantity(4999, **G), True),
        ("<", KG, quantity(5, **CM), None),
        ("<", KG, quantity(4, **STONE), None),
        ("<", KG, quantity(4, unit="kg"), None),
        ("<", KG, quantity(4, comparator=">", **KG), None),
        ("<", STONE, quantity(4, **STONE), True),
        ("<", STONE, quantity(5, **STONE), False),
        ("<", STONE, quantity(4, **{**STONE, "code": "st"}), None),
    ],
)
def test_quantities_in_order(told, operator, wanted, given, enabled):
    when = condition(operator, answerQuantity=quantity(5, **wanted))
    asked = [question("c", "quantity"), question("q", enableWhen=[when], required=True)]
    before = answered("c", {"valueQuantity": given})
    answer = told("response-not-enabled", response(asked, [before, answered("q", text("a"))]))
    absent = told("response-required", response(asked, [before]))
    assert (answer != [], absent != []) == (enabled is False, enabled is True)


def test_one_answer_of_several_is_enough_and_one_in_doubt_leaves_it_open(told):
    def required(*given):
        when = condition("=", answerQuantity=quantity(5, **KG))
        asked = [question("c", "quantity", repeats=True), question("q", enableWhen=[when], required=True)]
        values = [{"valueQuantity": each} for each in given]
        return told("response-required", response(asked, [answered("c", *values)])) != []

    assert required(quantity(1, unit="kg"), quantity(5, **KG))
    assert not required(quantity(1, unit="kg"), quantity(4, **KG))


@pytest.mark.parametrize(
    "value_set", ["http://nobody.test/ValueSet/v", "#inside", "http://loinc.org/vs/LL1-1"]
)
def test_a_value_set_of_answers_that_is_not_at_hand_fails_nothing(judged, value_set):
    asked = question("q", "choice", answerValueSet=value_set)
    outcome = judged(response([asked], [answered("q", {"valueCoding": RED})]))
    assert [issue for issue in outcome.issues if issue.message_id.startswith("response-")] == []
    assert ("binding", value_set) in [(row.kind, row.subject) for row in outcome.not_evaluated]


@pytest.mark.parametrize("value", [{"valueReference": {"reference": "Patient/1"}}, {"valueCoding": RED}])
def test_options_are_chosen_by_what_they_mean(told, value):
    other = {"valueReference": {"reference": "Patient/2"}}
    asked = question("q", "choice", answerOption=[value, other])
    shown = {name: {**given, "display": "words of the response"} for name, given in value.items()}
    assert told("response-", response([asked], [answered("q", shown)])) == []
    without = question("q", "choice", answerOption=[other, {"valueCoding": {**RED, "code": "blue"}}])
    found = told("response-", response([without], [answered("q", value)]))
    assert [message for message, _ in found] == ["response-option"]


@pytest.mark.parametrize("given", [True, False])
def test_that_an_answer_exists_is_asked_with_true_or_false_only(told, given):
    when = condition("exists", answerString="x")
    asked = [question("c"), question("q", enableWhen=[when], required=True)]
    before = [answered("c", text("x"))] if given else []
    assert told("response-not-enabled", response(asked, [*before, answered("q", text("a"))])) == []
    assert told("response-required", response(asked, before)) == []


@pytest.mark.parametrize(("kind", "what"), [("group", "groups"), ("string", "answers")])
def test_how_many_there_are_is_told_in_words(judged, kind, what):
    asked = question("q", kind, repeats=False)
    items = [answered("q"), answered("q")] if kind == "group" else [answered("q", text("a"), text("b"))]
    (issue,) = [
        each for each in judged(response([asked], items)).issues if each.message_id == "response-repeats"
    ]
    assert issue.text.endswith(f"does not repeat, and has 2 {what}")


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ([answered("below", text("b"))], []),
        ([answered("x", text("b"))], [("response-required", ""), ("response-link-unknown", ".item[0]")]),
        ([], [("response-required", "")]),
    ],
)
def test_what_stands_below_an_answer_is_compared_with_what_is_asked_there(told, below, expected):
    asked = question(item=[question("below", required=True)])
    given = answered("q", text("a") | ({"item": below} if below else {}))
    place = "QuestionnaireResponse.item[0].answer[0]"
    assert told("response-", response([asked], [given])) == [(one, f"{place}{at}") for one, at in expected]
