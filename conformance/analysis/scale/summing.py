"""What the records of ranges of hashes came to, and how it is added up: without NumPy, which takes long to load."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.analysis.scale.kinds import Kind

__all__ = [
    "MOST_EXAMPLES",
    "MOST_FREQUENT",
    "Cell",
    "Example",
    "Joined",
    "most_frequent",
    "ranges",
    "together",
]

MOST_EXAMPLES = 5
"""So many examples are kept for each pair of types, and of repeated ids for each type."""
MOST_FREQUENT = 1000
"""So many codes, extensions and identifier systems are kept, the most frequent ones."""
BEYOND = 2**64


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """Where a thing is named first, and its hash, by which its text is found again there; how often it was seen."""

    file: int
    offset: int
    high: int
    low: int
    count: int = 1


@dataclass(slots=True)
class Cell:
    """References from one type to another: how many, to how many targets, and the same of those that lead nowhere."""

    references: int = 0
    targets: int = 0
    dangling: int = 0
    missing: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, other: "Cell") -> None:
        """Count what another range came to."""
        self.references += other.references
        self.targets += other.targets
        self.dangling += other.dangling
        self.missing += other.missing
        self.examples = sorted([*self.examples, *other.examples])[:MOST_EXAMPLES]


@dataclass(slots=True)
class Joined:
    """What the records of some ranges came to; types are told by their numbers.

    `distinct` counts ids by type, `repeats` the lines beyond the first of an id by type, with examples in `repeated`;
    `matrix` has the references by source and target; `words` the most frequent things of each kind, `kinds` how many
    distinct ones there are and how often they were seen in all.
    """

    distinct: Counter[int] = field(default_factory=Counter)
    repeats: Counter[int] = field(default_factory=Counter)
    repeated: dict[int, list[Example]] = field(default_factory=dict)
    matrix: dict[tuple[int, int], Cell] = field(default_factory=dict)
    words: dict[Kind, list[Example]] = field(default_factory=dict)
    kinds: dict[Kind, tuple[int, int]] = field(default_factory=dict)


def ranges(records: int, most: int) -> list[tuple[int, int]]:
    """Ranges [lowest, beyond) of the hash's high half, so many that each has about `most` records at the most."""
    wanted = max(1, -(-records // most))
    edges = [BEYOND * number // wanted for number in range(wanted + 1)]
    return list(itertools.pairwise(edges))


def together(several: Iterable[Joined]) -> Joined:
    """What several ranges came to, added up; their order does not matter."""
    total = Joined()
    for one in several:
        total.distinct.update(one.distinct)
        total.repeats.update(one.repeats)
        for number, examples in one.repeated.items():
            total.repeated[number] = sorted([*total.repeated.get(number, ()), *examples])[:MOST_EXAMPLES]
        for pair, cell in one.matrix.items():
            total.matrix.setdefault(pair, Cell()).add(cell)
        for kind, words in one.words.items():
            total.words[kind] = most_frequent([*total.words.get(kind, ()), *words])
        for kind, (distinct, seen) in one.kinds.items():
            known = total.kinds.get(kind, (0, 0))
            total.kinds[kind] = (known[0] + distinct, known[1] + seen)
    return total


def most_frequent(words: list[Example]) -> list[Example]:
    """The words that were seen most, in the order in which they are told."""
    return sorted(words, key=lambda one: (-one.count, one.file, one.offset, one.high, one.low))[
        :MOST_FREQUENT
    ]
