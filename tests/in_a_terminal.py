"""Commands in a process of their own that hears Ctrl-C, as in a terminal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 60
BETWEEN = 0.05
"""Seconds from one Ctrl-C to the next."""

# a shell starts what runs in its background with SIGINT ignored, and what it starts inherits that
HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from conformance.cli.main import main
main()
"""


class InATerminal:
    """A command of the harness, in a process group of its own, as a shell makes one."""

    def __init__(self, *arguments: object, cwd: Path | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HEARING, *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            start_new_session=True,
        )

    def wait_until(self, happened) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if happened():
                return
            assert self.process.poll() is None, self.process.stderr.read().decode()
            time.sleep(0.005)
        raise AssertionError("it did not come so far")

    def end(self, number: int) -> tuple[int, str]:
        """Send it a signal; its exit code and what it told."""
        self.process.send_signal(number)
        return self.ended()

    def interrupt_twice(self) -> tuple[int, str]:
        """Press Ctrl-C, which all of its processes hear, and once more; its exit code and what it told."""
        for _ in range(2):
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGINT)
                time.sleep(BETWEEN)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        _, told = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, told.decode()
