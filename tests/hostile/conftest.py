"""Runs against servers that mean ill, held to what docs/hostile.md says of them, within bounds of time and memory."""

import json
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_runs import PROFILE, QUICK, Told, rows
from raw_server import Behave, RawServer
from small_profiles import write_profile, write_target
from whole_runs import command

SECONDS = 40
MEGABYTES = 400
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""What Linux tells of a process's memory; elsewhere only time is bounded."""


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """End a test that takes too long, and fail one that takes too much memory."""

    def late(_number: int, _frame: object) -> None:
        pytest.fail(f"not done within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    counted = CLEAR.exists()
    if counted:
        CLEAR.write_text("5", encoding="ascii")  # the peak counts from here (proc(5))
    began = memory("VmRSS") if counted else 0
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    assert not counted or memory("VmHWM") - began < MEGABYTES * 1024


def memory(what: str) -> int:
    """Kilobytes that this process takes (VmRSS) or took at most (VmHWM)."""
    found = re.search(rf"^{what}:\s+(\d+)", STATUS.read_text("ascii", "replace"), re.MULTILINE)
    assert found, what
    return int(found[1])


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    """Start servers that behave as a function says; end them after the test."""
    running: list[RawServer] = []

    def start(behave: Behave | None = None, **more: Any) -> RawServer:
        running.append(RawServer(behave, **more))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Run the small profile against a server by the command line."""

    def run(
        base: str,
        profile: str = PROFILE,
        *,
        as_: str = "run",
        views: str = "none",
        limits: Any = None,
        **target: Any,
    ) -> Told:
        at = tmp_path / as_
        described = write_target(tmp_path / "target.yaml", base, limits=QUICK | (limits or {}), **target)
        written = write_profile(tmp_path, profile)
        code = command("run", written, "--target", described, "--out", at, "--views", views)
        printed = capsys.readouterr()
        report = at / "report.json"
        results = json.loads(report.read_bytes())["requirements"] if report.exists() else []
        return Told(code, printed.out + printed.err, at, {one["id"]: one for one in results})

    return run


@pytest.fixture
def as_the_page_says() -> Callable[[str, Told], None]:
    """Hold what a run told against the page's row of that name."""
    known = {row.name: row for row in rows()}

    def hold(name: str, told: Told) -> None:
        row = known[name]
        seen = {one: told.outcome(one) for one in row.outcomes or told.requirements if told.requirements}
        assert (seen, str(told.code)) == (row.outcomes, row.code), told.words
        unsaid = [words for words in row.said if words not in told.words]
        assert not unsaid, told.words
        assert "Traceback" not in told.shown
        assert "crashed" not in told.words

    return hold
