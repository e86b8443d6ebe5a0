"""Running the reference supplier in a process of its own.

```python
with start(Options(fault="read-without-etag")) as supplier:
    ...  # supplier.url answers; supplier.target_file says all that the harness needs
```
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.errors import ReferenceSupplierError
from conformance.reference.process_setup import Options

__all__ = ["Options", "RunningSupplier", "start"]

_STOP_SECONDS = 5
_TAIL_LINES = 15
_LOG = "supplier.log"
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RunningSupplier:
    """A reference supplier that answers; leaving the context, or `stop`, ends it."""

    url: str
    ca: Path | None
    client_id: str
    target_file: Path
    pid: int
    process: "subprocess.Popen[bytes]"
    work: Path
    work_is_ours: bool

    @property
    def log(self) -> Path:
        """What the supplier has written to standard error."""
        return self.work / _LOG

    def stop(self) -> None:
        """End the supplier (asked first, killed after five seconds), and its work folder if it was ours."""
        _end(self.process)
        if self.work_is_ours:
            shutil.rmtree(self.work, ignore_errors=True)

    def __enter__(self) -> Self:
        """Hand over the running supplier."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the supplier."""
        self.stop()


def start(options: Options, *, timeout: float = 60) -> RunningSupplier:
    """Start a reference supplier in a process of its own and wait until it answers.

    It ends with the context, and by itself if this process dies. Without `options.work` it works in a
    temporary folder, which goes with it. Raises ReferenceSupplierError, with the end of what it wrote to
    standard error, if it does not answer within `timeout` seconds.
    """
    work = options.work or Path(tempfile.mkdtemp(prefix="reference-supplier-"))
    work.mkdir(parents=True, exist_ok=True)
    flags = ["--die-with-parent", *(["--remove-work"] if options.work is None else [])]
    process = _spawned([*replace(options, work=work).arguments(), *flags], work / _LOG)
    try:
        told = _readiness(process, timeout, work / _LOG)
        return RunningSupplier(
            url=told["url"],
            ca=Path(told["ca"]) if told["ca"] else None,
            client_id=told["clientId"],
            target_file=Path(told["target"]),
            pid=told["pid"],
            process=process,
            work=work,
            work_is_ours=options.work is None,
        )
    except BaseException:
        _end(process)
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
        raise


def _spawned(arguments: list[str], log: Path) -> "subprocess.Popen[bytes]":
    # -P: a module in the current folder must not stand in for one of ours.
    command = [sys.executable, "-P", "-m", "conformance.reference", *arguments]
    paths = [str(_PACKAGE_PARENT), *filter(None, [os.environ.get("PYTHONPATH")])]
    with log.open("wb") as errors:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            # Ctrl-C in the terminal is for the harness, which then stops the supplier in good order.
            start_new_session=True,
        )


def _readiness(process: "subprocess.Popen[bytes]", timeout: float, log: Path) -> dict[str, Any]:
    """The one line that the supplier writes when it answers."""
    said: queue.Queue[bytes] = queue.Queue()
    output = process.stdout
    assert output is not None, "standard output is a pipe"
    threading.Thread(target=lambda: said.put(output.readline()), daemon=True).start()
    try:
        line = said.get(timeout=timeout)
    except queue.Empty:
        raise ReferenceSupplierError(
            f"the reference supplier did not answer within {timeout:g} seconds{_tail(log)}",
            hint="Try again with a longer timeout, or start it by hand: python -m conformance.reference",
        ) from None
    if not line:
        code = process.wait(_STOP_SECONDS)
        raise ReferenceSupplierError(
            f"the reference supplier ended with exit code {code} before it answered{_tail(log)}",
            hint="Start it by hand to see more: python -m conformance.reference",
        )
    told: dict[str, Any] = json.loads(line)
    return told


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process to end, by its own id only; kill it if it does not."""
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


def _tail(log: Path) -> str:
    """The end of the log, to be put behind a message."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
    return ":\n" + "\n".join(f"  {line}" for line in lines) if lines else ""
