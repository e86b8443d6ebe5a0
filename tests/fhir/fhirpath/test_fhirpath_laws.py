"""Laws that hold for any values: three-valued logic, equality, order, sets, conversion, arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.fhir.fhirpath import EvaluationError, compile_expression
from conformance.fhir.fhirpath.quantity import Quantity
from conformance.fhir.fhirpath.temporal import Date, DateTime, Time

TRUTHS = {"true": True, "false": False, "{}": None}
NOT = {True: False, False: True, None: None}


def run(expression, **variables):
    return compile_expression(expression).evaluate(None, variables=variables)


def truth(expression, **variables):
    found = run(expression, **variables)
    assert len(found) <= 1
    return found[0] if found else None


def least(*values):
    return False if False in values else None if None in values else True


def most(*values):
    return True if True in values else None if None in values else False


@pytest.mark.parametrize("left", TRUTHS)
@pytest.mark.parametrize("right", TRUTHS)
def test_three_valued_logic(left, right):
    one, other = TRUTHS[left], TRUTHS[right]
    assert truth(f"{left} and {right}") is least(one, other)
    assert truth(f"{left} or {right}") is most(one, other)
    assert truth(f"{left} implies {right}") is most(NOT[one], other)
    assert truth(f"{left} xor {right}") is (None if None in (one, other) else one != other)
    assert truth(f"({left} and {right}).not()") is truth(f"{left}.not() or {right}.not()")


years = st.integers(1900, 2100)
dates = st.dates().map(lambda day: day.isoformat()) | years.map(str) | years.map(lambda year: f"{year}-06")
date_values = dates.map(Date.parse)
zones = st.sampled_from(["", "Z", "+01:00", "-11:30", "+14:00"])
date_times = st.builds(
    lambda moment, zone, cut: DateTime.parse(moment.replace(microsecond=0).isoformat()[:cut] + zone),
    st.datetimes(),
    zones,
    st.sampled_from([16, 19]),
)
times = st.times().map(lambda time: Time.parse(time.replace(microsecond=0).isoformat()))
numbers = st.integers(-(10**6), 10**6) | st.decimals(-(10**6), 10**6, places=3)
quantities = st.builds(
    Quantity, numbers.map(Decimal), st.sampled_from(["mg", "g", "kg", "cm", "m", "1", "[lb_av]"])
)
texts = st.text(max_size=6)
comparable = st.one_of(
    *(st.tuples(kind, kind) for kind in (date_values | date_times, times, numbers, quantities, texts))
)
anything = st.one_of(st.booleans(), date_values, date_times, times, numbers, quantities, texts)
collections = st.lists(anything, max_size=6)


@given(comparable)
def test_order_is_antisymmetric_and_fits_equality(pair):
    a, b = pair
    less, more, same = (truth(f"%a {sign} %b", a=a, b=b) for sign in ("<", ">", "="))
    assert truth("%b > %a", a=a, b=b) is less
    assert truth("%b < %a", a=a, b=b) is more
    assert truth("%b = %a", a=a, b=b) is same
    assert truth("%a != %b", a=a, b=b) is NOT[same]
    assert truth("%a >= %b", a=a, b=b) is NOT[less]
    assert truth("%a <= %b", a=a, b=b) is NOT[more]
    if less is not None and more is not None:
        assert [less, more, bool(same)].count(True) == 1


@given(anything, anything)
def test_what_is_equal_is_equivalent_or_undecided(a, b):
    assert truth("%a ~ %a", a=a)
    assert truth("%a !~ %b", a=a, b=b) is NOT[truth("%a ~ %b", a=a, b=b)]
    if truth("%a = %b", a=a, b=b) is True and not isinstance(a, DateTime | Date):
        assert truth("%a ~ %b", a=a, b=b)


@given(collections)
def test_filters_that_filter_nothing(x):
    x = tuple(x)
    whole = run("%x", x=x)
    for expression in (
        "%x.where(true)",
        "%x.select($this)",
        "%x.skip(0)",
        "%x.take(%x.count())",
        "%x.combine({})",
    ):
        assert run(expression, x=x) == whole
    assert run("%x.where(false) | %x.take(0)", x=x) == []
    assert truth("%x.exists() = %x.empty().not()", x=x)
    assert truth("%x.count() = %x.first().count() + %x.tail().count()", x=x)
    assert run("%x.repeat($this)", x=x) == run("%x.distinct()", x=x)


@given(collections, collections)
def test_sets(x, y):
    how = {"x": tuple(x), "y": tuple(y)}
    assert run("%x | %y", **how) == run("%x.combine(%y).distinct()", **how)
    assert truth("(%x | %y).isDistinct()", **how)
    assert truth("%x.subsetOf(%x | %y) and %y.subsetOf(%x | %y)", **how)
    assert truth("%x.intersect(%y).subsetOf(%x)", **how)
    assert truth("%x.intersect(%y).count() = %y.intersect(%x).count()", **how)
    assert truth("%x.exclude(%y).intersect(%y).empty()", **how)
    assert truth(
        "%x.all($this in %y) or %x.subsetOf(%y).not() or %x.where($this in %y).count() < %x.count()", **how
    )


@given(collections)
def test_of_what_is_distinct_nothing_is_lost(x):
    assert truth("%x.distinct().isDistinct() and %x.subsetOf(%x.distinct())", x=tuple(x))


@given(numbers, numbers)
def test_arithmetic(a, b):
    assert truth("%a + %b = %b + %a", a=a, b=b)
    assert truth("%a - %b = -(%b - %a)", a=a, b=b)
    assert truth("(%a + %b) - %b = %a", a=a, b=b)
    if b:
        assert truth("(%a div %b) * %b + %a mod %b = %a", a=a, b=b)
        assert truth("(%a mod %b).abs() < %b.abs()", a=a, b=b)
    else:
        assert run("%a / %b | %a div %b | %a mod %b", a=a, b=b) == []


@given(st.one_of(st.booleans(), date_values, date_times, times, numbers, quantities))
def test_what_is_written_as_text_reads_back(value):
    kind = run("%v.type().name", v=value)[0]
    assert truth(f"%v.toString().to{kind}() = %v", v=value) is not False
    assert truth(f"%v.toString().convertsTo{kind}()", v=value)


metric = st.builds(Quantity, numbers.map(Decimal), st.sampled_from(["mg", "g", "kg", "cm", "m", "%", "1"]))


@given(metric, metric, metric)
def test_quantities_add_up(a, b, c):
    assume(truth("%a.comparable(%b) and %b.comparable(%c)", a=a, b=b, c=c))
    assert truth("(%a + %b) + %c = %a + (%b + %c)", a=a, b=b, c=c)
    assert truth("%a <= %b and %b <= %c implies %a <= %c", a=a, b=b, c=c)


@given(date_values, st.integers(0, 5_000), st.sampled_from(["years", "months", "weeks", "days"]))
def test_later_is_later(day, amount, unit):
    how = {"d": day, "n": amount}
    try:
        later = run(f"%d + {amount} {unit}", **how)
    except EvaluationError:
        pytest.fail("a calendar duration can be added to any date")
    if later:
        assert truth("%later >= %d", later=later[0], d=day)
        assert len(later[0].parts) == len(day.parts)


@given(numbers.map(Decimal) | date_values | date_times | times)
def test_boundaries_enclose(value):
    low, high = run("%v.lowBoundary()", v=value), run("%v.highBoundary()", v=value)
    assert low
    assert high
    assert truth("%low <= %high", low=low[0], high=high[0])
    assert truth("%low <= %v", low=low[0], v=value) is not False
    assert truth("%v <= %high", high=high[0], v=value) is not False


@given(texts, texts, texts)
def test_texts(a, b, c):
    how = {"a": a, "b": b, "c": c}
    assert run("%a & %b", **how) == [a + b]
    assert truth("(%a & %b & %c).contains(%b) and (%a & %b).startsWith(%a) and (%a & %b).endsWith(%b)", **how)
    assert truth("%a.toChars().join() = %a or %a = ''", **how)
    assert truth("(%a & %b).length() = %a.length() + %b.length()", **how)
    if b:
        assert run("(%a & %c).split(%b).join(%b)", **how) == [a + c]
    for way in ("hex", "base64", "urlbase64"):
        assert run(f"%a.encode('{way}').decode('{way}')", **how) == [a]
    for way in ("html", "json"):
        assert run(f"%a.escape('{way}').unescape('{way}')", **how) == [a]
