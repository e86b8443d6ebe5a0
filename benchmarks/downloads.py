"""What bringing an export costs, beside curl: the same files from the same source, by as many connections.

`python benchmarks/downloads.py [--data FOLDER] [--size GB] [--rate MB] [--write]`: a server on this machine gives the
files, all connections together at that rate; curl writes them to the disk, `inspect` does so too and reads them again
for SHA-256 and lines, and a run unpacks, searches, digests and keeps them. `--write` renews its part of
docs/bulk-speed.md.
"""

import argparse
import datetime as dt
import multiprocessing
import os
import resource
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from inspect_exports import DATA, MEGABYTE, PAGE, multiplied

from conformance.analysis.scale.splitting import in_chunk
from conformance.model.target import Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.downloads import Wanted, download
from conformance.outside.export_reading import Reader, at_path
from conformance.outside.kept_bodies import KeptBodies
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets

HEADING = "## Downloads beside curl\n"
CONNECTIONS = 8
FILES = 16
BLOCK = 2**17
TIMES = 3


class Source(socketserver.ThreadingTCPServer):
    """A server of the files of a folder whose connections share one rate, in bytes a second."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, rate: float) -> None:
        super().__init__(("127.0.0.1", 0), _Giving)
        self.folder = folder
        self._rate = rate
        self._lock = threading.Lock()
        self._free = time.monotonic()

    def let_through(self, size: int) -> None:
        """Wait until so many bytes may go."""
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now - 0.05) + size / self._rate
            wait = self._free - now
        if wait > 0:
            time.sleep(wait)


class _Giving(socketserver.StreamRequestHandler):
    server: Source

    def handle(self) -> None:
        while asked := self.rfile.readline():
            while self.rfile.readline() not in {b"\r\n", b""}:
                pass
            path = self.server.folder / asked.split()[1].decode().lstrip("/")
            media, length = "application/fhir+ndjson", path.stat().st_size
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n"
            self.wfile.write(head.encode())
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    self.server.let_through(len(block))
                    self.wfile.write(block)


def serve(folder: Path, rate: float, told: "multiprocessing.Queue[str]") -> None:
    """Serve until the process is ended; tells where."""
    with Source(folder, rate) as source:
        told.put(f"http://127.0.0.1:{source.server_address[1]}")
        source.serve_forever()


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and of the processors."""

    seconds: float
    processor: float


def measured(work: Callable[[Path], None]) -> Cost:
    """The cheapest of several goes by the clock, each into a folder of its own."""
    costs = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as place:
            before, began = _processor(), time.monotonic()
            work(Path(place))
            costs.append(Cost(time.monotonic() - began, _processor() - before))
    return min(costs, key=lambda cost: cost.seconds)


def _processor() -> float:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, whose))


def by_curl(urls: list[str]) -> Callable[[Path], None]:
    """As curl brings them."""

    def work(place: Path) -> None:
        asked = [part for url in urls for part in (url, "-o", str(place / url.rpartition("/")[2]))]
        command = ["curl", "--silent", "--no-progress-meter", "--fail", "--noproxy", "*"]
        parallel = ["--parallel", "--parallel-immediate", "--parallel-max", str(CONNECTIONS)]
        subprocess.run(
            [*command, *parallel, *asked],
            check=True,
        )

    return work


def by_inspect(urls: list[str]) -> Callable[[Path], None]:
    """As `inspect` brings them, and reads them for digest and lines."""

    def work(place: Path) -> None:
        with _client(urls[0], MemoryBodies()) as client, ThreadPoolExecutor(CONNECTIONS) as threads:

            def bring(url: str) -> None:
                path = place / url.rpartition("/")[2]
                if problem := download(client, Wanted(url, path, 2**36), 0):
                    raise RuntimeError(problem)
                reader = Reader(at_path(path, path.name))
                for _ in in_chunk(reader.blocks()):
                    pass

            list(threads.map(bring, urls))

    return work


def by_run(urls: list[str]) -> Callable[[Path], None]:
    """As a run brings them: without secrets, by their digest, kept packed."""

    def work(place: Path) -> None:
        with _client(urls[0], KeptBodies(place)) as client, ThreadPoolExecutor(CONNECTIONS) as threads:

            def bring(url: str) -> None:
                exchange = client.wire("step").send("GET", url, accept="application/fhir+ndjson", file=True)
                if exchange.failure or not exchange.ok:
                    raise RuntimeError(exchange.failure or str(exchange.status))

            list(threads.map(bring, urls))

    return work


def _client(url: str, bodies: MemoryBodies | KeptBodies) -> Client:
    target = Target.model_validate(
        {
            "endpoint": url.rpartition("/")[0],
            "dataClass": "synthetic",
            "limits": {"concurrency": CONNECTIONS, "retries": 0},
        }
    )
    secrets = Secrets()
    redactor = Redactor(os.urandom(32), secrets, target.data_class, target.endpoint)
    return Client(target, Path(), bodies=bodies, redactor=redactor, secrets=secrets, run_tag="benchmark")


def main() -> int:
    parser = argparse.ArgumentParser(description="The cost of bringing an export, beside curl.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of NDJSON files")
    parser.add_argument("--size", type=float, default=1.0, help="GB of NDJSON to bring")
    parser.add_argument("--rate", type=float, default=200, help="MB a second that the source gives")
    parser.add_argument("--write", action="store_true", help="write its part of docs/bulk-speed.md")
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"there is no folder {given.data}: name one with --data")
    with tempfile.TemporaryDirectory() as place:
        export = Path(place)
        size = multiplied(given.data, export, int(given.size * 1e9))
        names = _dealt(export)
        context = multiprocessing.get_context("spawn")
        told: multiprocessing.Queue[str] = context.Queue()
        source = context.Process(target=serve, args=(export, given.rate * MEGABYTE, told))
        source.start()
        try:
            where = told.get(timeout=60)
            urls = [f"{where}/{name}" for name in names]
            costs = {
                "curl: to the disk": measured(by_curl(urls)),
                "inspect: to the disk, SHA-256, lines": measured(by_inspect(urls)),
                "a run: unpacked, without secrets, SHA-256, kept as gzip": measured(by_run(urls)),
            }
        finally:
            source.terminate()
            source.join()
    text = page(size, given.rate, costs)
    print(text)
    if given.write:
        PAGE.write_text(PAGE.read_text("utf-8").partition(HEADING)[0] + text, "utf-8")
    return 0


def _dealt(export: Path) -> list[str]:
    """All lines dealt to files of like size; their names."""
    body = b"".join(path.read_bytes() for path in sorted(export.glob("*.ndjson")))
    names, start = [f"{number:02}.ndjson" for number in range(FILES)], 0
    for number, name in enumerate(names, 1):
        end = body.find(b"\n", len(body) * number // FILES - 1) + 1
        (export / name).write_bytes(body[start:end])
        start = end
    return names


def page(size: int, rate: float, costs: dict[str, Cost]) -> str:
    """The table as Markdown."""
    curl = next(iter(costs.values()))
    lines = [
        HEADING,
        f"Written by `python benchmarks/downloads.py --size {size / 1e9:.1f} --write`: {size / 1e9:.2f} GB in",
        f"{FILES} files, {CONNECTIONS} connections, a server on the same machine that gives {rate:.0f} MB a second;",
        f"the best of {TIMES} goes",
        f"(load {os.getloadavg()[0]:.1f} at the end; {dt.datetime.now(dt.UTC):%Y-%m-%d}).",
        "",
        "| how | seconds by the clock | beside curl | processor seconds |",
        "|---|---:|---:|---:|",
    ]
    for name, cost in costs.items():
        lines.append(
            f"| {name} | {cost.seconds:.1f} | {cost.seconds / curl.seconds:.2f} | {cost.processor:.1f} |"
        )
    return "\n".join([*lines, "", "Wanted: no more than 1.20 times what curl takes.", ""])


if __name__ == "__main__":
    sys.exit(main())
