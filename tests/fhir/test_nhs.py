"""The NHS number's check digit."""

import pytest

from conformance.fhir.nhs import check_digit, is_ods_code, nhs_number_problem


@pytest.mark.parametrize("value", ["9912003888", "9434765919", "9000000009"])
def test_valid_numbers(value):
    assert nhs_number_problem(value) == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("9912003889", "check digit 9, not 8"),
        ("991 200 3888", "ten digits"),
        ("99120038880", "ten digits"),
        (9912003888, "ten digits"),
        (None, "ten digits"),
    ],
)
def test_invalid_numbers(value, said):
    assert said in nhs_number_problem(value)


def test_a_remainder_of_one_has_no_check_digit():
    beginning = next(f"{n:09d}" for n in range(999000000, 999000100) if check_digit(f"{n:09d}") is None)
    assert all(nhs_number_problem(f"{beginning}{digit}") for digit in range(10))


def test_ods_codes():
    assert is_ods_code("RX8")
    assert not is_ods_code("rx8")
    assert not is_ods_code(None)
