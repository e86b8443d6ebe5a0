"""What the FHIR family costs: the whole base profile over a data set, the harness's share of a request, judging.

`python benchmarks/fhir_family.py [--data FOLDER] [--profile NAME] [--write]`: the folder holds NDJSON files, plain or
gzipped; `--write` renews docs/fhir-speed.md. The reference supplier runs in a process of its own. The harness's
share is all the processor's time of its process, judging and writing included, for each request.
"""

import argparse
import datetime as dt
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from conformance.catalog import built_in
from conformance.model.suite import DISCOVERY
from conformance.outside.folders import RunFolder
from conformance.reference.process import Options, start
from conformance.session.judging import evidence_of
from conformance.stages.judge import judge

PAGE = Path(__file__).resolve().parent.parent / "docs" / "fhir-speed.md"
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "synthea-small"
WORKERS = 8
ROUNDS = 5
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
        out = Path(place) / "run"
        with start(Options(data=given.data), timeout=300) as supplier:
            target = yaml.safe_load(supplier.target_file.read_text("utf-8"))
            target["limits"] = {"concurrency": WORKERS}
            supplier.target_file.write_text(yaml.safe_dump(target), "utf-8")
            arguments = [
                command,
                "run",
                given.profile,
                "--target",
                str(supplier.target_file),
                "--out",
                str(out),
            ]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            begun = time.perf_counter()
            ended = subprocess.run([*arguments, "--json"], stdout=subprocess.PIPE, check=False)
            seconds = time.perf_counter() - begun
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if ended.returncode not in JUDGED:
            return ended.returncode
        told = json.loads(ended.stdout)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rows = _rows(told, seconds, busy) | _judging(out)
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


def _rows(told: dict[str, Any], seconds: float, busy: float) -> dict[str, tuple[str, str]]:
    record, requirements = told["record"], told["report"]["requirements"]
    cases = sum(len(r.get("verdicts", ())) for r in requirements)
    return {
        "result": ("", told["report"]["result"]),
        "requirements": ("", f"{len(requirements):,}"),
        "cases": ("", f"{cases:,}"),
        "requests": ("", f"{record['requests']:,}"),
        "requests answered by what was asked before": ("", f"{record.get('saved', 0):,}"),
        "received, MB": ("", f"{record.get('bytesReceived', 0) / 1e6:.1f}"),
        f"whole run with {WORKERS} workers, s": ("< 60", f"{seconds:.1f}"),
        "the harness's share of a request, ms of processor time": (
            "< 2.5",
            f"{busy / record['requests'] * 1000:.2f}",
        ),
        "peak memory of the harness, MB": ("< 300", f"{record.get('peakMemory', 0) / 1e6:.0f}"),
    }


def _judging(out: Path) -> dict[str, tuple[str, str]]:
    """How many cases a second are judged, their evidence read from the disk or at hand; the median of some rounds."""
    folder, catalog = RunFolder(out), built_in()
    bound = folder.suite()
    cold, warm = [], []
    for _ in range(ROUNDS):
        steps = {step.step: step for step in folder.finished_steps()}
        whole = [case for case in bound.cases if case.steps]
        for timed in (cold, warm):
            begun = time.process_time()
            for case in whole:
                judge(case, evidence_of(case, steps, steps[DISCOVERY], bound), catalog)
            timed.append(len(whole) / (time.process_time() - begun))
    middle = ROUNDS // 2
    return {
        "cases judged a second, bodies read from the disk and parsed": ("", f"{sorted(cold)[middle]:,.0f}"),
        "cases judged a second, bodies at hand": ("≥ 5,000", f"{sorted(warm)[middle]:,.0f}"),
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
