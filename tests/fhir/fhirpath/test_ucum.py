"""UCUM: what is a unit, what it measures, how it converts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.ucum import convert, is_ucum, measure, product
from conformance.fhir.ucum_units import ATOMS


def atoms():
    return [row.split(" ")[0] for line in ATOMS.strip().splitlines() for row in line.split("; ")]


@pytest.mark.parametrize("row", atoms())
def test_every_atom_is_a_unit_made_of_units(row):
    code = row if row == "10*" else row.removesuffix("*")
    assert is_ucum(code)
    assert is_ucum(f"{code}/m2")
    if row.endswith("*") and row != "10*":
        assert is_ucum("m" + code)


UNITS = """
mg/dL 10*3/uL 10*-3 10^9/L {score} /min mm[Hg] [degF] kg/m2 [iU]/L m[IU]/mL ug/(24.h) mL/min/{1.73_m2} % 1 100
g/g{creat} %{vol} mmol/L umol/L ng/mL pg fL U/L meq/L mosm/kg dB Cel wk mo a [in_i'Hg] cm[H2O] kat/kg nmol/s/L
/[HPF] {cells}/uL mg/kg/h ng/(kg.min) m2.s-1 L/min daL KiBy [pH]
"""
NO_UNITS = """
mgs foo 24h m/ .m m..m lbs mg/dl/ [xx] {a a} kkg (m m) bpm degC mmHg m^2 k[in_i] MG/DL µg m999 0m {a}{b} Mi
"""


@pytest.mark.parametrize("code", UNITS.split())
def test_units_of_clinical_life(code):
    assert is_ucum(code)


@pytest.mark.parametrize("code", [*NO_UNITS.split(), "", " ", "mg dL", "m" * 300, "(" * 50 + "m" + ")" * 50])
def test_what_is_no_unit(code):
    assert not is_ucum(code)


@pytest.mark.parametrize(
    ("value", "code", "to", "converted"),
    [
        (1, "kg", "g", 1000),
        (1, "[lb_av]", "g", Fraction("453.59237")),
        (1, "[in_i]", "cm", Fraction("2.54")),
        (1, "h", "s", 3600),
        (1, "wk", "d", 7),
        (1, "mg/dL", "g/L", Fraction("0.01")),
        (1, "L", "dm3", 1),
        (1, "N", "kg.m/s2", 1),
        (1, "kat", "mol/s", 1),
        (60, "/min", "/s", 1),
        (1, "[gal_us]", "[foz_us]", 128),
        (5, "Cel", "Cel", 5),
        (5, "Cel", "[degF]", None),
        (1, "kg", "m", None),
        (1, "[iU]", "U", None),
        (1, "m[IU]", "[IU]", Fraction("0.001")),
        (1, "nothing", "m", None),
    ],
)
def test_conversion(value, code, to, converted):
    assert convert(Fraction(value), code, to) == converted


units = st.sampled_from(
    ["mg", "kg", "g/L", "cm", "m2", "s", "h", "mmol/L", "[lb_av]", "%", "1", "{x}", "N.m", "/min"]
)


@given(units, units)
def test_a_product_measures_what_its_factors_measure(one, other):
    for power in (1, -1):
        found = product(one, other, power)
        factor = measure(found.code).factor * found.scale
        assert factor == measure(one).factor * measure(other).factor ** power
    assert product(one, one, -1).code == "1" or one == "1"


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_not(text):
    assert is_ucum(text) in (True, False)
