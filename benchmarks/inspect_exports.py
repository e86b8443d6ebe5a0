"""What `conformance inspect` costs: beside plain parsing, with one worker and two, in time and memory.

`python benchmarks/inspect_exports.py [--data FOLDER] [--size GB] [--write]`: the folder holds NDJSON files, plain or
gzipped, which are multiplied with fresh ids until they are so large; `--write` renews docs/bulk-speed.md.
Rates are of processor time, so that other work on the machine matters little; the speed-up of two workers is by the
clock. Memory is that of all processes added up, each page counted in the share that a process has of it: looking at it
takes processor time, so it is looked at in a go of its own.
"""

import argparse
import contextlib
import datetime as dt
import gzip
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bulk-speed.md"
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "synthea-small"
UUID = re.compile(rb"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
STEP = 2_654_435_761
MEGABYTE = 1_000_000
ERRORS_FOUND = 1

PARSING = """
import sys, orjson
from pathlib import Path
for path in sorted(Path(sys.argv[1]).glob("*.ndjson")):
    with path.open("rb") as stream:
        for line in stream:
            orjson.loads(line)
"""


class Measured:
    """One process and its children: seconds by the clock and of the processors, and the most memory in bytes."""

    def __init__(self, command: list[str], **environment: str) -> None:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        self.code = _started(command, environment).wait()
        self.seconds = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.memory = 0
        again = _started(command, environment)
        while again.poll() is None:
            self.memory = max(self.memory, sum(map(_share, _family(again.pid))))
            time.sleep(0.1)


def _started(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | environment,
        start_new_session=True,
    )


def _family(session: int) -> Iterator[int]:
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session:
                    yield int(path.name)


def _share(pid: int) -> int:
    """A process's share of memory in bytes (PSS)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def multiplied(data: Path, into: Path, size: int) -> int:
    """Write the data with fresh ids until it is that large; references go on leading where they led. Gives bytes."""
    files = {path.name.removesuffix(".gz"): _unpacked(path) for path in sorted(data.glob("*.ndjson*"))}
    written, copy = 0, 0
    while written < size:
        moved = copy * STEP & 0xFFFFFFFF

        def fresh(match: "re.Match[bytes]", moved: int = moved) -> bytes:
            return b"%08x" % (int(match[0], 16) ^ moved)

        for name, body in files.items():
            with (into / name).open("ab") as stream:
                written += stream.write(UUID.sub(fresh, body) if copy else body)
        copy += 1
    return written


def inspecting(export: Path, work: Path) -> list[str]:
    """The command that inspects an export."""
    started = [sys.executable, "-c", "from conformance.cli.main import main; main()"]
    return [*started, "inspect", str(export), "--quiet", "--json", "--work", str(work)]


def main() -> int:
    parser = argparse.ArgumentParser(description="The cost of inspecting exported files.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of NDJSON files")
    parser.add_argument("--size", type=float, default=1.0, help="GB of NDJSON to inspect")
    parser.add_argument("--write", action="store_true", help="write docs/bulk-speed.md")
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"there is no folder {given.data}: name one with --data")
    with tempfile.TemporaryDirectory() as place:
        export = Path(place) / "export"
        export.mkdir()
        size = multiplied(given.data, export, int(given.size * 1e9))
        command = inspecting(export, Path(place) / "work")
        plain = Measured([sys.executable, "-c", PARSING, str(export)])
        runs = {
            "facts, compiled core, 1 worker": Measured([*command, "--no-validate", "--workers", "1"]),
            "facts, compiled core, 2 workers": Measured([*command, "--no-validate", "--workers", "2"]),
            "facts, pure Python, 1 worker": Measured(
                [*command, "--no-validate", "--workers", "1"], CONFORMANCE_PURE="1"
            ),
            "facts and validation, compiled core, 1 worker": Measured([*command, "--workers", "1"]),
            "facts and validation, compiled core, 2 workers": Measured([*command, "--workers", "2"]),
        }
    failed = [name for name, run in runs.items() if run.code not in {0, ERRORS_FOUND}]
    if failed:
        print(f"did not come to its end: {', '.join(failed)}", file=sys.stderr)
        return 1
    text = page(size, plain, runs)
    print(text)
    if given.write:
        _, *others = PAGE.read_text("utf-8").partition("\n## ")
        PAGE.write_text(text + "".join(others), "utf-8")
    return 0


def page(size: int, plain: Measured, runs: dict[str, Measured]) -> str:
    """The table as Markdown."""
    rate = size / MEGABYTE / plain.processor
    one, two = runs["facts, compiled core, 1 worker"], runs["facts, compiled core, 2 workers"]
    valid_one = runs["facts and validation, compiled core, 1 worker"]
    valid_two = runs["facts and validation, compiled core, 2 workers"]
    load = os.getloadavg()[0]
    made = f"Synthea's 38,483 resources multiplied with fresh ids to {size / 1e9:.2f} GB of NDJSON"
    machine = f"{os.cpu_count()} cores, CPython {platform.python_version()}, {platform.system()}"
    lines = [
        "# How fast exported files are inspected",
        "",
        f"Written by `python benchmarks/inspect_exports.py --size {size / 1e9:.1f} --write`:",
        made,
        f"({machine}; load {load:.1f} at the end; {dt.datetime.now(dt.UTC):%Y-%m-%d}).",
        "",
        "| what | MB a second of processor | share of plain parsing | seconds by the clock | peak memory, MB |",
        "|---|---:|---:|---:|---:|",
        f"| plain parsing (orjson), nothing else | {rate:.0f} | | {plain.seconds:.1f} | {plain.memory / 1e6:.0f} |",
    ]
    for name, run in runs.items():
        own = size / MEGABYTE / run.processor
        lines.append(
            f"| {name} | {own:.0f} | {own / rate:.0%} | {run.seconds:.1f} | {run.memory / 1e6:.0f} |"
        )
    quicker = f"{one.seconds / two.seconds:.2f} times as fast as one by the clock"
    with_validation = valid_one.seconds / valid_two.seconds
    lines += [
        "",
        f"Two workers are {quicker} ({with_validation:.2f} times with validation).",
        "Facts are parsing, SHA-256, counts, ids, references resolved, codes and extensions by frequency; start-up of",
        "the command is counted in. Wanted: 35 % of plain parsing with the compiled core, 12 % without it; 1.8 times",
        "with two workers; less than 600 MB however large the input.",
        "",
    ]
    if load > (os.cpu_count() or 1) + 1:
        lines += ["The machine was busy with other work: what is by the clock says little.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
