"""People who do not exist: names, dates of birth and NHS numbers of the range for tests."""

import datetime as dt
from typing import Any

from conformance.fhir.nhs import check_digit
from conformance.plugin import generator

SCRIPTS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "ÀÉÎÕÜßçñøåæœłŁŻžŠđğı",
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯ",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "अआइईउऊकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह",
    "王李张刘陈杨黄赵吴周山田佐藤鈴木高橋",
    "김이박최정강조윤장임",
)
"""The letters of one name are of one of these scripts."""

TEST_RANGE = "999"
"""NHS numbers that begin so belong to nobody."""


@generator("family-name")
def family_name(*, most: int = 24) -> Any:
    """A family name that says it is for tests: `HTEST-` and letters of one of the world's scripts."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    letters = st.sampled_from(SCRIPTS).flatmap(lambda script: st.text(script, min_size=2, max_size=most))
    return letters.map(lambda name: f"HTEST-{name}")


@generator("birth-date")
def birth_date(*, first: int = 1900, last: int = 2020) -> Any:
    """A date of birth with year, month and day, between the first and the last of these years."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    return st.dates(dt.date(first, 1, 1), dt.date(last, 12, 31)).map(dt.date.isoformat)


@generator("nhs-number")
def nhs_number() -> Any:
    """An NHS number of the range for tests, 999…, with a valid check digit."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    beginnings = st.integers(0, 999_999).map(lambda number: f"{TEST_RANGE}{number:06}")
    valid = beginnings.filter(lambda nine: check_digit(nine) is not None)
    return valid.map(lambda nine: f"{nine}{check_digit(nine)}")
