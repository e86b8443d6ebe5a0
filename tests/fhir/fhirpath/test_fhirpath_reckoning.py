"""Reckoning with dates and numbers, case by case: what lies between units, months and days, powers and logarithms."""

from decimal import Decimal

import pytest

from conformance.fhir.definitions import r4
from conformance.fhir.fhirpath import (
    DefinitionsModel,
    EvaluationError,
    compile_expression,
    compile_invariant,
)
from conformance.fhir.fhirpath.values import system

MODEL = DefinitionsModel(r4())
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "language": "en",
    "gender": "male",
    "name": [{"given": ["a", "b"]}],
    "multipleBirthInteger": 2,
}


def run(expression):
    found = compile_expression(expression).evaluate(PATIENT, model=MODEL)
    return [system(item) for item in found]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("@2020-01-31 + 1 day", "2020-02-01"),
        ("@2020-01-31 + 1 week", "2020-02-07"),
        ("@2020-03-01 - 1 day", "2020-02-29"),
        ("@2020-01-31 + 47 hours", "2020-02-01"),
        ("@2020-01-31 + 48 hours", "2020-02-02"),
        ("@2020-01-31 - 23 hours", "2020-01-31"),
        ("@2020-01-31 + 86400 seconds", "2020-02-01"),
        ("@2020-01-31 + 1.9 days", "2020-02-01"),
        ("@2020-01 + 29 days", "2020-01"),
        ("@2020-01 + 30 days", "2020-02"),
        ("@2020-01 + 59 days", "2020-02"),
        ("@2020-01 + 719 hours", "2020-01"),
        ("@2020-01 + 720 hours", "2020-02"),
        ("@2020-01 - 60 days", "2019-11"),
        ("@2020 + 11 months", "2020"),
        ("@2020 + 12 months", "2021"),
        ("@2020 + 359 days", "2020"),
        ("@2020 + 360 days", "2021"),
        ("@2020-12 + 1 month", "2021-01"),
        ("@2020-01-31 - 1 month", "2019-12-31"),
        ("@2020-02-29 + 4 years", "2024-02-29"),
        ("@2020-02-29 + 1 year", "2021-02-28"),
        ("@2020-01-31T23:59:59Z + 1 second", "2020-02-01T00:00:00Z"),
        ("@2020-01-31T23:59:59.999Z + 1 millisecond", "2020-02-01T00:00:00.000Z"),
        ("@2020-01-31T23:59:59Z + 1 millisecond", "2020-01-31T23:59:59.001Z"),
        ("@2020-01-31T23:59:59Z + 1.5 seconds", "2020-02-01T00:00:00.500Z"),
        ("@2020-02-01T00:00:00+02:00 - 1 minute", "2020-01-31T23:59:00+02:00"),
        ("@2020-01-31T23 + 1 hour", "2020-02-01T00"),
        ("@2020-01-31T23 + 59 minutes", "2020-01-31T23"),
        ("@2020-01-31T23:30 + 30 minutes", "2020-02-01T00:00"),
        ("@2020-01-31T10:00:00Z + 1 month", "2020-02-29T10:00:00Z"),
        ("@T23:59:59 + 1 second", "00:00:00"),
        ("@T00:00 - 1 minute", "23:59"),
        ("@T10 + 90 minutes", "11"),
        ("@T10:00:00.000 + 25 hours", "11:00:00.000"),
        ("@T10:00:00 + 1 day", "10:00:00"),
        ("@2020-01-31 + 2 'd'", "2020-02-02"),
    ],
)
def test_durations_on_dates_and_times(expression, text):
    assert run(f"({expression}).toString()") == [text]


@pytest.mark.parametrize(
    "expression", ["@9999-12-31 + 1 day", "@9999 + 1 year", "@0001-01-01 - 1 day", "@0001-01 - 1 month"]
)
def test_what_leaves_the_calendar_is_empty(expression):
    assert run(expression) == []


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("16.log(2)", [Decimal(4)]),
        ("8.log(2)", [Decimal(3)]),
        ("1000.log(10)", [Decimal(3)]),
        ("1.log(7)", [Decimal(0)]),
        ("0.25.log(2)", [Decimal(-2)]),
        ("2.power(10)", [1024]),
        ("2.power(-1)", [Decimal("0.5")]),
        ("2.5.power(2)", [Decimal("6.25")]),
        ("(-1).power(0.5)", []),
        ("(-2).power(3)", [-8]),
        ("0.power(-1)", []),
        ("9.sqrt()", [Decimal(3)]),
        ("(-1).sqrt()", []),
        ("(-5).abs()", [5]),
        ("(-5.5 'mg').abs().value", [Decimal("5.5")]),
        ("1.5.ceiling()", [2]),
        ("(-1.5).ceiling()", [-1]),
        ("(-1.5).floor()", [-2]),
        ("(-1.5).truncate()", [-1]),
        ("2.5.round()", [Decimal(3)]),
        ("(-2.5).round()", [Decimal(-3)]),
        ("3.14159.round(2)", [Decimal("3.14")]),
        ("7 div 2", [3]),
        ("-7 div 2", [-3]),
        ("7 div -2", [-3]),
        ("7 mod 2", [1]),
        ("-7 mod 2", [-1]),
        ("7 mod -2", [1]),
        ("7.5 div 2", [3]),
        ("7.5 mod 2", [Decimal("1.5")]),
        ("7 / 2", [Decimal("3.5")]),
        ("7 / 0", []),
        ("7 div 0", []),
        ("7 mod 0", []),
        ("1 - 2", [-1]),
        ("-multipleBirth", [-2]),
        ("+multipleBirth", [2]),
        ("-(3 'mg') = -3 'mg'", [True]),
        ("-{}", []),
        ("'a' + 'b'", ["ab"]),
        ("2 'm' * 3 'm' = 6 'm2'", [True]),
        ("6 'm2' / 3 'm' = 2 'm'", [True]),
        ("6 'm' / 0 'm'", []),
        ("3 days - 1 day = 2 days", [True]),
    ],
)
def test_numbers_and_quantities(expression, values):
    found = run(expression)
    assert found == values
    assert [type(one) for one in found] == [type(one) for one in values]


def test_exponentials_and_logarithms_undo_each_other():
    (found,) = run("2.exp().ln()")
    assert abs(found - 2) < Decimal("1E-20")
    (found,) = run("10.log(3)")
    assert abs(found - Decimal("2.0959032742893846")) < Decimal("1E-15")


@pytest.mark.parametrize("sign", ["-", "+"])
def test_a_sign_stands_before_one_number_only(sign):
    with pytest.raises(EvaluationError, match="needs one item, and has 2") as raised:
        run(f"{sign}(1 | 2)")
    assert raised.value.message.startswith(sign)


def test_as_filters_where_invariants_are_published_so():
    assert compile_invariant("(children() as code).count()").evaluate(PATIENT, model=MODEL) == [2]
    assert compile_invariant("(multipleBirth as integer) = 2").evaluate_bool(PATIENT, model=MODEL) is True
    assert run("(multipleBirth as integer) = 2") == [True]
    assert run("(multipleBirth as string)") == []
    with pytest.raises(EvaluationError, match="as code needs one item"):
        run("(children() as code).count()")
