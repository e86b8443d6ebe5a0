"""Commands that are ended at a point of their work which is counted in changes to the disk, not in seconds."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

# One process imports everything and forks for each command: it has no threads of its own, so that forking is safe.
PROGRAM = """
import errno, json, os, resource, signal, sys

from conformance.cli.main import run
import conformance.catalog, conformance.cli.testing, conformance.session.conduct, conformance.views.kinds

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
TAKING = {"os.rename", "os.mkdir", "os.truncate"}
CHANGES = TAKING | {"os.remove", "os.rmdir"}
watched, at, error, count = (), 0, 0, 0

def watch(event, arguments):
    global count
    if event == "open":
        changes = isinstance(arguments[2], int) and arguments[2] & WRITING
    else:
        changes = event in CHANGES
    if changes and str(arguments[0]).startswith(watched):
        count += 1
        if at and not error and count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        if at and count >= at and (event in TAKING or event == "open" or error != errno.ENOSPC):
            raise OSError(error, os.strerror(error), str(arguments[0]))

for line in sys.stdin:
    asked = json.loads(line)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        sys.stdin.close()
        watched, at, error = tuple(asked["watched"]), asked["at"], asked["error"]
        if asked["most"]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (asked["most"], asked["most"]))
        sys.addaudithook(watch)
        code = run(asked["arguments"])
        os.write(writer, json.dumps([code, count]).encode())
        os._exit(0)
    os.close(writer)
    said = b"".join(iter(lambda: os.read(reader, 1000), b""))
    os.close(reader)
    _, status = os.waitpid(child, 0)
    print(said.decode() or json.dumps([os.waitstatus_to_exitcode(status), asked["at"]]), file=sys.stderr, flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, or minus the signal; how many changes it made until then; what it told."""

    code: int
    changes: int
    told: str


class Crashing:
    """Runs commands. A context manager: its process ends with it."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-c", PROGRAM],  # no compiled module is cut by a limit on files
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stderr.close()

    def run(
        self, *arguments: object, watched: tuple[Path, ...], at: int = 0, error: int = 0, most: int = 0
    ) -> Ended:
        """Run a command; killed just before the change of this number (from 1) to the watched folders.

        With an `error` it is not killed: that change and all later ones fail so. A full disk lets files be removed.
        `most` is how many bytes a file may have: what is written beyond fails in the middle.
        """
        asked = {"arguments": list(map(str, arguments)), "watched": list(map(str, watched)), "at": at}
        asked |= {"error": error, "most": most}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        said = []
        while True:
            line = self._process.stderr.readline()
            assert line, "".join(said)
            said.append(line)
            if line.startswith("["):
                return Ended(*json.loads(line), "".join(said[:-1]))
