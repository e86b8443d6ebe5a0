"""`python -m benchmarks.correctness`: measures the suites, merges the explanations, writes docs/correctness.md."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from benchmarks.correctness import against_java, examples, hl7, mutation, synthea
from benchmarks.correctness.data import Data
from benchmarks.correctness.explained import Explanations, draft, load
from benchmarks.correctness.figures import Measured, as_json, from_json
from benchmarks.correctness.page import counted, page
from benchmarks.correctness.rows import LISTED, ROWS

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).with_name("measured.json")
PAGE = ROOT / "docs" / "correctness.md"
SUITES: Mapping[str, Callable[[Data, str], Measured]] = {
    "hl7": hl7.measure,
    "uk-core": examples.measure_uk_core,
    "us-core": examples.measure_us_core,
    "uk-core-mutation": mutation.measure_uk_core,
    "us-core-mutation": mutation.measure_us_core,
    "synthea": synthea.measure,
}
JAVA = "java"
ORDER = ("hl7", "uk-core", "uk-core-mutation", "us-core", "us-core-mutation", JAVA, "synthea")


def main() -> int:
    """Ends with 0, 1 where a deviation is not explained, 2 where something is missing."""
    given = _arguments()
    data = Data(given.data)
    if absent := data.missing():
        print(f"{given.data} does not have {', '.join(absent)}: name the folder with --data", file=sys.stderr)
        return 2
    day = datetime.now(UTC).date().isoformat()
    for suite in given.only or [name for name in ORDER if name != JAVA or given.java]:
        if suite == JAVA and not given.java:
            print("java: not measured here; name the folder of packages with --java", file=sys.stderr)
            continue
        print(f"{suite} …", file=sys.stderr)
        found = against_java.measure(data, day, given.java) if suite == JAVA else SUITES[suite](data, day)
        keep(kept() | {suite: found})
    known = kept()
    explanations = load()
    PAGE.write_text(page(known, explanations), "utf-8")
    return report(known, explanations, drafts=given.draft)


def kept(path: Path = KEPT) -> dict[str, Measured]:
    """The suites as they were measured last, by name, in the order of the page."""
    rows = json.loads(path.read_text("utf-8")) if path.is_file() else []
    found = {row["suite"]: from_json(row) for row in rows}
    return {name: found[name] for name in ORDER if name in found}


def keep(known: Mapping[str, Measured], path: Path = KEPT) -> None:
    """Keeps what was measured, for the rows that the next run does not measure."""
    rows = [as_json(known[name]) for name in ORDER if name in known]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")


def report(known: Mapping[str, Measured], explanations: Explanations, *, drafts: Path | None) -> int:
    """Prints the figures and what is not explained."""
    figures = {figure.row: figure for suite in known.values() for figure in suite.figures}
    for row in ROWS:
        if row.key in figures:
            good, _ = counted(figures[row.key], explanations)
            total = figures[row.key].total
            print(f"{row.key:20} {good:>7,} of {total:>7,} {100 * good / max(total, 1):6.1f} %")
    asked = [figure for row, figure in figures.items() if row not in LISTED]
    missing = explanations.missing(asked)
    for name, deviation in missing:
        print(f"unexplained: {name}: {deviation.key}", file=sys.stderr)
    for entry in explanations.unused:
        print(f"explains nothing any more: {', '.join(entry.rows)}: {entry.case}", file=sys.stderr)
    if drafts is not None:
        rows = [draft(name, deviation) for name, deviation in missing]
        drafts.write_text(yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=110), "utf-8")
    return 1 if missing else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.correctness", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the suites")
    parser.add_argument(
        "--java", type=Path, help=f"a folder with {against_java.CORE}, for the reference validator"
    )
    parser.add_argument(
        "--only", nargs="*", choices=ORDER, help="suites to measure; the others keep their figures"
    )
    parser.add_argument(
        "--draft", type=Path, help="write what is not explained to this file, to be filled in"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
