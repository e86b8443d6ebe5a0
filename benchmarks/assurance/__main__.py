"""`python -m benchmarks.assurance lies|faults|alarms|write`: see docs/assurance.md."""

import argparse
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.assurance import alarms, named
from benchmarks.assurance.alarms import look_for_alarms
from benchmarks.assurance.catalogue import LIES
from benchmarks.assurance.named import try_faults
from benchmarks.assurance.page import write
from benchmarks.assurance.trying import try_lies
from benchmarks.assurance.work import Work

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a part, or write the page of what was measured."""
    asked = _options().parse_args(arguments)
    work = Work(asked.work)
    if asked.part == "write":
        write(work, asked.docs)
        return 0
    things = _things(asked.part)
    unknown = sorted(set(asked.only) - set(things))
    if unknown:
        print(f"no {asked.part} named {', '.join(unknown)}", file=sys.stderr)
        return 2
    chosen = [thing for name, thing in things.items() if not asked.only or name in asked.only]
    _MEASURE[asked.part](_part(chosen, asked.sample, asked.shard), work)
    return 0


_MEASURE: dict[str, Callable[[Sequence[Any], Work], None]] = {
    "lies": try_lies,
    "faults": try_faults,
    "alarms": look_for_alarms,
}


def _things(part: str) -> dict[str, Any]:
    """What there is to measure by name. Lies and faults are mixed, so that a part is of all families."""
    if part == "alarms":
        return {alarms.name_of(*pair): pair for pair in alarms.every()}
    known = LIES if part == "lies" else {one.name: one for one in named.every()}
    return {name: known[name] for name in sorted(known, key=lambda name: sha256(name.encode()).digest())}


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assurance", description=__doc__)
    parser.add_argument("part", choices=["lies", "faults", "alarms", "write"])
    parser.add_argument(
        "--work", type=Path, default=Path("assurance-work.jsonl"), help="results so far; goes on from them"
    )
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="only these")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only N, spread over all")
    parser.add_argument(
        "--shard", default="1/1", metavar="K/N", help="the K-th of N parts, to run beside the others"
    )
    parser.add_argument(
        "--docs", type=Path, default=Path("docs"), help="where write puts assurance.md and .json"
    )
    return parser


def _part(things: Sequence[T], sample: int, shard: str) -> Sequence[T]:
    step = max(1, len(things) // sample) if sample else 1
    number, of = (int(part) for part in shard.split("/"))
    chosen = things[::step][: sample or None]
    return chosen[number - 1 :: of]


if __name__ == "__main__":
    sys.exit(main())
