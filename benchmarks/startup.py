"""How long whole processes take from start to end: help, verify, and Python alone for comparison.

`python benchmarks/startup.py RUN` prints a table, where RUN is the folder of a signed run; with `--write` it
renews docs/benchmarks.md as well.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
TIMES = 9


def main() -> int:
    parser = argparse.ArgumentParser(description="Times of whole processes.")
    parser.add_argument("run", type=Path, help="the folder of a signed run")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    command = shutil.which(
        "conformance", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    )
    if command is None:
        parser.error("there is no command `conformance` beside this Python: install the package first")
    if not (given.run / "report.dsse.json").is_file():
        parser.error(f"{given.run} is no signed run: make one with `conformance demo --out {given.run}`")
    processes = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "conformance --help": [command, "--help"],
        "conformance verify RUN": [command, "verify", str(given.run), "--require", "authentic"],
    }
    load = os.getloadavg()[0]
    rows = [f"| `{name}` | {_row(arguments)} |" for name, arguments in processes.items()]
    table = "\n".join(["| process | median, s | least, s | most, s |", "|---|---:|---:|---:|", *rows])
    print(table)
    if given.write:
        PAGE.write_text(_page(table, given.run, load), "utf-8")
    return 0


def _row(arguments: list[str]) -> str:
    _seconds(arguments)
    measured = [_seconds(arguments) for _ in range(TIMES)]
    return f"{statistics.median(measured):.2f} | {min(measured):.2f} | {max(measured):.2f}"


def _seconds(arguments: list[str]) -> float:
    """The time of one process. Raises CalledProcessError where it does not succeed."""
    begun = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def _page(table: str, run: Path, load: float) -> str:
    kept = sum(1 for path in run.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
    machine = f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        "Written by `python benchmarks/startup.py RUN --write`. Whole processes from start to end: the median of",
        f"{TIMES} after one to warm up ({machine}, {platform.system()},",
        f"load {load:.1f} at the start). The run that is verified has {kept} files and {size / 1e6:.1f} MB; every one",
        "is hashed and every verdict judged anew.",
        "",
        table,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
