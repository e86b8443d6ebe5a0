"""Do the tests notice when the judging code is changed? Mutation testing with mutmut; see docs/mutation.md.

`python benchmarks/mutants.py` changes the modules that pyproject.toml names under [tool.mutmut] in one place at a time,
runs the tests that reach the place, and prints for each module how many changes were noticed. It ends with 1 where that
are fewer than LEAST of a hundred. `--kept` shows the figures of the last run without another one.
"""

import argparse
import subprocess
import sys
from collections import Counter, defaultdict

LEAST = 90
NOTICED = frozenset({"killed", "timeout", "segfault", "caught by type check"})


def main() -> int:
    """Run, count and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--kept", action="store_true", help="count what the last run left in the folder mutants"
    )
    if not parser.parse_args().kept:
        subprocess.run([sys.executable, "-m", "mutmut", "run"], check=True)
    listed = subprocess.run(
        [sys.executable, "-m", "mutmut", "results", "--all", "true"],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    survivors = []
    for line in listed.stdout.splitlines():
        name, _, outcome = line.strip().partition(": ")
        found[name.rpartition(".")[0]][outcome] += 1
        survivors += [] if outcome in NOTICED else [line.strip()]
    if not found:
        print("nothing was changed: is mutmut's folder `mutants` there?", file=sys.stderr)
        return 1
    print("| module | changes | noticed | score |\n|---|---:|---:|---:|")
    scores = []
    for module, outcomes in sorted(found.items()):
        noticed = sum(outcomes[outcome] for outcome in NOTICED)
        scores.append(100 * noticed / outcomes.total())
        print(f"| `{module}` | {outcomes.total()} | {noticed} | {scores[-1]:.1f}% |")
    print("", *survivors, sep="\n")
    return int(min(scores) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
