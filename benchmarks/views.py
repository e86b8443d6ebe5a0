"""How long each view of a report of 2,000 requirements takes, how large it is, and when Chromium has it open.

`python benchmarks/views.py` prints a table; the limits are 2 s and 5 MB for the page, and 2 s to open it.
"""

import datetime as dt
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from conformance.model.profile import Level, Method, Phase
from conformance.model.report import (
    MethodVerdict,
    ProfileRef,
    Report,
    RequirementResult,
    Result,
    RunRecord,
    Tool,
)
from conformance.model.target import TargetCard
from conformance.model.verdict import EvidenceRef, Outcome, Verdict
from conformance.views.kinds import KINDS, Subject, rendered
from conformance.views.signature import UNSIGNED

REQUIREMENTS, TIMES = 2000, 5


def main() -> None:
    subject = Subject(_report(), _record(), UNSIGNED)
    print("| view | least, s | median, s | most, s | bytes |\n|---|---:|---:|---:|---:|")
    for name, kind in KINDS.items():
        if kind.possible:
            made = rendered(subject, [name])[kind.file]
            print(
                _row(
                    name,
                    [_seconds(partial(rendered, subject, [name])) for _ in range(TIMES)],
                    len(made),
                )
            )
    chromium = shutil.which("chromium")
    if chromium:
        page = rendered(subject, ["html"])["report.html"]
        print(_row("html, opened", _opened(page, chromium), len(page)))


def _row(name: str, times: list[float], size: int) -> str:
    return f"| {name} | {min(times):.2f} | {statistics.median(times):.2f} | {max(times):.2f} | {size:,} |"


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _opened(page: bytes, chromium: str) -> list[float]:
    """From asking for the page until it is loaded and its last row has a place."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_bytes(page)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        times = []
        for _ in range(TIMES):
            tab = browser.new_page()
            begun = time.perf_counter()
            tab.goto(file.as_uri(), wait_until="load")
            tab.locator("#all tbody tr").last.bounding_box()
            times.append(time.perf_counter() - begun)
            tab.close()
        browser.close()
    return times


def _report() -> Report:
    every = tuple(_result(number) for number in range(REQUIREMENTS))
    totals = {outcome: sum(r.outcome is outcome for r in every) for outcome in Outcome}
    return Report(
        run_id="run-1",
        profile=ProfileRef(profile="large", version="1.0.0", title="A large profile", digest="9f2c" * 16),
        target=TargetCard(endpoint="https://x.example/r4", product="Records", supplier="Acme"),
        as_of=dt.date(2026, 11, 22),
        suite_digest="ab12" * 16,
        result=Result.FAILED,
        methods=(MethodVerdict(method=Method.AUTOMATED, gates=True, result=Result.FAILED, totals=totals),),
        requirements=every,
    )


def _result(number: int) -> RequirementResult:
    outcome = list(Outcome)[number % 5]
    failed = outcome is Outcome.FAIL
    case = Verdict(
        case=f"REQ-{number}/1",
        requirement=f"REQ-{number}",
        outcome=outcome,
        findings=(f"GET /Patient/{number} answered 200, not 404",) if failed else (),
        because="" if failed else f"reason {number % 40}",
        expected="the status 404",
        curl=f"curl --include 'https://x.example/r4/Patient/{number}'",
        evidence=(EvidenceRef(id=f"exchange-{number}", sha256=f"{number:064x}"),),
    )
    return RequirementResult(
        id=f"REQ-{number}",
        origin=f"part-{number % 8}",
        level=Level.SHALL if number % 3 else Level.SHOULD,
        method=Method.AUTOMATED,
        phase=Phase.TENDER,
        text=f"The text of requirement {number} says in a sentence or two what a server is to do. " * 2,
        source=f"https://hl7.org/fhir/R4/http.html#clause-{number}",
        outcome=outcome,
        verdicts=(case,),
    )


def _record() -> RunRecord:
    return RunRecord(
        run_id="run-1", started_at="2026-11-22T17:05:00Z", tool=Tool(name="conformance", version="1")
    )


if __name__ == "__main__":
    main()
