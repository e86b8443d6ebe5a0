"""Where resources stand in an order that is left to the server: only what every lawful order agrees on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.ordering import place
from conformance.errors import NotJudgeable


def patient(**elements):
    return {"resourceType": "Patient", "id": "1", **elements}


def observation(value):
    return {"resourceType": "Observation", "id": "1", "valueQuantity": value}


def family(text):
    return place(patient(name=[{"family": text}]), "family", "string")


def born(text):
    return place(patient(birthDate=text), "birthdate", "date")


def quantity(number, code="kg"):
    held = {"value": number, "system": "http://unitsofmeasure.org", "code": code}
    return place(observation(held), "value-quantity", "quantity")


@pytest.mark.parametrize(
    ("one", "other", "before"),
    [
        (family("Adams"), family("Baker"), True),
        (family("Baker"), family("Adams"), False),
        (family("adams"), family("Baker"), False),  # lower case comes after upper case in some orders
        (family("Adams"), family("adams"), False),
        (born("1980-01-01"), born("1980-03-01"), True),
        (born("1980"), born("1980-03-01"), False),
        (born("1979"), born("1981-03-01"), True),
        (quantity(9), quantity(10), True),
        (quantity(9), quantity(10, "g"), False),
        (
            place(patient(active=False), "active", "token"),
            place(patient(active=True), "active", "token"),
            True,
        ),
        (
            place({**patient(), "id": "9"}, "_id", "token"),
            place({**patient(), "id": "10"}, "_id", "token"),
            False,
        ),
        (
            place({**patient(), "id": "a-1"}, "_id", "token"),
            place({**patient(), "id": "b"}, "_id", "token"),
            True,
        ),
    ],
)
def test_what_stands_before_what(one, other, before):
    assert one.is_before(other) is before


@pytest.mark.parametrize(
    ("resource", "name", "kind"),
    [
        (patient(name=[{"family": "Adams"}, {"family": "Baker"}]), "family", "string"),
        (patient(name=[{"family": "O'Neil"}]), "family", "string"),
        (patient(name=[{"family": "Müller"}]), "family", "string"),
        (observation({"value": 3, "unit": "stone"}), "value-quantity", "quantity"),
        (
            observation({"value": 3, "comparator": "<", "system": "s", "code": "c"}),
            "value-quantity",
            "quantity",
        ),
        (patient(identifier=[{"system": "s", "value": "1"}]), "identifier", "token"),
        (patient(birthDate="soon"), "birthdate", "date"),
        (patient(), "no-such-parameter", "string"),
    ],
)
def test_what_is_a_matter_of_taste(resource, name, kind):
    with pytest.raises(NotJudgeable):
        place(resource, name, kind)


def test_what_has_no_value_has_no_place():
    assert place(patient(), "family", "string") is None


words = st.text("abcXYZ", min_size=1, max_size=4)


@given(words, words, words)
def test_the_order_is_one(first, second, third):
    one, two, three = family(first), family(second), family(third)
    assert not (one.is_before(two) and two.is_before(one))
    assert not one.is_before(one)
    if one.is_before(two) and two.is_before(three):
        assert one.is_before(three)


@given(st.lists(words, min_size=2, max_size=6))
def test_no_lawful_order_is_found_wrong(texts):
    for key in (str, str.casefold):
        placed = [family(text) for text in sorted(texts, key=key)]
        assert not any(later.is_before(first) for n, later in enumerate(placed) for first in placed[:n])
