"""How long `conformance register build` takes: from nothing, again, and with one report more.

`python benchmarks/register.py FOLDER [--reports 5000]` makes the reports where they are not there yet, and
prints the seconds of whole processes. Each report is a real signed run against a small server in this process, or
such a run under another product's name: the suite renamed, every verdict judged anew from its evidence, and signed.
"""

import argparse
import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
from small_server import answer

from conformance.catalog import built_in
from conformance.model.report import Runner, RunnerRole
from conformance.model.trust import TrustRole
from conformance.outside import keys, trust
from conformance.outside.folders import EVIDENCE, SUITE, RunFolder
from conformance.outside.in_process import in_process
from conformance.outside.worker_pool import processors, spread
from conformance.session.conduct import Order, conduct
from conformance.session.publishing import Signing, publish
from conformance.session.replay import replay
from conformance.views.progress import SilentProgress

PROFILE = Path(__file__).with_name("small_profile.yaml")
ROLES = (RunnerRole.LAB, RunnerRole.SUPPLIER)
A_PRODUCT = 5
"""So many reports are about one product, under several versions."""
TOGETHER = 50


def main() -> int:
    parser = argparse.ArgumentParser(description="Times of building a register.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reports", type=int, default=5000)
    given = parser.parse_args()
    reports = given.folder / "reports"
    if not reports.is_dir():
        prepare(given.folder, given.reports + 1)
    load = os.getloadavg()[0]
    later = given.folder / "later.conformance.zip"
    one_more = reports / "later.conformance.zip"
    if one_more.exists():
        one_more.replace(later)
    shutil.rmtree(given.folder / "site", ignore_errors=True)
    environment = os.environ | {"XDG_CACHE_HOME": str(given.folder / "cache")}
    shutil.rmtree(given.folder / "cache", ignore_errors=True)
    print("| what | seconds | of processor time |\n|---|---:|---:|")
    print(f"| {given.reports:,} reports from nothing | {build(given, environment)} |")
    later.replace(one_more)
    print(f"| one report more | {build(given, environment)} |")
    print(f"| nothing new | {build(given, environment)} |")
    print(f"\n{processors()} processors, load {load:.1f} at the start")
    return 0


def build(given: argparse.Namespace, environment: dict[str, str]) -> str:
    """Build the site as a user does; the seconds that it took, and those of all processors together."""
    command = [str(Path(sys.executable).with_name("conformance")), "register", "build", "--quiet"]
    command += [str(given.folder / "reports"), "--out", str(given.folder / "site")]
    command += ["--trust", str(given.folder / "trust.toml")]
    begun, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    took, after = time.perf_counter() - begun, os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return f"{took:.1f} | {used:.1f}"


def prepare(folder: Path, count: int) -> None:
    """Make so many signed reports; the last one is put aside, to come later."""
    aside = folder / "making"
    aside.mkdir(parents=True)
    signer = keys.generate(folder / "key", lambda _: b"a password of this benchmark")
    roles = tuple(TrustRole(role.value) for role in ROLES)
    trust.append(folder / "trust.toml", trust.trusted_key(signer.public_pem, "Benchmark", roles))
    bases = [one_run(aside / f"base-{n}", n, signer) for n in range(2 * len(ROLES))]
    tasks = [
        (bases[start % len(bases)], aside, start, min(start + TOGETHER, count))
        for start in range(0, count, TOGETHER)
    ]
    for number, _ in enumerate(spread(renamed, tasks, processors()), 1):
        print(f"\r{number * TOGETHER:,} reports made", end="", file=sys.stderr)
    made = sorted(aside.glob("*.conformance.zip"))
    made[-1].replace(folder / "later.conformance.zip")
    for base in bases:
        shutil.rmtree(base)
    aside.replace(folder / "reports")


def one_run(out: Path, number: int, signer: keys.KeySigner) -> Path:
    """A signed run; every other server keeps silent about what is not there, and fails."""
    faulty = number >= len(ROLES)
    target = in_process(
        httpx.MockTransport(lambda request: answer(request, faulty=faulty)),
        base="/fhir",
        data_class="synthetic",
    )
    role = ROLES[number % len(ROLES)]
    order = Order(
        profile=str(PROFILE),
        target=target.target,
        folder=out.parent,
        out=out,
        as_of=dt.datetime.now(dt.UTC).date(),
        runner=Runner(role=role, name="A. Tester"),
        signing=Signing(signer, role),
        transport=target.transport,
    )
    return conduct(order, built_in(), SilentProgress()).folder.path


def renamed(task: tuple[Path, Path, int, int]) -> int:
    """Signed reports of this run under the names of other products, each as one bundle."""
    base, aside, start, end = task
    signer = keys.load(str(aside.parent / "key"), lambda _: b"a password of this benchmark")
    for number in range(start, end):
        folder = RunFolder(Path(shutil.copytree(base, aside / f"run-{number:05}")))
        for bundle in folder.path.glob("*.zip"):
            bundle.unlink()
        (folder.path / "report.dsse.json").unlink()
        product = number // A_PRODUCT
        named = {
            "product": f"Product {product}",
            "supplier": f"Supplier {product % 97}",
            "version": f"{number % A_PRODUCT + 1}.0",
        }
        suite = folder.suite()
        folder.write(
            SUITE, suite.model_copy(update={"target": suite.target.model_copy(update=named)}).canonical()
        )
        assert folder.has(EVIDENCE)
        report = replay(folder, built_in()).report
        made = publish(folder, report, folder.record(), Signing(signer, folder.record().runner.role))
        made.replace(aside / made.name)
        shutil.rmtree(folder.path)
    return end - start


if __name__ == "__main__":
    sys.exit(main())
