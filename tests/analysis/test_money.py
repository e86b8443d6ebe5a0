"""Money is decimal text, reckoned exactly."""

from decimal import Decimal

import pytest

from conformance.analysis.money import CURRENCIES, Line, NoMoney, amount, decimals_of, quantity, total


@pytest.mark.parametrize(
    "value", [0.1, 750, True, None, "", "1e3", "1,000.00", "NaN", "£5", " 5", "٣", ["1"], "1" * 40]
)
def test_what_is_no_decimal_text_is_refused(value):
    with pytest.raises(NoMoney):
        amount(value)


def test_sums_are_exact_where_floats_are_not():
    lines = [Line(amount("0.10"), quantity(1)), Line(amount("0.20"), quantity(1))]
    assert total(lines) == Decimal("0.30")
    assert 0.1 + 0.2 != 0.3


def test_a_cap_limits_its_row():
    assert Line(amount("750.00"), quantity(40), amount("15000.00")).charge == Decimal("15000.00")


@pytest.mark.parametrize("value", [1.5, -1, "-1", True, None, "x"])
def test_what_is_no_quantity_is_refused(value):
    with pytest.raises(NoMoney):
        quantity(value)


def test_quantities_may_have_a_fraction_as_text():
    assert quantity("2.5") * amount("750.00") == Decimal("1875.000")


def test_currencies():
    assert {"GBP", "EUR", "JPY"} <= CURRENCIES
    assert "XXX" not in CURRENCIES
    assert [decimals_of(code) for code in ("GBP", "JPY", "KWD")] == [2, 0, 3]
