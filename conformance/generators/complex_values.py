"""Values of those complex types whose parts depend on each other; the others are put together element by element.

See https://hl7.org/fhir/R4/datatypes.html. None of them names a resource that a server would have to have, but for
the subject: references are literal to the test patient, and logical (by identifier) to everybody else.
"""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from conformance.generators.choosing import Choices
from conformance.generators.primitive_values import MOMENTS, OWN, PRIMITIVES, TEXTS, positive_decimal

SUBJECT = "Patient/htest-subject"
"""Stands for the test patient, whose id is known once it was created."""

THIS_RUN = "htest-this-run"
"""Stands for the value that only one step of one run uses."""

UCUM = "http://unitsofmeasure.org"
UNITS = (("kg", "kg"), ("mm[Hg]", "mmHg"), ("mmol/L", "mmol/l"), ("1", "1"), ("Cel", "°C"))
TIME_UNITS = (("min", "min"), ("h", "h"), ("d", "day"))
PERIODS = (
    {"start": "2020-01-01", "end": "2020-12-31"},
    {"start": "2019-11-30T23:59:58+05:30"},
    {"start": "2001", "end": "2002-03"},
    {"end": "2020-06-15T12:30:45.500Z"},
)
Made = dict[str, Any]


def quantity(choices: Choices, units: tuple[tuple[str, str], ...] = UNITS) -> Made:
    """A Quantity with a unit of UCUM."""
    code, unit = choices.pick(units)
    return {"value": positive_decimal(choices), "unit": unit, "system": UCUM, "code": code}


def range_(choices: Choices) -> Made:
    """A Range whose ends are in order."""
    unit = {"unit": "kg", "system": UCUM, "code": "kg"}
    low, high = choices.pick((("1.0", "2.50"), ("0.010", "10"), ("5", "5.0")))
    return {"low": {"value": Decimal(low), **unit}, "high": {"value": Decimal(high), **unit}}


def ratio(choices: Choices) -> Made:
    """A Ratio of two quantities."""
    return {"numerator": quantity(choices), "denominator": quantity(choices)}


def coding(choices: Choices) -> Made:
    """A Coding in a code system of our own, which nobody has to know."""
    code = choices.pick(("htest-1", "htest-2"))
    return {"system": f"{OWN}/codes", "code": code, "display": f"HTEST {code}"}


def identifier(choices: Choices) -> Made:
    """An Identifier of our own, without the organisation that gave it."""
    return {
        "use": choices.pick(("usual", "official", "secondary")),
        "system": f"{OWN}/made-up",
        "value": choices.pick(("1", "00017", "A/b c:ü", "x" * 200)),
        **({"period": choices.pick(PERIODS)} if choices.chance(30) else {}),
    }


def logical(choices: Choices, target: str) -> Made:
    """A reference to something that is known by an identifier only."""
    return {"type": target, "identifier": identifier(choices), "display": choices.pick(TEXTS)}


def attachment(choices: Choices) -> Made:
    """An Attachment with its content in itself."""
    content = choices.pick((b"HTEST", b"HTEST \xc3\xa9\n" * 40))
    return {
        "contentType": "text/plain",
        "language": "en-GB",
        "data": base64.b64encode(content).decode(),
        "size": len(content),
        "title": choices.pick(TEXTS),
        "creation": choices.pick(("2020-01-31", "2019-11-30T23:59:58+05:30")),
    }


def contact_point(choices: Choices) -> Made:
    """A ContactPoint for work: an organisation has none for home."""
    return choices.pick(
        (
            {"system": "phone", "value": "01632 960001", "use": "work", "rank": 1},
            {"system": "email", "value": "htest@example.org", "use": "work"},
            {"system": "other", "value": "HTEST Ὀδυσσεύς"},
        )
    )


def address(choices: Choices) -> Made:
    """An Address for work, with lines in their order."""
    return {
        "use": "work",
        "type": choices.pick(("both", "physical", "postal")),
        "text": choices.pick(TEXTS),
        "line": ["HTEST 2nd line first", "1 Zeta Street", "Alpha House"][: choices.between(1, 3)],
        "city": choices.pick(("Leeds", "Ἀθῆναι", "Łódź")),
        "postalCode": "LS1 1AA",
        "country": "GB",
    }


def timing(choices: Choices) -> Made:
    """A Timing that keeps the rules among its parts."""
    repeat = choices.pick(
        (
            {"frequency": 1, "period": Decimal("1.0"), "periodUnit": "d"},
            {"count": 3, "duration": Decimal("0.50"), "durationUnit": "h", "boundsPeriod": PERIODS[0]},
            {"dayOfWeek": ["mon", "wed"], "timeOfDay": ["08:30:00", "20:30:00"]},
            {"when": ["MORN"], "offset": 30, "boundsRange": range_(choices)},
        )
    )
    return {"event": [choices.pick(MOMENTS)], "repeat": repeat} if choices.chance(40) else {"repeat": repeat}


def dosage(choices: Choices) -> Made:
    """A Dosage."""
    return {
        "sequence": 1,
        "text": choices.pick(TEXTS),
        "timing": timing(choices),
        **choices.pick(({"asNeededBoolean": False}, {"asNeededCodeableConcept": {"text": "HTEST pain"}})),
        "doseAndRate": [choices.pick(({"doseQuantity": quantity(choices)}, {"doseRange": range_(choices)}))],
    }


def sampled_data(choices: Choices) -> Made:
    """A SampledData, whose points are a text of numbers."""
    return {
        "origin": {"value": Decimal("0.0"), "unit": "mV", "system": UCUM, "code": "mV"},
        "period": Decimal("2.50"),
        "factor": positive_decimal(choices),
        "dimensions": 1,
        "data": "1.0 2.50 -3 E 4",
    }


def annotation(choices: Choices) -> Made:
    """An Annotation."""
    return {
        "authorString": choices.pick(TEXTS),
        "time": choices.pick(MOMENTS),
        "text": PRIMITIVES["markdown"](choices),
    }


TYPES: Mapping[str, Callable[[Choices], Any]] = MappingProxyType(
    {
        "Address": address,
        "Age": lambda choices: quantity(choices, (("a", "years"), ("mo", "months"))),
        "Annotation": annotation,
        "Attachment": attachment,
        "Coding": coding,
        "ContactPoint": contact_point,
        "Dosage": dosage,
        "Duration": lambda choices: quantity(choices, TIME_UNITS),
        "Identifier": identifier,
        "Money": lambda choices: {"value": positive_decimal(choices), "currency": "GBP"},
        "Period": lambda choices: dict(choices.pick(PERIODS)),
        "Quantity": quantity,
        "Range": range_,
        "Ratio": ratio,
        "SampledData": sampled_data,
        "Timing": timing,
    }
)
