"""What a whole run costs with more data than the demo's own: requests, time, memory, sizes.

`python benchmarks/synthea.py [--data FOLDER] [--profile NAME]`: the folder holds NDJSON files, one or more a resource
type, plain or gzipped.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "synthea-small"
JUDGED = {0, 1, 4, 5}
"""The exit codes of runs that came to a verdict."""


def main() -> int:
    parser = argparse.ArgumentParser(description="The cost of a whole run.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of NDJSON files")
    parser.add_argument("--profile", default="bulk-data-export", help="which profile to test against")
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"there is no folder {given.data}: name one with --data")
    command = shutil.which(
        "conformance", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    )
    if command is None:
        parser.error("there is no command `conformance` beside this Python: install the package first")
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "run"
        arguments = [
            "demo",
            "--profile",
            given.profile,
            "--data",
            str(given.data),
            "--out",
            str(out),
            "--json",
        ]
        begun = time.perf_counter()
        ended = subprocess.run([command, *arguments], stdout=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - begun
        if ended.returncode not in JUDGED:
            return ended.returncode
        told = json.loads(ended.stdout)
        print(_table(given.data, told, seconds, out))
    return 0


def _table(data: Path, told: dict[str, Any], seconds: float, out: Path) -> str:
    record = told["record"]
    rows = {
        "profile": told["report"]["profile"]["profile"],
        "result": told["report"]["result"],
        "data, MB as stored": _megabytes(_size(data)),
        "requests": f"{record['requests']:,}",
        "received, MB": _megabytes(record.get("bytesReceived", 0)),
        "run, s": f"{record['seconds']:.1f}",
        "whole process with the supplier, s": f"{seconds:.1f}",
        "peak memory of the harness, MB": _megabytes(record.get("peakMemory", 0)),
        "run folder, MB": _megabytes(_size(out) - Path(told["bundle"]).stat().st_size),
        "bundle, MB": _megabytes(Path(told["bundle"]).stat().st_size),
    }
    return "\n".join(
        ["| what | value |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows.items())]
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


if __name__ == "__main__":
    sys.exit(main())
