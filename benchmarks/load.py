"""What a large run, many runs and many threads take: time, memory, and room on the disk.

`python benchmarks/load.py [--cases 20000] [--megabytes 1000] [--runs 200] [--at-once 64] [--folder F]` runs the
installed commands as a user does, against a small server of its own, and prints tables for docs/load.md. Peak memory is
that of the command's process, the server's apart.
"""

import argparse
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from small_server import answer

from conformance.catalog import built_in
from conformance.model.report import Runner, RunnerRole
from conformance.model.trust import TrustRole
from conformance.outside import keys, trust
from conformance.outside.in_process import in_process
from conformance.outside.worker_pool import processors
from conformance.session.conduct import Order, conduct
from conformance.session.publishing import Signing
from conformance.views.progress import SilentProgress

MOST_EXAMPLES = 1000
"""As many as a test may draw."""
PASSWORD = b"a password of this benchmark"


@dataclass(frozen=True)
class Measured:
    """What one command took: seconds of the clock and of processors, and its most memory in bytes."""

    seconds: float
    processor: float
    memory: int

    @property
    def cells(self) -> str:
        """The same for a row of a table."""
        return f"{self.seconds:,.1f} | {self.processor:,.1f} | {self.memory / 1e6:,.0f}"


@dataclass(frozen=True)
class Place:
    """Where a benchmark works, and how its runs are signed and verified."""

    folder: Path
    key: Path
    password: Path
    trust: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the user's own is read or written."""
        names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
        return os.environ | {name: str(self.folder / "home" / name) for name in names}


def place_in(folder: Path) -> Place:
    """A key, its password and a trust file that trusts it as a laboratory's."""
    key, password, trusted = folder / "key", folder / "password", folder / "trust.toml"
    if not key.exists():
        folder.mkdir(parents=True, exist_ok=True)
        signer = keys.generate(key, lambda _: PASSWORD)
        password.write_bytes(PASSWORD)
        password.chmod(0o600)
        trust.append(trusted, trust.trusted_key(signer.public_pem, "Load", (TrustRole.LAB,)))
    return Place(folder, key, password, trusted)


def measured(place: Place, *arguments: object, expected: int = 0) -> Measured:
    """Run a command of the harness in a process of its own. Raises RuntimeError where it ends otherwise."""
    command = [str(Path(sys.executable).with_name("conformance")), *map(str, arguments)]
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told, env=place.environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        if process.returncode != expected:
            raise RuntimeError(f"{command} ended with {process.returncode}: {told.read().decode()}")
    took = time.perf_counter() - begun
    return Measured(took, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


@contextmanager
def server(size: int) -> Iterator[str]:
    """The small server in a process of its own, with bodies of so many bytes; its base URL."""
    command = [sys.executable, str(Path(__file__).with_name("load_server.py")), "--bytes", str(size)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/fhir"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def profile(folder: Path, cases: int) -> Path:
    """A profile of so many reads, each of an id of its own."""
    parts = [MOST_EXAMPLES] * (cases // MOST_EXAMPLES) + [cases % MOST_EXAMPLES or 0]
    requirements = [
        {
            "id": f"LOAD-{number:03}",
            "level": "SHALL",
            "text": "A read gives the resource that it asks for.",
            "source": "https://hl7.org/fhir/R4/http.html#read",
            "tests": [
                {
                    "probe": {"request": {"path": "/Binary/{id}"}},
                    "draw": {"id": "unknown-id"},
                    "examples": examples,
                    "expect": [{"status": {"code": 200}}, {"resource": {"type": "Binary", "id": "{id}"}}],
                }
            ],
        }
        for number, examples in enumerate(filter(None, parts), 1)
    ]
    described = {
        "profile": f"load-{cases}",
        "version": "1.0.0",
        "title": "Load",
        "requirements": requirements,
    }
    path = folder / f"load-{cases}.yaml"
    path.write_text(yaml.safe_dump(described, sort_keys=False), "utf-8")
    return path


def target(folder: Path, endpoint: str, at_once: int, product: str = "Load") -> Path:
    """A target file that lets so many requests be on their way at once."""
    limits = {"concurrency": at_once, "readTimeout": 60}
    described = {"endpoint": endpoint, "product": product, "dataClass": "synthetic", "limits": limits}
    path = folder / f"{product}-{at_once}.yaml"
    path.write_text(yaml.safe_dump(described), "utf-8")
    return path


def one_run(place: Place, endpoint: str, cases: int, at_once: int, out: Path) -> Measured:
    """A signed run of so many cases."""
    signing = ("--key", place.key, "--password-file", place.password, "--role", "independent-lab")
    asked = ("run", profile(place.folder, cases), "--target", target(place.folder, endpoint, at_once))
    return measured(place, *asked, "--out", out, "--quiet", "--views", "none", *signing)


def verified(place: Place, out: Path) -> Measured:
    """The same verified by everything that it holds."""
    return measured(place, "verify", out, "--trust", place.trust)


def size_of(folder: Path) -> str:
    """The sizes of a run's folder without its bundle, and of its evidence, report and suite, in MB."""
    whole = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.suffix != ".zip")
    parts = [(folder / name).stat().st_size for name in ("evidence.jsonl", "report.json", "suite.json")]
    return " | ".join(f"{each / 1e6:,.1f}" for each in (whole, *parts))


def large(place: Place, sizes: list[int], megabytes: int, at_once: int) -> None:
    """Runs of growing numbers of cases, with bodies of the same size, and their verification."""
    print(
        "| cases | what | seconds | of processors | memory, MB | folder | evidence.jsonl | report | suite |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    each = megabytes * 1_000_000 // max(sizes) * 4 // 3  # in base64, of which a quarter goes when packed
    with server(each) as endpoint:
        for cases in sizes:
            out = place.folder / f"run-{cases}"
            ran = one_run(place, endpoint, cases, at_once, out)
            print(f"| {cases:,} | run | {ran.cells} | {size_of(out)} |", flush=True)
            print(f"| {cases:,} | verify | {verified(place, out).cells} | | | | |", flush=True)


def at_once(place: Place, cases: int, widths: list[int]) -> None:
    """The same run with growing numbers of requests on their way."""
    print("\n| at once | seconds | of processors | memory, MB |\n|---:|---:|---:|---:|")
    with server(2000) as endpoint:
        for width in widths:
            ran = one_run(place, endpoint, cases, width, place.folder / f"wide-{width}")
            print(f"| {width} | {ran.cells} |", flush=True)


def small_run(out: Path, signer: keys.KeySigner) -> None:
    """A signed run of a few cases against a product of its own, made in this process."""
    target = in_process(
        httpx.MockTransport(answer),
        base="/fhir",
        data_class="synthetic",
        product=out.name,
        supplier=out.name,
        version="1.0",
    )
    order = Order(
        profile=str(Path(__file__).with_name("small_profile.yaml")),
        target=target.target,
        folder=out.parent,
        out=out,
        as_of=dt.datetime.now(dt.UTC).date(),
        runner=Runner(role=RunnerRole.LAB, name="A. Tester"),
        signing=Signing(signer, RunnerRole.LAB),
        transport=target.transport,
    )
    conduct(order, built_in(), SilentProgress())


def many(place: Place, count: int) -> None:
    """So many signed runs in one folder, read by what reads many."""
    runs = place.folder / "many"
    signer = keys.load(str(place.key), lambda _: PASSWORD)
    for number in range(count):
        small_run(runs / f"run-{number:03}", signer)
    print("\n| runs | what | seconds | of processors | memory, MB |\n|---:|---|---:|---:|---:|")
    for some in (count // 4, count):
        chosen = sorted(runs.iterdir())[:some]
        print(f"| {some} | compare | {measured(place, 'compare', *chosen, '--trust', place.trust).cells} |")
    for some in (count // 4, count):
        entered = place.folder / f"entered-{some}"
        for run in sorted(runs.iterdir())[:some]:
            shutil.copytree(run, entered / run.name)
        build = ("register", "build", entered, "--out", place.folder / f"site-{some}", "--trust", place.trust)
        print(f"| {some} | register build | {measured(place, *build, '--quiet').cells} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="What load does to the harness.")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--megabytes", type=int, default=1000, help="of evidence on the disk")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="where to work; it is kept")
    parser.add_argument("--only", choices=("large", "wide", "many"), help="one of the three tables")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as own:
        place = place_in((given.folder or Path(own)).resolve())
        if given.only in {None, "large"}:
            large(place, [given.cases // 4, given.cases], given.megabytes, given.at_once)
        if given.only in {None, "wide"}:
            at_once(place, given.cases // 10, [1, 8, given.at_once])
        if given.only in {None, "many"}:
            many(place, given.runs)
    print(f"\n{processors()} processors, load {load:.1f} at the start")
    return 0


if __name__ == "__main__":
    sys.exit(main())
