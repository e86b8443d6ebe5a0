"""How faults of the GP system are made: a change of one group of its seams, and the requirement that notices it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.fault import Change, Fault

PROFILE = "gp-connect-like"
FORBIDDEN = frozenset({"REC-02", "REC-06", "SLT-02", "BKG-05"})
"""The requirements that say what must not be."""


def gp_fault(name: str, number: str, summary: str, change: Change, also: tuple[str, ...] = ()) -> Fault:
    """A fault that a requirement `GPC-number` notices, which all bind."""
    others = tuple(f"GPC-{one}" for one in also)
    level = "SHALL NOT" if number in FORBIDDEN else "SHALL"
    return Fault(name, PROFILE, f"GPC-{number}", level, 1, summary, others, change=change)


def _of(group: str) -> Callable[..., Change]:
    def changed(**seams: Any) -> Change:
        def change(honest: Behaviour, _: Draw) -> Behaviour:
            system = honest.gp_connect
            other = replace(getattr(system, group), **seams)
            return replace(honest, gp_connect=replace(system, **{group: other}))

        return change

    return changed


door = _of("door")
"""A change of what is asked of headers and tokens."""
answer = _of("answer")
"""A change of how answers look."""
record = _of("record")
"""A change of what a structured record holds."""
diary = _of("diary")
"""A change of how time is found, booked and given back."""
