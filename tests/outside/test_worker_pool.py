"""Tasks over several processes: results of all of them, whatever becomes of a process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.outside.worker_pool import Workers, spread

DOING = """
import os, signal, time
from pathlib import Path

def stay(_task):
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(600)

def die_once(place):
    if not place.exists():
        place.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return place.name

def ready():
    global made_ready
    made_ready = os.getpid()

def told_ready(_task):
    return made_ready == os.getpid()

def command_line(_task):
    time.sleep(0.2)
    return "spawn_main" in Path("/proc/self/cmdline").read_text()
"""
PROGRAM = """
import sys, threading, time
from pathlib import Path
import doing
from conformance.outside.worker_pool import Workers

if __name__ == "__main__":
    how, what = sys.argv[1:3]
    with Workers(2, doing.ready) as workers:
        if "threads" in how:
            threading.Thread(target=time.sleep, args=[3], daemon=True).start()
        if "begun" in how:
            workers.begin()
        tasks = [Path(name) for name in sys.argv[3:]]
        print(*sorted(map(str, dict(workers.spread(getattr(doing, what), tasks)).values())))
        workers.release()
"""


def written(tmp_path):
    (tmp_path / "doing.py").write_text(DOING)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    return program


def told_by(tmp_path, *arguments):
    program = written(tmp_path)
    command = [sys.executable, str(program), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == ""
    return ended.stdout.split()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes as Linux shows them")
@pytest.mark.parametrize("how", ["later", "begun"])
def test_no_worker_outlives_a_parent_that_was_killed(tmp_path, how):
    program = written(tmp_path)
    parent = subprocess.Popen(
        [sys.executable, str(program), how, "stay", "a", "b"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 20
    while time.monotonic() < until and any(map(alive, workers)):
        time.sleep(0.05)
    left = [pid for pid in workers if alive(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    parent.stdout.close()
    assert not left


def die_once(place):
    if not place.exists():
        place.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return place.name


def die(_task):
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_dying_process_had_is_done_by_another(tmp_path):
    places = [tmp_path / name for name in "ab"]
    assert dict(spread(die_once, places, 2)) == {place: place.name for place in places}


def test_what_a_process_had_that_was_begun_early_and_died_is_done_by_another(tmp_path):
    assert told_by(tmp_path, "begun", "die_once", tmp_path / "a", tmp_path / "b") == ["a", "b"]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_processes_are_forked_only_from_one_that_does_nothing_else(tmp_path):
    assert told_by(tmp_path, "begun", "command_line", "a", "b") == ["False", "False"]
    assert told_by(tmp_path, "begun, with threads", "command_line", "a", "b") == ["True", "True"]
    assert told_by(tmp_path, "later", "command_line", "a", "b") == ["True", "True"]


@pytest.mark.parametrize("how", ["later", "begun", "begun, with threads"])
def test_each_process_is_made_ready_before_its_first_task(tmp_path, how):
    assert told_by(tmp_path, how, "told_ready", "a", "b") == ["True", "True"]


def takes_long():
    time.sleep(600)


def test_processes_that_were_never_asked_for_anything_are_not_waited_for():
    began = time.monotonic()
    with Workers(2, takes_long) as workers:
        workers.begin()
    assert time.monotonic() - began < 60


def test_processes_that_keep_dying_are_told():
    with pytest.raises(HarnessError, match="died"):
        list(spread(die, [1, 2], 2))
