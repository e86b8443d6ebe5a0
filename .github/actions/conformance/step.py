"""The step of the action: run the harness, then tell the build what it came to.

What a server sent may stand in all that is told. So while the harness writes to the log, workflow commands are off,
and in annotations every character is escaped that could begin another command.
"""

import json
import os
import secrets
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

MOST = 10
"""GitHub shows so many annotations of a kind for a step."""
LONGEST = 2000
ADVICE = ("SHOULD", "SHOULD NOT")


def given(name: str) -> str:
    """An input of the action, without the white space around it."""
    return os.environ.get(f"INPUT_{name}", "").strip()


def arguments(out: str) -> list[str]:
    """The command line of the run."""
    call = ["conformance", "run", given("PROFILE"), "--out", out]
    for name in ("URL", "TARGET", "FAIL_ON", "BASELINE", "SHARD"):
        if given(name):
            call += [f"--{name.lower().replace('_', '-')}", given(name)]
    return [*call, *shlex.split(given("OPTIONS"))]


def run(call: list[str]) -> int:
    """Run it, with workflow commands switched off meanwhile."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)
    try:
        return subprocess.run(call, check=False).returncode  # noqa: S603 - the inputs of whoever wrote the workflow
    finally:
        print(f"\n::{token}::", flush=True)


def annotations(report: dict[str, Any]) -> list[str]:
    """Workflow commands: an error for each binding requirement that failed, a warning for each recommendation."""
    errors, warnings = [], []
    for result in report["requirements"]:
        if result["outcome"] != "fail":
            continue
        binds = result["level"] in {"SHALL", "SHALL NOT"} and not result.get("advisory")
        if binds:
            errors.append(_annotation("error", result))
        elif result["level"] in ADVICE or result.get("advisory"):
            warnings.append(_annotation("warning", result))
    return [*_at_most(errors, "error", "failures"), *_at_most(warnings, "warning", "warnings")]


def _annotation(kind: str, result: dict[str, Any]) -> str:
    seen = [finding for verdict in result.get("verdicts", ()) for finding in verdict.get("findings", ())]
    text = "\n".join(
        [result["text"], f"Source: {result['source']}", *(f"Seen: {finding}" for finding in seen[:3])]
    )
    title = f"{result['id']} ({result['level']})"
    return f"::{kind} title={escaped(title, inside=True)}::{escaped(text[:LONGEST])}"


def _at_most(lines: list[str], kind: str, what: str) -> list[str]:
    if len(lines) <= MOST:
        return lines
    return [
        *lines[: MOST - 1],
        f"::{kind} title=More::and {len(lines) - MOST + 1} more {what}: see the report",
    ]


def escaped(text: str, *, inside: bool = False) -> str:
    """A text as the data of a workflow command, or `inside` as one of its properties."""
    for old, new in (
        ("%", "%25"),
        ("\r", "%0D"),
        ("\n", "%0A"),
        *(((":", "%3A"), (",", "%2C")) if inside else ()),
    ):
        text = text.replace(old, new)
    return text


def outputs(place: Path, code: int, report: dict[str, Any] | None) -> dict[str, str]:
    """The outputs of the step."""
    junit = place / "views" / "junit.xml"
    return {
        "result": report["result"] if report else "",
        "exit-code": str(code),
        "report": str(place) if report else "",
        "junit": str(junit) if junit.is_file() else "",
    }


def append(variable: str, text: str) -> None:
    """Add to the file that the runner named, if it named one."""
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(text)


def main() -> int:
    """Run, tell, and end as the harness ended."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    out = given("OUT") or "conformance-report"
    place = Path(out)
    before = (place / "report.json").exists()  # an older run's report is none of this one
    code = run(arguments(out))
    file = place / "report.json"
    report = json.loads(file.read_bytes()) if file.is_file() and not before else None
    if report:
        print("\n".join(annotations(report)))
    summary = place / "views" / "summary.md"
    if report and summary.is_file():
        append("GITHUB_STEP_SUMMARY", summary.read_text("utf-8"))
    told = outputs(place, code, report).items()
    append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in told))
    return code


if __name__ == "__main__":
    sys.exit(main())
