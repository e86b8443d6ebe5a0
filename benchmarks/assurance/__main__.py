"""`python -m benchmarks.assurance lies|faults|alarms|write`: see docs/assurance.md."""

import argparse
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from benchmarks.assurance.catalogue import LIES
from benchmarks.assurance.trying import try_lies
from benchmarks.assurance.work import Work

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a part, or write the page of what was measured."""
    asked = _options().parse_args(arguments)
    work = Work(asked.work)
    unknown = sorted(set(asked.only) - set(LIES)) if asked.part == "lies" else []
    if unknown:
        print(f"there is no lie named {', '.join(unknown)}", file=sys.stderr)
        return 2
    if asked.part == "lies":
        lies = [one for one in LIES.values() if not asked.only or one.name in asked.only]
        mixed = sorted(lies, key=lambda one: sha256(one.name.encode()).digest())  # a part is of all families
        try_lies(_part(mixed, asked.sample, asked.shard), work)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assurance", description=__doc__)
    parser.add_argument("part", choices=["lies", "faults", "alarms", "write"])
    parser.add_argument("--work", type=Path, default=Path("assurance-work.jsonl"), help="results so far; goes on from them")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="only these")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only N, spread over all")
    parser.add_argument("--shard", default="1/1", metavar="K/N", help="the K-th of N parts, to run beside the others")
    return parser


def _part(things: Sequence[T], sample: int, shard: str) -> Sequence[T]:
    step = max(1, len(things) // sample) if sample else 1
    number, of = (int(part) for part in shard.split("/"))
    chosen = things[::step][: sample or None]
    return chosen[number - 1 :: of]


if __name__ == "__main__":
    sys.exit(main())
