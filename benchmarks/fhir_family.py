"""What the FHIR family costs: the whole base profile over a data set, the harness's share of a request, judging.

`python benchmarks/fhir_family.py [--data FOLDER] [--profile NAME] [--write]`: the folder holds NDJSON files, plain or
gzipped; `--write` renews docs/fhir-speed.md. The reference supplier runs in a process of its own, a new one for each
run. The harness's share is all the processor's time of its process for each request: starting, drawing up the cases
from what the target holds, sending, writing and judging. Beside it stands what plain httpx takes for a request to the
same supplier, and how many times that the share is: on a slower machine both grow, and their quotient says more.
Figures are the medians of some rounds; the harness finds its byte code, as it does where it is installed.
"""

import argparse
import datetime as dt
import gc
import json
import os
import platform
import resource
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from conformance.catalog import built_in
from conformance.cli.main import RARELY
from conformance.model.suite import DISCOVERY
from conformance.outside.folders import RunFolder
from conformance.reference.process import Options, RunningSupplier, start
from conformance.session.judging import Bench, evidence_of
from conformance.stages.judge import judge

PAGE = Path(__file__).resolve().parent.parent / "docs" / "fhir-speed.md"
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "synthea-small"
WORKERS = 8
RUNS = 3
ROUNDS = 5
PLAIN_REQUESTS = 300
JUDGED = {0, 1, 4, 5}
"""The exit codes of runs that came to a verdict."""


def main() -> int:
    parser = argparse.ArgumentParser(description="The cost of the FHIR family.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of NDJSON files")
    parser.add_argument("--profile", default="fhir-r4-base", help="which profile to test against")
    parser.add_argument("--write", action="store_true", help="write docs/fhir-speed.md")
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"there is no folder {given.data}: name one with --data")
    command = shutil.which(
        "conformance", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    )
    if command is None:
        parser.error("there is no command `conformance` beside this Python: install the package first")
    with tempfile.TemporaryDirectory() as place:
        runs = [_run(command, given.profile, given.data, Path(place), number) for number in range(RUNS)]
        rows = _rows(runs) | _judging(runs[-1].folder)
    table = "\n".join(
        [
            "| what | wanted | measured |",
            "|---|---|---:|",
            *(f"| {k} | {w} | {m} |" for k, (w, m) in rows.items()),
        ]
    )
    print(table)
    if given.write:
        PAGE.write_text(_page(table, given.profile), "utf-8")
    return 0


@dataclass(frozen=True)
class Run:
    """One run: what it told, how long it took, and the processor's time of the harness and of plain httpx, in s."""

    folder: Path
    told: dict[str, Any]
    seconds: float
    busy: float
    plain: float

    @property
    def share(self) -> float:
        """The harness's processor time for each request, in ms."""
        return 1000 * self.busy / float(self.told["record"]["requests"])


def _run(command: str, profile: str, data: Path, place: Path, number: int) -> Run:
    out = place / f"run-{number}"
    environment = dict(os.environ) | {"PYTHONPYCACHEPREFIX": str(place / "byte-code")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with start(Options(data=data), timeout=300) as supplier:
        target = yaml.safe_load(supplier.target_file.read_text("utf-8"))
        target["limits"] = {"concurrency": WORKERS}
        supplier.target_file.write_text(yaml.safe_dump(target), "utf-8")
        arguments = ["run", profile, "--target", str(supplier.target_file), "--out", str(out), "--json"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        ended = subprocess.run([command, *arguments], stdout=subprocess.PIPE, check=False, env=environment)
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        plain = _plain(supplier)
    if ended.returncode not in JUDGED:
        sys.exit(ended.returncode)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(out, json.loads(ended.stdout), seconds, busy, plain)


def _plain(supplier: RunningSupplier) -> float:
    """The processor's time, in s, that plain httpx takes for a request of usual size, one after the other."""
    context = ssl.create_default_context(cafile=str(supplier.ca)) if supplier.ca else True
    with httpx.Client(verify=context) as client:
        client.get(f"{supplier.url}/metadata").raise_for_status()
        begun = time.process_time()
        for _ in range(PLAIN_REQUESTS):
            client.get(f"{supplier.url}/metadata")
        ended = time.process_time()
    return (ended - begun) / PLAIN_REQUESTS


def _rows(runs: list[Run]) -> dict[str, tuple[str, str]]:
    told = runs[-1].told
    record, requirements = told["record"], told["report"]["requirements"]
    cases = sum(len(r.get("verdicts", ())) for r in requirements)
    peak = max(run.told["record"].get("peakMemory", 0) for run in runs)
    return {
        "result": ("", told["report"]["result"]),
        "requirements": ("", f"{len(requirements):,}"),
        "cases": ("", f"{cases:,}"),
        "requests": ("", f"{record['requests']:,}"),
        "requests answered by what was asked before": ("", f"{record.get('saved', 0):,}"),
        "received, MB": ("", f"{record.get('bytesReceived', 0) / 1e6:.1f}"),
        f"whole run with {WORKERS} workers, s": (
            "< 60",
            f"{statistics.median(run.seconds for run in runs):.1f}",
        ),
        "the harness's share of a request, ms of processor time": (
            "< 2.5",
            f"{statistics.median(run.share for run in runs):.2f}",
        ),
        "plain httpx for a request to the same supplier, ms of processor time": (
            "",
            f"{statistics.median(run.plain for run in runs) * 1000:.2f}",
        ),
        "the harness's share of a request, as a multiple of plain httpx": (
            "",
            f"{statistics.median(run.share / 1000 / run.plain for run in runs):.1f}",
        ),
        "peak memory of the harness, MB": ("< 300", f"{peak / 1e6:.0f}"),
    }


def _judging(out: Path) -> dict[str, tuple[str, str]]:
    """How many cases a second are judged, their evidence read from the disk or at hand, as the command sets Python."""
    gc.set_threshold(*RARELY)
    folder, catalog = RunFolder(out), built_in()
    bound = folder.suite()
    cold, warm = [], []
    for _ in range(ROUNDS):
        steps = {step.step: step for step in folder.finished_steps()}
        bench = Bench(bound, steps[DISCOVERY], catalog)
        begun = time.process_time()
        for step in bound.steps:
            bench.take(steps[step.id])
        cold.append(len(bench.verdicts) / (time.process_time() - begun))
    whole = [case for case in bound.cases if case.steps]
    for number in range(ROUNDS + 1):
        begun = time.process_time()
        for case in whole:
            judge(case, evidence_of(case, steps, steps[DISCOVERY], bound), catalog)
        if number:  # the first time reads the bodies
            warm.append(len(whole) / (time.process_time() - begun))
    return {
        "cases judged a second, bodies read from the disk and parsed": (
            "",
            f"{statistics.median(cold):,.0f}",
        ),
        "cases judged a second, bodies at hand": ("≥ 5,000", f"{statistics.median(warm):,.0f}"),
    }


def _page(table: str, profile: str) -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    machine = f"{os.cpu_count()} cores, {python}; load {os.getloadavg()[0]:.1f} at the end"
    return "\n".join(
        [
            "# How fast the FHIR family is",
            "",
            "Written by `python benchmarks/fhir_family.py --write`: the whole of",
            f"`{profile}` against the reference supplier with Synthea's 38,483 resources,",
            f"both on one machine ({machine}; {dt.datetime.now(dt.UTC).date()}).",
            "",
            table,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
