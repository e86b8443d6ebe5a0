"""How fast resources are accepted and explained: `python benchmarks/validation.py DATA [--structures FOLDER]`.

DATA is a folder of NDJSON files, plain or gzipped, or one NDJSON file; the mix is every line, shuffled by a fixed seed,
`--times` over with fresh ids, as `validation_peers` makes it. Each row has a process of its own, which goes through
the mix once, cold: plans are made while the clock runs. Rows: reading JSON alone (the limit), accepting with the
compiled walk, with the pure one, each again with a profile for every type that FOLDER (StructureDefinitions as XML or
JSON) has a profile for, and explaining. Bytecode is kept, as by an installed package. Prints a Markdown table, by the
processor's time.
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from validation_peers import mix

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "synthea-small"
ROWS = {
    "orjson.loads alone": ("limit", "0"),
    "accept, compiled": ("accept", "0"),
    "accept, pure": ("accept", "1"),
    "accept with profiles, compiled": ("profiled", "0"),
    "accept with profiles, pure": ("profiled", "1"),
    "explain, valid": ("explain", "0"),
    "explain, each with one mistake": ("explain-broken", "0"),
}
EXPLAINED = 3000
"""Resources of the mix that are explained: enough for a rate."""


def main() -> int:
    parser = argparse.ArgumentParser(description="The speed of validation.")
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help="NDJSON file or folder of them")
    parser.add_argument("--times", type=int, default=1, help="how often the data are in the mix")
    parser.add_argument(
        "--structures", type=Path, help="folder of StructureDefinitions to lay over the types"
    )
    parser.add_argument("--row", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        print(json.dumps(_measured(given.row, given.data, given.times, given.structures)))
        return 0
    print(
        "| what | resources | resources/s | accepted or valid | first resource, s | memory above the data, MB |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for title, (row, pure) in ROWS.items():
        if row != "profiled" or given.structures is not None:
            found = measured_row(row, pure, given.data, given.times, given.structures)
            print(_line(title, found), flush=True)
    return 0


def measured_row(row: str, pure: str, data: Path, times: int, structures: Path | None) -> dict[str, Any]:
    """What a process of its own measures for one row: engine, resources, seconds, memory."""
    command = [sys.executable, __file__, str(data), "--times", str(times), "--row", row]
    command += ["--structures", str(structures)] if structures is not None else []
    environment = as_installed() | {"CONFORMANCE_PURE": pure}
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def as_installed() -> dict[str, str]:
    """The environment of a process that finds our modules compiled to bytecode, as pip leaves them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _line(title: str, found: dict[str, Any]) -> str:
    name = f"{title} ({found['engine']})" if "pure (" in found["engine"] and "pure" not in title else title
    rate = found["resources"] / found["seconds"]
    cells = (
        f"{found['resources']:,}",
        f"{rate:,.0f}",
        f"{found['good']:,}",
        f"{found['first']:.2f}",
        f"{found['memory']:.0f}",
    )
    return f"| {name} | {' | '.join(cells)} |"


def _measured(row: str, data: Path, times: int, structures: Path | None) -> dict[str, Any]:
    lines = mix(data, times)
    if row == "explain-broken":
        lines = [_broken(line) for line in lines[:EXPLAINED]]
    elif row == "explain":
        lines = lines[:EXPLAINED]
    gc.freeze()  # the mix itself is no part of what is measured
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    judge, engine = _judge(row, structures)
    judge(lines[0])
    first = time.process_time() - begun
    begun = time.process_time()
    good = sum(map(judge, lines))
    seconds = time.process_time() - begun
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {
        "engine": engine, "resources": len(lines), "good": good, "first": first, "seconds": seconds, "memory": memory,
    }  # fmt: skip


def _judge(row: str, structures: Path | None) -> tuple[Callable[[bytes], bool], str]:
    if row == "limit":
        import orjson  # noqa: PLC0415 - what a row imports is part of its first resource

        return lambda line: orjson.loads(line) is not None, "orjson"
    from conformance.fhir.definitions import Definitions, r4  # noqa: PLC0415
    from conformance.fhir.packages.package import Package  # noqa: PLC0415
    from conformance.fhir.terminology.facade import Terminology  # noqa: PLC0415

    definitions, canonicals = r4(), []
    if row == "profiled" and structures is not None:
        files = [(path.name, path.read_bytes()) for path in sorted(structures.iterdir()) if path.is_file()]
        package = Package.of_files(files, name="laid over")
        definitions = Definitions((package, *definitions.layers))
        canonicals = _one_a_type(definitions, sorted(package.canonicals("StructureDefinition")))
    terminology = Terminology(definitions)
    if row.startswith("explain"):
        from conformance.fhir.validation.validator import Validator  # noqa: PLC0415

        validator = Validator(definitions, terminology)
        return lambda line: validator.explain(line).valid, "explain"
    from conformance.fhir.validation.accept import Acceptor, engine  # noqa: PLC0415

    return Acceptor(definitions, terminology, canonicals).accepts_bytes, engine()


def _one_a_type(definitions: Any, canonicals: Sequence[str]) -> list[str]:
    """The shortest canonical for each resource type: the general profile rather than a special one."""
    chosen: dict[str, str] = {}
    for canonical in sorted(canonicals, key=len):
        structure = definitions.structure(canonical)
        if structure is not None and structure.kind == "resource":
            chosen.setdefault(structure.type, canonical)
    every = {"Claim", "ExplanationOfBenefit", "Group"}
    plain = [f"http://hl7.org/fhir/StructureDefinition/{name}" for name in sorted(every - chosen.keys())]
    return [*chosen.values(), *plain]


def _broken(line: bytes) -> bytes:
    found = json.loads(line)
    found["unheardOf"] = True
    return json.dumps(found).encode()


if __name__ == "__main__":
    sys.exit(main())
