"""Resources good and bad, and running `conformance validate` on them as its users do."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whole_runs import command

UK_CORE = Path(__file__).resolve().parents[2] / "../shared/data/uk-core"
SYNTHEA = Path(__file__).resolve().parents[2] / "../shared/data/synthea-small"

GOOD = {"resourceType": "Patient", "id": "good", "active": True}
BAD = {"resourceType": "Patient", "id": "bad", "gender": "mail", "birthDate": "1970-02-31"}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "resource": GOOD},
        {"fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1", "resource": BAD},
    ],
}
GOOD_XML = b'<Patient xmlns="http://hl7.org/fhir"><id value="good"/><active value="true"/></Patient>'
BAD_XML = b'<Patient xmlns="http://hl7.org/fhir"><id value="bad"/><gender value="mail"/></Patient>'
UNKNOWN_EXTENSION = {**GOOD, "extension": [{"url": "http://nowhere.test/e", "valueBoolean": True}]}
FORMATS = ("table", "json", "ndjson", "sarif", "outcome")

CHILD = """
import sys
from conformance.cli.main import run
code = run(sys.argv[1:])
status = open('/proc/self/status').read() if sys.platform == 'linux' else ''
peak = next((line.split()[1] for line in status.splitlines() if line.startswith('VmHWM')), '0')
sys.stdout.flush()
print('\\npeak', peak, file=sys.stderr)
sys.exit(code)
"""


def written(path: Path, content: Any) -> Path:
    """The path, with what is given in it: bytes, text, or a resource as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    path.write_bytes(content)
    return path


def lines(*resources: Any) -> bytes:
    """Resources as NDJSON."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in resources)


def judged(capsys: Any, *arguments: object) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of `conformance validate`; never a traceback, never our own fault."""
    capsys.readouterr()
    code = command("validate", *arguments)
    told = capsys.readouterr()
    for text in told:
        assert "Traceback" not in text
        assert "internal error" not in text
    return code, told.out, told.err


def summary(capsys: Any, *arguments: object) -> dict[str, Any]:
    """The summary of `conformance validate --format json`."""
    return json.loads(judged(capsys, *arguments, "--format", "json")[1])


def found(record: dict[str, Any]) -> set[str]:
    """The message ids of a summary."""
    return {group["messageId"] for group in record["groups"]}


def child(
    *arguments: object, stdin: Iterable[bytes] = (), timeout: float = 60
) -> tuple[int, str, str, float]:
    """The command as a process of its own: exit code, stdout, stderr, and the most memory it had, in MB."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, "validate", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    try:
        for piece in stdin:
            process.stdin.write(piece)
    except BrokenPipeError:
        pass  # it has read as much as it wants
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    text, _, peak = err.decode().rpartition("\npeak ")
    assert "Traceback" not in text
    return process.returncode, out.decode(), text, int(peak) / 1024
