"""The engine's corners: what converts to what, sets of Booleans, what is no text of its type, concepts, patterns."""

from decimal import Decimal
from time import process_time

import pytest

from conformance.fhir.definitions import r4
from conformance.fhir.fhirpath import (
    DefinitionsModel,
    EvaluationError,
    SemanticError,
    Services,
    StepLimit,
    Undecided,
    compile_expression,
)
from conformance.fhir.fhirpath.check import check
from conformance.fhir.fhirpath.patterns import matches_whole
from conformance.fhir.fhirpath.values import system

MODEL = DefinitionsModel(r4())
OBSERVATION = {"resourceType": "Observation", "id": "o", "status": "final"}


def run(expression, focus=OBSERVATION, **how):
    how.setdefault("model", MODEL)
    return [system(item) for item in compile_expression(expression).evaluate(focus, **how)]


KINDS = ("Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity")
CONVERTS = {
    "true": {"Boolean": True, "Integer": 1, "Decimal": Decimal(1), "String": "true", "Quantity": "1 '1'"},
    "false": {"Boolean": False, "Integer": 0, "Decimal": Decimal(0), "String": "false", "Quantity": "0 '1'"},
    "1": {"Boolean": True, "Integer": 1, "Decimal": Decimal(1), "String": "1", "Quantity": "1 '1'"},
    "2": {"Integer": 2, "Decimal": Decimal(2), "String": "2", "Quantity": "2 '1'"},
    "1.0": {"Boolean": True, "Decimal": Decimal("1.0"), "String": "1.0", "Quantity": "1.0 '1'"},
    "0.5": {"Decimal": Decimal("0.5"), "String": "0.5", "Quantity": "0.5 '1'"},
    "'y'": {"Boolean": True, "String": "y"},
    "'No'": {"Boolean": False, "String": "No"},
    "'maybe'": {"String": "maybe"},
    "'-7'": {"Integer": -7, "Decimal": Decimal(-7), "String": "-7", "Quantity": "-7 '1'"},
    "'+1.50'": {"Decimal": Decimal("1.50"), "String": "+1.50", "Quantity": "1.50 '1'"},
    "'1.'": {"String": "1."},
    "'4 days'": {"String": "4 days", "Quantity": "4 days"},
    "'4 \\'d\\''": {"String": "4 'd'", "Quantity": "4 'd'"},
    "'4 fortnights'": {"String": "4 fortnights"},
    "'2015-02'": {"String": "2015-02", "Date": "2015-02", "DateTime": "2015-02"},
    "'2015-02-30'": {"String": "2015-02-30"},
    "'2015-02-04T14:30'": {
        "String": "2015-02-04T14:30",
        "Date": "2015-02-04",
        "DateTime": "2015-02-04T14:30",
    },
    "'14:30'": {"String": "14:30", "Time": "14:30"},
    "'T14:30'": {"String": "T14:30", "Time": "14:30"},
    "'25:00'": {"String": "25:00"},
    "@2015-02-04": {"String": "2015-02-04", "Date": "2015-02-04", "DateTime": "2015-02-04"},
    "@2015-02-04T14:30Z": {
        "String": "2015-02-04T14:30Z",
        "Date": "2015-02-04",
        "DateTime": "2015-02-04T14:30Z",
    },
    "@T14:30": {"String": "14:30", "Time": "14:30"},
    "4 'kg'": {"String": "4 'kg'", "Quantity": "4 'kg'"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("literal", CONVERTS)
def test_what_converts_to_what(literal, kind):
    wanted = CONVERTS[literal].get(kind)
    assert run(f"({literal}).convertsTo{kind}()") == [wanted is not None]
    text = kind in {"Date", "DateTime", "Time", "Quantity"}
    found = run(f"({literal}).to{kind}(){'.toString()' if text else ''}")
    assert found == ([] if wanted is None else [wanted])
    assert {type(one) for one in found} <= {type(wanted)}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_converts_to_nothing_and_several_to_an_error(kind):
    assert run(f"{{}}.to{kind}()") == []
    assert run(f"{{}}.convertsTo{kind}()") == []
    for function in (f"to{kind}()", f"convertsTo{kind}()"):
        with pytest.raises(EvaluationError) as raised:
            run(f"(1 | 2).{function}")
        assert f"to{kind}" in raised.value.message or f"convertsTo{kind}" in raised.value.message


@pytest.mark.parametrize(
    ("items", "all_true", "any_true", "all_false", "any_false"),
    [
        ("{}", True, False, True, False),
        ("true", True, True, False, False),
        ("false", False, False, True, True),
        ("(true | false)", False, True, False, True),
        ("true.combine(true)", True, True, False, False),
        ("false.combine(false)", False, False, True, True),
        ("false.combine(true)", False, True, False, True),
    ],
)
def test_sets_of_booleans(items, all_true, any_true, all_false, any_false):
    found = [run(f"{items}.{name}()")[0] for name in ("allTrue", "anyTrue", "allFalse", "anyFalse")]
    assert found == [all_true, any_true, all_false, any_false]


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "div", "mod"])
def test_reckoning_with_nothing_gives_nothing_and_with_several_an_error(operator):
    assert run(f"{{}} {operator} 2") == []
    assert run(f"2 {operator} {{}}") == []
    for expression in (f"(1 | 2) {operator} 3", f"3 {operator} (1 | 2)"):
        with pytest.raises(EvaluationError, match="needs one item, and has 2") as raised:
            run(expression)
        assert raised.value.message.startswith(operator)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("effective", "not a date"),
        ("effective.toString()", "not a date"),
        ("effective.startsWith('not')", True),
        ("effective.convertsToDate()", False),
    ],
)
def test_a_text_that_is_not_of_its_type_stays_a_text(expression, value):
    assert run(expression, {**OBSERVATION, "effectiveDateTime": "not a date"}) == [value]


@pytest.mark.parametrize(
    ("quantity", "expression", "value"),
    [
        ({"value": 5}, "value = 5", True),
        ({"value": 5}, "value = 5 '1'", True),
        ({"value": 5}, "value > 4", True),
        ({"value": 5}, "value = 6", False),
        ({"value": 5, "unit": ""}, "value = 5", True),
        ({"value": 5, "unit": "drops"}, "value = 5", None),
        ({"value": 5, "code": "", "unit": "drops"}, "value = 5 'drops'", True),
        ({"value": 5, "comparator": "<"}, "value = 5", False),
        ({"value": True}, "value = 1", False),
    ],
)
def test_a_quantity_without_a_unit_is_a_plain_number(quantity, expression, value):
    found = run(expression, {**OBSERVATION, "valueQuantity": quantity})
    assert found == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("function", "asked"), [("subsumes", ("a", "b")), ("subsumedBy", ("b", "a"))], ids=["down", "up"]
)
@pytest.mark.parametrize("answer", [True, False])
def test_subsumption_is_asked_the_right_way_round(function, asked, answer):
    seen = []

    def subsumes(general, special):
        seen.append((general.value["code"], special.value["code"]))
        return answer

    focus = {**OBSERVATION, "code": {"coding": [{"code": "a"}, {"code": "b"}]}}
    expression = f"code.coding[0].{function}(code.coding[1])"
    assert run(expression, focus, services=Services(subsumes=subsumes)) == [answer]
    assert seen == [asked]
    with pytest.raises(Undecided):
        run(expression, focus)
    assert run(f"{{}}.{function}(code)", focus) == run(f"code.{function}({{}})", focus) == []


def test_a_pattern_for_a_whole_text_is_given_up_too():
    assert matches_whole("abc", "[a-z]+")
    assert not matches_whole("abc1", "[a-z]+")
    with pytest.raises(StepLimit, match="took more than"):
        matches_whole("a" * 3_000, "(a|aa)+b")


@pytest.mark.parametrize("model", [MODEL, None])
def test_a_resource_in_another_is_told_by_its_type(model):
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": {**OBSERVATION, "contained": [{"resourceType": "Patient", "id": "c"}]}},
            {"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "x"}]}},
        ],
    }
    assert run("entry.resource.select(%resource.id)", bundle, model=model) == []
    ids = run("entry.resource.descendants().where($this is Patient).id", bundle, model=model)
    assert ids == ["c"]
    with_reference = {**bundle["entry"][0]["resource"], "subject": {"reference": "#c"}}
    nested = {"resourceType": "Bundle", "entry": [{"resource": with_reference}]}
    assert run("entry.resource.subject.resolve().id", nested, model=model) == ["c"]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("name.where(true).gven", "no element 'gven'"),
        ("name.first().gven", "no element 'gven'"),
        ("name.trace('x').gven", "no element 'gven'"),
        ("name.combine(contact.name).gven", "no element 'gven'"),
        ("name.union(contact.name).gven", "no element 'gven'"),
        ("(name | contact.name).gven", "no element 'gven'"),
        ("name.select(period).ends", "no element 'ends'"),
        ("extension('u').valu", "no element 'valu'"),
        ("name[0].gven", "no element 'gven'"),
        ("iif(name.gven.exists(), 1, 2)", "no element 'gven'"),
        ("(name as HumanName).gven", "no element 'gven'"),
    ],
)
def test_the_check_follows_what_keeps_the_type(expression, words):
    with pytest.raises(SemanticError) as raised:
        check(expression, "Patient", MODEL)
    assert words in raised.value.message


@pytest.mark.parametrize(
    "expression",
    [
        "name.combine(contact).relationship",
        "name.exists().gven",
        "name.children().gven",
        "name.repeat($this).count().gven",
        "name.given.toChars().gven",
    ],
)
def test_the_check_leaves_alone_what_changes_the_type(expression):
    check(expression, "Patient", MODEL)


def limits(low, high):
    return {
        **OBSERVATION,
        "valueRange": {
            name: {"value": Decimal(value), "system": "http://unitsofmeasure.org", "code": "kg"}
            for name, value in (("low", low), ("high", high))
        },
    }


@pytest.mark.parametrize(
    "expression", ["value.low <= value.high", "value.low = value.high", "value.low ~ 5 'g'"]
)
def test_numbers_of_very_many_places_are_not_reckoned_with(expression):
    assert len(run(expression, limits("0." + "1" * 700, "0." + "2" * 700))) == 1
    start = process_time()
    with pytest.raises(EvaluationError, match="too long to reckon with"):
        run(expression, limits("0." + "1" * 1_000_000, "0." + "2" * 1_000_000))
    assert process_time() - start < 2
