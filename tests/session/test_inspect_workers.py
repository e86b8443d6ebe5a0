"""Workers of `inspect` that end before their work does: killed, out of memory, or by Ctrl-C."""

import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from in_a_terminal import InATerminal

from conformance.errors import HarnessError
from conformance.outside.worker_pool import spread
from conformance.session import inspect as inspecting
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings

pytestmark = pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="looks at processes as Linux shows them"
)

LINES, FILES = 25_000, 4
OBSERVATION = (
    b'{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"seen"},'
    b'"subject":{"reference":"Patient/p%d"}}\n'
)


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """Files that are large enough together to be dealt out to processes."""
    folder = tmp_path_factory.mktemp("export")
    for file in range(FILES):
        lines = (OBSERVATION % (file * LINES + number, number % 500) for number in range(LINES))
        (folder / f"Observation-{file}.ndjson").write_bytes(b"".join(lines))
    return folder


def workers_of(pid):
    """The processes that this one started to work for it."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            if parent == pid and b"resource_tracker" not in (place / "cmdline").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found


def order(export, work):
    return inspecting.Order(
        files=found_at(str(export)).files,
        work=work,
        settings=Settings(validate=False),
        chunk=1_000_000,
        workers=2,
    )


def test_what_a_worker_had_that_was_killed_for_want_of_memory_is_done_by_another(
    export, tmp_path, monkeypatch
):
    monkeypatch.setattr("conformance.session.inspection_workers.SMALL", 0)
    killed, others = [], set(workers_of(os.getpid()))

    def after(_task):
        if not killed:
            killed.append(next(pid for pid in workers_of(os.getpid()) if pid not in others))
            os.kill(killed[0], signal.SIGKILL)

    found = inspecting.inspect(order(export, tmp_path / "killed"), after)
    assert killed
    assert found.canonical() == inspecting.inspect(order(export, tmp_path / "undisturbed")).canonical()


def greedy(size, _task):
    limit = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (size // 2, limit))
    return len(bytes(size))


def test_a_worker_that_gets_no_memory_is_told_with_what_to_do():
    with pytest.raises(HarnessError, match="no more memory") as told:
        list(spread(partial(greedy, 8 * 2**30), [1, 2], 2))
    assert "--workers" in told.value.hint


@pytest.mark.parametrize("far", ["begun before the command line is read", "working"])
def test_ctrl_c_twice_ends_workers_too_and_what_was_done_is_kept(export, tmp_path, far):
    work = tmp_path / "work"
    asked = ("inspect", export, "--json", "--quiet", "--workers", "2", "--work", work)
    command = InATerminal(*asked)
    command.wait_until(lambda: (work.is_dir() or far != "working") and workers_of(command.process.pid))
    workers = workers_of(command.process.pid)
    code, told = command.interrupt_twice()
    assert code == 130
    assert "the same command goes on with it" in told or (far != "working" and "interrupted" in told)
    assert "Traceback" not in told
    until = time.monotonic() + 20
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in workers):
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


STUCK = """
import os, sys, time
from conformance.outside.worker_pool import spread

def stay(_task):
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    import signal
    signal.signal(signal.SIGINT, signal.default_int_handler)
    list(spread(stay, [1, 2], 2))
"""


def test_one_ctrl_c_to_the_command_alone_waits_for_no_task(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(STUCK)
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(2):
        assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert told.count("Traceback") == told.count("KeyboardInterrupt") == 1, "of the command, and of no worker"
