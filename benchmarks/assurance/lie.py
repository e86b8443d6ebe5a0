"""A lie: one way in which the proxy deviates from what the honest supplier says."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

ALLOWED = "allowed"
Act = Callable[[Asked, Ask, Memory], Awaitable[Answer]]


@dataclass(frozen=True)
class Lie:
    """A deterministic deviation; `level` is that of the clause it breaks, or `allowed` where it breaks none.

    `token_seconds` is how long the supplier's tokens are really good, where the lie needs them to be.
    """

    name: str
    family: str
    level: str
    clause: str
    says: str
    act: Act
    token_seconds: float = 0

    @property
    def allowed(self) -> bool:
        """Whether a standard permits this, so that nothing may fail for it."""
        return self.level == ALLOWED


def lie(
    family: str, level: str, clause: str, *, token_seconds: float = 0
) -> Callable[[Callable[..., Any]], Lie]:
    """Make a lie of a function, which is named after it and described by its docstring.

    The function takes `(asked, answer)` or `(asked, answer, memory)` and gives another answer; an `async` one takes
    `(asked, ask, memory)` and asks the honest supplier itself.
    """

    def made(function: Callable[..., Any]) -> Lie:
        return Lie(
            name=function.__name__.replace("_", "-"),
            family=family,
            level=level,
            clause=clause,
            says=inspect.cleandoc(function.__doc__ or ""),
            act=function if inspect.iscoroutinefunction(function) else _after(function),
            token_seconds=token_seconds,
        )

    return made


def _after(function: Callable[..., Answer]) -> Act:
    """What a function of an answer does when it is asked."""
    remembers = len(inspect.signature(function).parameters) == 3

    async def act(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        return function(asked, answer, memory) if remembers else function(asked, answer)

    return act
