"""How long it takes to sign and bundle, and to verify, a run of 10,000 cases and 50 MB of evidence.

`python benchmarks/signing.py` makes such a run against a server in this process. Then it measures each command in a
process of its own, every verdict judged anew, and prints seconds by the clock and of the processor, and peak memory.
The limits are 5 s for signing and bundling, 5 s and 300 MB for verifying.
"""

import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import httpx

from conformance.catalog import built_in
from conformance.model.target import DataClass, Target
from conformance.session.conduct import Order, conduct
from conformance.views.progress import SilentProgress

REQUIREMENTS, EXAMPLES, BODY, TIMES = 10, 1000, 5000, 3
PROFILE = """\
profile: many-cases
version: 0.1.0
title: Many cases
requirements:
"""
REQUIREMENT = """\
  - id: MANY-{number:02}
    level: SHALL
    text: A read gives the resource that it asks for.
    source: https://example.org/#read
    tests:
      - probe: {{request: {{path: "/Patient/{{id}}"}}}}
        draw: {{id: unknown-id}}
        examples: {examples}
        expect: [{{status: {{code: 200}}}}, {{resource: {{type: Patient, id: "{{id}}"}}}}]
"""
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server"}],
}
MEASURED = textwrap.dedent(
    """
    import resource, sys, time
    from conformance.cli.main import main
    begun = time.perf_counter()
    try:
        main(sys.argv[1:])
    finally:
        took = time.perf_counter() - begun
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(f"{took} {used.ru_utime + used.ru_stime} {used.ru_maxrss}", file=sys.stderr)
    """
)


def answer(request: httpx.Request) -> httpx.Response:
    """What the server says: its statement, or a patient of some five thousand bytes."""
    if request.url.path.endswith("/metadata"):
        return httpx.Response(200, json=STATEMENT, headers={"content-type": "application/fhir+json"})
    if "/Patient/" not in request.url.path:
        return httpx.Response(404)
    name = request.url.path.rpartition("/")[2]
    names = [{"family": f"{name}-{number}", "given": ["Ada", "Bo"]} for number in range(BODY // 75)]
    patient = {"resourceType": "Patient", "id": name, "name": names}
    return httpx.Response(200, json=patient, headers={"content-type": "application/fhir+json"})


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        run = _run(Path(place))
        suite = json.loads((run / "suite.json").read_bytes())
        bodies = sum(1 for _ in (run / "bodies").iterdir())
        print(f"{len(suite['cases']):,} cases, {bodies:,} bodies", file=sys.stderr)
        key, trust = Path(place) / "key", Path(place) / "trust.toml"
        _command("keygen", key, "--unencrypted")
        _command("trust", "add", f"{key}.pub.pem", "--name", "Me", "--role", "self", "--trust", trust)
        print(
            "| what | least, s | median, s | most, s | processor, s | peak, MB |\n|---|---:|---:|---:|---:|---:|"
        )
        signing = ("sign", run, "--key", key, "--allow-unencrypted-key")
        _row("sign and bundle", [_command(*signing) for _ in range(TIMES)])
        for what, path in (("verify the folder", run), ("verify the bundle", run / "run.conformance.zip")):
            _row(what, [_command("verify", path, "--trust", trust) for _ in range(TIMES)])
    return 0


def _run(place: Path) -> Path:
    profile = place / "many-cases.yaml"
    requirements = (REQUIREMENT.format(number=n, examples=EXAMPLES) for n in range(1, REQUIREMENTS + 1))
    profile.write_text(PROFILE + "".join(requirements), "utf-8")
    order = Order(
        profile=str(profile),
        target=Target(endpoint="http://127.0.0.1:9/r4", data_class=DataClass.SYNTHETIC, product="Many"),
        folder=place,
        out=place / "run",
        as_of=dt.datetime.now(dt.UTC).date(),
        transport=httpx.MockTransport(answer),
    )
    begun = time.perf_counter()
    conduct(order, built_in(), SilentProgress())
    print(f"ran in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return place / "run"


def _command(*arguments: object) -> tuple[float, float, float]:
    """Seconds by the clock (without the start of Python) and of the processor, and megabytes, of a command."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{arguments[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    seconds, processor, kibibytes = done.stderr.split()[-3:]
    return float(seconds), float(processor), int(kibibytes) / 1024


def _row(what: str, measured: list[tuple[float, float, float]]) -> None:
    times, processor, peaks = zip(*measured, strict=True)
    figures = f"{min(times):.2f} | {statistics.median(times):.2f} | {max(times):.2f} | {min(processor):.2f}"
    print(f"| {what} | {figures} | {max(peaks):.0f} |")


if __name__ == "__main__":
    sys.exit(main())
