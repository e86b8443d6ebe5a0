"""The engine beyond the official suite: nodes, locations, services, limits, no model, the static check."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from time import process_time

import pytest
from fhirpath_trees import literals, operators, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.fhir.definitions import r4
from conformance.fhir.fhirpath import (
    UNKNOWN,
    DefinitionsModel,
    EvaluationError,
    FhirPathError,
    Node,
    SemanticError,
    Services,
    StepLimit,
    Undecided,
    compile_expression,
    compile_invariant,
    location,
    root,
)
from conformance.fhir.fhirpath.check import check
from conformance.fhir.fhirpath.functions import FUNCTIONS
from conformance.fhir.fhirpath.nodes import descendants
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Indexer,
    Member,
    Path,
    Polarity,
    Special,
    TypeName,
    TypeOperation,
    Variable,
)
from conformance.fhir.fhirpath.temporal import Temporal
from conformance.fhir.fhirpath.values import TypeInfo, system

MODEL = DefinitionsModel(r4())
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "birthDate": "1974-12",
    "_birthDate": {"extension": [{"url": "u", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
    "name": [
        {"family": "A", "given": ["x", None, "z"], "_given": [None, {"id": "g"}]},
        {"_family": {"extension": [{"url": "v", "valueCode": "c"}]}},
    ],
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Org"}],
    "managingOrganization": {"reference": "#o"},
    "generalPractitioner": [{"reference": "Practitioner/9"}],
    "multipleBirthInteger": 2,
}


def run(expression, focus=PATIENT, **how):
    how.setdefault("model", MODEL)
    return [system(item) for item in compile_expression(expression).evaluate(focus, **how)]


@pytest.mark.parametrize(
    ("expression", "places"),
    [
        ("name.given", ["Patient.name[0].given[0]", "Patient.name[0].given[1]", "Patient.name[0].given[2]"]),
        ("name.given[1].id", ["Patient.name[0].given[1].id"]),
        ("multipleBirth", ["Patient.multipleBirth"]),
        ("birthDate.extension.value", ["Patient.birthDate.extension[0].value"]),
        ("contained.name", ["Patient.contained[0].name"]),
        ("name[1].children()", ["Patient.name[1].family"]),
        ("name[1].family.extension('v').value", ["Patient.name[1].family.extension[0].value"]),
    ],
)
def test_where_a_node_stands(expression, places):
    found = compile_expression(expression).evaluate(PATIENT, model=MODEL)
    assert [location(node) for node in found] == places


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("name.given.select(hasValue())", [True, False, True]),
        ("name.given.getValue()", []),
        ("name.given[0].getValue()", ["x"]),
        ("name.given.count()", [3]),
        ("name[1].family.hasValue()", [False]),
        ("(4 'mg').hasValue()", [False]),
        ("10 'cm' - 2", []),
        ("(2 days * 3).toString()", ["6 days"]),
        ("(40 * 2 weeks / 10).toString()", ["8 weeks"]),
        ("(@2010-01-01 + 2 * 3 days).toString()", ["2010-01-07"]),
        ("(3 '1' + 2).toString()", ["5 '1'"]),
        ("4.hasValue()", [True]),
        ("name[1].family.startsWith('A')", []),
        ("birthDate < @1975", [True]),
        ("birthDate <= @1974-12-25", []),
        ("multipleBirth is integer", [True]),
        ("multipleBirth.ofType(boolean)", []),
        ("multipleBirthInteger", []),
        ("name.ofType(HumanName).family", ["A", None]),
        ("contained.type().name", ["Organization"]),
        ("managingOrganization.resolve().name", ["Org"]),
        ("contained.select(%resource.id)", ["p"]),
        ("name.where(family.exists()).select($index)", [0, 1]),
        ("defineVariable('n', name.family).select(%n).count()", [2]),
        ("name.select(defineVariable('f', family).select(%f & '!'))", ["A!", "!"]),
        ("(1 | 2).select($this + 1).aggregate($total + $this, 0)", [5]),
        ("Patient.id", ["p"]),
        ("DomainResource.id", ["p"]),
        ("'a1b2'.replaceMatches('([a-z])([0-9])', '$2$1')", ["1a2b"]),
        ("'a.b'.replaceMatches('\\\\.', '\\\\$')", ["a$b"]),
        ("1 'm' + 50 'cm'", [None]),
        ("(1 'm' + 50 'cm') = 1.5 'm'", [True]),
        ("@2024-01-31 + 1 month", [None]),
        ("(@2024-01-31 + 1 month).toString()", ["2024-02-29"]),
        ("(@2024-02-29 - 1 year).toString()", ["2023-02-28"]),
        ("(@T23:30 + 45 minutes).toString()", ["00:15"]),
        ("(@2014 + 24 months).toString()", ["2016"]),
        ("@2015-02-04T00:30:00+02:00 = @2015-02-03T22:30:00Z", [True]),
        ("now() = now()", [True]),
        ("'x'.convertsToQuantity()", [False]),
        ("'10 \\'mg\\''.toQuantity('g').value", [Decimal("0.01")]),
        ("9223372036854775807 + 1", []),
        ("10.power(400)", []),
        ("{}.iif(true, 1, 2)", [1]),
        ("coalesce({}, 'b', 'c')", ["b"]),
    ],
)
def test_what_an_expression_gives(expression, values):
    found = run(expression)
    assert len(found) == len(values)
    for one, other in zip(found, values, strict=True):
        if other is not None and not isinstance(one, Node):
            assert one == other
            assert type(one) is type(other)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("value > 40 years", True),
        ("value > 40 'a'", True),
        ("value = 41 'a'", True),
        ("value = 41 years", True),
        ("value = 492 months", True),
        ("value ~ 41 'a'", True),
        ("value < 1000 'mo'", True),
        ("value = 41 'kg'", None),
        ("1 'a' = 1 year", None),
        ("component.value.max() = 7 'g'", True),
        ("component.value.min() = 5 'mg'", True),
        ("component.value.sum() = 7.005 'g'", True),
        ("component.value.value.avg()", Decimal(6)),
        ("component[0].value < component[1].value", True),
    ],
)
def test_quantities_of_fhir(expression, value):
    ucum = {"system": "http://unitsofmeasure.org"}
    focus = {
        "resourceType": "Observation",
        "valueQuantity": {"value": 41, "code": "a", **ucum},
        "component": [
            {"valueQuantity": {"value": 5, "code": "mg", **ucum}},
            {"valueQuantity": {"value": 7, "code": "g", **ucum}},
        ],
    }
    assert run(expression, focus) == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [
        ({"value": 1, "unit": "mg"}, {"value": 2, "unit": "mg"}, True),
        ({"value": 3, "unit": "drops"}, {"value": 2, "unit": "drops"}, False),
        ({"value": 3, "unit": "drops"}, {"value": 2, "unit": "spoons"}, None),
        ({"value": 3, "system": "urn:x", "code": "d"}, {"value": 4, "system": "urn:x", "code": "d"}, True),
        ({"value": 3, "system": "urn:x", "code": "d"}, {"value": 4, "system": "urn:y", "code": "d"}, None),
    ],
)
def test_units_that_are_not_ucum_compare_only_with_themselves(low, high, holds):
    focus = root({"low": low, "high": high}, MODEL, "Range")
    assert compile_invariant("low <= high").evaluate_bool(focus, model=MODEL) is holds


def test_decimals_keep_the_digits_that_they_were_written_with():
    quantity = {"value": Decimal("1.500"), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    focus = {"resourceType": "Observation", "valueQuantity": quantity}
    assert run("value.value.toString()", focus) == ["1.500"]
    assert run("value.value.precision()", focus) == [3]
    assert run("value.value", focus | {"valueQuantity": {"value": 0.1}}) == [Decimal("0.1")]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("name.given.first()", ["x"]),
        ("multipleBirth", []),
        ("multipleBirthInteger + 1", [3]),
        ("birthDate < @1975", [True]),
        ("birthDate = @1974-12", [True]),
        ("contained.where($this is Organization).name", ["Org"]),
        ("multipleBirthInteger is Integer", [True]),
        ("descendants().ofType(Organization).count()", [1]),
        ("birthDate.extension.url", ["u"]),
    ],
)
def test_without_a_model_json_is_taken_as_it_is(expression, values):
    assert run(expression, model=None) == values


# ---------------------------------------------------------------- what only others can decide


@pytest.mark.parametrize(
    "expression",
    [
        "generalPractitioner.resolve()",
        "gender.exists() or generalPractitioner.resolve().exists()",
        "id.memberOf('http://example.org/vs')",
        "conformsTo('http://example.org/profile')",
        "'<div/>'.htmlChecks()",
        "name.subsumes(name)",
    ],
)
def test_nothing_is_guessed(expression):
    with pytest.raises((Undecided, EvaluationError)) as raised:
        run(expression, PATIENT | {"name": [{"family": "A"}]})
    assert isinstance(raised.value, Undecided)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("id.exists() or generalPractitioner.resolve().exists()", True),
        ("generalPractitioner.resolve().exists() or id.exists()", True),
        ("generalPractitioner.resolve().exists() and id.empty()", False),
        ("id.empty() implies generalPractitioner.resolve().exists()", True),
    ],
)
def test_what_is_decided_without_the_unknown_part_is_decided(expression, holds):
    assert compile_invariant(expression).evaluate_bool(PATIENT, model=MODEL) is holds


def test_services_are_asked():
    asked = []
    seen = []
    services = Services(
        resolve=lambda reference, node: asked.append((reference, location(node))),
        member_of=lambda item, value_set: value_set.endswith(system(item)),
        html_ok=lambda text: text == "fine",
        now=lambda: datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        trace=lambda name, items: seen.append((name, [system(item) for item in items])),
    )
    assert run("generalPractitioner.resolve()", services=services) == []
    assert asked == [("Practitioner/9", "Patient.generalPractitioner[0]")]
    assert run("id.memberOf('vs-p') and id.memberOf('vs-q').not()", services=services) == [True]
    assert run("'fine'.htmlChecks() and 'bad'.htmlChecks().not()", services=services) == [True]
    assert run("today().toString() & ' ' & timeOfDay().toString()", services=services) == [
        "2024-05-06 07:08:09.000"
    ]
    assert run("now() = @2024-05-06T07:08:09.000Z", services=services) == [True]
    assert run("name.given.trace('g', $this.hasValue())", services=services)
    assert seen == [("g", [True, False, True])]


def test_references_are_resolved_inside_a_bundle_and_nowhere_else():
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Group", "id": "g"}},
            {
                "fullUrl": "http://example.org/Patient/p",
                "resource": PATIENT
                | {"generalPractitioner": [{"reference": "urn:uuid:1"}, {"reference": "Group/g"}]},
            },
        ],
    }
    assert run("entry.resource.ofType(Patient).generalPractitioner.resolve().id", bundle) == ["g", "g"]
    assert run("entry.resource.managingOrganization.resolve().name", bundle) == ["Org"]
    with pytest.raises(Undecided):
        run("entry.resource.generalPractitioner.resolve()", {**bundle, "entry": [{"resource": PATIENT}]})


def test_a_resolver_may_not_know():
    with pytest.raises(Undecided, match="#o"):
        run("managingOrganization.resolve()", services=Services(resolve=lambda _reference, _node: UNKNOWN))


def test_variables_are_added_and_replaced():
    other = root({"resourceType": "Patient", "id": "other"}, MODEL)
    assert run("%resource.id & %mine", variables={"resource": other, "mine": "!"}) == ["other!"]
    with pytest.raises(EvaluationError, match="did you mean 'resource'"):
        run("%resorce")
    with pytest.raises(EvaluationError, match="already defined"):
        run("defineVariable('resource', 1)")


# ---------------------------------------------------------------- invariants


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("{}", None),
        ("true", True),
        ("false", False),
        ("id", True),
        ("deceased", None),
        ("name.exists()", True),
    ],
)
def test_an_invariant_holds_fails_or_says_nothing(expression, holds):
    assert compile_invariant(expression).evaluate_bool(PATIENT, model=MODEL) is holds


def test_an_invariant_with_several_results_is_an_error():
    with pytest.raises(EvaluationError, match="needs one item, and has 2"):
        compile_invariant("name").evaluate_bool(PATIENT, model=MODEL)


def test_as_filters_in_published_invariants_only():
    expression = "descendants().as(code).count()"
    assert compile_invariant(expression).evaluate(PATIENT, model=MODEL) == [1]
    with pytest.raises(EvaluationError, match=r"as\(code\) needs one item"):
        compile_expression(expression).evaluate(PATIENT, model=MODEL)


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    "expression",
    [
        "(1 | 2 | 3).repeat($this + 1)",
        "(1|2|3|4|5|6|7|8|9).select((1|2|3|4|5|6|7|8|9).select((1|2|3|4|5|6|7|8|9).select((1|2|3|4|5|6|7|8|9))))",
        "('a'.toChars() | 'b' | 'c' | 'd').aggregate($total & $total & 'aaaaaaaa', 'b').repeat($this & $this)",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a|a|aa)+$')",
        "'x'.matches('" + "a" * 5_000 + "')",
        " + ".join(["1"] * 1_900),
    ],
    ids=["endless", "nested", "growing", "regex", "pattern", "deep"],
)
def test_foreign_expressions_end(expression):
    with pytest.raises(StepLimit):
        run(expression, limit=3_000)


@pytest.mark.parametrize("function", ["matches('(a|aa)+b')", "replaceMatches('(a|aa)+b', '')"])
def test_a_pattern_that_takes_long_is_given_up_soon(function):
    start = process_time()
    with pytest.raises(StepLimit, match="took more than"):
        run(f"'{'a' * 3_000}'.{function}")
    assert process_time() - start < 0.8


@pytest.mark.parametrize(
    "number", ["1E+999999999", "-1E-999999999", "1E+500", "NaN", "9" * 60, "0." + "3" * 300]
)
@pytest.mark.parametrize(
    "expression",
    [
        "value.value.toString()",
        "value.value.ceiling()",
        "value.value * value.value",
        "value.value.round(2)",
        "value.value ~ 1.5",
        "value.value.highBoundary()",
        "value.value.exp() | value.value.power(value.value) | value.value.sqrt().log(7)",
        "value > 1 'kg'",
        "value * value / value + value",
        "value ~ 4040 'g'",
        "@2015 + value.value.toQuantity('year')",
        "@2015 + 99999999999999999999999 years",
    ],
)
def test_no_number_is_too_large_for_an_answer_or_our_error(number, expression):
    quantity = {"value": Decimal(number), "system": "http://unitsofmeasure.org", "code": "kg"}
    with suppress(EvaluationError):
        compile_expression(expression).evaluate(
            {"resourceType": "Observation", "valueQuantity": quantity}, model=MODEL
        )


def test_deep_data_end_in_an_answer_or_in_our_error():
    value = {}
    for _ in range(20_000):
        value = {"extension": [value]}
    focus = {"resourceType": "Patient", **value}
    assert run("descendants().count()", focus) == [20_000]
    with pytest.raises(StepLimit):
        run("extension.intersect(extension)", focus)
    deepest = list(descendants(root(focus, MODEL)))[-1]
    assert location(deepest).count("extension[0]") == 20_000


@pytest.mark.parametrize("value", ["text", 7, [], {"x": 1}, [{"given": 3}], None, [None], [[{"given": "a"}]]])
@pytest.mark.parametrize(
    "expression", ["name.given.startsWith('a')", "name.descendants().count() >= 0", "name = name"]
)
def test_data_of_the_wrong_shape_are_no_crash(value, expression):
    with suppress(FhirPathError):
        compile_expression(expression).evaluate(PATIENT | {"name": value}, model=MODEL)


names = st.sampled_from(
    ["name", "given", "id", "extension", "value", "Patient", "contained", "birthDate", "url", "is"]
)
plain = st.one_of(
    literals,
    names.map(Member),
    st.sampled_from(["this", "index", "total"]).map(Special),
    st.sampled_from(["resource", "context", "ucum", "rootResource"]).map(Variable),
)


def grown(trees):
    def call(name):
        function = FUNCTIONS[name]
        sizes = st.integers(function.least, min(function.most, 3))
        given = sizes.flatmap(lambda size: st.lists(trees, min_size=size, max_size=size))
        return given.map(lambda arguments: Call(name, tuple(arguments)))

    calls = st.sampled_from(sorted(FUNCTIONS)).flatmap(call)
    types = st.sampled_from(["string", "HumanName", "String", "Quantity", "Nothing"]).map(TypeName)
    return st.one_of(
        st.builds(Path, trees, names.map(Member) | calls),
        st.builds(Path, trees, calls),
        st.builds(Indexer, trees, trees),
        st.builds(Polarity, st.sampled_from("+-"), trees),
        st.builds(Binary, operators, trees, trees),
        st.builds(TypeOperation, st.sampled_from(["is", "as"]), trees, types),
    )


@pytest.mark.filterwarnings("ignore:extend=")  # a call without arguments grows no tree
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(plain, grown, max_leaves=10), st.sampled_from([MODEL, None]))
def test_any_expression_gives_something_or_fails_in_our_words(tree, model):
    text = written(tree)
    with suppress(FhirPathError):
        for item in compile_expression(text).evaluate(PATIENT, model=model, limit=20_000):
            assert isinstance(item, Node | bool | int | Decimal | str | Temporal | Quantity | TypeInfo)
    with suppress(FhirPathError):
        compile_invariant(text).evaluate_bool(PATIENT, model=model, limit=20_000)
    with suppress(FhirPathError):
        check(text, "Patient", MODEL)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("1 + 'a'", "a Integer + a String means nothing"),
        ("name + 1", "needs one item"),
        ("'a' < 1", "cannot be compared"),
        ("true > false", "cannot be compared"),
        ("name.single()", "single() found 2 items"),
        ("'a'.matches('(')", "is no regular expression"),
        ("'a'.encode('rot13')", "encode() knows hex"),
        ("name.given.join(1)", "needs a String"),
        ("1.round(-1)", "zero or more"),
        ("id is Foo", "there is no type 'Foo'"),
        ("@2015 + 1 'mg'", "cannot be added"),
        ("@T10 + 1 year", "a year cannot be added"),
        ("iif(1, 2, 3)", "must be a Boolean"),
        ("-'a'", "- needs a number"),
    ],
)
def test_a_failure_says_why(expression, words):
    with pytest.raises(FhirPathError) as raised:
        run(expression)
    assert words in raised.value.message


# ---------------------------------------------------------------- the static check


@pytest.mark.parametrize(
    ("expression", "type_key", "words"),
    [
        ("name.gven", "Patient", "HumanName has no element 'gven'; did you mean 'given'?"),
        ("valueQuantity.unit", "Observation", "in FHIRPath it is 'value'"),
        ("Encounter.status", "Patient", "begins with Encounter, but stands on Patient"),
        ("value.ofType(Quantity).start", "Observation", "Quantity has no element 'start'"),
        ("contact.where(nam.exists())", "Patient", "Patient.contact has no element 'nam'"),
        ("item.item.lnkId", "Questionnaire", "Questionnaire.item has no element 'lnkId'"),
        ("ofType(Patent)", "Patient", "there is no type 'Patent'"),
        ("id", "Patent", "there is no type 'Patent'"),
    ],
)
def test_the_check_finds_what_can_never_be(expression, type_key, words):
    with pytest.raises(SemanticError) as raised:
        check(expression, type_key, MODEL)
    assert words in raised.value.message


@pytest.mark.parametrize(
    ("expression", "type_key"),
    [
        ("entry.resource.whatever", "Bundle"),
        ("contained.anything or extension('u').value.unit = 'x'", "Patient"),
        ("name.select(family | given).first()", "Patient"),
        ("(subject | encounter).reference", "Observation"),
        ("value.unit", "Observation"),
        ("item.repeat(item).linkId", "Questionnaire"),
        ("birthDate.extension.value", "Patient"),
    ],
)
def test_the_check_does_not_complain_of_what_may_be(expression, type_key):
    check(expression, type_key, MODEL)
