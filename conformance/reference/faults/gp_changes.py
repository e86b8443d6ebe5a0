"""How faults of the GP system are made: a change of one group of its seams, and the requirement that notices it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change


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
