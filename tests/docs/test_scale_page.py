"""What docs/scale.md reckons follows from what it says was measured."""

import re
from pathlib import Path

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "scale.md").read_text("utf-8")
TEXT = 15e12
RESOURCES = 10_000e6


def reckoned(row):
    return float(re.search(rf"^\| {re.escape(row)} \| ([\d.,]+) \|$", PAGE, re.MULTILINE)[1].replace(",", ""))


def said(pattern):
    return float(re.search(pattern, PAGE)[1])


def test_the_reckoning_follows_from_the_rates():
    facts, valid = said(r"\*\*(\d+) MB a second and core\*\*"), said(r"validation at about \*\*(\d+) MB")
    hours = TEXT / (valid * 1e6) / 3600
    assert round(TEXT / (facts * 1e6) / 3600) == reckoned("facts alone, core hours")
    assert round(hours) == reckoned("facts and validation, core hours")
    assert round(hours / 64, 1) == reckoned("the same on 64 cores, hours of the clock")
    assert round(hours * 0.05, 2) == reckoned("cost of 46 core hours at 0.05 a core hour")


def test_the_records_follow_from_the_resources():
    records = said(r"came to ([\d.]+) records of 41 bytes") * RESOURCES
    assert round(records * 41 / 1e9) == reckoned("records to be joined, GB")
    assert round(records / 2e6) == reckoned("ranges of hashes of two million records")
