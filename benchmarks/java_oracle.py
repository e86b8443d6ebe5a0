"""Asks the HL7 reference validator about many files in one Java process, with no network and no terminology server.

`python benchmarks/java_oracle.py LIST OUT --core hl7.fhir.r4.core.tgz [--package TGZ ...] [--resources PLACE ...]`
reads LIST, one file a line (JSON, XML, NDJSON or NDJSON.gz; after a tab the canonical of a structure to judge it by),
and writes OUT, one JSON object a resource. The Java program stands in `java_oracle/`; Maven builds it once into the
cache folder. Java 17 and Maven must be installed.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parent / "java_oracle"
CACHE = Path.home() / ".cache" / "conformance-benchmarks"
MEMORY = "-Xmx3g"
INSTALL = {"java": "install a JDK of release 17 or newer", "mvn": "install Maven 3.8 or newer"}


class OracleError(RuntimeError):
    """The reference validator could not be built or run; the message says what to do."""


@dataclass(frozen=True)
class Job:
    """One file to judge, by which structure besides its own, and by which further definitions."""

    file: Path
    profile: str | None = None
    resources: tuple[Path, ...] = ()

    def line(self) -> str:
        """The job as the Java program reads it."""
        return json.dumps(
            {
                "file": str(self.file),
                "profile": self.profile,
                "resources": [str(place) for place in self.resources],
            }
        )


@dataclass(frozen=True)
class Issue:
    """One thing the validator says; `line` and `col` are -1 where it names none."""

    severity: str
    code: str | None
    message_id: str | None
    location: str | None
    line: int
    col: int
    message: str


@dataclass(frozen=True)
class Outcome:
    """What the validator says of one resource; `line` counts the lines of an NDJSON file, from 1."""

    file: str
    line: int
    profile: str | None
    issues: tuple[Issue, ...]

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that make the resource invalid."""
        return tuple(issue for issue in self.issues if issue.severity in {"error", "fatal"})


def judge(jobs: Sequence[Job], definitions: Sequence[Path], cache: Path = CACHE) -> list[Outcome]:
    """The outcomes of the jobs, in order. `definitions` are FHIR packages (.tgz), the core package first.

    Neighbouring jobs with the same `resources` share the work of loading them. Raises OracleError where Java or
    Maven is absent, the build fails or the validator breaks off.
    """
    with tempfile.TemporaryDirectory() as place:
        asked, told = Path(place) / "jobs.ndjson", Path(place) / "out.ndjson"
        asked.write_text("".join(job.line() + "\n" for job in jobs), "utf-8")
        run(asked, told, definitions, cache)
        with told.open(encoding="utf-8") as lines:
            return [_outcome(json.loads(line)) for line in lines]


def run(jobs: Path, out: Path, definitions: Sequence[Path], cache: Path = CACHE) -> str:
    """Runs the Java program from file to file, for amounts that memory should not hold; returns what it logged."""
    built = build(cache)
    missing = [str(path) for path in definitions if not path.is_file()]
    if missing or not definitions:
        raise OracleError(f"there is no FHIR package {', '.join(missing) or '(none given)'}: name .tgz files")
    classes = f"{built / 'java-oracle.jar'}:{built / 'lib'}/*"
    names = [str(path) for path in (jobs, out, *definitions)]
    return _ran([_tool("java"), MEMORY, "-cp", classes, "oracle.Main", *names], "the validator broke off")


def build(cache: Path = CACHE) -> Path:
    """The folder of the built program under the cache, made by Maven where these very sources have none yet."""
    sources = sorted(path for path in SOURCE.rglob("*") if path.is_file() and "target" not in path.parts)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    place = cache / f"java-oracle-{digest[:12]}"
    built = place / "target"
    if not (built / "java-oracle.jar").is_file():
        maven = _tool("mvn")
        shutil.copytree(SOURCE, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target"))
        _ran([maven, "-B", "-q", "-f", str(place / "pom.xml"), "package"], "Maven could not build the oracle")
    return built


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise OracleError(f"there is no `{name}` on the path: {INSTALL[name]}")
    return found


def _ran(command: list[str], fault: str) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise OracleError(f"{fault}:\n{(ended.stdout + ended.stderr)[-2000:]}")
    return ended.stderr


def _outcome(told: dict[str, Any]) -> Outcome:
    issues = tuple(
        Issue(
            severity=issue["severity"],
            code=issue.get("code"),
            message_id=issue.get("messageId"),
            location=issue.get("location"),
            line=issue["line"],
            col=issue["col"],
            message=issue.get("message", ""),
        )
        for issue in told["issues"]
    )
    return Outcome(file=told["file"], line=told["line"], profile=told.get("profile"), issues=issues)


def main() -> int:
    parser = argparse.ArgumentParser(description="The reference validator over many files.")
    parser.add_argument("list", type=Path, help="a file a line; after a tab the canonical of a structure")
    parser.add_argument("out", type=Path, help="NDJSON to write")
    parser.add_argument("--core", type=Path, required=True, help="hl7.fhir.r4.core 4.0.1 as .tgz")
    parser.add_argument("--package", type=Path, action="append", default=[], help="a further package, .tgz")
    parser.add_argument(
        "--resources", type=Path, action="append", default=[], help="file or folder of definitions"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the built program is kept")
    given = parser.parse_args()
    lines = [line for line in given.list.read_text("utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as place:
        asked = Path(place) / "jobs.ndjson"
        jobs = [_job(line, tuple(given.resources)) for line in lines]
        asked.write_text("".join(job.line() + "\n" for job in jobs), "utf-8")
        try:
            told = run(asked, given.out, [given.core, *given.package], given.cache)
        except OracleError as error:
            print(error, file=sys.stderr)
            return 2
    print(told, file=sys.stderr, end="")
    return 0


def _job(line: str, resources: tuple[Path, ...]) -> Job:
    file, _, profile = line.partition("\t")
    return Job(Path(file), profile.strip() or None, resources)


if __name__ == "__main__":
    sys.exit(main())
