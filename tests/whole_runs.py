"""Runs from start to end, as a command makes them, and changing what they left."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from small_profiles import READING, write_profile, write_target

from conformance.catalog import built_in
from conformance.cli.main import run
from conformance.model.base import canonical
from conformance.outside.folders import RunFolder
from conformance.session.replay import Replay, replay


def command(*arguments: object) -> int:
    """Run a command in this process and return its exit code."""
    return run([str(argument) for argument in arguments])


def finished_run(place: Path, endpoint: str, text: str = READING, *options: object, **target: Any) -> Path:
    """The folder of a finished run against this endpoint."""
    profile = write_profile(place, text)
    described = write_target(place / "target.yaml", endpoint, **target)
    fixed = ("run", profile, "--target", described, "--out", place / "run", "--quiet", "--views", "none")
    command(*fixed, *options)
    assert (place / "run" / "report.json").is_file()
    return place / "run"


def copied(folder: Path, place: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(folder, place / "copy"))


def judged_anew(folder: Path, *cases: str) -> Replay:
    """What the run comes to by its evidence alone."""
    return replay(RunFolder(folder), built_in(), cases)


def lines_of(folder: Path) -> list[bytes]:
    """The lines of evidence with header and footer."""
    return (folder / "evidence.jsonl").read_bytes().splitlines(keepends=True)


def write_lines(folder: Path, lines: list[bytes]) -> None:
    """Write header and steps with a footer that fits them."""
    body = b"".join(lines)
    footer = {"end": True, "lines": len(lines), "sha256": hashlib.sha256(body).hexdigest()}
    (folder / "evidence.jsonl").write_bytes(body + json.dumps(footer).encode() + b"\n")


def changed_suite(folder: Path, change: Any) -> None:
    """Let `change` alter the suite's plain data, and write it back."""
    suite = json.loads((folder / "suite.json").read_bytes())
    change(suite)
    (folder / "suite.json").write_bytes(canonical(suite))
