"""False alarms: honest suppliers of drawn populations, of three sizes, tested with drawn suites."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.assurance.catalogue import WHOLE
from benchmarks.assurance.outcomes import attempt
from benchmarks.assurance.trying import supplier
from benchmarks.assurance.work import Work

ALARM = "alarm"
SEEDS = tuple(range(1, 21))
POPULATIONS = (20, 60, 150)


def every() -> list[tuple[int, int]]:
    """All pairs of a seed and a number of patients; first one population for each seed, so that a part says much."""
    turns = [(seed, POPULATIONS[(place + seed) % 3]) for place in range(3) for seed in SEEDS]
    return list(dict.fromkeys(turns))


def name_of(seed: int, patients: int) -> str:
    """How a run is named in the file of results."""
    return f"{WHOLE}, seed {seed}, {patients} patients"


def look_for_alarms(pairs: Sequence[tuple[int, int]], work: Work, tell: Any = print) -> None:
    """Test an honest supplier for each pair that the work file does not have: the seed draws population and suite."""
    done = work.of(ALARM)
    left = [pair for pair in pairs if name_of(*pair) not in done]
    with supplier() as here:
        for number, (seed, patients) in enumerate(left, 1):
            with here.behind(None, patients=patients, seed=seed) as (target, _):
                made = attempt(target, WHOLE, seed=seed)
            failed = sorted(name for name, (_, outcome) in made.outcomes.items() if outcome == "fail")
            counts = Counter(
                f"{'binding' if binds else 'other'} {outcome}" for binds, outcome in made.outcomes.values()
            )
            result = {
                "seed": seed,
                "patients": patients,
                "result": made.result,
                "refused": made.refused,
                "failed": {
                    "binding": [name for name in failed if made.outcomes[name][0]],
                    "other": [name for name in failed if not made.outcomes[name][0]],
                },
                "why": made.why,
                "undecided": sorted(
                    name
                    for name, (binds, outcome) in made.outcomes.items()
                    if binds and outcome in ("inconclusive", "untested")
                ),
                "counts": dict(sorted(counts.items())),
                "seconds": made.seconds,
            }
            work.add(ALARM, name_of(seed, patients), result)
            tell(f"{number}/{len(left)} {name_of(seed, patients)}: {made.result}, {len(failed)} failed")
