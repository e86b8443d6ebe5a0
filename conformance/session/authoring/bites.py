"""Which named faults of the reference supplier a requirement could notice, as far as its calls tell.

A fault names the requirements that notice it. What these call, a probe with a check, could notice it wherever it is
called. That is an index, not a proof: `profiles try` runs a profile against the faults and sees.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from conformance.model.profile import Requirement, Test

INDEX = Path(__file__).with_name("demonstrated.json")
"""Written by `docs/generate.py`; a test keeps it true."""

Calls = Mapping[str, frozenset[str]]
"""The names of faults by `probe check`."""


@cache
def demonstrated() -> Calls:
    """The faults that each call could notice."""
    return {call: frozenset(faults) for call, faults in json.loads(INDEX.read_bytes()).items()}


def noticing(requirement: Requirement) -> frozenset[str]:
    """The names of the faults that a requirement's calls could notice."""
    known = demonstrated()
    return frozenset(fault for call in calls_of(requirement.tests) for fault in known.get(call, ()))


def calls_of(tests: Iterable[Test]) -> Iterator[str]:
    """What tests call: each probe with each check that looks at its evidence."""
    for test in tests:
        for probe in (test.probe, *test.also):
            yield from (f"{probe.name} {check.name}" for check in test.expect)
