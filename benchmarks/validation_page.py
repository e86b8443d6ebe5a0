"""Writes docs/validation-speed.md: ours and the peers' side by side, on one machine in one sitting.

`python benchmarks/validation_page.py --core TGZ --structures FOLDER [--python PYTHON] [--npm FOLDER]` runs every row of
`validation.py` and every peer of `validation_peers.py` in turn, `--rounds` times over, and writes the median of each by
the processor's time. Run it on an idle machine.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from validation import DATA, ROWS, as_installed, measured_row
from validation_peers import mix

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "validation-speed.md"
OURS = "accept, compiled"
NOT_ALIKE = {"orjson": "reads JSON, judges nothing", "jsonschema-rs": "shapes only"}


def main() -> int:
    parser = argparse.ArgumentParser(description="The speed of validation, beside that of peers.")
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="NDJSON file or folder of them")
    parser.add_argument("--core", type=Path, required=True, help="hl7.fhir.r4.core.tgz, for the peers")
    parser.add_argument(
        "--structures", type=Path, help="folder of StructureDefinitions to lay over the types"
    )
    parser.add_argument(
        "--python", default=sys.executable, help="the Python that the peers are installed for"
    )
    parser.add_argument("--npm", help="folder with node_modules of the peers")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ours: dict[str, list[dict[str, Any]]] = {}
    peers: dict[str, list[dict[str, Any]]] = {}
    for _ in range(given.rounds):
        for title, (row, pure) in ROWS.items():
            if row != "profiled" or given.structures is not None:
                ours.setdefault(title, []).append(measured_row(row, pure, given.data, 1, given.structures))
        for found in _peers(given):
            peers.setdefault(found["peer"], []).append(found)
    PAGE.write_text(_page(ours, peers, _command(given.data), given.rounds), encoding="utf-8")
    print(f"wrote {PAGE}")
    return 0


def _peers(given: argparse.Namespace) -> list[dict[str, Any]]:
    command = [sys.executable, str(HERE / "validation_peers.py"), str(given.data), "--core", str(given.core)]
    command += ["--python", given.python, *(["--npm", given.npm] if given.npm else [])]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


def _command(data: Path) -> dict[str, float]:
    """The whole command: one resource, and all of them; seconds and MB."""
    name = shutil.which("conformance", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))
    if name is None:
        raise SystemExit("there is no command `conformance` beside this Python: install the package first")
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.json"
        one.write_bytes(mix(data)[0])
        ones = [_run([name, "validate", str(one)]) for _ in range(9)][1:]  # the first fills caches
        whole = _run([name, "validate", "--quiet", str(data)])
    clock, worked = (statistics.median(each[place] for each in ones) for place in (0, 1))
    return {"one": clock, "one_worked": worked, "all": whole[0], "all_worked": whole[1], "memory": whole[2]}


def _run(command: list[str]) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor, and MB at most, of one process."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=as_installed()) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _page(
    ours: dict[str, list[dict[str, Any]]],
    peers: dict[str, list[dict[str, Any]]],
    command: dict[str, float],
    rounds: int,
) -> str:
    rates = {title: _rates(rows, "seconds") for title, rows in ours.items()}
    best = statistics.median(rates[OURS])
    rows = [_row(title, "ours", rates[title], best) for title in rates]
    for peer, found in peers.items():
        present = [row for row in found if "absent" not in row]
        if not present:
            rows.append(f"| {peer} | not installed here | | | |")
            continue
        name = f"{peer} {present[0]['version']}"
        note = NOT_ALIKE.get(peer, "peer") + f", {present[0]['resources']:,} resources"
        rows.append(_row(name, note, _rates(present, "cpu_seconds"), best))
    memory = max(found["memory"] for found in ours[OURS])
    return "\n".join(
        [
            "# How fast validation is",
            "",
            "Written by `python benchmarks/validation_page.py`. The same resources for all (Synthea, 38,483, shuffled",
            "by a fixed seed), reading JSON included, one process and one core each, one cold pass, in turn on one",
            f"machine; median of {rounds} rounds by the processor's time, least and most beside it",
            f"({os.cpu_count()} cores, CPython {platform.python_version()}, {platform.system()}, load",
            f"{os.getloadavg()[0]:.1f} at the end). Ours judges structure, codes, references and invariants; what the",
            "others judge differs, and is less.",
            "",
            "| what | | resources/s, median | least to most | compiled accept is faster by |",
            "|---|---|---:|---:|---:|",
            *rows,
            "",
            "Machines differ, and so does one machine from hour to hour. What can be compared is the cost of",
            f"reading alone: compiled accept takes {_times(rates, OURS)} times what orjson takes to read the same",
            f"resources, pure accept {_times(rates, 'accept, pure')} times.",
            "",
            f"Memory of compiled accept above the data: {memory:.0f} MB. The whole command `conformance validate`:",
            f"one resource in {command['one']:.2f} s ({command['one_worked']:.2f} s of the processor), all of them in",
            f"{command['all']:.1f} s ({command['all_worked']:.1f} s), {command['memory']:.0f} MB at most.",
            "",
        ]
    )


def _times(rates: dict[str, list[float]], title: str) -> str:
    """How many times the time of reading alone a row takes, by the medians."""
    alone = statistics.median(rates["orjson.loads alone"])
    return f"{alone / statistics.median(rates[title]):.1f}"


def _rates(found: list[dict[str, Any]], seconds: str) -> list[float]:
    return [row["resources"] / row[seconds] for row in found]


def _row(name: str, note: str, rates: list[float], best: float) -> str:
    middle = statistics.median(rates)
    factor = best / middle
    shown = f"{factor:,.1f} times" if factor > 1 else ""
    return f"| {name} | {note} | {middle:,.0f} | {min(rates):,.0f} to {max(rates):,.0f} | {shown} |"


if __name__ == "__main__":
    sys.exit(main())
