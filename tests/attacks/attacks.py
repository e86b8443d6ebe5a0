"""The attacks: what is tried, and by which step and exit code it is refused."""

from collections.abc import Callable
from dataclasses import dataclass

from attack_stage import Stage

from conformance.stages.verify.steps import STEPS, VERDICT

Deed = Callable[[Stage], None]

IDLE = "counts for nothing"
"""Stands for the step where what somebody says beside an honest report is told, and changes nothing."""


@dataclass(frozen=True)
class Attack:
    """One attack in the table of docs/attacks.md; `tried` says what a cheat would do."""

    name: str
    tried: str
    step: str
    code: int
    do: Deed


ATTACKS: dict[str, Attack] = {}


def in_order() -> list[Attack]:
    """All attacks by the step that refuses them, in the order of the steps."""
    order = ("trust file", "bundle", *STEPS, VERDICT, IDLE)
    return sorted(ATTACKS.values(), key=lambda attack: (order.index(attack.step), attack.name))


def attack(step: str, code: int) -> Callable[[Deed], Deed]:
    """Enter a function as an attack: its name is the attack's, its docstring what is tried."""

    def entered(do: Deed) -> Deed:
        name = do.__name__.replace("_", "-")
        assert name not in ATTACKS, name
        ATTACKS[name] = Attack(name, (do.__doc__ or "").strip().rstrip("."), step, code, do)
        return do

    return entered
