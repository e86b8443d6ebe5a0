"""How far a run is, for people and for logs."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from conformance.model.verdict import Outcome, Verdict
from conformance.views.progress import LiveProgress, PlainProgress, SilentProgress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def judged(outcome):
    return Verdict(case="A/1", requirement="A", outcome=outcome)


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end_of_each_phase():
    stream, clock = io.StringIO(), Clock()
    progress = PlainProgress(stream, every=5, clock=clock)
    progress.phase("run", 20)
    for number in range(12):
        clock.now += 1
        progress.verdict(judged(Outcome.FAIL if number == 3 else Outcome.PASS))
        progress.step(f"REQ-{number}")
    progress.note("the target\x1b[2J is slow")
    progress.close()
    progress.close()
    assert stream.getvalue().splitlines() == [
        "run: 20 to do",
        "run: 5/20, 1.0/s, 15 s left, pass 4, fail 1, at REQ-4",
        "run: 10/20, 1.0/s, 10 s left, pass 9, fail 1, at REQ-9",
        "the target is slow",
        "run: 12/20, 1.0/s, 8.0 s left, pass 11, fail 1",
    ]


def test_a_phase_of_unknown_length_is_counted():
    stream, clock = io.StringIO(), Clock()
    progress = PlainProgress(stream, every=1, clock=clock)
    progress.phase("discover", 0)
    clock.now = 2
    progress.step("metadata")
    progress.phase("judge", 1)
    assert stream.getvalue().splitlines() == [
        "discover …",
        "discover: 1, 0.5/s, at metadata",
        "judge: 1 to do",
    ]


def drive(progress):
    """Tell it from many threads, as a run does."""
    progress.phase("run", 400)

    def one(number):
        progress.verdict(judged(list(Outcome)[number % 5]))
        progress.step(f"REQ-{number}[/bold]")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(400)))
    progress.note("[not markup]")
    progress.phase("judge", 0)
    progress.close()
    progress.close()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_live_display_counts_what_many_threads_tell(terminal):
    stream = io.StringIO()
    drive(LiveProgress(Console(file=stream, force_terminal=terminal, width=100)))
    assert "400/400" in stream.getvalue()
    assert "[not markup]" in stream.getvalue()
    for outcome in Outcome:
        assert f"{outcome.value} 80" in stream.getvalue()


def test_plain_lines_count_what_many_threads_tell():
    stream = io.StringIO()
    drive(PlainProgress(stream))
    last = next(line for line in stream.getvalue().splitlines() if "400/400" in line)
    assert last.endswith("pass 80, fail 80, inconclusive 80, untested 80, inapplicable 80")


def test_silence(capsys):
    drive(SilentProgress())
    assert capsys.readouterr() == ("", "")
