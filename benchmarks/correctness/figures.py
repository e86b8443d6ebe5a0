"""What measuring a suite gives: figures, the judgements that deviate, and what was not evaluated."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance.fhir.validation.issues import NotEvaluated


@dataclass(frozen=True)
class Deviation:
    """One case, or one group of cases, in which the judgement is not the expected one.

    `key` names it for good, so that an explanation can refer to it; `ours` and `theirs` are what either side says
    there and the other does not; `count` how often it occurs.
    """

    key: str
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True)
class Figure:
    """So many of so many, and each deviation; `row` is the id of the table's row."""

    row: str
    good: int
    total: int
    deviations: tuple[Deviation, ...] = ()
    note: str = ""

    @property
    def percent(self) -> float:
        """The share in percent; 0 of nothing."""
        return 100 * self.good / self.total if self.total else 0.0


@dataclass(frozen=True)
class Measured:
    """All figures of one suite, the day they were measured, and rules not evaluated by kind.

    `lists` are further facts worth telling: a heading, and its lines.
    """

    suite: str
    day: str
    figures: tuple[Figure, ...]
    not_evaluated: Mapping[str, int] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def kinds(rules: Iterable[NotEvaluated]) -> Counter[str]:
    """How many rules were not evaluated, by kind."""
    return Counter(rule.kind for rule in rules)


def as_json(measured: Measured) -> dict[str, Any]:
    """The measured suite as JSON keeps it."""
    return asdict(measured)


def from_json(kept: Mapping[str, Any]) -> Measured:
    """The measured suite that JSON kept."""
    figures = tuple(
        Figure(
            row=figure["row"],
            good=figure["good"],
            total=figure["total"],
            deviations=tuple(
                Deviation(one["key"], tuple(one["ours"]), tuple(one["theirs"]), one["count"])
                for one in figure["deviations"]
            ),
            note=figure["note"],
        )
        for figure in kept["figures"]
    )
    lists = {heading: tuple(lines) for heading, lines in kept["lists"].items()}
    return Measured(kept["suite"], kept["day"], figures, kept["not_evaluated"], lists)
