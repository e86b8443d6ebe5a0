"""How far a run is: a live display for people, plain lines for logs, or nothing.

Steps and verdicts are told from many threads; every implementation here takes that.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol, TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from conformance.model.verdict import Outcome, Verdict
from conformance.views.terminal import STYLE
from conformance.views.text import duration, one_line

Clock = Callable[[], float]


class Progress(Protocol):
    """What a run tells while it goes on."""

    def phase(self, name: str, total: int) -> None:
        """A new phase begins, of so many steps; 0 where the number is not known."""

    def step(self, done_id: str) -> None:
        """One step of the phase is done: its case or requirement."""

    def verdict(self, verdict: Verdict) -> None:
        """A case was judged."""

    def note(self, text: str) -> None:
        """Something that a person should know now."""

    def close(self) -> None:
        """The run has ended, well or not; what is shown last stays. May be called twice."""


class SilentProgress:
    """Shows nothing: for `--quiet`, `--json` and calls from other programs."""

    def phase(self, name: str, total: int) -> None:
        """Show nothing."""

    def step(self, done_id: str) -> None:
        """Show nothing."""

    def verdict(self, verdict: Verdict) -> None:
        """Show nothing."""

    def note(self, text: str) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Show nothing."""


class PlainProgress:
    """Lines of text, at most one in so many seconds, for build logs and pipes."""

    def __init__(self, stream: TextIO, *, every: float = 5, clock: Clock = time.monotonic) -> None:
        self._stream = stream
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._outcomes: Counter[Outcome] = Counter()
        self._name = ""
        self._total = 0
        self._done = 0
        self._began = self._said = clock()
        self._said_done = 0

    def phase(self, name: str, total: int) -> None:
        """End the phase before with a line, and begin this one with another."""
        with self._lock:
            self._end_phase()
            self._name, self._total, self._done = one_line(name), total, 0
            self._began = self._said = self._clock()
            self._said_done = 0
            self._write(f"{self._name}: {total:,} to do" if total else f"{self._name} …")

    def step(self, done_id: str) -> None:
        """Count, and say so if the last line is old enough."""
        with self._lock:
            self._done += 1
            now = self._clock()
            if now - self._said >= self._every:
                self._said = now
                self._say(now, one_line(done_id))

    def verdict(self, verdict: Verdict) -> None:
        """Count."""
        with self._lock:
            self._outcomes[verdict.outcome] += 1

    def note(self, text: str) -> None:
        """Write it at once."""
        with self._lock:
            self._write(one_line(text))

    def close(self) -> None:
        """End the last phase with a line."""
        with self._lock:
            self._end_phase()
            self._name = ""

    def _end_phase(self) -> None:
        if self._name and self._done > self._said_done:
            self._say(self._clock(), "")

    def _say(self, now: float, current: str) -> None:
        elapsed = now - self._began
        rate = self._done / elapsed if elapsed > 0 else 0
        parts = [f"{self._done:,}/{self._total:,}" if self._total else f"{self._done:,}"]
        parts += [f"{rate:,.1f}/s"] if rate else []
        if rate and self._total > self._done:
            parts.append(f"{duration((self._total - self._done) / rate)} left")
        parts += [tally(self._outcomes)] if self._outcomes else []
        parts += [f"at {current}"] if current else []
        self._said_done = self._done
        self._write(f"{self._name}: {', '.join(parts)}")

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class LiveProgress:
    """A bar with counts, rate, time left, the verdicts so far and what was last done; for terminals."""

    def __init__(self, console: Console) -> None:
        self._bars = _BarsWithTally(console)
        self._task: TaskID | None = None
        self._bars.start()

    def phase(self, name: str, total: int) -> None:
        """Leave the bar of the phase before as it stands, and begin a new one."""
        if self._task is not None:
            self._bars.stop_task(self._task)
        self._task = self._bars.add_task(one_line(name), total=total or None)

    def step(self, done_id: str) -> None:
        """Move the bar."""
        self._bars.current = one_line(done_id)
        if self._task is not None:
            self._bars.advance(self._task)

    def verdict(self, verdict: Verdict) -> None:
        """Count."""
        self._bars.count(verdict.outcome)

    def note(self, text: str) -> None:
        """Write it above the bars."""
        self._bars.console.print(Text(one_line(text)))

    def close(self) -> None:
        """Stop; the bars and the tally stay on the screen."""
        self._bars.current = ""
        self._bars.stop()


class _Rate(ProgressColumn):
    """How many steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.1f}/s" if speed else "", style="dim")


class _BarsWithTally(Bars):
    """Bars with a line below them: the verdicts so far, and what was done last."""

    def __init__(self, console: Console) -> None:
        self.current = ""
        self._outcomes: Counter[Outcome] = Counter()
        self._tally_lock = threading.Lock()
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            console=console,
            expand=True,
            refresh_per_second=8,
        )

    def count(self, outcome: Outcome) -> None:
        with self._tally_lock:
            self._outcomes[outcome] += 1

    def get_renderables(self) -> Iterable[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        with self._tally_lock:
            outcomes = dict(self._outcomes)
        line = Text(no_wrap=True, overflow="ellipsis")
        for outcome in Outcome:
            if outcomes.get(outcome):
                line.append(f"{outcome.value} {outcomes[outcome]:,}  ", style=STYLE[outcome])
        if self.current:
            line.append(self.current, style="dim")
        if line:
            yield line


def tally(outcomes: dict[Outcome, int]) -> str:
    """The verdicts on cases so far, as in `pass 12, fail 1`."""
    return ", ".join(f"{outcome.value} {outcomes[outcome]:,}" for outcome in Outcome if outcomes.get(outcome))
