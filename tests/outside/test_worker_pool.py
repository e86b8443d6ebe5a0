"""Tasks over several processes: results of all of them, whatever becomes of a process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.outside.worker_pool import spread

PROGRAM = """
import os, sys, time
from conformance.outside.worker_pool import spread

def stay(_task):
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    list(spread(stay, [1, 2], 2))
"""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes as Linux shows them")
def test_no_worker_outlives_a_parent_that_was_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    parent = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, start_new_session=True
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


def test_processes_that_keep_dying_are_told():
    with pytest.raises(HarnessError, match="died"):
        list(spread(die, [1, 2], 2))
