"""How much faster two workers inspect than one, on a machine that may be busy or slow.

`python benchmarks/two_workers.py [--data FOLDER] [--size GB] [--goes N] [--write]`: one and two workers take turns, so
that whatever else the machine does meets both; `--write` renews their section of docs/bulk-speed.md. Beside them stand
one and two processes that parse the same export and do nothing else: more than these gain, no machine gives.
"""

import argparse
import datetime as dt
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from inspect_exports import DATA, ERRORS_FOUND, PAGE, PARSING, inspecting, multiplied

TITLE = "## Two workers beside one"


def main() -> int:
    parser = argparse.ArgumentParser(description="Two workers beside one, taking turns.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of NDJSON files")
    parser.add_argument("--size", type=float, default=1.0, help="GB of NDJSON to inspect")
    parser.add_argument("--goes", type=int, default=3, help="how often each is measured")
    parser.add_argument("--write", action="store_true", help="renew the section of docs/bulk-speed.md")
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"there is no folder {given.data}: name one with --data")
    with tempfile.TemporaryDirectory() as place:
        export = Path(place) / "export"
        export.mkdir()
        multiplied(given.data, export, int(given.size * 1e9))
        work = Path(place) / "work"
        measured = {
            "only parsing, two processes beside one": _gains(
                lambda n: 1 / n * _parsing(export, n), given.goes
            ),
            "facts": _gains(lambda n: _inspecting(export, work, n, "--no-validate"), given.goes),
            "facts and validation": _gains(lambda n: _inspecting(export, work, n), given.goes),
        }
    text = _section(measured, given.size)
    print(text)
    if given.write:
        page = re.sub(rf"{TITLE}\n.*?(?=\n## |\Z)", "", PAGE.read_text("utf-8"), flags=re.DOTALL).rstrip()
        PAGE.write_text(f"{page}\n\n{text}", "utf-8")
    return 0


def _gains(seconds: Callable[[int], float], goes: int) -> list[float]:
    """How many times as fast two are as one, in each go."""
    return [seconds(1) / seconds(2) for _ in range(goes)]


def _parsing(export: Path, number: int) -> float:
    begun = time.monotonic()
    started = [
        subprocess.Popen([sys.executable, "-c", PARSING, str(export)], stdout=subprocess.DEVNULL)
        for _ in range(number)
    ]
    for process in started:
        process.wait()
    return time.monotonic() - begun


def _inspecting(export: Path, work: Path, workers: int, *options: str) -> float:
    command = [*inspecting(export, work), "--workers", str(workers), *options]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    begun = time.monotonic()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
    if ended.returncode not in {0, ERRORS_FOUND}:
        sys.exit(ended.returncode)
    return time.monotonic() - begun


def _section(measured: dict[str, list[float]], size: float) -> str:
    rows = [
        f"| {name} | {statistics.median(gains):.2f} | {min(gains):.2f} to {max(gains):.2f} |"
        for name, gains in measured.items()
    ]
    return "\n".join(
        [
            TITLE,
            "",
            f"Written by `python benchmarks/two_workers.py --size {size:.1f} --write`, one and two taking turns,",
            f"by the clock, start-up counted in ({os.cpu_count()} cores; {dt.datetime.now(dt.UTC):%Y-%m-%d}).",
            "Wanted: 1.8. What only parses tells how much the machine itself gains by its second core.",
            "",
            "| what | median | of all goes |",
            "|---|---:|---:|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
