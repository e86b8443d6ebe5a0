"""How busy a fleet keeps this machine: 200 targets at once beside one target asked as fast as it can be.

`python benchmarks/fleet.py [--targets 200] [--requests 40] [--latency 0.05]` prints requests a second. All targets are
mounted in this process and take the same time to answer. The one target has 32 or 64 requests on their way all the
time: whichever gives more.
Beside requests a second stand requests for each second of processor time, which a busy machine does not change much.
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from small_server import answer

from conformance.catalog import built_in
from conformance.model.fleet import Fleet, FleetLimits, FleetTable
from conformance.model.target import DataClass, Limits, Target
from conformance.outside.fleet_file import Member
from conformance.outside.worker_pool import processors
from conformance.session.fleet.conducting import FleetOrder, conduct_fleet

AT_ONCE = 64
SATURATING = (32, AT_ONCE)
"""How many requests the one target is asked at once: whichever gives more counts."""
SINGLE = 1000
"""The requests of the one target: as many as a profile may draw."""
PROFILE = """\
profile: {name}
version: 1.0.0
title: Reading what is not there
requirements:
  - id: RN-META
    level: SHALL
    text: There is a capability statement.
    source: https://hl7.org/fhir/R4/http.html#capabilities
    tests:
      - probe: {{request: {{path: /metadata, label: metadata}}}}
        expect: [{{status: {{code: 200}}}}]
  - id: RN-UNKNOWN
    level: SHALL
    text: What is not there is not found.
    source: https://hl7.org/fhir/R4/http.html#read
    tests:
      - probe: {{request: {{path: "/Patient/{{id}}"}}}}
        draw: {{id: unknown-id}}
        examples: {examples}
        expect: [{{status: {{code: 404}}}}]
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Requests a second of a fleet and of one target.")
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--requests", type=int, default=40, help="of each target")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds until a target answers")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    shares = []
    print("| round | one target, /s | fleet, /s | share | one target, /cpu s | fleet, /cpu s | share |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for number in range(1, given.rounds + 1):
        tried = [rate(1, SINGLE, at_once, given.latency) for at_once in SATURATING]
        one = tuple(max(each) for each in zip(*tried, strict=True))
        many = rate(given.targets, given.requests, 8, given.latency)
        told = [f"{a:.0f} | {b:.0f} | {b / a:.0%}" for a, b in zip(one, many, strict=True)]
        print(f"| {number} | {' | '.join(told)} |", flush=True)
        shares.append([b / a for a, b in zip(one, many, strict=True)])
    wall, cpu = (statistics.median(each) for each in zip(*shares, strict=True))
    print(f"\nmedian share {wall:.0%} (of processor time {cpu:.0%})")
    print(f"{processors()} processors, load {load:.1f} at the start")
    return 0


def rate(targets: int, requests: int, concurrency: int, latency: float) -> tuple[float, float]:
    """Requests a second, and a second of processor time, over the whole fleet from its first to its last step."""

    def slow(request: httpx.Request) -> httpx.Response:
        time.sleep(latency)
        return answer(request)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        profile = place / f"reading-{requests}.yaml"
        profile.write_text(PROFILE.format(name=profile.stem, examples=requests), "utf-8")
        members = [member(number, concurrency, profile) for number in range(targets)]
        order = FleetOrder(
            fleet=Fleet(fleet="Benchmark", targets=("targets.yaml",), limits=limits(targets)),
            members=members,
            out=place / "out",
            as_of=dt.datetime.now(dt.UTC).date(),
            transports={each.name: httpx.MockTransport(slow) for each in members},
        )
        before = time.process_time()
        table = conduct_fleet(order, built_in(), lambda _: None)
        used = time.process_time() - before
        assert {row.result for row in table.rows} == {"PASSED"}, trouble(table)
    asked = sum(row.requests for row in table.rows)
    return asked / table.seconds, asked / used


def trouble(table: FleetTable) -> str:
    """What went wrong, if anything did."""
    return "; ".join(row.trouble or str(row.result) for row in table.rows)[:1000]


def limits(targets: int) -> FleetLimits:
    """As many requests at once as the one target has."""
    host = {"concurrency": AT_ONCE}
    return FleetLimits.model_validate({"targets": min(targets, 16), "concurrency": AT_ONCE, "perHost": host})


def member(number: int, concurrency: int, profile: Path) -> Member:
    """A target under a name of its own, which leads nowhere (RFC 2606)."""
    target = Target(
        target=f"t{number}",
        endpoint=f"http://t{number}.invalid/fhir",
        product=f"Product {number}",
        data_class=DataClass.SYNTHETIC,
        limits=Limits(concurrency=concurrency),
    )
    return Member(f"t{number:03}", target, profile.parent, (str(profile),))


if __name__ == "__main__":
    sys.exit(main())
