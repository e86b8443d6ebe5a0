"""Values of FHIR's primitive types, chosen to show what a server loses: precision, scripts, zones, long texts.

See https://hl7.org/fhir/R4/datatypes.html#primitive.
"""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from conformance.generators.choosing import Choices

OWN = "https://conformance-harness.org"
"""What is made up here is told by this address."""

LINE = "The patient reports that the pain comes on after meals and eases when sitting upright. "
LONG = 1_100

TEXTS = (
    "HTEST",
    "HTEST plain words, and a full stop.",
    "HTEST Zoe\u0308 Mu\u0308ller",
    "HTEST Ὀδυσσεύς · Жанна · 李小龍",
    "HTEST محمد · नेहा · עִבְרִית",
    "HTEST \U0001fa7a \U0001f469\u200d\u2695\ufe0f",
    'HTEST "quoted" \\ back / slash <b>&amp;</b>',
    "HTEST it's 5 % of 1 µg; café, naïve, Þórður",
    "HTEST " + LINE * (LONG // len(LINE)),
)
"""Among them letters with combining marks, several scripts, both directions, pairs of surrogates, and a long text."""

PROSE = (
    *TEXTS,
    "HTEST first line\n\n* one\n* two\n",
    "HTEST " + (LINE.strip() + "\n") * (LONG // len(LINE)) + "the end",
)

DATES = ("1970-01-31", "1980-02-29", "2019-12", "2001", "1953-07-09", "2020-11-30")
MOMENTS = (
    "2020-06-15T12:30:45Z",
    "2019-11-30T23:59:58+05:30",
    "2021-03-04T05:06:07.250-08:00",
    "2020-02-29T00:00:00+00:00",
    "2018-10-28T01:30:00+01:00",
)
DECIMALS = ("1.0", "61.50", "0.010", "100.000", "7", "3.14159265358979", "0.5", "-0.75", "12345.6789")
POSITIVE_DECIMALS = tuple(text for text in DECIMALS if not text.startswith("-"))
URIS = ("urn:uuid:6ec2c0a5-9be1-4b52-9b7b-0c2f1ba4b6b1", f"{OWN}/made-up/1", "urn:oid:2.16.840.1.113883.3.1")


def _decimal(choices: Choices) -> Decimal:
    return Decimal(choices.pick(DECIMALS))


def positive_decimal(choices: Choices) -> Decimal:
    """A decimal that is not below zero, of which the digits behind the point count."""
    return Decimal(choices.pick(POSITIVE_DECIMALS))


PRIMITIVES: Mapping[str, Callable[[Choices], Any]] = MappingProxyType(
    {
        "boolean": lambda choices: choices.pick((True, False)),
        "integer": lambda choices: choices.pick((1, 0, 42, 2_147_483_647)),
        "positiveInt": lambda choices: choices.pick((1, 2, 17, 2_147_483_647)),
        "unsignedInt": lambda choices: choices.pick((0, 3, 90, 2_147_483_647)),
        "decimal": _decimal,
        "string": lambda choices: choices.pick(TEXTS),
        "markdown": lambda choices: choices.pick(PROSE),
        "id": lambda choices: choices.pick(("htest-1", "htest.2")),
        "uri": lambda choices: choices.pick(URIS),
        "url": lambda choices: choices.pick((f"{OWN}/made-up/page", f"{OWN}/made-up/page?a=1&b=%C3%A9")),
        "canonical": lambda choices: choices.pick((f"{OWN}/made-up/definition",)),
        "oid": lambda choices: choices.pick(("urn:oid:2.16.840.1.113883.3.1",)),
        "uuid": lambda choices: choices.pick(("urn:uuid:6ec2c0a5-9be1-4b52-9b7b-0c2f1ba4b6b1",)),
        "date": lambda choices: choices.pick(DATES),
        "dateTime": lambda choices: choices.pick((*MOMENTS, *DATES)),
        "instant": lambda choices: choices.pick(MOMENTS),
        "time": lambda choices: choices.pick(("12:30:00", "23:59:59", "00:00:00")),
        "base64Binary": lambda choices: base64.b64encode(choices.pick((b"HTEST", bytes(range(60))))).decode(),
    }
)
"""By type; of each the simplest value first."""

CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "http://hl7.org/fhir/ValueSet/languages": ("en", "en-GB", "cy", "de"),
        "http://hl7.org/fhir/ValueSet/all-languages": ("en", "en-GB", "cy", "de"),
        "http://hl7.org/fhir/ValueSet/mimetypes": ("text/plain", "application/pdf"),
        "http://hl7.org/fhir/ValueSet/currencies": ("GBP", "EUR"),
        "http://hl7.org/fhir/ValueSet/ucum-units": ("kg", "mm[Hg]"),
    }
)
"""Codes of value sets that have no list of members."""
